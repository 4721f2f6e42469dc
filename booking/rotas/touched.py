"""Which duties something has happened to since an act that is to be undone, even where they stand now as the act left them: given
away and back, their people have been told of it, and taking back the act's own messages alone would leave them with the last word."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from booking import db
from booking.programmes.registers.registering import as_json

CHANGED = (
    "SELECT about_id, verb, before, after FROM audit_event WHERE about_kind = 'shift' AND at > $1"
    " AND verb IN ('assign duty', 'open duty', 'follow shift')"
)
PUBLISHED = (  # one that was undone before anybody heard of it has not happened
    "SELECT p.changes FROM publication p WHERE p.at > $1 AND p.id <> $2 AND (p.state <> 'undone' OR EXISTS (SELECT 1 FROM message m"
    " WHERE m.batch_id = p.id AND (m.state IN ('sent', 'delivered', 'merged') OR m.may_have_left)))"
)
ENTERED = (
    "SELECT DISTINCT session_id FROM message WHERE kind = 'duty_invite' AND state <> 'void' AND created_at > $1"
    " AND (batch_id IS NULL OR batch_id <> $2)"
)


async def since(act_id: UUID, at: datetime, shift_ids: Collection[UUID]) -> set[UUID]:
    """Those of these shifts that were published anew, given away or moved after the act, or that a calendar has been told of. Three
    queries."""
    ids = list(shift_ids)
    if not ids:
        return set()
    lines = await db.rows(f"{CHANGED} AND about_id IN {db.in_list(ids, 2)}", at, *ids)
    found = {row["about_id"] for row in lines if _is_known(row["verb"], as_json(row["before"]), as_json(row["after"]))}
    for row in await db.rows(PUBLISHED, at, act_id):
        found |= {UUID(each["shift"]) for each in as_json(row["changes"])}
    rows = await db.rows(f"{ENTERED} AND session_id IN {db.in_list(ids, 3)}", at, act_id, *ids)
    return (found | {row["session_id"] for row in rows}) & set(ids)


def _is_known(verb: str, before: dict[str, object], after: dict[str, object]) -> bool:
    """Whether people know of it: a change of the draft is nobody's news. Pure."""
    if verb == "follow shift":
        return before != after
    layers = after["layers"]
    return isinstance(layers, list) and "published" in layers
