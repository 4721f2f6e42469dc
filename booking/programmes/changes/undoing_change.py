"""Undoing a change of dates while its messages still wait: all is where and when it was, and nobody hears of it but who has booked
since."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.places.holding import holds_of, lock_rooms
from booking.problems import Problem, Refused
from booking.programmes.appointments import keeping_slots
from booking.programmes.bookings import guests
from booking.programmes.changes import rooms_of_dates, run_follows
from booking.programmes.changes.cancelling import REMINDERS
from booking.programmes.changes.changing_dates import VERBS
from booking.programmes.changes.dates_in_scope import COLUMNS, FIELDS, TABLES, Change, lock_bookings
from booking.programmes.changes.telling_changed import nobody_to_ring, tell
from booking.programmes.changes.undoing_cancelling import take_event, take_messages_back
from booking.programmes.creche import creche_places
from booking.programmes.registers.registering import as_json

SINCE = Problem("It has been changed again since, so this can no longer be undone.", rule="changed")
UNDO_OF = {"move session": "undo move session"}
_DATES, _INSTANTS, _IDS = ("date",), ("starts_at", "ends_at"), ("location_id", "room_id")


async def undo(*, session_id: UUID, event_id: UUID, by: Any) -> None:
    """Takes a change back. Raises Refused when messages have left, an old room was taken, or a date changed since."""

    async def body() -> None:
        verb = await db.value("SELECT verb FROM audit_event WHERE id = $1 AND about_id = $2", event_id, session_id)
        event = await take_event(session_id, event_id, verb if verb in VERBS else VERBS[0])
        before = as_json(event["before"])
        new = [UUID(each) for each in before["new_rooms"]]
        await _lock(before, new)
        await take_messages_back(event_id)
        own = [UUID(each) for each in as_json(event["after"])["sessions"]]
        changed, slots_before = await _as_changed(own), await keeping_slots.times_of(own)
        if before["run"]:
            await run_follows.go_back(before["run"])
        for each in sorted(before["dates"], key=lambda each: each["id"]):
            await _make_way(each)
        for each in sorted(before["dates"], key=lambda each: each["id"]):
            await _restore(each)
        await _count_anew(before, own)
        await rooms_of_dates.put_back(before["rooms"], new, event["happened_at"])
        await nobody_to_ring(event_id, event["happened_at"])
        undoing_id = await audit.record(
            UNDO_OF.get(verb, "undo change dates"), about_kind="session", about_id=session_id, by=by,
            hub_id=event["hub_id"], before=as_json(event["after"]), after={"dates": len(before["dates"])},
        )  # fmt: skip
        await tell(
            changed,
            undoing_id,
            clock.now(),
            is_switch=False,
            by=by,
            slots_before=slots_before,
            since=event["happened_at"],
        )

    await db.run_tx(body)


async def _as_changed(session_ids: list[UUID]) -> list[Change]:
    """The dates as the change had made them: who has booked since was told that, and must hear that it is so no more."""
    rows = await db.rows(f"SELECT {COLUMNS} FROM {TABLES} WHERE s.id IN {db.in_list(session_ids)}", *session_ids)
    return [Change(row, row, None) for row in rows]


async def _lock(before: Mapping[str, Any], new: list[UUID]) -> None:
    """Rooms, bookings, the run, sessions: in the order of all."""
    bookings = [*new, *(UUID(each["id"]) for each in before["rooms"])]
    now_held = await holds_of(bookings)
    holds = [hold for each in before["rooms"] for hold in rooms_of_dates.stored_holds(each)]
    await lock_rooms(leaf for each in (*now_held, *holds) for leaf in each.leaves)
    ids = sorted(UUID(each["id"]) for each in before["dates"])
    run_id = await db.value("SELECT run_id FROM session WHERE id = $1", UUID(before["dates"][0]["id"]))
    await lock_bookings(run_id, ids)
    if db.is_postgres():
        if before["run"]:
            await db.rows("SELECT id FROM run WHERE id = $1 FOR NO KEY UPDATE", UUID(before["run"]["id"]))
        await db.rows(f"SELECT id FROM session WHERE id IN {db.in_list(ids)} ORDER BY id FOR UPDATE", *ids)


async def _make_way(was: Mapping[str, Any]) -> None:
    """Out of the way of others of its run that go back (one run, one start, once); Refused where it changed since."""
    found = await db.row(
        "UPDATE session SET start_time = 'x' || substr(start_time, 2) WHERE id = $1 AND sequence = $2"
        " AND state IN ('planned', 'cancelled') RETURNING state, why_cancelled",
        UUID(was["id"]),
        was["sequence"],
    )
    if found is None:
        raise Refused([SINCE])


async def _restore(was: Mapping[str, Any]) -> None:
    """As it was, but for the sequence, which only rises (promise P7). Raises Refused where more places are taken by now."""
    places, edited = await _places_now(was)
    sets = ", ".join(f"{name.removeprefix('own_')} = ${n}" for n, name in enumerate(FIELDS, start=2))
    n = len(FIELDS) + 2
    clinic = await keeping_slots.clinic_at(UUID(was["id"]))
    restored = await db.row(
        f"UPDATE session SET {sets}, room_booking_id = ${n}, moved_from_date = ${n + 1}, edited = ${n + 2},"
        f" state = ${n + 3}, why_cancelled = ${n + 4}, sequence = sequence + 1 WHERE id = $1 AND taken <= ${n + 5}"
        " RETURNING id",
        UUID(was["id"]), *(places if name == "places" else _value(name, was[name]) for name in FIELDS),
        UUID(was["room_booking"]) if was["room_booking"] else None,
        date.fromisoformat(was["moved_from"]) if was["moved_from"] else None,
        edited, was["state"], was["why"], places,
    )  # fmt: skip
    if restored is None:
        raise Refused([SINCE])
    await keeping_slots.follow(UUID(was["id"]), clinic, await keeping_slots.clinic_at(UUID(was["id"])))
    await outbox.void(session_id=UUID(was["id"]), kinds=REMINDERS, why="change undone")
    await db.execute("DELETE FROM reminder WHERE session_id = $1", UUID(was["id"]))


async def _count_anew(before: Mapping[str, Any], own: list[UUID]) -> None:
    """A clinic's places are its slots, as they are now; guests and the creche count for who has booked since."""
    await keeping_slots.count_places(own)
    if before["run"]:
        await guests.recount_run(UUID(before["run"]["id"]))
    for session_id in own:
        await creche_places.take_where_missing(session_id)


async def _places_now(was: Mapping[str, Any]) -> tuple[int, str]:
    """How many places it has then, and what of it is its own: what staff have set on its waiting list since stays, unless the
    change was about just that. Raises Refused."""
    now = await db.row("SELECT places, edited FROM session WHERE id = $1", UUID(was["id"]))
    assert now is not None
    after = was.get("places_after", now["places"])
    if now["places"] == after:
        return was["places"], was["edited"]
    if after != was["places"]:
        raise Refused([SINCE])
    return now["places"], " ".join(sorted({*was["edited"].split(), *({"places"} & set(now["edited"].split()))}))


def _value(name: str, stored: Any) -> Any:
    if name in _DATES:
        return date.fromisoformat(stored)
    if name in _INSTANTS:
        return datetime.fromisoformat(stored)
    return UUID(stored) if name in _IDS and stored else stored
