"""Filling what a first draft left open: somebody gives a duty to a colleague and takes the open one."""

from uuid import UUID

from booking.rotas.planner import objective
from booking.rotas.planner.choosing import Chooser
from booking.rotas.planner.crew import Crew, Person, Task

PEOPLE, DUTIES = 24, 8
"""How many people are asked for one open duty, and how many of their own they might give away: a limit that does not hang on
the machine, so that the same plan comes out everywhere."""


def fill_gaps(crew: Crew, choose: Chooser) -> int:
    """Tries every open duty once, dearest first; returns how many are filled."""
    gaps = [task for task in crew.tasks.values() if crew.is_open(task) and not task.is_beside]
    gaps.sort(key=lambda task: (-objective.gap_cost(task.duty), task.order))
    return sum(_fill(crew, choose, task) for task in gaps if crew.is_open(task))


def _fill(crew: Crew, choose: Chooser, gap: Task) -> bool:
    """By whoever is free after all, else by moving one duty. Nobody is left alone who was not before."""
    before = alone_beside(crew, gap)
    free = choose.can(gap)
    for staff in sorted(free, key=lambda id: choose.score(crew.people[id], gap))[:3]:
        crew.give(gap, staff)
        if alone_beside(crew, gap) <= before:
            return True
        crew.take(gap)
    others = sorted(choose.could(gap), key=lambda id: choose.score(crew.people[id], gap))[:PEOPLE]
    return any(_by_moving(crew, choose, gap, crew.people[id], before) for id in others)


def alone_beside(crew: Crew, task: Task) -> set[UUID]:
    """The duties in its building on its day of which somebody would be alone."""
    return {each.id for each in crew.alone(task.duty.place.id, task.day)}


def _by_moving(crew: Crew, choose: Chooser, gap: Task, person: Person, before: set[UUID]) -> bool:
    """This person gives one duty of that week to somebody else and takes the gap."""
    id = person.worker.id
    near = [
        each for _, each in person.tasks if each.week == gap.week and crew.may_move(each) and _may_give(crew, each, gap)
    ]
    near.sort(key=lambda each: (each.day != gap.day, each.order))
    for each in near[:DUTIES]:
        alone = alone_beside(crew, each)
        crew.take(each)
        if not person.is_full(gap):
            crew.give(gap, id)
            other = choose.best(each, but=(id,))
            if other is not None:
                crew.give(each, other)
                if alone_beside(crew, gap) <= before and alone_beside(crew, each) <= alone:
                    return True
                crew.take(each)
            crew.take(gap)
        crew.give(each, id)
    return False


def _may_give(crew: Crew, each: Task, gap: Task) -> bool:
    """What is beside a session stays with whoever leads it; a facilitator is not moved away for a third person on the desk."""
    if each.is_beside or has_beside(crew, each):
        return False
    return objective.gap_cost(gap.duty) >= 500 or each.duty.kind != "facilitator"


def has_beside(crew: Crew, task: Task) -> bool:
    return task.duty.session_id is not None and bool(beside_of(crew, task))


def beside_of(crew: Crew, task: Task) -> list[Task]:
    """Preparation and follow-up of this session at the same position."""
    return crew.beside.get((task.duty.session_id, task.duty.position), []) if task.duty.kind == "facilitator" else []


def nobody_alone(crew: Crew, place: UUID, day: int) -> list[Task]:
    """Takes out whoever the planner put there alone, the last come first, until nobody is; returns what is open again."""
    out: list[Task] = []
    while alone := [task for task in crew.alone(place, day) if crew.may_move(task)]:
        last = max(alone, key=lambda task: (-objective.gap_cost(task.duty), task.order))
        crew.take(last)
        for each in beside_of(crew, last):
            if crew.may_move(each):
                crew.take(crew.tasks[each.id])
        out.append(last)
    return out
