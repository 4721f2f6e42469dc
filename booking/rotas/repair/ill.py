"""Somebody is ill: what they had is open in both layers, as one act that can be undone for ten minutes.

The preview is the act itself, rolled back (promise P10). Shifts are locked before people, as everybody does who gives one away; why
somebody is away stands in no trail.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.looking import look
from booking.messages import outbox
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.registers.registering import as_json
from booking.rotas import assigning, telling, touched
from booking.rotas.assigning import Change
from booking.rotas.people_who_work import leave
from booking.rotas.repair import closing_asks, losing

VERB, OPENED = "report ill", "needs cover"
UNDO_MINUTES = 10
WHY = "They cannot come."
NOT_THEIRS = Problem("This person is not on a rota of yours.", rule="unknown")
UNDONE = Problem("This was undone already.", rule="undone")
TOO_LATE = Problem("The time to undo it is over: people have been told.", rule="too late")
BUSY = Problem("Their duties are being changed just now. Try again.", rule="busy")
TRIES = 5


class _GivenMore(Exception):
    """They have a duty that was not locked before them."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What reporting somebody ill did, or would do: the shifts that are open now, in order of time. id names the act."""

    id: UUID
    staff_id: UUID
    shift_ids: tuple[UUID, ...]
    undo_until: datetime


async def preview(staff_id: UUID, first: date, last: date, by: Who | None) -> Opened:
    """What `report_ill` would do now. Raises as it does; changes nothing."""
    return await _once_locked(lambda: look(lambda: _report(staff_id, first, last, by)))


async def report_ill(staff_id: UUID, first: date, last: date, by: Who | None) -> Opened:
    """Writes down that they are ill and leaves all they had in these days open, in the draft and as published. They hear of it, and
    their calendar, when it cannot be undone any more. By themselves or staff of their hub. Raises Refused."""
    return await _once_locked(lambda: db.run_tx(lambda: _report(staff_id, first, last, by)))


async def _once_locked(act: Callable[[], Awaitable[Opened]]) -> Opened:
    """Begins anew where they are given another duty while theirs are being locked: it must be locked before them."""
    for _ in range(TRIES):
        try:
            return await act()
        except _GivenMore:
            continue
    raise Refused([BUSY])


async def _report(staff_id: UUID, first: date, last: date, by: Who | None) -> Opened:
    profile = await db.row("SELECT id, known_as, hub_id, person_id FROM staff_profile WHERE id = $1", staff_id)
    if profile is None:
        raise Refused([NOT_THEIRS])
    known = await _shifts_between(staff_id, first, last)
    await assigning.in_tx_lock(known, [staff_id])
    if not set(known).issuperset(await _shifts_between(staff_id, first, last)):
        raise _GivenMore
    shift_ids = await leave.record_sickness(staff_id, first, last, by)
    held = await losing.rows_of(shift_ids, staff_id)
    await losing.take_out(held, by=by, why=WHY)
    undo_until = clock.now() + timedelta(minutes=UNDO_MINUTES)
    leave_id = await db.value(
        "SELECT id FROM leave WHERE staff_id = $1 ORDER BY asked_at DESC, id DESC LIMIT 1", staff_id
    )
    event_id = await audit.record(
        VERB, about_kind="staff_profile", about_id=staff_id, by=by, hub_id=profile["hub_id"],
        after={"worker": profile["known_as"], "leave": str(leave_id), "shifts": [str(id) for id in shift_ids],
               "held": losing.plain(held)}, undo_until=undo_until,
    )  # fmt: skip
    changes = [Change(row["shift_id"], staff_id, None) for row in held if row["layer"] == "published"]
    await telling.tell(changes, by=by, undo_until=undo_until, batch_id=event_id)
    await say_open({each.shift_id for each in changes}, by=by)
    return Opened(event_id, staff_id, tuple(shift_ids), undo_until)


