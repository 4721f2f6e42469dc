"""What a stage's model is made of: the choices of everybody's days as columns, and what each of them costs."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from booking.rotas.planner import objective
from booking.rotas.planner.crew import Person, Task
from booking.rotas.planner.objective import SUBSTITUTE, scaled
from booking.rotas.planner.solver import INFINITE, Problem
from booking.rotas.planner.works import Option, Part, Work, option_of, options_of, part_for
from booking.rotas.values import Duty, Plan, Worker


@dataclass(frozen=True, slots=True)
class Choice:
    """One column: this person takes this option on this day."""

    worker: Worker
    day: date
    option: Option
    column: int


@dataclass
class Model:
    """free: the duties decided here; given: who does all others (those still undecided are missing). leads: run -> who leads it.
    is_bound: nothing is counted that could cost less in the end (work blocks may find another time). start: another answer, whose
    days are among the options whatever they are. is_whole_week: hours short of the contract cost only where whole weeks are decided.
    base: what everybody does already. takers: for each work the choices that take it, with how. doors: columns that say whether a
    building is open, with those who would be in it."""

    plan: Plan
    people: Mapping[UUID, Person]
    free: frozenset[UUID]
    given: Mapping[UUID, UUID]
    leads: Mapping[UUID, Sequence[UUID]]
    is_whole_week: bool = True
    start: Mapping[UUID, UUID] = field(default_factory=dict)
    is_bound: bool = False
    problem: Problem = field(default_factory=Problem)
    choices: list[Choice] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    base: dict[UUID, list[Task]] = field(default_factory=lambda: defaultdict(list))
    takers: dict[int, list[tuple[Choice, Part]]] = field(default_factory=lambda: defaultdict(list))
    doors: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)


def was_of(model: Model) -> dict[tuple[UUID, date], Counter[tuple]]:
    found: dict[tuple[UUID, date], Counter[tuple]] = defaultdict(Counter)
    for each in model.plan.duties:
        if each.id in model.plan.was:
            found[model.plan.was[each.id], each.date][objective.same_work(each)] += 1
    return found


def choices_of(model: Model, worker: Worker, days: Mapping[date, list[Work]], was: Mapping) -> list[Choice]:
    base: dict[int, list[Task]] = defaultdict(list)
    for task in model.base[worker.id]:
        base[task.day].append(task)
    found = []
    for day, works in days.items():
        n = day.toordinal()
        parts = [part for each in works if (part := part_for(model.people[worker.id], each)) is not None]
        if not parts:
            continue
        options = options_of(worker, parts, base[n], model.plan.rules)
        started = tuple(it for it in parts if any(model.start.get(duty.id) == worker.id for duty in it.work.duties))
        if started and all(set(started) != set(each.parts) for each in options):
            options.append(option_of(started, base[n]))
        rest = model.plan.rules.rest_hours * 60
        after = max((task.ends for task in base[n - 1]), default=-INFINITE) + rest
        before = min((task.begins for task in base[n + 1]), default=INFINITE) - rest
        cost_of = _Day(model, worker, base[n], was.get((worker.id, day)))
        for option in options:
            begins = min(part.begins for part in option.parts)
            ends = max(task.ends for part in option.parts for task in part.tasks)
            if begins < after or ends > before:
                continue
            choice = Choice(worker, day, option, model.problem.column(cost_of(option)))
            found.append(choice)
            for part in option.parts:
                model.takers[part.work.number].append((choice, part))
    model.choices += found
    return found


class _Day:
    """What an option costs more than taking on nothing that day."""

    def __init__(self, model: Model, worker: Worker, base: Sequence[Task], was: Counter[tuple] | None):
        self.model, self.worker, self.weights = model, worker, model.plan.weights
        self.fixed = [task.duty for task in base]
        self.was = was or Counter()
        self.base = Counter(objective.same_work(each) for each in self.fixed)
        self.at_rest = self._changed(self.base)
        self.at_home = objective.travel_cost(worker, self.fixed)
        self.wishes: dict[UUID, float] = {}
        model.problem.constant += self.at_rest + scaled(self.weights, "travel") * self.at_home

    def _changed(self, now: Counter[tuple]) -> float:
        if not self.model.plan.was:
            return 0.0
        return scaled(self.weights, "few_changes") * objective.change_cost(self.was, now)

    def __call__(self, option: Option) -> float:
        new = [task.duty for part in option.parts for task in part.tasks]
        found = scaled(self.weights, "travel") * (
            objective.travel_cost(self.worker, [*self.fixed, *new]) - self.at_home
        )
        found += scaled(self.weights, "wishes") * sum(self._wish(each) for each in new)
        found += scaled(self.weights, "same_facilitators") * SUBSTITUTE * sum(self._stands_in(each) for each in new)
        if not self.model.is_bound:
            found += sum(_blocks_left(part) for part in option.parts)
        if self.model.plan.was:
            found += self._changed(self.base + Counter(objective.same_work(each) for each in new)) - self.at_rest
        return found

    def _wish(self, duty: Duty) -> float:
        if duty.id not in self.wishes:
            self.wishes[duty.id] = objective.wish_cost(self.worker, duty)
        return self.wishes[duty.id]

    def _stands_in(self, duty: Duty) -> bool:
        leads = self.model.leads.get(duty.run_id) if duty.run_id and duty.kind == "facilitator" else None
        return bool(leads) and self.worker.id not in leads


def _blocks_left(part: Part) -> float:
    """Work blocks that stay open although somebody leads the session; where nobody does, their cost is in the gap."""
    return 0.0 if part.has_blocks else sum(objective.gap_cost(it) for it in part.work.blocks.get(part.work.one.id, ()))
