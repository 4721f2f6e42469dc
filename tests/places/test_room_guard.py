"""No room is held twice at once, whatever the code above does (promise P1): the database's own guard."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from tortoise.exceptions import IntegrityError

from booking import db
from booking.guards import ROOM_OVERLAP
from booking.places.holding import lock_rooms
from booking.places.models import Room, RoomBooking, RoomHold
from tests import make

NINE = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)


async def hold(room: Room, start: int, end: int) -> RoomHold:
    """Holds the room from so many to so many minutes after nine."""
    times = {"starts_at": NINE + timedelta(minutes=start), "ends_at": NINE + timedelta(minutes=end)}
    booking = await RoomBooking.create(room=room, kind="session", **times)
    return await RoomHold.create(room=room, room_booking=booking, **times)


@pytest.mark.parametrize(
    ("start", "end", "is_refused"),
    [
        (-60, -30, False),  # before
        (-60, 0, False),  # touching the beginning
        (-60, 1, True),  # across the beginning
        (10, 20, True),  # inside
        (0, 60, True),  # the same
        (-10, 70, True),  # around
        (59, 90, True),  # across the end
        (60, 90, False),  # touching the end
        (90, 120, False),  # after
    ],
)
async def test_two_holds_of_a_room_may_touch_and_never_overlap(database, start, end, is_refused):
    room = await make.room()
    await hold(room, 0, 60)
    if not is_refused:
        return await hold(room, start, end)
    with pytest.raises(IntegrityError) as error:
        await db.run_tx(lambda: hold(room, start, end))
    assert ROOM_OVERLAP in db.broken_guard(error.value)


async def test_another_room_is_another_matter_and_moving_a_hold_is_checked_too(database):
    one, two = await make.room(), await make.room()
    await hold(one, 0, 60)
    await hold(two, 0, 60)
    later = await hold(one, 60, 90)
    with pytest.raises(IntegrityError):
        await db.run_tx(lambda: RoomHold.filter(id=later.id).update(starts_at=NINE + timedelta(minutes=30)))


async def test_a_hold_that_ends_before_it_begins_is_none(database):
    with pytest.raises(IntegrityError):
        await db.run_tx(lambda: _backwards())


async def _backwards() -> None:
    await hold(await make.room(), 60, 0)


async def overlaps() -> int:
    return await db.value(
        "SELECT COUNT(*) AS n FROM room_hold a JOIN room_hold b ON a.room_id = b.room_id AND a.id < b.id"
        " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    )


async def rush(room: Room, wanted: int) -> int:
    """Many want random times of one room at the same moment; how many got theirs."""
    dice = random.Random(7)

    async def one(start: int) -> bool:
        async def body() -> None:
            await lock_rooms([room.id])
            await hold(room, start, start + 45)

        try:
            await db.run_tx(body)
        except IntegrityError:
            return False
        return True

    return sum(await asyncio.gather(*(one(dice.randrange(0, 600, 15)) for _ in range(wanted))))


@pytest.mark.slow
async def test_a_rush_for_one_room_leaves_no_overlap_and_without_the_guard_it_would(real_database):
    room = await make.room()
    got = await rush(room, 60)
    assert 5 < got < 60 and await overlaps() == 0
    await db.execute("DELETE FROM room_hold")
    if db.is_postgres():
        await db.execute(f"ALTER TABLE room_hold DROP CONSTRAINT {ROOM_OVERLAP}")
    else:
        await db.execute(f"DROP TRIGGER {ROOM_OVERLAP}_insert")
    assert await rush(room, 60) == 60 and await overlaps() > 0
