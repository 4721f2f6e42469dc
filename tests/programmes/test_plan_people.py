"""Course plans are ranked by whether trained people are free on all dates, and the grid says what keeps whoever is named."""

from datetime import date, timedelta

import pytest

from booking import clock
from booking.programmes.plans import finding_plans
from booking.programmes.plans.plan_people import Leader, Leaders
from booking.programmes.plans.plan_wishes import Wishes
from booking.rotas import free_to_lead
from tests import make
from tests.programmes.test_judging_plans import TUESDAY, Judge, held, room, world

WISHES = Wishes(minutes=120, sessions=3, first=TUESDAY, window=7, weekdays=(1, 3), people=10)
MONDAY = clock.today() + timedelta(days=21 - clock.today().weekday())


def leaders(*people, needed=2) -> Leaders:
    """Each as (name, the weekdays and minutes at which they can)."""
    return Leaders(
        [Leader(name, lambda _, day, times=times: times.get(day.weekday(), ())) for name, times in people], needed
    )


def best(found, wishes=WISHES):
    judge = Judge(wishes, world([room(1)]), found)
    return judge.candidates()[0], judge


def test_the_day_on_which_two_trained_people_can_lead_comes_first():
    found = leaders(("Ann", {1: [(540, 1020)], 3: [(540, 1020)]}), ("Bo", {3: [(600, 1020)]}))
    one, _ = best(found)
    assert (one.weekday, one.lacking) == (3, 0)


def test_of_the_starts_of_a_day_one_at_which_both_can_is_chosen():
    one, judge = best(leaders(("Ann", {1: [(540, 1020)]}), ("Bo", {1: [(800, 1020)]})))
    assert one.lacking == 0
    assert judge.starts.words[one.start] == "14:00"


def test_with_one_who_can_one_is_lacking_and_it_is_offered_all_the_same():
    one, _ = best(leaders(("Ann", {1: [(540, 1020)]}), ("Bo", {})))
    assert (one.weekday, one.lacking) == (1, 1)


def test_somebody_who_cannot_on_one_date_cannot_lead_the_course():
    off = TUESDAY + timedelta(weeks=1)
    ann = Leader("Ann", lambda _, day: () if day == off else [(540, 1020)])
    judge = Judge(WISHES, world([room(1)]), Leaders([ann], 1))
    times = judge.leader_times(judge.places[0])
    days = [TUESDAY + timedelta(weeks=n) for n in range(3)]
    assert times.names(days, judge.starts.bit(0)) == ()
    assert times.nearly(days, judge.starts.bit(0)) == (("Ann", 1),)
    assert judge.candidates()[0].weekday == 3


def test_a_later_week_in_which_they_are_free_is_better_than_a_sooner_one_without_them():
    ann = Leader("Ann", lambda _, day: [(540, 1020)] if day >= TUESDAY + timedelta(weeks=1) else ())
    wishes = Wishes(minutes=120, sessions=3, first=TUESDAY, window=21, weekdays=(1,), people=10)
    one, _ = best(Leaders([ann], 1), wishes)
    assert (one.plan.dates[0], one.lacking) == (TUESDAY + timedelta(weeks=1), 0)


def test_where_nobody_is_asked_about_nothing_changes():
    taken = {room(1).id: [held(TUESDAY, "09:00", 60)]}
    plain = Judge(WISHES, world([room(1)], taken)).candidates()
    assert [one.key for one in Judge(WISHES, world([room(1)], taken), Leaders()).candidates()] == [
        one.key for one in plain
    ]


def test_setting_up_and_clearing_are_the_leaders_too():
    judge = Judge(
        WISHES, world([room(1, setup_minutes=30, clear_minutes=30)]), leaders(("Ann", {1: [(600, 780)]}), needed=1)
    )
    days = [TUESDAY]
    assert [judge.starts.words[n] for n in range(judge.starts.count) if judge.leader_times(judge.places[0]).on_all(days)[0]
            & judge.starts.bit(n)] == ["10:30"]  # fmt: skip


@pytest.fixture
async def hub(database):
    at = await make.location(name="Ferndown", needs_two=False)
    await make.opening_hours(at)
    return at


@pytest.fixture
async def course(hub):
    await make.skill("iy")
    return await make.programme(
        title="Incredible Years", skills="iy", facilitators=2, session_count=4, minutes=120, places_max=8
    )


