"""Cancelling several dates of a run at once: this and later ones, or all that are to come.

Each date is cancelled as cancelling.py does it; but a family hears it in one message, and it is undone as one. When no date is
left the run itself is cancelled, and nobody can book or wait for it. Locks: rooms, bookings, the run, its sessions by id.
"""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.looking import look
from booking.messages import outbox
from booking.messages.said import Said
from booking.people.models import Person
from booking.places.freeing_rooms import free_room, holds_of
from booking.problems import Refused
from booking.programmes import disclosure
from booking.programmes.bookings import hearing
from booking.programmes.changes import cancelling
from booking.programmes.changes.cancelling import BUSY, NO_REASON, REMINDERS, TRIES, BookedSince
from booking.programmes.changes.dates_in_scope import Row, Scope, anchor_of, bookings_on, dates_of, lock_bookings
from booking.programmes.changes.telling_cancelled import Told
from booking.programmes.changes.telling_changed import Words, distinct
from booking.programmes.creche import creche_of_dates
from booking.programmes.waiting import ending_offers

VERB = "cancel dates"


@dataclass(frozen=True, slots=True)
class CancelledDates:
    """What it did, or as a preview would do. is_run_over: no date is left."""

    event_id: UUID
    messages_leave_at: datetime
    dates: list[Row]
    told: list[Told]
    texts: list[Words]
    waiting: int
    reminders: int
    calendar_entries: int
    is_run_over: bool

    @property
    def to_ring(self) -> list[Told]:
        return [each for each in self.told if each.is_to_ring]


async def preview(*, session_id: UUID, scope: Scope, reason: str, by: Any, undo_minutes: int) -> CancelledDates:
    """What `cancel` would do now. Raises Refused as `cancel` does; changes nothing."""
    return await look(
        lambda: cancel(session_id=session_id, scope=scope, reason=reason, by=by, undo_minutes=undo_minutes)
    )


async def cancel(*, session_id: UUID, scope: Scope, reason: str, by: Any, undo_minutes: int) -> CancelledDates:
    """Cancels every date in scope that has not begun. `reason` is what families read. Raises Refused when there is none."""

    async def body() -> CancelledDates:
        if not reason:
            raise Refused([NO_REASON])
        anchor = await anchor_of(session_id)
        ids = [row["id"] for row in await dates_of(anchor, scope)]
        creche = await creche_of_dates.beside(ids)
        await cancelling.lock_rooms_of([*ids, *creche])
        await _lock(anchor["run_id"], ids)
        undo_until = clock.now() + timedelta(minutes=undo_minutes)
        done = [await _cancel_one(each, reason) for each in ids]
        beside = await creche_of_dates.cancel(creche, reason)
        is_over, waiting_for_run = await _end_run(anchor["run_id"])
        children = [await _record_one(each, reason, by) for each in done]
        event_id = await audit.record(
            VERB, about_kind="session", about_id=session_id, by=by, hub_id=anchor["hub_id"], why=reason,
            before={
                "dates": [each["stored"] for each in done], "creche": beside, "is_run_over": is_over,
                "run": str(anchor["run_id"]), "waiting": [str(row["id"]) for row in waiting_for_run],
                "events": [str(each) for each in children],
            },
            after={"scope": scope, "sessions": [str(each) for each in ids], "dates": len(ids)},
            undo_until=undo_until,
        )  # fmt: skip
        told = await _tell(anchor, done, waiting_for_run, reason, is_over, event_id, undo_until)
        return await _summary(event_id, undo_until, done, told, is_over)

    for _ in range(TRIES):
        with suppress(BookedSince):
            return await db.run_tx(body)
    raise Refused([BUSY])


async def _lock(run_id: UUID, session_ids: Sequence[UUID]) -> None:
    """Bookings, the run, its sessions. Raises BookedSince when somebody booked between the first and the last."""
    locked = await lock_bookings(run_id, session_ids)
    if not db.is_postgres():
        return
    await db.rows("SELECT id FROM run WHERE id = $1 FOR NO KEY UPDATE", run_id)
    await db.rows(f"SELECT id FROM session WHERE id IN {db.in_list(session_ids)} ORDER BY id FOR UPDATE", *session_ids)
    if await bookings_on(run_id, session_ids) - locked:
        raise BookedSince


async def _cancel_one(session_id: UUID, reason: str) -> Row:
    """Marks it, ends its bookings and waiting list, frees its room. Returns its facts and what undoing needs."""
    facts = await cancelling.mark_cancelled(session_id, reason)
    ended = await cancelling.end_bookings(session_id)
    waiting = await cancelling.end_waiting(session_id)
    reminders = await outbox.void(session_id=session_id, kinds=REMINDERS, why="session cancelled")
    holds = await holds_of(facts["room_booking_id"]) if facts["room_booking_id"] else []
    if facts["room_booking_id"]:
        await free_room(facts["room_booking_id"])
    stored = cancelling.to_undo(facts, ended, waiting, holds) | {"id": str(session_id)}
    return facts | {"ended": ended, "waiting": waiting, "reminders": reminders, "stored": stored}


