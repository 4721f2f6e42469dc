"""Adding a date to a run, or one that makes up for a date that was cancelled: its room is held, the creche's too, and families
of a course are told and have it in their calendars. For ten minutes it can be undone (undoing_adding.py).

Locks: rooms, bookings, the run. The sessions are new, so nobody else has them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.looking import look
from booking.people.signing_in import Who
from booking.places.holding import lock_rooms
from booking.places.rooms import RoomFacts, facts_of
from booking.places.working_out import Line
from booking.problems import Problem, Refused
from booking.programmes.appointments import keeping_slots
from booking.programmes.changes import rooms_of_dates, telling_added
from booking.programmes.changes.dates_in_scope import NO_ROOM, RESTRICTED, may_use
from booking.programmes.changes.rooms_of_dates import Beyond, Wanted
from booking.programmes.changes.telling_cancelled import Told
from booking.programmes.changes.telling_changed import Words
from booking.programmes.models import CrechePlace, Session

VERB = "add date"
NO_RUN = Problem("This course is cancelled or not published, so no date can be added.", rule="cancelled")
WRONG_TIME = Problem("Choose an end time that is after the start.", "end", rule="time")
PAST = Problem("This time is past. Choose a later one.", "day", rule="past")
TWICE = Problem("This course meets at that time on that day already. Choose another time.", "start", rule="same run")
NOT_ITS_OWN = Problem("It can make up only for a cancelled date of the same course.", rule="make up")
CRECHE = "The crèche’s room: "


@dataclass(frozen=True, slots=True)
class Added:
    """What adding did, or as a preview would do. creche_session_id: the creche's date beside it."""

    session_id: UUID
    event_id: UUID
    messages_leave_at: datetime
    told: list[Told]
    texts: list[Words]
    calendar_entries: int
    warnings: list[Problem]
    creche_session_id: UUID | None = None

    @property
    def to_ring(self) -> list[Told]:
        return [each for each in self.told if each.is_to_ring]


@dataclass(frozen=True, slots=True)
class _New:
    """A session to be written, with its run, and the room it takes."""

    row: Session
    room: RoomFacts | None


async def preview(**wanted: Any) -> Added:
    """What `add` would do now. Takes what it takes and raises Refused as it does; changes nothing."""
    return await look(lambda: add(**wanted))


async def add(
    *, run_id: UUID, day: date, start: str | None = None, end: str | None = None, room_id: UUID | None = None,
    makes_up_for_id: UUID | None = None, number: int | None = None, by: Who, undo_minutes: int, override: str = "",
    keyholder_id: UUID | None = None, second_person: str = "", is_told: bool = True,
) -> Added:  # fmt: skip
    """Adds one date, at the run's own time and in its own room unless others are named. Families of the whole course have a
    place on it and are told, unless is_told is False. Inside another transaction it is a part of that.

    Raises Refused with every Problem: not published, past, twice at one time, the room or the creche's room taken.
    """

    async def body() -> Added:
        run = await _run(run_id)
        first = _session(run, day, start or run["start_time"], end or run["end_time"], by)
        rooms = await facts_of({each for each in (room_id, run["room_id"], run["creche_room_id"]) if each})
        new = [_New(first, _room_of(run, room_id, rooms, by)), *_creche(run, first, rooms)]
        await lock_rooms(leaf for each in new if each.room for leaf in each.room.leaves)
        await lock(run_id)
        first.number = number or await _number(run_id, makes_up_for_id)
        first.makes_up_for_id = makes_up_for_id
        lines = await _look(new, Beyond(keyholder_id, second_person, override), by)
        await _write(new, lines, Beyond(keyholder_id, second_person, override))
        await _give_creche_places(run_id, new)
        if run["booking_mode"] == "appointment":
            await keeping_slots.make_missing(session_id=first.id)
        were = await _stretch(run, day)
        return await _record(run, were, new, lines, by, undo_minutes, override, is_told)

    return await db.run_tx(body)


