from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking import clock
from booking.places.recurrence import Plan, Rule, Skip, instants, on_dates, plan, with_closures
from booking.places.rule_dates import nth_weekday

D = date.fromisoformat


def rule(first: str, last: str | None = None, **changes) -> Rule:
    first_date = D(first)
    changes.setdefault("weekday", first_date.weekday())
    return Rule(start="10:00", end="11:30", first_date=first_date, last_date=D(last) if last else None, **changes)


def shifting(first: str, last: str) -> Rule:
    return rule(first, last, frequency="fortnightly", after_skip="shift")


def out(*days: str, why: str = "Half term") -> dict[int, tuple[str, ...]]:
    return {D(day).toordinal(): (why,) for day in days}


def held(plan: Plan) -> list[str]:
    return [day.isoformat()[5:] for day in plan.dates]


@pytest.mark.parametrize(
    ("rule", "left_out", "expected"),
    [
        (rule("2027-01-12", "2027-02-02"), {}, "01-12 01-19 01-26 02-02"),
        (rule("2027-01-12", "2027-02-01"), {}, "01-12 01-19 01-26"),
        (rule("2027-01-11", "2027-02-02", weekday=1), {}, "01-12 01-19 01-26 02-02"),
        (rule("2027-01-12", "2027-01-12"), {}, "01-12"),
        (rule("2027-01-12", "2027-01-11"), {}, ""),
        (rule("2027-02-09", held_sessions=3), out("2027-02-16"), "02-09 02-23 03-02"),
        (rule("2027-02-09", "2027-02-23", held_sessions=3), out("2027-02-16"), "02-09 02-23"),
        (rule("2027-02-02", "2027-03-16", frequency="fortnightly"), out("2027-02-16"), "02-02 03-02 03-16"),
        (shifting("2027-02-02", "2027-03-16"), out("2027-02-16"), "02-02 02-23 03-09"),
        (rule("2027-01-05", "2027-04-30", frequency="monthly", nth=1), {}, "01-05 02-02 03-02 04-06"),
        (rule("2027-01-06", "2027-04-30", frequency="monthly", nth=1), {}, "01-06 02-03 03-03 04-07"),
        (rule("2027-01-12", "2027-04-30", frequency="monthly", nth=1), {}, "02-02 03-02 04-06"),
        (rule("2027-01-01", "2027-06-30", frequency="monthly", nth=5), {}, "01-29 04-30"),
        (rule("2027-01-01", "2027-04-30", frequency="monthly", nth=-1), {}, "01-29 02-26 03-26 04-30"),
        (rule("2027-01-12", "2027-05-30", frequency="monthly", nth=2), out("2027-02-09"), "01-12 03-09 04-13 05-11"),
        (rule("2027-01-13", held_sessions=4, weekdays=(0, 2)), {}, "01-13 01-18 01-20 01-25"),
        (rule("2027-01-13", held_sessions=3, weekdays=(0, 2)), out("2027-01-18"), "01-13 01-20 01-25"),
        (rule("2027-01-14", "2027-02-10", weekdays=(0, 2), frequency="fortnightly"), {}, "01-18 01-20 02-01 02-03"),
        (
            rule("2027-01-13", "2027-02-10", weekdays=(0, 2), frequency="fortnightly"),
            {},
            "01-13 01-25 01-27 02-08 02-10",
        ),
        (
            on_dates([D("2027-03-03"), D("2027-01-12"), D("2027-02-16")], "10:00", "11:00"),
            out("2027-02-16"),
            "01-12 03-03",
        ),
    ],
)
def test_a_rule_gives_these_dates(rule, left_out, expected):
    assert held(plan(rule, left_out)) == expected.split()


def test_a_fortnight_of_several_days_shifts_only_where_nothing_of_a_week_is_held():
    twice_a_week = replace(shifting("2027-02-01", "2027-03-10"), weekdays=(0, 2))
    assert held(plan(twice_a_week, out("2027-02-15"))) == ["02-01", "02-03", "02-17", "03-01", "03-03"]
    assert held(plan(twice_a_week, out("2027-02-15", "2027-02-17"))) == [
        "02-01",
        "02-03",
        "02-22",
        "02-24",
        "03-08",
        "03-10",
    ]


def test_a_date_is_put_back_in_spite_of_its_reason():
    course = rule("2027-02-09", held_sessions=3)
    result = plan(course, out("2027-02-16", "2027-03-02"), put_back=[D("2027-02-16"), D("2027-02-17")])
    assert held(result) == ["02-09", "02-16", "02-23"]
    assert result.skips == ()


def test_a_date_put_back_keeps_the_phase_of_a_shifting_fortnight():
    result = plan(shifting("2027-02-02", "2027-03-02"), out("2027-02-16"), put_back=[D("2027-02-16")])
    assert held(result) == ["02-02", "02-16", "03-02"]


def test_a_dropped_date_is_skipped_with_the_planners_words_and_another_follows():
    result = plan(rule("2027-02-09", held_sessions=3), {}, dropped={D("2027-02-16"): "Trainer away"})
    assert held(result) == ["02-09", "02-23", "03-02"]
    assert result.skips == (Skip(D("2027-02-16"), ("Trainer away",)),)
    both = plan(rule("2027-02-09", "2027-02-23"), out("2027-02-16"), dropped={D("2027-02-16"): "Trainer away"})
    assert both.skips == (Skip(D("2027-02-16"), ("Half term", "Trainer away")),)


