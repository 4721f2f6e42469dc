"""Moving one date of a session to another room, time or day: families are told, calendars follow, ten minutes to undo.

The preview is the act itself, rolled back (promise P10). Locks are taken in one order: rooms, bookings, the session. Only this
date moves; the others of its run stay where they are.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.signing_in import Who
from booking.places import closing
from booking.places.asking import Ask, wishes
from booking.places.holding import Hold, hold_for, holds_of, let_go, lock_rooms, take
from booking.places.models import RoomBooking
from booking.places.rooms import RoomFacts, facts_of_one
from booking.places.term_calendar import TermCalendar
from booking.places.working_out import Line, look, work_out
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.cancelling import REMINDERS, lock_bookings
from booking.programmes.telling_moved import Moved, summary, tell

VERB = "move session"
FIELDS = ("location_id", "room_id", "date", "weekday", "start_time", "end_time", "starts_at", "ends_at")

GONE = Problem("This session is cancelled, so it cannot be moved.", rule="cancelled")
BEGUN = Problem("This session has begun, so it cannot be moved.", rule="over")
PAST = Problem("This time is past. Choose a later one.", "day", rule="past")
SAME = Problem("Nothing would change. Choose another room, day or time.", rule="same")
WRONG_TIME = Problem("Choose an end time that is after the start.", "end", rule="time")
NO_ROOM = Problem("Choose a room of your hubs.", "room", rule="room")
RESTRICTED = Problem(
    "A session moves only between rooms that are equally open to the public. Choose another room.",
    "room",
    rule="restricted",
)
TWICE = Problem("This course meets at that time on that day already. Choose another time.", "start", rule="same run")
CHANGED = Problem("Somebody changed this session a moment ago. Look again.", rule="changed")
MOVED_JUST_NOW = Problem(
    "It was moved a few minutes ago and families have not heard yet. Undo that, or send its messages first.",
    rule="moved",
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where and when a session is to be: local date and wall times; what is None stays as it is."""

    room_id: UUID | None = None
    day: date | None = None
    start: str | None = None
    end: str | None = None
    keyholder_id: UUID | None = None
    second_person: str = ""
    override: str = ""


class _OnlyLooking(Exception):
    pass


async def preview(*, session_id: UUID, target: Target, by: Who, undo_minutes: int) -> Moved:
    """What `move` would do now, to whom and in what words. Raises Refused as `move` does; changes nothing."""
    seen: list[Moved] = []

    async def body() -> None:
        seen.append(await move(session_id=session_id, target=target, by=by, undo_minutes=undo_minutes))
        raise _OnlyLooking

    with suppress(_OnlyLooking):
        await db.run_tx(body)
    return seen[0]


async def move(*, session_id: UUID, target: Target, by: Who, undo_minutes: int) -> Moved:
    """Moves this date only. Messages leave when it can no longer be undone; who is told nothing new gets none.

    Raises Refused with every Problem: over, cancelled, the room taken or closed, out of hours without a reason.
    """

    async def body() -> Moved:
        before = await _session(session_id)
        after, room = await _planned(before, target, by)
        held = await holds_of([before["room_booking_id"]]) if before["room_booking_id"] else []
        await lock_rooms([*(leaf for each in held for leaf in each.leaves), *(room.leaves if room else ())])
        await lock_bookings(session_id)
        await _lock_unchanged(before)
        line = await _look(before, after, target, by)
        return await _write(before, after, room, held, line, target, by, undo_minutes)

    return await db.run_tx(body)


async def _session(session_id: UUID, lock: str = "") -> dict[str, Any]:
    found = await db.row(
        f"SELECT {disclosure.FACTS}, s.id, s.hub_id, s.run_id, s.location_id, s.room_id, s.room_booking_id, s.date,"
        f" s.weekday, s.start_time, s.end_time, s.sequence, s.state, s.moved_from_date,"
        " k.is_out_of_hours, k.keyholder_id, k.second_person"
        f" FROM session s {disclosure.JOINS} LEFT JOIN room_booking k ON k.id = s.room_booking_id WHERE s.id = $1{lock}",
        session_id,
    )
    if found is None or found["state"] != "planned":
        raise Refused([GONE])
    if found["starts_at"] <= clock.now():
        raise Refused([BEGUN])
    return found


