"""Undoing a cancelled session while its messages still wait, or sending them now.

Undoing locks the rooms first, then bookings, then the session: an import, too, locks rooms before sessions. Messages come last:
who gives a place up at this moment holds its booking and run, and takes back what was to be sent about it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.places.freeing_rooms import take_back
from booking.places.holding import lock_rooms
from booking.problems import Problem, Refused
from booking.programmes.bookings import guests
from booking.programmes.changes import telling_added
from booking.programmes.changes.cancelling import VERB, lock_bookings
from booking.programmes.creche import creche_of_dates, creche_places
from booking.programmes.models import Session
from booking.programmes.registers.registering import as_json

UNDONE = Problem("This has been undone already.", rule="undone")
TOO_LATE = Problem("The messages have left, so this can no longer be undone.", rule="too late")


async def undo(*, session_id: UUID, event_id: UUID, by: Any, laid_before: datetime | None = None) -> None:
    """Takes a cancelling back as if it had not been: the session, bookings, waiting list, room; nobody hears of it but
    who has booked the course since.
    Closures laid after `laid_before` do not give way to it.

    Raises Refused when it was undone already, messages have begun to leave, or the room was taken meanwhile.
    """

    async def body() -> None:
        event = await take_event(session_id, event_id, VERB)
        before = as_json(event["before"])
        holds = [hold_of(each) for each in before["holds"]]
        creche = before.get("creche", [])
        await lock_rooms([*(hold["room_id"] for hold in holds), *creche_of_dates.rooms_of(creche)])
        await lock_bookings(session_id)
        await guests.lock_run_of(session_id)
        await take_messages_back(event_id)
        await restore(session_id, before)
        if holds:
            await take_back(UUID(before["room_booking"]), holds, laid_before=laid_before)
        await creche_of_dates.restore(creche, laid_before=laid_before)
        undoing_id = await audit.record(
            "undo cancel session", about_kind="session", about_id=session_id, by=by, hub_id=event["hub_id"],
            before={"state": "cancelled"}, after={"state": "planned"},
        )  # fmt: skip
        await welcome(session_id, undoing_id, event["happened_at"], by)

    await db.run_tx(body)


async def welcome(session_id: UUID, undoing_id: UUID, since: datetime, who: Any) -> None:
    """Families who booked the course while this date was cancelled come to it too: its creche, its message, its calendar."""
    await creche_places.take_where_missing(session_id)
    date = await Session.get(id=session_id)
    if date.starts_at > clock.now():
        await telling_added.tell(date, undoing_id, clock.now(), who, since=since)


def hold_of(stored: dict[str, str]) -> dict[str, Any]:
    """What stands in an event of one hold."""
    return {
        "room_id": UUID(stored["room"]),
        "starts_at": datetime.fromisoformat(stored["from"]),
        "ends_at": datetime.fromisoformat(stored["to"]),
    }


async def take_event(session_id: UUID, event_id: UUID, verb: str) -> dict[str, Any]:
    """Marks the event of this verb undone and returns its before, after and hub_id; only one of two who press at once gets
    it, the other is Refused."""
    now = clock.now()
    event = await db.row(
        "UPDATE audit_event SET undone_at = $3 WHERE id = $1 AND about_id = $2 AND verb = $4 AND undone_at IS NULL"
        " AND undo_until > $3 RETURNING before, after, hub_id, at AS happened_at",
        event_id,
        session_id,
        now,
        verb,
    )
    if event is None:
        undone = await db.row("SELECT id FROM audit_event WHERE id = $1 AND undone_at IS NOT NULL", event_id)
        raise Refused([UNDONE if undone else TOO_LATE])
    return event


async def take_messages_back(event_id: UUID) -> None:
    """Nobody hears of the act; Refused when somebody has heard already."""
    await outbox.void_batch(event_id)
    if await db.row("SELECT id FROM message WHERE batch_id = $1 AND state <> 'void' LIMIT 1", event_id):
        raise Refused([TOO_LATE])


async def restore(session_id: UUID, before: dict[str, Any]) -> None:
    """The session, its bookings and its waiting list as they were. Raises Refused when it was undone already."""
    # before its guests’ bookings, so that a guest who books at this moment waits for the run alone
    await guests.lock_run_of(session_id)
    bookings, waiting = [UUID(each) for each in before["bookings"]], [UUID(each) for each in before["waiting"]]
    back = await db.rows(
        "UPDATE booking SET state = 'booked', ended_at = NULL WHERE state = 'cancelled'"
        f" AND id IN {db.in_list(bookings)} RETURNING places, is_priority, slot_id",
        *bookings,
    )
    slots = [row["slot_id"] for row in back if row["slot_id"]]
    if slots:
        await db.execute(f"UPDATE slot SET taken = 1 WHERE id IN {db.in_list(slots)}", *slots)
    await db.execute(
        "UPDATE waiting_entry SET state = 'waiting', ended_at = NULL WHERE state = 'cancelled'"
        f" AND id IN {db.in_list(waiting)}",
        *waiting,
    )
    done = before.get("register_done")
    restored = await db.row(
        "UPDATE session SET state = 'planned', why_cancelled = '', sequence = sequence + 1, taken = taken + $2,"
        " reserved_taken = reserved_taken + $4, register_done_at = $3 WHERE id = $1 AND state = 'cancelled' RETURNING id",
        session_id,
        sum(row["places"] for row in back),
        datetime.fromisoformat(done) if done else None,
        sum(row["places"] for row in back if row["is_priority"]),
    )
    if restored is None:
        raise Refused([UNDONE])
    await guests.recount_of(session_id)
    await db.execute("DELETE FROM reminder WHERE session_id = $1", session_id)  # the job queues what still makes sense


async def send_now(*, session_id: UUID, event_id: UUID, by: Any, verb: str = VERB) -> int:
    """The messages leave at once, and the act can no longer be undone; returns how many were waiting."""

    async def body() -> int:
        now = clock.now()
        event = await db.row(
            "UPDATE audit_event SET undo_until = $3 WHERE id = $1 AND about_id = $2 AND verb = $4 AND undone_at IS NULL"
            " AND undo_until > $3 RETURNING hub_id",
            event_id,
            session_id,
            now,
            verb,
        )
        if event is None:
            raise Refused([TOO_LATE])
        released = await outbox.release_batch(event_id)
        await audit.record(
            "send now",
            about_kind="session",
            about_id=session_id,
            by=by,
            hub_id=event["hub_id"],
            after={"messages": released},
        )
        return released

    return await db.run_tx(body)
