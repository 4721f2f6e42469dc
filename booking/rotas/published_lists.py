"""What was published: the list, one of them, and whether each person has heard."""

from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.programmes.registers.registering import as_json
from booking.rotas.telling import PUBLISHED

Row = dict[str, Any]
PAGE = 30
FOUND = (
    "SELECT p.id, p.hub_id, p.first_date, p.last_date, p.changes, p.state, p.reason, p.at AS published_at, p.due_at, p.undone_at,"
    " n.name AS by_name, COALESCE(NULLIF(h.hub_name, ''), h.name) AS hub_name, COALESCE(e.undo_until, p.due_at) AS undo_until_at,"
    " (EXISTS (SELECT 1 FROM location y WHERE y.hub_id = p.hub_id AND (y.is_restricted OR y.kind = 'restricted')) OR EXISTS"
    " (SELECT 1 FROM run z WHERE z.hub_id = p.hub_id AND z.is_restricted)) AS has_secrets FROM publication p JOIN location h ON h.id = p.hub_id"
    " LEFT JOIN person n ON n.id = p.by_id LEFT JOIN audit_event e ON e.id = p.id"
    " WHERE NOT (h.is_restricted AND {own})"
)
"""A restricted hub's are for its own staff alone (promise P5)."""


def _mine(who: Who, first: int) -> tuple[str, list[Any]]:
    hubs = sorted(who.role_hubs)
    own = f"p.hub_id NOT IN {db.in_list(hubs, first)}" if hubs else "TRUE"
    within = "" if who.is_admin else f" AND p.hub_id IN {db.in_list(hubs, first)}" if hubs else " AND FALSE"
    return FOUND.format(own=own) + within, hubs


async def find(who: Who, page: int = 1) -> tuple[list[Row], bool]:
    """A page of them, the last first, and whether there are more. One query."""
    sql, parameters = _mine(who, 1)
    rows = await db.rows(f"{sql} ORDER BY p.id DESC LIMIT {PAGE + 1} OFFSET {(page - 1) * PAGE}", *parameters)
    return [_read(row, who) for row in rows[:PAGE]], len(rows) > PAGE


async def find_one(who: Who, publication_id: UUID) -> Row | None:
    """One of the hubs of who asks, or None."""
    sql, parameters = _mine(who, 2)
    row = await db.row(f"{sql} AND p.id = $1", publication_id, *parameters)
    return _read(row, who) if row else None


def _read(row: Row, who: Who) -> Row:
    """Why a rota was published although rules were broken may name what is restricted there."""
    may_read = who.works_at(row["hub_id"]) or not row["has_secrets"]
    return row | {"changes": as_json(row["changes"]), "reason": row["reason"] if may_read else ""}


async def people(publication: Row) -> list[Row]:
    """Everybody whose duties it changed, by name: new and gone (how many), and of their message the channel, state and why it
    failed; no channel where none was written. Two queries."""
    counts: dict[UUID, dict[str, int]] = {}
    for each in publication["changes"]:
        for name, kind in (("after", "new"), ("before", "gone")):
            if each[name]:
                own = counts.setdefault(UUID(each[name]), {"new": 0, "gone": 0})
                own[kind] += 1
    if not counts:
        return []
    ids = sorted(counts)
    names = await db.rows(
        f"SELECT id, known_as FROM staff_profile WHERE id IN {db.in_list(ids)} ORDER BY known_as", *ids
    )
    messages = await _messages(publication["id"])
    nothing = {
        "channel": "",
        "channels": [],
        "state": "",
        "error_code": "",
        "sent_at": None,
        "due_at": None,
        "next_try_at": None,
    }
    return [row | counts[row["id"]] | (messages.get(row["id"]) or nothing) for row in names]


async def _messages(publication_id: UUID) -> dict[UUID, Row]:
    """staff -> their message, the one that got furthest; `channels` are all by which it goes."""
    rows = await db.rows(
        "SELECT about_id, channel, state, error_code, sent_at, due_at, next_try_at FROM message WHERE batch_id = $1 AND kind = $2"
        " ORDER BY CASE WHEN state IN ('sent', 'delivered') THEN 1 ELSE 0 END, created_at",
        publication_id,
        PUBLISHED,
    )
    found: dict[UUID, Row] = {}
    for row in rows:
        before = found.get(row["about_id"], {"channels": []})
        found[row["about_id"]] = row | {"channels": list(dict.fromkeys([*before["channels"], row["channel"]]))}
    return found


async def settle() -> int:
    """What can no longer be undone is told; returns how many."""
    rows = await db.rows(
        "UPDATE publication SET state = 'told' WHERE state = 'waits' AND due_at <= $1 RETURNING id", clock.now()
    )
    return len(rows)
