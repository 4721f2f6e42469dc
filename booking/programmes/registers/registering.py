"""Keeping the register: who came, who did not, who walked in, and how many. Every tap is saved by itself.

Who marked what and when stands in the attendance row; a change of what had been marked, and everything that touches
more than one person, is in the audit trail too (promise P10). The pages have checked that the session is one of the
asker's hubs.
"""

import json
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.problems import Problem, Refused

STATUSES = ("attended", "absent", "apologies")
MOST = 999

CANCELLED = Problem("This session is cancelled, so it has no register.", rule="cancelled")
NOT_EXPECTED = Problem("This person is no longer booked here. Load the page again.", rule="not booked")
UNDONE = Problem("That has been undone already.", rule="undone")
NOBODY = Problem("Say how many came, at least one.", "adults", rule="nobody")

EXPECTED = (
    "FROM attendee a JOIN booking b ON b.id = a.booking_id JOIN session s ON s.id = $1"
    " AND (b.session_id = s.id OR (b.session_id IS NULL AND b.run_id = s.run_id) OR (a.in_creche AND b.id IN"
    " (SELECT k.booking_id FROM creche_place k WHERE k.session_id = s.id AND k.released_at IS NULL)))"
    " WHERE b.state = 'booked'"
)
NOT_MARKED = (
    " AND NOT EXISTS (SELECT 1 FROM attendance m WHERE m.attendee_id = a.id AND m.session_id = $1)"
    " AND NOT EXISTS (SELECT 1 FROM missed_date x WHERE x.booking_id = b.id AND x.session_id = $1)"
)


async def mark(*, session_id: UUID, attendee_id: UUID, status: str, by: Any) -> None:
    """Sets attended, absent or apologies, or with "" takes it back. The last one to be marked finishes the register.

    Raises Refused when the session is cancelled or the person is not booked on it.
    """
    if status and status not in STATUSES:
        raise Refused([NOT_EXPECTED])

    async def body() -> None:
        hub_id = await _planned(session_id)
        if not await db.row(f"SELECT a.id {EXPECTED} AND a.id = $2", session_id, attendee_id):
            raise Refused([NOT_EXPECTED])
        before = await db.value(
            "SELECT state FROM attendance WHERE session_id = $1 AND attendee_id = $2", session_id, attendee_id
        )
        if before == (status or None):
            return
        await (_write(session_id, attendee_id, status, by) if status else _forget(session_id, attendee_id))
        await _finish_if_all_are_marked(session_id)
        if before:
            await audit.record(
                "correct register", about_kind="session", about_id=session_id, by=by, hub_id=hub_id,
                before={"attendee": str(attendee_id), "status": before}, after={"status": status},
            )  # fmt: skip

    await db.run_tx(body)


async def _planned(session_id: UUID) -> UUID:
    """Locks the session against a cancellation and returns its hub."""
    lock = " FOR UPDATE" if db.is_postgres() else ""
    found = await db.row(f"SELECT state, hub_id FROM session WHERE id = $1{lock}", session_id)
    if found is None or found["state"] != "planned":
        raise Refused([CANCELLED])
    return found["hub_id"]


async def _write(session_id: UUID, attendee_id: UUID, status: str, by: Any) -> None:
    changed = await db.row(
        "UPDATE attendance SET state = $3, by_id = $4, at = $5 WHERE session_id = $1 AND attendee_id = $2 RETURNING id",
        session_id, attendee_id, status, by.id, clock.now(),
    )  # fmt: skip
    if not changed:
        await db.execute(
            "INSERT INTO attendance (id, session_id, attendee_id, state, walk_in_name, adults, children, by_id, at)"
            " VALUES ($1, $2, $3, $4, '', 0, 0, $5, $6)",
            db.new_id(), session_id, attendee_id, status, by.id, clock.now(),
        )  # fmt: skip


async def _forget(session_id: UUID, attendee_id: UUID) -> None:
    await db.execute("DELETE FROM attendance WHERE session_id = $1 AND attendee_id = $2", session_id, attendee_id)


async def _finish_if_all_are_marked(session_id: UUID) -> None:
    left = await db.value(f"SELECT COUNT(*) {EXPECTED}{NOT_MARKED}", session_id)
    await db.execute(
        "UPDATE session SET register_done_at = $2 WHERE id = $1", session_id, None if left else clock.now()
    )


async def everyone_attended(*, session_id: UUID, by: Any) -> UUID:
    """Marks all who are not marked and did not send apologies; returns the event by which it can be undone."""

    async def body() -> UUID:
        hub_id = await _planned(session_id)
        people = await db.rows(f"SELECT a.id {EXPECTED}{NOT_MARKED} ORDER BY a.id", session_id)
        for person in people:
            await _write(session_id, person["id"], "attended", by)
        await _finish_if_all_are_marked(session_id)
        return await audit.record(
            "everyone attended", about_kind="session", about_id=session_id, by=by, hub_id=hub_id,
            after={"attendees": [str(person["id"]) for person in people]},
        )  # fmt: skip

    return await db.run_tx(body)