def test_an_added_date_counts_among_the_held_sessions():
    course = rule("2027-02-09", held_sessions=3)
    assert held(plan(course, {}, added=[D("2027-02-11")])) == ["02-09", "02-11", "02-16"]
    assert held(plan(course, {}, added=[D("2027-03-31")])) == ["02-09", "02-16", "03-31"]
    assert held(plan(course, {}, added=[D("2027-02-16")])) == ["02-09", "02-16", "02-23"]
    ends_by_date = rule("2027-02-09", "2027-02-16")
    assert held(plan(ends_by_date, {}, added=[D("2027-02-01"), D("2027-03-31")])) == [
        "02-01",
        "02-09",
        "02-16",
        "03-31",
    ]


def test_a_date_both_added_and_dropped_is_dropped():
    result = plan(rule("2027-02-09", "2027-02-16"), {}, added=[D("2027-02-16")], dropped={D("2027-02-16"): "No room"})
    assert held(result) == ["02-09"]


def test_a_skip_knows_every_reason():
    day = D("2027-05-31")
    result = plan(rule("2027-05-24", "2027-06-07"), {day.toordinal(): ("Half term", "Spring bank holiday")})
    assert result.skips == (Skip(day, ("Half term", "Spring bank holiday")),)
    assert list(result.sessions()) == [(1, D("2027-05-24")), (2, D("2027-06-07"))]


def test_the_shifted_fortnight_lists_every_week_it_tried():
    result = plan(shifting("2027-02-02", "2027-03-09"), out("2027-02-16", "2027-02-23"))
    assert held(result) == ["02-02", "03-02"]
    assert [skip.date for skip in result.skips] == [D("2027-02-16"), D("2027-02-23")]


def test_a_course_that_can_never_be_held_gives_up():
    always = dict.fromkeys(range(D("2027-01-01").toordinal(), D("2060-01-01").toordinal()), ("Closed",))
    assert plan(rule("2027-01-12", held_sessions=4), always).is_complete is False


def test_closures_come_after_the_calendars_reasons():
    both = with_closures(out("2027-02-16"), {D("2027-02-16"): "Boiler repair", D("2027-02-23"): "Polling day"})
    assert both[D("2027-02-16").toordinal()] == ("Half term", "Boiler repair")
    assert both[D("2027-02-23").toordinal()] == ("Polling day",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekday": 7},
        {"frequency": "daily"},
        {"frequency": "monthly"},
        {"nth": 2},
        {"frequency": "monthly", "nth": 0},
        {"after_skip": "perhaps"},
        {"held_sessions": 0},
        {"held_sessions": None, "last_date": None},
        {"start": "12:00", "end": "11:00"},
        {"weekdays": (1, 7)},
        {"weekdays": (3, 1)},
        {"weekdays": (1, 1)},
        {"weekdays": (1, 3), "frequency": "monthly", "nth": 1},
        {"frequency": "dates"},
        {"dates": (D("2027-01-12"),)},
        {"frequency": "dates", "dates": (D("2027-01-19"),)},
        {"frequency": "dates", "dates": (D("2027-01-12"), D("2027-01-12"))},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(wrong):
    good = {"weekday": 1, "start": "10:00", "end": "11:00", "first_date": D("2027-01-12"), "held_sessions": 3}
    with pytest.raises(ValueError):
        Rule(**good | wrong)


@pytest.mark.parametrize(("first", "last"), [("2027-03-14", "2027-04-11"), ("2026-10-11", "2026-11-08")])
def test_ten_in_the_morning_stays_ten_across_both_clock_changes(first, last):
    sundays = rule(first, last)
    starts = [instants(sundays, day)[0] for day in plan(sundays, {}).dates]
    assert {clock.local(start).strftime("%H:%M") for start in starts} == {"10:00"}
    assert len({start.strftime("%H:%M") for start in starts}) == 2


def test_an_evening_in_summer_is_an_hour_earlier_in_utc():
    assert instants(rule("2027-06-08", held_sessions=1), D("2027-06-08"))[0] == datetime(2027, 6, 8, 9, tzinfo=UTC)
    assert instants(rule("2027-01-12", held_sessions=1), D("2027-01-12"))[0] == datetime(2027, 1, 12, 10, tzinfo=UTC)


@given(st.integers(2020, 2040), st.integers(1, 12), st.integers(0, 6))
def test_the_nth_weekdays_of_a_month_are_all_of_them(year, month, weekday):
    by_rule = [nth_weekday(year, month, weekday, nth) for nth in (1, 2, 3, 4, 5)]
    first = date(year, month, 1)
    by_hand = [first + timedelta(n) for n in range(31)]
    by_hand = [d.toordinal() for d in by_hand if d.month == month and d.weekday() == weekday]
    assert [day for day in by_rule if day] == by_hand
    assert nth_weekday(year, month, weekday, -1) == by_hand[-1]
