"""A rota as columns and rows: one 0/1 choice for each person, day and whole-day option, and every hard rule as rows over them.

What is fixed enters as given, on both sides of the days decided. A rule that is broken by fixed duties already only says: not worse.
"""

from collections import defaultdict
from datetime import date
from uuid import UUID

from booking.rotas.planner.columns import Choice, Model, choices_of, was_of
from booking.rotas.planner.crew import task_of
from booking.rotas.planner.person_rows import idle_cost, rows_of
from booking.rotas.planner.place_rows import nobody_alone, pay_for_gaps
from booking.rotas.planner.works import days_of, works_of
from booking.rotas.rules import monday_of

__all__ = ["Choice", "Model", "build", "values_of"]


def build(model: Model) -> Model:
    """Fills in columns and rows."""
    for each in model.plan.duties:
        if each.id in model.given and each.id not in model.free:
            model.base[model.given[each.id]].append(task_of(each, model.plan.rules))
    model.works = works_of(model.plan, model.free)
    days = days_of(model.works)
    was = was_of(model)
    for worker in model.plan.workers:
        own = choices_of(model, worker, days, was)
        if own:
            rows_of(model, worker, own)
        for monday in {monday_of(day) for day in days} - {monday_of(each.day) for each in own}:
            model.problem.constant += idle_cost(model, worker, monday)
    pay_for_gaps(model)
    nobody_alone(model)
    return model


def values_of(model: Model) -> list[float]:
    """The model's start in columns, for the solver to begin with."""
    values = [0.0] * len(model.problem.cost)
    wanted: dict[tuple[UUID, date], set[int]] = defaultdict(set)
    for work in model.works:
        for duty in work.duties:
            if duty.id in model.start:
                wanted[model.start[duty.id], duty.date].add(work.number)
    for each in model.choices:
        if wanted.get((each.worker.id, each.day)) == {part.work.number for part in each.option.parts}:
            values[each.column] = 1.0
    for door, columns in model.doors:
        values[door] = float(any(values[column] > 0.5 for column in columns))
    return values
