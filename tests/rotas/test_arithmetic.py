"""Hours needed against hours there are: what is said to be impossible is so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.rotas.planner import greedy
from booking.rotas.planner.arithmetic import sums
from booking.rotas.planner.planned import movable
from booking.rotas.values import Away, Held, Plan, Stretch
from tests.rotas.county import MONDAY, county
from tests.rotas.making import duty, place, worker

AT = place()


def found(workers, duties, **values):
    return sums(Plan(MONDAY, MONDAY + timedelta(days=6), workers, duties, values.pop("given", {}), **values))


def test_hours_needed_and_agreed_stand_beside_each_other():
    away = Away(MONDAY, MONDAY, credit_minutes=240)
    week = found([worker(leave=(away,)), worker(name="Bo")], [duty(AT, 0, position=n) for n in (1, 2)]).weeks[0]
    assert (week.needed, week.agreed) == (480, 2 * 37 * 60 - 240)


def test_two_at_once_and_one_person_cannot_be():
    sums = found([worker()], [duty(AT, 0, position=n) for n in (1, 2)])
    assert not sums.is_possible
    assert sums.missing == 240
    assert sums.words[0] == "No plan can fill everything: 4 hours stay open at least."
    assert (
        "Ferndown on Mondays: too few people can be there at the same time; 4 hours of 8 hours are missing."
        in sums.words
    )


def test_more_hours_than_contracts_have_are_missing():
    duties = [duty(AT, day, "09:00", "17:00") for day in range(5)]
    sums = found([worker(weekly_minutes=20 * 60, over_minutes=60)], duties)
    assert sums.weeks[0].missing == 19 * 60
    assert "19 hours are missing" in sums.words[1]


def test_leave_and_pattern_are_taken_off():
    monday = Away(MONDAY, MONDAY)
    assert found([worker(leave=(monday,))], [duty(AT, 0)]).missing == 240
    assert found([worker(pattern=(Stretch(1, "09:00", "17:00"),))], [duty(AT, 0)]).missing == 240


def test_a_skill_that_nobody_holds_is_named():
    one = duty(AT, 0, kind="facilitator", skills=frozenset({"iy"}))
    found = sums(Plan(MONDAY, MONDAY, [worker()], [one], {}), {"iy": "Incredible Years"})
    assert "“Incredible Years”: 4 hours of 4 hours cannot be filled; nobody holds it." in found.words
    assert sums(Plan(MONDAY, MONDAY, [worker(skills={"iy": (Held(),)})], [one], {})).is_possible


def test_where_hours_are_enough_it_promises_no_more_than_that():
    assert found([worker(), worker(name="Bo")], [duty(AT, 0)]).words == [
        "The hours are enough. Whether they fit, only a plan can say."
    ]


def test_without_duties_there_is_nothing_to_plan():
    assert found([worker()], []).words == ["There are no duties in these weeks, so there is nothing to plan."]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("staff", [6, 12, 30])
def test_no_plan_leaves_less_open_than_is_said_to_be_missing(seed, staff):
    plan = county(staff=staff, hubs=4, sites=2, weeks=2, sessions=16, seed=seed)
    given = greedy.plan(plan).given
    undone = sum(each.minutes for each in movable(plan) if each.id not in given)
    assert undone >= sums(plan).missing


def test_what_people_do_at_other_hubs_takes_their_time_and_is_not_needed_here():
    other = place(name="Poole")
    here, there = duty(AT, 0), duty(other, 0, "10:00", "12:00")
    plan = Plan(MONDAY, MONDAY, [ann := worker()], [here, there], {there.id: ann.id}, frozenset({there.id}))
    found = sums(plan, hub_ids=[AT.hub_id])
    assert [each.place for each in found.cells] == ["Ferndown"]
    assert (found.needed, found.missing) == (240, 240)


def test_what_is_fixed_is_counted_even_against_the_rules():
    duties = [duty(AT, day, "09:00", "17:00") for day in range(6)]
    ann = worker(weekly_minutes=8 * 60, over_minutes=0)
    plan = Plan(MONDAY, MONDAY + timedelta(days=6), [ann], duties, {each.id: ann.id for each in duties}, frozenset(each.id for each in duties))  # fmt: skip
    assert sums(plan).missing == 0
    assert sums(replace(plan, given={}, fixed=frozenset())).missing == 40 * 60
