"""The term calendars as the database has them: the only place that reads them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from booking import db
from booking.places.term_calendar import Period, TermCalendar

Rows = Iterable[Mapping[str, Any]]


async def calendar_of(area: str) -> TermCalendar:
    """That of an area; where nobody gave its terms, it knows bank holidays alone."""
    terms = await db.rows("SELECT * FROM term_date WHERE area = $1", area)
    return made_of(area, terms, await bank_holiday_rows())


async def calendar_of_room(room_id: UUID) -> TermCalendar:
    """That of the room's area."""
    terms = await db.rows(
        "SELECT * FROM term_date WHERE area ="
        " (SELECT l.area FROM room o JOIN location l ON l.id = o.location_id WHERE o.id = $1)",
        room_id,
    )
    return made_of(terms[0]["area"] if terms else "", terms, await bank_holiday_rows())


async def all_calendars() -> dict[str, TermCalendar]:
    """That of every area that has one, by its name; under "" one that knows bank holidays alone."""
    return by_area(await db.rows("SELECT * FROM term_date"), await bank_holiday_rows())


async def bank_holiday_rows() -> list[dict[str, Any]]:
    return await db.rows("SELECT date, title FROM bank_holiday WHERE NOT is_removed ORDER BY date")


def by_area(terms: Rows, bank_holidays: Rows) -> dict[str, TermCalendar]:
    """The calendars of all areas in these rows of term_date; under "" one without terms."""
    found: dict[str, list[Mapping[str, Any]]] = {"": []}
    for row in terms:
        found.setdefault(row["area"], []).append(row)
    bank_holidays = list(bank_holidays)
    return {area: made_of(area, rows, bank_holidays) for area, rows in found.items()}


def made_of(area: str, terms: Rows, bank_holidays: Rows) -> TermCalendar:
    """The calendar that these rows of term_date and bank_holiday make."""
    periods = [Period(row["kind"], row["part"], row["start_date"], row["end_date"]) for row in terms]
    return TermCalendar(area, periods, {row["date"]: row["title"] for row in bank_holidays})
