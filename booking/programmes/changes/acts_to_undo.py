"""What was done to the dates of a run a moment ago and can still be undone, for the pages of its dates and of the run."""

from typing import Any
from uuid import UUID

from booking import clock, db
from booking.programmes.changes import (
    adding_dates,
    cancelling_dates,
    changing_dates,
    undoing_adding,
    undoing_cancelling,
    undoing_change,
    undoing_dates,
)
from booking.programmes.registers.registering import as_json

UNDO = {
    **dict.fromkeys(changing_dates.VERBS, undoing_change.undo),
    adding_dates.VERB: undoing_adding.undo,
    cancelling_dates.VERB: undoing_dates.undo,
}
WORDS = {
    "change dates": "Changed",
    "move session": "Moved",
    "switch online": "Switched to online",
    "switch in person": "Switched to in person",
    "add date": "Added",
    "cancel dates": "Cancelled",
}


async def of_run(run_id: UUID) -> list[dict[str, Any]]:
    """The acts that can be undone, the latest first: id, verb, words, session_id (where it was done), sessions (ids), dates,
    by_name, undo_until_at, families (to whom messages wait). One query."""
    verbs = list(UNDO)
    found = await db.rows(
        "SELECT e.id, e.verb, e.about_id AS session_id, e.by_name, e.undo_until AS undo_until_at, e.after, s.date,"
        " (SELECT COUNT(DISTINCT m.about_id) FROM message m WHERE m.batch_id = e.id AND m.state = 'queued') AS families"
        " FROM audit_event e JOIN session s ON s.id = e.about_id WHERE s.run_id = $1 AND e.undone_at IS NULL"
        f" AND e.undo_until > $2 AND e.verb IN {db.in_list(verbs, 3)} ORDER BY e.at DESC, e.id DESC",
        run_id,
        clock.now(),
        *verbs,
    )
    return [_act(row) for row in found]


def _act(row: dict[str, Any]) -> dict[str, Any]:
    sessions = as_json(row["after"]).get("sessions", [])
    return row | {"sessions": sessions, "dates": max(len(sessions), 1), "words": WORDS[row["verb"]]}


async def undo(*, session_id: UUID, event_id: UUID, by: Any) -> str:
    """Undoes whichever of them the event is; returns its verb. Raises Refused as that does, and for any other event."""
    verb = await db.value("SELECT verb FROM audit_event WHERE id = $1 AND about_id = $2", event_id, session_id)
    await UNDO.get(verb, undoing_change.undo)(session_id=session_id, event_id=event_id, by=by)
    return verb


async def send_now(*, session_id: UUID, event_id: UUID, by: Any) -> int:
    """The messages of whichever of them the event is leave at once. Raises Refused for any other event."""
    verb = await db.value("SELECT verb FROM audit_event WHERE id = $1 AND about_id = $2", event_id, session_id)
    known = verb if verb in UNDO else changing_dates.VERB
    return await undoing_cancelling.send_now(session_id=session_id, event_id=event_id, by=by, verb=known)
