"""Undoing the cancelling of several dates at once while its messages still wait."""

from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.places.freeing_rooms import take_back
from booking.places.holding import lock_rooms
from booking.programmes.changes import undoing_cancelling
from booking.programmes.changes.cancelling_dates import VERB
from booking.programmes.changes.dates_in_scope import lock_bookings
from booking.programmes.changes.undoing_cancelling import hold_of, take_event, take_messages_back
from booking.programmes.creche import creche_of_dates
from booking.programmes.registers.registering import as_json


async def undo(*, session_id: UUID, event_id: UUID, by: Any) -> None:
    """All these dates take place after all, in their rooms, with their families. Raises Refused when messages have left or a
    room was taken meanwhile."""

    async def body() -> None:
        event = await take_event(session_id, event_id, VERB)
        before = as_json(event["before"])
        held = [UUID(hold["room"]) for each in before["dates"] for hold in each["holds"]]
        await lock_rooms([*held, *creche_of_dates.rooms_of(before["creche"])])
        await _lock(UUID(before["run"]), [UUID(each["id"]) for each in before["dates"]])
        await take_messages_back(event_id)
        if before["is_run_over"]:
            await _go_on(before)
        for each in sorted(before["dates"], key=lambda each: each["id"]):
            await undoing_cancelling.restore(UUID(each["id"]), each)
            if each["holds"]:
                await take_back(UUID(each["room_booking"]), [hold_of(hold) for hold in each["holds"]])
        await creche_of_dates.restore(before["creche"])
        events = [UUID(each) for each in before["events"]]
        await db.execute(
            f"UPDATE audit_event SET undone_at = $1 WHERE id IN {db.in_list(events, 2)}", clock.now(), *events
        )
        undoing_id = await audit.record(
            "undo cancel dates", about_kind="session", about_id=session_id, by=by, hub_id=event["hub_id"],
            after={"dates": len(before["dates"])},
        )  # fmt: skip
        for each in sorted(before["dates"], key=lambda each: each["id"]):
            await undoing_cancelling.welcome(UUID(each["id"]), undoing_id, event["happened_at"], by)

    await db.run_tx(body)


async def _lock(run_id: UUID, session_ids: list[UUID]) -> None:
    """Bookings, the run, its sessions, before the messages: as undoing_cancelling.py has it."""
    await lock_bookings(run_id, session_ids)
    if db.is_postgres():
        some = db.in_list(session_ids)
        await db.rows("SELECT id FROM run WHERE id = $1 FOR NO KEY UPDATE", run_id)
        await db.rows(f"SELECT id FROM session WHERE id IN {some} ORDER BY id FOR NO KEY UPDATE", *session_ids)


async def _go_on(before: dict[str, Any]) -> None:
    waiting = [UUID(each) for each in before["waiting"]]
    await db.execute("UPDATE run SET state = 'published' WHERE id = $1 AND state = 'cancelled'", UUID(before["run"]))
    await db.execute(
        "UPDATE waiting_entry SET state = 'waiting', ended_at = NULL WHERE state = 'cancelled'"
        f" AND id IN {db.in_list(waiting)}",
        *waiting,
    )
