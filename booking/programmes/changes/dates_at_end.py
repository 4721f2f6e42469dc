"""The next dates of a run after its last one, by its rule and its area's calendar. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from booking.places.recurrence import (
    DATES,
    FORTNIGHTLY,
    KEEP,
    LAST_OF_MONTH,
    MONTHLY,
    WEEKLY,
    Rule,
    plan,
    rule_from_json,
)
from booking.places.term_calendar import TermCalendar

MOST = 12
ORDINALS = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": LAST_OF_MONTH}


def rule_of(run: Mapping[str, Any]) -> Rule:
    """The run's rule; of an imported one what its columns say, begun on its last date. `rule` is the JSON, read, or None."""
    if run["rule"]:
        return rule_from_json(run["rule"])
    every, _, nth = run["frequency"].partition(" ")
    return Rule(
        weekday=run["weekday"],
        start=run["start_time"],
        end=run["end_time"],
        first_date=run["last_date"],
        held_sessions=MOST,
        frequency=every if every in (WEEKLY, FORTNIGHTLY, MONTHLY) else WEEKLY,
        nth=ORDINALS.get(nth, 1) if every == MONTHLY else None,
        term_time_only=bool(run["is_term_time_only"]),
    )


def next_dates(run: Mapping[str, Any], last: date, calendar: TermCalendar) -> list[date]:
    """At most twelve dates after `last` (the run's last date in its rule) that the rule gives and the calendar holds. Single
    dates have no rule for what comes after them: then the same weekday of the weeks after. What the calendar does not know
    is held."""
    rule = rule_of(run)
    if rule.frequency == DATES:
        rule = replace(rule, frequency=WEEKLY, dates=(), weekday=last.weekday(), held_sessions=MOST)
    goes_on = replace(rule, first_date=last, last_date=None, held_sessions=MOST + 1, after_skip=KEEP)
    left_out = dict(calendar.left_out(term_time_only=rule.term_time_only))
    left_out.pop(last.toordinal(), None)
    until = last + timedelta(days=3 * 366)
    return [day for day in plan(goes_on, left_out).dates if last < day < until][:MOST]
