"""Find a room: which rooms are free on all dates wanted, and for the rest on which they are not.

A fixed number of queries for any number of rooms and dates: the rooms that fit, the opening of their places, when they are taken.
The judgement in between is pure and says the same as places/clashes.py (a property test holds them together).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.places import queries, taken_times
from booking.places.clashes import Case
from booking.places.near import Point, miles
from booking.places.opening import Opening, spans
from booking.places.rooms import RoomFacts, find_rooms
from booking.places.taken_times import Seconds, Span, TakenTimes
from booking.words import day_and_year

LEEWAY = timedelta(minutes=30)
"""So much before and after is read too: for ways out a little earlier or later."""
WEEK = timedelta(days=7)
SEATS_A_MILE = 10
"""In the order of what is found, so many empty seats weigh as much as a mile of way."""
NO_DAYS: Mapping[str, tuple[date, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for. start and end are local "HH:MM"; `days` the dates, or in an area with its own school dates
    those of `days_of_area`. own_hubs: hubs whose restricted rooms may be named to who asks. approval: the partner's own
    rule, or "room" for that of each room."""

    start: str
    end: str
    days: tuple[date, ...]
    days_of_area: Mapping[str, tuple[date, ...]] = field(default_factory=lambda: NO_DAYS)
    people: int | None = None
    layout: str = ""
    features: frozenset[str] = frozenset()
    area: str = ""
    hub_ids: frozenset[UUID] | None = None
    point: Point | None = None
    within: float | None = None
    as_partner: bool = False
    approval: str = "room"
    own_hubs: frozenset[UUID] = frozenset()

    def days_in(self, area: str) -> tuple[date, ...]:
        return self.days_of_area.get(area, self.days)

    def all_days(self) -> list[date]:
        return sorted({*self.days, *(day for days in self.days_of_area.values() for day in days)})

    @property
    def minutes(self) -> int:
        (hours, minutes), (to_hours, to_minutes) = (map(int, text.split(":")) for text in (self.start, self.end))
        return 60 * (to_hours - hours) + to_minutes - minutes


@dataclass(frozen=True, slots=True)
class Clash:
    """A date on which the room cannot be had, and why in a word or two: "taken", "closed (training)"."""

    day: date
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """One room with what becomes of each date. capacity: in the layout wanted. is_request: staff would decide about some
    date that is free. out_of_hours: free, but somebody must open up."""

    room: RoomFacts
    miles: float | None
    capacity: int
    days: tuple[date, ...]
    clashes: tuple[Clash, ...]
    out_of_hours: tuple[date, ...]
    is_request: bool

    @property
    def is_free(self) -> bool:
        return not self.clashes

    @property
    def free_days(self) -> tuple[date, ...]:
        taken = {clash.day for clash in self.clashes}
        return tuple(day for day in self.days if day not in taken)


@dataclass(frozen=True, slots=True)
class Search:
    """What was found, best first, and who judged it, so that ways out come from what was read for it."""

    wanted: Wanted
    found: list[Found]
    judge: "Judge"


async def find(wanted: Wanted) -> list[Found]:
    """Every room that fits and may be used by who asks: those free on all dates first."""
    return (await search(wanted)).found


async def search(wanted: Wanted) -> Search:
    """Like find, with what was read. Seven queries; two where no room fits."""
    now, days = clock.now(), wanted.all_days()
    rooms = [room for room in await _rooms_that_fit(wanted) if wanted.days_in(room.area)]
    if not rooms:
        return Search(wanted, [], Judge(wanted, {}, TakenTimes(), now))
    openings = await queries.openings(sorted({room.location_id for room in rooms}), days[0] - WEEK, days[-1] + WEEK)
    taken = await taken_times.read((leaf for room in rooms for leaf in room.leaves), windows(wanted, rooms, days))
    judge = Judge(wanted, openings, taken, now)
    found = [judge.found(room, distance_to(wanted.point, room)) for room in rooms]
    return Search(wanted, sorted(found, key=lambda each: _order(each, wanted)), judge)


