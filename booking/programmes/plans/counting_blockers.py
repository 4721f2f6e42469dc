"""What stands in the way of a run, counted: of every building, weekday and start that was wished, the rule it fails by first. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import reduce
from operator import and_, or_

from booking.places.recurrence import Plan
from booking.places.rooms import RoomFacts
from booking.programmes.plans.judging_plans import Judge
from booking.programmes.plans.plan_places import Place
from booking.programmes.plans.plan_wishes import Blocker

RULES = {
    "too small": "no room is large enough",
    "feature": "no room has all the features",
    "no creche room": "there is no second room for the crèche",
    "no dates": "the dates of the school calendar do not reach far enough, or its first dates are in holidays",
    "closed that weekday": "the building is closed on that weekday",
    "out of hours": "outside opening hours",
    "closure": "closed for a part of the day on one of the dates",
    "main rooms": "the rooms are booked on one of the dates",
    "creche rooms": "the crèche rooms are booked on one of the dates",
    "together": "room and crèche room are never free together on all dates",
    "other rooms": "only with other rooms on many of the dates",
}

STEPS = ("out of hours", "closure", "main rooms", "creche rooms", "together")
"""What is asked of every start where the building has rooms, dates and hours, in this order."""


def blockers(judge: Judge) -> tuple[tuple[Blocker, ...], int]:
    """The rules with their counts, those that fail most often first; and how many weekdays, times and buildings there were."""
    counted: Counter[str] = Counter()
    looked_at = 0
    for place in judge.places:
        for weekday in judge.wishes.weekdays:
            looked_at += judge.starts.count
            for rule, starts in _failing(judge, place, weekday):
                counted[rule] += starts.bit_count()
    found = tuple(Blocker(rule, count, RULES[rule]) for rule, count in counted.most_common() if count)
    return found, looked_at


def _failing(judge: Judge, place: Place, weekday: int) -> Iterator[tuple[str, int]]:
    """(rule, the starts that fail by it): each start by one rule at most, the first."""
    whole = _of_the_building(judge, place, weekday)
    if whole:
        yield whole, judge.starts.all
        return
    left = judge.starts.all
    for rule, possible in _steps(judge, place, weekday):
        yield rule, left & ~possible
        left &= possible


def _of_the_building(judge: Judge, place: Place, weekday: int) -> str:
    """The rule by which all of its starts fail, if there is one."""
    wishes = judge.wishes
    if not place.mains:
        is_large = any(room.capacity >= wishes.people for room in place.rooms)
        return "feature" if is_large else "too small"
    if not place.pairs:
        return "no creche room"
    plans = judge.plans_of(place, weekday)
    if not plans:
        return "no dates"
    days = {day for planned in plans for day in planned.dates}
    hours = place.times.opening.hours
    is_open = wishes.out_of_hours or hours.get(weekday) or place.times.is_ever_open(weekday, days)
    return "" if is_open else "closed that weekday"


def _steps(judge: Judge, place: Place, weekday: int) -> Iterator[tuple[str, int]]:
    """(rule, the starts that pass it and all before) with whichever first date is best."""
    passed = dict.fromkeys(STEPS, 0)
    for planned in judge.plans_of(place, weekday):
        mask = judge.starts.all
        for rule in STEPS:
            mask = _passing(judge, place, planned, rule, mask) if mask else 0
            passed[rule] |= mask
    yield from passed.items()
    several = [one for planned in judge.plans_of(place, weekday) if (one := judge.in_several(place, weekday, planned))]
    yield "other rooms", reduce(or_, (one.starts for one in several), 0)


def _passing(judge: Judge, place: Place, planned: Plan, rule: str, mask: int) -> int:
    """Those of the starts that pass the rule on all dates."""
    times, days = place.times, planned.dates
    match rule:
        case "out of hours" if judge.wishes.out_of_hours:
            return mask
        case "out of hours":
            return mask & ~reduce(or_, (times.out_of_hours(day) & ~times.closed(day) for day in days))
        case "closure":
            return mask & ~reduce(or_, (times.closed(day) for day in days))
        case "main rooms":
            return _in_any(judge, place.mains, days, mask)
        case "creche rooms":
            return _in_any(judge, place.creches, days, mask) if place.creches else mask
    for day in days:
        mask &= reduce(or_, (judge.free(pair, day) for pair in place.pairs)) if mask else 0
    return mask


def _in_any(judge: Judge, rooms: Sequence[RoomFacts], days: Sequence[date], mask: int) -> int:
    """Those of the starts at which on each of the days at least one of the rooms is free."""
    for day in days:
        if not mask:
            return 0
        mask &= ~reduce(and_, (judge.blocked(room, day) for room in rooms))
    return mask
