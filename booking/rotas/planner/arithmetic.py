"""Before anything is planned: hours needed against hours that people have, and whether any plan can exist. Pure, no search.

What is said to be impossible is so: each bound holds for every plan that keeps the hard rules. What is not said may still fail.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from uuid import UUID

from booking.rotas.availability import joined
from booking.rotas.planner.crew import Crew, Task
from booking.rotas.values import Plan
from booking.words import hours_words, short_day

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Week:
    """One week, in minutes. needed: of all duties, work beside sessions included. agreed: contracts net of leave. most: what people
    can do at most, extra hours included, in the times and places of these duties. missing: what stays undone whatever is planned."""

    monday: date
    needed: int
    agreed: int
    most: int
    missing: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A place on a weekday, over all weeks, in minutes. able: what the people who can be there could do at most. missing: what
    stays undone there whatever is planned, because too few people can be there at the same time."""

    place: str
    place_id: UUID
    weekday: int
    needed: int
    able: int
    missing: int


@dataclass(frozen=True, slots=True)
class OfSkill:
    """Duties that need a skill. people: who holds it at some time of the window."""

    skill: str
    needed: int
    able: int
    people: int
    missing: int


@dataclass(frozen=True, slots=True)
class Sums:
    """Everything the page shows. missing: minutes that no plan can fill; words: that in sentences, the worst first."""

    weeks: Sequence[Week]
    cells: Sequence[Cell]
    skills: Sequence[OfSkill]
    missing: int
    words: Sequence[str]

    @property
    def needed(self) -> int:
        return sum(each.needed for each in self.weeks)

    @property
    def agreed(self) -> int:
        return sum(each.agreed for each in self.weeks)

    @property
    def most(self) -> int:
        return sum(each.most for each in self.weeks)

    @property
    def is_possible(self) -> bool:
        """No bound forbids that everything is filled."""
        return self.missing == 0


class Able:
    """Who could do which duty by itself, found once."""

    def __init__(self, plan: Plan, hub_ids: Collection[UUID] | None):
        self.plan = plan
        self.crew = Crew(plan, {})
        inside = [task for task in self.crew.tasks.values() if plan.first <= task.duty.date <= plan.last]
        self.tasks = [task for task in inside if hub_ids is None or task.duty.place.hub_id in hub_ids]
        here = {task.id for task in self.tasks}
        self.elsewhere: dict[UUID, list[Task]] = defaultdict(list)
        for task in inside:
            if task.id not in here and task.id in plan.given:
                self.elsewhere[plan.given[task.id]].append(task)
        self._could: dict[tuple, frozenset[UUID]] = {}
        self._fixed = {id: staff for id, staff in plan.given.items() if id in plan.fixed}

    def of(self, task: Task) -> frozenset[UUID]:
        """Who could do it; of a fixed one whoever does, even against the rules, for that is decided."""
        if task.id in self.plan.fixed:
            return frozenset({self._fixed[task.id]} if task.id in self._fixed else ())
        duty = task.duty
        key = (duty.place.id, task.day, task.start, task.end, duty.skills, task.is_beside)
        if key not in self._could:
            self._could[key] = frozenset(
                id for id, it in self.crew.people.items() if not it.is_unfit(task) and not self._is_elsewhere(id, task)
            )
        return self._could[key]

    def _is_elsewhere(self, id: UUID, task: Task) -> bool:
        return any(each.begins < task.ends and task.begins < each.ends for each in self.elsewhere.get(id, ()))


def sums(plan: Plan, names: Mapping[str, str] | None = None, hub_ids: Collection[UUID] | None = None) -> Sums:
    """The arithmetic of a window. names: what skills are called, by code. hub_ids: whose duties are counted (None: all); what people
    do at other hubs takes their time all the same."""
    able = Able(plan, hub_ids)
    cover = [task for task in able.tasks if not task.is_beside]
    weeks = [_week(able, monday) for monday in sorted({task.week for task in able.tasks})]
    cells = _cells(able, cover)
    skills = _skills(able, cover, names or {})
    at_once = _missing(able, cover)
    missing = max(sum(each.missing for each in weeks), at_once, sum(each.missing for each in cells))
    return Sums(weeks, cells, skills, missing, _words(weeks, cells, skills, missing))


def _week(able: Able, week: int) -> Week:
    tasks = [task for task in able.tasks if task.week == week]
    monday = date.fromordinal(week)
    agreed = most = 0
    times = _possible_times(able, tasks)
    fixed: Counter[UUID] = Counter()
    for task in tasks:
        if task.id in able.plan.fixed and task.id in able.plan.given:
            fixed[able.plan.given[task.id]] += task.duty.minutes
    for id, person in able.crew.people.items():
        possible = sum(last - first for by_day in times.get(id, {}).values() for first, last in joined(by_day))
        contract, away = person.worker.weekly_minutes, person.counted(week)
        other = sum(each.duty.minutes for each in able.elsewhere.get(id, ()) if each.week == week)
        cap = max(0, able.plan.rules.most_week_minutes - other)
        if contract is not None:
            agreed += max(0, contract - away - other)
            cap = min(cap, max(0, contract + person.worker.over_minutes - away - other))
        most += min(possible, max(cap, fixed[id]))  # a manager may have fixed more than the rules allow
    needed = _minutes(tasks)
    return Week(monday, needed, agreed, most, max(0, needed - most))


