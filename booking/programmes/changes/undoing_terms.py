"""Undoing a change of a calendar with all that followed it, for ten minutes and while its messages wait; and sending them now."""

from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.signing_in import Who
from booking.places import holding
from booking.problems import Refused
from booking.programmes.changes import calendar_changes, follow_drafts, undoing_adding, undoing_cancelling
from booking.programmes.changes.following_terms import VERB
from booking.programmes.changes.undoing_cancelling import TOO_LATE, take_event
from booking.programmes.closures import closing_sessions
from booking.programmes.creche import creche_of_dates
from booking.programmes.registers.registering import as_json

Row = dict[str, Any]


async def undo(*, event_id: UUID, by: Who) -> None:
    """As if it had not been: the calendar, as one more version, and every run that followed. Nobody hears of it.

    Raises Refused when it was undone already, messages have left, somebody changed the calendar since, or a room was taken.
    """

    async def body() -> None:
        about_id = await _about(event_id)
        event = await take_event(about_id, event_id, VERB)
        before = as_json(event["before"])
        await calendar_changes.take_back(before["calendar"], by=by)
        await _lock(before["steps"])
        for step in reversed(before["steps"]):
            await _undo_step(step, by)
        await audit.record(
            "undo runs follow calendar", about_kind="term_calendar", about_id=about_id, by=by,
            before={"runs": as_json(event["after"])["runs"]},
        )  # fmt: skip

    await db.run_tx(body)


async def _about(event_id: UUID) -> UUID:
    found = await db.value("SELECT about_id FROM audit_event WHERE id = $1 AND verb = $2", event_id, VERB)
    if found is None:
        raise Refused([TOO_LATE])
    return found


async def _lock(steps: list[dict[str, str]]) -> None:
    """Every room that was given back or taken, in the order of their ids, before anything else."""
    sessions = [UUID(step["session"]) for step in steps if "session" in step]
    runs = [UUID(step["run"]) for step in steps if "run" in step]
    events = [UUID(step["event"]) for step in steps if step["kind"] == "cancel"]
    booked = await db.rows(
        f"SELECT room_booking_id AS id FROM session WHERE room_booking_id IS NOT NULL AND (id IN {db.in_list(sessions)}"
        f" OR run_id IN {db.in_list(runs, 1 + len(sessions))})",
        *sessions,
        *runs,
    )
    rooms = {leaf for each in await holding.holds_of([row["id"] for row in booked]) for leaf in each.leaves}
    for row in await db.rows(f"SELECT before FROM audit_event WHERE id IN {db.in_list(events)}", *events):
        was = as_json(row["before"])
        rooms |= {UUID(hold["room"]) for hold in was["holds"]} | set(creche_of_dates.rooms_of(was.get("creche", [])))
    await holding.lock_rooms(rooms)
    await closing_sessions.lock(sessions)


async def _undo_step(step: dict[str, str], by: Who) -> None:
    if step["kind"] == "draft":
        await follow_drafts.undo(step, by=by)
        return
    session_id, event_id = UUID(step["session"]), UUID(step["event"])
    if step["kind"] == "add":
        await undoing_adding.undo(session_id=session_id, event_id=event_id, by=by)
    else:
        await undoing_cancelling.undo(session_id=session_id, event_id=event_id, by=by)


async def send_now(*, event_id: UUID, by: Who) -> int:
    """The messages leave at once, and it can no longer be undone; returns how many were waiting."""

    async def body() -> int:
        now = clock.now()
        event = await db.row(
            "UPDATE audit_event SET undo_until = $2 WHERE id = $1 AND verb = $3 AND undone_at IS NULL AND undo_until > $2"
            " RETURNING about_id, before",
            event_id, now, VERB,
        )  # fmt: skip
        if event is None:
            raise Refused([TOO_LATE])
        events = [UUID(step["event"]) for step in as_json(event["before"])["steps"] if "event" in step]
        if events:
            await db.execute(
                f"UPDATE audit_event SET undo_until = $1 WHERE id IN {db.in_list(events, 2)}", now, *events
            )
        released = await outbox.release_batches(events)
        await audit.record(
            "send now", about_kind="term_calendar", about_id=event["about_id"], by=by, after={"messages": released}
        )
        return released

    return await db.run_tx(body)


async def latest(about_id: UUID | None = None, *, page: str = "") -> list[Row]:
    """Acts that can still be undone, the last first: id, undo_until_at, by_name and what stands in `after`. Of one calendar,
    or of a page."""
    rows = await db.rows(
        "SELECT id, about_id, undo_until AS undo_until_at, by_name, after FROM audit_event WHERE verb = $1"
        " AND undone_at IS NULL AND undo_until > $2 ORDER BY id DESC LIMIT 20",
        VERB, clock.now(),
    )  # fmt: skip
    found = [row | as_json(row["after"]) for row in rows]
    return [row for row in found if (about_id is None or row["about_id"] == about_id) and page in ("", row["page"])]
