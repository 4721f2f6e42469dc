"""Staff book a room, look at a booking, change and cancel it; staff of other hubs find nothing."""

import re
from datetime import timedelta

import pytest

from booking import clock, web
from booking.places.models import Keyholder, RoomBooking, RoomHold, RoomSeries, RoomSwap
from booking.programmes.models import Session
from tests import make
from tests.staff import rows

BOOK = "/staff/rooms/book"


@pytest.fixture
async def hub(database):
    hub = await make.location(name="Ferndown Family Hub")
    await make.opening_hours(hub, weekdays="0123456")
    return hub


@pytest.fixture
async def room(hub):
    return await make.room(hub, name="Main hall")


@pytest.fixture
async def desk(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    return client


@pytest.fixture
async def stranger(client, database):
    await make.sign_in_staff(client, await make.staff("hub_staff", (await make.location()).id))
    return client


def typed(room, **values):
    day = clock.today() + timedelta(days=20)
    return {
        "room": str(room.id), "repeat": "once", "date": day.isoformat(), "start": "10:00", "end": "12:00",
        "title": "Team day",
    } | values  # fmt: skip


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


async def save(desk, form):
    """Looks at the dates, then presses the button."""
    page = (await desk.post(BOOK, data=form | {"action": "preview"})).text
    seen = {name: hidden(page, name) for name in ("form_token", "agreed", "seen")}
    return seen, await desk.post(BOOK, data=form | seen | {"action": "save"})


def path(booking, rest=""):
    return f"/staff/rooms/bookings/{booking.id}{rest}"


async def test_the_diarys_link_fills_the_form_and_shows_the_date(desk, room):
    asked = typed(room)
    page = (await desk.get(BOOK, params={name: asked[name] for name in ("room", "date", "start", "end")})).text
    assert f'<option value="{room.id}" selected>' in page and 'value="10:00" selected' in page
    assert "1 free" in page and await RoomBooking.all().count() == 0


async def test_it_is_looked_at_then_booked_and_twice_is_once(desk, room):
    seen, answer = await save(desk, typed(room))
    booking = await RoomBooking.get()
    assert (answer.status_code, answer.headers["location"]) == (303, path(booking))
    assert (booking.kind, booking.state, booking.title) == ("hub", "confirmed", "Team day")
    again = await desk.post(BOOK, data=typed(room) | seen | {"action": "save"})
    assert again.headers["location"] == path(booking) and await RoomBooking.all().count() == 1


async def test_pressing_twice_at_the_same_moment_leads_to_what_the_first_booked(desk, room, monkeypatch):
    """The second began before the first had ended, so that it finds its own dates taken."""
    seen, answer = await save(desk, typed(room))
    answers = [None, answer.headers["location"]]

    async def not_there_yet(token):
        return answers.pop(0)

    monkeypatch.setattr(web, "first_answer", not_there_yet)
    again = await desk.post(BOOK, data=typed(room) | seen | {"action": "save"})
    assert (again.status_code, again.headers["location"]) == (303, answer.headers["location"])


async def test_a_term_of_dates_for_a_partner_is_one_series(desk, room):
    partner = await make.organisation(name="Citizens Advice")
    first = clock.today() + timedelta(days=14)
    form = typed(
        room, repeat="weekly", weekday=str(first.weekday()), term="dates", first=first.isoformat(),
        until=(first + timedelta(weeks=3)).isoformat(), organisation=str(partner.id),
    )  # fmt: skip
    _, answer = await save(desk, form)
    assert answer.status_code == 303
    assert await RoomSeries.filter(organisation_id=partner.id).count() == 1
    assert await RoomBooking.filter(kind="partner", state="confirmed").count() == 4


async def test_what_clashes_is_never_booked_and_ways_out_are_shown(desk, room):
    await make.room_booking(room)
    page = await desk.post(BOOK, data=typed(room) | {"action": "preview"})
    assert "1 not free" in page.text and "Nothing can be saved like this" in page.text
    form = typed(room, override="I want it") | {
        "agreed": hidden(page.text, "agreed"),
        "seen": hidden(page.text, "seen"),
    }
    assert (await desk.post(BOOK, data=form | {"action": "save"})).status_code in (409, 422)
    assert await RoomBooking.all().count() == 1


async def test_out_of_hours_needs_a_reason_and_a_keyholder(desk, room, hub):
    keyholder = await Keyholder.create(location=hub, name="Ann Hall")
    evening = typed(room, start="19:00", end="20:00")
    page = (await desk.post(BOOK, data=evening | {"action": "preview"})).text
    assert 'id="override"' in page and "Ann Hall" in page and "Nothing can be saved" in page
    _, answer = await save(desk, evening | {"override": "Open evening", "keyholder": str(keyholder.id)})
    booking = await RoomBooking.get()
    assert answer.status_code == 303 and (booking.is_out_of_hours, booking.why) == (True, "Open evening")


async def test_only_managers_go_beyond_the_rules_where_the_room_says_so(desk, hub):
    room = await make.room(hub, override_by="manager")
    page = (await desk.post(BOOK, data=typed(room, start="19:00", end="20:00") | {"action": "preview"})).text
    assert "only a hub manager" in page and 'id="override"' not in page


async def test_what_is_missing_is_said_beside_the_form(desk, room):
    answer = await desk.post(BOOK, data={"room": str(room.id), "action": "save"})
    assert answer.status_code == 422 and "Choose when it starts" in answer.text and "Say what it is for" in answer.text


async def test_strangers_cannot_choose_our_room(stranger, room):
    page = (await stranger.post(BOOK, data=typed(room) | {"action": "save"})).text
    assert "Main hall" not in page and await RoomBooking.all().count() == 0


async def test_a_private_booking_is_there_for_staff_of_the_hub_alone(desk, client, room):
    booking = await make.room_booking(room, is_private=True, title="Supervised contact")
    assert "Supervised contact" in (await desk.get(path(booking))).text
    for kind, hub_id in (("hub_staff", (await make.location()).id), ("county_admin", None)):
        await make.sign_in_staff(client, await make.staff(kind, hub_id))
        for rest in ("", "/cancel", "/swap"):
            assert (await client.get(path(booking, rest))).status_code == 404


async def test_the_page_says_what_when_where_and_the_other_dates(desk, room):
    partner = await make.organisation(name="Citizens Advice")
    series = await RoomSeries.create(
        room=room, organisation_id=partner.id, weekday=0, start_time="10:00", end_time="12:00", created_at=clock.now(),
        first_date=clock.today(), last_date=clock.today() + timedelta(days=60),
    )  # fmt: skip
    first, second = [await make.room_booking(room, partner, day, series=series) for day in (20, 27)]
    page = (await desk.get(path(first))).text
    assert "Citizens Advice" in page and "Main hall, Ferndown Family Hub" in page
    assert path(second) in page and "Dates of this series" in page


async def test_a_drag_in_the_diary_shows_what_moving_it_does_and_saves_it(desk, room, hub):
    booking, other = await make.room_booking(room), await make.room(hub, name="Blue room")
    asked = {"room": str(other.id), "start": "13:00", "end": "15:30"}
    page = (await desk.get(path(booking), params=asked)).text
    assert "What will happen" in page and "1pm to 3:30pm" in page and "Blue room" in page
    assert (await RoomBooking.get(id=booking.id)).room_id == room.id
    answer = await desk.post(path(booking), data=asked)
    moved = await RoomBooking.get(id=booking.id)
    assert answer.status_code == 303 and (moved.room_id, clock.local(moved.starts_at).hour) == (other.id, 13)
    assert await RoomHold.all().values_list("room_id", flat=True) == [other.id]


async def test_a_change_that_clashes_is_shown_and_refused(desk, room):
    booking = await make.room_booking(room)
    await make.room_booking(room, start="13:00", end="15:00")
    asked = {"start": "12:30", "end": "14:00"}
    assert "Not free" in (await desk.get(path(booking), params=asked)).text
    assert (await desk.post(path(booking), data=asked)).status_code == 422
    assert clock.local((await RoomBooking.get(id=booking.id)).starts_at).hour == 10


async def test_nothing_into_nothing_is_no_change(desk, room):
    booking = await make.room_booking(room)
    answer = await desk.post(path(booking), data={})
    assert answer.status_code == 422 and "Nothing would change" in answer.text


async def test_it_is_cancelled_after_a_look_and_undone_for_ten_minutes(desk, room):
    booking = await make.room_booking(room, await make.organisation())
    page = (await desk.get(path(booking, "/cancel"))).text
    assert "1 date is cancelled" in page and await RoomHold.all().count() == 1
    await desk.post(path(booking, "/cancel"), data={"why": "Building works"})
    assert (await RoomBooking.get(id=booking.id)).state == "cancelled" and await RoomHold.all().count() == 0
    assert "Undo the cancelling" in (await desk.get(path(booking))).text
    await desk.post(path(booking, "/undo"))
    assert (await RoomBooking.get(id=booking.id)).state == "confirmed" and await RoomHold.all().count() == 1


async def test_a_sessions_booking_leads_to_the_session_and_a_drag_to_its_move(desk, hub):
    session = await make.session(await make.run(location=hub))
    booking = await rows.hold_room(session)
    assert (await desk.get(path(booking))).headers["location"] == f"/staff/sessions/{session.id}"
    answer = await desk.get(path(booking), params={"start": "11:00", "end": "12:00"})
    assert answer.headers["location"] == f"/staff/sessions/{session.id}/move?start=11%3A00&end=12%3A00"


async def test_the_page_that_moves_a_session_shows_it_first_and_then_undoes_it(desk, hub):
    session = await make.session(await make.run(location=hub, title="Messy play"))
    await rows.hold_room(session)
    await make.booking(session, await make.person(channel="sms"))
    path_of, asked = f"/staff/sessions/{session.id}", {"start": "11:00", "end": "12:30"}
    page = (await desk.get(path_of)).text
    assert f"{path_of}/change?scope=date&amp;what=when" in page and "Move this date" in page
    page = (await desk.get(f"{path_of}/move", params=asked, follow_redirects=True)).text
    assert "1 family is told" in page and (await Session.get(id=session.id)).start_time == "10:00"
    assert (await desk.post(f"{path_of}/change", data=asked | {"scope": "date", "what": "when"})).status_code == 303
    page = (await desk.get(path_of)).text
    assert "/change/undo" in page and (await Session.get(id=session.id)).start_time == "11:00"
    await desk.post(f"{path_of}/change/undo", data={"event": hidden(page, "event")})
    assert (await Session.get(id=session.id)).start_time == "10:00"


async def test_a_session_in_a_taken_room_says_so_in_the_form(desk, hub, room):
    session = await make.session(await make.run(location=hub, first_date=clock.today() + timedelta(days=20)))
    await rows.hold_room(session)
    await make.room_booking(room)
    answer = await desk.get(f"/staff/sessions/{session.id}/move", params={"room": str(room.id)}, follow_redirects=True)
    assert answer.status_code == 422 and "Main hall is taken" in answer.text


async def test_staff_of_another_hub_find_none_of_it(stranger, hub, room):
    booking = await make.room_booking(room, await make.organisation())
    session = await make.session(await make.run(location=hub))
    assert (await stranger.get(f"/staff/sessions/{session.id}/move?start=11:00")).status_code == 404
    for where in (path(booking), path(booking, "/cancel"), path(booking, "/swap"), f"/staff/sessions/{session.id}/change",
                  f"/staff/places/{hub.id}/keyholders"):  # fmt: skip
        assert (await stranger.get(where)).status_code == 404
        assert (await stranger.post(where, data={"start": "11:00", "end": "12:00", "why": "x"})).status_code == 404
    assert (await RoomBooking.get(id=booking.id)).state == "confirmed"


async def test_a_partner_is_asked_to_swap_and_answers_by_its_link_alone(desk, client, hub, room):
    booking = await make.room_booking(room, await make.organisation(name="Citizens Advice"))
    other = await make.room(hub, name="Blue room")
    assert "Blue room" in (await desk.get(path(booking, "/swap"))).text
    form = {"room": str(other.id), "title": "Open day", "start": "10:00", "end": "12:00", "why": "County open day"}
    assert (await desk.post(path(booking, "/swap"), data=form)).status_code == 303
    page = (await desk.get(path(booking))).text
    assert "Citizens Advice is asked to take Blue room" in page and "withdraw" in page
    link = f"/swaps/{(await RoomSwap.get()).token}"
    client.cookies.clear()
    page = await client.get(link)
    assert "Main hall" in page.text and "Blue room" in page.text and "Yes, we take the other room" in page.text
    assert (await RoomSwap.get()).state == "open"  # a mail scanner has looked
    assert (await client.post(link, data={"answer": "yes"})).status_code == 303
    assert (await RoomBooking.get(id=booking.id)).room_id == other.id
    assert "You have taken the other room" in (await client.get(link)).text
    assert (await client.post(link, data={"answer": "no"})).status_code == 409
    assert (await client.get("/swaps/guessed")).status_code == 404


async def test_after_a_no_staff_take_the_room_all_the_same(desk, hub, room):
    swap = await make.swap(room, await make.organisation())
    await desk.post(f"/swaps/{swap.token}", data={"answer": "no"})
    page = (await desk.get(f"/staff/rooms/bookings/{swap.room_booking_id}")).text
    assert "Take the room all the same" in page
    await desk.post(f"/staff/rooms/bookings/{swap.room_booking_id}/swap/decide", data={"decision": "displace"})
    assert (await RoomBooking.get(id=swap.room_booking_id)).state == "displaced"
    assert (await RoomBooking.get(id=swap.for_booking_id)).state == "confirmed"


async def test_a_missing_date_that_is_free_again_is_booked_by_one_tap(desk, room):
    booking = await make.room_booking(room, state="missing")
    page = (await desk.get(path(booking))).text
    assert "It is free now: book it" in page
    assert (await desk.post(path(booking, "/fill"))).status_code == 303
    assert (await RoomBooking.get(id=booking.id)).state == "confirmed" and await RoomHold.all().count() == 1


async def test_a_session_without_a_room_may_be_moved_into_one(desk, hub, room):
    session = await make.session(await make.run(location=hub))
    change, asked = f"/staff/sessions/{session.id}/change", {"scope": "date", "what": "when"}
    assert "No room of ours" in (await desk.get(change, params=asked)).text
    assert (await desk.post(change, data=asked | {"room": str(room.id)})).status_code == 303
    assert await RoomHold.all().values_list("room_id", flat=True) == [room.id]
