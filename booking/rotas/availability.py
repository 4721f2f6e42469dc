"""When somebody can be planned: working pattern, exceptions and leave, as minutes of a local day. Pure."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Literal

from booking.rotas.values import Away, Held, Stretch, Worker

Times = tuple[tuple[int, int], ...]
DAY = 24 * 60


@lru_cache(maxsize=2048)
def minute_of(wall_time: str) -> int:
    """ "09:30" is 570; "24:00" is the end of the day."""
    hours, minutes = wall_time.split(":")
    return int(hours) * 60 + int(minutes)


@lru_cache(maxsize=4096)
def span_of(start: str, end: str) -> tuple[int, int]:
    """Minutes of the day; an end before its start is of the next day."""
    first, last = minute_of(start), minute_of(end)
    return first, last if last > first else last + DAY


def joined(times: Iterable[tuple[int, int]]) -> Times:
    """The same times in order, those that touch or overlap made one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(times):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif end > start:
            found.append((start, end))
    return tuple(found)


def without(times: Times, start: int, end: int) -> Times:
    """What is left of the times once start to end is taken out."""
    found: list[tuple[int, int]] = []
    for first, last in times:
        found += [(first, min(last, start)), (max(first, end), last)]
    return tuple((first, last) for first, last in found if last > first)


def is_employed(worker: Worker, day: date) -> bool:
    return (worker.from_date or day) <= day <= (worker.to_date or day)


def valid_on(held: Iterable[Held], day: date) -> list[Held]:
    """Those of a skill's lines that hold on that day."""
    return [each for each in held if (each.from_date or day) <= day <= (each.to_date or day)]


def lacks(worker: Worker, code: str, day: date) -> Literal["", "skill", "skill_expired"]:
    """Whether somebody is without a skill on that day: never held, or held and not valid then; "" when they have it."""
    held = worker.skills.get(code, ())
    if not held:
        return "skill"
    return "" if valid_on(held, day) else "skill_expired"


def pattern_on(worker: Worker, day: date, kind: str = "works") -> Times:
    """The pattern's times of one kind on that day, exceptions left aside."""
    return _pattern_on(tuple(worker.pattern), kind, day.weekday(), _week_of_cycle(worker, day))


@lru_cache(maxsize=16384)
def _pattern_on(pattern: tuple[Stretch, ...], kind: str, weekday: int, week: int) -> Times:
    return joined(
        (minute_of(each.start), minute_of(each.end))
        for each in pattern
        if each.kind == kind and each.weekday == weekday and each.week in (None, week)
    )


@lru_cache(maxsize=4096)
def _has_times(pattern: tuple[Stretch, ...]) -> bool:
    return any(each.kind == "works" for each in pattern)


def _week_of_cycle(worker: Worker, day: date) -> int:
    if worker.cycle_weeks <= 1 or worker.cycle_from is None:
        return 0
    monday = worker.cycle_from.toordinal() - worker.cycle_from.weekday()
    return (day.toordinal() - monday) // 7 % worker.cycle_weeks


def works_on(worker: Worker, day: date) -> Times:
    """When they can be planned on that day, leave left aside. Staff without any pattern: at any time; volunteers without: never."""
    if not is_employed(worker, day):
        return ()
    if not _has_times(tuple(worker.pattern)):
        times: Times = () if worker.kind == "volunteer" else ((0, DAY),)
    else:
        times = pattern_on(worker, day)
    for each in worker.exceptions:
        if each.date == day and each.kind == "works":
            times = joined([*times, (minute_of(each.start), minute_of(each.end))])
    for each in worker.exceptions:
        if each.date == day and each.kind == "off":
            times = without(times, minute_of(each.start), minute_of(each.end))
    return times


def away_on(worker: Worker, day: date) -> list[Away]:
    """Leave that touches the day, approved or only asked for."""
    return [each for each in worker.leave if each.first_date <= day <= each.last_date]


def free_on(worker: Worker, day: date) -> Times:
    """When they can be planned on that day, approved leave taken out."""
    times = works_on(worker, day)
    for each in away_on(worker, day):
        if each.is_approved:
            times = without(times, minute_of(each.start), minute_of(each.end))
    return times


def covers(times: Times, start: int, end: int) -> bool:
    return any(first <= start and end <= last for first, last in times)


def minutes_of_leave(worker: Worker, first: date, last: date) -> int:
    """Minutes that approved leave counts towards the contract between two dates, both included: as it says, else the same share of
    the agreed week as of the pattern's hours (a week away is a week's hours), else a fifth of it for each of Monday to Friday.
    Being away for two reasons at once counts once."""
    total = 0.0
    days: dict[date, list[Away]] = {}
    for each in worker.leave:
        if not each.is_approved:
            continue
        inside = _days(max(each.first_date, first), min(each.last_date, last))
        if each.credit_minutes is not None:
            total += each.credit_minutes * len(inside) / ((each.last_date - each.first_date).days + 1)
            continue
        for day in inside:
            days.setdefault(day, []).append(each)
    return round(total + sum(_usual(worker, day, away) for day, away in days.items()))


def _days(first: date, last: date) -> list[date]:
    return [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]


def _usual(worker: Worker, day: date, leave: Iterable[Away]) -> float:
    away = joined((minute_of(each.start), minute_of(each.end)) for each in leave)
    times = pattern_on(worker, day) if _a_week(worker) else ((0, DAY),) if day.weekday() < 5 else ()
    inside = sum(max(0, min(last, end) - max(first, start)) for first, last in times for start, end in away)
    if worker.weekly_minutes is None:
        return inside if _a_week(worker) else 0
    return worker.weekly_minutes * inside / (_a_week(worker) or 5 * DAY)


def _a_week(worker: Worker) -> float:
    """Minutes of the pattern in a week, over its cycle; 0 without one."""
    lasts = 0.0
    for each in worker.pattern:
        if each.kind == "works":
            minutes = minute_of(each.end) - minute_of(each.start)
            lasts += minutes if each.week is None else minutes / max(1, worker.cycle_weeks)
    return lasts