async def test_people_are_busy_with_duties_the_way_there_leave_and_drafts_of_courses(hub, course):
    far = await make.location(name="Wimborne", lat=50.95, lon=-1.9)
    ann, bo = (
        await make.worker(hub, known_as="Ann", skills=["iy"]),
        await make.worker(hub, known_as="Bo", skills=["iy"]),
    )
    await make.worker(hub, known_as="Cas")
    shift = await make.shift(far, date=MONDAY, start="12:00", end="14:00")
    await make.assignment(shift, ann, "draft")
    await make.leave(bo, MONDAY)
    draft = await make.run(
        programme=course, location=hub, first_date=MONDAY + timedelta(days=1), state="draft", facilitator_1="bo"
    )
    await make.session(draft, date=MONDAY + timedelta(days=1), state="draft", start_time="10:00", end_time="12:00")
    one, other = await free_to_lead.trained("iy", MONDAY, MONDAY + timedelta(days=6))
    room = await make.room(hub)
    facts = (await finding_plans.find_rooms("o.id = $1", room.id))[room.id]
    assert [one.worker.name, other.worker.name] == ["Ann", "Bo"]
    assert one.why_not(facts, MONDAY, "09:00", "11:00") == ""
    assert one.why_not(facts, MONDAY, "11:00", "13:00") == "has another duty, midday to 2pm"
    assert one.why_not(facts, MONDAY, "09:50", "11:50") == "cannot get there from their duty, midday to 2pm"
    assert other.why_not(facts, MONDAY, "09:00", "11:00") == "away"
    tuesday = MONDAY + timedelta(days=1)
    assert other.why_not(facts, tuesday, "11:00", "13:00") == "has another duty, 10am to midday"
    assert other.why_not(facts, tuesday, "11:00", "13:00", besides=draft.id) == ""
    assert [first for first, _ in one.can(facts, MONDAY)][:1] == [8 * 60]
    assert other.can(facts, MONDAY) == ()


async def test_the_search_names_who_can_lead_and_fills_them_into_the_form(client, hub, course):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    await make.room(hub, name="Blue room", capacity=30)
    for name in ("Ann Lee", "Bo Ray"):
        await make.worker(hub, known_as=name, skills=["iy"])
    path = f"/staff/plan/find?programme={course.id}&minutes=120&sessions=4&people=10&first={MONDAY}&sent=1&weekday=1"
    page = (await client.get(path)).text
    assert "Ann Lee and Bo Ray can lead every date" in page
    assert "facilitator_1=Ann+Lee&amp;facilitator_2=Bo+Ray" in page


async def test_the_search_says_who_is_lacking_and_by_how_little(client, hub, course):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    await make.room(hub, name="Blue room", capacity=30)
    await make.worker(hub, known_as="Ann Lee", skills=["iy"])
    bo = await make.worker(hub, known_as="Bo Ray", skills=["iy"])
    await make.leave(bo, MONDAY + timedelta(days=7), MONDAY + timedelta(days=11))
    path = f"/staff/plan/find?programme={course.id}&minutes=120&sessions=4&people=10&first={MONDAY}&window=7&sent=1&weekday=1"
    page = (await client.get(path)).text
    assert "1 trained person short on some dates; Ann Lee can lead every date; Bo Ray on all but 1" in page


async def test_the_grid_says_what_keeps_whoever_is_named_and_offers_who_is_free(client, hub, course):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    room = await make.room(hub, name="Blue room", capacity=30)
    ann = await make.worker(hub, known_as="Ann Lee", skills=["iy"])
    await make.worker(hub, known_as="Bo Ray", skills=["iy"])
    await make.worker(hub, known_as="Cas Moe")
    await make.leave(ann, MONDAY + timedelta(days=8))
    path = (
        f"/staff/plan/new?programme={course.id}&room={room.id}&weekday=1&start=10:00&end=12:00&first={MONDAY}&sessions=3&places=8"
        "&facilitator_1=Ann+Lee&facilitator_2=Cas+Moe"
    )
    page = (await client.get(path)).text
    assert "Ann Lee away; Cas Moe not trained for this" in page
    assert "3 dates without their facilitator" in page
    assert '<option value="Bo Ray">free on every date</option>' in page
    assert '<option value="Ann Lee">free on 2 of 3</option>' in page
    assert "Cas Moe</option>" not in page


async def test_people_who_could_lead_cost_a_fixed_number_of_queries(hub, course, monkeypatch):
    from booking import db

    asked, real = [], db.rows

    async def counting(sql, *values):
        asked.append(sql)
        return await real(sql, *values)

    counts = []
    for n in range(2):
        for k in range(4):
            await make.worker(hub, known_as=f"P{n}{k}", skills=["iy"])
        monkeypatch.setattr(db, "rows", counting)
        asked.clear()
        await free_to_lead.trained("iy", date(2027, 1, 4), date(2027, 6, 1))
        counts.append(len(asked))
        monkeypatch.setattr(db, "rows", real)
    assert counts == [9, 9]
