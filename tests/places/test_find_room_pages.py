"""/staff/rooms/find and /partner/find: what is shown to whom, and the questions that cannot be answered."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine

from booking import db
from booking.places.models import RoomPhoto
from tests import make
from tests.places.holding_rooms import NOW, TUESDAY, tuesdays, use

pytestmark = pytest.mark.anyio
ASKED = f"date={TUESDAY}&start=10:00&minutes=120"
WEEKLY = f"{ASKED}&repeat=weekly&number=4"


@pytest.fixture
async def hub(database):
    with time_machine.travel(NOW, tick=False):
        at = await make.location(name="Ferndown", hub_name="Ferndown")
        await make.opening_hours(at)
        yield at


@pytest.fixture
async def staff(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    return client


async def as_partner(client):
    await make.sign_in_partner(client, await make.booker())
    return client


async def read(client, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.text)


def shown(html: str) -> list[str]:
    return re.findall(r'<h2 class="found__name">(.*?)</h2>', html)


@pytest.mark.parametrize("path", ["/staff/rooms/find", "/partner/find"])
async def test_strangers_are_asked_to_sign_in(client, hub, path):
    answer = await client.get(f"{path}?{ASKED}")
    assert (answer.status_code, "sign-in" in answer.headers["location"]) == (303, True)


async def test_before_anybody_asks_it_says_what_to_do(staff):
    html = await read(staff, "/staff/rooms/find")
    assert "When do you need a room?" in html
    assert "govuk-error" not in html


async def test_staff_book_what_is_free_with_all_that_was_asked(staff, hub):
    room = await make.room(hub, name="Blue room", features="step-free", capacity=20)
    html = await read(staff, f"/staff/rooms/find?{WEEKLY}&people=8&feature=step-free")
    assert shown(html) == ["Blue room"]
    assert "Free on all 4 dates" in html and "4 Tuesdays from 12 January 2027, 10am to midday" in html
    [link] = re.findall(r'href="(/staff/rooms/book\?[^"]*)"', html)
    assert link == (
        f"/staff/rooms/book?room={room.id}&date=2027-01-12&start=10%3A00&end=12%3A00&repeat=weekly"
        "&until=2027-02-02&term_time=&people=8"
    )


@pytest.mark.parametrize("audience", ["staff", "partner"])
async def test_the_button_leads_to_a_form_that_shows_the_same_dates(client, hub, audience):
    await make.room(hub, name="Blue room", is_partner_bookable=True, capacity=20)
    if audience == "staff":
        await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    else:
        await as_partner(client)
    path = "/staff/rooms/find" if audience == "staff" else "/partner/find"
    html = await read(client, f"{path}?{WEEKLY}&people=8")
    [link] = re.findall(
        r'class="govuk-button govuk-button--small" role="button" draggable="false" href="([^"]*)"', html
    )
    form = await read(client, link + "&title=Baby+clinic")
    assert all(f"{day.day} {day:%b}" in form for day in tuesdays(4))
    assert f"{tuesdays(5)[-1].day} Feb" not in form.partition("<main")[2]


async def test_what_is_taken_is_said_with_the_nearest_ways_out(staff, hub):
    room, _ = await make.room(hub, name="Blue room", capacity=10), await make.room(hub, name="Green room", capacity=50)
    days = tuesdays(4)
    spies = await make.organisation(name="Spies")
    for day in days[:2]:
        await use(room, day, "09:00", "10:15", title="Secret", organisation_id=spies.id)
    html = await read(staff, f"/staff/rooms/find?{WEEKLY}&people=5")
    assert shown(html) == ["Green room", "Blue room"]
    assert "Free on 2 of 4 dates" in html and "Taken on Tue 12 Jan, Tue 19 Jan" in html
    assert "Green room in the same building is free on those 2 dates" in html
    assert "15 minutes later: 10:15am to 12:15pm: free on all 4 dates" in html
    assert "Wednesdays at the same time: free on all 4 dates" in html
    assert "Leave out 2 dates" in html
    assert "Secret" not in html and "Spies" not in html


async def test_with_htmx_only_what_was_found_is_sent(staff, hub):
    await make.room(hub, name="Blue room")
    answer = await staff.get(f"/staff/rooms/find?{ASKED}", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith("<section") and "Blue room" in answer.text


async def test_a_form_half_filled_in_is_no_mistake_yet(staff):
    live = await staff.get("/staff/rooms/find?date=&people=8", headers={"HX-Request": "true"})
    assert "When do you need a room?" in live.text and "Enter the date" not in live.text
    assert "Enter the date" in await read(staff, "/staff/rooms/find?date=&people=8")


async def test_staff_see_the_county_and_book_in_their_own_hubs_alone(staff, hub):
    other = await make.location(name="Wimborne", hub_name="Wimborne")
    await make.room(hub, name="Ours")
    await make.room(other, name="Theirs")
    await make.room(await make.location(is_restricted=True), name="Refuge")
    assert shown(await read(staff, f"/staff/rooms/find?{ASKED}")) == ["Ours"]
    html = await read(staff, f"/staff/rooms/find?{ASKED}&place=county")
    assert sorted(shown(html)) == ["Ours", "Theirs"]
    assert html.count('href="/staff/rooms/book?') == 1 and "Ask Wimborne to book it" in html
    assert shown(await read(staff, f"/staff/rooms/find?{ASKED}&place={other.id}")) == ["Ours"]


async def test_partners_find_what_they_may_reserve_and_ask_where_staff_decide(client, hub):
    await make.room(hub, name="Hall", is_partner_bookable=True, approval="always")
    await make.room(hub, name="Staff room")
    await make.room(await make.location(is_restricted=True), name="Refuge", is_partner_bookable=True)
    html = await read(await as_partner(client), f"/partner/find?{ASKED}")
    assert shown(html) == ["Hall"]
    assert "Ask for this" in html and 'href="/partner/reserve?room=' in html
    assert "Refuge" not in html and "Staff room" not in html


async def test_ways_out_name_no_room_that_who_asks_may_not_book(client, hub):
    room = await make.room(hub, name="Hall", is_partner_bookable=True)
    await make.room(hub, name="Staff room")
    await make.room(await make.location(is_restricted=True), name="Refuge", is_partner_bookable=True)
    await use(room, TUESDAY, "10:00", "12:00")
    html = await read(await as_partner(client), f"/partner/find?{ASKED}")
    assert shown(html) == ["Hall"] and "Not free" in html
    assert "Refuge" not in html and "Staff room" not in html


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("date=", "Enter the date"),
        ("date=2026-01-01", "This date is over"),
        (f"{ASKED}&people=many", "Enter how many people"),
        (f"{ASKED}&repeat=weekly&number=1", "Enter how many dates"),
        (f"{ASKED}&repeat=weekly&until=2027-01-01", "Enter a last date after the first"),
        (f"{ASKED}&start=23:30", "This ends after midnight"),
        (f"{ASKED}&near=Atlantis", "We do not know that place"),
    ],
)
async def test_a_question_that_makes_no_sense_is_answered_beside_its_field(staff, query, words):
    html = await read(staff, f"/staff/rooms/find?{query}")
    assert words in html and "govuk-error-message" in html


async def test_when_no_room_fits_it_says_what_to_try(staff, hub):
    html = await read(staff, f"/staff/rooms/find?{ASKED}&people=900&feature=hob")
    assert "No room fits" in html and "Any features" in html


async def test_near_a_postcode_the_nearest_comes_first_with_its_distance(staff, hub):
    await make.Postcode.create(postcode="BH229TH", lat=50.8018, lon=-1.8914)
    await make.room(hub, name="Near")
    await make.room(await make.location(hub_id=hub.id, lat=50.85, lon=-1.89), name="Farther")
    html = await read(staff, f"/staff/rooms/find?{ASKED}&near=bh22+9th")
    assert shown(html) == ["Near", "Farther"] and "3.3 miles away" in html
    assert shown(await read(staff, f"/staff/rooms/find?{ASKED}&near=bh22+9th&within=2")) == ["Near"]


async def test_in_term_time_holidays_are_left_out(staff, hub):
    await make.room(hub)
    for kind, first, last in [("term", 4, 15), ("half_term", 18, 22), ("term", 25, 31)]:
        start = TUESDAY.replace(day=first)
        await make.TermDate.create(
            area="Dorset", academic_year="2026-27", part="spring", kind=kind, start_date=start,
            end_date=start + timedelta(days=last - first),
        )  # fmt: skip
    html = await read(staff, f"/staff/rooms/find?{ASKED}&repeat=weekly&until=2027-01-26&term=1")
    assert "Free on all 2 dates" in html


async def test_a_picture_is_shown_with_its_words(staff, hub):
    room = await make.room(hub)
    await RoomPhoto.create(
        room=room, content=b"x", media_type="image/png", words="A sunny room", changed_at="2027-01-01T00:00:00+00:00"
    )
    assert f'src="/rooms/{room.id}/photo" alt="A sunny room"' in await read(staff, f"/staff/rooms/find?{ASKED}")


async def test_it_costs_as_many_queries_for_forty_rooms_as_for_two(staff, hub, monkeypatch):
    counted, plain = [], db.rows

    async def rows(sql, *parameters):
        counted.append(sql)
        return await plain(sql, *parameters)

    async def queries() -> int:
        counted.clear()
        with monkeypatch.context() as patch:
            patch.setattr(db, "rows", rows)
            await staff.get(f"/staff/rooms/find?{WEEKLY}")
        return len(counted)

    for _ in range(2):
        await use(await make.room(hub), TUESDAY, "10:00", "11:00")
    few = await queries()
    for _ in range(40):
        await use(await make.room(await make.location(hub_id=hub.id)), TUESDAY, "10:00", "11:00")
    assert await queries() == few <= 18