async def _record_one(done: Row, reason: str, by: Any) -> UUID:
    """Its own trail says so too; undone it is with all the others."""
    return await audit.record(
        cancelling.VERB, about_kind="session", about_id=done["session_id"], by=by, hub_id=done["hub_id"], why=reason,
        before={"state": "planned"},
        after={"state": "cancelled", "families": len(done["ended"]), "waiting": len(done["waiting"])},
    )  # fmt: skip


async def _end_run(run_id: UUID) -> tuple[bool, list[Row]]:
    """When no date is to come the run is over: nobody books or waits for it any more. Bookings stay, for what was held."""
    left = await db.row(
        "SELECT id FROM session WHERE run_id = $1 AND state = 'planned' AND starts_at > $2 LIMIT 1", run_id, clock.now()
    )
    if left:
        return False, []
    await db.execute("UPDATE run SET state = 'cancelled' WHERE id = $1", run_id)
    await ending_offers.end_with_session(run_id=run_id)
    waiting = await db.rows(
        "UPDATE waiting_entry SET state = 'cancelled', ended_at = $2 WHERE run_id = $1 AND session_id IS NULL"
        " AND state = 'waiting' RETURNING id, person_id, reference, manage_token",
        run_id,
        clock.now(),
    )
    return True, waiting


async def _tell(
    anchor: Row, done: Sequence[Row], waiting_for_run: Sequence[Row], reason: str, is_over: bool, event_id: UUID,
    due_at: datetime,
) -> list[Told]:  # fmt: skip
    """One message to each booking and each in line, with all its dates."""
    saids = {each["session_id"]: disclosure.said(each) for each in done}
    every = [saids[each["session_id"]] for each in done]
    kept, missed = await _bookings_of_run(anchor["run_id"], list(saids))
    to_tell: list[tuple[str, Row, list[Said], bool]] = []
    for each in done:
        own = [saids[each["session_id"]]]
        to_tell += [("booking", row, own, False) for row in each["ended"]]
        to_tell += [("waiting", row, own, False) for row in each["waiting"]]
    to_tell += [("waiting", row, every, False) for row in waiting_for_run]
    for row in kept:
        own = [saids[key] for key in saids if key not in missed[row["id"]]]
        to_tell += [("booking", row, own, not is_over)] if own else []
    people = await Person.in_bulk({row["person_id"] for _, row, _, _ in to_tell}, "id")
    others = await hearing.others_of([row["id"] for kind, row, _, _ in to_tell if kind == "booking"])
    return [
        await _tell_one(
            kind,
            row,
            people[row["person_id"]],
            own,
            is_course,
            anchor,
            reason,
            event_id,
            due_at,
            others.get(row["id"], ()),
        )
        for kind, row, own, is_course in to_tell
    ]


async def _bookings_of_run(run_id: UUID, session_ids: Sequence[UUID]) -> tuple[list[Row], dict[UUID, set[UUID]]]:
    kept = await db.rows(
        "SELECT id, person_id, reference, manage_token FROM booking WHERE run_id = $1 AND session_id IS NULL"
        " AND state = 'booked' ORDER BY id",
        run_id,
    )
    missed: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await db.rows(
        f"SELECT booking_id, session_id FROM missed_date WHERE session_id IN {db.in_list(session_ids)}", *session_ids
    ):
        missed[row["booking_id"]].add(row["session_id"])
    return kept, missed


async def _tell_one(
    kind: str, row: Row, person: Person, dates: list[Said], is_course: bool, anchor: Row, reason: str, event_id: UUID,
    due_at: datetime, others: Sequence[hearing.Other],
) -> Told:  # fmt: skip
    queued = await hearing.tell(
        person=person,
        others=others,
        kind="cancellation",
        about=(kind, row["id"]),
        dedupe_key=f"cancellation:{row['id']}:{event_id}",
        facts={
            "said": dates[0], "dates": dates, "people": "", "reference": row["reference"],
            "token": row["manage_token"], "reason": reason, "alternatives_path": "/", "is_waiting": kind == "waiting",
            "is_course": is_course,
        },
        due_at=due_at,
        expires_at=max(dates[-1].ends_at, due_at + timedelta(hours=1)),
        calendar=dates if kind == "booking" else [],
        batch_id=event_id,
        session_id=dates[0].session_id,
        hub_id=anchor["hub_id"],
    )  # fmt: skip
    return Told(row["id"], person.name, person.phone, row["reference"], tuple(each.channel for each in queued))


async def _summary(
    event_id: UUID, leave_at: datetime, done: Sequence[Row], told: list[Told], is_over: bool
) -> CancelledDates:
    found = await db.rows(
        "SELECT channel, kind, subject, body, calendar_method, about_id FROM message WHERE batch_id = $1 ORDER BY id",
        event_id,
    )
    own = [row for row in found if row["kind"] != "invite" and row["channel"] != "call"]
    return CancelledDates(
        event_id=event_id,
        messages_leave_at=leave_at,
        dates=list(done),
        told=told,
        texts=distinct(own, {each.booking_id: each.name for each in told}),
        waiting=sum(len(each["waiting"]) for each in done),
        reminders=sum(each["reminders"] for each in done),
        calendar_entries=sum(1 for row in found if row["calendar_method"] == "CANCEL"),
        is_run_over=is_over,
    )
