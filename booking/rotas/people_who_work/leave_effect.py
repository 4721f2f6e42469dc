"""What approving leave would leave uncovered: the person's duties in its way, who else could do each, and who is away as well.

Pure over a plan, but for `effects`, which loads one plan for all the requests of a page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock
from booking.people.signing_in import Who
from booking.rotas import loading, rules
from booking.rotas.availability import minute_of
from booking.rotas.seeing import seen_by
from booking.rotas.values import BESIDE, Duty, Plan, Worker

MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Uncovered:
    """One duty that somebody would have to take over; `free` could, best known first: of the same hub, breaking no rule."""

    duty: Duty
    free: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What one leave does. away: names of the same hub with approved leave in these days."""

    duties: tuple[Uncovered, ...]
    away: tuple[str, ...]

    @property
    def unfilled(self) -> int:
        """Duties that nobody at the hub could take."""
        return sum(1 for each in self.duties if not each.free)


async def effects(rows: Sequence[Mapping[str, Any]], who: Who) -> dict[UUID, Effect]:
    """By id of the leave (rows have id, staff_id, hub_id, first_date, last_date, start, end), in words this reader may have."""
    if not rows:
        return {}
    first = max(min(row["first_date"] for row in rows), clock.today())
    last = min(max(row["last_date"] for row in rows), first + timedelta(days=120))
    plan = await loading.load({row["hub_id"] for row in rows}, first, max(first, last))
    seen = {each.id: each for each in (await seen_by(plan, who)).duties}
    return {row["id"]: effect(row, plan, seen) for row in rows}


def effect(row: Mapping[str, Any], plan: Plan, seen: Mapping[UUID, Duty] | None = None) -> Effect:
    """What this leave does to the plan; `seen` are the duties as they may be shown. Work beside a session goes with it to whoever
    takes it over, and is not named by itself."""
    others = [each for each in plan.workers if each.hub_id == row["hub_id"] and each.id != row["staff_id"]]
    mine = [each for each in plan.duties if plan.given.get(each.id) == row["staff_id"] and is_touched(each, row)]
    led = {each.session_id for each in mine if each.kind not in BESIDE}
    mine = [each for each in mine if each.kind not in BESIDE or each.session_id not in led]
    theirs: dict[UUID, list[Duty]] = {each.id: [] for each in others}
    for duty in plan.duties:
        if plan.given.get(duty.id) in theirs:
            theirs[plan.given[duty.id]].append(duty)
    found = [Uncovered((seen or {}).get(duty.id, duty), _free(duty, others, theirs, plan)) for duty in mine]
    return Effect(tuple(found), tuple(each.name for each in others if _is_away(each, row)))


def is_touched(duty: Duty, row: Mapping[str, Any]) -> bool:
    """The duty has not begun and lies in the leave's days and hours."""
    if duty.starts_at <= clock.now() or not row["first_date"] <= duty.date <= row["last_date"]:
        return False
    start, end = minute_of(duty.start), minute_of(duty.end)
    return start < minute_of(row["end"]) and (end if end > start else end + 1440) > minute_of(row["start"])


def _free(duty: Duty, others: Sequence[Worker], theirs: Mapping[UUID, list[Duty]], plan: Plan) -> tuple[str, ...]:
    able = [each for each in others if not any(one.level != "soft" for one in rules.unfit(each, duty))]
    return tuple(
        each.name
        for each in able
        if not any(one.level != "soft" for one in rules.would_break(each, duty, theirs[each.id], plan.rules))
    )


def _is_away(worker: Worker, row: Mapping[str, Any]) -> bool:
    return any(
        it.is_approved and it.first_date <= row["last_date"] and row["first_date"] <= it.last_date
        for it in worker.leave
    )
