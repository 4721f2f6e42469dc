"""When somebody may be written to or rung: the county's quiet hours and a person's own safe hours. Pure, but for `use`.

Hours are wall times of the council ("HH:MM"); a window from 22:00 to 06:00 goes past midnight and belongs to the day it begins on.
A night with a clock change is an hour longer or shorter, and a window that the spring night leaves out begins where the
clocks go on. Safe hours are never broken. Quiet hours do not hold for mail, nor for what somebody is waiting for; and they
give way to safe hours that lie wholly within them: such a person can be reached at no other time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from booking import clock
from booking.settings import Messages
from booking.words import time_words

CODES = ("sign_in_code", "manage_code")
# what somebody gets because of what they have just done; later than SOON after it they wait for it no more
ANSWERS = (
    *("confirmation", "given_up", "missed", "catch_up", "waiting_joined", "also_told", "room_requested"),
    "staff_text",
)
ANSWERS_TO_TEXTS = "text_"  # how their kinds begin
CAN_WAIT = (
    "reminder_days",
    "reminder_hours",
    "notice",
    "duty_tomorrow",
)  # urgent in the order of sending, and no reason to wake anybody
SOON = timedelta(minutes=15)
URGENT = 1
DAYS = 15  # looked ahead: a weekly window may be left out by a clock change
WEEK = "0123456"
SHORT_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Quiet from and to, safe from and to, and the weekdays that are safe (Monday is "0"). "" is no limit; the same time twice
    is no quiet hours, or a safe window of a whole day."""

    quiet_from: str = ""
    quiet_to: str = ""
    safe_from: str = ""
    safe_to: str = ""
    safe_days: str = ""


_county = Hours("20:00", "08:00")


def use(messages: Messages) -> None:
    """The county's quiet hours from the settings. Call once when the app or a worker starts."""
    global _county
    _county = Hours(f"{messages.quiet_from_hour:02}:00", f"{messages.quiet_to_hour:02}:00")


def county() -> Hours:
    """The quiet hours alone, as for somebody of whom nothing is known."""
    return _county


def of(person: Mapping[str, Any] | None, channel: str) -> Hours:
    """The hours of a person (a row with safe_from, safe_to, safe_days; None is nobody known) on a channel. Mail keeps no
    quiet hours."""
    quiet = Hours() if channel == "email" else _county
    if person is None:
        return quiet
    return replace(quiet, **{name: person[name] or "" for name in ("safe_from", "safe_to", "safe_days")})


def of_person(person: Any, channel: str) -> Hours:
    """The same for a Person."""
    return of({name: getattr(person, name) for name in ("safe_from", "safe_to", "safe_days")}, channel)


def may_leave(
    hours: Hours, now: datetime, *, kind: str, urgency: int, hears_urgent: bool, asked_at: datetime | None = None
) -> datetime:
    """The instant from which a message may leave: `now` when it may at once, otherwise the first such minute, aware UTC.

    `asked_at` is when the act was done that a message answers (default: just now).
    """
    is_urgent = urgency <= URGENT and kind not in CAN_WAIT and not is_answer(kind)
    if _is_awaited(kind, now, asked_at) or (is_urgent and hears_urgent):
        hours = replace(hours, quiet_from="", quiet_to="")
    return first_allowed(hours, now)


def is_answer(kind: str) -> bool:
    """Whether somebody gets it because of what they have just done."""
    return kind in ANSWERS or kind.startswith(ANSWERS_TO_TEXTS)


def _is_awaited(kind: str, now: datetime, asked_at: datetime | None) -> bool:
    return kind in CODES or (is_answer(kind) and (asked_at is None or now - asked_at <= SOON))


def is_allowed(hours: Hours, instant: datetime) -> bool:
    """Whether both the quiet and the safe hours let something leave at an instant."""
    return _is_allowed(_reconciled(hours), clock.local(instant))


