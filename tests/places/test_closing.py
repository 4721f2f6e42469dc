"""Closures hold the rooms like any other use, day by day and around what is kept; reopening gives them back."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from booking import clock, db
from booking.places import closing, holding
from booking.places.closing_times import around, by_day, read_times, span_words
from booking.places.freeing_rooms import free_room
from booking.places.models import Closure, RoomBooking, RoomPart
from booking.places.rooms import facts_of_one
from booking.problems import Refused
from tests import make
from tests.staff.conftest import who_is

MAY = date(2027, 5, 6)


def at(day: date, time: str) -> datetime:
    return clock.at(day, time)


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel("2027-04-01 09:00:00Z", tick=False):
        yield


async def booked(room, start, end, *, day=MAY, kind="partner", **values) -> RoomBooking:
    """A room booking with its hold."""
    starts_at, ends_at = at(day, start), at(day, end)
    facts = await facts_of_one(room.id)
    await holding.lock_rooms(facts.leaves)
    booking = await RoomBooking.create(room=room, kind=kind, starts_at=starts_at, ends_at=ends_at, **values)
    await holding.hold([holding.hold_for(booking.id, facts, starts_at, ends_at)])
    return booking


async def shut(place, start="00:00", end="23:00", *, day=MAY, last=None, room=None, reason="Repairs"):
    async def body():
        leaves = await closing.leaves_of(place.id, room.id if room else None)
        await holding.lock_rooms(leaves)
        return await closing.shut(
            location_id=place.id, room_id=room.id if room else None, reason=reason, leaves=leaves,
            spans=[(at(day, start), at(last or day, end))],
        )  # fmt: skip

    return (await db.run_tx(body))[0]


async def held(room, kind="closure") -> list[tuple[str, str]]:
    """What holds of this kind there are on the room, as local times."""
    found = await db.rows(
        "SELECT h.starts_at, h.ends_at FROM room_hold h JOIN room_booking b ON b.id = h.room_booking_id"
        " WHERE h.room_id = $1 AND b.kind = $2 ORDER BY h.starts_at",
        room.id,
        kind,
    )
    return [tuple(f"{clock.local(row[name]):%d %H:%M}" for name in ("starts_at", "ends_at")) for row in found]


async def manager(place):
    return who_is(await make.staff("hub_manager", place.hub_id), kind="hub_manager", hubs={place.hub_id})


# times, pure


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [(0, 10)]),
        ([(2, 4)], [(0, 2), (4, 10)]),
        ([(4, 6), (2, 4)], [(0, 2), (6, 10)]),
        ([(-5, 2), (8, 20)], [(2, 8)]),
        ([(-5, 20)], []),
        ([(0, 10)], []),
        ([(2, 6), (4, 8)], [(0, 2), (8, 10)]),
    ],
)
def test_what_is_left_of_a_time_around_others(taken, left):
    start = datetime(2027, 5, 6, tzinfo=UTC)

    def hours(pair):
        return start + timedelta(hours=pair[0]), start + timedelta(hours=pair[1])

    assert around(hours((0, 10)), [hours(pair) for pair in taken]) == [hours(pair) for pair in left]


@pytest.mark.parametrize(("first", "hours"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25), (MAY, 24)])
def test_a_day_is_one_piece_also_when_the_clocks_change(first, hours):
    pieces = by_day(at(first, "00:00"), at(first + timedelta(2), "00:00"))
    assert [(end - start) / timedelta(hours=1) for start, end in pieces] == [hours, 24]


def typed(**values):
    return {"first": "2027-05-06", "last": "", "all_day": "yes", "start": "", "end": "", "also": ""} | values


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, ["Thursday 6 May, all day"]),
        ({"last": "2027-05-09"}, ["Thursday 6 May to Sunday 9 May"]),
        ({"all_day": "no", "start": "13:00", "end": "17:00"}, ["Thursday 6 May, 1pm to 5pm"]),
        ({"all_day": "no", "start": "17:00", "end": "08:00", "last": "2027-05-10"},
         ["Thursday 6 May, 5pm to Monday 10 May, 8am"]),
        ({"also": "2027-10-14, 2027-06-03"},
         ["Thursday 6 May, all day", "Thursday 3 June, all day", "Thursday 14 October, all day"]),
    ],
)  # fmt: skip
def test_times_as_typed_and_as_said(values, words):
    times = read_times(typed(**values), clock.now())
    assert times.problems == [] and [span_words(*span) for span in times.spans] == words


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"first": ""}, "missing"),
        ({"first": "6 May"}, "missing"),
        ({"last": "2027-05-01"}, "order"),
        ({"all_day": "no", "start": "17:00", "end": "09:00"}, "order"),
        ({"all_day": "no", "start": "17:00"}, "missing"),
        ({"all_day": "no", "start": "late", "end": "17:00"}, "unreadable"),
        ({"first": "2027-03-01"}, "past"),
        ({"first": "2037-03-01"}, "too far"),
        ({"last": "2027-12-01"}, "too long"),
        ({"also": "2027-05-06"}, "twice"),
        ({"also": "next year"}, "unreadable"),
        ({"also": ",".join(["2027-06-03"] * 13)}, "too many"),
    ],
)
def test_times_that_make_no_sense_are_problems(values, rule):
    assert rule in {problem.rule for problem in read_times(typed(**values), clock.now()).problems}


# holds


async def test_a_closed_place_holds_every_room_day_by_day(database):
    place = await make.location()
    one, two = await make.room(place), await make.room(place)
    await shut(place, "12:00", "10:00", last=MAY + timedelta(2))
    days = [("06 12:00", "07 00:00"), ("07 00:00", "08 00:00"), ("08 00:00", "08 10:00")]
    assert await held(one) == await held(two) == days
    assert await RoomBooking.filter(kind="closure", title="Repairs", state="confirmed").count() == 2
    with pytest.raises(Refused, match="is taken"):
        await db.run_tx(lambda: booked(one, "09:00", "10:00", day=MAY + timedelta(1)))


async def test_a_closed_divisible_room_holds_its_parts_and_nothing_else(database):
    place = await make.location()
    hall, east, west, other = [await make.room(place) for _ in range(4)]
    for part in (east, west):
        await RoomPart.create(whole=hall, part=part)
    await shut(place, room=hall)
    assert [len(await held(room)) for room in (hall, east, west, other)] == [0, 1, 1, 0]


async def test_a_closure_goes_around_what_is_kept_with_its_set_up(database):
    room = await make.room(setup_minutes=15, clear_minutes=30)
    await booked(room, "10:00", "11:00")
    await shut(await room.location)
    assert await held(room) == [("06 00:00", "06 09:45"), ("06 11:30", "06 23:00")]


async def test_a_kept_booking_that_is_cancelled_after_all_leaves_no_hole(database):
    room = await make.room()
    kept = await booked(room, "10:00", "11:00")
    other_place = await booked(await make.room(), "10:00", "11:00")
    await shut(await room.location)
    assert await db.run_tx(lambda: free_room(kept.id))
    assert await held(room) == [("06 00:00", "06 23:00")]
    await db.run_tx(lambda: closing.cover_again([other_place.id]))
    assert await db.value("SELECT COUNT(*) AS n FROM room_hold WHERE room_booking_id = $1", other_place.id) == 0


async def test_two_closures_of_one_time_share_it_and_one_goes_on_when_the_other_ends(database):
    room = await make.room()
    place = await room.location
    by = await manager(place)
    first = await shut(place, "09:00", "17:00")
    second = await shut(place, "12:00", "20:00", room=room, reason="Heating")
    assert await held(room) == [("06 09:00", "06 17:00"), ("06 17:00", "06 20:00")]
    await closing.reopen(closure_id=first, by=by)
    assert await held(room) == [("06 12:00", "06 20:00")]
    await closing.reopen(closure_id=second, by=by)
    assert await held(room) == [] and await Closure.all().count() == 0


async def test_a_closure_is_made_shorter_and_never_longer(database):
    room = await make.room()
    by = await manager(await room.location)
    closure = await shut(await room.location, "09:00", "17:00")
    await closing.shorten(closure_id=closure, starts_at=at(MAY, "09:00"), ends_at=at(MAY, "13:00"), by=by)
    assert await held(room) == [("06 09:00", "06 13:00")]
    with pytest.raises(Refused, match="shorter"):
        await closing.shorten(closure_id=closure, starts_at=at(MAY, "09:00"), ends_at=at(MAY, "14:00"), by=by)


async def test_a_closure_that_has_begun_ends_now_and_what_was_stays(database):
    room = await make.room()
    closure = await shut(await room.location, "00:00", "23:00", last=MAY + timedelta(2))
    with time_machine.travel(at(MAY, "12:00"), tick=False):
        await closing.reopen(closure_id=closure, by=await manager(await room.location))
        assert await held(room) == [("06 00:00", "06 12:00")]
        assert (await Closure.get(id=closure)).ends_at == at(MAY, "12:00")
    with pytest.raises(Refused, match="over"), time_machine.travel(at(MAY, "13:00"), tick=False):
        await closing.reopen(closure_id=closure, by=await manager(await room.location))


async def test_closures_to_come_are_listed_with_their_room(database):
    room = await make.room(name="Blue room")
    await shut(await room.location, room=room)
    await shut(await room.location, day=MAY + timedelta(7))
    found = await closing.closures_to_come(room.location_id)
    assert [(row["room_name"], row["reason"]) for row in found] == [("Blue room", "Repairs"), (None, "Repairs")]


# two at once


async def overlaps() -> int:
    return await db.value(
        "SELECT COUNT(*) AS n FROM room_hold a JOIN room_hold b ON a.room_id = b.room_id AND a.id < b.id"
        " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    )


@pytest.mark.slow
async def test_closing_and_booking_at_the_same_moment_never_overlap(real_database):
    """Whoever comes second: a booking is refused, a closure goes around. Together they fill the day without a gap."""
    place = await make.location()
    rooms = [await make.room(place) for _ in range(3)]

    async def one(n: int) -> bool:
        try:
            await db.run_tx(lambda: booked(rooms[n % 3], f"{8 + n:02}:00", f"{9 + n:02}:00"))
        except Refused:
            return False
        return True

    async def close():
        await asyncio.sleep(0.02)
        await shut(place)

    results = await asyncio.gather(*(one(n) for n in range(6)), close(), *(one(n) for n in range(6, 12)))
    assert await overlaps() == 0
    got = results.count(True)
    hours = await db.rows("SELECT starts_at, ends_at FROM room_hold")
    assert sum((row["ends_at"] - row["starts_at"] for row in hours), timedelta()) == timedelta(hours=3 * 23)
    assert await RoomBooking.filter(kind="partner").count() == got
