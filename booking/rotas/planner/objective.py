"""What a rota costs: one measure for every planner, in parts named after the wishes that managers weigh (`values.Weights`).

Hard rules are not here: no planner breaks them. A duty that nobody does is a cost, because real hubs are short of people. The sizes
are those that a study of synthetic counties found: a building without its second person 1000, a session without its facilitator 500,
somebody's day changed after publishing 600, a stand-in for a course's own facilitator 40.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from booking.rotas.availability import away_on, minute_of, minutes_of_leave, pattern_on
from booking.rotas.rules import is_evening, monday_of
from booking.rotas.travel import minutes_between
from booking.rotas.values import BESIDE, Duty, Plan, Weights, Worker

SCALE = (0.0, 0.4, 1.0, 2.5)  # not at all, a little, as usual, very much
OPEN_BUILDING = 1000.0
ON_THE_DESK = 300.0  # a third person at one need
GAP = {
    "facilitator": 500.0,
    "creche": 500.0,
    "appointment": 500.0,
    "extra": 500.0,
    "preparation": 30.0,
    "follow_up": 30.0,
}
SUBSTITUTE = 40.0
WEEKEND = 25.0  # for each other weekend of the same person within four weeks
EVENING = 15.0  # each evening of a week after the first
AVOIDED, NOT_PREFERRED, LEAVE_ASKED = 20.0, 4.0, 60.0
TRAVEL = 0.1  # a minute
OVER, UNDER = 2.0, 1.0  # a quarter of an hour beyond, or short of, the agreed hours
MOVED = 600.0  # somebody's day is taken away or changed
ASKED_IN = 60.0  # somebody keeps what they had that day and takes something on


@dataclass(frozen=True, slots=True)
class Costs:
    """The parts of a rota's cost, each already weighed; `total` is what planners make small."""

    gaps: float = 0.0
    same_facilitators: float = 0.0
    fairness: float = 0.0
    wishes: float = 0.0
    travel: float = 0.0
    near_contract: float = 0.0
    few_changes: float = 0.0

    @property
    def total(self) -> float:
        return round(sum(getattr(self, name) for name in self.__dataclass_fields__), 3)


def scaled(weights: Weights, name: str) -> float:
    """How much a wish counts: 1 as usual."""
    return SCALE[max(0, min(3, getattr(weights, name)))]


def cost(plan: Plan, given: Mapping[UUID, UUID]) -> Costs:
    """What this rota costs. `given` decides the shifts that planners may move; the fixed ones are as the plan has them.

    Of people only the weeks that touch the window are counted, of duties only those inside it.
    """
    free = {each.id for each in plan.duties if plan.first <= each.date <= plan.last and each.id not in plan.fixed}
    now = {shift: staff for shift, staff in plan.given.items() if shift not in free}
    now |= {shift: staff for shift, staff in given.items() if shift in free}
    theirs: dict[UUID, list[Duty]] = defaultdict(list)
    for each in plan.duties:
        if each.id in now:
            theirs[now[each.id]].append(each)
    weights = plan.weights
    inside = [each for each in plan.duties if plan.first <= each.date <= plan.last]
    return Costs(
        gaps=sum(gap_cost(each) for each in inside if each.id not in now),
        same_facilitators=scaled(weights, "same_facilitators") * substitutes(plan, inside, now) * SUBSTITUTE,
        fairness=scaled(weights, "fairness") * sum(_unfair(plan, theirs[each.id]) for each in plan.workers),
        wishes=scaled(weights, "wishes") * sum(_against(plan, each, theirs[each.id]) for each in plan.workers),
        travel=scaled(weights, "travel") * sum(_travel(plan, each, theirs[each.id]) for each in plan.workers),
        near_contract=scaled(weights, "near_contract")
        * sum(_off_contract(plan, each, theirs[each.id]) for each in plan.workers),
        few_changes=scaled(weights, "few_changes") * changes_cost(plan, now),
    )


def gap_cost(duty: Duty) -> float:
    """What it costs when nobody does a duty."""
    if duty.kind == "cover":
        return OPEN_BUILDING if duty.position <= 2 else ON_THE_DESK
    return GAP[duty.kind]