async def _rooms_that_fit(wanted: Wanted) -> list[RoomFacts]:
    """By size, features, place and who asks. Two queries."""
    where = ["o.capacity >= $1"]
    parameters: list[Any] = [wanted.people or 0]
    if wanted.as_partner:
        where.append("o.is_partner_bookable AND NOT (l.is_restricted OR l.kind = 'restricted')")
    if wanted.area:
        parameters.append(wanted.area)
        where.append(f"l.area = ${len(parameters)}")
    if wanted.hub_ids is not None:
        where.append(f"l.hub_id IN {db.in_list(sorted(wanted.hub_ids), len(parameters) + 1)}")
        parameters += sorted(wanted.hub_ids)
    rooms = await find_rooms(" AND ".join(where), *parameters)
    return [room for room in rooms.values() if _fits(room, wanted)]


def _fits(room: RoomFacts, wanted: Wanted) -> bool:
    if room.is_restricted and (wanted.as_partner or room.hub_id not in wanted.own_hubs):
        return False
    if wanted.as_partner and 0 < room.longest_minutes < wanted.minutes:
        return False
    if room.capacity_in(wanted.layout) < (wanted.people or 0) or not wanted.features <= room.features:
        return False
    if wanted.point is None or wanted.within is None:
        return True
    far = distance_to(wanted.point, room)
    return far is not None and far <= wanted.within


def distance_to(point: Point | None, room: RoomFacts) -> float | None:
    """Miles as the crow flies, or None where one of the two has no place on the map."""
    if point is None or room.lat is None or room.lon is None:
        return None
    return miles(point.lat, point.lon, room.lat, room.lon)


def windows(wanted: Wanted, rooms: Sequence[RoomFacts], days: Iterable[date]) -> list[Span]:
    """What must be read to judge each day: the time wanted, the longest set-up and clearing, and some leeway."""
    before = max(room.setup for room in rooms) + LEEWAY
    after = max(room.clear for room in rooms) + LEEWAY
    return [(clock.at(day, wanted.start) - before, clock.at(day, wanted.end) + after) for day in days]


def _order(found: Found, wanted: Wanted) -> tuple[Any, ...]:
    """Fewest clashes; confirmed at once before asked for; near and not too large; by name."""
    waste = (found.capacity - wanted.people) / SEATS_A_MILE if wanted.people else 0
    far = (found.miles if found.miles is not None else 999) if wanted.point else 0
    at_once = found.is_request or bool(found.out_of_hours)
    return len(found.clashes), at_once, far + waste, found.room.location_name, found.room.name


@dataclass(frozen=True, slots=True)
class Slot:
    """The time wanted on one day at one place: what all rooms there have in common. Seconds are since 1970."""

    day: date
    starts_at: datetime
    start: int
    end: int
    closed: str
    is_out_of_hours: bool


