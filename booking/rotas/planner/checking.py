"""Whether a planner's answer breaks a rule, asked of the rules alone: nothing that planned it is believed."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from booking.rotas import rules
from booking.rotas.values import Plan


def hard_ones(plan: Plan, given: Mapping[UUID, UUID]) -> Counter[tuple]:
    """What is broken that no planner may break, counted by rule and person. Subtract those of what is fixed: what is left is new."""
    return Counter((one.rule, one.staff_id) for one in rules.check(plan, given) if one.level != "soft")
