"""The days that a rule gives before anything is left out, one after the other, as ordinals (`date.toordinal()`). Pure."""

from collections.abc import Container, Iterator, Sequence
from datetime import date

LAST_OF_MONTH = -1
LAST_DAY = date.max.toordinal()
WEEK = 7


def weekly(first: int, weekdays: Sequence[int], step: int) -> Iterator[int]:
    """These weekdays (0 is Monday, in order) on or after the first day: of every week, or of every second (step 14)."""
    if len(weekdays) == 1:
        return iter(range(_on_or_after(first, weekdays[0]), LAST_DAY + 1, step))
    weeks = range(_first_week(first, weekdays), LAST_DAY - WEEK, step)
    return (day for week in weeks for weekday in weekdays if (day := week + weekday) >= first)


def fortnightly_shifting(first: int, weekdays: Sequence[int], left_out: Container[int]) -> Iterator[int]:
    """Every second week; after a week of which nothing is held the next one is tried, and counted from."""
    week = _first_week(first, weekdays)
    while week <= LAST_DAY - WEEK:
        days = [week + weekday for weekday in weekdays if week + weekday >= first]
        yield from days
        week += WEEK if all(day in left_out for day in days) else 2 * WEEK


def monthly(first_date: date, weekday: int, nth: int) -> Iterator[int]:
    """The nth such weekday of every month; months that have no fifth one are passed over."""
    first = first_date.toordinal()
    year, month = first_date.year, first_date.month
    while year < date.max.year:
        day = nth_weekday(year, month, weekday, nth)
        if day is not None and day >= first:
            yield day
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> int | None:
    """Ordinal of the nth such weekday of a month (-1: the last); None if the month has no fifth one."""
    first = date(year, month, 1).toordinal()
    next_month = date(year + month // 12, month % 12 + 1, 1).toordinal()
    day = _on_or_after(first, weekday)
    if nth == LAST_OF_MONTH:
        return day + WEEK * ((next_month - 1 - day) // WEEK)
    day += WEEK * (nth - 1)
    return day if day < next_month else None


def _on_or_after(day: int, weekday: int) -> int:
    return day + (weekday - (day - 1)) % WEEK


def _first_week(first: int, weekdays: Sequence[int]) -> int:
    """The Monday of the week in which the first of these weekdays falls."""
    day = min(_on_or_after(first, weekday) for weekday in weekdays)
    return day - (day - 1) % WEEK