def _possible_times(able: Able, tasks: Iterable[Task]) -> dict[UUID, dict[int, list[tuple[int, int]]]]:
    """worker -> day -> times of duties that they could do: nobody can work longer than these last together."""
    found: dict[UUID, dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for task in tasks:
        for id in able.of(task):
            found[id][task.day].append((task.begins, task.ends))
    return found


def _cells(able: Able, cover: Sequence[Task]) -> list[Cell]:
    groups: dict[tuple[str, UUID, int], list[Task]] = defaultdict(list)
    for task in cover:
        groups[task.duty.place.name, task.duty.place.id, task.day - task.week].append(task)
    return [
        Cell(name, id, weekday, _minutes(tasks), _most(able, tasks), _missing(able, tasks))
        for (name, id, weekday), tasks in sorted(groups.items(), key=lambda it: (it[0][0], it[0][2]))
    ]


def _skills(able: Able, cover: Sequence[Task], names: Mapping[str, str]) -> list[OfSkill]:
    groups: dict[str, list[Task]] = defaultdict(list)
    for task in cover:
        for code in task.duty.skills:
            groups[code].append(task)
    return [
        OfSkill(
            names.get(code, code), _minutes(tasks), _most(able, tasks),
            sum(code in person.worker.skills for person in able.crew.people.values()), _missing(able, tasks),
        )
        for code, tasks in sorted(groups.items(), key=lambda it: names.get(it[0], it[0]))
    ]  # fmt: skip


def _minutes(tasks: Iterable[Task]) -> int:
    return sum(task.duty.minutes for task in tasks)


def _most(able: Able, tasks: Sequence[Task]) -> int:
    """What people could do of these at most if they did nothing else."""
    return sum(
        last - first
        for by_day in _possible_times(able, tasks).values()
        for times in by_day.values()
        for first, last in joined(times)
    )


def _missing(able: Able, tasks: Sequence[Task]) -> int:
    """Minutes of these that stay undone: at each time as many duties as are more than the people who could do any of them.
    Paid minutes of a duty may be fewer than it lasts: counted as the least paid."""
    by_day: dict[int, list[Task]] = defaultdict(list)
    for task in tasks:
        by_day[task.day].append(task)
    total = 0
    for day in by_day.values():
        undone = 0
        for start, end in pairwise(sorted({moment for task in day for moment in (task.begins, task.ends)})):
            now = [task for task in day if task.begins <= start and task.ends >= end]
            people = frozenset().union(*(able.of(task) for task in now))
            undone += max(0, len(now) - len(people)) * (end - start)
        paid = min(
            (task.duty.minutes / (task.ends - task.begins) for task in day if task.ends > task.begins), default=0
        )
        total += int(undone * min(paid, 1))
    return total


def _words(weeks: Sequence[Week], cells: Sequence[Cell], skills: Sequence[OfSkill], missing: int) -> list[str]:
    if not weeks:
        return ["There are no duties in these weeks, so there is nothing to plan."]
    found = []
    if missing:
        found.append(f"No plan can fill everything: {hours_words(missing)} stay open at least.")
    for each in weeks:
        if each.missing:
            found.append(
                f"Week of {short_day(each.monday)}: {hours_words(each.needed)} are needed, and everybody together can do"
                f" {hours_words(each.most)} at most. {hours_words(each.missing)} are missing."
            )
    for cell in sorted(cells, key=lambda it: -it.missing)[:5]:
        if cell.missing:
            found.append(
                f"{cell.place} on {DAYS[cell.weekday]}s: too few people can be there at the same time;"
                f" {hours_words(cell.missing)} of {hours_words(cell.needed)} are missing."
            )
    for skill in sorted(skills, key=lambda it: -it.missing):
        if skill.missing:
            held = f"{skill.people} hold it" if skill.people != 1 else "one person holds it"
            found.append(
                f"“{skill.skill}”: {hours_words(skill.missing)} of {hours_words(skill.needed)} cannot be filled;"
                f" {held if skill.people else 'nobody holds it'}."
            )
    return found or ["The hours are enough. Whether they fit, only a plan can say."]


def weekday_total(cells: Sequence[Cell]) -> list[tuple[str, int, int, int]]:
    """(weekday, needed, able, missing) over all places, of the weekdays that have duties."""
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for each in cells:
        for n, value in enumerate((each.needed, each.able, each.missing)):
            found[each.weekday][n] += value
    return [(DAYS[day], found[day][0], found[day][1], found[day][2]) for day in sorted(found)]
