"""Which days are bank holidays here: filled from the list of GOV.UK, and put right by staff (a day by royal proclamation)."""

from datetime import date
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from booking import audit, clock, db
from booking.places import bank_holidays
from booking.problems import Problem, Refused

YEARS_AHEAD = 3
NO_TITLE = Problem("Say what the day is called, for example State funeral.", "title", rule="missing")
NO_DAY = Problem("Give the day as day, month and year.", "day", rule="missing")
PAST = Problem("This day is past.", "day", rule="past")
THERE = Problem("This day is a bank holiday already.", "day", rule="there")
NOT_THERE = Problem("This day is no bank holiday any more.", rule="gone")


def id_of(day: date) -> UUID:
    """The same id for the same day always: what the audit trail is about."""
    return uuid5(NAMESPACE_OID, f"bank holiday {day}")


async def fill() -> int:
    """Writes down what the list knows of this year and the next three; returns how many days were written or taken away.

    A year of which an import has written anything is left alone, and so is what staff wrote or took away. Of what it wrote
    itself, it takes away days to come that the list no longer has (as when the day in May was moved for VE Day).
    """

    async def body() -> int:
        today = clock.today()
        there = {row["date"]: row for row in await db.rows("SELECT * FROM bank_holiday")}
        imported = {day.year for day, row in there.items() if not row["source"]}
        years = set(range(today.year, today.year + YEARS_AHEAD + 1)) - imported
        new = {day: title for year in years for day, title in bank_holidays.of_year(year).items() if day not in there}
        gone = [day for day, row in there.items() if day >= today and _is_no_more(row, bank_holidays.of_year(day.year))]
        if new or gone:
            await _write(new, gone)
        return len(new) + len(gone)

    return await db.run_tx(body)


def _is_no_more(row: dict[str, Any], listed: dict[date, str]) -> bool:
    return row["source"] == "govuk" and not row["is_removed"] and bool(listed) and row["date"] not in listed


async def _write(new: dict[date, str], gone: list[date]) -> None:
    for day in gone:
        await db.execute("DELETE FROM bank_holiday WHERE date = $1 AND source = 'govuk'", day)
    rows = ([day, title, "govuk", False] for day, title in new.items())
    await db.insert_many(
        "bank_holiday", ["date", "title", "source", "is_removed"], rows, "ON CONFLICT (date) DO NOTHING"
    )
    await audit.record(
        "fill bank holidays", about_kind="bank_holiday", about_id=None, by_name="The list of GOV.UK",
        before={day.isoformat(): "" for day in gone}, after={day.isoformat(): title for day, title in new.items()},
    )  # fmt: skip


async def add(*, day: date | None, title: str, by: Any) -> None:
    """A bank holiday more, or one that was taken away again. Raises Refused: past, there already, without a name."""
    problems = [problem for is_so, problem in ((day is None, NO_DAY), (not title.strip(), NO_TITLE)) if is_so]
    if day and day < clock.today():
        problems.append(PAST)
    if problems or day is None:
        raise Refused(problems)

    async def body() -> None:
        written = await db.row(
            "INSERT INTO bank_holiday (date, title, source, is_removed) VALUES ($1, $2, 'staff', FALSE)"
            " ON CONFLICT (date) DO UPDATE SET title = excluded.title, source = 'staff', is_removed = FALSE"
            " WHERE bank_holiday.is_removed RETURNING date",
            day,
            title.strip()[:100],
        )
        if written is None:
            raise Refused([THERE])
        await audit.record(
            "add bank holiday", about_kind="bank_holiday", about_id=id_of(day), by=by, why=title.strip(),
            after={"date": day.isoformat(), "title": title.strip()},
        )  # fmt: skip

    await db.run_tx(body)


async def remove(*, day: date, by: Any) -> None:
    """Takes a bank holiday away; nothing brings it back but staff. Raises Refused: past, or none."""
    if day < clock.today():
        raise Refused([PAST])

    async def body() -> None:
        row = await db.row(
            "UPDATE bank_holiday SET is_removed = TRUE WHERE date = $1 AND NOT is_removed RETURNING title", day
        )
        if row is None:
            raise Refused([NOT_THERE])
        await audit.record(
            "remove bank holiday", about_kind="bank_holiday", about_id=id_of(day), by=by,
            before={"date": day.isoformat(), "title": row["title"]},
        )  # fmt: skip

    await db.run_tx(body)
