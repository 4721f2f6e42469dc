"""The demo county as it is loaded: in the second week of its term whatever the day, lived in, and without a real person."""

import csv
import re
from datetime import date, timedelta

import pytest
import time_machine

from booking import clock, db
from booking.demo import county, moving
from booking.demo.moving import FILES, moved_files, shift_weeks
from booking.places.recurrence import plan
from booking.places.term_calendar import Period, TermCalendar
from booking.programmes import reconciling
from booking.programmes.imports.importing import TABLES, import_files
from booking.programmes.models import Run, Session
from booking.rotas import loading, rules
from booking.tables import read_file

D = date.fromisoformat
DAYS = [D("2026-11-16"), D("2026-11-22"), D("2027-01-11"), D("2027-03-28"), D("2027-10-31"), D("2028-02-29")]


def rows(day: date, name: str) -> list:
    (file,) = [read_file(file, TABLES) for file in moved_files(day) if file.name == name]
    assert file.problems == []
    return file.rows


@pytest.mark.parametrize("day", DAYS)
def test_today_is_in_the_second_week_of_the_term(day):
    starts = [row.start for row in rows(day, "term_dates.csv") if (row.part, row.kind) == ("spring", "term")]
    assert max(starts) <= day - timedelta(7)
    assert max(starts) > day - timedelta(14)


@pytest.mark.parametrize(
    ("day", "weeks"), [("2027-01-11", 0), ("2027-01-17", 0), ("2027-01-10", -1), ("2026-11-21", -8)]
)
def test_the_files_move_by_whole_weeks(day, weeks):
    assert shift_weeks(D(day)) == weeks


@pytest.mark.parametrize("day", DAYS)
def test_the_courses_hold_their_sessions_wherever_they_move(day):
    holidays = {row.date: row.full_title for row in rows(day, "bank_holidays.csv")}
    terms = rows(day, "term_dates.csv")
    for row in rows(day, "whats_on.csv"):
        periods = [Period(t.kind, t.part, t.start, t.end) for t in terms if t.area == row.county]
        calendar = TermCalendar(row.county, periods, holidays)
        result = plan(row.rule(), calendar.left_out(term_time_only=row.term_time_only))
        assert not row.planned_sessions or (len(result.dates), result.dates[-1]) == (
            row.planned_sessions,
            row.last_date,
        )


def test_an_ended_agreement_stays_ended():
    (hall,) = {row.open_valid_to for row in rows(D("2031-05-05"), "hubs.csv") if row.hub_code == "D06"}
    assert hall == D("2026-03-31")


def test_unmoved_files_are_those_in_the_folder_but_for_guessed_names():
    with (FILES / "whats_on.csv").open(newline="") as file:
        as_they_are = {row["series_id"]: row["first_date"] for row in csv.DictReader(file)}
    assert {
        row.series_id: row.first_date.isoformat() for row in rows(moving.SECOND_MONDAY, "whats_on.csv")
    } == as_they_are
    assert not [row for row in rows(moving.SECOND_MONDAY, "hubs.csv") if "assumed" in row.hub_name + row.building_name]


@pytest.mark.slow
@pytest.mark.parametrize("day", [*DAYS, *(D("2027-01-11") + timedelta(weeks=n) for n in range(0, 52, 4))])
async def test_the_county_fits_its_rooms_wherever_it_moves(day, database):
    files = [file for file in moved_files(day) if not file.name.startswith("postcodes")]
    report = await import_files(files, dry_run=True)
    assert report.problems == []


LOADED_AT = "2026-11-25 10:30:00Z"


@pytest.fixture
async def demo(loaded_demo, database):
    with time_machine.travel(LOADED_AT, tick=False):
        yield


async def counted(sql: str, *parameters) -> int:
    return await db.value(f"SELECT COUNT(*) AS n FROM {sql}", *parameters)


@pytest.mark.slow
async def test_the_demo_looks_lived_in(demo):
    assert await Run.all().count() >= 449
    assert await counted("booking") > 800
    assert await counted("waiting_entry") > 5
    assert await counted("session WHERE taken = places") > 5
    assert await counted("session WHERE adults_counted > 0") > 100
    assert await counted("attendance") > 300
    assert await counted("session WHERE register_done_at IS NULL AND ends_at < $1", clock.now()) > 5


@pytest.mark.slow
async def test_the_places_taken_are_those_that_are_booked_offered_or_in_the_creche(demo):
    assert await counted("offer WHERE state = 'open'") > 0
    assert await counted("creche_place WHERE released_at IS NULL") > 0
    assert await reconciling.reconcile() == 0


@pytest.mark.slow
async def test_nobody_in_the_demo_can_be_reached(demo):
    for person in await db.rows("SELECT phone, email FROM person"):
        assert re.fullmatch(r"(\+447700900\d{3})?", person["phone"])  # numbers that are kept for films
        assert not person["email"] or person["email"].endswith(".example")


@pytest.mark.slow
async def test_one_place_allows_lone_working_and_needs_one_person(demo):
    place = "location l JOIN cover_need n ON n.location_id = l.id WHERE n.people = 1 AND l.needs_two = $1"
    assert await counted(place, False) == 1
    assert await counted(
        "shift s JOIN location l ON l.id = s.location_id WHERE s.kind = 'cover' AND l.needs_two = $1", False
    )


@pytest.mark.slow
async def test_the_rota_of_ferndown_is_alive_in_every_week_that_is_shown(demo):
    """Two weeks that were published and done, one rule broken by somebody who is ill, and a few gaps."""
    hub = await db.value("SELECT id FROM location WHERE code = 'D01-M'")
    today = clock.today()
    monday = today - timedelta(days=today.weekday())
    await counted_published(hub, monday - timedelta(days=7), monday - timedelta(days=1))
    plan = await loading.load([hub], monday, monday + timedelta(days=27))
    hard = [one.rule for one in rules.check(plan) if one.level != "soft"]
    assert hard == ["leave"]
    gaps = [each for each in plan.known if each.date >= today and each.id not in plan.given]
    assert 0 < len(gaps) < 30


async def counted_published(hub, first: date, last: date) -> None:
    shifts = await counted("shift WHERE hub_id = $1 AND date >= $2 AND date <= $3", hub, first, last)
    done = await counted(
        "assignment a JOIN shift s ON s.id = a.shift_id WHERE a.layer = 'published' AND s.hub_id = $1"
        " AND s.date >= $2 AND s.date <= $3",
        hub, first, last,
    )  # fmt: skip
    assert shifts > 20
    assert done > 0.9 * shifts


@pytest.mark.slow
async def test_the_demo_can_be_made_anew(demo):
    before = {row["reference"] for row in await db.rows("SELECT reference FROM booking")}
    await county.load(clock.today(), fresh=True)
    assert {row["reference"] for row in await db.rows("SELECT reference FROM booking")} == before
    assert await Session.filter(date=clock.today()).exists()


@pytest.mark.slow
async def test_staff_can_sign_in_to_the_demo(demo):
    kinds = {row["kind"] for row in await db.rows("SELECT kind FROM role")}
    assert kinds == {"hub_staff", "hub_manager", "county_admin", "partner", "worker"}
    assert any("maya@ferndown.example" in line for line in county.how_to_sign_in("http://127.0.0.1:8000"))
