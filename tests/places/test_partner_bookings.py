"""A partner's bookings: every date with its state, changing, cancelling and taking it back, filling what is missing."""

import re
from datetime import date

import pytest
import time_machine

from booking import clock, db
from booking.places import cancelling_rooms
from booking.places.asking import Choice
from booking.places.chosen_ways import choice_value
from booking.places.models import RoomBooking
from tests import make
from tests.places.partner_desk import CLASH, NOW, TUESDAY, make_desk
from tests.places.who import staff_who
from tests.standing_in import routes

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(client):
    with time_machine.travel(NOW, tick=False):
        found = await make_desk()
        await make.sign_in_partner(client, found.grace)
        yield found


@pytest.fixture
async def series(desk):
    """Ten Tuesdays, of which one is missing and one left out."""
    await desk.book_for(desk.olu_who)
    return await desk.a_term()


async def date_of(series, day: date) -> RoomBooking:
    found = await RoomBooking.filter(series_id=series.series_id)
    return next(each for each in found if clock.local(each.starts_at).date() == day)


def event_of(page: str) -> str:
    return re.search(r'name="event" value="([^"]+)"', page)[1]


async def test_another_partner_gets_404_at_every_address_of_ours(client, desk, series):
    """Every route for partners that is about one thing, with our ids in it."""
    missing = await date_of(series, CLASH)
    ids = {"room_booking": [series.booking_ids[0], missing.id], "id": [series.series_id]}
    await make.sign_in_partner(client, desk.olu)
    before = await db.rows("SELECT id, state, starts_at FROM room_booking ORDER BY id")
    walked = 0
    for route in routes():
        names = re.findall(r"{(\w+)}", route.path)
        if not route.path.startswith("/partner/") or names not in (["room_booking"], ["id"]):
            continue
        for one in ids[names[0]]:
            path = route.path.replace(f"{{{names[0]}}}", str(one))
            for method in route.methods - {"HEAD"}:
                form = {"scope": "all", "start": "11:00", "end": "13:00", "way": "same", "action": "save"}
                answer = await client.request(method, path, data=form if method == "POST" else None)
                assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
                walked += 1
    assert walked >= 14
    assert await db.rows("SELECT id, state, starts_at FROM room_booking ORDER BY id") == before


async def test_nobody_who_is_not_signed_in_sees_them(client, desk, series):
    client.cookies.clear()
    answer = await client.get(f"/partner/series/{series.series_id}")
    assert answer.status_code == 303 and answer.headers["location"].startswith("/partner/sign-in")


async def test_the_series_shows_every_date_with_its_state(client, desk, series):
    page = (await client.get(f"/partner/series/{series.series_id}")).text
    assert page.count(">Confirmed<") == 9 and ">Missing<" in page and "Half term." in page
    assert "Tuesdays 10am to midday" in page and "9 dates, 9 to come, 1 missing" in page
    assert "Debt advice" not in page and desk.stranger.name not in page


async def test_one_booking_shows_its_facts(client, desk, series):
    page = (await client.get(f"/partner/bookings/{series.booking_ids[0]}")).text
    assert "Tuesday 12 January, 10am to midday" in page and "Blue room, " in page and "Baby clinic" in page


async def test_one_date_is_changed_and_the_others_stay(client, desk, series):
    path = f"/partner/bookings/{series.booking_ids[0]}/change"
    form = {
        "scope": "this", "day": "2027-01-12", "start": "13:00", "end": "15:00", "room": str(desk.room.id),
        "title": "Baby clinic", "people": "4", "notes": "",
    }  # fmt: skip
    seen = await client.post(path, data=form | {"action": "preview"})
    assert seen.status_code == 200 and "was 10am to midday" in seen.text and "Change 1 date" in seen.text
    assert clock.local((await RoomBooking.get(id=series.booking_ids[0])).starts_at).hour == 10
    answer = await client.post(path, data=form | {"action": "save"})
    assert answer.headers["location"] == f"/partner/series/{series.series_id}"
    hours = {clock.local(each.starts_at).hour for each in await RoomBooking.filter(id__in=series.booking_ids[1:])}
    assert clock.local((await RoomBooking.get(id=series.booking_ids[0])).starts_at).hour == 13 and hours == {10}