async def _planned(before: dict[str, Any], target: Target, by: Who) -> tuple[dict[str, Any], RoomFacts | None]:
    """The session's FIELDS as they are to be, and the room. Raises Refused for what makes no sense in itself."""
    day, start, end = (
        target.day or before["date"],
        target.start or before["start_time"],
        target.end or before["end_time"],
    )
    if clock.at(day, end) <= clock.at(day, start):  # in instants: the spring night turns 01:30 and 02:15 round
        raise Refused([WRONG_TIME])
    room_id = target.room_id or before["room_id"]
    room = await facts_of_one(room_id) if room_id else None
    if room_id and (room is None or (room_id != before["room_id"] and not _may_use(room, by))):
        raise Refused([NO_ROOM])
    if room and room_id != before["room_id"] and room.is_restricted != await _is_restricted(before["location_id"]):
        raise Refused([RESTRICTED])
    after = {
        "location_id": room.location_id if room else before["location_id"],
        "room_id": room_id,
        "date": day,
        "weekday": day.weekday(),
        "start_time": start,
        "end_time": end,
        "starts_at": clock.at(day, start),
        "ends_at": clock.at(day, end),
    }
    if all(after[name] == before[name] for name in FIELDS):
        raise Refused([SAME])
    if after["starts_at"] <= clock.now():
        raise Refused([PAST])
    return after, room


def _may_use(room: RoomFacts, by: Who) -> bool:
    return by.works_at(room.hub_id) if room.is_restricted else by.may_act_at(room.hub_id)


async def _is_restricted(location_id: UUID) -> bool:
    restricted = await db.value(
        "SELECT (is_restricted OR kind = 'restricted') AS is_restricted FROM location WHERE id = $1", location_id
    )
    return bool(restricted)


async def _lock_unchanged(before: dict[str, Any]) -> None:
    """Locks the session, now that the rooms are, and sees that it is still what the rooms were locked for."""
    now = await _session(before["id"], " FOR UPDATE OF s" if db.is_postgres() else "")
    if any(now[name] != before[name] for name in (*FIELDS, "sequence", "room_booking_id")):
        raise Refused([CHANGED])
    waiting = await db.row(
        "SELECT e.id FROM audit_event e JOIN message m ON m.batch_id = e.id AND m.state = 'queued'"
        " WHERE e.about_id = $1 AND e.verb = $2 AND e.undone_at IS NULL AND e.undo_until > $3 LIMIT 1",
        before["id"], VERB, clock.now(),
    )  # fmt: skip
    if waiting:
        raise Refused([MOVED_JUST_NOW])


async def _look(before: dict[str, Any], after: dict[str, Any], target: Target, by: Who) -> Line | None:
    """What the rules say of the room then; None for a session without a room. Raises Refused when one blocks."""
    same = await db.row(
        "SELECT id FROM session WHERE run_id = $1 AND date = $2 AND start_time = $3 AND id <> $4",
        before["run_id"], after["date"], after["start_time"], before["id"],
    )  # fmt: skip
    problems: Sequence[Problem] = [TWICE] if same else []
    line = await _line(before, after, target, by) if after["room_id"] else None
    problems = [*problems, *(each for each in (line.problems if line else ()) if each.level == "blocks")]
    if problems:
        raise Refused(problems)
    return line


async def _line(before: dict[str, Any], after: dict[str, Any], target: Target, by: Who) -> Line:
    ask = Ask(
        room_id=after["room_id"],
        start=after["start_time"],
        end=after["end_time"],
        day=after["date"],
        keyholder_id=target.keyholder_id,
        second_person=target.second_person,
        override=target.override,
    )
    wished = wishes(ask, TermCalendar(""))
    world = await look(ask, [after["date"]], by)
    besides = [before["room_booking_id"]] if before["room_booking_id"] else []
    return (await work_out(ask, wished, world, besides=besides))[0]


