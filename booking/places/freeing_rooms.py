"""A room that was held is not needed after all, and is wanted back after all."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from booking import db
from booking.places import holding
from booking.places.closing import cover_again, lay, make_way
from booking.places.holding import Hold
from booking.problems import Problem, Refused
from booking.words import clock_time

TAKEN = "The room has been taken meanwhile ({when}), so this cannot be undone. Choose another room or time first."


async def free_room(room_booking_id: UUID) -> bool:
    """Ends a room booking and gives back what it held; in the caller's transaction, with the rooms locked (`lock_held`).
    If the place is closed at that time, the closure takes over. False when it had ended already."""
    ended = await db.row(
        "UPDATE room_booking SET state = 'cancelled' WHERE id = $1 AND state = 'confirmed' RETURNING id",
        room_booking_id,
    )
    await cover_again([room_booking_id])
    return ended is not None


async def lock_held(room_booking_id: UUID) -> None:
    """Locks the rooms that this room booking holds, before bookings and sessions, as everywhere."""
    await holding.lock_rooms(leaf for each in await holding.holds_of([room_booking_id]) for leaf in each.leaves)


async def holds_of(room_booking_id: UUID) -> list[dict[str, Any]]:
    """What a room booking holds: room_id, starts_at, ends_at (set-up and clearing included)."""
    found = await holding.holds_of([room_booking_id])
    return [{"room_id": each.leaves[0], "starts_at": each.starts_at, "ends_at": each.ends_at} for each in found]


async def take_back(room_booking_id: UUID, holds: list[dict[str, Any]]) -> None:
    """Holds the same rooms again for a booking that had ended; in the caller's transaction (promise P1).

    The caller has locked the rooms (`holding.lock_rooms`). Raises Refused when one was taken meanwhile.
    """
    await hold_again([Hold(room_booking_id, (each["room_id"],), each["starts_at"], each["ends_at"]) for each in holds])
    await db.execute("UPDATE room_booking SET state = 'confirmed' WHERE id = $1", room_booking_id)


async def hold_again(wanted: Sequence[Hold]) -> None:
    """Takes rooms back that were given away. A closure gives way: who takes a room back means to keep it. Raises Refused
    when anything else has been put there meanwhile. The rooms are locked."""
    closures = await make_way(wanted)
    for taken in (await holding.in_the_way(wanted)).values():
        when = f"{clock_time(taken[0].starts_at)} to {clock_time(taken[0].ends_at)}"
        raise Refused([Problem(TAKEN.format(when=when), rule="room taken")])
    await holding.take(wanted)
    for closure in closures:
        await lay(closure, closure["leaves"])