async def test_changing_all_dates_shows_those_that_cannot_and_leaves_them(client, desk, series):
    await desk.book_for(desk.olu_who, date(2027, 3, 2), start="13:00", end="14:00")
    path = f"/partner/bookings/{series.booking_ids[0]}/change"
    form = {
        "scope": "all", "start": "13:00", "end": "15:00", "room": str(desk.room.id), "title": "Baby clinic", "people": "4",
        "notes": "",
    }  # fmt: skip
    page = (await client.post(path, data=form | {"action": "preview"})).text
    assert page.count(">Will change<") == 8 and page.count(">Cannot change<") == 1
    assert (await client.post(path, data=form | {"action": "save"})).status_code == 422
    assert (await client.post(path, data=form | {"action": "save", "keep": "yes"})).status_code == 303
    hours = [clock.local(each.starts_at).hour for each in await RoomBooking.filter(id__in=series.booking_ids)]
    assert sorted(hours) == [10, *[13] * 8]


async def test_a_change_into_a_room_partners_may_not_have_is_refused_without_its_name(client, desk, series):
    refuge = await make.location(name="Safe house", is_restricted=True)
    hidden = await make.room(refuge, name="Quiet room", is_partner_bookable=True)
    form = {
        "scope": "this",
        "day": "2027-01-12",
        "start": "10:00",
        "end": "12:00",
        "title": "Baby clinic",
        "people": "4",
    }
    path = f"/partner/bookings/{series.booking_ids[0]}/change"
    answer = await client.post(path, data=form | {"room": str(hidden.id), "action": "save"})
    assert answer.status_code == 422 and "Quiet room" not in answer.text and "Safe house" not in answer.text


async def test_a_change_within_the_notice_time_is_refused_in_words(client, desk, series):
    with time_machine.travel("2027-01-12 08:00+00:00", tick=False):
        await make.sign_in_partner(client, desk.grace)
        form = {"scope": "this", "day": "2027-01-12", "start": "11:00", "end": "12:00", "room": str(desk.room.id)}
        form |= {"title": "Baby clinic", "people": "4", "action": "save"}
        answer = await client.post(f"/partner/bookings/{series.booking_ids[0]}/change", data=form)
    assert answer.status_code == 422 and "24 hours’ notice" in answer.text


async def test_cancelling_one_date_is_seen_done_and_taken_back(client, desk, series):
    path = f"/partner/bookings/{series.booking_ids[0]}"
    seen = await client.get(f"{path}/cancel")
    assert "1 date is cancelled" in seen.text and "Tue 12 Jan" in seen.text
    assert (await RoomBooking.get(id=series.booking_ids[0])).state == "confirmed"
    await client.post(f"{path}/cancel", data={"scope": "this", "why": "Ill"})
    assert (await RoomBooking.get(id=series.booking_ids[0])).state == "cancelled"
    page = (await client.get(f"/partner/series/{series.series_id}")).text
    assert "Take it back" in page
    await client.post(f"{path}/undo", data={"event": event_of(page)})
    assert (await RoomBooking.get(id=series.booking_ids[0])).state == "confirmed"


async def test_this_and_the_later_ones_are_cancelled_together(client, desk, series):
    path = f"/partner/bookings/{series.booking_ids[3]}/cancel"
    assert "6 dates are cancelled" in (await client.get(f"{path}?scope=later")).text
    await client.post(path, data={"scope": "later"})
    states = [(await RoomBooking.get(id=each)).state for each in series.booking_ids]
    assert states == ["confirmed"] * 3 + ["cancelled"] * 6


