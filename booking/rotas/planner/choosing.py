"""Who of those that fit is best for a duty, as a plan grows: what it would cost by `objective`, and how much they are needed elsewhere."""

import random
from collections import Counter
from collections.abc import Collection, Iterable
from uuid import UUID

from booking.rotas.planner import objective
from booking.rotas.planner.crew import Crew, Person, Task
from booking.rotas.values import Plan

ELSEWHERE, SKILLED, BUSY, NEW_DAY = 1.5, 4.0, 12.0, 6.0
"""What it counts against somebody that one more place is within their reach, that they hold a skill which this duty does not ask for,
that their week is full already, and that they would come in only for this."""


class Chooser:
    """Judges people for duties; the same plan and seed give the same answers."""

    def __init__(self, plan: Plan, crew: Crew, seed: int):
        self.plan, self.crew = plan, crew
        self.leads: dict[UUID, list[UUID]] = {run: list(them) for run, them in plan.leads.items()}
        self.scale = {name: objective.scaled(plan.weights, name) for name in plan.weights.__dataclass_fields__}
        ids = [each.id for each in sorted(plan.workers, key=lambda it: it.id.bytes)]
        random.Random(seed).shuffle(ids)
        self._turn = {id: n / (len(ids) * 10) for n, id in enumerate(ids)}
        self._could: dict[tuple, list[UUID]] = {}
        self._wish: dict[tuple, float] = {}
        places = {each.place.id: each.place for each in plan.duties}
        wanted = Counter(code for each in plan.duties for code in each.skills)
        self._worth = {
            id: ELSEWHERE * sum(not person.reaches(place) for place in places.values())
            + SKILLED * sum(code in wanted for code in person.worker.skills)
            for id, person in crew.people.items()
        }

    def could(self, task: Task) -> list[UUID]:
        """Who could ever do it: nothing stands between them and this duty by itself."""
        duty = task.duty
        key = (duty.place.id, task.day, task.start, task.end, duty.skills, task.is_beside)
        found = self._could.get(key)
        if found is None:
            found = self._could[key] = [id for id, person in self.crew.people.items() if not person.is_unfit(task)]
        return found

    def can(self, task: Task, but: Collection[UUID] = ()) -> list[UUID]:
        """Who can do it as things stand."""
        people = self.crew.people
        return [id for id in self.could(task) if id not in but and not people[id].is_full(task)]

    def best(self, task: Task, but: Collection[UUID] = (), among: Iterable[UUID] | None = None) -> UUID | None:
        found = self.can(task, but) if among is None else among
        return min(found, key=lambda id: self.score(self.crew.people[id], task), default=None)

    def score(self, person: Person, task: Task) -> float:
        """The lower the better; hard rules are not asked here."""
        return self.costs(person, task) + self._needed_elsewhere(person, task) + self._turn[person.worker.id]

    def costs(self, person: Person, task: Task) -> float:
        """About what `objective.cost` rises by."""
        scale, duty, id = self.scale, task.duty, person.worker.id
        found = scale["wishes"] * self._against(person, task)
        if duty.kind == "facilitator" and duty.run_id and id not in self.leads.get(duty.run_id, (id,)):
            found += scale["same_facilitators"] * objective.SUBSTITUTE
        if task.is_evening and (late := person.evenings[task.week]) and task.day not in late:
            found += scale["fairness"] * objective.EVENING
        if task.day - task.week >= 5:
            near = sum(0 < abs(task.week - other) < 28 for other in person.weekends())
            found += scale["fairness"] * objective.WEEKEND * near
        found += scale["travel"] * self._way(person, task)
        counted = person.counted(task.week)
        more = objective.contract_cost(person.worker, counted + duty.minutes)
        found += scale["near_contract"] * (more - objective.contract_cost(person.worker, counted))
        if self.plan.was.get(task.id) == id:
            found -= scale["few_changes"] * objective.MOVED
        return found

    def _against(self, person: Person, task: Task) -> float:
        key = (person.worker.id, task.day, task.start, task.end)
        found = self._wish.get(key)
        if found is None:
            found = self._wish[key] = objective.wish_cost(person.worker, task.duty)
        return found

    def _way(self, person: Person, task: Task) -> float:
        """There and home; nothing for whoever is in that building on that day anyway."""
        if task.is_beside:
            return 0.0
        place = task.duty.place
        if task.day in person.days and any(
            each.day == task.day and each.duty.place.id == place.id for _, each in person.tasks
        ):
            return 0.0
        return 2 * objective.TRAVEL * (person.minutes_to(place) or 0)

    def _needed_elsewhere(self, person: Person, task: Task) -> float:
        agreed = person.worker.weekly_minutes
        full = BUSY * person.counted(task.week) / agreed if agreed else BUSY / 2
        spare = SKILLED * sum(code in person.worker.skills for code in task.duty.skills)
        return self._worth[person.worker.id] - spare + full + (0 if task.day in person.days else NEW_DAY)
