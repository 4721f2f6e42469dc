"""Who asks, as a verb is told."""

from typing import Any
from uuid import UUID

from booking.people.models import Organisation, Person
from booking.people.signing_in import Who


def partner_who(member: Person, *organisations: Organisation) -> Who:
    ids = tuple(each.id for each in organisations)
    return _who(member, frozenset({"partner"}), frozenset(), organisation_ids=ids)


def staff_who(member: Person, hubs: set[UUID], kind: str = "hub_staff") -> Who:
    managed = frozenset(hubs if kind == "hub_manager" else ())
    return _who(member, frozenset({kind}), frozenset(hubs), managed_hubs=managed)


def _who(member: Person, kinds: frozenset[str], hubs: frozenset[UUID], **values: Any) -> Who:
    return Who(member.id, member.name, None, member.phone, member.email, "", kinds, hubs, **values)
