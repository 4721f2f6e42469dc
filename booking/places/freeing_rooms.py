"""A room that was held is not needed after all, and is wanted back after all."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.places import holding
from booking.places.closing import cover_again, lay, make_way, times_of
from booking.places.holding import Hold
from booking.problems import Problem, Refused
from booking.words import clock_time

TAKEN = "The room has been taken meanwhile ({when}), so this cannot be undone. Choose another room or time first."
NO_MORE = "{room} is no more, so this cannot be undone. Choose another room."


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


async def take_back(room_booking_id: UUID, holds: list[dict[str, Any]], *, laid_before: datetime | None = None) -> None:
    """Holds the same rooms again for a booking that had ended, as `hold_again` does; in the caller's transaction.

    The caller has locked the rooms (`holding.lock_rooms`). Raises Refused when one was taken meanwhile.
    """
    wanted = [Hold(room_booking_id, (each["room_id"],), each["starts_at"], each["ends_at"]) for each in holds]
    await hold_again(wanted, laid_before=laid_before)
    await db.execute("UPDATE room_booking SET state = 'confirmed' WHERE id = $1", room_booking_id)


async def hold_again(wanted: Sequence[Hold], *, laid_before: datetime | None = None) -> None:
    """Takes rooms back that were given away. A closure gives way: who takes a room back means to keep it; but not one that
    was laid after `laid_before`, because who undoes something else does not mean that. Raises Refused when anything else
    has been put there meanwhile, or the room is no more or made of other parts. The rooms are locked."""
    wanted = await _by_room(wanted)
    await refuse_if_no_more(each.of_room_id for each in wanted if each.of_room_id)
    closures = await make_way(wanted, laid_before=laid_before)
    for taken in (await holding.in_the_way(wanted)).values():
        when = f"{clock_time(taken[0].starts_at)} to {clock_time(taken[0].ends_at)}"
        raise Refused([Problem(TAKEN.format(when=when), rule="room taken")])
    await holding.take(wanted)
    for closure in closures:
        await lay(closure, closure["leaves"])


async def _by_room(wanted: Sequence[Hold]) -> list[Hold]:
    """The same holds, all rooms of one booking and time as one that names its room, so that `holding.take` sees whether the
    room has the same parts still."""
    rooms = {row["id"]: row["room_id"] for row in await times_of(each.room_booking_id for each in wanted)}
    leaves: dict[tuple[UUID, datetime, datetime], set[UUID]] = defaultdict(set)
    for each in wanted:
        leaves[each.room_booking_id, each.starts_at, each.ends_at].update(each.leaves)
    return [Hold(key[0], tuple(sorted(those)), key[1], key[2], rooms.get(key[0])) for key, those in leaves.items()]


async def refuse_if_no_more(room_ids: Iterable[UUID]) -> None:
    """Raises Refused when one of these rooms has ended: parts that became one room again are not held with it."""
    ids = sorted(set(room_ids))
    ended = await db.row(
        f"SELECT name FROM room WHERE valid_to_date < $1 AND id IN {db.in_list(ids, 2)} LIMIT 1", clock.today(), *ids
    )
    if ended:
        raise Refused([Problem(NO_MORE.format(room=ended["name"]), rule="not in use")])
