"""The timetable of two counties as it stands in the files: every date and skip, reckoned a second, plainer way."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from booking import demo
from booking.places import place_tables
from booking.places.recurrence import plan
from booking.places.term_calendar import Period, TermCalendar, bank_holiday_words
from booking.programmes.imports import programme_tables
from booking.tables import SourceFile, read_file

FILES = Path(demo.__file__).parent / "data"
TABLES = place_tables.TABLES + programme_tables.TABLES
ORDINALS = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4}


def raw(name: str) -> list[dict[str, str]]:
    with (FILES / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def typed(name: str) -> list:
    file = read_file(SourceFile.at(FILES / name), TABLES)
    assert file.problems == []
    return file.rows


BANK_HOLIDAYS = {row.date: row.full_title for row in typed("bank_holidays.csv")}
TERMS = typed("term_dates.csv")
CALENDARS = {
    area: TermCalendar(area, [Period(t.kind, t.part, t.start, t.end) for t in TERMS if t.area == area], BANK_HOLIDAYS)
    for area in ("Dorset", "Essex")
}
SERIES = {row.series_id: row for row in typed("whats_on.csv")}
PLANS = {
    name: plan(row.rule(), CALENDARS[row.county].left_out(term_time_only=row.term_time_only))
    for name, row in SERIES.items()
}
RAW_TERMS = raw("term_dates.csv")
RAW_HOLIDAYS = {row["date"]: row["title"] for row in raw("bank_holidays.csv")}


def dates_by_hand(row: dict[str, str]) -> Iterator[date]:
    day, last = date.fromisoformat(row["first_date"]), date.fromisoformat(row["last_date"])
    first = day
    while day <= last:
        match row["frequency"].split():
            case ["monthly", nth]:
                belongs = (day.day + 6) // 7 == ORDINALS[nth]
            case ["fortnightly"]:
                belongs = (day - first).days % 14 == 0
            case _:
                belongs = True
        if belongs:
            yield day
        day += timedelta(7)


def is_left_out(row: dict[str, str], day: date) -> bool:
    iso = day.isoformat()
    off = [term for term in RAW_TERMS if term["area"] == row["county"] and term["kind"] != "term"]
    in_holiday = any(term["start"] <= iso <= term["end"] for term in off)
    return iso in RAW_HOLIDAYS or (row["term_time_only"] == "yes" and in_holiday)


@pytest.mark.parametrize("row", raw("whats_on.csv"), ids=lambda row: row["series_id"])
def test_the_series_is_held_on_every_date_that_no_skip_takes_out(row):
    result = PLANS[row["series_id"]]
    by_hand = list(dates_by_hand(row))
    assert list(result.dates) == [day for day in by_hand if not is_left_out(row, day)]
    assert [skip.date for skip in result.skips] == [day for day in by_hand if is_left_out(row, day)]
    assert result.is_complete
    for skip in result.skips:
        assert skip.reasons
        if title := RAW_HOLIDAYS.get(skip.date.isoformat()):
            assert skip.reasons[-1].startswith(bank_holiday_words(title).removesuffix(" (bank holiday)"))


def test_the_80_planned_series_hold_exactly_so_many_and_end_on_their_last_date():
    planned = {name: row for name, row in SERIES.items() if row.planned_sessions}
    assert len(planned) == 80
    for name, row in planned.items():
        assert len(PLANS[name].dates) == row.planned_sessions, name
        assert PLANS[name].dates[-1] == row.last_date, name


def test_449_series_hold_4324_sessions_in_the_eleven_weeks_of_the_spring_term():
    """The figure their makers give; it comes out only if a fortnightly series keeps its weeks after a skip."""
    days = [day for result in PLANS.values() for day in result.dates]
    assert len(PLANS) == 449
    assert sum(date(2027, 1, 4) <= day <= date(2027, 3, 25) for day in days) == 4324


def test_the_reasons_are_those_a_parent_would_give():
    reasons = {"; ".join(skip.reasons) for result in PLANS.values() for skip in result.skips}
    assert reasons == {
        "Half term",
        "Easter holiday",
        "Easter holiday; Easter Monday (bank holiday)",
        "Easter Monday (bank holiday)",
        "Good Friday (bank holiday)",
        "Early May bank holiday",
        "Spring bank holiday",
    }


def test_14_sessions_from_12_january_2027_in_dorset_end_on_4_may_and_say_why():
    course = SERIES["D05-06"]
    assert (course.county, course.first_date, course.planned_sessions) == ("Dorset", date(2027, 1, 12), 14)
    by_count = replace(course.rule(), last_date=None, held_sessions=14)
    result = plan(by_count, CALENDARS["Dorset"].left_out(term_time_only=True))
    assert result == PLANS["D05-06"]
    assert (len(result.dates), result.dates[-1]) == (14, date(2027, 5, 4))
    assert {skip.date.isoformat(): skip.reasons for skip in result.skips} == {
        "2027-02-16": ("Half term",),
        "2027-03-30": ("Easter holiday",),
        "2027-04-06": ("Easter holiday",),
    }
