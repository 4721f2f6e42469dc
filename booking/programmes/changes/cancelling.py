"""Cancelling one session: families are told, calendars and the room are freed, and for ten minutes it can be undone.

The preview is the act itself, rolled back, so the two cannot differ (promise P10). Locks are taken in one order, also by undoing
(undoing_cancelling.py): rooms, bookings, then the session.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.looking import look
from booking.messages import outbox
from booking.places.freeing_rooms import free_room, holds_of
from booking.places.holding import lock_rooms
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.appointments.keeping_slots import lock_slots
from booking.programmes.bookings import guests
from booking.programmes.changes.telling_cancelled import Cancelled, summary, tell
from booking.programmes.creche import creche_of_dates
from booking.programmes.waiting import ending_offers

VERB = "cancel session"
REMINDERS = ("reminder_days", "reminder_hours")
REASONS = {
    "staff": "We do not have enough staff that day",
    "leader": "The person who leads it cannot come",
    "building": "The building is closed",
    "room": "The room cannot be used",
    "weather": "Bad weather",
    "few": "Too few families could come",
    "other": "",
}

# those that an undo brings back are locked with the others: it must not wait for one of them when it holds the run
NOT_OVER = "('booked', 'cancelled')"
BOOKINGS = (  # of the session $1 or of its whole run
    f"SELECT id, state FROM booking WHERE state IN {NOT_OVER} AND (session_id = $1 OR (session_id IS NULL"
    " AND run_id = (SELECT run_id FROM session WHERE id = $1)))"
)
TRIES = 5
BUSY = Problem("Families are booking this session at this very moment. Please try again.", rule="busy")
NOT_PLANNED = Problem("This session is cancelled already.", rule="cancelled")
OVER = Problem("This session is over, so it cannot be cancelled.", rule="over")
NO_REASON = Problem("Say why it is cancelled. Families are told.", "reason", rule="missing")


class BookedSince(Exception):
    """A booking came between the look at the bookings and the lock of the session. Whoever gives that one up holds it and
    waits for the session, so it must be locked first: all is begun anew."""


async def preview(*, session_id: UUID, reason: str, by: Any, undo_minutes: int) -> Cancelled:
    """What `cancel` would do now, to whom, and in what words. Raises Refused as `cancel` does; changes nothing."""
    return await look(lambda: cancel(session_id=session_id, reason=reason, by=by, undo_minutes=undo_minutes))


async def cancel(*, session_id: UUID, reason: str, by: Any, undo_minutes: int) -> Cancelled:
    """Cancels this date only. `reason` is what families read. Messages leave when it can no longer be undone.

    Raises Refused when it is cancelled already or over.
    """

    async def body() -> Cancelled:
        creche = await creche_of_dates.beside([session_id])
        await lock_rooms_of([session_id, *creche])
        locked = await lock_bookings(session_id)
        await guests.lock_run_of(session_id)
        facts = await mark_cancelled(session_id, reason)
        await _begin_anew_if_booked_since(session_id, locked)
        ended = await end_bookings(session_id)
        kept, will_miss = await bookings_of_run(facts)
        waiting = await end_waiting(session_id)
        reminders = await outbox.void(session_id=session_id, kinds=REMINDERS, why="session cancelled")
        holds = await holds_of(facts["room_booking_id"]) if facts["room_booking_id"] else []
        is_room_freed = bool(facts["room_booking_id"]) and await free_room(facts["room_booking_id"])
        beside = await creche_of_dates.cancel(creche, reason)
        undo_until = clock.now() + timedelta(minutes=undo_minutes)
        event_id = await audit.record(
            VERB,
            about_kind="session",
            about_id=session_id,
            by=by,
            hub_id=facts["hub_id"],
            why=reason,
            before=to_undo(facts, ended, waiting, holds) | {"creche": beside},
            after={"state": "cancelled", "families": len(ended) + len(kept), "waiting": len(waiting)},
            undo_until=undo_until,
        )
        told = await tell(facts, [*ended, *kept], waiting, reason, event_id, undo_until)
        return await summary(
            event_id,
            undo_until,
            told,
            waiting=len(waiting),
            will_miss=will_miss,
            ended_bookings=len(ended),
            kept_bookings=len(kept),
            is_room_freed=is_room_freed,
            reminders=reminders,
        )

    for _ in range(TRIES):
        with suppress(BookedSince):
            return await db.run_tx(body)
    raise Refused([BUSY])


async def lock_rooms_of(session_ids: Sequence[UUID]) -> None:
    """Rooms come first, because a closure may take over what becomes free (promise P1)."""
    held = await db.rows(
        "SELECT h.room_id FROM session s JOIN room_hold h ON h.room_booking_id = s.room_booking_id"
        f" WHERE s.id IN {db.in_list(session_ids)}",
        *session_ids,
    )
    await lock_rooms(row["room_id"] for row in held)


async def _begin_anew_if_booked_since(session_id: UUID, locked: set[UUID]) -> None:
    if db.is_postgres():
        found = await db.rows(BOOKINGS, session_id)
        if {row["id"] for row in found if row["state"] == "booked"} - locked:
            raise BookedSince


async def lock_bookings(session_id: UUID) -> set[UUID]:
    """Giving a place up locks the booking, then the session or run; so do we, or the two could wait for each other.

    Those of the whole run too: who gives the course up at this moment is not told of a date of it. And a clinic's slots.
    Returns which bookings are locked.
    """
    locked = await db.rows(f"{BOOKINGS} ORDER BY id FOR UPDATE", session_id) if db.is_postgres() else []
    await lock_slots([session_id])
    return {row["id"] for row in locked if row["state"] == "booked"}


async def mark_cancelled(session_id: UUID, reason: str) -> dict[str, Any]:
    """From here on nobody can book it: every claim asks for a planned session. Returns its facts, and as
    `register_done_at` when its register was finished."""
    now = clock.now()
    lock = " FOR UPDATE" if db.is_postgres() else ""
    before = await db.row(f"SELECT register_done_at FROM session WHERE id = $1{lock}", session_id)
    changed = await db.row(
        "UPDATE session SET state = 'cancelled', why_cancelled = $2, sequence = sequence + 1, register_done_at = NULL"
        " WHERE id = $1 AND state = 'planned' AND ends_at > $3 RETURNING id",
        session_id,
        reason[:300],
        now,
    )
    facts = await db.row(
        f"SELECT {disclosure.FACTS}, s.hub_id, s.run_id, s.room_booking_id, s.state FROM session s {disclosure.JOINS}"
        " WHERE s.id = $1",
        session_id,
    )
    if facts is None or not changed:
        raise Refused([OVER if facts and facts["state"] == "planned" else NOT_PLANNED])
    return facts | (before or {})


async def end_bookings(session_id: UUID) -> list[dict[str, Any]]:
    """The bookings of this very session end and give their places back; those of a whole run stay."""
    ended = await db.rows(
        "UPDATE booking SET state = 'cancelled', ended_at = $2 WHERE session_id = $1 AND state = 'booked'"
        " RETURNING id, person_id, reference, manage_token, places, is_priority, slot_id",
        session_id,
        clock.now(),
    )
    await db.execute(
        "UPDATE session SET taken = taken - $2, reserved_taken = reserved_taken - $3 WHERE id = $1",
        session_id, sum(row["places"] for row in ended), sum(row["places"] for row in ended if row["is_priority"]),
    )  # fmt: skip
    if ended:
        await guests.recount_of(session_id)
    slots = [row["slot_id"] for row in ended if row["slot_id"]]
    if slots:
        await db.execute(f"UPDATE slot SET taken = 0 WHERE id IN {db.in_list(slots)}", *slots)
    return ended


async def bookings_of_run(facts: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """Whole-run bookings that expected to come, and how many had said that they would miss this date."""
    found = await db.rows(
        "SELECT b.id, b.person_id, b.reference, b.manage_token, b.places, x.id AS missed_id FROM booking b"
        " LEFT JOIN missed_date x ON x.booking_id = b.id AND x.session_id = $2"
        " WHERE b.run_id = $1 AND b.session_id IS NULL AND b.state = 'booked' ORDER BY b.id",
        facts["run_id"],
        facts["session_id"],
    )
    coming = [row for row in found if row["missed_id"] is None]
    return coming, len(found) - len(coming)


async def end_waiting(session_id: UUID) -> list[dict[str, Any]]:
    """Nobody waits for it any more; places that were kept for some of them go back first."""
    await ending_offers.end_with_session(session_ids=[session_id])
    return await db.rows(
        "UPDATE waiting_entry SET state = 'cancelled', ended_at = $2 WHERE session_id = $1 AND state = 'waiting'"
        " RETURNING id, person_id, reference, manage_token",
        session_id,
        clock.now(),
    )


def to_undo(facts: dict[str, Any], ended: list[Any], waiting: list[Any], holds: list[Any]) -> dict[str, Any]:
    done_at = facts["register_done_at"]
    return {
        "state": "planned",
        "register_done": done_at.isoformat() if done_at else "",
        "bookings": [str(row["id"]) for row in ended],
        "places": sum(row["places"] for row in ended),
        "waiting": [str(row["id"]) for row in waiting],
        "room_booking": str(facts["room_booking_id"]) if holds else "",
        "holds": [
            {"room": str(h["room_id"]), "from": h["starts_at"].isoformat(), "to": h["ends_at"].isoformat()}
            for h in holds
        ],
    }
