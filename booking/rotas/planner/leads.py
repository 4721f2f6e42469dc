"""Who leads which course: chosen once for the whole window, before any week, so that families meet the same people every time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from uuid import UUID

from booking.rotas.planner import objective
from booking.rotas.planner.crew import Person
from booking.rotas.planner.objective import SUBSTITUTE, TRAVEL, scaled
from booking.rotas.planner.solver import Problem, solve
from booking.rotas.planner.works import Part, Work, part_for, works_of
from booking.rotas.rules import on_the_way
from booking.rotas.values import Plan

SESSION = 100.0  # for each session that one of its leaders can do
Stop = Callable[[], bool]


def choose(
    plan: Plan, people: Mapping[UUID, Person], free: frozenset[UUID], *, seed: int, seconds: float, should_stop: Stop
) -> dict[UUID, tuple[UUID, ...]]:
    """run -> its leaders. Whoever led it before stays; the others are those who can do most of its sessions without being in two
    places at once or beyond their hours."""
    runs: dict[UUID, list[Work]] = defaultdict(list)
    for work in works_of(plan, free):
        if work.one.run_id is not None and work.one.kind == "facilitator":
            runs[work.one.run_id].append(work)
    fixed = {id: staff for id, staff in plan.given.items() if id not in free}
    known = objective.leads_of(plan, fixed)
    wanted = {run: max(len(work.duties) for work in works) - len(known.get(run, ())) for run, works in runs.items()}
    runs = {run: works for run, works in runs.items() if wanted[run] > 0 and len(works) > 1}
    if not runs or not scaled(plan.weights, "same_facilitators"):
        return known
    problem, columns = _model(plan, people, runs, wanted, known)
    solved = solve(problem, seconds=seconds, seed=seed, gap=0.01, should_stop=should_stop)
    found: dict[UUID, list[UUID]] = {run: list(staff) for run, staff in known.items()}
    for (staff, run), column in columns.items():
        if solved.values is not None and solved.values[column] > 0.5:
            found.setdefault(run, []).append(staff)
    return {run: tuple(staff) for run, staff in found.items()}


def _model(plan, people, runs, wanted, known) -> tuple[Problem, dict[tuple[UUID, UUID], int]]:
    problem = Problem()
    columns: dict[tuple[UUID, UUID], int] = {}
    leaders: dict[UUID, dict[int, float]] = defaultdict(dict)
    for worker in plan.workers:
        doing: list[tuple[Part, int]] = []
        for run, works in runs.items():
            if worker.id in known.get(run, ()):
                continue
            parts = [part for work in works if (part := part_for(people[worker.id], work)) is not None]
            if not parts:
                continue
            on_the_road = people[worker.id].minutes_to(works[0].one.place) or 0
            reward = (SESSION - SUBSTITUTE / 10) * len(parts) - 2 * TRAVEL * on_the_road * len(parts)
            column = columns[worker.id, run] = problem.column(-reward)
            leaders[run][column] = 1.0
            doing += [(part, column) for part in parts]
        _possible(problem, plan, people[worker.id], doing)
    for run, entries in leaders.items():
        problem.row(entries, upper=wanted[run])
    return problem, columns


def _possible(problem: Problem, plan: Plan, person: Person, doing: Sequence[tuple[Part, int]]) -> None:
    """Not two sessions at once, and no week beyond the agreed hours."""
    weeks: dict[int, Counter[int]] = defaultdict(Counter)
    late: dict[int, Counter[int]] = defaultdict(Counter)
    clashes = set()
    ordered = sorted(doing, key=lambda it: it[0].begins)
    for n, (part, column) in enumerate(ordered):
        week = part.tasks[0].week
        weeks[week][column] += sum(task.duty.minutes for task in part.tasks)
        if any(task.is_evening for task in part.tasks):
            late[week][column] += 1
        for other, its in ordered[n + 1 :]:
            if other.tasks[0].day != part.tasks[0].day:
                break
            if its != column and not _both(plan, person, part, other):
                clashes.add((min(its, column), max(its, column)))
    for one, other in sorted(clashes):
        problem.row({one: 1.0, other: 1.0}, upper=1.0)
    worker = person.worker
    for week, minutes in weeks.items():
        most = plan.rules.most_week_minutes
        if worker.weekly_minutes is not None:
            most = min(most, worker.weekly_minutes + worker.over_minutes - person.counted(week))
        problem.row(minutes, upper=max(0, most))
    for entries in late.values():
        problem.row(entries, upper=worker.evenings_in_week)


def _both(plan: Plan, person: Person, part: Part, other: Part) -> bool:
    tasks = sorted([*part.tasks, *other.tasks], key=lambda it: it.order)
    return all(
        later.begins - earlier.ends >= on_the_way(person.worker, earlier.duty, later.duty, plan.rules)
        for earlier, later in pairwise(tasks)
    )
