"""When a place is open: a day, a week, and right now, in words. Pure: usual hours, special openings, closures and bank
holidays go in.

Usual hours are local wall times and stay so across the clock changes; closures are instants.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from booking import clock
from booking.words import DAYS, clock_time, day_words, short_day, time_range

Span = tuple[datetime, datetime]
BANK_HOLIDAY = "bank holiday"
LOOK_AHEAD_DAYS = 28


@dataclass(frozen=True, slots=True)
class Shut:
    """A closure, from one instant to another."""

    starts_at: datetime
    ends_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Special:
    """Dated hours, both dates included, on some weekdays (Monday is 0): instead of the usual ones, or with is_extra beside
    them. Either opens a bank holiday too."""

    first: date
    last: date
    opens: str
    closes: str
    weekdays: frozenset[int] = frozenset(range(7))
    is_extra: bool = False
    reason: str = ""

    def is_on(self, day: date) -> bool:
        return self.first <= day <= self.last and day.weekday() in self.weekdays

    def span(self, day: date) -> Span:
        return clock.at(day, self.opens), clock.at(day, self.closes)


@dataclass(frozen=True, slots=True)
class Opening:
    """All that decides when one place is open. hours: weekday (Monday is 0) -> ("09:00", "17:00") pairs."""

    hours: Mapping[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    closures: tuple[Shut, ...] = ()
    bank_holidays: Mapping[date, str] = field(default_factory=dict)
    specials: tuple[Special, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """One line of the opening hours. `times` is empty when the place is closed all day."""

    date: date
    day: str
    times: str
    note: str
    is_today: bool


@dataclass(frozen=True, slots=True)
class Now:
    state: Literal["open", "closed"]
    words: str


def spans(opening: Opening, day: date) -> list[Span]:
    """The instants between which the place is open on a local day, in order; closures and bank holidays taken out."""
    left = due_spans(opening, day)
    for shut in opening.closures:
        left = [part for span in left for part in _without(span, shut)]
    return left


def due_spans(opening: Opening, day: date) -> list[Span]:
    """As spans, but for closures: usual hours (none on a bank holiday), or special ones instead, and extra ones added."""
    specials = _specials(opening, day)
    if not specials:
        return [] if day in opening.bank_holidays else usual_spans(opening, day)
    due = [special.span(day) for special in specials]
    if all(special.is_extra for special in specials) and day not in opening.bank_holidays:
        due += usual_spans(opening, day)
    return _joined(due)


def usual_spans(opening: Opening, day: date) -> list[Span]:
    """As on any such weekday; special openings, closures and bank holidays left aside."""
    pairs = sorted(opening.hours.get(day.weekday(), ()))
    return [(clock.at(day, opens), clock.at(day, closes)) for opens, closes in pairs]


def _specials(opening: Opening, day: date) -> list[Special]:
    return [special for special in opening.specials if special.is_on(day)]


def _joined(parts: list[Span]) -> list[Span]:
    """In order; what overlaps or touches is one."""
    joined: list[Span] = []
    for starts_at, ends_at in sorted(parts):
        if joined and starts_at <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends_at))
        else:
            joined.append((starts_at, ends_at))
    return joined


def _without(span: Span, shut: Shut) -> Iterator[Span]:
    starts_at, ends_at = span
    if shut.ends_at <= starts_at or ends_at <= shut.starts_at:
        yield span
        return
    if starts_at < shut.starts_at:
        yield starts_at, shut.starts_at
    if shut.ends_at < ends_at:
        yield shut.ends_at, ends_at


def week(opening: Opening, today: date) -> list[Day]:
    """Today and the six days after it."""
    return [one_day(opening, today + timedelta(days=n), today) for n in range(7)]


def one_day(opening: Opening, day: date, today: date) -> Day:
    times = " and ".join(_span_words(span) for span in spans(opening, day))
    return Day(day, short_day(day), times, _note(opening, day), day == today)


def _span_words(span: Span) -> str:
    opens, closes = (clock.local(instant).strftime("%H:%M") for instant in span)
    return "all day" if (opens, closes) == ("00:00", "23:59") else time_range(opens, closes)


def _note(opening: Opening, day: date) -> str:
    """Why the day differs from its usual hours; empty if it does not."""
    due = due_spans(opening, day)
    if not due:
        return opening.bank_holidays.get(day, "")
    cuts = [shut for shut in opening.closures if any(_touches(shut, span) for span in due)]
    if not spans(opening, day):
        return "; ".join(_capital(shut.reason) for shut in cuts if shut.reason)
    said = [_special_words(opening, special, day) for special in _specials(opening, day)]
    said += [_with_reason(f"Closed {_cut_words(shut, day)}", shut.reason) for shut in cuts]
    return "; ".join(dict.fromkeys(filter(None, [opening.bank_holidays.get(day, ""), *said])))


def _special_words(opening: Opening, special: Special, day: date) -> str:
    """ "Open late until 8pm: hall hired"; empty for extra hours that are open anyway."""
    usual = [] if day in opening.bank_holidays else usual_spans(opening, day)
    starts_at, ends_at = special.span(day)
    if not usual:
        return _with_reason("Open specially", special.reason)
    if not special.is_extra:
        return _with_reason("Other hours than usual", special.reason)
    if any(opens <= starts_at and ends_at <= closes for opens, closes in usual):
        return ""
    if any(opens <= starts_at <= closes for opens, closes in usual):
        return _with_reason(f"Open late until {clock_time(ends_at)}", special.reason)
    if any(opens <= ends_at <= closes for opens, closes in usual):
        return _with_reason(f"Open early from {clock_time(starts_at)}", special.reason)
    return _with_reason(f"Also open {_span_words((starts_at, ends_at))}", special.reason)


def _with_reason(words: str, reason: str) -> str:
    return f"{words}: {reason}" if reason else words


def _touches(shut: Shut, span: Span) -> bool:
    return shut.starts_at < span[1] and span[0] < shut.ends_at


def _cut_words(shut: Shut, day: date) -> str:
    """ "from 1pm", "until 10am", "1pm to 3pm" on that day."""
    begins, ends = clock.local(shut.starts_at).date() == day, clock.local(shut.ends_at).date() == day
    if begins and ends:
        return f"{clock_time(shut.starts_at)} to {clock_time(shut.ends_at)}"
    return f"from {clock_time(shut.starts_at)}" if begins else f"until {clock_time(shut.ends_at)}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def now(opening: Opening, instant: datetime) -> Now:
    """ "Open now until 5pm", "Closed today (bank holiday). Opens Tuesday at 9am", "Closed now. Opens at 2pm"."""
    today = clock.local(instant).date()
    for starts_at, ends_at in spans(opening, today):
        if starts_at <= instant < ends_at:
            return Now("open", f"Open now {_until(ends_at)}")
    following = next_opening(opening, instant)
    if following and clock.local(following).date() == today:
        return Now("closed", f"Closed now. Opens at {clock_time(following)}")
    parts = (_closed_words(opening, instant, today), _opens_words(following, today))
    return Now("closed", ". ".join(filter(None, parts)))


def _until(ends_at: datetime) -> str:
    words = clock_time(ends_at)
    return "all day" if words == "11:59pm" else f"until {words}"


def next_opening(opening: Opening, instant: datetime) -> datetime | None:
    """The next instant at which the doors open, within four weeks."""
    today = clock.local(instant).date()
    days = (today + timedelta(days=n) for n in range(LOOK_AHEAD_DAYS))
    return next((starts_at for day in days for starts_at, _ in spans(opening, day) if starts_at > instant), None)


def _closed_words(opening: Opening, instant: datetime, today: date) -> str:
    why = _why_shut(opening, instant, today)
    if spans(opening, today):
        return f"Closed now ({why})" if why else "Closed now"
    return f"Closed today ({why})" if why else "Closed today"


def _why_shut(opening: Opening, instant: datetime, today: date) -> str:
    """The reason out of the ordinary, where the usual hours of today are not to blame."""
    due, usual = due_spans(opening, today), usual_spans(opening, today)
    if not due:
        return BANK_HOLIDAY if usual and today in opening.bank_holidays else ""
    is_all_day = not spans(opening, today)
    cuts = [shut for shut in opening.closures if any(_touches(shut, span) for span in due)]
    reasons = [shut.reason for shut in cuts if is_all_day or shut.starts_at <= instant < shut.ends_at]
    is_usual = today not in opening.bank_holidays and any(opens <= instant < closes for opens, closes in usual)
    if is_usual:
        reasons += [special.reason for special in _specials(opening, today) if not special.is_extra]
    return next(filter(None, reasons), "")


def _opens_words(following: datetime | None, today: date) -> str:
    if following is None:
        return ""
    day = clock.local(following).date()
    ahead = (day - today).days
    name = "tomorrow" if ahead == 1 else DAYS[day.weekday()] if ahead < 7 else f"on {day_words(day)}"
    return f"Opens {name} at {clock_time(following)}"
