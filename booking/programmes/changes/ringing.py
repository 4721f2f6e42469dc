"""Families who have to be rung about a date that is cancelled or changed, for the page of that date; and that somebody did.

What is to be rung stands in the outbox (`messages.calls`), as on Today. Here it is found by the dates that it is about.
"""

from typing import Any
from uuid import UUID

from booking import db
from booking.messages import calls
from booking.programmes.changes.telling_changed import NO_MESSAGE, RING
from booking.programmes.registers.registering import as_json

CANCELLATION = ("cancellation",)
CHANGES = ("changed", "dates_changed", "date_added", "goes_on")
# acts on several dates that name this one: such an act writes one message for all of them
SEVERAL = (
    "SELECT e.id FROM session s JOIN session o ON o.run_id = s.run_id JOIN audit_event e ON e.about_id = o.id"
    " AND e.verb = 'cancel dates' AND e.undone_at IS NULL"
    " AND CAST(e.after AS TEXT) LIKE '%' || CAST(s.id AS TEXT) || '%' WHERE s.id = $1 AND s.state = 'cancelled'"
)
TO_BE_RUNG = (
    "SELECT e.about_id, e.why, e.before FROM session s JOIN booking b ON b.run_id = s.run_id AND b.state = 'booked'"
    f" JOIN audit_event e ON e.about_id = b.id AND e.verb = '{RING}' AND e.undone_at IS NULL"
    " AND CAST(e.after AS TEXT) LIKE '%' || CAST(s.id AS TEXT) || '%' WHERE s.id = $1 ORDER BY e.at"
)


async def to_ring_about_changes(session_id: UUID) -> list[dict[str, Any]]:
    """Of a date that changed: id of the booking, kind, name, phone, phone_words, why, is_rung; each family once, by name."""
    why = {
        (row["about_id"], UUID(as_json(row["before"])["event"])): row["why"]
        for row in await db.rows(TO_BE_RUNG, session_id)
    }
    found = await calls.of_session(session_id, CHANGES, sorted({event for _, event in why}))
    own = [row for row in found if row["session_id"] == session_id or (row["id"], row["batch_id"]) in why]
    latest = {row["id"]: row for row in reversed(own)}
    shown = [row | {"why": why.get((row["id"], row["batch_id"]), NO_MESSAGE)} for row in latest.values()]
    return sorted(shown, key=lambda row: row["name"])


async def to_ring(session_id: UUID) -> list[dict[str, Any]]:
    """Of a cancelled session: id of the booking or waiting entry, kind, name, phone, phone_words, is_rung; by name."""
    several = [row["id"] for row in await db.rows(SEVERAL, session_id)]
    missed = await db.rows("SELECT booking_id FROM missed_date WHERE session_id = $1", session_id)
    missing = {row["booking_id"] for row in missed}
    return [row for row in await calls.of_session(session_id, CANCELLATION, several) if row["id"] not in missing]


async def rang(*, session_id: UUID, about_id: UUID, by: Any) -> None:
    """Somebody has rung the family. Twice is once; raises Refused for who is not on the list."""
    listed = [*await to_ring(session_id), *await to_ring_about_changes(session_id)]
    own = next((each for each in listed if each["id"] == about_id), None)
    await calls.settle(own["call_id"] if own else session_id, by, "spoke")
