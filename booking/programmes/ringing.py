"""Families who have to be rung about a cancelled date, because no message reaches them; and that somebody did."""

from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.contacts import phone_words
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.staff_lists import Line, lines, within

VERB = "rang family"
NOT_HERE = Problem("This family is not on the list of those to ring.", rule="not to ring")

# the cancellation e of session s that stands, and who it hit: bookings of the date or of the whole run, those who waited
CANCELLED = "audit_event e ON e.about_id = s.id AND e.verb = 'cancel session' AND e.undone_at IS NULL"
HIT = {
    "booking": "booking b ON (b.session_id = s.id AND b.state = 'cancelled') OR (b.session_id IS NULL AND"
    " b.run_id = s.run_id AND b.state = 'booked' AND NOT EXISTS (SELECT 1 FROM missed_date x"
    " WHERE x.booking_id = b.id AND x.session_id = s.id))",
    "waiting": "waiting_entry b ON b.session_id = s.id AND b.state = 'cancelled'",
}
NOT_WRITTEN_TO = "NOT EXISTS (SELECT 1 FROM message m WHERE m.batch_id = e.id AND m.about_id = b.id)"
RUNG = f"EXISTS (SELECT 1 FROM audit_event g WHERE g.about_id = b.id AND g.verb = '{VERB}' AND g.at >= e.at)"


async def to_ring(session_id: UUID) -> list[dict[str, Any]]:
    """Of a cancelled session: id of the booking or waiting entry, kind, name, phone, phone_words, is_rung."""
    parts = [
        f"SELECT b.id, '{kind}' AS kind, p.name, p.phone, {RUNG} AS is_rung FROM session s JOIN {CANCELLED}"
        f" JOIN {hit} JOIN person p ON p.id = b.person_id WHERE s.id = $1 AND s.state = 'cancelled' AND {NOT_WRITTEN_TO}"
        for kind, hit in HIT.items()
    ]
    found = await db.rows(" UNION ALL ".join(parts) + " ORDER BY name", session_id)
    return [row | {"phone_words": phone_words(row["phone"]) if row["phone"] else ""} for row in found]


async def dates_to_ring_about(who: Who, *, hub_id: UUID | None = None, limit: int = 8) -> list[Line]:
    """Cancelled sessions that are not over, about which somebody still has to be rung."""
    condition, parameters = within(who, 2, hub_id=hub_id)
    missing = " OR ".join(
        f"EXISTS (SELECT 1 FROM {hit.replace(' ON ', ' WHERE (', 1)}) AND {NOT_WRITTEN_TO} AND NOT {RUNG})"
        for hit in HIT.values()
    )
    return await lines(
        who,
        f"s.state = 'cancelled' AND s.ends_at > $1 AND {condition} AND EXISTS (SELECT 1 FROM"
        f" {CANCELLED.replace(' ON ', ' WHERE ', 1)} AND ({missing})) ORDER BY s.starts_at LIMIT {int(limit)}",
        clock.now(),
        *parameters,
    )


async def rang(*, session_id: UUID, about_id: UUID, by: Any) -> None:
    """Somebody has rung the family. Twice is once; raises Refused for who is not on the list."""

    async def body() -> None:
        family = next((each for each in await to_ring(session_id) if each["id"] == about_id), None)
        if family is None:
            raise Refused([NOT_HERE])
        if not family["is_rung"]:
            hub_id = await db.value("SELECT hub_id FROM session WHERE id = $1", session_id)
            await audit.record(VERB, about_kind=family["kind"], about_id=about_id, by=by, hub_id=hub_id)

    await db.run_tx(body)
