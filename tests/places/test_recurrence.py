from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking import clock
from booking.places.recurrence import Plan, Rule, Skip, instants, nth_weekday, plan, with_closures

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
    ],
)
def test_a_rule_gives_these_dates(rule, left_out, expected):
    assert held(plan(rule, left_out)) == expected.split()


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


days = st.dates(D("2026-01-01"), D("2028-12-31"))


@st.composite
def rules(draw) -> Rule:
    first = draw(days)
    frequency = draw(st.sampled_from(["weekly", "fortnightly", "monthly"]))
    by_count = draw(st.booleans())
    return Rule(
        weekday=draw(st.integers(0, 6)),
        start="10:00",
        end="11:00",
        first_date=first,
        last_date=None if by_count else first + timedelta(draw(st.integers(0, 400))),
        held_sessions=draw(st.integers(1, 20)) if by_count else None,
        frequency=frequency,
        nth=draw(st.sampled_from([1, 2, 3, 4, 5, -1])) if frequency == "monthly" else None,
        after_skip=draw(st.sampled_from(["keep", "shift"])),
    )


skipped_days = st.sets(days, max_size=60).map(lambda some: {day.toordinal(): ("Closed",) for day in some})


@given(rules(), skipped_days)
def test_whatever_the_rule_its_dates_keep_these_promises(rule, left_out):
    result = plan(rule, left_out)
    skips = [skip.date for skip in result.skips]
    everything = sorted([*result.dates, *skips])
    assert list(result.dates) == sorted(set(result.dates))
    assert not set(skips) & set(result.dates)
    assert all(day.toordinal() in left_out for day in skips)
    assert not any(day.toordinal() in left_out for day in result.dates)
    assert all(day.weekday() == rule.weekday and day >= rule.first_date for day in everything)
    if rule.last_date:
        assert all(day <= rule.last_date for day in everything)
    else:
        assert len(result.dates) == rule.held_sessions
        assert everything[-1] == result.dates[-1]


@given(rules(), skipped_days)
def test_without_a_shift_skipping_only_takes_dates_away(rule, left_out):
    if rule.after_skip == "shift" or rule.held_sessions:
        return
    result = plan(rule, left_out)
    assert sorted([*result.dates, *(skip.date for skip in result.skips)]) == list(plan(rule, {}).dates)


@given(st.integers(2020, 2040), st.integers(1, 12), st.integers(0, 6))
def test_the_nth_weekdays_of_a_month_are_all_of_them(year, month, weekday):
    by_rule = [nth_weekday(year, month, weekday, nth) for nth in (1, 2, 3, 4, 5)]
    first = date(year, month, 1)
    by_hand = [first + timedelta(n) for n in range(31)]
    by_hand = [d.toordinal() for d in by_hand if d.month == month and d.weekday() == weekday]
    assert [day for day in by_rule if day] == by_hand
    assert nth_weekday(year, month, weekday, -1) == by_hand[-1]
