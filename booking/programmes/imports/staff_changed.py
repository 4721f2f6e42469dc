"""What staff changed of imported runs, which an import leaves alone: runs that were changed as a whole, dates that meet online, and
dates that were added."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from booking import db
from booking.changes import in_parts
from booking.programmes.changes.changing_dates import VERBS
from booking.programmes.changes.run_follows import FIELDS

Row = dict[str, Any]
OF_RUN = tuple(name for name in FIELDS if name not in ("first_date", "last_date"))


async def runs_changed(run_ids: Sequence[UUID]) -> set[UUID]:
    """Of these runs those that follow a change of later or of all their dates."""
    found: set[UUID] = set()
    for some in in_parts(sorted(run_ids)):
        sql = (
            "SELECT DISTINCT s.run_id FROM audit_event e JOIN session s ON s.id = e.about_id WHERE e.undone_at IS NULL"
            f" AND e.verb IN {db.in_list(VERBS)} AND s.run_id IN {db.in_list(some, len(VERBS) + 1)}"
            ' AND (CAST(e.after AS TEXT) LIKE \'%"scope": "all"%\' OR CAST(e.after AS TEXT) LIKE \'%"scope": "later"%\')'
        )
        found |= {row["run_id"] for row in await db.rows(sql, *VERBS, *some)}
    return found


def as_staff_left_it(run: Row, before: Mapping[str, Any] | None, changed: set[UUID]) -> Row:
    """The run of the file, with what staff changed of it as it is now."""
    if before is None or before["id"] not in changed:
        return run
    return run | {name: before[name] for name in OF_RUN if name in run}


def was_added(session: Mapping[str, Any]) -> bool:
    """Whether the date was added by hand, so that no rule knows of it."""
    return "added" in (session.get("edited") or "").split()


def is_online(session: Mapping[str, Any] | None) -> bool:
    """Whether staff switched the date to online: its room is free for others."""
    return bool(session and session.get("delivery") == "online")
