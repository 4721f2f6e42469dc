"""Which quarter hours of a day can be had, as bits: of a place when it is open, of a room when nobody has it. Pure.

A day is one integer with a byte for each start that is wished (byte n is 1: it cannot begin at the nth start), so that the
dates of a whole run are judged at once by OR. Holds are exact to the second, set-up and clearing included: what is marked is
not the time taken but every start from which the use would run into it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import pairwise
from operator import or_
from uuid import UUID

from booking import clock
from booking.places.opening import Opening, Shut, spans
from booking.places.rooms import RoomFacts
from booking.places.taken_times import TakenTimes
from booking.places.term_calendar import TermCalendar
from booking.programmes.plans.plan_wishes import QUARTER, Wishes, of_day

STEP = 60 * QUARTER
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class World:
    """What was read, from the first day to the last: rooms by place, hours, school dates, and when rooms are taken."""

    rooms: Mapping[UUID, Sequence[RoomFacts]]
    openings: Mapping[UUID, Opening]
    calendars: Mapping[str, TermCalendar]
    now: datetime
    first: date
    last: date
    taken: TakenTimes = field(default_factory=TakenTimes)
    _marks: dict[tuple[UUID, int], bytearray] = field(default_factory=dict)

    def calendar(self, area: str) -> TermCalendar:
        return self.calendars.get(area) or self.calendars.get("") or TermCalendar(area)

    @property
    def zero(self) -> int:
        """Midnight of the first day, in seconds since 1970: what marks are counted from."""
        return int(clock.at(self.first, "00:00").timestamp())

    def marks(self, room: RoomFacts, minutes: int) -> bytearray:
        """For every quarter hour of the whole time 1 where a use of so many minutes that begins then finds the room taken."""
        key = (room.id, minutes)
        if key not in self._marks:
            self._marks[key] = bytearray(((self.last - self.first).days + 2) * 24 * 4)
            for leaf in room.leaves:
                self._mark(self._marks[key], leaf, 60 * room.setup_minutes, 60 * (minutes + room.clear_minutes))
        return self._marks[key]

    def _mark(self, marks: bytearray, leaf: UUID, before: int, after: int) -> None:
        ahead, behind, size = self.zero + after, self.zero - before, len(marks)
        for start, end in zip(*self.taken.times_of(leaf), strict=True):
            low, high = max((start - ahead) // STEP + 1, 0), min(-((behind - end) // STEP), size)
            if low < high:
                marks[low:high] = b"\1" * (high - low)


class Starts:
    """The starts wished on any day, and the integers made of them."""

    def __init__(self, wishes: Wishes):
        self.words = wishes.starts
        self.count = len(self.words)
        self.minutes = wishes.minutes
        self.first = of_day(wishes.earliest)
        self._bases: dict[date, int] = {}
        self._out_of: dict[tuple[tuple[str, str], ...], int] = {}
        self.all = self.ones(0, self.count)
        """Every start: blocked by this nothing can be held."""

    def ones(self, low: int, high: int) -> int:
        """The starts from one to another, the latter not included."""
        low, high = max(low, 0), min(high, self.count)
        return int.from_bytes(b"\1" * (high - low), "little") << 8 * low if low < high else 0

    def bit(self, n: int) -> int:
        return 1 << 8 * n

    def within(self, opens: int, closes: int) -> int:
        """Those from which it begins and ends between two minutes of the day."""
        return self.ones(-(-(opens - self.first) // QUARTER), (closes - self.minutes - self.first) // QUARTER + 1)

    def outside(self, pairs: Iterable[tuple[int, int]]) -> int:
        """Those from which it does not lie in one of these stretches of minutes; what touches is one stretch."""
        return self.all ^ reduce(or_, (self.within(opens, closes) for opens, closes in _joined(sorted(pairs))), 0)

    def out_of(self, hours: tuple[tuple[str, str], ...]) -> int:
        """The same for usual hours, which many places share."""
        if hours not in self._out_of:
            self._out_of[hours] = self.outside((of_day(opens), of_day(closes)) for opens, closes in hours)
        return self._out_of[hours]

    def blocked_by(self, base: int, start: int, end: int) -> int:
        """Those from which it would run into a time; all in seconds since 1970, base is the first start's."""
        low = (start - 60 * self.minutes - base) // STEP + 1
        return self.ones(low, -((base - end) // STEP))

    def base(self, day: date) -> int:
        """The instant of the first start. Wishes begin after the clocks change, so that the rest of the day is as long."""
        if day not in self._bases:
            self._bases[day] = int(clock.at(day, self.words[0]).timestamp())
        return self._bases[day]


class PlaceTimes:
    """When one place can be used: its hours by weekday, and the days that differ."""

    def __init__(self, opening: Opening, starts: Starts, last: date):
        self.opening, self.starts = opening, starts
        self.usual = [self._usual(weekday) for weekday in range(7)]
        self.shut: dict[date, int] = {}
        self.why: dict[date, str] = {}
        for shut in opening.closures:
            self._shut(shut, last)
        self.closed_days = {day: self.why[day] for day, mask in self.shut.items() if mask == starts.all}
        """Days on which a closure leaves none of the starts, with its reason: a run skips them."""
        self._out: dict[date, int] = {}
        self._odd = {*self.shut, *opening.bank_holidays, *self._special_days(last)}

    def out_of_hours(self, day: date) -> int:
        """The starts at which it is not open that day (closures are counted here too)."""
        if day not in self._odd:
            return self.usual[day.weekday()]
        if day not in self._out:
            self._out[day] = self._look(day)
        return self._out[day]

    def closed(self, day: date) -> int:
        return self.shut.get(day, 0)

    def odd_among(self, days: Iterable[date]) -> list[date]:
        """Those of the days on which anything differs from the usual hours."""
        return [day for day in days if day in self._odd] if self._odd else []

    def is_ever_open(self, weekday: int, days: Iterable[date]) -> bool:
        return self.usual[weekday] != self.starts.all or any(self.out_of_hours(day) != self.starts.all for day in days)

    def _usual(self, weekday: int) -> int:
        return self.starts.out_of(tuple(self.opening.hours.get(weekday, ()))) if self.opening.hours else 0

    def _look(self, day: date) -> int:
        """As clashes.Case.is_out_of_hours, for every start at once."""
        found = spans(self.opening, day)
        if not found and not self.opening.hours:
            return 0
        base = self.starts.base(day) - 60 * self.starts.first
        pairs = [(int(opens.timestamp()) - base, int(closes.timestamp()) - base) for opens, closes in found]
        return self.starts.outside([(-(-opens // 60), closes // 60) for opens, closes in pairs])

    def _shut(self, shut: Shut, last: date) -> None:
        day, until = clock.local(shut.starts_at).date(), min(clock.local(shut.ends_at).date(), last)
        start, end = int(shut.starts_at.timestamp()), int(shut.ends_at.timestamp())
        while day <= until:
            mask = self.starts.blocked_by(self.starts.base(day), start, end)
            if mask:
                self.shut[day] = self.shut.get(day, 0) | mask
                self.why.setdefault(day, shut.reason)
            day += DAY

    def _special_days(self, last: date) -> Iterable[date]:
        for special in self.opening.specials:
            day = special.first
            while day <= min(special.last, last):
                yield day
                day += DAY


class RoomTimes:
    """The starts at which one room cannot be had, day by day. One pass through what holds it, whatever the dates."""

    def __init__(self, room: RoomFacts, world: World, starts: Starts):
        self.room, self.starts = room, starts
        self._zero = world.zero
        self._marks = world.marks(room, starts.minutes)
        self._days: dict[date, int] = {}

    def blocked(self, day: date) -> int:
        """The starts at which somebody has it that day, or it is not in use."""
        if day not in self._days:
            self._days[day] = self.starts.all if self.is_out_of_use(day) else self._taken(day)
        return self._days[day]

    def blocked_on_any(self, days: Iterable[date]) -> int:
        """The starts at which that is so on at least one of the days."""
        known, found = self._days, 0
        for day in days:
            mask = known.get(day)
            found |= self.blocked(day) if mask is None else mask
        return found

    def is_out_of_use(self, day: date) -> bool:
        room = self.room
        return bool((room.valid_from and day < room.valid_from) or (room.valid_to and day > room.valid_to))

    def _taken(self, day: date) -> int:
        at = (self.starts.base(day) - self._zero) // STEP
        return int.from_bytes(self._marks[at : at + self.starts.count], "little")


def _joined(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order; what touches is one, as for clashes.Case."""
    if all(before[1] < after[0] for before, after in pairwise(pairs)):
        return list(pairs)
    joined: list[tuple[int, int]] = []
    for opens, closes in pairs:
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return joined
