"""Who could do a shift: best first, nearest first, each with what speaks for and against it in words. Pure but for `of`."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from booking import db
from booking.people.signing_in import Who
from booking.rotas import loading, rules
from booking.rotas.availability import covers, minute_of, minutes_of_leave, pattern_on, valid_on
from booking.rotas.rules import monday_of
from booking.rotas.seeing import read_by
from booking.rotas.travel import minutes_between
from booking.rotas.values import BESIDE, Broken, Duty, Plan, Worker
from booking.words import short_day

SERIOUS = ("never", "hard")
ORDER = (
    "skill", "skill_expired", "leave", "double", "employed", "place", "too_far", "pattern", "rest", "travel", "weekly_rest",
    "days_in_row", "saturdays", "evenings", "hours", "most_hours",
)  # fmt: skip
"""Which of several failing rules is named first: what cannot be helped today before what can."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody and one shift. speaks_for are words; against is every rule it would break. minutes: on the way from their base, None
    where that is not known."""

    worker: Worker
    speaks_for: tuple[str, ...]
    against: tuple[Broken, ...]
    minutes: int | None = None
    is_willing: bool = False
    led: int = 0
    free_minutes: int = 0

    @property
    def serious(self) -> tuple[Broken, ...]:
        return tuple(each for each in self.against if each.level in SERIOUS)

    @property
    def is_fit(self) -> bool:
        return not self.serious

    @property
    def is_possible(self) -> bool:
        """A manager may override what is in the way."""
        return all(each.level != "never" for each in self.against)

    @property
    def first_rule(self) -> str:
        found = [each.rule for each in self.serious]
        return min(found, key=lambda rule: ORDER.index(rule) if rule in ORDER else len(ORDER))


async def of(shift_id: UUID, who: Who | None = None) -> tuple[Duty, list[Candidate], Plan] | None:
    """The shift, everybody of the county as a candidate for it, and the plan they were judged in; None where there is no such open
    shift. With `who` in words that they may read. About thirty queries, whatever the size.

    What everybody does is read only for those whom nothing of their own keeps from it.
    """
    people = await loading.workers_of(None)
    first = await loading.around([shift_id], [])
    duty = next((each for each in first.duties if each.id == shift_id), None)
    if duty is None:
        return None
    fit = [each for each in people if not any(one.level in SERIOUS for one in rules.unfit(each, duty))]
    plan = await loading.around([shift_id], [each.id for each in fit])
    plan = replace(plan, workers=people)
    if who is not None:
        plan = await read_by(plan, who)
        duty = next(each for each in plan.duties if each.id == shift_id)
    willing = {row["staff_id"] for row in await db.rows("SELECT staff_id FROM willing WHERE shift_id = $1", shift_id)}
    return duty, judged(duty, plan, willing, await _led(duty)), plan


async def _led(duty: Duty) -> dict[UUID, int]:
    """How many other dates of the same course each has in the draft."""
    if duty.run_id is None:
        return {}
    rows = await db.rows(
        "SELECT a.staff_id, COUNT(DISTINCT s.session_id) AS n FROM assignment a JOIN shift s ON s.id = a.shift_id"
        " JOIN session e ON e.id = s.session_id WHERE e.run_id = $1 AND a.layer = 'draft' AND s.id <> $2 AND s.kind = $3"
        " GROUP BY a.staff_id",
        duty.run_id,
        duty.id,
        duty.kind,
    )
    return {row["staff_id"]: row["n"] for row in rows}


def judged(
    duty: Duty, plan: Plan, willing: Collection[UUID] = (), led: Mapping[UUID, int] | None = None
) -> list[Candidate]:
    """Everybody of the plan but who does it now, best first: nothing against it, willing, leads the course, near, has hours left."""
    mine: dict[UUID, list[Duty]] = {each.id: [] for each in plan.workers}
    for each in plan.duties:
        if each.id in plan.given and plan.given[each.id] in mine and each.id != duty.id:
            mine[plan.given[each.id]].append(each)
    here = [each for each in plan.duties if each.place.id == duty.place.id and each.date == duty.date]
    found = [
        _candidate(worker, duty, mine[worker.id], here, plan, worker.id in willing, (led or {}).get(worker.id, 0))
        for worker in plan.workers
        if plan.given.get(duty.id) != worker.id
    ]
    return sorted(found, key=_rank)


def _rank(each: Candidate) -> tuple:
    soft = len(each.against) - len(each.serious)
    far = each.minutes if each.minutes is not None else 999
    return (len(each.serious), soft, not each.is_willing, not each.led, far, -each.free_minutes, each.worker.name)


def _candidate(
    worker: Worker, duty: Duty, others: Sequence[Duty], here: Sequence[Duty], plan: Plan, is_willing: bool, led: int
) -> Candidate:
    against = rules.would_break(worker, duty, others, plan.rules)
    if not any(each.level in SERIOUS for each in against):
        against += _alone(worker, duty, here, plan)
    minutes = None
    if duty.kind not in BESIDE:
        minutes = minutes_between(worker.lat, worker.lon, duty.place.lat, duty.place.lon, drives=worker.drives)
    monday = monday_of(duty.date)
    worked = sum(each.minutes for each in others if monday_of(each.date) == monday)
    worked += minutes_of_leave(worker, monday, monday + timedelta(days=6))
    said = [
        "says that they could take it" if is_willing else "",
        f"leads {led} other dates of this course" if led > 1 else "leads another date of this course" if led else "",
        _way(minutes),
        _before_or_after(duty, others),
        *_skills(worker, duty),
        _hours(worker, duty, worked),
        "prefers this time" if _prefers(worker, duty) else "",
    ]
    free = max(0, (worker.weekly_minutes or 0) - worked)
    return Candidate(worker, tuple(filter(None, said)), tuple(against), minutes, is_willing, led, free)


def _alone(worker: Worker, duty: Duty, here: Sequence[Duty], plan: Plan) -> list[Broken]:
    """Alone in the building, which the second person may still cure: it warns."""
    if not duty.place.needs_two or duty.kind in BESIDE:
        return []
    given = {each.id: plan.given[each.id] for each in here if each.id in plan.given} | {duty.id: worker.id}
    known = {each.id: each for each in plan.workers}
    return [replace(one, level="soft") for one in rules.alone(here, given, known) if duty.id in one.duties]


def _way(minutes: int | None) -> str:
    if minutes is None:
        return ""
    return "based here" if minutes == 0 else f"about {minutes} minutes away"


def _before_or_after(duty: Duty, others: Sequence[Duty]) -> str:
    there = [each for each in others if each.date == duty.date and each.place.id == duty.place.id]
    return "is here that day already" if there else ""


def _skills(worker: Worker, duty: Duty) -> list[str]:
    """What the shift needs and they hold on its date, with the day it ends where it does."""
    found = []
    for code in sorted(duty.skills):
        valid = valid_on(worker.skills.get(code, ()), duty.date)
        if valid:
            ends = [each.to_date for each in valid if each.to_date]
            until = f" until {short_day(max(ends))}" if len(ends) == len(valid) else ""
            found.append(f"holds {code}{until}")
    return found


def _hours(worker: Worker, duty: Duty, worked: int) -> str:
    if worker.weekly_minutes is None:
        return f"has {_h(worked)} h that week" if worked else "has nothing else that week"
    return f"{_h(worked)} of {_h(worker.weekly_minutes)} h that week, {_h(worked + duty.minutes)} h with this"


def _h(minutes: int) -> str:
    """ "22.5", as the rota has it: lists of people are read at a glance."""
    return f"{minutes / 60:.1f}".removesuffix(".0")


def _prefers(worker: Worker, duty: Duty) -> bool:
    start, end = minute_of(duty.start), minute_of(duty.end)
    return covers(pattern_on(worker, duty.date, "prefers"), start, end)


def counted(candidates: Sequence[Candidate]) -> list[tuple[str, list[Candidate]]]:
    """Those who cannot, by the first rule that is in the way, the most frequent first."""
    cannot = [each for each in candidates if not each.is_fit]
    many = Counter(each.first_rule for each in cannot)
    return [(rule, [each for each in cannot if each.first_rule == rule]) for rule, _ in many.most_common()]
