"""Somebody is ill or a building closes: the rota mended with the fewest changes.

First only the duties that lost their person are given to people who are free for them: nobody is moved. Where that leaves one open,
the days concerned are planned anew, and after them their weeks, at a price for each day that changes for somebody.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from booking.rotas import rules
from booking.rotas.planner import model, objective, solver
from booking.rotas.planner.checking import hard_ones
from booking.rotas.planner.crew import Crew, Person
from booking.rotas.planner.planned import Planned
from booking.rotas.planner.reading_back import given_by
from booking.rotas.values import BESIDE, Duty, Plan, Worker

Stop = Callable[[], bool]


def lost(plan: Plan) -> list[Duty]:
    """The duties of the window that somebody had (`was`) and cannot do any more: nobody has them now, or whoever does is away, has
    left or lacks what it takes. A manager's override of such a rule is not known here: what is pinned stays."""
    workers = {each.id: each for each in plan.workers}
    found = []
    for each in plan.duties:
        if each.id not in plan.was or not plan.first <= each.date <= plan.last:
            continue
        staff = plan.given.get(each.id)
        if staff is None or (staff in workers and each.id not in plan.fixed and _is_away(workers[staff], each)):
            found.append(each)
    return found


def _is_away(worker: Worker, duty: Duty) -> bool:
    return any(one.rule in ("leave", "employed") for one in rules.unfit(worker, duty))


def repair(
    plan: Plan, *, seed: int = 1, seconds: float = 2.0, moves: bool = True, should_stop: Stop = lambda: False
) -> Planned:
    """The rota with the lost duties given to others, all else as it was where that can be. `given` has every shift of the window that
    somebody does. plan.fixed: what not even a repair may move (pinned, begun), and all outside the window; published duties may be
    moved, so they do not belong there. What was open before stays open. Nothing lost: nothing changes. moves: others may change duties too, where
    nobody who is free can do it.

    found: `lost`, `open` (ids as text of what nobody can do), `moved` (people besides whoever lost a duty whose day is taken
    apart) and `way`: nothing, without_moves, day, week.
    """
    began = time.process_time()
    plan = replace(plan, was=plan.was or plan.given)
    gone = lost(plan)
    inside = {each.id: each for each in plan.duties if plan.first <= each.date <= plan.last}
    kept = {id: staff for id, staff in plan.given.items() if id not in {each.id for each in gone}}
    if not gone:
        return _planned(plan, inside, kept, gone, "nothing", began)
    people = {each.id: Person(each, plan.rules) for each in plan.workers}
    best, way = _solved(plan, people, kept, gone, gone, seed, seconds, should_stop), "without_moves"
    still = [each for each in gone if each.id not in best]
    if still and moves and not should_stop():
        for words, wider in (("day", _same_days), ("week", _same_weeks)):
            left = seconds - (time.process_time() - began)
            if left <= 0.05 or not [each for each in gone if each.id not in best]:
                break
            offer = _solved(plan, people, best, gone, wider(plan, inside, gone), seed, left, should_stop)
            if (
                objective.cost(replace(plan, fixed=frozenset()), offer).total
                < objective.cost(replace(plan, fixed=frozenset()), best).total
            ):
                best, way = offer, words
    return _planned(plan, inside, best, gone, way, began)


def _same_days(plan: Plan, inside: Mapping[UUID, Duty], gone: Collection[Duty]) -> list[Duty]:
    days = {each.date for each in gone}
    return [each for each in inside.values() if each.date in days]


def _same_weeks(plan: Plan, inside: Mapping[UUID, Duty], gone: Collection[Duty]) -> list[Duty]:
    mondays = {rules.monday_of(each.date) for each in gone}
    return [each for each in inside.values() if rules.monday_of(each.date) in mondays]


def _solved(
    plan: Plan, people: Mapping[UUID, Person], kept: Mapping[UUID, UUID], gone: Collection[Duty], wide: Collection[Duty],
    seed: int, seconds: float, should_stop: Stop,
) -> dict[UUID, UUID]:  # fmt: skip
    """The kept duties and who does the wide ones now; just the kept ones where nothing is found or a rule would be broken."""
    lost_ids = {each.id for each in gone}
    free = {
        each.id
        for each in wide
        if each.id in lost_ids or (each.id not in plan.fixed and each.id in kept and kept[each.id] in people)
    }
    before = {id: staff for id, staff in kept.items() if id not in free}
    leads = objective.leads_of(plan, plan.was)
    if not solver.is_installed():
        return _by_hand(plan, kept, gone)
    stage = model.build(model.Model(plan, people, frozenset(free), before, leads, True, kept))
    start = model.values_of(stage) if len(wide) > len(gone) else None
    solved = solver.solve(stage.problem, seconds=seconds, seed=seed, gap=0.0005, should_stop=should_stop, start=start)
    if solved.values is None:
        return dict(kept)
    after = before | given_by(stage, solved.values)
    return after if not hard_ones(plan, after) - hard_ones(plan, kept) else dict(kept)


def _by_hand(plan: Plan, kept: Mapping[UUID, UUID], gone: Collection[Duty]) -> dict[UUID, UUID]:
    """Without HiGHS: each lost duty to whoever is free for it at the least cost, the hardest to fill first."""
    crew = Crew(plan, kept)
    tasks = [crew.tasks[each.id] for each in gone]
    fit = {task.id: [id for id, it in crew.people.items() if not it.is_unfit(task)] for task in tasks}
    for task in sorted(tasks, key=lambda it: (len(fit[it.id]), it.order)):
        able = [id for id in fit[task.id] if not crew.people[id].refuses(task)]
        costs = {id: objective.cost(replace(plan, fixed=frozenset()), {**crew.given, task.id: id}).total for id in able}
        for id in sorted(able, key=lambda it: (costs[it], it.bytes)):
            crew.give(task, id)
            if task.id not in {each.id for each in crew.alone(task.duty.place.id, task.day)}:
                break
            crew.take(task)
    return dict(crew.given)


def _planned(
    plan: Plan, inside: Mapping[UUID, Duty], given: Mapping[UUID, UUID], gone: Collection[Duty], way: str, began: float
) -> Planned:
    own = {id: staff for id, staff in given.items() if id in inside}
    found: dict[str, Any] = {
        "way": way,
        "lost": [str(each.id) for each in gone],
        "open": [str(each.id) for each in gone if each.id not in own and each.kind not in BESIDE],
        "moved": moved(plan, inside, own, gone),
        "cpu_seconds": round(time.process_time() - began, 3),
    }
    return Planned(own, objective.cost(replace(plan, fixed=frozenset()), own), None, found)


def moved(plan: Plan, inside: Mapping[UUID, Duty], given: Mapping[UUID, UUID], gone: Collection[Duty]) -> list[str]:
    """Who loses or changes a duty although nothing of theirs was lost, as text."""
    lost_ids = {each.id for each in gone}
    held: dict[tuple[UUID, date], set[UUID]] = defaultdict(set)
    for id, staff in plan.was.items():
        if id in inside and id not in lost_ids and given.get(id) != staff and id not in plan.fixed:
            held[staff, inside[id].date].add(id)
    return sorted({str(staff) for staff, _ in held})