async def say_open(shift_ids: Collection[UUID], *, by: Who | None) -> None:
    """So that the cover board shows what was published and is open now, whatever else of its day is published."""
    ids = sorted(shift_ids)
    if not ids:
        return
    rows = await db.rows(f"SELECT id, hub_id FROM shift WHERE id IN {db.in_list(ids)}", *ids)
    for row in sorted(rows, key=lambda each: each["id"]):
        await audit.record(OPENED, about_kind="shift", about_id=row["id"], by=by, hub_id=row["hub_id"])


async def _shifts_between(staff_id: UUID, first: date, last: date) -> list[UUID]:
    rows = await db.rows(
        "SELECT DISTINCT s.id FROM shift s JOIN assignment a ON a.shift_id = s.id WHERE a.staff_id = $1 AND s.state = 'open'"
        " AND s.date >= $2 AND s.date <= $3 AND s.starts_at > $4",
        staff_id, first, last, clock.now(),
    )  # fmt: skip
    return [row["id"] for row in rows]


async def act_of(event_id: UUID) -> dict[str, Any] | None:
    """One report: staff_id, worker, hub_id, at, undo_until, undone_at and the ids of its shifts; None where there is none."""
    row = await db.row(
        "SELECT id, about_id AS staff_id, hub_id, at AS happened_at, undo_until AS until_at, undone_at, after, by_name"
        " FROM audit_event WHERE id = $1 AND verb = $2",
        event_id,
        VERB,
    )
    if row is None:
        return None
    after = as_json(row["after"])
    return row | {
        "after": after,
        "worker": after["worker"],
        "shift_ids": [UUID(id) for id in after["shifts"]],
        "may_undo": row["undone_at"] is None and row["until_at"] > clock.now(),
    }


async def undo(*, event_id: UUID, by: Who) -> None:
    """As if it had not been said: they have their duties again, and hear only of what has changed meanwhile. Raises Refused: undone
    already, too late, or one of the duties has been given to somebody since, has begun or is cancelled."""

    async def body() -> None:
        act = await act_of(event_id)
        if act is None or not by.may_act_at(act["hub_id"]):
            raise Refused([NOT_THEIRS])
        await assigning.in_tx_lock(act["shift_ids"], [act["staff_id"]])
        now = clock.now()
        taken = await db.row(
            "UPDATE audit_event SET undone_at = $2 WHERE id = $1 AND undone_at IS NULL AND undo_until > $2 RETURNING id",
            event_id,
            now,
        )
        if taken is None:
            raise Refused([TOO_LATE if (await act_of(event_id) or act)["undone_at"] is None else UNDONE])
        held: list[Mapping[str, Any]] = act["after"]["held"]
        await losing.refuse_changed(held)
        await losing.put_back(held, act["staff_id"])
        await db.execute(
            "UPDATE leave SET state = 'withdrawn', decided_at = $2, decided_by_id = $3 WHERE id = $1 AND state = 'approved'",
            UUID(act["after"]["leave"]), now, by.id,
        )  # fmt: skip
        await closing_asks.close_all(act["shift_ids"], why="It was undone.")
        await outbox.void_batch(event_id)
        await _tell_of_changed(act, by)
        await audit.record(
            "undo report ill", about_kind="staff_profile", about_id=act["staff_id"], by=by, hub_id=act["hub_id"],
            after={"worker": act["worker"], "shifts": len(act["shift_ids"])},
        )  # fmt: skip

    await db.run_tx(body)


async def _tell_of_changed(act: Mapping[str, Any], by: Who) -> None:
    """What has moved while nobody was in it is not as it stands in their calendar; of what was given away and back the last word
    must be that it is theirs."""
    theirs = {UUID(row["shift_id"]) for row in act["after"]["held"] if row["layer"] == "published"}
    known = await touched.since(act["id"], act["happened_at"], theirs)
    await telling.tell([Change(id, act["staff_id"], act["staff_id"]) for id in sorted(known)], by=by)
