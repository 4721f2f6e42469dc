"""What there is to do, as the solver sees it: duties that are the same to whoever does them made one, and whole days to choose from.

`Work` is some equal positions (two people at one need, the two facilitators of a session with their work blocks); an `Option` is all
the work that somebody could take on one day beside what is fixed for them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from uuid import UUID

from booking.rotas.planner.crew import Person, Task, task_of
from booking.rotas.planner.objective import gap_cost, same_work
from booking.rotas.rules import on_the_way
from booking.rotas.values import BESIDE, Duty, Plan, Rules, Worker

MOST_TRAVEL = 30  # minutes between two places on one day that a planner thinks of
MOST_PARTS = 4
MOST_OPTIONS = 100  # of one person on one day; the shortest are kept, which are parts of the longer ones


@dataclass(eq=False)
class Work:
    """Equal positions. duties of `plain` need fewer skills than those of `skilled` (empty where all are the same); blocks: for each
    duty the work blocks beside it, of the same times for all."""

    number: int
    skilled: list[Duty]
    plain: list[Duty]
    blocks: Mapping[UUID, tuple[Duty, ...]]
    rules: Rules

    @cached_property
    def one(self) -> Duty:
        return (self.skilled or self.plain)[0]

    @cached_property
    def duties(self) -> list[Duty]:
        """Those that it hurts most to leave open come first."""
        return sorted([*self.skilled, *self.plain], key=lambda it: (-gap_cost(it), it.position, it.id.bytes))

    @cached_property
    def bare(self) -> tuple[Task, ...]:
        return (task_of(self.one, self.rules),)

    @cached_property
    def full(self) -> tuple[Task, ...]:
        own = [*self.bare, *(task_of(each, self.rules) for each in self.blocks.get(self.one.id, ()))]
        return tuple(sorted(own, key=lambda it: it.order))

    @cached_property
    def probe(self) -> Task:
        """What whoever does any of it must be fit for."""
        return task_of((self.plain or self.skilled)[0], self.rules)

    @cached_property
    def skilled_task(self) -> Task | None:
        return task_of(self.skilled[0], self.rules) if self.skilled and self.plain else None


@dataclass(frozen=True, slots=True)
class Part:
    """A work as one person can take it: with its work blocks, or without if those do not suit them."""

    work: Work
    tasks: tuple[Task, ...]
    is_skilled: bool

    @property
    def begins(self) -> int:
        return self.tasks[0].begins

    @property
    def has_blocks(self) -> bool:
        return len(self.tasks) > 1

    @property
    def minutes(self) -> int:
        """Those of the work blocks are counted in any case: they find another time."""
        return sum(task.duty.minutes for task in self.work.full)


@dataclass(frozen=True, slots=True)
class Option:
    """What one person could take on in one day. begins and ends take in what is fixed."""

    parts: tuple[Part, ...]
    minutes: int
    begins: int
    ends: int
    is_evening: bool


def works_of(plan: Plan, free: Collection[UUID]) -> list[Work]:
    """The free duties as works, in the order of time. Work blocks go with the facilitator of the same session and position."""
    duties = [each for each in plan.duties if each.id in free]
    beside: dict[tuple, list[Duty]] = defaultdict(list)
    for each in duties:
        if each.kind in BESIDE:
            beside[each.session_id, each.position, each.date].append(each)
    blocks = {
        each.id: tuple(
            sorted(beside[each.session_id, each.position, each.date], key=lambda it: (it.starts_at, it.id.bytes))
        )
        for each in duties
        if each.kind == "facilitator" and each.session_id
    }
    same: dict[tuple, list[Duty]] = defaultdict(list)
    for each in duties:
        if each.kind not in BESIDE:
            times = tuple((it.start, it.end, it.minutes, it.kind) for it in blocks.get(each.id, ()))
            same[(*same_work(each), each.need_id, each.minutes, times)].append(each)
    found: list[tuple[list[Duty], list[Duty]]] = []
    for group in same.values():
        found += _by_skill(group)
    found.sort(key=lambda it: _order([*it[0], *it[1]][0]))
    return [Work(n, skilled, plain, blocks, plan.rules) for n, (skilled, plain) in enumerate(found)]


def _order(duty: Duty) -> tuple:
    return (
        duty.starts_at,
        duty.ends_at,
        duty.place.name,
        duty.place.id.bytes,
        duty.kind,
        sorted(duty.skills),
        duty.id.bytes,
    )


def _by_skill(group: Sequence[Duty]) -> list[tuple[list[Duty], list[Duty]]]:
    """Skilled and plain positions of one group together; where skills differ otherwise, each kind by itself."""
    kinds: dict[frozenset[str], list[Duty]] = defaultdict(list)
    for each in group:
        kinds[each.skills].append(each)
    if len(kinds) == 2 and frozenset() in kinds:
        plain = kinds.pop(frozenset())
        return [(next(iter(kinds.values())), plain)]
    return [([], each) for _, each in sorted(kinds.items(), key=lambda it: sorted(it[0]))]


def part_for(person: Person, work: Work) -> Part | None:
    """How this person can take the work, None if they cannot."""
    is_skilled = True
    if work.skilled_task is not None and person.is_unfit(work.skilled_task) in ("skill", "skill_expired"):
        is_skilled = False
    if person.is_unfit(work.probe):
        return None
    if len(work.full) > 1 and not any(person.is_unfit(each) for each in work.full if each.is_beside):
        return Part(work, work.full, is_skilled)
    return Part(work, work.bare, is_skilled)


def options_of(worker: Worker, parts: Iterable[Part], base: Sequence[Task], rules: Rules) -> list[Option]:
    """Every whole day that could be made of these parts beside the fixed tasks: nothing at once, time to travel. Nothing at all is
    not among them."""
    ordered = sorted(parts, key=lambda it: (it.begins, it.work.number))
    found: list[Option] = []
    layer: list[tuple[tuple[Part, ...], int, list[Task]]] = [((), -1, list(base))]
    for _ in range(MOST_PARTS):
        following = []
        for chosen, last, tasks in layer:
            for n in range(last + 1, len(ordered)):
                day = _together(worker, tasks, ordered[n].tasks, rules)
                if day is not None:
                    following.append(((*chosen, ordered[n]), n, day))
        layer = following[: MOST_OPTIONS * 4]
        found += [option_of(chosen, tasks) for chosen, _, tasks in following[: MOST_OPTIONS - len(found)]]
        if not layer or len(found) >= MOST_OPTIONS:
            break
    return found


def option_of(parts: tuple[Part, ...], fixed: Sequence[Task]) -> Option:
    """These parts beside what is fixed that day."""
    new = [task for part in parts for task in part.tasks]
    return Option(
        parts,
        minutes=sum(part.minutes for part in parts),
        begins=min(task.begins for task in (*new, *fixed)),
        ends=max(task.ends for task in (*new, *fixed)),
        is_evening=any(task.is_evening for task in new),
    )


def _together(worker: Worker, tasks: Sequence[Task], new: Sequence[Task], rules: Rules) -> list[Task] | None:
    """All the tasks in order if one person can do them on one day."""
    added = {task.id for task in new}
    day = sorted([*tasks, *new], key=lambda it: it.order)
    reached = 0
    for earlier, later in pairwise(day):
        reached = max(reached, earlier.ends)
        if (earlier.id in added or later.id in added) and reached > later.begins:
            return None
    if max(reached, day[-1].ends) - day[0].begins > 24 * 60 - rules.rest_hours * 60:
        return None
    return day if _in_time(worker, day, added, rules) else None


def _in_time(worker: Worker, day: Sequence[Task], added: set[UUID], rules: Rules) -> bool:
    """Whether there is time to travel; work blocks may be done anywhere, but not on the way."""
    before: Task | None = None
    busy = 0
    for each in day:
        if each.is_beside:
            busy += each.ends - each.begins
            continue
        if before is not None and before.duty.place.id != each.duty.place.id and (added & {before.id, each.id} or busy):
            needed = on_the_way(worker, before.duty, each.duty, rules)
            if needed > MOST_TRAVEL or needed > each.begins - before.ends - busy:
                return False
        before, busy = each, 0
    return True


def days_of(works: Iterable[Work]) -> dict[date, list[Work]]:
    found: dict[date, list[Work]] = defaultdict(list)
    for each in works:
        found[each.one.date].append(each)
    return dict(sorted(found.items()))
