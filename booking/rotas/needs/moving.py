"""What changed by itself: shifts that moved, went or came back with their session or opening hours, until a manager has seen it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas.needs.reading import SECRET_PLACE

Row = dict[str, Any]
MOST = 200
NOT_YOURS = Problem("Managers of this hub say what they have seen.", rule="managers")
UNSEEN = "s.hub_id = $1 AND s.moved_words <> '' AND s.ends_at > $2"


async def count(hub_id: UUID) -> int:
    """How many of this hub's shifts to come have changed and were not seen."""
    return await db.value(f"SELECT COUNT(*) AS n FROM shift s WHERE {UNSEEN}", hub_id, clock.now())


async def unseen(hub_id: UUID) -> list[Row]:
    """These shifts in the order of time, with the names of who is in the draft and published. One query."""
    return await db.rows(
        f"SELECT s.id, s.date, s.start_time, s.end_time, s.kind, s.state, s.title, s.moved_words, s.moved_at,"
        f" ({SECRET_PLACE} OR COALESCE(r.is_restricted, FALSE)) AS is_secret,"
        " l.name AS place_name, f.known_as AS name, g.known_as AS published_name FROM shift s JOIN location l ON l.id = s.location_id"
        " LEFT JOIN session e ON e.id = s.session_id LEFT JOIN run r ON r.id = e.run_id"
        " LEFT JOIN assignment a ON a.shift_id = s.id AND a.layer = 'draft' LEFT JOIN staff_profile f ON f.id = a.staff_id"
        " LEFT JOIN assignment p ON p.shift_id = s.id AND p.layer = 'published' LEFT JOIN staff_profile g ON g.id = p.staff_id"
        f" WHERE {UNSEEN} ORDER BY s.starts_at, s.id LIMIT {MOST}",
        hub_id,
        clock.now(),
    )


async def mark_seen(hub_id: UUID, until: datetime, *, by: Who) -> int:
    """Whatever of this hub changed until then has been seen; what changed since stays. Returns how many. Raises Refused."""
    if not by.manages(hub_id):
        raise Refused([NOT_YOURS])

    async def body() -> int:
        lock = "SELECT s.id FROM shift s WHERE s.hub_id = $1 AND s.moved_words <> '' AND s.moved_at <= $2"
        done = await db.rows(
            f"UPDATE shift SET moved_words = '' WHERE id IN ({lock}{db.lock_in_order()}) RETURNING id", hub_id, until
        )
        if done:
            await audit.record(
                "see moved shifts", about_kind="hub", about_id=hub_id, by=by, hub_id=hub_id, after={"shifts": len(done)}
            )
        return len(done)

    return await db.run_tx(body)
