"""The ways out of a clash: what is offered for each date, in which order, and what is never offered."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.places import free_rooms, ways_for_series, ways_out
from booking.places.asking import Ask, Choice
from booking.places.booking_rooms import book
from booking.places.judging_rooms import Wanted
from booking.places.models import Room, RoomPart
from booking.places.recurrence import Rule
from tests import make
from tests.places.holding_rooms import NOW, TUESDAY, facts, tuesdays, use
from tests.places.who import staff_who

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub(database):
    with time_machine.travel(NOW, tick=False):
        at = await make.location(name="Ferndown")
        await make.opening_hours(at)
        yield at


async def ways(room: Room, *days, start="10:00", end="12:00", people=None, for_partner=False, besides=()):
    wanted = [(day, clock.at(day, start), clock.at(day, end)) for day in days or (TUESDAY,)]
    return await ways_out.for_dates(await facts(room), wanted, people=people, for_partner=for_partner, besides=besides)


async def kinds(room: Room, **values) -> list[str]:
    return [way.kind for way in (await ways(room, **values))[TUESDAY]]


async def test_the_nearest_come_first_and_leaving_out_comes_last(hub):
    room = await make.room(hub, name="Blue room")
    await use(room, TUESDAY, "09:00", "10:15")
    await make.room(hub, name="Green room", capacity=12)
    near = await make.location(name="Library", lat=hub.lat + 0.02)
    await make.opening_hours(near)
    await make.room(near, name="Meeting room", capacity=16)
    found = (await ways(room))[TUESDAY]
    assert [(way.kind, way.words) for way in found] == [
        ("room", "Green room, same time (takes 12)"),
        ("time", "15 minutes later: 10:15am to 12:15pm"),
        ("day", "Wed 13 Jan, same time"),
        ("near", "Meeting room, Library, 1.4 miles away (takes 16)"),
        ("skip", "Leave this date out"),
    ]


async def test_a_way_out_is_what_to_choose_for_the_date(hub):
    room, other = await make.room(hub), await make.room(hub)
    await use(room, TUESDAY, "09:00", "10:15")
    found = {way.kind: way.choice for way in reversed((await ways(room))[TUESDAY])}
    assert found["room"] == Choice("use", room_id=other.id)
    assert found["time"] == Choice("use", start="10:15", end="12:15")
    assert found["day"] == Choice("use", day=TUESDAY + timedelta(days=1))
    assert found["skip"] == Choice("skip")


async def test_every_way_out_that_is_offered_can_be_booked(hub):
    room, small = await make.room(hub, setup_minutes=15, clear_minutes=15), await make.room(hub, capacity=12)
    near = await make.location(lat=hub.lat + 0.02)
    await make.opening_hours(near)
    await make.room(near)
    days = tuesdays(3)
    await use(room, days[0], "09:00", "10:00")
    await use(room, days[1], "12:10", "13:00")
    await use(small, days[1], "10:00", "11:00")
    who = staff_who(await make.staff(), {hub.id, near.id})
    for day, offered in (await ways(room, *days[:2], people=8)).items():
        assert len(offered) > 2
        for way in offered:
            if way.kind == "skip":
                continue
            rule = Rule(weekday=1, start="10:00", end="12:00", first_date=day, last_date=day)
            ask = Ask(room.id, "10:00", "12:00", rule=rule, title="Group", people=8, choices={day: way.choice})
            booked = await book(ask, by=who)
            assert not booked.missing, way
            await db.execute("DELETE FROM room_hold WHERE room_booking_id = $1", booked.booking_ids[0])


async def test_the_best_fit_comes_before_a_larger_room(hub):
    room = await make.room(hub)
    await use(room, TUESDAY, "08:00", "16:00")
    for name, capacity in (("Large", 90), ("Fits", 14), ("Small", 6)):
        await make.room(hub, name=name, capacity=capacity)
    words = [way.words for way in (await ways(room, people=10))[TUESDAY] if way.kind == "room"]
    assert words == ["Fits, same time (takes 14)", "Large, same time (takes 90)"]


async def test_what_helps_most_of_the_dates_comes_first(hub):
    room, small, large = [await make.room(hub, name=n, capacity=c) for n, c in (("R", 9), ("Small", 9), ("Large", 40))]
    days = tuesdays(3)
    for day in days:
        await use(room, day, "10:00", "12:00")
        await use(room, day + timedelta(days=1), "10:00", "12:00")
    await use(small, days[1], "10:00", "12:00")
    found = await ways(room, *days)
    assert [next(way.room_id for way in found[day] if way.kind == "room") for day in days] == [large.id] * 3
    assert [next(way.day for way in found[day] if way.kind == "day") for day in days] == [
        day - timedelta(days=1) for day in days
    ]


async def test_no_way_leads_outside_the_opening_hours_or_into_a_taken_part(hub):
    hall, left = await make.room(hub, name="Hall"), await make.room(hub, name="Left")
    await RoomPart.create(whole=hall, part=left)
    await use(left, TUESDAY, "09:00", "17:00")
    assert await kinds(hall, start="09:00", end="17:00") == ["day", "day", "skip"]
    offered = (await ways(hall, start="09:00", end="17:00"))[TUESDAY]
    assert offered[0].day == TUESDAY + timedelta(days=1)


async def test_partners_are_offered_only_what_they_may_book(hub):
    room = await make.room(hub, is_partner_bookable=True)
    await use(room, TUESDAY, "08:00", "16:00")
    await make.room(hub, name="Staff room")
    await make.room(await make.location(is_restricted=True, hub_id=hub.id), name="Refuge", is_partner_bookable=True)
    assert await kinds(room, for_partner=True) == ["day", "day", "skip"]


async def test_restricted_rooms_are_offered_to_nobody_but_for_one_of_the_same_place(hub):
    refuge = await make.location(is_restricted=True, hub_id=hub.id)
    room, other = await make.room(hub), await make.room(refuge)
    await make.room(refuge, name="Refuge two")
    for each in (room, other):
        await use(each, TUESDAY, "10:00", "12:00")
    assert "near" not in await kinds(room) and "room" not in await kinds(room)
    assert (await ways(other))[TUESDAY][0].words.startswith("Refuge two")


async def test_what_is_being_moved_is_not_in_its_own_way(hub):
    room = await make.room(hub)
    mine = await use(room, TUESDAY, "10:00", "11:45")
    await use(room, TUESDAY, "12:00", "13:00")
    assert "time" not in await kinds(room, start="10:00", end="12:30")
    assert "time" in await kinds(room, start="10:00", end="12:30", besides=[mine])


async def test_it_costs_as_many_queries_for_twelve_dates_as_for_one(hub, monkeypatch):
    room = await make.room(hub)
    counted, plain = [], db.rows

    async def rows(sql, *parameters):
        counted.append(sql)
        return await plain(sql, *parameters)

    here = await facts(room)
    monkeypatch.setattr(db, "rows", rows)
    numbers = []
    for days in (tuesdays(1), tuesdays(12)):
        counted.clear()
        wanted = [(day, clock.at(day, "10:00"), clock.at(day, "12:00")) for day in days]
        await ways_out.for_dates(here, wanted, people=5, for_partner=False)
        numbers.append(len(counted))
    assert numbers[0] == numbers[1] <= 11
    assert await ways_out.for_dates(here, [], people=5, for_partner=False) == {}


async def test_for_a_series_a_way_out_says_on_how_many_dates_it_helps(hub):
    room = await make.room(hub)
    days = tuesdays(12)
    for day in days[:3]:
        await use(room, day, "11:45", "12:30")
    await use(room, days[5] - timedelta(days=1), "10:00", "12:00")
    search = await free_rooms.search(Wanted("10:00", "12:00", days))
    [found] = search.found
    ways_of_room = (await ways_for_series.for_found(search, [found]))[room.id]
    assert [(way.kind, way.words) for way in ways_of_room] == [
        ("time", "15 minutes earlier: 9:45am to 11:45am: free on all 12 dates"),
        ("day", "Wednesdays at the same time: free on all 12 dates"),
        ("skip", "Leave out 3 dates"),
    ]


async def test_for_a_series_what_does_not_help_is_not_offered(hub):
    room = await make.room(hub)
    days = tuesdays(2)
    await use(room, days[0], "09:00", "17:00")
    for by in (-1, 1, 2, 3):
        await use(room, days[1] + timedelta(days=by), "09:00", "17:00")
    search = await free_rooms.search(Wanted("10:00", "12:00", days))
    found = await ways_for_series.for_found(search, search.found)
    assert [way.kind for way in found[room.id]] == ["skip"]
