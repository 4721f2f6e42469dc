"""Which slots a clinic has, and which of them are free."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db


async def slots_of(session_id: UUID) -> list[dict[str, Any]]:
    """All slots of a date in order of time and worker, with who has them: booking_id, name, reference, is_leased."""
    return await db.rows(
        "SELECT x.id, x.worker, x.starts_at, x.ends_at, x.state, x.taken, b.id AS booking_id, b.reference, p.name"
        " FROM slot x LEFT JOIN booking b ON b.slot_id = x.id AND b.state = 'booked'"
        " LEFT JOIN person p ON p.id = b.person_id WHERE x.session_id = $1 ORDER BY x.starts_at, x.worker",
        session_id,
    )


async def free_times(run_id: UUID, *, is_public: bool = True, weeks: int = 8, limit: int = 300) -> list[dict[str, Any]]:
    """The free slots of a run's next dates in order of time: id, session_id, date, starts_at, ends_at, worker."""
    now = clock.now()
    return await db.rows(
        "SELECT x.id, x.session_id, x.starts_at, x.ends_at, x.worker, s.date FROM slot x JOIN session s ON s.id = x.session_id"
        " WHERE s.run_id = $1 AND s.state = 'planned' AND s.ends_at > $2 AND s.starts_at < $3 AND x.state = 'open'"
        f" AND x.taken = 0 AND x.starts_at > $2{' AND s.is_listed' if is_public else ''}"
        f" ORDER BY x.starts_at, x.worker LIMIT {int(limit)}",
        run_id,
        now,
        now + timedelta(weeks=weeks),
    )


async def listed_session(run_id: UUID, slot_id: UUID) -> UUID | None:
    """The listed date of the run that the slot is of, or None: a tap books nothing else."""
    return await db.value(
        "SELECT s.id FROM slot x JOIN session s ON s.id = x.session_id JOIN location l ON l.id = s.location_id"
        " WHERE x.id = $1 AND s.run_id = $2 AND s.is_listed AND NOT l.is_restricted",
        slot_id, run_id,
    )  # fmt: skip


async def same_time(slot_id: UUID) -> list[UUID]:
    """The slot and those of other workers at the same time of the same clinic, the wanted one first; any does as well."""
    found = await db.rows(
        "SELECT o.id FROM slot x JOIN slot o ON o.session_id = x.session_id AND o.starts_at = x.starts_at"
        " WHERE x.id = $1 AND (o.id = x.id OR (o.state = 'open' AND o.taken = 0))"
        " ORDER BY CASE WHEN o.id = x.id THEN 0 ELSE 1 END, o.worker",
        slot_id,
    )
    return [row["id"] for row in found]
