"""Writes the sessions of a draft with their room bookings, holds and skips, in place of those that were there.

In the caller's transaction, with the rooms locked and found free. A few statements, however many dates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from booking import db
from booking.changes import Changes, rows_of
from booking.places import closing, holding
from booking.places.holding import Hold, hold_for
from booking.places.models import RoomBooking
from booking.places.rooms import RoomFacts
from booking.programmes.models import Session, Skip
from booking.programmes.plans.planned_dates import Want

Row = dict[str, Any]


@dataclass(slots=True)
class Writing:
    """What becomes of the sessions, and what they hold. gone are rows of session that are not wanted any more."""

    sessions: Changes = field(default_factory=lambda: Changes(Session))
    bookings: Changes = field(default_factory=lambda: Changes(RoomBooking))
    holds: list[Hold] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)


async def write(
    run: Row, creche: Row | None, wants: Sequence[Want], rooms: Mapping[UUID, RoomFacts], before: Sequence[Row] = ()
) -> None:
    """Sessions as wanted. `before` are the rows of session that are there, the creche's too: what stays keeps its id, what
    is not wanted any more goes with its room booking. The skips are written anew."""
    booked = [row["room_booking_id"] for row in before if row["room_booking_id"]]
    known_bookings = {row["id"]: row for row in await rows_of("room_booking", "*", "id", booked)}
    writing, there = Writing(), {row["id"]: row for row in before}
    for of, want, room_id, id in _wanted(run, creche, wants):
        known = there.pop(id, None) if id else None
        booking = _booking(want, room_id, known, known_bookings, writing) if room_id else None
        if booking and room_id:
            writing.holds.append(hold_for(booking["id"], rooms[room_id], want.starts_at, want.ends_at))
        wanted = _session_row(of, want, rooms.get(room_id) if room_id else None, booking, run)
        writing.sessions.compare(known, wanted)
    writing.gone = list(there.values())
    await _write(writing, booked)
    await _write_skips(run["id"], wants)


def _wanted(run: Row, creche: Row | None, wants: Sequence[Want]) -> list[tuple[Row, Want, UUID | None, UUID | None]]:
    """(its run, the date, the room, the id of the session that is there) of everything held, the creche's last."""
    held = [want for want in wants if want.is_held]
    found: list[tuple[Row, Want, UUID | None, UUID | None]] = [
        (run, each, each.room_id, each.session_id) for each in held
    ]
    if creche:
        found += [(creche, each, each.creche_room_id, each.creche_session_id) for each in held if each.creche_room_id]
    return found


def _booking(want: Want, room_id: UUID, known: Row | None, bookings: Mapping[UUID, Row], writing: Writing) -> Row:
    before = bookings.get(known["room_booking_id"]) if known and known["room_booking_id"] else None
    wanted = {
        "room_id": room_id, "kind": "session", "state": "confirmed", "starts_at": want.starts_at, "ends_at": want.ends_at,
    }  # fmt: skip
    return writing.bookings.compare(before, wanted)


def _session_row(of: Row, want: Want, room: RoomFacts | None, booking: Row | None, run: Row) -> Row:
    """A session as it is wanted. What differs from its run is noted, so that it does not follow the run in that."""
    is_main = of["id"] == run["id"]
    return {
        "run_id": of["id"],
        "location_id": room.location_id if room else of["location_id"],
        "room_id": room.id if room else None,
        "room_booking_id": booking["id"] if booking else None,
        "hub_id": room.hub_id if room else of["hub_id"],
        "number": want.number,
        "date": want.day,
        "weekday": want.day.weekday(),
        "start_time": want.start,
        "end_time": want.end,
        "starts_at": want.starts_at,
        "ends_at": want.ends_at,
        "state": "draft",
        "is_listed": False,
        "places": of["places"],
        "moved_from_date": want.of if want.day != want.of else None,
        "kind": want.kind,
        "delivery": want.delivery if is_main else "",
        "edited": _edited(of, want, room, is_main=is_main),
        "facilitator_1": _own(want.facilitator_1, run["facilitator_1"]) if is_main else "",
        "facilitator_2": _own(want.facilitator_2, run["facilitator_2"]) if is_main else "",
    }


def _own(name: str, of_run: str) -> str:
    """Its own where it differs from the run's, else ""."""
    return "" if name == of_run else name


def _edited(of: Row, want: Want, room: RoomFacts | None, *, is_main: bool) -> str:
    names = [
        ("day", want.day != want.of),
        ("time", (want.start, want.end) != (of["start_time"], of["end_time"]) and want.kind == "group"),
        ("room", want.kind == "group" and room is not None and room.id != of["room_id"]),
        (
            "facilitator",
            is_main and (want.facilitator_1, want.facilitator_2) != (of["facilitator_1"], of["facilitator_2"]),
        ),
        ("online", want.delivery == "online"),
    ]
    return " ".join(name for name, is_so in names if is_so)


async def _write(writing: Writing, booked: Sequence[UUID]) -> None:
    """Gives rooms back before it takes them, so that two dates can change places."""
    freed = await closing.times_of(booked)
    await holding.let_go(booked)
    gone = [row["id"] for row in writing.gone]
    if gone:
        await db.execute(f"DELETE FROM slot WHERE session_id IN {db.in_list(gone)}", *gone)
    writing.sessions.gone = gone
    await writing.sessions.delete()
    writing.sessions.gone = []
    await writing.bookings.write()
    await holding.take(writing.holds)
    await writing.sessions.write()
    kept = {hold.room_booking_id for hold in writing.holds}
    writing.bookings.gone = [id for id in booked if id not in kept]
    await writing.bookings.delete()
    await closing.cover(freed)


async def _write_skips(run_id: UUID, wants: Sequence[Want]) -> None:
    """Each day once, and none on which it is held all the same."""
    held = {want.day for want in wants if want.is_held}
    skips = {want.of: "; ".join(want.left_out)[:200] for want in wants if not want.is_held and want.of not in held}
    await db.execute("DELETE FROM skip WHERE run_id = $1", run_id)
    if skips:
        columns = ("id", "run_id", "date", "reason")
        await db.insert_many(
            Skip._meta.db_table, columns, [(db.new_id(), run_id, day, why) for day, why in skips.items()]
        )


async def give_back_all(run_ids: Sequence[UUID]) -> None:
    """Deletes the sessions and skips of these drafts, and gives their rooms back. The rooms are locked."""
    sessions = await rows_of("session", "id, room_booking_id", "run_id", run_ids)
    booked = [row["room_booking_id"] for row in sessions if row["room_booking_id"]]
    await _write(Writing(gone=sessions), booked)
    await db.execute(f"DELETE FROM skip WHERE run_id IN {db.in_list(run_ids)}", *run_ids)
