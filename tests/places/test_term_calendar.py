from datetime import date, timedelta

import pytest

from booking.places.term_calendar import Period, TermCalendar

D = date.fromisoformat

YEAR = [
    Period("term", "autumn", D("2026-09-02"), D("2026-12-18")),
    Period("half_term", "autumn", D("2026-10-26"), D("2026-10-30")),
    Period("holiday", "christmas", D("2026-12-21"), D("2027-01-01")),
    Period("term", "spring", D("2027-01-04"), D("2027-03-25")),
    Period("half_term", "spring", D("2027-02-15"), D("2027-02-19")),
    Period("holiday", "easter", D("2027-03-26"), D("2027-04-09")),
    Period("term", "summer", D("2027-04-12"), D("2027-07-21")),
    Period("half_term", "summer", D("2027-05-31"), D("2027-06-04")),
]
BANK_HOLIDAYS = {
    D("2027-01-01"): "New Year's Day",
    D("2027-03-26"): "Good Friday",
    D("2027-05-03"): "Early May bank holiday",
    D("2027-05-31"): "Spring bank holiday",
    D("2027-12-28"): "Boxing Day (substitute day)",
}
DORSET = TermCalendar("Dorset", YEAR, BANK_HOLIDAYS)


@pytest.mark.parametrize(
    ("day", "in_term_time", "all_year"),
    [
        ("2027-01-12", (), ()),
        ("2027-02-15", ("Half term",), ()),
        ("2027-02-19", ("Half term",), ()),
        ("2027-02-20", (), ()),
        ("2027-03-26", ("Easter holiday", "Good Friday (bank holiday)"), ("Good Friday (bank holiday)",)),
        ("2027-03-27", ("Easter holiday",), ()),
        ("2027-05-03", ("Early May bank holiday",), ("Early May bank holiday",)),
        ("2027-05-31", ("Half term", "Spring bank holiday"), ("Spring bank holiday",)),
        ("2027-07-22", ("Summer holiday",), ()),
        ("2027-08-31", ("Summer holiday",), ()),
        ("2027-12-28", ("Boxing Day (substitute bank holiday)",), ("Boxing Day (substitute bank holiday)",)),
    ],
)
def test_a_day_is_left_out_for_these_reasons(day, in_term_time, all_year):
    assert DORSET.reasons(D(day), term_time_only=True) == in_term_time
    assert DORSET.reasons(D(day), term_time_only=False) == all_year


@pytest.mark.parametrize("day", ["2026-12-19", "2026-12-20", "2027-01-02", "2027-01-03", "2027-04-10", "2027-04-11"])
def test_a_weekend_that_touches_term_is_term(day):
    assert DORSET.reasons(D(day), term_time_only=True) == ()


def test_a_gap_that_no_row_names_is_a_holiday_all_the_same():
    calendar = TermCalendar("Dorset", [p for p in YEAR if p.kind == "term"])
    assert calendar.reasons(D("2026-12-28"), term_time_only=True) == ("Christmas holiday",)
    assert calendar.reasons(D("2027-04-01"), term_time_only=True) == ("Easter holiday",)
    assert calendar.reasons(D("2027-02-15"), term_time_only=True) == ()


def test_the_same_reason_from_two_rows_is_said_once():
    twice = TermCalendar("Dorset", [*YEAR, YEAR[4]], BANK_HOLIDAYS)
    assert twice.reasons(D("2027-02-15"), term_time_only=True) == ("Half term",)
    assert twice.reasons(D("2027-03-26"), term_time_only=False) == ("Good Friday (bank holiday)",)


def test_training_days_are_left_out_of_term_time_timetables_only():
    calendar = TermCalendar("Dorset", [*YEAR, Period("training_day", "spring", D("2027-01-04"), D("2027-01-04"))])
    assert calendar.reasons(D("2027-01-04"), term_time_only=True) == ("School training day",)
    assert calendar.reasons(D("2027-01-04"), term_time_only=False) == ()


@pytest.mark.parametrize(("kind", "words"), [("staff_training", "Staff training day"), ("election", "Election day")])
def test_on_staff_training_and_election_days_nothing_is_held_all_year(kind, words):
    calendar = TermCalendar("Dorset", [*YEAR, Period(kind, "spring", D("2027-02-18"), D("2027-02-18"))], BANK_HOLIDAYS)
    assert calendar.reasons(D("2027-02-18"), term_time_only=False) == (words,)
    assert calendar.reasons(D("2027-02-18"), term_time_only=True) == ("Half term", words)
    assert calendar.reasons(D("2027-02-17"), term_time_only=False) == ()


def test_nobody_can_say_what_is_term_beyond_the_dates_given():
    assert DORSET.knows(D("2027-01-12"))
    assert DORSET.knows(D("2027-08-31"))
    assert not DORSET.knows(D("2027-09-01"))
    assert not DORSET.knows(D("2026-08-28"))
    assert DORSET.known_until() == D("2027-08-31")
    assert TermCalendar("Nowhere").known_until() is None


def test_a_missing_school_year_is_a_hole_not_a_holiday():
    later = [Period(p.kind, p.part, p.first + timedelta(728), p.last + timedelta(728)) for p in YEAR]
    calendar = TermCalendar("Dorset", YEAR + later)
    assert calendar.reasons(D("2028-01-10"), term_time_only=True) == ()
    assert not calendar.knows(D("2028-01-10"))
    assert calendar.knows(D("2029-01-10"))
