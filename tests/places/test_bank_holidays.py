"""The list of GOV.UK as it ships with its package, and what of it stands in the table beside what staff and imports wrote."""

from datetime import date
from pathlib import Path

import pytest
import time_machine

from booking import db, demo
from booking.places import bank_holidays, keeping_bank_holidays, queries, term_calendars
from booking.places.place_tables import TABLES
from booking.places.term_calendar import TermCalendar
from booking.problems import Refused
from booking.tables import SourceFile, read_file
from tests import make

D = date.fromisoformat
NOW = "2026-11-22 09:00:00+00:00"
FUNERAL = D("2027-09-20")


@pytest.fixture
async def now(database):
    with time_machine.travel(NOW, tick=False):
        yield


async def there() -> dict[date, str]:
    return {row["date"]: row["title"] for row in await term_calendars.bank_holiday_rows()}


def test_the_list_is_that_of_england_and_has_what_our_file_has():
    file = read_file(SourceFile.at(Path(demo.__file__).parent / "data" / "bank_holidays.csv"), TABLES)
    listed = bank_holidays.known()
    assert {row.date: row.full_title for row in file.rows}.items() <= {
        day: title.replace("’", "'") for day, title in listed.items()
    }.items()
    assert D("2027-11-30") not in listed  # St Andrew's Day is Scotland's
    assert list(listed) == sorted(listed)


def test_christmas_on_a_saturday_is_left_out_beside_its_substitute():
    calendar = TermCalendar("Dorset", (), bank_holidays.of_year(2027))
    reasons = {day: calendar.reasons(D(f"2027-12-{day}"), term_time_only=False) for day in (24, 25, 26, 27, 28, 29)}
    assert reasons == {
        24: (),
        25: ("Christmas Day",),
        26: ("Boxing Day",),
        27: ("Christmas Day (substitute bank holiday)",),
        28: ("Boxing Day (substitute bank holiday)",),
        29: (),
    }


async def test_filling_writes_this_year_and_the_next_three_as_far_as_the_list_goes(now):
    assert await keeping_bank_holidays.fill() > 20
    years = {day.year for day in await there()}
    assert years == {2026, 2027, 2028}
    assert (await there())[D("2027-03-26")] == "Good Friday"
    assert await keeping_bank_holidays.fill() == 0
    assert D("2027-12-25") in await queries.bank_holidays(D("2027-12-01"), D("2027-12-31"))


async def test_a_year_that_an_import_wrote_is_left_alone(now):
    await db.execute("INSERT INTO bank_holiday (date, title) VALUES ($1, 'Good Friday')", D("2027-03-26"))
    await keeping_bank_holidays.fill()
    assert [day for day in await there() if day.year == 2027] == [D("2027-03-26")]
    assert D("2028-04-14") in await there()


async def test_what_staff_added_and_took_away_stays_so(now):
    by = await make.staff("county_admin")
    await keeping_bank_holidays.fill()
    await keeping_bank_holidays.add(day=FUNERAL, title="State funeral", by=by)
    await keeping_bank_holidays.remove(day=D("2027-08-30"), by=by)
    await keeping_bank_holidays.fill()
    assert (await there())[FUNERAL] == "State funeral"
    assert D("2027-08-30") not in await there()
    assert D("2027-08-30") not in await queries.bank_holidays(D("2027-08-01"), D("2027-08-31"))
    await keeping_bank_holidays.add(day=D("2027-08-30"), title="Summer bank holiday", by=by)
    assert D("2027-08-30") in await there()


async def test_a_day_that_the_list_no_longer_has_goes_only_if_the_list_wrote_it(now):
    for day, source in ((D("2027-05-10"), "govuk"), (D("2028-05-10"), "staff"), (D("2026-05-11"), "govuk")):
        await db.execute("INSERT INTO bank_holiday (date, title, source) VALUES ($1, 'May day', $2)", day, source)
    await keeping_bank_holidays.fill()
    assert D("2027-05-10") not in await there()
    assert {D("2028-05-10"), D("2026-05-11")} <= set(await there())


@pytest.mark.parametrize(
    ("day", "title", "rules"),
    [(None, "", {"missing"}), (D("2026-11-21"), "Jubilee", {"past"}), (D("2027-03-26"), "Good Friday", {"there"})],
)
async def test_a_bank_holiday_that_makes_no_sense_is_refused(now, day, title, rules):
    await keeping_bank_holidays.fill()
    with pytest.raises(Refused) as refused:
        await keeping_bank_holidays.add(day=day, title=title, by=await make.staff("county_admin"))
    assert {problem.rule for problem in refused.value.problems} == rules


@pytest.mark.parametrize(("day", "rule"), [(D("2026-05-04"), "past"), (D("2027-05-04"), "gone")])
async def test_only_a_bank_holiday_to_come_is_taken_away(now, day, rule):
    with pytest.raises(Refused) as refused:
        await keeping_bank_holidays.remove(day=day, by=await make.staff("county_admin"))
    assert [problem.rule for problem in refused.value.problems] == [rule]
