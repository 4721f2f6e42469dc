"""From when to when a closure is: what was typed, as instants; and an interval cut into days and around others. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

from booking import clock
from booking.cells import Wrong, wall_time
from booking.problems import Problem
from booking.words import clock_time, day_words, time_range

Span = tuple[datetime, datetime]
LONGEST_DAYS, FURTHEST_DAYS, MOST_DATES = 92, 3 * 366, 12
NO_DAY = Problem("Choose the day from which it is closed.", "first", rule="missing")
ENDS_FIRST = Problem("It ends before it begins.", "last", rule="order")
ENDS_FIRST_TODAY = Problem("It ends before it begins.", "end", rule="order")
NO_TIMES = Problem("Give both times, or choose the whole day.", "start", rule="missing")
PAST = Problem("That is over. Choose a time to come.", "first", rule="past")
TOO_LONG = Problem(f"Close for at most {LONGEST_DAYS} days at a time.", "last", rule="too long")
TOO_FAR = Problem("That is more than three years away. Check the year.", "first", rule="too far")
TWICE = Problem("Two of these dates overlap. Name each day once.", "also", rule="twice")
ALSO = Problem("Write dates like 2027-05-06, with a comma between them.", "also", rule="unreadable")
TOO_MANY = Problem(f"At most {MOST_DATES} more dates at a time.", "also", rule="too many")


@dataclass(frozen=True, slots=True)
class Times:
    """The form as it was typed, for filling it again, and the spans it asks for, in order."""

    typed: Mapping[str, str]
    spans: tuple[Span, ...] = ()
    problems: list[Problem] = field(default_factory=list)


FIELDS = ("first", "last", "all_day", "start", "end", "also")


def read_times(typed: Mapping[str, str], now: datetime) -> Times:
    """Local dates and times: from `first` to `last` (or on one day), the whole of them or from `start` to `end`; and as
    long again from each date of `also`."""
    typed = {name: typed.get(name, "").strip()[:200] for name in FIELDS}
    first, last = _day(typed["first"]), _day(typed["last"]) or _day(typed["first"])
    problems = [NO_DAY] if first is None else []
    start, end = _clock_times(typed, problems)
    also = _also(typed["also"], problems)
    if first is None or last is None or problems:
        return Times(typed, (), problems)
    length = last - first
    spans = sorted(_span(day, day + length, start, end) for day in [first, *also])
    problems += _wrong(spans, first, last, now)
    return Times(typed, tuple(spans), problems)


def _clock_times(typed: Mapping[str, str], problems: list[Problem]) -> tuple[str, str]:
    """Both empty for the whole day."""
    if typed["all_day"] != "no":
        return "", ""
    found = []
    for name in ("start", "end"):
        try:
            found.append(wall_time(typed[name]))
        except Wrong as wrong:
            problems.append(Problem(str(wrong), name, rule="unreadable") if typed[name] else NO_TIMES)
            return "", ""
    return found[0], found[1]


def _span(first: date, last: date, start: str, end: str) -> Span:
    if not start:
        return clock.at(first, "00:00"), clock.at(last + timedelta(days=1), "00:00")
    return clock.at(first, start), clock.at(last, end)


def _wrong(spans: list[Span], first: date, last: date, now: datetime) -> list[Problem]:
    problems = []
    if last < first:
        return [ENDS_FIRST]
    if spans[0][1] <= spans[0][0]:
        return [ENDS_FIRST_TODAY]
    if spans[0][1] <= now:
        problems.append(PAST)
    if (last - first).days >= LONGEST_DAYS:
        problems.append(TOO_LONG)
    if spans[-1][1] > now + timedelta(days=FURTHEST_DAYS):
        problems.append(TOO_FAR)
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        problems.append(TWICE)
    return problems


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 < day.year < 2200 else None


def _also(text: str, problems: list[Problem]) -> list[date]:
    parts = text.replace(",", " ").replace(";", " ").split()
    days = [_day(part) for part in parts]
    if None in days:
        problems.append(ALSO)
    if len(days) > MOST_DATES:
        problems.append(TOO_MANY)
    return [day for day in days if day]


def span_words(starts_at: datetime, ends_at: datetime) -> str:
    """ "Wednesday 6 May, all day", "Wednesday 6 May, 1pm to 5pm", "Friday 1 May, 5pm to Monday 4 May, 8am"."""
    first, last = clock.local(starts_at), clock.local(ends_at)
    if first.strftime("%H:%M") == last.strftime("%H:%M") == "00:00":
        until = (last - timedelta(days=1)).date()
        if until <= first.date():
            return f"{day_words(first.date())}, all day"
        return f"{day_words(first.date())} to {day_words(until)}"
    if first.date() == last.date():
        return f"{day_words(first.date())}, {time_range(first.strftime('%H:%M'), last.strftime('%H:%M'))}"
    return f"{day_words(first.date())}, {clock_time(starts_at)} to {day_words(last.date())}, {clock_time(ends_at)}"


def by_day(starts_at: datetime, ends_at: datetime) -> list[Span]:
    """The interval cut at every local midnight: no piece is longer than the 25 hours of an autumn night's day."""
    pieces = []
    while starts_at < ends_at:
        midnight = clock.at(clock.local(starts_at).date() + timedelta(days=1), "00:00")
        pieces.append((starts_at, min(midnight, ends_at)))
        starts_at = midnight
    return pieces


def around(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of the span beside what is taken, in order."""
    left = []
    starts_at, ends_at = span
    for taken_from, taken_to in sorted(taken):
        if starts_at < min(taken_from, ends_at):
            left.append((starts_at, min(taken_from, ends_at)))
        starts_at = max(starts_at, taken_to)
    if starts_at < ends_at:
        left.append((starts_at, ends_at))
    return left
