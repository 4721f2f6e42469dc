"""The date that makes up for one that is lost: at the end of its course, on its weekday and at its time, its room being free."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.places import queries, taken_times
from booking.places.free_rooms import LEEWAY
from booking.places.judging_rooms import Judge, Wanted
from booking.places.rooms import RoomFacts, facts_of
from booking.places.term_calendar import TermCalendar
from booking.places.term_calendars import all_calendars
from booking.programmes.closures.closing_lists import InTheWay

WEEKS = 12
"""So many weeks after the last date are looked at."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MakeUp:
    """A date that is free for the course of a lost session."""

    session_id: UUID
    run_id: UUID
    room_id: UUID
    day: date


async def dates_for(found: Sequence[InTheWay]) -> dict[UUID, MakeUp]:
    """By session, for each date of a course that may be lost; none where nothing is free for twelve weeks. Two lost dates of
    a course get two. Term time and bank holidays are respected. Eight queries."""
    ids = [each.session_id for each in found if each.is_course and each.href and each.session_id]
    rows = await _courses(ids) if ids else []
    if not rows:
        return {}
    rooms, calendars = await facts_of(row["room_id"] for row in rows), await all_calendars()
    days = {row["id"]: _days(row, calendars) for row in rows}
    judge_of = await _judges(rows, rooms, days)
    made: dict[UUID, MakeUp] = {}
    given: set[tuple[UUID, date]] = set()
    for row in rows:
        judge, room = judge_of[row["id"]], rooms[row["room_id"]]
        taken = {clash.day for clash in judge.found(room, None).clashes} if days[row["id"]] else set()
        day = next((day for day in days[row["id"]] if day not in taken and (row["run_id"], day) not in given), None)
        if day:
            given.add((row["run_id"], day))
            made[row["id"]] = MakeUp(row["id"], row["run_id"], room.id, day)
    return made


async def _courses(session_ids: Sequence[UUID]) -> list[Row]:
    return await db.rows(
        "SELECT s.id, s.run_id, s.room_id, s.start_time, s.end_time, r.weekday, r.is_term_time_only, l.area,"
        " (SELECT MAX(x.date) FROM session x WHERE x.run_id = s.run_id AND x.state = 'planned') AS last_date"
        " FROM session s JOIN run r ON r.id = s.run_id JOIN location l ON l.id = r.location_id"
        f" WHERE s.room_id IS NOT NULL AND s.id IN {db.in_list(session_ids)} ORDER BY s.starts_at, s.id",
        *session_ids,
    )


def _days(row: Row, calendars: Mapping[str, TermCalendar]) -> tuple[date, ...]:
    """Its weekday in the weeks after its last date, without those left out."""
    first = row["last_date"] + timedelta(days=(row["weekday"] - row["last_date"].weekday() - 1) % 7 + 1)
    calendar = calendars.get(row["area"]) or calendars[""]
    days = (first + timedelta(weeks=n) for n in range(WEEKS))
    return tuple(day for day in days if not calendar.reasons(day, term_time_only=bool(row["is_term_time_only"])))


async def _judges(
    rows: Sequence[Row], rooms: Mapping[UUID, RoomFacts], days: Mapping[UUID, Sequence[date]]
) -> dict[UUID, Judge]:
    everything = sorted({day for some in days.values() for day in some}) or [clock.today()]
    openings = await queries.openings(
        sorted({room.location_id for room in rooms.values()}), everything[0], everything[-1]
    )
    around = max(room.setup + room.clear for room in rooms.values()) + LEEWAY
    windows = [
        (clock.at(day, row["start_time"]) - around, clock.at(day, row["end_time"]) + around)
        for row in rows
        for day in days[row["id"]]
    ]
    taken = await taken_times.read((leaf for room in rooms.values() for leaf in room.leaves), windows)
    return {
        row["id"]: Judge(
            Wanted(row["start_time"], row["end_time"], tuple(days[row["id"]])), openings, taken, clock.now()
        )
        for row in rows
    }
