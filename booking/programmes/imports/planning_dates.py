"""A series of the timetable turned into its dates, and those compared with the sessions that are already there."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from booking import clock
from booking.changes import Row
from booking.places.recurrence import Plan, plan, with_closures
from booking.places.term_calendar import TermCalendar
from booking.programmes.imports.programme_tables import SeriesRow
from booking.programmes.imports.staff_changed import was_added


@dataclass(slots=True)
class Dates:
    """What becomes of the dates of one run: `held` has their numbers; `gone` are sessions no longer in the rule."""

    held: dict[date, int]
    skips: dict[date, str]
    gone: list[Row] = field(default_factory=list)


def plan_dates(
    series: SeriesRow, calendar: TermCalendar, closures: Iterable[Row] = (), kept: Container[date] = ()
) -> Plan:
    """The dates held and left out: by the area's calendar, and where the place is closed at that time; but for days on
    which it is held in spite of the closure."""
    left_out: Mapping[int, tuple[str, ...]] = calendar.left_out(term_time_only=series.term_time_only)
    shut = closed_days(closures, series.start, series.end)
    closed = {day: reason for day, reason in shut.items() if day not in kept}
    return plan(series.rule(), with_closures(left_out, closed) if closed else left_out)


def closed_days(closures: Iterable[Row], start: str, end: str) -> dict[date, str]:
    """The days on which a closure touches the time from start to end, with its reason."""
    days: dict[date, str] = {}
    for closure in closures:
        day, last = clock.local(closure["starts_at"]).date(), clock.local(closure["ends_at"]).date()
        while day <= last:
            if clock.at(day, start) < closure["ends_at"] and clock.at(day, end) > closure["starts_at"]:
                days[day] = closure["reason"]
            day += timedelta(1)
    return days


def rule_date(session: Row) -> date:
    """The session's date in the rule: also if staff moved it to another day."""
    return session.get("moved_from_date") or session["date"]


def compare_dates(planned: Plan, sessions: Iterable[Row], now: datetime) -> Dates:
    """Held dates with their numbers, skips in words, and the sessions to come that the plan no longer has.

    Sessions that are over or were cancelled or added by a person stay as they are.
    """
    held = {day: number for number, day in planned.sessions()}
    skips = {skip.date: "; ".join(skip.reasons)[:200] for skip in planned.skips}
    gone = [
        s for s in sessions
        if rule_date(s) not in held and s["ends_at"] > now and s["state"] != "cancelled" and not was_added(s)
    ]  # fmt: skip
    return Dates(held, skips, gone)