async def test_a_late_cancelling_is_possible_and_said_to_be_late(client, desk, series):
    with time_machine.travel("2027-01-12 08:00+00:00", tick=False):
        await make.sign_in_partner(client, desk.grace)
        page = (await client.get(f"/partner/bookings/{series.booking_ids[0]}/cancel")).text
    assert "noted as late" in page and "24 hours of notice" in page


async def test_what_staff_or_another_partner_cancelled_is_not_ours_to_take_back(client, desk, series):
    member = staff_who(await make.staff("hub_staff", desk.location.id), {desk.location.id})
    ended = await cancelling_rooms.cancel(room_booking_id=series.booking_ids[0], scope="this", by=member, why="Flood")
    path = f"/partner/bookings/{series.booking_ids[0]}"
    assert "Take it back" not in (await client.get(path)).text
    assert (await client.post(f"{path}/undo", data={"event": str(ended.event_id)})).status_code == 404
    own = await cancelling_rooms.cancel(
        room_booking_id=series.booking_ids[1], scope="this", by=desk.who, why="", as_partner=True
    )
    theirs = await desk.book_for(desk.olu_who, date(2027, 3, 30))
    await make.sign_in_partner(client, desk.olu)
    answer = await client.post(f"/partner/bookings/{theirs.booking_ids[0]}/undo", data={"event": str(own.event_id)})
    assert answer.status_code == 404
    assert (await RoomBooking.get(id=series.booking_ids[1])).state == "cancelled"


async def test_a_missing_date_is_filled_when_it_is_free_again(client, desk):
    other = await desk.book_for(desk.olu_who)
    series = await desk.a_term()
    missing = await date_of(series, CLASH)
    page = f"/partner/series/{series.series_id}"
    assert "Free again" not in (await client.get(page)).text
    await cancelling_rooms.cancel(
        room_booking_id=other.booking_ids[0], scope="this", by=desk.olu_who, why="", as_partner=True
    )
    assert (
        "Free again" in (await client.get(page)).text
        and "Missing dates that are free now" in (await client.get("/partner")).text
    )
    for _ in range(2):  # pressed twice
        answer = await client.post(f"/partner/bookings/{missing.id}/fill", data={"way": "same"})
        assert answer.headers["location"] == page
    assert (await RoomBooking.get(id=missing.id)).state == "confirmed"


async def test_a_missing_date_is_filled_in_another_room(client, desk, series):
    missing = await date_of(series, CLASH)
    path = f"/partner/bookings/{missing.id}/fill"
    assert "Blue room is taken" in (await client.get(path)).text
    assert (await client.post(path, data={"way": "same"})).status_code == 422
    assert (await client.post(path, data={"way": "nonsense"})).status_code == 422
    await client.post(path, data={"way": choice_value(Choice("use", desk.other_room.id))})
    filled = await RoomBooking.get(id=missing.id)
    assert (filled.state, filled.room_id) == ("confirmed", desk.other_room.id)


async def test_a_missing_date_is_not_filled_in_a_room_partners_may_not_have(client, desk, series):
    missing = await date_of(series, CLASH)
    own_use = await make.room(desk.location, name="Staff kitchen")
    way = {"way": choice_value(Choice("use", own_use.id))}
    answer = await client.post(f"/partner/bookings/{missing.id}/fill", data=way)
    assert answer.status_code == 404 and (await RoomBooking.get(id=missing.id)).state == "missing"


async def test_what_is_over_offers_nothing_to_change(client, desk, series):
    with time_machine.travel("2027-01-13 09:00+00:00", tick=False):
        await make.sign_in_partner(client, desk.grace)
        path = f"/partner/bookings/{series.booking_ids[0]}"
        page = (await client.get(path)).text
        assert ">Over<" in page and "/change" not in page
        assert (await client.get(f"{path}/change")).headers["location"] == path


async def test_a_booking_that_is_no_series_has_no_choice_of_dates(client, desk):
    booked = await desk.book_for(desk.who, TUESDAY)
    page = (await client.get(f"/partner/bookings/{booked.booking_ids[0]}/cancel?scope=all")).text
    assert "Which dates" not in page and "Cancel this booking" in page