def leads_of(plan: Plan, given: Mapping[UUID, UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """run -> who leads it: whoever led it before, and beside them whoever does most of its sessions, as many as one session has."""
    most: dict[UUID, int] = defaultdict(int)
    done: dict[UUID, Counter[UUID]] = defaultdict(Counter)
    for each in plan.duties:
        if each.kind == "facilitator" and each.run_id is not None:
            most[each.run_id] = max(most[each.run_id], each.position)
            if each.id in given:
                done[each.run_id][given[each.id]] += 1
    found = {}
    for run, number in most.items():
        before = list(plan.leads.get(run, ()))[:number]
        others = sorted(
            (staff for staff in done[run] if staff not in before), key=lambda it: (-done[run][it], it.bytes)
        )
        found[run] = tuple([*before, *others][:number])
    return found


def substitutes(plan: Plan, inside: Iterable[Duty], given: Mapping[UUID, UUID]) -> int:
    """How many facilitator duties are done by somebody who does not lead the course."""
    leads = leads_of(plan, given)
    return sum(
        1
        for each in inside
        if each.kind == "facilitator" and each.run_id and each.id in given and given[each.id] not in leads[each.run_id]
    )


def wish_cost(worker: Worker, duty: Duty) -> float:
    """What one duty costs against one person's wishes: a time they avoid, one they do not prefer, leave they have asked for."""
    start, end = minute_of(duty.start), minute_of(duty.end)
    end = end if end > start else end + 24 * 60
    found = 0.0
    if any(first < end and start < last for first, last in pattern_on(worker, duty.date, "avoids")):
        found += AVOIDED
    if any(each.kind == "prefers" for each in worker.pattern):
        liked = pattern_on(worker, duty.date, "prefers")
        found += 0.0 if any(first <= start and end <= last for first, last in liked) else NOT_PREFERRED
    for each in away_on(worker, duty.date):
        if not each.is_approved and minute_of(each.start) < end and start < minute_of(each.end):
            found += LEAVE_ASKED
    return found


def travel_cost(worker: Worker, duties: Sequence[Duty]) -> float:
    """What a day's journeys cost: from the base to the first duty, from place to place, and home."""
    out = [each.place for each in sorted(duties, key=lambda it: it.starts_at) if each.kind not in BESIDE]
    if not out:
        return 0.0
    minutes = [
        minutes_between(worker.lat, worker.lon, at.lat, at.lon, drives=worker.drives) for at in (out[0], out[-1])
    ]
    minutes += [
        minutes_between(one.lat, one.lon, other.lat, other.lon, drives=worker.drives)
        for one, other in pairwise(out)
        if one.id != other.id
    ]
    return TRAVEL * sum(each or 0 for each in minutes)


def contract_cost(worker: Worker, counted: float) -> float:
    """What a week costs in which so many minutes count (leave included). Nothing for whoever has no agreed hours."""
    if worker.weekly_minutes is None:
        return 0.0
    off = (counted - worker.weekly_minutes) / 15
    return OVER * off if off > 0 else -UNDER * off


def weeks(plan: Plan) -> list[date]:
    """The Mondays of the weeks that touch the window."""
    first, last = monday_of(plan.first), monday_of(plan.last)
    return [first + timedelta(days=7 * n) for n in range((last - first).days // 7 + 1)]


def weekend_of(day: date) -> date | None:
    """The Monday of a Saturday's or Sunday's week, None on other days."""
    return monday_of(day) if day.weekday() >= 5 else None


def _unfair(plan: Plan, own: Sequence[Duty]) -> float:
    weekends = sorted({monday for each in own if (monday := weekend_of(each.date))})
    inside = {monday_of(plan.first) + timedelta(days=7 * n) for n in range(len(weeks(plan)))}
    pairs = sum(
        1
        for n, later in enumerate(weekends)
        for earlier in weekends[:n]
        if later - earlier < timedelta(days=28) and (later in inside or earlier in inside)
    )
    evenings: dict[date, set[date]] = defaultdict(set)
    for each in own:
        if is_evening(each, plan.rules):
            evenings[monday_of(each.date)].add(each.date)
    late = sum(max(0, len(evenings[monday]) - 1) for monday in inside)
    return WEEKEND * pairs + EVENING * late


def _against(plan: Plan, worker: Worker, own: Iterable[Duty]) -> float:
    return sum(wish_cost(worker, each) for each in own if plan.first <= each.date <= plan.last)


def _travel(plan: Plan, worker: Worker, own: Iterable[Duty]) -> float:
    days: dict[date, list[Duty]] = defaultdict(list)
    for each in own:
        if plan.first <= each.date <= plan.last:
            days[each.date].append(each)
    return sum(travel_cost(worker, there) for there in days.values())


def _off_contract(plan: Plan, worker: Worker, own: Iterable[Duty]) -> float:
    if worker.weekly_minutes is None:
        return 0.0
    minutes: Counter[date] = Counter()
    for each in own:
        minutes[monday_of(each.date)] += each.minutes
    return sum(
        contract_cost(worker, minutes[monday] + minutes_of_leave(worker, monday, monday + timedelta(days=6)))
        for monday in weeks(plan)
    )


def same_work(duty: Duty) -> tuple:
    """Two duties with the same are the same to whoever does them: positions of one need or session."""
    return (duty.place.id, duty.date, duty.start, duty.end, duty.kind, duty.session_id)


def changes_cost(plan: Plan, given: Mapping[UUID, UUID]) -> float:
    """What it costs that people's days are not as they were: 600 where something is taken away from a day or changed, 60 where
    something only comes to it. Nothing where `was` is empty."""
    if not plan.was:
        return 0.0
    before, now = _days(plan, plan.was), _days(plan, given)
    return sum(change_cost(before[key], now[key]) for key in before.keys() | now.keys())


def change_cost(before: Counter[tuple], now: Counter[tuple]) -> float:
    """What it costs that somebody's day is `now` and was `before`."""
    if before == now:
        return 0.0
    return MOVED if before - now else ASKED_IN


def _days(plan: Plan, given: Mapping[UUID, UUID]) -> dict[tuple[UUID, date], Counter[tuple]]:
    found: dict[tuple[UUID, date], Counter[tuple]] = defaultdict(Counter)
    for each in plan.duties:
        if each.id in given and plan.first <= each.date <= plan.last:
            found[given[each.id], each.date][same_work(each)] += 1
    return found
