"""Whether a room can be had on the dates wanted: the question, the answer, and the judge in between. Pure.

It says the same as places/clashes.py, whose rules stand for one use; a property test holds the two together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from booking import clock
from booking.places.clashes import Case
from booking.places.near import Point
from booking.places.opening import Opening, spans
from booking.places.rooms import RoomFacts
from booking.places.taken_times import Seconds, TakenTimes
from booking.words import day_and_year

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
