"""Judging many changes at once finds what judging each duty beside all others finds, over plans drawn by chance."""

import random
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.rotas import rules
from booking.rotas.judging import judged
from booking.rotas.values import Broken, Plan, Rules
from tests.rotas.making import duty, place, worker

KINDS = ("cover", "facilitator", "preparation", "extra")
STARTS = ("07:00", "09:00", "12:00", "12:30", "17:00", "19:30", "22:30")


def one_by_one(plan: Plan, wanted: Mapping[UUID, UUID | None]) -> list[Broken]:
    """The plain meaning: each duty by itself, with everything else as it will be."""
    duties, workers = {each.id: each for each in plan.duties}, {each.id: each for each in plan.workers}
    after = {id: who for id, who in {**plan.given, **wanted}.items() if who}
    found: list[Broken] = []
    for id, who in wanted.items():
        if who is not None and id in duties:
            others = [each for each in plan.duties if after.get(each.id) == who and each.id != id]
            found += rules.would_break(workers[who], duties[id], others, plan.rules)
    before = {(one.staff_id, one.duties) for one in rules.alone(plan.duties, plan.given, workers)}
    alone = [one for one in rules.alone(plan.duties, after, workers) if (one.staff_id, one.duties) not in before]
    return [*found, *(replace(one, level="soft") for one in alone)]


def drawn(seed: int) -> tuple[Plan, dict[UUID, UUID | None]]:
    """Three people with narrow limits, up to forty duties of three weeks, many of them given, and changes to some."""
    by = random.Random(seed)
    places = [place(needs_two=by.random() < 0.5), place(name="Wimborne", lat=50.9, lon=-2.1, needs_two=True)]
    people = [
        worker(
            name=f"Worker {n}", weekly_minutes=by.choice([None, 600, 1200]), days_in_row=by.choice([2, 5]),
            saturdays_in_four=by.choice([0, 1, 2]), evenings_in_week=by.choice([0, 1, 2]), over_minutes=by.choice([0, 180]),
            counts_for_two=by.random() < 0.7,
        )
        for n in range(3)
    ]  # fmt: skip
    duties = []
    for _ in range(by.randint(1, 40)):
        start = by.choice(STARTS)
        end = f"{min(23, int(start[:2]) + by.randint(1, 7)):02}:45"
        duties.append(duty(by.choice(places), by.randint(0, 20), start, end, kind=by.choice(KINDS)))
    given = {each.id: by.choice(people).id for each in duties if by.random() < 0.6}
    changed = [each for each in duties if by.random() < by.choice([0.05, 0.3, 0.9])]
    wanted = {each.id: by.choice([None, *(it.id for it in people)]) for each in changed}
    ordered = sorted(duties, key=lambda each: (each.starts_at, each.id))
    return Plan(ordered[0].date, ordered[-1].date, people, ordered, given, rules=Rules()), wanted


@given(st.integers(0, 100_000))
@settings(max_examples=300, deadline=None)
def test_many_at_once_are_judged_as_one_by_one(seed):
    plan, wanted = drawn(seed)
    found = judged(plan, wanted)
    assert set(found) == set(one_by_one(plan, wanted))
    assert len(found) == len(set(found))


@pytest.mark.parametrize("seed", range(20))
def test_one_alone_is_said_in_the_same_order(seed):
    plan, wanted = drawn(seed)
    for id, who in wanted.items():
        assert judged(plan, {id: who}) == list(dict.fromkeys(one_by_one(plan, {id: who})))
