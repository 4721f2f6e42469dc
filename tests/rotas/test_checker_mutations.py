"""The checker itself is checked: in a valid rota one rule is broken at random, and it must name that rule."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from booking.rotas import breaking, rules
from booking.rotas.planner import greedy
from booking.rotas.values import Away, Duty, Held, Plan, Rules, Stretch, Worker
from tests.rotas.county import county
from tests.rotas.making import duty, place

Mutation = Callable[[Plan, Duty, Worker], Plan]


@cache
def valid() -> Plan:
    """Two weeks of a small county, planned; no rule is broken in it, not even softly asked for leave."""
    plan = county(staff=14, hubs=3, sites=1, weeks=2, sessions=10, seed=4)
    plan = replace(plan, given=greedy.plan(plan).given)
    assert not [one for one in rules.check(plan) if one.level != "soft"]
    return plan


def with_worker(plan: Plan, who: Worker, **values) -> Plan:
    return replace(plan, workers=[replace(each, **values) if each.id == who.id else each for each in plan.workers])


def with_duty(plan: Plan, what: Duty, **values) -> Plan:
    return replace(plan, duties=[replace(each, **values) if each.id == what.id else each for each in plan.duties])


def and_also(plan: Plan, who: Worker, *more: Duty) -> Plan:
    return replace(plan, duties=[*plan.duties, *more], given={**plan.given, **{each.id: who.id for each in more}})


def own(plan: Plan, who: Worker) -> list[Duty]:
    return [each for each in plan.duties if plan.given.get(each.id) == who.id]


def minutes_in(plan: Plan, who: Worker, what: Duty) -> int:
    return sum(each.minutes for each in rules.weeks_of(own(plan, who))[rules.monday_of(what.date)])


def at_hour(what: Duty, n: int, start: str, end: str, **values) -> Duty:
    return duty(what.place, what.date + timedelta(days=n), start, end, **values)


MUTATIONS: dict[str, Mutation] = {
    "double": lambda plan, what, who: and_also(plan, who, at_hour(what, 0, what.start, what.end)),
    "employed": lambda plan, what, who: with_worker(plan, who, to_date=what.date - timedelta(days=1)),
    "pattern": lambda plan, what, who: with_worker(
        plan, who, pattern=(Stretch((what.date.weekday() + 1) % 7, "00:00", "24:00"),)
    ),
    "leave": lambda plan, what, who: with_worker(plan, who, leave=(*who.leave, Away(what.date, what.date))),
    "leave_asked": lambda plan, what, who: with_worker(
        plan, who, leave=(*who.leave, Away(what.date, what.date, is_approved=False))
    ),
    "skill": lambda plan, what, who: with_duty(plan, what, skills=what.skills | {"juggling"}),
    "skill_expired": lambda plan, what, who: with_duty(
        with_worker(plan, who, skills={**who.skills, "juggling": (held_before(what),)}), what, skills=what.skills | {"juggling"}
    ),
    "place": lambda plan, what, who: with_worker(plan, who, works_at=frozenset({place().id})),
    "too_far": lambda plan, what, who: with_duty(plan, what, place=place(lat=54.0, lon=-1.0)),
    "travel": lambda plan, what, who: and_also(
        plan, who, duty(place(lat=51.5, lon=-0.1), what.date, what.end, plus_hour(what.end))
    ),
    "rest": lambda plan, what, who: and_also(
        plan, who, at_hour(what, 0, what.end, "23:30"), at_hour(what, 1, "06:00", "07:00")
    ),
    "weekly_rest": lambda plan, what, who: and_also(
        plan, who, *(at_hour(what, n - what.date.weekday(), "06:00", "06:15") for n in range(7)),
        *(at_hour(what, n - what.date.weekday(), "21:00", "21:15") for n in range(7)),
    ),
    "hours": lambda plan, what, who: with_worker(
        plan, who, weekly_minutes=minutes_in(plan, who, what) - 1, over_minutes=0, leave=()
    ),
    "over_contract": lambda plan, what, who: with_worker(
        plan, who, weekly_minutes=minutes_in(plan, who, what) - 1, over_minutes=60, leave=()
    ),
    "most_hours": lambda plan, what, who: with_duty(plan, what, minutes=Rules().most_week_minutes + 1),
    "days_in_row": lambda plan, what, who: with_worker(plan, who, days_in_row=0),
    "saturdays": lambda plan, what, who: with_worker(
        and_also(plan, who, at_hour(what, 5 - what.date.weekday(), "06:00", "06:15")), who, saturdays_in_four=0
    ),
    "evenings": lambda plan, what, who: with_worker(
        and_also(plan, who, at_hour(what, 0, "20:30", "21:00")), who, evenings_in_week=0
    ),
    "alone": lambda plan, what, who: replace(
        plan,
        given={
            each.id: plan.given[each.id]
            for each in plan.duties
            if each.id in plan.given and (each.id == what.id or (each.place.id, each.date) != (what.place.id, what.date))
        },
    ),
    "avoids": lambda plan, what, who: with_worker(
        plan, who, pattern=(*who.pattern, Stretch(what.date.weekday(), what.start, what.end, "avoids"))
    ),
    "break": lambda plan, what, who: with_duty(
        plan, what, start="09:00", end="17:00", minutes=480,
        starts_at=at_hour(what, 0, "09:00", "17:00").starts_at, ends_at=at_hour(what, 0, "09:00", "17:00").ends_at,
    ),
}  # fmt: skip


def held_before(what: Duty) -> Held:
    return Held(to_date=what.date - timedelta(days=1))


def plus_hour(wall_time: str) -> str:
    return f"{int(wall_time[:2]) + 1:02}{wall_time[2:]}"


def test_every_rule_is_broken_once():
    assert set(MUTATIONS) == breaking.RULES


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rule", sorted(MUTATIONS))
def test_the_checker_names_the_rule_that_was_broken(rule, seed):
    plan, dice = valid(), random.Random(seed)
    workers = {each.id: each for each in plan.workers}
    what = dice.choice(
        [each for each in plan.duties if each.id in plan.given and each.date.weekday() < 5 and each.kind == "cover"]
    )
    who = workers[plan.given[what.id]]
    found = [one for one in rules.check(MUTATIONS[rule](plan, what, who)) if one.rule == rule]
    assert who.id in {one.staff_id for one in found}
    assert all(one.words.endswith(".") and who.name in one.words for one in found if one.staff_id == who.id)
