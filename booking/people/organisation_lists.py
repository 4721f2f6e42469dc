"""Partners as staff look for them: the list, one of them with its bookers, and what was done to it."""

from datetime import date
from typing import Any
from uuid import UUID

from booking import db
from booking.people.agreements import next_end, state_of

Row = dict[str, Any]
HISTORY = 12


async def find(words: str, *, with_ended: bool, today: date) -> list[Row]:
    """Partners whose name, cost code or booker has all these words, each with `state` and `next_end`. One query."""
    conditions, parameters = ["1 = 1" if with_ended else "g.ended_at IS NULL"], []
    for word in words.lower().split()[:5]:
        parameters.append(f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%")
        like = f"LIKE ${len(parameters)} ESCAPE '!'"
        conditions.append(
            f"(lower(g.name) {like} OR lower(g.cost_code) {like} OR EXISTS (SELECT 1 FROM role r JOIN person p ON p.id = r.person_id"
            f" WHERE r.organisation_id = g.id AND (lower(p.name) {like} OR p.email {like})))"
        )
    found = await db.rows(
        f"SELECT g.* FROM organisation g WHERE {' AND '.join(conditions)} ORDER BY lower(g.name), g.id", *parameters
    )
    return [row | {"state": state_of(row, today), "next_end": next_end(row)} for row in found]


async def one(organisation_id: UUID) -> Row | None:
    """The partner's row, or None."""
    return await db.row("SELECT * FROM organisation WHERE id = $1", organisation_id)


async def bookers(organisation_id: UUID) -> list[Row]:
    """Who books for it, by name: id, name, email, and is_staff for who works here too."""
    return await db.rows(
        "SELECT p.id, p.name, p.email, EXISTS (SELECT 1 FROM role s WHERE s.person_id = p.id AND s.kind <> 'partner') AS is_staff"
        " FROM role r JOIN person p ON p.id = r.person_id WHERE r.organisation_id = $1 AND r.kind = 'partner'"
        " ORDER BY p.name, p.id",
        organisation_id,
    )


async def history(organisation_id: UUID) -> list[Row]:
    """What was done to the partner's record, the latest first."""
    return await db.rows(
        "SELECT at AS happened_at, verb, by_name, why, before, after FROM audit_event"
        f" WHERE about_kind = 'organisation' AND about_id = $1 ORDER BY at DESC, id DESC LIMIT {HISTORY}",
        organisation_id,
    )
