"""A plan that was judged, written out date by date; and those that miss by a date or two. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import reduce
from operator import or_

from booking.places.asking import LEFT_OUT
from booking.places.recurrence import Plan
from booking.places.rooms import RoomFacts
from booking.programmes.plans.judging_plans import Candidate, Judge, failing
from booking.programmes.plans.plan_places import Pair, Place
from booking.programmes.plans.plan_wishes import BestPlan, Blocked, Held, end_of
from booking.words import day_and_year

MOST_MISSES = 2


def written(judge: Judge, one: Candidate) -> BestPlan:
    """The candidate with its dates and the rooms of each."""
    start, calendar = judge.starts.words[one.start], judge.world.calendar(one.place.area)
    dates = one.plan.dates
    people, bit = judge.leader_times(one.place), judge.starts.bit(one.start)
    return BestPlan(
        weekday=one.weekday,
        start=start,
        end=end_of(start, judge.starts.minutes),
        room=one.pair.room,
        creche=one.pair.creche,
        dates=tuple(_held(judge, one, day) for day in dates),
        skips=one.plan.skips,
        miles=one.place.miles,
        other_starts=tuple(
            words
            for n, words in enumerate(judge.starts.words)
            if n != one.start and one.starts & judge.starts.bit(n)
        ),
        needed=judge.leaders.needed,
        leaders=people.names(dates, bit),
        nearly_leaders=people.nearly(dates, bit),
        is_known=not judge.wishes.term_time_only or (calendar.knows(dates[0]) and calendar.knows(dates[-1])),
    )  # fmt: skip


def nearly(judge: Judge, one: Candidate) -> BestPlan:
    """A plan that misses, with the one that leaves the dates in the way out, where every date of that can be held."""
    missed = written(judge, one)
    dropped = {held.day: LEFT_OUT for held in missed.blocked}
    if one.plan.dates[0] in dropped:
        return missed
    planned = judge.without(one.place, one.weekday, one.plan.dates[0], dropped)
    if not planned.is_complete or planned.dates[-1] > judge.world.last:
        return missed
    other = written(judge, replace(one, plan=planned, misses=0))
    return missed if other.blocked else replace(missed, instead=replace(other, other_starts=()))


def _held(judge: Judge, one: Candidate, day: date) -> Held:
    bit, home = judge.starts.bit(one.start), one.pair
    is_open = judge.open(one.place, day) & bit
    late = bool(one.place.times.out_of_hours(day) & bit)
    if is_open and judge.free(home, day) & bit:
        return Held(day, home.room, home.creche, is_out_of_hours=late)
    other = _other_pair(judge, one, day, bit) if is_open else None
    if other:
        return Held(day, other.room, other.creche, is_other_room=True, is_out_of_hours=late)
    return Held(day, home.room, home.creche, blocked=tuple(why(judge, one.place, home, day, bit)))


def _other_pair(judge: Judge, one: Candidate, day: date, bit: int) -> Pair | None:
    """One that is free then and keeps as much as may be of the usual one."""
    free = [pair for pair in one.place.pairs if judge.free(pair, day) & bit]
    return min(free, key=lambda pair: (pair.room != one.pair.room, pair.creche != one.pair.creche), default=None)


def why(judge: Judge, place: Place, pair: Pair, day: date, bit: int) -> Iterator[Blocked]:
    """All that stands in the way on that day at that start."""
    if place.times.closed(day) & bit:
        yield Blocked(pair.room, "closure", place.times.why[day])
    elif place.times.out_of_hours(day) & bit and not judge.wishes.out_of_hours:
        yield Blocked(pair.room, "out of hours", place.times.opening.bank_holidays.get(day, ""))
    for room in (pair.room, pair.creche):
        if room and judge.is_out_of_use(room, day):
            yield Blocked(room, "not in use", _use_words(room, day))
        elif room and judge.blocked(room, day) & bit:
            yield Blocked(room, "taken")


def _use_words(room: RoomFacts, day: date) -> str:
    if room.valid_from and day < room.valid_from:
        return f"not in use before {day_and_year(room.valid_from)}"
    return f"not in use after {day_and_year(room.valid_to)}" if room.valid_to else ""


def near_misses(judge: Judge) -> list[Candidate]:
    """The best of each weekday and place that one or two dates stand in the way of, fewest dates first."""
    found = []
    for place in judge.places:
        for weekday in judge.wishes.weekdays if place.pairs else ():
            misses = [
                one for planned in judge.plans_of(place, weekday) if (one := _miss(judge, place, weekday, planned))
            ]
            if misses:
                found.append(min(misses, key=lambda one: one.key))
    return sorted(found, key=lambda one: one.key)


def _miss(judge: Judge, place: Place, weekday: int, planned: Plan) -> Candidate | None:
    levels = [0] * (MOST_MISSES + 1)
    for day in planned.dates:
        free = judge.open(place, day)
        if free:
            free &= reduce(or_, (judge.free(pair, day) for pair in place.pairs))
        mask = judge.starts.all ^ free
        for n in range(MOST_MISSES, 0, -1):
            levels[n] |= levels[n - 1] & mask
        levels[0] |= mask
        if levels[MOST_MISSES] == judge.starts.all:
            return None
    for misses in range(1, MOST_MISSES + 1):
        starts = levels[misses - 1] & ~levels[misses]
        if starts:
            return _with_rooms(judge, place, weekday, planned, starts, misses)
    return None


def _with_rooms(judge: Judge, place: Place, weekday: int, planned: Plan, starts: int, misses: int) -> Candidate | None:
    """The same with the pair of rooms that is free on most dates, at the starts where it is."""
    fewest: tuple[int, int, int] | None = None
    for n, pair in enumerate(place.pairs):
        over = failing(judge.starts.all ^ (judge.free(pair, day) & judge.open(place, day)) for day in planned.dates)
        level = next((k for k, too_many in enumerate(over) if starts & ~too_many), len(over))
        good = starts & ~over[level] if level < len(over) else 0
        if good and (fewest is None or (level, n) < fewest[:2]):
            fewest = (level, n, good)
    if fewest is None:
        return None
    level, n, good = fewest
    return judge.candidate(place, weekday, planned, place.pairs[n], good, others=max(level - misses, 0), misses=misses)
