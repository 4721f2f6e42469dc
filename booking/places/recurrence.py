"""A rule such as "every second Thursday in term time" turned into dates: those held and those left out, with reasons.

Pure: no database, no clock. The rule keeps local wall times; `instants` turns one date into UTC.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from booking import clock

WEEKLY, FORTNIGHTLY, MONTHLY = "weekly", "fortnightly", "monthly"
KEEP, SHIFT = "keep", "shift"
LAST_OF_MONTH = -1
MOST_TRIES = 1000
"""A rule that counts held sessions gives up after so many dates: about 19 years of weeks."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When something is held. It ends with `last_date`, with the number of `held_sessions`, or whichever comes first.

    weekday: 0 is Monday. frequency: weekly, fortnightly, or monthly on the `nth` such weekday (1 to 5, -1 is the last).
    after_skip, for fortnightly rules: "keep" stays in the same weeks whatever is skipped; "shift" tries the next week
    and counts the fortnight from there.
    """

    weekday: int
    start: str
    end: str
    first_date: date
    last_date: date | None = None
    held_sessions: int | None = None
    frequency: str = WEEKLY
    nth: int | None = None
    after_skip: str = KEEP
    term_time_only: bool = False

    def __post_init__(self):
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"weekday {self.weekday} is not 0 to 6")
        if self.frequency not in (WEEKLY, FORTNIGHTLY, MONTHLY):
            raise ValueError(f"frequency {self.frequency!r} is not known")
        if (self.nth in (1, 2, 3, 4, 5, LAST_OF_MONTH)) != (self.frequency == MONTHLY):
            raise ValueError("nth belongs to monthly rules: 1 to 5, or -1 for the last")
        if self.after_skip not in (KEEP, SHIFT):
            raise ValueError(f"after_skip {self.after_skip!r} is not known")
        if self.last_date is None and self.held_sessions is None:
            raise ValueError("a rule ends by last_date or by held_sessions")
        if self.held_sessions is not None and self.held_sessions < 1:
            raise ValueError("held_sessions is at least 1")
        if not self.start < self.end:
            raise ValueError(f"it ends ({self.end}) before it starts ({self.start})")


@dataclass(frozen=True, slots=True)
class Skip:
    """A date the rule gives but which is left out."""

    date: date
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The dates of a rule. `is_complete` is false if the held sessions asked for were not reached."""

    dates: tuple[date, ...]
    skips: tuple[Skip, ...]
    is_complete: bool = True

    def sessions(self) -> Iterator[tuple[int, date]]:
        """Session number (from 1) and date of everything held."""
        return enumerate(self.dates, start=1)


def plan(rule: Rule, left_out: Mapping[int, tuple[str, ...]]) -> Plan:
    """The dates held and left out. `left_out` has the reasons by ordinal, as `TermCalendar.left_out` gives them."""
    held: list[int] = []
    skipped: list[int] = []
    wanted = rule.held_sessions or MOST_TRIES
    last = rule.last_date.toordinal() if rule.last_date else date.max.toordinal()
    shifting = rule.frequency == FORTNIGHTLY and rule.after_skip == SHIFT
    days = _shifting(rule, left_out) if shifting else _candidates(rule)
    for day in days:
        if day > last or len(held) >= wanted or len(held) + len(skipped) >= MOST_TRIES:
            break
        (skipped if day in left_out else held).append(day)
    return Plan(
        dates=tuple(map(date.fromordinal, held)),
        skips=tuple(Skip(date.fromordinal(day), left_out[day]) for day in skipped),
        is_complete=rule.held_sessions is None or len(held) >= rule.held_sessions,
    )


def instants(rule: Rule, day: date) -> tuple[datetime, datetime]:
    """Start and end of the session on that day, aware, in UTC: 10:00 stays 10:00 whatever the clocks do."""
    return clock.at(day, rule.start), clock.at(day, rule.end)


def with_closures(left_out: Mapping[int, tuple[str, ...]], closures: Mapping[date, str]) -> dict[int, tuple[str, ...]]:
    """The days left out by an area's calendar and, after its reasons, by a place's own closed days."""
    both = dict(left_out)
    for day, words in closures.items():
        both[day.toordinal()] = (*both.get(day.toordinal(), ()), words)
    return both


def _candidates(rule: Rule) -> Iterator[int]:
    if rule.frequency == MONTHLY:
        return _months(rule)
    step = 7 if rule.frequency == WEEKLY else 14
    return iter(range(_first(rule), date.max.toordinal() + 1, step))


def _first(rule: Rule) -> int:
    """The rule's weekday on or after its first date."""
    return rule.first_date.toordinal() + (rule.weekday - rule.first_date.weekday()) % 7


def _shifting(rule: Rule, left_out: Mapping[int, tuple[str, ...]]) -> Iterator[int]:
    day = _first(rule)
    while day <= date.max.toordinal():
        yield day
        day += 7 if day in left_out else 14


def _months(rule: Rule) -> Iterator[int]:
    first = rule.first_date.toordinal()
    year, month = rule.first_date.year, rule.first_date.month
    while year < date.max.year:
        day = nth_weekday(year, month, rule.weekday, rule.nth or 1)
        if day is not None and day >= first:
            yield day
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> int | None:
    """Ordinal of the nth such weekday of a month (-1: the last); None if the month has no fifth one."""
    first = date(year, month, 1).toordinal()
    next_month = date(year + month // 12, month % 12 + 1, 1).toordinal()
    day = first + (weekday - (first - 1)) % 7
    if nth == LAST_OF_MONTH:
        return day + 7 * ((next_month - 1 - day) // 7)
    day += 7 * (nth - 1)
    return day if day < next_month else None
