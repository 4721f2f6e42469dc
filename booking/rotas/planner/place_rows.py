"""What places need as rows of a stage's model: each work has its people or pays for them, and nobody is alone in a building."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from uuid import UUID

from booking.rotas.planner import objective
from booking.rotas.planner.columns import Model
from booking.rotas.planner.crew import Task
from booking.rotas.planner.works import Work
from booking.rotas.values import BESIDE, Duty, Worker


def pay_for_gaps(model: Model) -> None:
    """Each work has its people or pays for who is missing; who lacks the skill fills plain positions only."""
    for work in model.works:
        everybody: dict[int, float] = {}
        unskilled: dict[int, float] = {}
        for choice, part in model.takers[work.number]:
            everybody[choice.column] = 1.0
            if not part.is_skilled:
                unskilled[choice.column] = 1.0
        plain = _missing(model, work, work.plain)
        model.problem.row(everybody | _missing(model, work, work.skilled) | plain, len(work.duties), len(work.duties))
        if work.skilled and work.plain:
            model.problem.row(unskilled | plain, upper=len(work.plain))
    decided = {duty.id for work in model.works for it in work.duties for duty in (it, *work.blocks.get(it.id, ()))}
    model.problem.constant += sum(
        objective.gap_cost(it) for it in model.plan.duties if it.id in model.free and it.id not in decided
    )


def _missing(model: Model, work: Work, duties: Iterable[Duty]) -> dict[int, float]:
    """A column for each price of leaving one of these open."""
    prices = Counter(_open_cost(work, each) for each in duties)
    return {model.problem.column(cost, number, is_whole=False): 1.0 for cost, number in sorted(prices.items())}


def _open_cost(work: Work, duty: Duty) -> float:
    return objective.gap_cost(duty) + sum(objective.gap_cost(it) for it in work.blocks.get(duty.id, ()))


def nobody_alone(model: Model) -> None:
    """In a building that needs two there are two who count, or nobody. Where fixed duties leave one person alone, anybody may come."""
    works: dict[tuple[UUID, date], list[Work]] = defaultdict(list)
    for each in model.works:
        if each.one.place.needs_two:
            works[each.one.place.id, each.one.date].append(each)
    there: dict[tuple[UUID, date], list[tuple[Task, Worker]]] = defaultdict(list)
    for id, tasks in model.base.items():
        if id not in model.people:
            continue
        for task in tasks:
            if task.duty.kind not in BESIDE:
                there[task.duty.place.id, task.duty.date].append((task, model.people[id].worker))
    for key, own in works.items():
        _two_or_nobody(model, own, there.get(key, []))


def _two_or_nobody(model: Model, works: Sequence[Work], base: Sequence[tuple[Task, Worker]]) -> None:
    tasks = [each.bare[0] for each in works]
    edges = sorted({moment for each in [*tasks, *(task for task, _ in base)] for moment in (each.begins, each.ends)})
    done = set()
    for start, end in pairwise(edges):
        inside = tuple(
            each for each, task in zip(works, tasks, strict=True) if task.begins <= start and task.ends >= end
        )
        counting = {it.id for task, it in base if it.counts_for_two and task.begins <= start and task.ends >= end}
        if not inside or counting or inside in done:
            continue
        done.add(inside)
        everybody, count = {}, {}
        for work in inside:
            for choice, _ in model.takers[work.number]:
                everybody[choice.column] = 1.0
                if choice.worker.counts_for_two:
                    count[choice.column] = 1.0
        if not everybody:
            continue
        is_open = model.problem.column(0.0)
        most = sum(len(each.duties) for each in inside)
        model.doors.append((is_open, tuple(everybody)))
        model.problem.row({**count, is_open: -2.0}, lower=0.0)
        model.problem.row({**everybody, is_open: -float(most)}, upper=0.0)
