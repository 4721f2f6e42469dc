"""Groups whose first visit is booked, so that somebody welcomes the family; after that they simply come."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from booking import clock, db


@dataclass(frozen=True, slots=True)
class Been:
    """What a family has to do with such a group already: it has been there, or its first visit is booked for a date."""

    date: date
    is_to_come: bool


async def of(who: Any, run_id: UUID) -> Been | None:
    """What the family of who asks (None: a browser that nobody knows) has to do with the group, or None.

    A first visit counts when it is over and they were not marked absent.
    """
    if who is None or who.family_id is None:
        return None
    found = await db.row(
        "SELECT s.date, s.ends_at FROM booking b JOIN session s ON s.id = b.session_id WHERE b.run_id = $1"
        " AND b.family_id = $2 AND b.state = 'booked' AND s.state = 'planned' AND NOT EXISTS (SELECT 1 FROM attendance t"
        " JOIN attendee a ON a.id = t.attendee_id WHERE a.booking_id = b.id AND t.state = 'absent')"
        " ORDER BY s.starts_at LIMIT 1",
        run_id,
        who.family_id,
    )
    return Been(found["date"], found["ends_at"] > clock.now()) if found else None


async def first_ones(session: dict[str, Any], booking_ids: list[UUID]) -> set[UUID]:
    """Of these bookings on a date those of families that have not been to the group before; for the register."""
    if not session["is_first_visit_booked"] or not booking_ids:
        return set()
    found = await db.rows(
        f"SELECT b.id FROM booking b WHERE b.id IN {db.in_list(booking_ids, 2)} AND NOT EXISTS (SELECT 1 FROM booking o"
        " JOIN session e ON e.id = o.session_id WHERE o.run_id = b.run_id AND o.family_id = b.family_id AND o.id <> b.id"
        " AND o.state = 'booked' AND e.state = 'planned' AND e.starts_at < $1 AND NOT EXISTS (SELECT 1 FROM attendance t"
        " JOIN attendee a ON a.id = t.attendee_id WHERE a.booking_id = o.id AND t.state = 'absent'))",
        session["starts_at"],
        *booking_ids,
    )
    return {row["id"] for row in found}
