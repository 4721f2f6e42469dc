"""The best plans for a run: every weekday, start, room and creche room of every place, over all dates at once. Pure.

A plan is kept for each weekday and place. Better is, in this order: enough trained people free on all dates, the same rooms on
every date, rooms meant for it, an earlier week of the last date, fewer dates left out, nearer, within opening hours, not too large, a start on the full hour.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

from booking import clock
from booking.places.recurrence import Plan, Rule, plan, with_closures
from booking.places.rooms import RoomFacts
from booking.programmes.plans.plan_people import Leaders, LeaderTimes, times_of
from booking.programmes.plans.plan_places import Pair, Place, places_for
from booking.programmes.plans.plan_times import RoomTimes, Starts, World
from booking.programmes.plans.plan_wishes import Wishes, end_of

MOST_OTHERS = 4
"""On so many dates at most a plan may be in another room than on the rest."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan before its dates are written out: `start` is the place in Starts, `others` and `misses` count dates, `lacking` people
    to lead it."""

    key: tuple[Any, ...]
    place: Place
    weekday: int
    plan: Plan
    start: int
    pair: Pair
    others: int = 0
    misses: int = 0
    starts: int = 0
    lacking: int = 0


class Judge:
    """Judges one set of wishes in a world that was read; what it works out of rooms and places it works out once."""

    def __init__(self, wishes: Wishes, world: World, leaders: Leaders | None = None):
        self.wishes, self.world, self.starts = wishes, world, Starts(wishes)
        self.leaders = leaders or Leaders()
        self.order = sorted(range(self.starts.count), key=self._start_rank)
        self.places = list(places_for(wishes, world, self.starts)) if self.starts.count else []
        self._rooms: dict[UUID, RoomTimes] = {}
        self._leaders: dict[UUID, LeaderTimes] = {}
        self._plans: dict[tuple[Any, ...], list[Plan]] = {}

    def _start_rank(self, n: int) -> tuple[int, int]:
        return {"00": 0, "30": 1}.get(self.starts.words[n][3:], 2), n

    # dates

    def plans_of(self, place: Place, weekday: int) -> list[Plan]:
        """The dates from each day on which it may begin; one that is left out itself is no beginning."""
        shut = place.times.closed_days
        key = (place.area, weekday, *sorted(shut.items()))
        if key not in self._plans:
            self._plans[key] = list(self._plans_in(place.area, weekday, shut))
        return self._plans[key]

    def _plans_in(self, area: str, weekday: int, shut: Mapping[date, str]) -> Iterator[Plan]:
        wishes = self.wishes
        left_out, today = self._left_out(area, shut), clock.local(self.world.now).date()
        for first in wishes.firsts(weekday):
            if first > today and first.toordinal() not in left_out:
                planned = plan(self._rule(weekday, first), left_out)
                if planned.is_complete and planned.dates[-1] <= self.world.last:
                    yield planned

    def without(self, place: Place, weekday: int, first: date, dropped: Mapping[date, str]) -> Plan:
        """The dates from that first day where some more are left out, with these words."""
        left_out = self._left_out(place.area, place.times.closed_days)
        return plan(self._rule(weekday, first), left_out, dropped=dropped)

    def _left_out(self, area: str, shut: Mapping[date, str]) -> Mapping[int, tuple[str, ...]]:
        left_out = self.world.calendar(area).left_out(term_time_only=self.wishes.term_time_only)
        closed = {day: f"Closed: {why}" if why else "Closed" for day, why in shut.items()}
        return with_closures(left_out, closed) if closed else left_out

    def _rule(self, weekday: int, first: date) -> Rule:
        wishes, start = self.wishes, self.starts.words[0]
        return Rule(
            weekday, start, end_of(start, wishes.minutes), first, held_sessions=wishes.sessions,
            frequency=wishes.frequency, after_skip=wishes.after_skip, term_time_only=wishes.term_time_only,
        )  # fmt: skip

    def days(self) -> set[date]:
        """Every day on which any plan could hold a session: what must be read."""
        found: set[date] = set()
        for place in self.places:
            for weekday in self.wishes.weekdays if place.pairs else ():
                for planned in self.plans_of(place, weekday):
                    found.update(planned.dates)
        return found

    def rooms(self) -> list[RoomFacts]:
        """Every room that any plan could use."""
        return [room for place in self.places if place.pairs for room in {r.id: r for r in _rooms_of(place)}.values()]

    # times

    def times_of(self, room: RoomFacts) -> RoomTimes:
        if room.id not in self._rooms:
            self._rooms[room.id] = RoomTimes(room, self.world, self.starts)
        return self._rooms[room.id]

    def blocked(self, room: RoomFacts, day: date) -> int:
        return self.times_of(room).blocked(day)

    def is_out_of_use(self, room: RoomFacts, day: date) -> bool:
        return self.times_of(room).is_out_of_use(day)

    def open(self, place: Place, day: date) -> int:
        """The starts at which the place can be used that day: what the wishes say of opening hours."""
        shut = place.times.closed(day)
        if not self.wishes.out_of_hours:
            shut |= place.times.out_of_hours(day)
        return self.starts.all & ~shut

    def open_on_all(self, place: Place, days: Sequence[date]) -> int:
        usual = 0 if self.wishes.out_of_hours else place.times.usual[days[0].weekday()]
        odd = place.times.odd_among(days)
        if len(odd) < len(days):
            odd_ones = reduce(and_, (self.open(place, day) for day in odd), self.starts.all)
            return odd_ones & ~usual
        return reduce(and_, (self.open(place, day) for day in odd))

    def free_on_all(self, room: RoomFacts, days: Sequence[date]) -> int:
        return self.starts.all & ~self.times_of(room).blocked_on_any(days)

    def free(self, pair: Pair, day: date) -> int:
        taken = self.blocked(pair.room, day) | (self.blocked(pair.creche, day) if pair.creche else 0)
        return self.starts.all & ~taken

    def leader_times(self, place: Place) -> LeaderTimes:
        return times_of(self.leaders, place.rooms[0], self.starts, self._leaders)

    # plans

    def candidates(self) -> list[Candidate]:
        """The best plan of each weekday and place, best first."""
        found = [
            best
            for place in self.places
            for weekday in self.wishes.weekdays
            if place.pairs and (best := self.best(place, weekday))
        ]
        return sorted(found, key=lambda each: each.key)

    def best(self, place: Place, weekday: int) -> Candidate | None:
        plans = self.plans_of(place, weekday)
        days = {day for planned in plans for day in planned.dates}
        if not days or not (self.wishes.out_of_hours or place.times.is_ever_open(weekday, days)):
            return None
        found: list[Candidate] = []
        for planned in plans:
            found += self.in_one_room(place, weekday, planned)
            if found and self.wishes.frequency == "weekly" and _is_as_good_as_any(min(found, key=_key)):
                break  # every later week ends later
        found = found or [one for planned in plans if (one := self.in_several(place, weekday, planned))]
        return min(found, key=_key, default=None)

    def in_one_room(self, place: Place, weekday: int, planned: Plan) -> list[Candidate]:
        """The plans that have the same rooms on every date: one for each pair of rooms that has a start in common."""
        is_open = self.open_on_all(place, planned.dates)
        if not is_open:
            return []
        free: dict[UUID, int] = {}
        found = []
        for pair in place.pairs:
            starts = is_open
            for room in (pair.room, pair.creche):
                if room and starts:
                    if room.id not in free:
                        free[room.id] = self.free_on_all(room, planned.dates)
                    starts &= free[room.id]
            if starts:
                found.append(self.candidate(place, weekday, planned, pair, starts))
        return found

    def in_several(self, place: Place, weekday: int, planned: Plan) -> Candidate | None:
        """One that is in another room of the place on a few dates, as few as may be."""
        possible = self.open_on_all(place, planned.dates)
        frees = {}
        for day in planned.dates:
            frees[day] = [self.free(pair, day) for pair in place.pairs]
            possible &= reduce(or_, frees[day])
            if not possible:
                return None
        best: tuple[int, int, int] | None = None
        for n in range(len(place.pairs)):
            levels = failing(self.starts.all ^ frees[day][n] for day in planned.dates)
            for others, too_many in enumerate(levels):
                if possible & ~too_many:
                    best = min(best or (others, n, 0), (others, n, 0))
                    break
        if best is None:
            return None
        others, n, _ = best
        levels = failing(self.starts.all ^ frees[day][n] for day in planned.dates)
        return self.candidate(place, weekday, planned, place.pairs[n], possible & ~levels[others], others=others)

    def candidate(
        self, place: Place, weekday: int, planned: Plan, pair: Pair, starts: int, *, others: int = 0, misses: int = 0
    ) -> Candidate:
        """The one with the best of these starts."""
        possible = [n for n in self.order if starts & self.starts.bit(n)]
        late = {n: self._out_of_hours(place, planned, n) for n in possible} if self.wishes.out_of_hours else {}
        lacks = self._lacking(place, planned, possible)
        start = min(possible, key=lambda n: (lacks.get(n, 0), late.get(n, 0)))
        lacking = lacks.get(start, 0)
        end_week = (planned.dates[-1].toordinal() - 1) // 7
        key = (
            misses, lacking, others, pair.unsuited, end_week, len(planned.skips), round(place.miles or 0, 3), late.get(start, 0), pair.fit,
            self._start_rank(start), weekday, pair.room.location_name, pair.room.name,
        )  # fmt: skip
        return Candidate(key, place, weekday, planned, start, pair, others, misses, starts, lacking)

    def _lacking(self, place: Place, planned: Plan, starts: Sequence[int]) -> dict[int, int]:
        """Of these starts how many people each lacks to lead on all dates; nothing where nobody is asked about."""
        if not self.leaders.needed:
            return {}
        levels = self.leader_times(place).lacking(planned.dates)
        return {n: next(k for k, more in enumerate(levels) if not more & self.starts.bit(n)) for n in starts}

    def _out_of_hours(self, place: Place, planned: Plan, n: int) -> int:
        bit = self.starts.bit(n)
        return sum(bool(place.times.out_of_hours(day) & bit) for day in planned.dates)


def failing(blocked: Iterator[int], most: int = MOST_OTHERS) -> list[int]:
    """For n from 0 to most: the starts that are blocked on more than n of the days. Saturating counters, bit by bit."""
    over = [0] * (most + 1)
    for mask in blocked:
        for n in range(most, 0, -1):
            over[n] |= over[n - 1] & mask
        over[0] |= mask
    return over


def _is_as_good_as_any(candidate: Candidate) -> bool:
    """Whatever begins later can only be worse: it ends later."""
    return not candidate.pair.unsuited and not candidate.lacking


def _key(candidate: Candidate) -> tuple[Any, ...]:
    return candidate.key


def _rooms_of(place: Place) -> Iterator[RoomFacts]:
    for pair in place.pairs:
        yield pair.room
        if pair.creche:
            yield pair.creche
