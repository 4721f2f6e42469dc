"""Promise P1 under a rush: several processes want the same rooms at the same moment, and no two of them get one.

Each test has its negative control: with locks, looks and the database's guard taken away, the same rush makes overlaps.
"""

import asyncio
import json
from datetime import timedelta

import pytest

from booking import clock, db, guards
from booking.places import booking_rooms
from booking.places.asking import Ask
from booking.places.models import RoomBooking, RoomHold, RoomPart, RoomSeries
from tests import make, side_by_side
from tests.places.who import partner_who

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PROCESSES = 4


async def partners(count: int) -> list[list[str]]:
    found = []
    for _ in range(count):
        organisation = await make.organisation()
        found.append([str((await make.booker(organisation)).id), str(organisation.id)])
    return found


async def rush(url: str, rooms, people, what: str, *, guarded: str = "guarded") -> list[str]:
    """What each of the people was told, from processes that begin at the same moment."""
    each, wanted = len(people) // PROCESSES, ",".join(str(room.id) for room in rooms)
    own = [json.dumps(people[n * each : (n + 1) * each]) for n in range(PROCESSES)]
    ended = await side_by_side.run(
        "tests.places.room_rush_worker", [(url, guarded, what, wanted, own[n], 1000 * n) for n in range(PROCESSES)]
    )
    return [said for out in ended for person in json.loads(out) for said in person]


async def overlaps() -> int:
    return await db.value(
        "SELECT COUNT(*) AS n FROM room_hold a JOIN room_hold b ON a.room_id = b.room_id AND a.id < b.id"
        " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    )


async def double_bookings() -> int:
    """Counted from the bookings themselves, parts and set-up included, as if nothing were known of holds."""
    return await db.value(
        "WITH used AS (SELECT b.id, COALESCE(p.part_id, b.room_id) AS leaf, b.starts_at, b.ends_at FROM room_booking b"
        " LEFT JOIN room_part p ON p.whole_id = b.room_id WHERE b.state IN ('confirmed', 'requested'))"
        " SELECT COUNT(*) AS n FROM used a JOIN used b ON a.leaf = b.leaf AND a.id < b.id"
        " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    )


async def take_the_database_guard_away() -> None:
    if db.is_postgres():
        await db.execute(f"ALTER TABLE room_hold DROP CONSTRAINT {guards.ROOM_OVERLAP}")
    else:
        for verb in ("insert", "update"):
            await db.execute(f"DROP TRIGGER {guards.ROOM_OVERLAP}_{verb}")


async def test_of_twenty_who_save_the_same_twelve_weeks_one_gets_it_and_nineteen_are_told(real_database):
    at = await make.location()
    room = await make.room(at, is_partner_bookable=True)
    said = await rush(real_database.url, [room], await partners(20), "series")
    assert sorted(said) == ["done", *["no date,room taken"] * 19]
    assert (await RoomSeries.all().count(), await RoomBooking.filter(state="confirmed").count()) == (1, 12)
    assert (await overlaps(), await double_bookings(), await RoomHold.all().count()) == (0, 0, 12)


async def test_without_guards_the_same_twenty_are_booked_on_top_of_each_other(real_database):
    room = await make.room(await make.location(), is_partner_bookable=True)
    await take_the_database_guard_away()
    said = await rush(real_database.url, [room], await partners(20), "series", guarded="unguarded")
    assert said.count("done") > 1 and await overlaps() > 0 and await double_bookings() > 0


async def hall_with_halves():
    at = await make.location()
    hall, north, south, side = [await make.room(at, is_partner_bookable=True, setup_minutes=15) for _ in range(4)]
    for part in (north, south):
        await RoomPart.create(whole=hall, part=part)
    return [hall, north, south, side]


async def test_booking_moving_and_cancelling_at_random_from_four_processes_never_overlaps(real_database):
    said = await rush(real_database.url, await hall_with_halves(), await partners(8), "random")
    assert said.count("done") >= 10 and "room taken" in ",".join(said)
    assert (await overlaps(), await double_bookings()) == (0, 0)
    assert set(await RoomHold.all().values_list("room_booking_id", flat=True)) == set(
        await RoomBooking.filter(state__in=("confirmed", "requested")).values_list("id", flat=True)
    )


async def test_without_guards_the_same_random_things_overlap(real_database):
    rooms = await hall_with_halves()
    await take_the_database_guard_away()
    await rush(real_database.url, rooms, await partners(8), "random", guarded="unguarded")
    assert await overlaps() > 0 and await double_bookings() > 0


async def test_of_two_who_use_up_the_allowance_at_once_one_is_booked_and_one_asks(real_database):
    """From one process: two rooms, so no room's lock stands between them."""
    at = await make.location()
    rooms = [await make.room(at, is_partner_bookable=True) for _ in range(2)]
    organisation = await make.organisation(minutes_per_term=120)
    who = partner_who(await make.booker(organisation), organisation)
    day = clock.today() + timedelta(days=20)
    asks = [
        Ask(room.id, "10:00", "12:00", day=day, as_partner=True, organisation_id=organisation.id, title="Any")
        for room in rooms
    ]
    booked = await asyncio.gather(*(booking_rooms.book(ask, by=who) for ask in asks))
    assert sorted(each.state for each in booked) == ["confirmed", "requested"]
