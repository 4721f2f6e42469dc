"""Hours against contract, and how evenings and weekends are shared, for everybody of a plan. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from booking.rotas.availability import minutes_of_leave
from booking.rotas.rules import is_evening, monday_of
from booking.rotas.values import Duty, Plan, Worker

CLEARLY = 1.0
"""So many evenings or weekends more than a fair share are worth a word."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one person does in a window. contract_minutes is None for who has none; leave_minutes count towards it. The fair ones are
    what would be theirs of all that their hub's people do, by contract."""

    minutes: int = 0
    leave_minutes: int = 0
    contract_minutes: int | None = None
    evenings: int = 0
    weekends: int = 0
    fair_evenings: float = 0.0
    fair_weekends: float = 0.0

    @property
    def counted(self) -> int:
        return self.minutes + self.leave_minutes

    @property
    def over(self) -> int:
        """Minutes above the contract."""
        return max(0, self.counted - self.contract_minutes) if self.contract_minutes is not None else 0

    @property
    def has_many_evenings(self) -> bool:
        return self.evenings >= self.fair_evenings + CLEARLY and self.fair_evenings > 0

    @property
    def has_many_weekends(self) -> bool:
        return self.weekends >= self.fair_weekends + CLEARLY and self.fair_weekends > 0


def shares(plan: Plan) -> dict[UUID, Share]:
    """Everybody's share of what stands in the plan's window."""
    own: dict[UUID, list[Duty]] = defaultdict(list)
    for duty in plan.duties:
        if plan.first <= duty.date <= plan.last and duty.id in plan.given:
            own[plan.given[duty.id]].append(duty)
    weeks = ((plan.last - plan.first).days + 1) / 7
    counts = {each.id: _counts(own[each.id], plan) for each in plan.workers}
    fair = _fair(plan.workers, counts)
    return {
        each.id: Share(
            minutes=sum(duty.minutes for duty in own[each.id]),
            leave_minutes=minutes_of_leave(each, plan.first, plan.last),
            contract_minutes=None if each.weekly_minutes is None else round(each.weekly_minutes * weeks),
            evenings=counts[each.id][0],
            weekends=counts[each.id][1],
            fair_evenings=fair[each.id][0],
            fair_weekends=fair[each.id][1],
        )
        for each in plan.workers
    }


def _counts(duties: Iterable[Duty], plan: Plan) -> tuple[int, int]:
    """Evenings and weekends with a duty; a Sunday belongs to its Saturday."""
    evenings, weekends = set(), set()
    for each in duties:
        if is_evening(each, plan.rules):
            evenings.add(each.date)
        if each.date.weekday() >= 5:
            weekends.add(monday_of(each.date) + timedelta(days=5))
    return len(evenings), len(weekends)


def _fair(workers: Iterable[Worker], counts: Mapping[UUID, tuple[int, int]]) -> dict[UUID, tuple[float, float]]:
    """What each would have if all that staff of a hub do were shared by contract; volunteers and partners share none."""
    by_hub: dict[UUID | None, list[Worker]] = defaultdict(list)
    found = {}
    for each in workers:
        found[each.id] = (0.0, 0.0)
        if each.kind == "staff" and each.weekly_minutes:
            by_hub[each.hub_id].append(each)
    for team in by_hub.values():
        whole = sum(each.weekly_minutes or 0 for each in team)
        evenings, weekends = (sum(counts[each.id][n] for each in team) for n in (0, 1))
        for each in team:
            part = (each.weekly_minutes or 0) / whole
            found[each.id] = (evenings * part, weekends * part)
    return found