async def _write(
    before: dict[str, Any],
    after: dict[str, Any],
    room: RoomFacts | None,
    held: Sequence[Hold],
    line: Line | None,
    target: Target,
    by: Who,
    undo_minutes: int,
) -> Moved:
    booking_id = await _move_room(before, after, room, line, target) if room else before["room_booking_id"]
    await db.execute(
        "UPDATE session SET location_id = $2, room_id = $3, date = $4, weekday = $5, start_time = $6, end_time = $7,"
        " starts_at = $8, ends_at = $9, room_booking_id = $10, moved_from_date = $11, sequence = sequence + 1 WHERE id = $1",
        before["id"],
        *(after[name] for name in FIELDS),
        booking_id,
        _moved_from(before, after),
    )
    reminders = await outbox.void(session_id=before["id"], kinds=REMINDERS, why="session moved")
    await db.execute("DELETE FROM reminder WHERE session_id = $1", before["id"])  # the job looks anew
    undo_until = clock.now() + timedelta(minutes=undo_minutes)
    event_id = await audit.record(
        VERB, about_kind="session", about_id=before["id"], by=by, hub_id=before["hub_id"], why=target.override,
        before=_as_was(before, held), after=_in_words(after) | {"sequence": before["sequence"] + 1}, undo_until=undo_until,
    )  # fmt: skip
    now = await _session(before["id"])
    told = await tell(before, now, event_id, undo_until)
    warnings = [each for each in (line.problems if line else ()) if each.level != "blocks"]
    return await summary(event_id, undo_until, told, before["id"], warnings=warnings, reminders=reminders)


def _moved_from(before: dict[str, Any], after: dict[str, Any]) -> date | None:
    """Its date in the rule, which an import looks for; None when it is on that day (again)."""
    own = before["moved_from_date"] or before["date"]
    return None if after["date"] == own else own


async def _move_room(
    before: dict[str, Any], after: dict[str, Any], room: RoomFacts, line: Line | None, target: Target
) -> UUID:
    """The session's room booking goes with it; one that had none gets one."""
    is_out = bool(line and line.is_out_of_hours)
    booking_id = before["room_booking_id"]
    if booking_id is None:
        new = RoomBooking(
            room_id=room.id, kind="session", starts_at=after["starts_at"], ends_at=after["ends_at"], state="confirmed",
            created_at=clock.now(), series_id=None, closure_id=None,
        )  # fmt: skip
        await db.write_new([new])
        booking_id = new.id
    freed = await closing.times_of([booking_id])
    await let_go([booking_id])
    await db.execute(
        "UPDATE room_booking SET room_id = $2, starts_at = $3, ends_at = $4, is_out_of_hours = $5, keyholder_id = $6,"
        " second_person = $7, sequence = sequence + 1 WHERE id = $1",
        booking_id,
        room.id,
        after["starts_at"],
        after["ends_at"],
        is_out,
        target.keyholder_id if is_out else None,
        target.second_person if is_out else "",
    )
    await take([hold_for(booking_id, room, after["starts_at"], after["ends_at"])])
    await closing.cover(freed)  # it may have been kept in spite of a closure
    return booking_id


def _in_words(values: dict[str, Any]) -> dict[str, Any]:
    """FIELDS as plain JSON."""
    return {name: _plain(values[name]) for name in FIELDS}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value) if isinstance(value, UUID) else value


def _as_was(before: dict[str, Any], held: Sequence[Hold]) -> dict[str, Any]:
    booking_id = before["room_booking_id"]
    return _in_words(before) | {
        "room_booking": str(booking_id) if booking_id else "",
        "moved_from": _plain(before["moved_from_date"]),
        "is_out_of_hours": bool(before["is_out_of_hours"]),
        "keyholder": _plain(before["keyholder_id"]),
        "second_person": before["second_person"] or "",
        "holds": [
            {"room": str(leaf), "from": each.starts_at.isoformat(), "to": each.ends_at.isoformat()}
            for each in held
            for leaf in each.leaves
        ],
    }
