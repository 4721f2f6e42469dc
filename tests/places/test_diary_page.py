"""/staff/diary: what staff see of their rooms, and what others do not."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine

from booking import clock, db
from tests import make
from tests.places.in_rooms import DAY, closed, divided, session_in, use

MARK = "Larkspur"


@pytest.fixture(autouse=True)
def morning():
    """Tuesday 12 January 2027, 9:20 in the morning."""
    with time_machine.travel("2027-01-12T09:20:00Z", tick=False):
        yield


@pytest.fixture
async def hub(client, database):
    """A hub open from 9 to 5 on weekdays, whose staff this browser belongs to."""
    hub = await make.location(name="Ferndown", hub_name="Ferndown")
    await make.opening_hours(hub)
    await make.sign_in_staff(client, await make.staff(hub_id=hub.id))
    return hub


async def page(client, query: str = "", **asked) -> str:
    answer = await client.get(f"/staff/diary?{query}", params=asked or None)
    assert answer.status_code == 200, answer.text
    return answer.text


def lanes(html: str) -> list[list[str]]:
    """The words of each block, lane by lane."""
    found = re.findall(r'<ol class="lane.*?</ol>', html, re.DOTALL)
    return [[words(block) for block in re.findall(r"<li.*?</li>", lane, re.DOTALL) if words(block)] for lane in found]


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def rows(html: str) -> list[str]:
    return [words(row) for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL)]


async def test_a_day_says_what_is_used_by_whom_and_what_is_free(client, hub):
    room = await make.room(hub, setup_minutes=15, clear_minutes=15)
    partner = await make.organisation(name="Citizens Advice")
    await use(room, "11:00", "12:00", organisation_id=partner.id)
    session = await session_in(
        await make.room(hub, name="Zoo"), await make.run(location=hub, first_date=DAY, title="Stay and play")
    )
    html = await page(client, location=hub.id)
    assert lanes(html) == [
        ["Free 9:30am to 10:30am", "Citizens Advice 11am to midday Baby clinic Partner", "Free 12:30pm to 5pm"],
        ["Free 9:30am to 10am", "Stay and play 10am to 11:30am Book a place", "Free 11:30am to 5pm"],
    ]
    assert f'href="/staff/sessions/{session.id}"' in html
    assert f'href="/staff/rooms/book?room={room.id}&amp;date=2027-01-12&amp;start=09:30&amp;end=10:30"' in html
    assert "Open 9am to 5pm" in html
    assert 'class="now h1 m20 l0 n0"' in html


async def test_every_kind_of_use_has_its_word(client, hub):
    room = await make.room(hub)
    await use(room, "10:00", "10:30", kind="hub", title="Team meeting")
    await use(room, "11:00", "11:30", state="requested", hold_until_at=clock.now() + timedelta(days=2))
    await use(room, "12:00", "12:30", kind="swap", title="")
    await closed(room, "Ceiling repaired", "14:00", "15:00")
    said = lanes(await page(client))[0]
    assert "Team meeting 10am to 10:30am Hub’s own" in said
    assert "Baby clinic 11am to 11:30am Baby clinic" not in said
    assert any(re.match("Baby clinic 11am to 11:30am .*Ferndown decides by Thu 14 Jan Request", each) for each in said)
    assert "Kept midday to 12:30pm for a partner asked to move Kept" in said
    assert "Ceiling repaired 2pm to 3pm Closed" in said


async def test_only_what_can_be_moved_carries_the_mark_that_lets_it_be_dragged(client, hub):
    room = await make.room(hub, name="A")
    moved = await use(room, "10:00", "10:30")
    session = await session_in(await make.room(hub, name="B"))
    await closed(room, "Painted", "14:00", "15:00")
    whole, _, _ = await divided(hub)
    concert = await use(whole, "12:00", "13:00")
    marked = re.findall(r'data-moves><a [^>]*href="([^"]+)"', await page(client))
    once = [f"/staff/rooms/bookings/{moved.id}", f"/staff/sessions/{session.id}", f"/staff/rooms/bookings/{concert.id}"]
    assert marked == once, "and a booking of the whole in its own lane, not in those of its parts"


async def test_a_cancelled_session_is_not_shown(client, hub):
    session = await session_in(await make.room(hub))
    await db.execute("UPDATE session SET state = 'cancelled' WHERE id = $1", session.id)
    await db.execute("DELETE FROM room_hold")
    assert lanes(await page(client)) == [["Free 9:30am to 5pm"]]


async def test_a_week_has_a_column_for_each_day_that_needs_one(client, hub):
    room = await make.room(hub)
    html = await page(client, view="week", date=DAY)
    assert html.count('class="diary__cell"') == 5
    await use(room, day=DAY + timedelta(days=4))  # a Saturday, out of hours
    html = await page(client, view="week", date=DAY)
    assert html.count('class="diary__cell"') == 6
    assert lanes(html)[:3] == [[], ["Free 9:30am to 5pm"], ["Free 9am to 5pm"]], "yesterday is over, today has begun"
    assert lanes(html)[5] == ["Closed", "Baby clinic 10am to 11am Partner"]
    assert "Mon 11 Jan to Sun 17 Jan" in html


async def test_a_closed_day_says_so_and_why(client, hub):
    await make.room(hub)
    await make.BankHoliday.create(date=DAY, title="Founders’ Day")
    html = await page(client)
    assert re.search(r"Closed: .*[Bb]ank holiday", lanes(html)[0][0])
    assert "start=" not in html


async def test_a_room_that_is_not_there_yet_is_not_in_use_and_one_that_is_no_more_is_left_out(client, hub):
    await make.room(hub, valid_from_date=DAY + timedelta(days=1))
    gone = await make.room(hub, valid_to_date=DAY - timedelta(days=1))
    html = await page(client)
    assert lanes(html) == [["Not in use"]]
    assert str(gone.id) not in html


async def test_a_booking_of_the_whole_stands_in_its_parts_and_is_named(client, hub):
    whole, left, _ = await divided(hub)
    await use(whole, "10:00", "11:00", title="Concert")
    await use(left, "13:00", "14:00", title="Choir")
    in_whole, in_left, in_right = lanes(await page(client))
    assert "Concert 10am to 11am Partner" in in_whole
    assert "Concert 10am to 11am Hall Partner" in in_left and "Concert 10am to 11am Hall Partner" in in_right
    assert "Hall, left half 1pm to 2pm Taken" in in_whole
    assert "Choir 1pm to 2pm Partner" in in_left
    assert "Free 11am to 1pm" in in_whole and "Free 11am to 5pm" in in_right


async def test_a_hub_shows_the_rooms_of_all_its_places(client, hub):
    await make.room(hub, name="Hall")
    library = await make.location(name="Library", kind="co_located", hub_id=hub.id, hub_name="Ferndown")
    await make.room(library, name="Corner")
    html = await page(client, hub=hub.id)
    assert re.findall(r'class="diary__title">([^<]+)', html) == ["Hall", "Corner"]
    assert "All rooms of Ferndown" in html and lanes(html)[1] == ["Closed"]
    assert re.findall(r'class="diary__title">([^<]+)', await page(client, location=library.id)) == ["Corner"]


@pytest.mark.parametrize("view", ["day", "week"])
async def test_the_table_says_the_same_as_the_grid(client, hub, view):
    room = await make.room(hub, name="Hall")
    await use(room, "11:00", "12:00", day=DAY + timedelta(days=1))
    await use(room, "11:00", "12:00")
    html = await page(client, **{"as": "table", "view": view})
    assert html.count("<caption>") == (5 if view == "week" else 1)
    assert 'scope="rowgroup"' in html and 'scope="col"' in html
    assert "11am to midday Baby clinic Partner" in rows(html)
    assert any("Hall 9:30am to 11am Book" in row for row in rows(html))


async def test_the_address_leads_on_and_back(client, hub):
    await make.room(hub)
    html = await page(client, view="week", date=DAY)
    assert f'href="/staff/diary?location={hub.id}&amp;date=2027-01-19&amp;view=week"' in html
    assert f'href="/staff/diary?location={hub.id}&amp;date=2027-01-12&amp;view=day"' in html


async def test_without_rooms_there_is_a_word_about_it(client, hub):
    assert "No rooms yet" in await page(client)


async def test_nonsense_in_the_address_is_today_or_not_there(client, hub):
    await make.room(hub)
    assert "Tuesday 12 January" in await page(client, date="2027-99-99", view="century")
    for query in ("location=nonsense", "hub=nonsense", f"location={db.new_id()}"):
        assert (await client.get(f"/staff/diary?{query}")).status_code == 404


async def test_staff_of_another_hub_do_not_find_it(client, hub):
    await make.room(hub)
    other = await make.location()
    await make.room(other)
    await make.sign_in_staff(client, await make.staff(hub_id=other.id))
    for query in (f"location={hub.id}", f"hub={hub.id}"):
        assert (await client.get(f"/staff/diary?{query}")).status_code == 404
    assert "Ferndown" not in await page(client)


async def test_a_stranger_signs_in_first(client, database):
    assert (await client.get("/staff/diary")).status_code == 303


@pytest.fixture
async def secrets(client, hub):
    """A private booking, and a restricted session, both marked wherever words can stand; seen from outside below."""
    room = await make.room(hub, name="Blue room")
    partner = await make.organisation(name=f"{MARK} Trust")
    await use(
        room, "10:00", "11:00", organisation_id=partner.id, title=f"{MARK} group", notes=MARK, is_private=True, why=MARK
    )
    run = await make.run(
        location=hub, first_date=DAY, title=f"{MARK} course", is_restricted=True, start_time="13:00", end_time="14:00"
    )
    session = await session_in(room, run)
    return room, session


@pytest.mark.parametrize("query", ["", "view=week", "as=table", "view=week&as=table"])
async def test_private_use_says_no_more_than_that_to_a_county_admin(client, hub, secrets, query):
    _, session = secrets
    await make.sign_in_staff(client, await make.staff("county_admin"))
    html = await page(client, f"location={hub.id}&{query}")
    assert MARK not in html
    assert html.count("Private booking") == 2
    for row in await db.rows("SELECT id FROM room_booking"):
        assert str(row["id"]) not in html
    assert str(session.id) not in html
    if "table" not in query:
        blocks = re.findall(r"<li class=\"use.*?</li>", html, re.DOTALL)
        shapes = {re.sub(r"\b[hmln]\d+\b|\d+(:\d+)?[ap]m", "", block) for block in blocks}
        assert len(blocks) == 2 and len(shapes) == 1, "a partner's and a session's are told apart by nothing"
        assert "is-partner" not in html.split('id="key"')[0] and "<a" not in blocks[0]


async def test_staff_of_that_very_hub_read_what_it_is(client, hub, secrets):
    said = lanes(await page(client))[0]
    assert f"{MARK} Trust 10am to 11am {MARK} group Partner" in said
    assert any(f"{MARK} course 1pm to 2pm" in each for each in said)


async def test_a_restricted_place_is_not_there_for_a_county_admin(client, hub):
    place = await make.location(name=f"{MARK} House", is_restricted=True)
    await make.room(place)
    await make.room(hub)
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert MARK not in await page(client)
    assert (await client.get(f"/staff/diary?location={place.id}")).status_code == 404
    assert (await client.get(f"/staff/diary?hub={place.hub_id}")).status_code == 404
