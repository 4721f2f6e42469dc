"""A rule such as "every second Thursday in term time" turned into dates: those held and those left out, with reasons.

Pure: no database, no clock. The rule keeps local wall times; `instants` turns one date into UTC.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from booking import clock
from booking.places import rule_dates
from booking.places.rule_dates import LAST_OF_MONTH

WEEKLY, FORTNIGHTLY, MONTHLY, DATES = "weekly", "fortnightly", "monthly", "dates"
KEEP, SHIFT = "keep", "shift"
MOST_TRIES = 1000
"""A rule that counts held sessions gives up after so many dates: about 19 years of weeks."""
Reasons = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """When something is held. It ends with `last_date`, with the number of `held_sessions`, or whichever comes first.

    weekday: 0 is Monday. frequency: weekly, fortnightly, monthly on the `nth` such weekday (1 to 5, -1 is the last), or on
    the single `dates` named (then first_date is the first of them, and they need no other end).
    weekdays: several in one week, in order (weekly and fortnightly); without them it is `weekday` alone. A fortnight is
    counted from the week of the first date. after_skip, for fortnightly rules: "keep" stays in the same weeks whatever is
    skipped; "shift" tries the next week where nothing of a week is held, and counts the fortnight from there.
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
    weekdays: tuple[int, ...] = ()
    dates: tuple[date, ...] = ()

    def __post_init__(self):
        if not all(0 <= weekday <= 6 for weekday in (self.weekday, *self.weekdays)):
            raise ValueError(f"weekday {(self.weekday, *self.weekdays)} is not 0 to 6")
        if self.frequency not in (WEEKLY, FORTNIGHTLY, MONTHLY, DATES):
            raise ValueError(f"frequency {self.frequency!r} is not known")
        if (self.nth in (1, 2, 3, 4, 5, LAST_OF_MONTH)) != (self.frequency == MONTHLY):
            raise ValueError("nth belongs to monthly rules: 1 to 5, or -1 for the last")
        if self.weekdays:
            self._check_weekdays()
        if self.after_skip not in (KEEP, SHIFT):
            raise ValueError(f"after_skip {self.after_skip!r} is not known")
        if self.dates or self.frequency == DATES:
            self._check_dates()
        elif self.last_date is None and self.held_sessions is None:
            raise ValueError("a rule ends by last_date or by held_sessions")
        if self.held_sessions is not None and self.held_sessions < 1:
            raise ValueError("held_sessions is at least 1")
        if not self.start < self.end:
            raise ValueError(f"it ends ({self.end}) before it starts ({self.start})")

    def _check_weekdays(self) -> None:
        if self.frequency not in (WEEKLY, FORTNIGHTLY):
            raise ValueError("several weekdays belong to weekly and fortnightly rules")
        if list(self.weekdays) != sorted(set(self.weekdays)):
            raise ValueError(f"weekdays {self.weekdays} are not in order, or twice the same")

    def _check_dates(self) -> None:
        if self.frequency != DATES or not self.dates:
            raise ValueError("single dates belong to rules of the frequency dates, and these need some")
        if list(self.dates) != sorted(set(self.dates)) or self.dates[0] != self.first_date:
            raise ValueError("single dates are in order, none twice, and the first is first_date")

    @property
    def every_weekday(self) -> tuple[int, ...]:
        """All its weekdays in order, also where it has one; of single dates those they fall on."""
        if self.frequency == DATES:
            return tuple(sorted({day.weekday() for day in self.dates}))
        return self.weekdays or (self.weekday,)


@dataclass(frozen=True, slots=True)
class Skip:
    """A date the rule gives but which is left out."""

    date: date
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Plan:
    """The dates of a rule. `is_complete` is false if the held sessions asked for were not reached."""

    dates: tuple[date, ...]
    skips: tuple[Skip, ...]
    is_complete: bool = True

    def sessions(self) -> Iterator[tuple[int, date]]:
        """Session number (from 1) and date of everything held."""
        return enumerate(self.dates, start=1)


def on_dates(days: Collection[date], start: str, end: str, *, term_time_only: bool = False) -> Rule:
    """A rule for these single dates, in any order."""
    dates = tuple(sorted(set(days)))
    return Rule(dates[0].weekday(), start, end, dates[0], frequency=DATES, dates=dates, term_time_only=term_time_only)