def first_allowed(hours: Hours, instant: datetime) -> datetime:
    """The instant itself, or the first minute after it that is allowed."""
    hours = _reconciled(hours)
    if _is_allowed(hours, clock.local(instant)):
        return instant
    first = clock.local(instant).date() - timedelta(days=1)
    for day in (first + timedelta(days=n) for n in range(DAYS + 1)):
        for edge in _edges(hours, day):
            if edge > instant and _is_allowed(hours, clock.local(edge)):
                return edge
    raise AssertionError("every week has a safe minute")


def last_allowed(hours: Hours, instant: datetime) -> datetime | None:
    """The instant itself, or the last whole minute before it that is allowed; None when there is none for two weeks."""
    hours = _reconciled(hours)
    if _is_allowed(hours, clock.local(instant)):
        return instant
    last = clock.local(instant).date() + timedelta(days=1)
    for day in (last - timedelta(days=n) for n in range(DAYS + 1)):
        for edge in reversed(list(_edges(hours, day))):
            if edge <= instant and _is_allowed(hours, clock.local(edge - MINUTE)):
                return edge - MINUTE
    return None


def safe_words(person: Mapping[str, Any]) -> str:
    """A person's safe hours for staff: "9:30am to 3pm on Mon and Thu"; "" when any time is safe."""
    start, end, days = person["safe_from"] or "", person["safe_to"] or "", _days(person["safe_days"] or "")
    parts = []
    if start and end:
        parts.append(f"{time_words(start)} to {time_words(end)}" + (", the next day" if start >= end else ""))
    elif start or end:
        parts.append(f"from {time_words(start)}" if start else f"until {time_words(end)}")
    if days != WEEK:
        names = [SHORT_DAYS[int(day)] for day in days]
        parts.append("on " + " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))))
    return " ".join(parts)


def _is_allowed(hours: Hours, wall: datetime) -> bool:
    time = f"{wall.hour:02}:{wall.minute:02}"
    if hours.quiet_from != hours.quiet_to and _is_within(hours.quiet_from, hours.quiet_to, time):
        return False
    days = _days(hours.safe_days)
    if not (hours.safe_from or hours.safe_to):
        return str(wall.weekday()) in days
    start, end = hours.safe_from or "00:00", hours.safe_to or "24:00"
    if not _is_within(start, end, time):
        return False
    began = wall.date() - timedelta(days=1) if start >= end and time < end else wall.date()
    return str(began.weekday()) in days


def _is_within(start: str, end: str, time: str) -> bool:
    """From start until just before end, past midnight where the end is not later."""
    return start <= time < end if start < end else time >= start or time < end


def _days(safe_days: str) -> str:
    """The weekdays; all where none is named."""
    return "".join(day for day in WEEK if day in safe_days) or WEEK


def _reconciled(hours: Hours) -> Hours:
    """Without the quiet hours where they would leave nothing of the safe ones."""
    if hours.quiet_from == hours.quiet_to or not (hours.safe_from or hours.safe_to):
        return hours
    start, end = hours.safe_from or "00:00", hours.safe_to or "24:00"
    begins = (start, hours.quiet_to, "00:00")
    if any(_is_within(start, end, t) and not _is_within(hours.quiet_from, hours.quiet_to, t) for t in begins):
        return hours
    return replace(hours, quiet_from="", quiet_to="")


def _edges(hours: Hours, day: date) -> Iterator[datetime]:
    """The instants of a local date, in order, at which something may begin or end: its midnight, the hours' own times (twice
    where a clock change has them twice), and the quarter hours of a day on which the clocks change."""
    walls = {wall for wall in (hours.quiet_from, hours.quiet_to, hours.safe_from, hours.safe_to) if wall} | {"00:00"}
    if clock.at(day + timedelta(days=1), "00:00") - clock.at(day, "00:00") != timedelta(days=1):
        walls |= {f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 15, 30, 45)}
    found = set()
    for wall in walls:
        hour, minute = (int(part) for part in wall.split(":"))
        for fold in (0, 1):
            local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.zone(), fold=fold)
            found.add(local.astimezone(UTC))
    yield from sorted(found)
