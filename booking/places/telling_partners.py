"""What partners' bookers are told of their room bookings: one message for a booking, or for all dates of a series."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

Kind = Literal[
    "room_requested",
    "room_confirmed",
    "room_declined",
    "room_changed",
    "room_cancelled",
    "room_displaced",
    "room_swap",
    "room_reminder",
    "room_date_free",
]


async def tell(
    kind: Kind,
    *,
    bookings: Sequence[UUID],
    why: str = "",
    batch_id: UUID | None = None,
    due_at: datetime | None = None,
    swap_id: UUID | None = None,
) -> None:
    """Queues one message to whoever booked these (one booking, or dates of one series), in the caller's transaction."""
