"""What the register of a course says of the creche, and who stands on the creche's own: one query each."""

from uuid import UUID

from booking import db

# on the register of a session of run $2: those booked on it or its run; on a creche's ($1) those with a place there
BOOKED = "(b.session_id = $1 OR (b.session_id IS NULL AND b.run_id = $2)) AND b.state = 'booked'"
IN_CRECHE = (
    "b.id IN (SELECT k.booking_id FROM creche_place k WHERE k.session_id = $1 AND k.released_at IS NULL)"
    " AND b.run_id <> $2 AND b.state = 'booked'"
)


def who_is_on(booking_mode: str) -> tuple[str, str]:
    """Conditions on the bookings and on the attendees of a register; of a creche's the children are, not their parents."""
    return (IN_CRECHE, " AND a.in_creche") if booking_mode == "linked" else (BOOKED, "")


async def marks(session_id: UUID) -> dict[UUID, str]:
    """By booking whether it has a creche place on the day of a course's session ("place") or gave it back ("free")."""
    found = await db.rows(
        "SELECT k.booking_id, k.released_at FROM session s JOIN run r ON r.id = s.run_id"
        " JOIN session c ON c.run_id = r.creche_run_id AND c.date = s.date AND c.state = 'planned'"
        " JOIN creche_place k ON k.session_id = c.id WHERE s.id = $1",
        session_id,
    )
    return {row["booking_id"]: "place" if row["released_at"] is None else "free" for row in found}