class Judge:
    """Says of a room on some days whether it can be had; what the rooms of a place share is worked out once."""

    def __init__(self, wanted: Wanted, openings: Mapping[UUID, Opening], taken: TakenTimes, now: datetime):
        self.wanted, self.openings, self.taken, self.now = wanted, openings, taken, now
        self.today = clock.local(now).date()
        self._slots: dict[tuple[Any, ...], list[Slot]] = {}
        self._single: dict[tuple[Any, ...], Slot] = {}
        self._held: dict[tuple[Any, ...], list[Seconds]] = {}

    def knowing(self, taken: TakenTimes) -> "Judge":
        """One that knows of other times; what was worked out about places serves both."""
        other = Judge(self.wanted, self.openings, taken, self.now)
        other._slots, other._single, other._held = self._slots, self._single, self._held
        return other

    def found(self, room: RoomFacts, far: float | None) -> Found:
        clashes, beyond = [], []
        for slot, why in self.outcomes(room, self.wanted.days_in(room.area), self.wanted.start, self.wanted.end):
            if why:
                clashes.append(Clash(slot.day, why))
            elif slot.is_out_of_hours:
                beyond.append(slot.day)
        days = self.wanted.days_in(room.area)
        is_request = self.wanted.as_partner and len(clashes) < len(days) and (bool(beyond) or self._asks_always(room))
        capacity = room.capacity_in(self.wanted.layout)
        return Found(room, far, capacity, days, tuple(clashes), tuple(beyond), is_request)

    def outcomes(self, room: RoomFacts, days: tuple[date, ...], start: str, end: str) -> list[tuple[Slot, str]]:
        """Each day, in order, with why the room cannot be had then, or ""."""
        slots = self._slots_of(room, days, start, end)
        free = self.taken.free(room.leaves, self._spans(slots, days, start, end, room))
        # the room's own rules are about what is too early or too late: where first and last are well, all are
        is_well = not (self._not_to_be_booked(room, slots[0]) or self._not_to_be_booked(room, slots[-1]))
        judged = [
            (slot, slot.closed or ("" if is_free else "taken")) for slot, is_free in zip(slots, free, strict=True)
        ]
        return judged if is_well else [(slot, self._not_to_be_booked(room, slot) or why) for slot, why in judged]

    def _slots_of(self, room: RoomFacts, days: tuple[date, ...], start: str, end: str) -> list[Slot]:
        """Places with the same hours share them."""
        opening = self.openings[room.location_id]
        hours = tuple(opening.hours.get(weekday, ()) for weekday in {day.weekday() for day in days})
        key = (days, start, end, hours, bool(opening.hours), opening.closures, opening.specials)
        if key not in self._slots:
            self._slots[key] = [self._slot(room, opening, day, start, end) for day in days]
        return self._slots[key]

    def _spans(
        self, slots: Sequence[Slot], days: tuple[date, ...], start: str, end: str, room: RoomFacts
    ) -> list[Seconds]:
        key = (days, start, end, room.setup_minutes, room.clear_minutes)
        if key not in self._held:
            before, after = 60 * room.setup_minutes, 60 * room.clear_minutes
            self._held[key] = [(slot.start - before, slot.end + after) for slot in slots]
        return self._held[key]

    def _not_to_be_booked(self, room: RoomFacts, slot: Slot) -> str:
        """In words, the rules of the room about when it may be booked: in use, notice, how far ahead."""
        if slot.starts_at <= self.now:
            return "over"
        if room.valid_from and slot.day < room.valid_from:
            return f"not in use before {day_and_year(room.valid_from)}"
        if room.valid_to and slot.day > room.valid_to:
            return f"not in use after {day_and_year(room.valid_to)}"
        if not self.wanted.as_partner:
            return ""
        if room.notice_hours and slot.starts_at < self.now + timedelta(hours=room.notice_hours):
            return f"needs {room.notice_hours} hours’ notice"
        if room.furthest_days and slot.day > self.today + timedelta(days=room.furthest_days):
            return "too far ahead"
        return ""

    def _asks_always(self, room: RoomFacts) -> bool:
        return (room.approval if self.wanted.approval == "room" else self.wanted.approval) == "always"

    def _slot(self, room: RoomFacts, opening: Opening, day: date, start: str, end: str) -> Slot:
        hours = opening.hours.get(day.weekday(), ())
        key = (day, start, end, hours, bool(opening.hours), opening.closures, opening.specials)
        if key not in self._single:
            self._single[key] = self._look(room, opening, day, start, end)
        return self._single[key]

    def _look(self, room: RoomFacts, opening: Opening, day: date, start: str, end: str) -> Slot:
        starts_at, ends_at = clock.at(day, start), clock.at(day, end)
        open_spans = spans(opening, day)
        if not open_spans:
            is_beyond = bool(opening.hours)  # without any hours nobody knows
        elif any(opens <= starts_at and ends_at <= closes for opens, closes in open_spans):
            is_beyond = False
        else:
            is_beyond = Case(room, starts_at, ends_at, opening, self.now).is_out_of_hours
        seconds = int(starts_at.timestamp()), int(ends_at.timestamp())
        return Slot(day, starts_at, *seconds, _closed(opening, starts_at, ends_at), is_beyond)


def _closed(opening: Opening, starts_at: datetime, ends_at: datetime) -> str:
    """ "closed (training)" when the whole place is shut at some time in between."""
    for shut in opening.closures:
        if shut.starts_at < ends_at and starts_at < shut.ends_at:
            return f"closed ({shut.reason})" if shut.reason else "closed"
    return ""