def plan(
    rule: Rule,
    left_out: Mapping[int, Reasons],
    *,
    put_back: Collection[date] = (),
    added: Collection[date] = (),
    dropped: Mapping[date, str] | None = None,
) -> Plan:
    """The dates held and left out. `left_out` has the reasons by ordinal, as `TermCalendar.left_out` gives them.

    What the planner decided by hand comes before that: dates `put_back` are held in spite of it; dates `dropped` are left
    out with these words, after any other reason and whatever else is said of them; dates `added` are held whether the rule
    gives them or not. All that are held count: a rule for 14 held sessions with one added ends a date earlier.
    """
    extra = {day.toordinal() for day in added if day not in (dropped or {})}
    if put_back or extra or dropped:
        left_out = _as_decided(left_out, {day.toordinal() for day in put_back} | extra, dropped or {})
    held, skipped = _sorted_out(rule, left_out, extra)
    return Plan(
        dates=tuple(map(date.fromordinal, sorted([*held, *extra]) if extra else held)),
        skips=tuple(Skip(date.fromordinal(day), left_out[day]) for day in skipped),
        is_complete=rule.held_sessions is None or len(held) + len(extra) >= rule.held_sessions,
    )


def _sorted_out(rule: Rule, left_out: Mapping[int, Reasons], extra: Collection[int]) -> tuple[list[int], list[int]]:
    """The rule's own dates that are held and those skipped, until its end; `extra` ones count as held already."""
    held: list[int] = []
    skipped: list[int] = []
    last = rule.last_date.toordinal() if rule.last_date else rule_dates.LAST_DAY
    most = MOST_TRIES * max(1, len(rule.weekdays))
    wanted = most if rule.held_sessions is None else rule.held_sessions - len(extra)
    for day in _candidates(rule, left_out):
        if day > last or len(held) >= wanted or len(held) + len(skipped) >= most:
            break
        if day not in extra:
            (skipped if day in left_out else held).append(day)
    return held, skipped


def _as_decided(
    left_out: Mapping[int, Reasons], in_spite: Collection[int], dropped: Mapping[date, str]
) -> dict[int, Reasons]:
    decided = {day: reasons for day, reasons in left_out.items() if day not in in_spite}
    for day, words in dropped.items():
        decided[day.toordinal()] = (*left_out.get(day.toordinal(), ()), words)
    return decided


def _candidates(rule: Rule, left_out: Mapping[int, Reasons]) -> Iterator[int]:
    first = rule.first_date.toordinal()
    weekdays = rule.weekdays or (rule.weekday,)
    match rule.frequency:
        case "dates":
            return (day.toordinal() for day in rule.dates)
        case "monthly":
            return rule_dates.monthly(rule.first_date, rule.weekday, rule.nth or 1)
        case "fortnightly" if rule.after_skip == SHIFT:
            return rule_dates.fortnightly_shifting(first, weekdays, left_out)
        case frequency:
            return rule_dates.weekly(first, weekdays, 7 if frequency == WEEKLY else 14)


def instants(rule: Rule, day: date) -> tuple[datetime, datetime]:
    """Start and end of the session on that day, aware, in UTC: 10:00 stays 10:00 whatever the clocks do."""
    return clock.at(day, rule.start), clock.at(day, rule.end)


def with_closures(left_out: Mapping[int, Reasons], closures: Mapping[date, str]) -> dict[int, Reasons]:
    """The days left out by an area's calendar and, after its reasons, by a place's own closed days."""
    both = dict(left_out)
    for day, words in closures.items():
        both[day.toordinal()] = (*both.get(day.toordinal(), ()), words)
    return both


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """The whole rule in what JSON has: dates as "2027-01-12"."""
    return {field.name: _plain(getattr(rule, field.name)) for field in fields(rule)}


def rule_from_json(stored: Mapping[str, Any]) -> Rule:
    """What `rule_to_json` wrote; what it did not know of yet has its usual value. Raises ValueError if it is no rule."""
    known = {field.name: stored[field.name] for field in fields(Rule) if field.name in stored}
    for name in ("first_date", "last_date"):
        known[name] = date.fromisoformat(known[name]) if known.get(name) else None
    known["weekdays"] = tuple(known.get("weekdays", ()))
    known["dates"] = tuple(map(date.fromisoformat, known.get("dates", ())))
    if known["first_date"] is None or not {"weekday", "start", "end"} <= known.keys():
        raise ValueError("this is no rule")
    return Rule(**known)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
