"""Requests that were held for long enough: they stay requests, and their rooms are free for others, or closed again."""

from uuid import UUID

from booking import clock, db
from booking.places import holding
from booking.places.closing import cover_again

AT_ONCE = 100


async def let_lapsed_go() -> int:
    """A job: frees the rooms of requests whose time is up, each in a transaction of its own; returns how many.

    Whoever wants such a room before the job has run gets it all the same (`holding.take`).
    """
    lapsed = await db.rows(
        "SELECT b.id FROM room_booking b WHERE b.state = 'requested' AND b.hold_until_at <= $1"
        f" AND EXISTS (SELECT 1 FROM room_hold h WHERE h.room_booking_id = b.id) ORDER BY b.hold_until_at LIMIT {AT_ONCE}",
        clock.now(),
    )
    return sum([await _let_go(row["id"]) for row in lapsed])


async def _let_go(room_booking_id: UUID) -> bool:
    async def body() -> bool:
        await holding.lock_rooms(leaf for hold in await holding.holds_of([room_booking_id]) for leaf in hold.leaves)
        still = await db.row(
            "SELECT id FROM room_booking WHERE id = $1 AND state = 'requested' AND hold_until_at <= $2",
            room_booking_id,
            clock.now(),
        )
        if still:
            await cover_again([room_booking_id])
        return still is not None

    return await db.run_tx(body)
