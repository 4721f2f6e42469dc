"""Which sessions stand behind the room bookings of a diary, a door or a feed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from booking import db
from booking.programmes import disclosure

COLUMNS = f"{disclosure.FACTS}, s.room_booking_id, s.hub_id, s.is_listed, s.state, s.run_id, r.booking_mode"


async def sessions_in(room_booking_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """By room booking the facts that disclosure.shown() wants, with hub_id, is_listed, state, run_id and booking_mode. A draft
    (state draft) is for staff alone: it is never listed. One query, none for none."""
    if not room_booking_ids:
        return {}
    found = await db.rows(
        f"SELECT {COLUMNS} FROM session s {disclosure.JOINS} WHERE s.state IN ('planned', 'draft')"
        f" AND s.room_booking_id IN {db.in_list(room_booking_ids)}",
        *room_booking_ids,
    )
    return {row["room_booking_id"]: row for row in found}
