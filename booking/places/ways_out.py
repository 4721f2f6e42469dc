"""The nearest ways out of a clash: another room, a little earlier or later, another day, a building near by, or no date at all.

The core is pure (`Around.ways`); one loader reads what it looks at, for all clashing dates of a room together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeVar
from uuid import UUID

from booking import clock
from booking.places import queries, taken_times
from booking.places.asking import Choice
from booking.places.free_rooms import windows
from booking.places.judging_rooms import Judge, Wanted
from booking.places.near import miles
from booking.places.rooms import RoomFacts, find_rooms
from booking.places.taken_times import Span
from booking.words import miles_words, short_day, time_range

T = TypeVar("T")
Kind = Literal["room", "time", "day", "near", "skip"]
MOST = 5
SHIFTS = (-15, 15, -30, 30)
"""Minutes, the least change first."""
OTHER_DAYS = (1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6)
NEAR_MILES = 10
NEAR_ROOMS = 30
A_DEGREE = 69.0
"""Miles to a degree of latitude; of longitude there are fewer, so that a square of it is large enough."""
LEAVE_OUT = "Leave this date out"


@dataclass(frozen=True, slots=True)
class WayOut:
    """One way out for one date. kind: another "room" in the building, another "time", another "day", a building "near"
    by, or "skip". What stays as it was is None; start and end are local "HH:MM"."""

    kind: Kind
    words: str
    room_id: UUID | None = None
    start: str | None = None
    end: str | None = None
    day: date | None = None

    @property
    def choice(self) -> Choice:
        """What to put into `Ask.choices` when somebody takes it."""
        if self.kind == "skip":
            return Choice("skip")
        return Choice("use", self.room_id, self.start, self.end, self.day)


@dataclass(frozen=True, slots=True)
class Date:
    """A clashing date with its local times."""

    day: date
    start: str
    end: str


async def for_dates(
    room: RoomFacts,
    wanted: Sequence[tuple[date, datetime, datetime]],
    *,
    people: int | None,
    for_partner: bool,
    besides: Iterable[UUID] = (),
) -> dict[date, list[WayOut]]:
    """For each clashing date (the rule's date, start and end), at most five ways out, the nearest first, "skip" last.

    Only rooms that who asks may use are offered; holds of the room bookings in `besides` do not count, they are being
    moved. Eleven queries at most for all dates together.
    """
    if not wanted:
        return {}
    dates = [(of, _local(starts_at, ends_at)) for of, starts_at, ends_at in wanted]
    around = await look_around(room, [each for _, each in dates], people, for_partner, besides)
    return dict(zip((of for of, _ in dates), around.ways([each for _, each in dates]), strict=True))


def _local(starts_at: datetime, ends_at: datetime) -> Date:
    begins, ends = clock.local(starts_at), clock.local(ends_at)
    return Date(begins.date(), begins.strftime("%H:%M"), ends.strftime("%H:%M"))


async def look_around(
    room: RoomFacts, dates: Sequence[Date], people: int | None, for_partner: bool, besides: Iterable[UUID] = ()
) -> "Around":
    """Reads the rooms of the building and near by, their places' hours, and when they and the room itself are taken."""
    others = await _others(room, people, for_partner)
    days = sorted({each.day for each in dates})
    earliest, latest = min(each.start for each in dates), max(each.end for each in dates)
    asked = Wanted(earliest, latest, tuple(days), people=people, as_partner=for_partner)
    location_ids = sorted({each.location_id for each in (room, *others)})
    week = timedelta(days=7)
    openings = await queries.openings(location_ids, days[0] - week, days[-1] + week)
    besides, now = tuple(besides), clock.now()
    there = await taken_times.read(
        (leaf for each in (room, *others) for leaf in each.leaves),
        windows(asked, [room, *others], days),
        besides=besides,
    )
    own = await taken_times.read(room.leaves, weeks_of(days), besides=besides)
    return Around(room, others, Judge(asked, openings, there, now), Judge(asked, openings, own, now))


async def _others(room: RoomFacts, people: int | None, for_partner: bool) -> list[RoomFacts]:
    """The other rooms that are large enough, of the building and of those within ten miles, the nearest thirty at most.
    Restricted ones only of the very building that is asked about. Two queries."""
    size = NEAR_MILES / A_DEGREE
    where = "o.id <> $1 AND o.capacity >= $2 AND (l.id = $3"
    parameters: list[Any] = [room.id, people or 0, room.location_id]
    if room.lat is not None and room.lon is not None:
        where += " OR (l.lat > $4 AND l.lat < $5 AND l.lon > $6 AND l.lon < $7)"
        parameters += [room.lat - size, room.lat + size, room.lon - 2 * size, room.lon + 2 * size]
    where += ") AND o.is_partner_bookable" if for_partner else ")"
    found = [
        each
        for each in (await find_rooms(where, *parameters)).values()
        if not each.is_restricted or (each.location_id == room.location_id and not for_partner)
    ]
    found.sort(key=lambda each: (each.location_id != room.location_id, distance(room, each), each.capacity, each.name))
    return [each for each in found if distance(room, each) <= NEAR_MILES][:NEAR_ROOMS]


def distance(room: RoomFacts, other: RoomFacts) -> float:
    """Miles between their buildings; a long way where it is not known."""
    if room.location_id == other.location_id:
        return 0.0
    if room.lat is None or room.lon is None or other.lat is None or other.lon is None:
        return 9999.0
    return miles(room.lat, room.lon, other.lat, other.lon)


def weeks_of(days: Iterable[date]) -> list[Span]:
    """The weeks, from Monday, that these days are in."""
    mondays = {day - timedelta(days=day.weekday()) for day in days}
    return [(clock.at(day, "00:00"), clock.at(day + timedelta(days=7), "00:00")) for day in mondays]


def shifted(start: str, end: str, minutes: int) -> tuple[str, str] | None:
    """Both times so much later (less than 0: earlier), or None where that leaves the day."""
    moved = [60 * int(text[:2]) + int(text[3:5]) + minutes for text in (start, end)]
    if moved[0] < 0 or moved[1] >= 24 * 60:
        return None
    return f"{moved[0] // 60:02}:{moved[0] % 60:02}", f"{moved[1] // 60:02}:{moved[1] % 60:02}"


def shift_words(minutes: int, start: str, end: str) -> str:
    return f"{abs(minutes)} minutes {'later' if minutes > 0 else 'earlier'}: {time_range(start, end)}"


@dataclass(frozen=True, slots=True)
class Around:
    """A room and what is around it: other rooms, nearest first, and two judges: `there` knows all rooms at the times
    wanted, `of_weeks` the room itself in the whole weeks."""

    room: RoomFacts
    others: Sequence[RoomFacts]
    there: Judge
    of_weeks: Judge

    def ways(self, dates: Sequence[Date]) -> list[list[WayOut]]:
        """The ways out of each date. What helps most of the dates comes before what helps one alone. Pure."""
        rooms = _most_shared([self._free_rooms(each) for each in dates])
        days = _most_shared([self._free_days(each) for each in dates])
        return [self._nearest(each, rooms[n], self._free_shifts(each), days[n]) for n, each in enumerate(dates)]

    def _nearest(self, of: Date, rooms: list[UUID], shifts: list[int], days: list[int]) -> list[WayOut]:
        """One of each kind, then seconds of the nearest kinds while there is space."""
        by_id = {each.id: each for each in self.others}
        here = [by_id[key] for key in rooms if by_id[key].location_id == self.room.location_id]
        near = [by_id[key] for key in rooms if by_id[key].location_id != self.room.location_id]
        kinds = [
            [self._room_way(each) for each in here],
            [_time_way(of, minutes) for minutes in shifts],
            [_day_way(of, by) for by in days],
            [self._room_way(each) for each in near],
        ]
        several = [min(len(ways), 1) for ways in kinds]
        for n, ways in enumerate(kinds):
            if sum(several) < MOST - 1 and len(ways) > 1:
                several[n] = 2
        ways = [way for ways, count in zip(kinds, several, strict=True) for way in ways[:count]]
        return [*ways, WayOut("skip", LEAVE_OUT)]

    def _room_way(self, other: RoomFacts) -> WayOut:
        takes = f"takes {other.capacity}"
        if other.location_id == self.room.location_id:
            return WayOut("room", f"{other.name}, same time ({takes})", other.id)
        return WayOut("near", f"{other.words}, {_far(distance(self.room, other))} ({takes})", other.id)

    def _free_rooms(self, of: Date) -> list[UUID]:
        is_tolerated = self._is_beyond(of)
        return [each.id for each in self.others if can(self.there, each, of.day, of.start, of.end, is_tolerated)]

    def _free_shifts(self, of: Date) -> list[int]:
        is_tolerated = self._is_beyond(of)
        return [
            minutes
            for minutes in SHIFTS
            if (times := shifted(of.start, of.end, minutes))
            and can(self.of_weeks, self.room, of.day, *times, is_tolerated)
        ]

    def _free_days(self, of: Date) -> list[int]:
        """By how many days it would move, within its week; not outside opening hours."""
        weekday = of.day.weekday()
        return [
            by
            for by in OTHER_DAYS
            if 0 <= weekday + by <= 6 and can(self.of_weeks, self.room, of.day + timedelta(days=by), of.start, of.end)
        ]

    def _is_beyond(self, of: Date) -> bool:
        slot, _ = self.of_weeks.outcomes(self.room, (of.day,), of.start, of.end)[0]
        return slot.is_out_of_hours


def can(judge: Judge, room: RoomFacts, day: date, start: str, end: str, is_tolerated: bool = False) -> bool:
    """Whether the room can be had then; out of hours only where that is tolerated, because it was asked for."""
    slot, why = judge.outcomes(room, (day,), start, end)[0]
    return not why and (is_tolerated or not slot.is_out_of_hours)


def _most_shared(found: Sequence[Sequence[T]]) -> list[list[T]]:
    """Each list with what helps the most dates first; the order in it decides between equals."""
    counted: dict[T, int] = {}
    for some in found:
        for each in some:
            counted[each] = counted.get(each, 0) + 1
    return [sorted(some, key=lambda each: -counted[each]) for some in found]


def _time_way(of: Date, minutes: int) -> WayOut:
    start, end = shifted(of.start, of.end, minutes) or (of.start, of.end)
    return WayOut("time", shift_words(minutes, start, end), start=start, end=end)


def _day_way(of: Date, by: int) -> WayOut:
    day = of.day + timedelta(days=by)
    return WayOut("day", f"{short_day(day)}, same time", day=day)


def _far(far: float) -> str:
    return "very near" if far < 0.2 else f"{miles_words(far)} away"
