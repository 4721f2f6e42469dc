"""The next dates of a run after its last one: by its rule, around what its calendar leaves out."""

from datetime import date

import pytest

from booking.places.recurrence import Rule, on_dates, rule_to_json
from booking.places.term_calendar import Period, TermCalendar
from booking.programmes.changes.dates_at_end import next_dates

D = date.fromisoformat
CALENDAR = TermCalendar(
    "Dorset",
    [
        Period("term", "spring", D("2027-01-04"), D("2027-03-25")),
        Period("half_term", "spring", D("2027-02-15"), D("2027-02-19")),
        Period("term", "summer", D("2027-04-12"), D("2027-07-21")),
    ],
)
IMPORTED = {
    "rule": None, "weekday": 1, "start_time": "10:00", "end_time": "11:00", "frequency": "weekly",
    "is_term_time_only": True, "last_date": D("2027-02-09"),
}  # fmt: skip


def planned(**changes) -> dict:
    rule = Rule(1, "10:00", "11:00", D("2027-01-12"), held_sessions=5, term_time_only=True, **changes)
    return IMPORTED | {"rule": rule_to_json(rule)}


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (IMPORTED, ["02-23", "03-02", "03-09"]),
        (IMPORTED | {"is_term_time_only": False}, ["02-16", "02-23", "03-02"]),
        (IMPORTED | {"frequency": "fortnightly"}, ["02-23", "03-09", "03-23"]),
        (IMPORTED | {"frequency": "monthly 2nd"}, ["03-09", "04-13", "05-11"]),
        (IMPORTED | {"frequency": "monthly last"}, ["02-23", "04-27", "05-25"]),
        (planned(), ["02-23", "03-02", "03-09"]),
        (planned(weekdays=(1, 3)), ["02-11", "02-23", "02-25"]),
        (planned(frequency="fortnightly", after_skip="shift"), ["02-23", "03-09", "03-23"]),
        (IMPORTED | {"rule": rule_to_json(on_dates([D("2027-01-12"), D("2027-02-09")], "10:00", "11:00"))},
         ["02-16", "02-23", "03-02"]),
    ],
)  # fmt: skip
def test_it_goes_on_as_it_went(run, expected):
    found = next_dates(run, D("2027-02-09"), CALENDAR)
    assert [day.isoformat()[5:] for day in found[:3]] == expected
    assert len(found) <= 12


def test_what_is_left_out_on_the_last_date_itself_does_not_matter():
    assert next_dates(IMPORTED, D("2027-02-16"), CALENDAR)[0] == D("2027-02-23")
