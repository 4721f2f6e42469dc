"""Two counties' files, as they are, into an empty database, and again; and two imports at once."""

import asyncio
from datetime import date

import pytest
import time_machine

from booking import db
from booking.demo.moving import FILES
from booking.programmes.imports.importing import import_files
from booking.programmes.models import Run
from booking.tables import SourceFile
from tests.importing.tables import bring_in, warned

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def in_november():
    with time_machine.travel("2026-11-21 09:00:00Z", tick=False):
        yield


def files() -> list[SourceFile]:
    return [SourceFile.at(path) for path in FILES.glob("*.csv*")]


async def test_the_county_comes_in_whole_and_a_second_time_changes_nothing(database):
    report = await import_files(files())
    assert report.problems == []
    assert [line.partition(":")[0] for line in warned(report)] == [
        "hubs.csv, row 52, column open_valid_to",
        "hubs.csv, row 243, column postcode",
    ]
    new = {count.what: count.new for count in report.counts}
    assert new == {
        "places": 94, "rooms": 284, "opening hours": 420, "term dates": 55, "bank holidays": 32, "postcodes": 71717,
        "service categories": 49, "programmes": 51, "series": 449, "sessions": 6479, "dates left out": 412,
    }  # fmt: skip
    assert not (await import_files(files())).has_changes()
    spring = "SELECT COUNT(*) AS n FROM session WHERE date BETWEEN $1 AND $2"
    assert await db.value(spring, date(2027, 1, 4), date(2027, 3, 25)) == 4324
    await _courses_hold_what_they_plan()
    await _secret_places_are_secret()


async def _courses_hold_what_they_plan():
    held = await db.rows(
        "SELECT r.planned_sessions, COUNT(*) AS n, r.last_date, MAX(s.date) AS end_date FROM run r"
        " JOIN session s ON s.run_id = r.id WHERE r.planned_sessions IS NOT NULL"
        " GROUP BY r.id, r.planned_sessions, r.last_date"
    )
    assert len(held) == 80
    assert all((row["n"], row["end_date"]) == (row["planned_sessions"], row["last_date"]) for row in held)


async def _secret_places_are_secret():
    secret = await Run.filter(is_restricted=True).values_list("code", "is_listed", "search_words")
    assert sorted(secret) == [("D99-01", False, ""), ("E99-01", False, "")]
    listed = "SELECT COUNT(*) AS n FROM session s JOIN location l ON l.id = s.location_id WHERE s.is_listed AND"
    assert await db.value(f"{listed} l.is_restricted = $1", True) == 0


async def test_two_imports_at_once_make_one_county(real_database):
    reports = await asyncio.gather(bring_in(), bring_in())
    assert all(report.is_saved for report in reports)
    assert sorted(report.has_changes() for report in reports) == [False, True]
    assert await db.value("SELECT COUNT(*) AS n FROM session") == 10
