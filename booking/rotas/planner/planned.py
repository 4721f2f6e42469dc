"""What every planner hands back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from booking.rotas.planner.objective import Costs
from booking.rotas.values import Duty, Plan


@dataclass(frozen=True, slots=True)
class Planned:
    """given: shift -> worker for the shifts that the planner may decide (a shift that is missing stays open). bound: no plan costs
    less, None where nobody knows. found: figures and words for people, plain enough for JSON."""

    given: Mapping[UUID, UUID]
    cost: Costs
    bound: float | None = None
    found: dict[str, Any] = field(default_factory=dict)


def movable(plan: Plan) -> list[Duty]:
    """The duties that a planner decides: inside the window and not fixed."""
    return [each for each in plan.duties if plan.first <= each.date <= plan.last and each.id not in plan.fixed]


def whole(plan: Plan, given: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """A planner's answer with everything around it: what is fixed or outside the window as the plan has it, the rest as given."""
    free = {each.id for each in movable(plan)}
    kept = {shift: staff for shift, staff in plan.given.items() if shift not in free}
    return kept | {shift: staff for shift, staff in given.items() if shift in free}
