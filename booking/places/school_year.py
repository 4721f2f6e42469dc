"""The picture of a school year: a small calendar for each month, and what each of its days is. Pure."""

import calendar
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from booking.places.term_calendar import TermCalendar
from booking.places.term_lines import TermLine
from booking.words import MONTHS

KINDS = {
    "term": "Term",
    "half": "Half term",
    "holiday": "Holiday",
    "training": "School training day",
    "bank": "Bank holiday",
    "staff": "Staff training day",
    "election": "Election day",
}
"""What a day can be, as the key says it. Besides these a day is a weekend, or unknown."""
OF_LINE = {"half_term": "half", "training_day": "training", "staff_training": "staff", "election": "election"}
STRONGEST = ("election", "staff", "training", "half")
MOST_MONTHS = 14


@dataclass(frozen=True, slots=True)
class Day:
    number: int
    kind: str


@dataclass(frozen=True, slots=True)
class Month:
    """name: "September 2026". weeks: seven days each from Monday, None outside the month."""

    name: str
    weeks: tuple[tuple[Day | None, ...], ...]


def months_of(
    known: TermCalendar, lines: Collection[TermLine], bank_holidays: Collection[date], year: str
) -> list[Month]:
    """The months of a school year: from that of its first date, twelve or until that of its last."""
    first = min((line.first for line in lines), default=date(int(year[:4]), 9, 1)).replace(day=1)
    last = max((line.last for line in lines), default=first)
    found = []
    month = first
    while len(found) < MOST_MONTHS and (len(found) < 12 or month <= last):
        found.append(_month(month, known, lines, bank_holidays))
        month = (month + timedelta(days=31)).replace(day=1)
    return found


def _month(month: date, known: TermCalendar, lines: Iterable[TermLine], bank_holidays: Collection[date]) -> Month:
    kinds = {
        day: kind_of(day, known, lines, bank_holidays)
        for week in calendar.Calendar().monthdatescalendar(month.year, month.month)
        for day in week
        if day.month == month.month
    }
    weeks = tuple(
        tuple(Day(day.day, kinds[day]) if day in kinds else None for day in week)
        for week in calendar.Calendar().monthdatescalendar(month.year, month.month)
    )
    return Month(f"{MONTHS[month.month - 1]} {month.year}", weeks)


def kind_of(day: date, known: TermCalendar, lines: Iterable[TermLine], bank_holidays: Collection[date]) -> str:
    """One of KINDS, weekend, or unknown where the school dates do not reach."""
    if day in bank_holidays:
        return "bank"
    on = {OF_LINE[line.kind] for line in lines if line.kind in OF_LINE and line.first <= day <= line.last}
    strongest = next((kind for kind in STRONGEST if kind in on), None)
    if strongest and not (strongest == "half" and day.weekday() >= 5):
        return strongest
    if day.weekday() >= 5:
        return "weekend"
    if known.reasons(day, term_time_only=True):
        return "holiday"
    return "term" if known.knows(day) else "unknown"
