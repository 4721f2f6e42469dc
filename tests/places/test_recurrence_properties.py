"""What holds for every rule, and a second, slow way to the same dates: looking at each day of five years."""

import json
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from booking import clock
from booking.places.recurrence import Plan, Rule, instants, on_dates, plan, rule_from_json, rule_to_json

D = date.fromisoformat
FIRST, LAST = D("2026-01-01"), D("2028-12-31")
days = st.dates(FIRST, LAST)
skipped_days = st.sets(days, max_size=60).map(lambda some: {day.toordinal(): ("Closed",) for day in some})
some_days = st.sets(days, max_size=8)


@st.composite
def rules(draw) -> Rule:
    frequency = draw(st.sampled_from(["weekly", "fortnightly", "monthly", "dates"]))
    if frequency == "dates":
        return on_dates(draw(st.sets(days, min_size=1, max_size=12)), "10:00", "11:00")
    first = draw(days)
    by_count = draw(st.booleans())
    several = draw(st.sets(st.integers(0, 6), max_size=4)) if frequency != "monthly" else ()
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
        weekdays=tuple(sorted(several)),
    )


def nth_of_month(day: date) -> set[int]:
    """1 to 5 for which such weekday of its month it is, and -1 if it is the last."""
    return {(day.day + 6) // 7} | ({-1} if (day + timedelta(7)).month != day.month else set())


def monday(day: date) -> date:
    return day - timedelta(day.weekday())


def by_hand(rule: Rule, left_out: dict[int, tuple[str, ...]]) -> tuple[list[date], list[date]]:
    """Held and skipped, found by walking through the days one by one."""
    held: list[date] = []
    skipped: list[date] = []
    day, on_week, was_held = rule.first_date, None, False
    while len(held) < (rule.held_sessions or 9999) and day <= (rule.last_date or LAST + timedelta(2000)):
        if rule.frequency == "dates":
            belongs = day in rule.dates
        elif rule.frequency == "monthly":
            belongs = day.weekday() == rule.weekday and rule.nth in nth_of_month(day)
        else:
            belongs = day.weekday() in rule.every_weekday
        if belongs and rule.frequency == "fortnightly":
            week = monday(day)
            if on_week is None or week - on_week == timedelta(14):
                on_week, was_held = week, False
            elif week - on_week == timedelta(7) and rule.after_skip == "shift" and not was_held:
                on_week = week
            belongs = week == on_week
            was_held = was_held or (belongs and day.toordinal() not in left_out)
        if belongs:
            (skipped if day.toordinal() in left_out else held).append(day)
        day += timedelta(1)
    return held, skipped


@given(rules(), skipped_days)
@settings(max_examples=300, deadline=None)
def test_every_rule_gives_what_walking_through_the_days_gives(rule, left_out):
    result = plan(rule, left_out)
    held, skipped = by_hand(rule, left_out)
    assert list(result.dates) == held
    assert [skip.date for skip in result.skips] == skipped


@given(rules(), skipped_days, some_days, some_days, some_days)
@settings(deadline=None)
def test_whatever_the_planner_decides_these_promises_are_kept(rule, left_out, put_back, added, dropped):
    result = plan(rule, left_out, put_back=put_back, added=added, dropped=dict.fromkeys(dropped, "Not that day"))
    skips = {skip.date: skip.reasons for skip in result.skips}
    assert list(result.dates) == sorted(set(result.dates))
    assert not set(skips) & set(result.dates)
    assert added - dropped <= set(result.dates)
    assert not dropped & set(result.dates)
    assert not set(skips) & (put_back - dropped)
    assert all(day.toordinal() in left_out or day in dropped for day in skips)
    assert all(day.toordinal() not in left_out for day in set(result.dates) - put_back - added)
    assert all(reasons[-1] == "Not that day" for day, reasons in skips.items() if day in dropped)
    if rule.held_sessions and result.is_complete:
        assert len(result.dates) == max(rule.held_sessions, len(added - dropped))


@given(rules(), skipped_days)
@settings(deadline=None)
def test_the_rules_own_dates_stay_within_it(rule, left_out):
    result = plan(rule, left_out)
    everything = sorted([*result.dates, *(skip.date for skip in result.skips)])
    assert all(day.weekday() in rule.every_weekday and day >= rule.first_date for day in everything)
    if rule.last_date:
        assert all(day <= rule.last_date for day in everything)
    if rule.held_sessions:
        assert everything[-1] == result.dates[-1]


@given(rules(), skipped_days)
@settings(deadline=None)
def test_without_a_shift_skipping_only_takes_dates_away(rule, left_out):
    if rule.after_skip == "shift" or rule.held_sessions:
        return
    result = plan(rule, left_out)
    assert sorted([*result.dates, *(skip.date for skip in result.skips)]) == list(plan(rule, {}).dates)


@given(rules(), skipped_days)
@settings(deadline=None)
def test_putting_every_skip_back_gives_the_rule_without_a_calendar(rule, left_out):
    assert plan(rule, left_out, put_back=list(map(date.fromordinal, left_out))) == plan(rule, {})


@given(rules())
def test_a_rule_comes_back_whole_from_its_json(rule):
    assert rule_from_json(json.loads(json.dumps(rule_to_json(rule)))) == rule


@given(rules())
@settings(deadline=None)
def test_the_wall_time_is_the_rules_on_every_date_whatever_the_clocks_do(rule):
    for day in plan(rule, {}).dates[:60]:
        starts_at, ends_at = instants(rule, day)
        assert (clock.local(starts_at).date(), clock.local(starts_at).strftime("%H:%M")) == (day, rule.start)
        assert clock.local(ends_at).strftime("%H:%M") == rule.end


def test_a_stored_rule_of_before_several_weekdays_is_read():
    stored = {"weekday": 1, "start": "10:00", "end": "11:00", "first_date": "2027-01-12", "held_sessions": 14}
    assert rule_from_json(stored) == Rule(1, "10:00", "11:00", D("2027-01-12"), held_sessions=14)


def test_what_is_no_rule_is_refused():
    for wrong in ({}, {"first_date": "2027-01-12"}, {"first_date": None, "weekday": 1, "start": "1", "end": "2"}):
        try:
            rule_from_json(wrong)
        except ValueError:
            continue
        raise AssertionError(wrong)


def test_a_plan_is_the_same_whatever_the_order_of_what_was_decided():
    rule = Rule(1, "10:00", "11:00", D("2027-01-12"), held_sessions=5)
    some = [D("2027-02-16"), D("2027-01-20")]
    assert isinstance(plan(rule, {}, added=some), Plan)
    assert plan(rule, {}, added=some) == plan(rule, {}, added=some[::-1])
