"""What a page says of a plan beside the draft it began from: changes, hours, fairness, gaps and why. Plain JSON. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking.rotas import rules
from booking.rotas.availability import minutes_of_leave
from booking.rotas.planner import work_blocks
from booking.rotas.planner.explaining import Explainer
from booking.rotas.planner.objective import cost, leads_of, substitutes, weeks
from booking.rotas.planner.planned import Planned, movable, whole
from booking.rotas.values import Duty, Plan

EXPLAINED = 400
"""So many gaps are explained; beyond, the arithmetic says more."""
OF_SOLVER = ("stages", "cpu_seconds", "fell_back")


def report(
    plan: Plan, planned: Planned, names: Mapping[str, str], hub_ids: Collection[UUID] | None = None
) -> dict[str, Any]:
    """The result of one planner. `given` are the shifts that it decided. hub_ids: whose duties are counted (None: all)."""
    before = dict(plan.given)
    after_plan = work_blocks.with_moved(plan, work_blocks.moved_duties(plan, planned.found.get("moved", {})))
    after = whole(plan, planned.given)
    inside = inside_of(plan, hub_ids)
    explainer = Explainer(after_plan, after, names)
    gaps = explainer.gaps()
    return {
        "given": {str(id): str(staff) for id, staff in planned.given.items()},
        "free": [str(each.id) for each in movable(plan)],
        "moved": planned.found.get("moved", {}),
        "before": {str(each.id): str(before[each.id]) for each in inside if each.id in before},
        "people": _people(plan, before, after),
        "counts": {"before": counts(plan, before, hub_ids), "after": counts(after_plan, after, hub_ids)},
        "gaps": [_gap(explainer, each.id) for each in gaps[:EXPLAINED]],
        "open": len(gaps),
        "total": len(inside),
        "costs": asdict(planned.cost) | {"total": planned.cost.total},
        "cost_before": cost(plan, before).total,
        "bound": planned.bound,
        "solver": {name: planned.found[name] for name in OF_SOLVER if name in planned.found},
    }


def _gap(explainer: Explainer, id: UUID) -> dict[str, Any]:
    found = explainer.explain(id)
    return {"id": str(id), "words": found.words, "helps": list(found.helps), "is_free": bool(found.free)}


def inside_of(plan: Plan, hub_ids: Collection[UUID] | None) -> list[Duty]:
    """The duties of these hubs in the window; around them are those that their people have elsewhere."""
    return [
        each
        for each in plan.duties
        if plan.first <= each.date <= plan.last and (hub_ids is None or each.place.hub_id in hub_ids)
    ]


def counts(plan: Plan, given: Mapping[UUID, UUID], hub_ids: Collection[UUID] | None = None) -> dict[str, int]:
    """Figures in which two rotas can be compared, of the window."""
    inside = inside_of(plan, hub_ids)
    ids = {each.id for each in inside}
    found = [one for one in rules.check(plan, given) if one.duties and one.duties[0] in ids]
    broken = Counter(one.rule for one in found)
    kinds = Counter(each.kind for each in inside if each.id not in given)
    return {
        "open": sum(kinds.values()),
        "open_cover": kinds["cover"],
        "open_sessions": kinds["facilitator"] + kinds["creche"] + kinds["appointment"],
        "open_blocks": kinds["preparation"] + kinds["follow_up"],
        "minutes": sum(each.minutes for each in inside if each.id in given),
        "substitutes": substitutes(plan, inside, given) if leads_of(plan, given) else 0,
        "avoids": broken["avoids"] + broken["leave_asked"],
        "over_contract": broken["over_contract"],
        "evenings": max(_of_each(plan, inside, given, "evening"), default=0),
        "weekends": max(_of_each(plan, inside, given, "weekend"), default=0),
        "hard": sum(one.level != "soft" for one in found),
    }


def _of_each(plan: Plan, inside: Iterable[Duty], given: Mapping[UUID, UUID], what: str) -> list[int]:
    """How many evenings, or days at weekends, each person has."""
    found: dict[UUID, set[Any]] = defaultdict(set)
    for each in inside:
        is_one = rules.is_evening(each, plan.rules) if what == "evening" else each.date.weekday() >= 5
        if each.id in given and is_one:
            found[given[each.id]].add(each.date)
    return [len(days) for days in found.values()]


def _people(plan: Plan, before: Mapping[UUID, UUID], after: Mapping[UUID, UUID]) -> list[dict[str, Any]]:
    """One line for each person who is in either, or has agreed hours."""
    inside = [each for each in plan.duties if plan.first <= each.date <= plan.last]
    was, now, late, ends = Counter(), Counter(), Counter(), defaultdict(set)
    for each in inside:
        if each.id in before:
            was[before[each.id]] += each.minutes
        if each.id in after:
            now[after[each.id]] += each.minutes
            late[after[each.id]] += rules.is_evening(each, plan.rules)
            if each.date.weekday() >= 5:
                ends[after[each.id]].add(each.date)
    found = []
    for worker in plan.workers:
        if worker.weekly_minutes is None and not (was[worker.id] or now[worker.id]):
            continue
        mondays = weeks(plan)
        away = sum(minutes_of_leave(worker, it, it + timedelta(days=6)) for it in mondays)
        agreed = None if worker.weekly_minutes is None else max(0, worker.weekly_minutes * len(mondays) - away)
        found.append(
            {"id": str(worker.id), "name": worker.name, "before": was[worker.id], "after": now[worker.id],
             "agreed": agreed, "evenings": late[worker.id], "weekends": len(ends[worker.id])}
        )  # fmt: skip
    return found
