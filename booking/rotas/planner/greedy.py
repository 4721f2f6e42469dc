"""A draft rota in a second, in plain Python: keeps every hard rule, the hardest duties first. Pure; the same plan and seed give the
same rota.

Courses get their facilitators first (few are trained), then weekends (few are left), then the weeks one by one: two people in each
open building before a third anywhere. Nobody is left alone: who would be is taken out again, and the duty is open.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from uuid import UUID

from booking.rotas.planner import mending, work_blocks
from booking.rotas.planner.choosing import Chooser
from booking.rotas.planner.crew import Crew, Task
from booking.rotas.planner.objective import cost
from booking.rotas.planner.planned import Planned
from booking.rotas.values import Duty, Plan


def plan(plan: Plan, seed: int = 1) -> Planned:
    """The draft. found: `moved` has the work blocks that found a time elsewhere (shift -> date, start, end)."""
    crew = Crew(plan)
    draft(crew, Chooser(plan, crew, seed))
    return planned(plan, crew.given, crew.moved())


def planned(plan: Plan, given: dict[UUID, UUID], moved: dict[UUID, Duty], bound: float | None = None) -> Planned:
    """What a planner hands back, from everything that is given: what is fixed left out."""
    own = {id: staff for id, staff in given.items() if id not in plan.fixed}
    at = {str(id): [each.date.isoformat(), each.start, each.end] for id, each in moved.items() if id in own}
    return Planned(own, cost(work_blocks.with_moved(plan, moved), own), bound, {"moved": at})


def draft(crew: Crew, choose: Chooser) -> None:
    """Fills the crew."""
    for task in list(crew.tasks.values()):
        if task.id in crew.given:
            work_blocks.place_beside(crew, task)
    _courses(crew, choose)
    _one_by_one(crew, choose, ("facilitator", "creche", "appointment"))
    days = _cover_days(crew, choose)
    for _ in range(2):  # whoever is taken out because they would be alone may fill another building's day
        for place, day in days:
            _cover(crew, choose, place, day, lambda task: task.duty.position <= 2)
    _one_by_one(crew, choose, ("extra",))
    for place, day in days:
        _cover(crew, choose, place, day, lambda task: True)
    for place, day in list(crew.in_place):
        mending.nobody_alone(crew, place, day)
    mending.fill_gaps(crew, choose)
    for task in list(crew.tasks.values()):
        if task.id in crew.given:
            work_blocks.place_beside(crew, task)


def _give(crew: Crew, task: Task, staff: UUID) -> None:
    crew.give(task, staff)
    work_blocks.place_beside(crew, task)


def _courses(crew: Crew, choose: Chooser) -> None:
    """Facilitators, who stay the same through a course as far as they can; those of the fewest candidates are chosen first."""
    runs: dict[UUID, list[Task]] = defaultdict(list)
    for task in crew.tasks.values():
        if task.duty.kind == "facilitator" and task.duty.run_id:
            runs[task.duty.run_id].append(task)
    ordered = sorted(runs, key=lambda run: (len(choose.could(runs[run][0])), runs[run][0].order))
    for run in ordered:
        tasks = sorted(runs[run], key=lambda task: task.order)
        wanted = [task for task in tasks if crew.is_open(task)]
        leads = choose.leads[run] = _leads(crew, choose, tasks, wanted)
        for task in wanted:
            first = leads[task.duty.position - 1 :] + leads[: task.duty.position - 1]
            staff = next((id for id in first if id in crew.people and not crew.people[id].refuses(task)), None)
            if staff is not None:
                _give(crew, task, staff)


def _leads(crew: Crew, choose: Chooser, tasks: list[Task], wanted: list[Task]) -> list[UUID]:
    """Who leads: who did before, whoever already has dates of it, and those who can do most of the open ones."""
    number = max(task.duty.position for task in tasks)
    run = tasks[0].duty.run_id
    already = Counter(crew.given[task.id] for task in tasks if task.id in crew.given)
    leads = (
        list(dict.fromkeys([*choose.leads.get(run, ()), *(id for id, _ in already.most_common())]))[:number]
        if run
        else []
    )
    dates = list({task.duty.session_id: task for task in wanted}.values())
    able = Counter(id for task in dates for id in choose.can(task) if id not in leads)
    first = sorted(able, key=lambda id: (-able[id], sum(choose.score(crew.people[id], task) for task in dates[:2])))
    return [*leads, *first][:number]


def _one_by_one(crew: Crew, choose: Chooser, kinds: Iterable[str]) -> None:
    """Open duties of these kinds, those that fewest people could do first."""
    wanted = [task for task in crew.tasks.values() if task.duty.kind in kinds and crew.is_open(task)]
    for task in sorted(wanted, key=lambda task: (len(choose.could(task)), task.order)):
        staff = choose.best(task)
        if staff is not None:
            _give(crew, task, staff)


def _cover_days(crew: Crew, choose: Chooser) -> list[tuple[UUID, int]]:
    """Places and days with open cover: weekends first, then week by week, within them what fewest people could do."""
    found = {}
    for (place, day), tasks in crew.in_place.items():
        open_ = [task for task in tasks if task.duty.kind == "cover" and crew.is_open(task)]
        if open_:
            few = min(len(choose.could(task)) for task in open_)
            weekday = date.fromordinal(day).weekday()
            found[place, day] = (weekday < 5, day - weekday if weekday < 5 else 0, few, day, open_[0].order)
    return sorted(found, key=lambda key: found[key])


def _cover(crew: Crew, choose: Chooser, place: UUID, day: int, which: Callable[[Task], bool]) -> None:
    """Fills the cover of one place and day as far as it goes without leaving somebody alone."""
    wanted = [task for task in crew.in_place[place, day] if task.duty.kind == "cover" and crew.is_open(task)]
    mine = set()
    for task in sorted(filter(which, wanted), key=lambda task: (task.begins, task.duty.position, task.order)):
        staff = choose.best(task)
        if staff is not None:
            crew.give(task, staff)
            mine.add(task.id)
    while alone := [task for task in crew.alone(place, day) if task.id in mine]:
        last = max(alone, key=lambda task: task.order)
        crew.take(last)
        mine.discard(last.id)
