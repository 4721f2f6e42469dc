"""Cover follows opening hours: closures, bank holidays, special hours, both clock changes, needs that change and end."""

from datetime import date, timedelta

import pytest
import time_machine

from booking import clock, db
from booking.places.models import Closure, SpecialOpening
from booking.rotas import following
from booking.rotas.models import CoverNeed, Shift
from tests import make

pytestmark = pytest.mark.usefixtures("database")


async def a_place(opens="09:00", closes="17:00", weekdays="01234", **need):
    hub = await make.location()
    await make.opening_hours(hub, opens, closes, weekdays)
    own = {"location": hub, "name": "Day", "weekdays": weekdays, "start": opens, "end": closes, "people": 2}
    return hub, await CoverNeed.create(**own | need)


async def on(day: date, **where):
    return list(await Shift.filter(date=day, **where).order_by("starts_at", "position"))


def monday() -> date:
    return clock.today() + timedelta(days=14 - clock.today().weekday())


async def test_an_open_day_needs_so_many_people_some_with_skills():
    await a_place(skills="keyholder", skilled=1)
    await following.follow()
    first, second = await on(monday())
    assert (first.kind, first.start_time, first.end_time, first.minutes) == ("cover", "09:00", "17:00", 450)
    assert (first.skills, second.skills, second.position) == ("keyholder", "", 2)
    assert await on(monday() + timedelta(days=5)) == []


async def test_the_horizon_rolls_on_by_itself():
    await a_place()
    await following.follow(weeks_ahead=2)
    last = (await Shift.all().order_by("-date").first()).date
    assert last <= clock.today() + timedelta(days=14)
    before = await Shift.all().count()
    await following.follow(weeks_ahead=3)
    assert await Shift.all().count() == before + 10
    assert await following.follow(weeks_ahead=1) == ""


async def test_a_bank_holiday_needs_nobody():
    await make.BankHoliday.create(date=monday(), title="Bank holiday")
    await a_place()
    await following.follow()
    assert await on(monday()) == [] and len(await on(monday() + timedelta(days=1))) == 2


async def test_a_closure_cancels_frees_and_tells_and_its_end_brings_people_back():
    hub, _ = await a_place()
    await following.follow()
    worker = await make.worker(hub)
    shift, _ = await on(monday())
    await make.assignment(shift, worker)
    closure = await Closure.create(
        location=hub, starts_at=clock.at(monday(), "00:00"), ends_at=clock.at(monday() + timedelta(days=1), "00:00"),
        reason="boiler",
    )  # fmt: skip
    assert await following.follow() == "shifts: 2 cancelled; 1 people in or out"
    gone = await Shift.get(id=shift.id)
    assert gone.state == "cancelled" and "boiler" in gone.moved_words.lower()
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE kind = 'duty_changed'") == 1
    await closure.delete()
    assert await following.follow() == "shifts: 2 back; 1 people in or out"
    assert await db.value("SELECT COUNT(*) AS n FROM assignment WHERE shift_id = $1", shift.id) == 2


async def test_a_closure_at_midday_makes_two_parts_and_shortens_the_first():
    hub, _ = await a_place(people=1)
    await following.follow()
    [shift] = await on(monday())
    await make.assignment(shift, await make.worker(hub))
    await Closure.create(
        location=hub, starts_at=clock.at(monday(), "12:00"), ends_at=clock.at(monday(), "14:00"), reason="fire drill"
    )
    await following.follow()
    first, second = await on(monday(), state="open")
    assert first.id == shift.id and (first.start_time, first.end_time) == ("09:00", "12:00")
    assert (second.start_time, second.end_time, second.position) == ("14:00", "17:00", 101)
    ends = {row["ends_at"] for row in await db.rows("SELECT ends_at FROM assignment WHERE shift_id = $1", shift.id)}
    assert ends == {first.ends_at}


async def test_special_hours_and_other_usual_hours_are_followed():
    hub, _ = await a_place(people=1)
    await following.follow()
    await SpecialOpening.create(location=hub, first_date=monday(), last_date=monday(), opens="10:00", closes="12:00")
    await following.follow()
    [shift] = await on(monday())
    assert (shift.start_time, shift.end_time) == ("10:00", "12:00") and "9am to 5pm" in shift.moved_words
    await db.execute("UPDATE opening_hours SET closes = '15:00' WHERE location_id = $1", hub.id)
    await following.follow()
    assert (await on(monday() + timedelta(days=1)))[0].end_time == "15:00"


async def test_fewer_people_keep_those_that_are_in_it():
    hub, need = await a_place()
    await following.follow()
    _, second = await on(monday())
    await make.assignment(second, await make.worker(hub))
    await CoverNeed.filter(id=need.id).update(people=1)
    await following.follow()
    assert [(row.position, row.state) for row in await on(monday())] == [(1, "cancelled"), (2, "open")]


async def test_a_need_that_ended_needs_nobody():
    _, need = await a_place()
    await following.follow()
    await CoverNeed.filter(id=need.id).update(ended_at=clock.now())
    await following.follow()
    assert await Shift.filter(state="open", starts_at__gt=clock.now()).count() == 0


async def test_a_need_has_a_first_and_a_last_day():
    day = monday()
    await a_place(first_date=day, last_date=day + timedelta(days=1))
    await following.follow()
    assert {row.date for row in await Shift.all()} == {day, day + timedelta(days=1)}


@pytest.mark.parametrize(
    ("today", "sunday", "offset"),
    [("2027-03-22", date(2027, 3, 28), 0), ("2027-10-25", date(2027, 10, 31), 1)],
)
async def test_over_both_clock_changes_a_day_is_its_wall_times(today, sunday, offset):
    with time_machine.travel(f"{today}T12:00:00Z", tick=False):
        await a_place("09:00", "17:00", "0123456", people=1)
        await following.follow()
        for day in (sunday - timedelta(days=1), sunday):
            [shift] = await on(day)
            assert (shift.start_time, shift.end_time, shift.minutes) == ("09:00", "17:00", 450)
            assert shift.starts_at == clock.at(day, "09:00")


async def test_over_the_nights_of_the_clock_changes_minutes_are_those_that_pass():
    with time_machine.travel("2027-03-22T12:00:00Z", tick=False):
        await a_place("00:30", "05:00", "6", people=1)
        await following.follow()
        [shift] = await on(date(2027, 3, 28))
        assert shift.minutes == 210
    with time_machine.travel("2027-10-25T12:00:00Z", tick=False):
        await following.follow()
        [shift] = await on(date(2027, 10, 31))
        assert shift.minutes == 330


async def test_a_quiet_county_with_many_places_costs_a_few_statements(monkeypatch):
    for _ in range(6):
        await a_place()
    await following.follow()
    count, plain = 0, db.rows

    async def rows(sql, *parameters):
        nonlocal count
        count += 1
        return await plain(sql, *parameters)

    monkeypatch.setattr(db, "rows", rows)
    assert await following.follow() == "" and count <= 9