async def _run(run_id: UUID) -> dict[str, Any]:
    run = await db.row(
        "SELECT r.*, c.room_id AS creche_room_id, c.start_time AS creche_start, c.end_time AS creche_end,"
        " c.places AS creche_places, c.location_id AS creche_location_id, c.hub_id AS creche_hub_id,"
        " c.state AS creche_state, (l.is_restricted OR l.kind = 'restricted') AS is_at_restricted FROM run r"
        " JOIN location l ON l.id = r.location_id LEFT JOIN run c ON c.id = r.creche_run_id WHERE r.id = $1",
        run_id,
    )
    if run is None or run["state"] != "published":
        raise Refused([NO_RUN])
    return run


def _session(run: dict[str, Any], day: date, start: str, end: str, by: Who) -> Session:
    starts_at, ends_at = clock.at(day, start), clock.at(day, end)
    if ends_at <= starts_at:
        raise Refused([WRONG_TIME])
    if starts_at <= clock.now():
        raise Refused([PAST])
    return Session(
        run_id=run["id"], location_id=run["location_id"], hub_id=run["hub_id"], number=1, date=day,
        weekday=day.weekday(), start_time=start, end_time=end, starts_at=starts_at, ends_at=ends_at, state="planned",
        is_listed=bool(run["is_listed"]) and not run["is_restricted"], places=run["places"], edited="added",
        facilitator_1=run["facilitator_1"], facilitator_2=run["facilitator_2"],
    )  # fmt: skip


def _room_of(run: dict[str, Any], room_id: UUID | None, rooms: dict[UUID, RoomFacts], by: Who) -> RoomFacts | None:
    """The room named, or the run's own; none where it is held online."""
    if run["delivery"] == "online" and room_id is None:
        return None
    room = rooms.get(room_id or run["room_id"])
    if room_id and (room is None or not may_use(room, by)):
        raise Refused([NO_ROOM])
    if room_id and room and room.is_restricted != bool(run["is_at_restricted"]):
        raise Refused([RESTRICTED])
    return room


def _creche(run: dict[str, Any], beside: Session, rooms: dict[UUID, RoomFacts]) -> list[_New]:
    """The creche's date beside it, at the creche's own times where the course keeps its usual ones."""
    if run["creche_run_id"] is None or run["creche_state"] != "published" or run["delivery"] == "online":
        return []
    is_usual = (beside.start_time, beside.end_time) == (run["start_time"], run["end_time"])
    start, end = (run["creche_start"], run["creche_end"]) if is_usual else (beside.start_time, beside.end_time)
    own = Session(
        run_id=run["creche_run_id"], location_id=run["creche_location_id"], hub_id=run["creche_hub_id"], number=1,
        date=beside.date, weekday=beside.weekday, start_time=start, end_time=end,
        starts_at=clock.at(beside.date, start), ends_at=clock.at(beside.date, end), state="planned", is_listed=False,
        places=run["creche_places"], edited="added",
    )  # fmt: skip
    return [_New(own, rooms.get(run["creche_room_id"]))]


async def lock(run_id: UUID, session_ids: Sequence[UUID] = ()) -> None:
    """The bookings of the whole course, the slots of these dates, then the run."""
    if db.is_postgres():
        await db.rows(
            "SELECT id FROM booking WHERE run_id = $1 AND session_id IS NULL AND state = 'booked' ORDER BY id FOR UPDATE",
            run_id,
        )
        await keeping_slots.lock_slots(session_ids)
        await db.rows("SELECT id FROM run WHERE id = $1 FOR NO KEY UPDATE", run_id)


async def _number(run_id: UUID, makes_up_for_id: UUID | None) -> int:
    if makes_up_for_id is None:
        return await db.value("SELECT COALESCE(MAX(number), 0) + 1 AS n FROM session WHERE run_id = $1", run_id)
    missed = await db.row(
        "SELECT number FROM session WHERE id = $1 AND run_id = $2 AND state = 'cancelled'", makes_up_for_id, run_id
    )
    if missed is None:
        raise Refused([NOT_ITS_OWN])
    return missed["number"]


