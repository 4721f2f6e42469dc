"""/staff/plan/find: the best plans on a page, what is shown to whom, and why there is none."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine

from booking import clock, db
from booking.places.holding import hold_for, in_the_way
from booking.places.models import RoomPart
from booking.programmes.plans import finding_plans
from booking.programmes.plans.plan_wishes import Wishes
from tests import make
from tests.places.holding_rooms import NOW, TUESDAY, tuesdays, use

pytestmark = pytest.mark.anyio
TUESDAYS = Wishes(
    minutes=120, sessions=4, first=TUESDAY, window=7, weekdays=(1,), people=10, creche_people=6, term_time_only=False,
    earliest="10:00", latest="12:30",
)  # fmt: skip
FIND = "/staff/plan/find"
ASKED = f"{FIND}?sent=1&minutes=120&sessions=4&people=10&first={TUESDAY}&window=7&weekday=1&earliest=10:00&latest=12:30"


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


async def read(client, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.text)


async def test_strangers_are_asked_to_sign_in(client, hub):
    answer = await client.get(ASKED)
    assert (answer.status_code, "sign-in" in answer.headers["location"]) == (303, True)


async def test_before_anybody_asks_it_says_what_to_do(staff):
    html = await read(staff, FIND)
    assert "What shall run, and what suits?" in html and "govuk-error" not in html


async def test_a_plan_leads_to_the_form_that_plans_a_run(staff, hub):
    room, creche = await make.room(hub, name="Hall"), await make.room(hub, name="Den", kind="creche", capacity=8)
    html = await read(staff, f"{ASKED}&creche_places=6")
    assert (
        "<strong>1 plan</strong> works" in html
        and "Tuesdays, 10am to midday" in html
        and "Crèche: Den, takes 8" in html
    )
    [link] = re.findall(r'href="(/staff/plan/new\?[^"]*)"', html)
    assert (
        f"room={room.id}&creche_room={creche.id}&weekday=1&start=10%3A00&end=12%3A00&first=2027-01-12&sessions=4"
        in link
    )


async def test_the_form_it_leads_to_finds_every_date_free_and_the_same_end(staff, hub):
    """Also where another room takes over on a date, and where a date in the way is left out."""
    one, two = await make.room(hub, name="Hall", capacity=12), await make.room(hub, name="Loft", capacity=12)
    course = await make.programme(title="Toddlers", kind="course", minutes=120, session_count=4, places_max=10)
    for day in tuesdays(4)[2:]:
        await use(one, day, "09:00", "13:00")
    await use(two, TUESDAY, "09:00", "13:00")
    asked = f"{ASKED}&programme={course.id}&filled_for={course.id}"
    html = await read(staff, asked)
    assert "Another room on 1 date" in html
    [link] = re.findall(r'href="(/staff/plan/new\?[^"]*)"', html)
    assert "4 dates free" in await read(staff, link)
    await use(two, tuesdays(4)[2], "09:00", "13:00")
    html = await read(staff, asked)
    [link] = re.findall(
        r'<a class="govuk-link" href="(/staff/plan/new\?[^"]*)">Leave out Tue 26 Jan and end on Tue 9 Feb', html
    )
    form = await read(staff, link)
    assert "4 dates free" in form and "9 Feb" in form


async def test_the_programme_fills_the_form_and_is_looked_for_at_once(staff, hub):
    await make.room(hub, name="Hall")
    course = await make.programme(
        title="Toddlers", kind="course", minutes=90, session_count=6, places_max=12, facilitators=2, creche="no"
    )
    html = await read(staff, f"{FIND}?programme={course.id}")
    assert 'name="people" inputmode="numeric" value="14"' in html and 'value="6"' in html
    assert "Hall, takes 40" in html and f"programme={course.id}" in html


async def test_dates_held_by_telephone_are_dates_of_the_run_too(staff, hub):
    await make.room(hub)
    course = await make.programme(minutes=60, session_count=3, places_max=8, parts=[{"week": 2, "minutes": 30}])
    assert "4 dates, none left out" in await read(staff, f"{FIND}?programme={course.id}&first={TUESDAY}")


async def test_another_programme_brings_its_own_figures(staff, hub):
    course = await make.programme(title="Babies", minutes=60, session_count=3, places_max=8)
    other = await make.programme(minutes=90)
    html = await read(staff, f"{ASKED}&programme={course.id}&filled_for={other.id}")
    assert (
        'name="people" inputmode="numeric" value="8"' in html
        and 'name="sessions" inputmode="numeric" value="3"' in html
    )


async def test_other_hubs_are_seen_and_planned_by_their_own_staff(client, staff, hub):
    other = await make.location(name="Wimborne", hub_name="Wimborne")
    await make.opening_hours(other)
    await make.room(other, name="Theirs")
    await make.room(hub, name="Ours")
    hidden = await make.location(name="Refuge", is_restricted=True)
    await make.room(hidden, name="Secret room")
    mine = await read(staff, ASKED)
    assert "Ours" in mine and "Theirs" not in mine
    county = await read(staff, f"{ASKED}&location=county")
    assert county.count('href="/staff/plan/new?') == 1 and "Ask Wimborne to plan it" in county
    assert "Secret room" not in county
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert "Secret room" not in await read(client, ASKED)
    await make.sign_in_staff(client, await make.staff("hub_staff", hidden.id))
    assert "Secret room" in await read(client, ASKED)


async def test_near_a_place_the_nearest_comes_first_and_too_far_is_left_out(staff, hub):
    await make.Postcode.create(postcode="BH229TH", lat=50.8018, lon=-1.8914)
    await make.room(hub, name="Near")
    far = await make.location(hub_id=hub.id, lat=50.85, lon=-1.89)
    await make.opening_hours(far)
    await make.room(far, name="Farther")
    html = await read(staff, f"{ASKED}&near=bh22+9th&within=10")
    assert html.index("Near, takes") < html.index("Farther, takes") and "3.3 miles away" in html
    assert "Farther, takes" not in await read(staff, f"{ASKED}&near=bh22&within=2")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("people=many", "Enter how many people"),
        ("sessions=0", "Enter how many sessions"),
        ("minutes=", "Choose how long a session lasts"),
        ("first=2027-01-04", "This day is over"),
        ("first=soon", "Enter the earliest first day"),
        ("latest=11:00", "no room for a whole session"),
        ("creche_places=999", "how many children"),
        ("near=Atlantis", "We do not know that place"),
        ("weekday=9", "at least one weekday"),
    ],
)
async def test_a_wish_that_makes_no_sense_is_answered_beside_its_field(staff, query, words):
    name = query.partition("=")[0]
    rest = "&".join(part for part in ASKED.partition("?")[2].split("&") if not part.startswith(f"{name}="))
    html = await read(staff, f"{FIND}?{rest}&{query}")
    assert words in html and "govuk-error-message" in html


async def test_what_is_impossible_says_what_blocks_and_by_how_little(staff, hub):
    room = await make.room(hub, name="Blue room", capacity=12)
    await make.room(hub, name="Closet", capacity=4)
    for day in tuesdays(4)[1:2]:
        await use(room, day, "10:00", "12:00")
    html = await read(staff, ASKED)
    assert "<strong>No plan</strong> works for all of this" in html
    assert "Blue room is taken on Tue 19 Jan, 10am to midday with set-up and clearing, by a partner’s booking" in html
    assert "the rooms are booked on one of the dates" in html
    assert "Leave out Tue 19 Jan and end on Tue 9 Feb" in html and "&do-2027-01-19=skip" in html
    assert "Monday instead" in html and "Begin up to 2 weeks later" in html
    links = re.findall(r'class="govuk-link steps-back__words" href="([^"]*)"', html)
    assert links
    for link in links:
        assert "Use this plan" in await read(staff, unescape(link)), link


async def test_one_seat_fewer_would_do(staff, hub):
    await make.room(hub, name="Small", capacity=9)
    html = await read(staff, ASKED)
    assert "no room is large enough" in html and "1 seat fewer: 9 people" in html


# found is free


async def rechecked(plan) -> int:
    """How many of its rooms are in the way of something, asked of the holds themselves."""
    holds = [
        hold_for(room.id, room, clock.at(held.day, plan.start), clock.at(held.day, plan.end))
        for held in plan.dates
        for room in (held.room, held.creche)
        if room
    ]
    own = sum(
        set(a.leaves) & set(b.leaves) != set() and a.starts_at < b.ends_at and b.starts_at < a.ends_at
        for n, a in enumerate(holds)
        for b in holds[:n]
    )
    return len(await in_the_way(holds)) + own


async def test_every_plan_found_is_free_by_the_holds_themselves(hub):
    rooms = [await make.room(hub, name=f"R{n}", capacity=12, setup_minutes=10, clear_minutes=5 * n) for n in range(4)]
    hall = await make.room(hub, name="Hall", capacity=24, setup_minutes=15, clear_minutes=15)
    for part in rooms[:2]:
        await RoomPart.create(whole=hall, part=part)
    for n, day in enumerate(tuesdays(12)):
        await use(rooms[n % 3], day, "09:00", "10:00")
        await use(rooms[3], day + timedelta(days=n % 3), "11:05", "11:50")
    wishes = Wishes(minutes=90, sessions=8, first=TUESDAY, people=10, creche_people=8, weekdays=(1, 2, 3, 4))
    found = (await finding_plans.find(wishes)).answer
    assert len(found.plans) == 4
    for plan in found.plans:
        assert len(plan.dates) == 8 and await rechecked(plan) == 0


async def test_what_is_said_to_stand_in_the_way_is_all_that_does(hub):
    room = await make.room(hub, name="Blue room", setup_minutes=15)
    second = tuesdays(4)[2]
    await use(room, second, "08:00", "10:20")
    await use(room, second, "12:15", "13:00")  # set up from midday
    wishes = Wishes(
        minutes=120, sessions=4, first=TUESDAY, window=7, weekdays=(1,), people=10, earliest="10:00", latest="12:00",
    )  # fmt: skip
    found = await finding_plans.find(wishes)
    assert found.answer.plans == ()
    [miss] = found.answer.near_misses
    [held] = miss.blocked
    assert held.day == second
    [others] = found.taken.values()
    assert len(others) == 1
    for each in others:
        await db.execute("DELETE FROM room_hold WHERE room_booking_id = $1", each.room_booking_id)
    assert len((await finding_plans.find(wishes)).answer.plans) == 1


async def test_a_request_held_for_long_enough_is_in_nobodys_way(hub):
    room = await make.room(hub)
    until = clock.now() + timedelta(hours=1)
    wishes = Wishes(minutes=120, sessions=2, first=TUESDAY, window=7, weekdays=(1,), earliest="10:00", latest="12:00")
    await use(room, TUESDAY, "10:00", "11:00", state="requested", hold_until_at=until)
    assert not (await finding_plans.find(wishes)).answer.plans
    await db.execute("UPDATE room_booking SET hold_until_at = $1", clock.now() - timedelta(hours=1))
    assert (await finding_plans.find(wishes)).answer.plans


@pytest.mark.parametrize("first", [date(2027, 3, 16), date(2027, 10, 19)])
async def test_across_the_clock_changes_wall_times_stay(hub, first):
    room = await make.room(hub, setup_minutes=15, clear_minutes=15)
    days = [first + timedelta(weeks=n) for n in range(4)]
    for day in days:
        await use(room, day, "10:00", "11:00")
    wishes = Wishes(
        minutes=60, sessions=4, first=first, window=7, weekdays=(first.weekday(),), earliest="09:00", latest="13:00",
        term_time_only=False,
    )  # fmt: skip
    [plan] = (await finding_plans.find(wishes)).answer.plans
    assert (plan.start, plan.other_starts) == ("12:00", ("11:30", "11:45")) and await rechecked(plan) == 0


async def test_it_costs_as_many_queries_for_a_county_as_for_a_room(hub, monkeypatch):
    counted, plain = [], db.rows

    async def rows(sql, *parameters):
        counted.append(sql)
        return await plain(sql, *parameters)

    async def cost(wishes: Wishes) -> int:
        counted.clear()
        monkeypatch.setattr(db, "rows", rows)
        await finding_plans.find(wishes)
        monkeypatch.setattr(db, "rows", plain)
        return len(counted)

    taken = await make.room(hub)
    await make.room(hub, capacity=8)
    for day in tuesdays(2):
        await use(taken, day, "09:00", "14:00")
    impossible = await cost(TUESDAYS)
    for _ in range(8):
        at = await make.location()
        await make.opening_hours(at)
        await make.room(at, capacity=20), await make.room(at, capacity=8)
    assert await cost(TUESDAYS) <= 9
    for day in tuesdays(2):
        for room in await plain("SELECT id FROM room WHERE id <> $1", taken.id):
            await use(await make.Room.get(id=room["id"]), day, "09:00", "14:00")
    assert await cost(TUESDAYS) == impossible <= 12
