"""The draft in a second: no hard rule broken, nobody alone, the same answer every time."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given as for_any
from hypothesis import settings, strategies

from booking import db
from booking.rotas import rules
from booking.rotas.planner import greedy
from booking.rotas.planner.planned import whole
from booking.rotas.values import Held, Plan, Stretch
from tests.rotas.county import MONDAY, county, one_week
from tests.rotas.making import duty, place, worker

WEEK = MONDAY + timedelta(days=6)


def a_plan(workers, duties, **values):
    return Plan(MONDAY, WEEK, workers, duties, values.pop("given", {}), **values)


def hard(plan, given):
    return [one for one in rules.check(plan, whole(plan, given)) if one.level != "soft"]


@pytest.mark.parametrize("seed", range(4))
def test_no_hard_rule_is_broken_in_a_county(seed):
    plan = county(staff=20, hubs=5, sites=3, weeks=4, sessions=40, seed=seed)
    assert hard(plan, greedy.plan(plan, seed).given) == []


@settings(max_examples=25, deadline=None)
@for_any(strategies.integers(0, 10_000))
def test_no_hard_rule_is_broken_whatever_is_pinned(number):
    """What is pinned may itself break rules; the draft adds nothing to that."""
    plan = one_week(county(staff=8, hubs=3, weeks=1, sessions=6, seed=number % 7))
    dice = random.Random(number)
    pinned = {each.id: dice.choice(plan.workers).id for each in plan.duties if dice.random() < 0.15}
    plan = replace(plan, given=pinned, fixed=frozenset(pinned))
    before = {(one.rule, one.staff_id) for one in hard(plan, {})}
    given = greedy.plan(plan).given
    assert not given.keys() & pinned.keys()
    new = {one for one in hard(plan, given) if (one.rule, one.staff_id) not in before}
    assert not {one for one in new if one.duties[0] not in pinned}


def test_the_same_plan_and_seed_give_the_same_rota():
    assert greedy.plan(county(staff=15, hubs=4, weeks=2, sessions=10), 3).given == greedy.plan(county(staff=15, hubs=4, weeks=2, sessions=10), 3).given  # fmt: skip


def test_the_order_of_people_and_shifts_does_not_matter():
    plan = county(staff=15, hubs=4, weeks=2, sessions=10)
    turned = replace(plan, workers=plan.workers[::-1], duties=plan.duties[::-1])
    assert greedy.plan(plan, 3).cost.total == pytest.approx(greedy.plan(turned, 3).cost.total, rel=0.1)


def test_nobody_is_put_alone_into_a_building():
    at = place()
    two = [duty(at, 0, position=n) for n in (1, 2)]
    assert greedy.plan(a_plan([worker()], two)).given == {}
    assert len(greedy.plan(a_plan([worker(), worker(name="Bo")], two)).given) == 2


def test_where_one_may_work_alone_one_is_enough():
    at = place(needs_two=False)
    assert len(greedy.plan(a_plan([worker()], [duty(at, 0, position=n) for n in (1, 2)])).given) == 1


def test_a_second_person_comes_before_a_third():
    one, other = place(), place(name="Wareham")
    duties = [*(duty(one, 0, position=n) for n in (1, 2, 3)), *(duty(other, 0, position=n) for n in (1, 2))]
    given = greedy.plan(a_plan([worker(name=name) for name in "ABCD"], duties)).given
    assert {each.position for each in duties if each.id in given} == {1, 2}


def test_a_course_keeps_its_facilitator():
    at, run = place(needs_two=False), db.new_id()
    able = {"iy": (Held(),)}
    dates = [duty(at, day, "10:00", "12:00", kind="facilitator", run_id=run, session_id=db.new_id(), skills=frozenset({"iy"})) for day in range(5)]  # fmt: skip
    people = [worker(name=name, skills=able) for name in "ABC"]
    assert len(set(greedy.plan(a_plan(people, dates)).given.values())) == 1
    before = people[2].id
    assert set(greedy.plan(a_plan(people, dates, leads={run: (before,)})).given.values()) == {before}


def test_evenings_and_weekends_are_shared():
    at = place(needs_two=False)
    late = [duty(at, day, "17:00", "20:00") for day in (0, 1, 2, 3)]
    people = [worker(name=name, evenings_in_week=5) for name in "ABCD"]
    assert len(set(greedy.plan(a_plan(people, late)).given.values())) == 4


def test_wishes_are_kept_where_somebody_else_can():
    at = place(needs_two=False)
    sorry = worker(name="A", pattern=(Stretch(0, "00:00", "24:00"), Stretch(0, "00:00", "24:00", "avoids")))
    other = worker(name="B")
    one = duty(at, 0)
    assert greedy.plan(a_plan([sorry, other], [one])).given == {one.id: other.id}
    assert greedy.plan(a_plan([sorry], [one])).given == {one.id: sorry.id}


def test_the_nearest_are_sent():
    at = place(needs_two=False)
    near, far = worker(name="Near"), worker(name="Far", lat=50.686, lon=-2.111, max_travel_minutes=90)
    one = duty(at, 0)
    assert greedy.plan(a_plan([far, near], [one])).given == {one.id: near.id}


def test_somebody_gives_a_duty_away_to_fill_another():
    """Only Ann is trained, and has the desk in that hour; Ben can take the desk."""
    at = place(needs_two=False)
    ann, ben = worker(name="Ann", skills={"iy": (Held(),)}, weekly_minutes=240, over_minutes=0), worker(name="Ben")
    desk = duty(at, 1)
    course = duty(at, 2, kind="facilitator", session_id=db.new_id(), skills=frozenset({"iy"}))
    given = greedy.plan(a_plan([ann, ben], [desk, course])).given
    assert given == {desk.id: ben.id, course.id: ann.id}


def test_nothing_to_plan_and_nobody_to_plan_are_no_trouble():
    assert greedy.plan(a_plan([], [duty()])).given == {}
    assert greedy.plan(a_plan([worker()], [])).given == {}