async def _look(new: Sequence[_New], beyond: Beyond, by: Who) -> dict[UUID, Line]:
    problems = []
    for each in new:
        if await db.row(
            "SELECT id FROM session WHERE run_id = $1 AND date = $2 AND start_time = $3",
            each.row.run_id, each.row.date, each.row.start_time,
        ):  # fmt: skip
            problems.append(TWICE)
    wanted = _wanted(new)
    lines = await rooms_of_dates.look_at(wanted, beyond, by)
    for n, each in enumerate(new):
        if each.room:
            own = [problem for problem in lines[each.row.id].problems if problem.level == "blocks"]
            problems += [
                Problem(f"{CRECHE if n else ''}{problem.words}", problem.field, rule=problem.rule) for problem in own
            ]
    if problems:
        raise Refused(problems)
    return lines


def _wanted(new: Sequence[_New]) -> list[Wanted]:
    return [
        Wanted(each.row.id, each.room, each.row.date, each.row.starts_at, each.row.ends_at) for each in new if each.room
    ]


async def _write(new: Sequence[_New], lines: dict[UUID, Line], beyond: Beyond) -> None:
    booked = await rooms_of_dates.change_rooms(_wanted(new), [], lines, beyond)
    for each in new:
        if each.room:
            each.row.room_id, each.row.location_id = each.room.id, each.room.location_id
        each.row.room_booking_id = booked.get(each.row.id)
    await db.write_new([each.row for each in new])


async def _give_creche_places(run_id: UUID, new: Sequence[_New]) -> None:
    """Children who have a place in the creche on the course's dates have one on this date too."""
    if len(new) < 2:
        return
    creche = new[1].row
    booked = await db.rows(
        "SELECT id, creche_children FROM booking WHERE run_id = $1 AND session_id IS NULL AND state = 'booked'"
        " AND creche_children > 0 ORDER BY id",
        run_id,
    )
    left = creche.places
    rows = []
    for each in booked:
        if each["creche_children"] <= left:
            left -= each["creche_children"]
            rows.append(
                CrechePlace(
                    booking_id=each["id"], session_id=creche.id, places=each["creche_children"], released_at=None
                )
            )
    await db.write_new(rows)
    await db.execute("UPDATE session SET taken = $2 WHERE id = $1", creche.id, creche.places - left)


async def _stretch(run: dict[str, Any], day: date) -> list[list[str]]:
    """The first and last date of the run and of its creche; returns what they were, as plain JSON."""
    ids = [each for each in (run["id"], run["creche_run_id"]) if each]
    were = await db.rows(f"SELECT id, first_date, last_date FROM run WHERE id IN {db.in_list(ids)}", *ids)
    await db.execute(
        "UPDATE run SET first_date = CASE WHEN first_date > $1 THEN $1 ELSE first_date END,"
        f" last_date = CASE WHEN last_date < $1 THEN $1 ELSE last_date END WHERE id IN {db.in_list(ids, 2)}",
        day,
        *ids,
    )
    return [[str(row["id"]), row["first_date"].isoformat(), row["last_date"].isoformat()] for row in were]


async def _record(
    run: dict[str, Any], were: list[list[str]], new: Sequence[_New], lines: dict[UUID, Line], by: Who, undo_minutes: int, override: str,
    is_told: bool,
) -> Added:  # fmt: skip
    first = new[0].row
    undo_until = clock.now() + timedelta(minutes=undo_minutes)
    event_id = await audit.record(
        VERB, about_kind="session", about_id=first.id, by=by, hub_id=run["hub_id"], why=override,
        before={"runs": were},
        after={
            "run": str(run["id"]), "sessions": [str(each.row.id) for each in new], "date": first.date.isoformat(),
            "start_time": first.start_time, "end_time": first.end_time,
        },
        undo_until=undo_until,
    )  # fmt: skip
    told = await telling_added.tell(first, event_id, undo_until, by) if is_told else []
    return Added(
        session_id=first.id,
        event_id=event_id,
        messages_leave_at=undo_until,
        told=told,
        texts=await telling_added.texts(event_id, told),
        calendar_entries=await telling_added.calendar_entries(event_id),
        warnings=[each for line in lines.values() for each in line.problems if each.level != "blocks"],
        creche_session_id=new[1].row.id if len(new) > 1 else None,
    )