async def undo_everyone_attended(*, session_id: UUID, event_id: UUID, by: Any) -> int:
    """Takes back the marks that `everyone_attended` made and nobody has changed since; returns how many."""

    async def body() -> int:
        event = await db.row(
            "UPDATE audit_event SET undone_at = $3 WHERE id = $1 AND about_id = $2 AND verb = 'everyone attended'"
            " AND undone_at IS NULL RETURNING after, hub_id",
            event_id, session_id, clock.now(),
        )  # fmt: skip
        if event is None:
            raise Refused([UNDONE])
        attendees = [UUID(each) for each in as_json(event["after"])["attendees"]]
        gone = await db.rows(
            "DELETE FROM attendance WHERE session_id = $1 AND state = 'attended'"
            f" AND attendee_id IN {db.in_list(attendees, 2)} RETURNING id",
            session_id,
            *attendees,
        )
        await _finish_if_all_are_marked(session_id)
        await audit.record(
            "undo everyone attended", about_kind="session", about_id=session_id, by=by, hub_id=event["hub_id"],
            after={"marks taken back": len(gone)},
        )  # fmt: skip
        return len(gone)

    return await db.run_tx(body)


def as_json(stored: Any) -> Any:
    """A JSON column as plain SQL gives it: text on SQLite, text or a value on PostgreSQL."""
    return json.loads(stored) if isinstance(stored, str) else stored


async def count(*, session_id: UUID, adults: int = 0, children: int = 0, by: Any = None) -> tuple[int, int]:
    """One tap of the tally, +1 or -1, in one statement, so that two people at two doors count together.

    Returns adults and children counted. Raises Refused when the session is cancelled.
    """

    async def body() -> tuple[int, int]:
        counted = await db.row(
            f"UPDATE session SET adults_counted = {_between('adults_counted + $2')},"
            f" children_counted = {_between('children_counted + $3')}"
            " WHERE id = $1 AND state = 'planned' RETURNING adults_counted, children_counted, hub_id",
            session_id,
            adults,
            children,
        )
        if counted is None:
            raise Refused([CANCELLED])
        now = {"adults": counted["adults_counted"], "children": counted["children_counted"]}
        await audit.record(
            "count people", about_kind="session", about_id=session_id, by=by, hub_id=counted["hub_id"], after=now
        )
        return now["adults"], now["children"]

    return await db.run_tx(body)


def _between(number: str) -> str:
    return f"CASE WHEN {number} < 0 THEN 0 WHEN {number} > {MOST} THEN {MOST} ELSE {number} END"


async def walk_in(*, session_id: UUID, name: str, adults: int, children: int, by: Any) -> UUID:
    """Adds people who came without a booking; the name may be empty. Raises Refused: nobody, or cancelled."""
    if not 0 < adults + children <= 20 or min(adults, children) < 0:
        raise Refused([NOBODY])

    async def body() -> UUID:
        await _planned(session_id)
        new = db.new_id()
        await db.execute(
            "INSERT INTO attendance (id, session_id, state, walk_in_name, adults, children, by_id, at)"
            " VALUES ($1, $2, 'attended', $3, $4, $5, $6, $7)",
            new, session_id, name[:120], adults, children, by.id, clock.now(),
        )  # fmt: skip
        return new

    return await db.run_tx(body)


async def remove_walk_in(*, session_id: UUID, walk_in_id: UUID, by: Any) -> None:
    """Takes a walk-in out again; twice is once."""

    async def body() -> None:
        hub_id = await _planned(session_id)
        gone = await db.row(
            "DELETE FROM attendance WHERE id = $1 AND session_id = $2 AND attendee_id IS NULL"
            " RETURNING adults, children",
            walk_in_id,
            session_id,
        )
        if gone:
            await audit.record(
                "remove walk-in", about_kind="session", about_id=session_id, by=by, hub_id=hub_id, before=gone
            )

    await db.run_tx(body)


async def finish(*, session_id: UUID, by: Any) -> None:
    """The register is done, whatever is left unmarked: nobody else came. It leaves the list of open ones."""
    await _set_done(session_id, by, "finish register", clock.now())


async def reopen(*, session_id: UUID, by: Any) -> None:
    await _set_done(session_id, by, "reopen register", None)


async def _set_done(session_id: UUID, by: Any, verb: str, at: Any) -> None:
    async def body() -> None:
        hub_id = await _planned(session_id)
        await db.execute("UPDATE session SET register_done_at = $2 WHERE id = $1", session_id, at)
        await audit.record(verb, about_kind="session", about_id=session_id, by=by, hub_id=hub_id)

    await db.run_tx(body)
