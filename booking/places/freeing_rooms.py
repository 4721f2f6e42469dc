"""A room that was held is not needed after all, and is wanted back after all."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import db
from booking.guards import NO_OVERLAP
from booking.problems import Problem, Refused
from booking.words import clock_time

TAKEN = "The room has been taken meanwhile ({when}), so this cannot be undone. Choose another room or time first."


async def free_room(room_booking_id: UUID) -> bool:
    """Ends a room booking and gives back what it held; in the caller's transaction. False when it had ended already."""
    ended = await db.row(
        "UPDATE room_booking SET state = 'cancelled' WHERE id = $1 AND state = 'confirmed' RETURNING id",
        room_booking_id,
    )
    await db.execute("DELETE FROM room_hold WHERE room_booking_id = $1", room_booking_id)
    return ended is not None


async def holds_of(room_booking_id: UUID) -> list[dict[str, Any]]:
    """What a room booking holds: room_id, starts_at, ends_at (set-up and clearing included)."""
    return await db.rows(
        "SELECT room_id, starts_at, ends_at FROM room_hold WHERE room_booking_id = $1 ORDER BY room_id, starts_at",
        room_booking_id,
    )


async def lock_rooms(room_ids: Iterable[UUID]) -> None:
    """Rooms are locked before bookings and sessions, in the order of their ids, as everywhere (promise P1)."""
    rooms = sorted(set(room_ids))
    if rooms and db.is_postgres():
        await db.rows(f"SELECT id FROM room WHERE id IN {db.in_list(rooms)} ORDER BY id FOR UPDATE", *rooms)


async def take_back(room_booking_id: UUID, holds: list[dict[str, Any]]) -> None:
    """Holds the same rooms again for a booking that had ended; in the caller's transaction (promise P1).

    The caller has locked the rooms (`lock_rooms`). Raises Refused when one was taken meanwhile.
    """
    for hold in holds:
        await _hold(room_booking_id, hold)
    await db.execute("UPDATE room_booking SET state = 'confirmed' WHERE id = $1", room_booking_id)


async def _hold(room_booking_id: UUID, hold: dict[str, Any]) -> None:
    other = await db.row(
        "SELECT starts_at, ends_at FROM room_hold WHERE room_id = $1 AND starts_at < $3 AND ends_at > $2 LIMIT 1",
        hold["room_id"],
        hold["starts_at"],
        hold["ends_at"],
    )
    if other:
        raise Refused([_taken(other)])
    try:
        await db.execute(
            "INSERT INTO room_hold (id, room_booking_id, room_id, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5)",
            db.new_id(), room_booking_id, hold["room_id"], hold["starts_at"], hold["ends_at"],
        )  # fmt: skip
    except IntegrityError as error:
        if NO_OVERLAP not in db.broken_guard(error):
            raise
        raise Refused([_taken(hold)]) from error


def _taken(hold: dict[str, Any]) -> Problem:
    when = f"{clock_time(hold['starts_at'])} to {clock_time(hold['ends_at'])}"
    return Problem(TAKEN.format(when=when), rule="room taken")
