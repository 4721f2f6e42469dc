"""At which hubs somebody may do what managers do, by all of their roles."""

from uuid import UUID

import pytest

from booking.people.models import Role
from booking.people.signing_in import Who, sign_in, who_has
from tests import make

A, B, C = (UUID(int=n) for n in (1, 2, 3))
CASES = [
    # roles, where they manage, where they may act, is a manager of any hub
    ([("hub_manager", A)], "A", "A", True),
    ([("hub_staff", A)], "", "A", False),
    ([("hub_manager", A), ("hub_staff", B)], "A", "AB", True),
    ([("hub_staff", A), ("hub_manager", A)], "A", "A", True),
    ([("hub_manager", A), ("hub_manager", B), ("hub_staff", C)], "AB", "ABC", True),
    ([("hub_manager", A), ("worker", B)], "A", "A", True),
    ([("worker", A), ("hub_staff", B)], "", "B", False),
    ([("county_admin", None)], "ABC", "ABC", True),
    ([("county_admin", None), ("hub_staff", B)], "ABC", "ABC", True),
    ([("county_admin", None), ("hub_manager", B)], "ABC", "ABC", True),
]


async def who_with(roles) -> Who:
    person = await make.person(name="Maya")
    for kind, hub_id in roles:
        await Role.create(person=person, kind=kind, hub_id=hub_id)
    found = await who_has(await sign_in(person_id=person.id, purpose="staff"), purpose="staff", idle_hours=12)
    assert found
    return found


def names(hubs) -> str:
    return "".join(name for name, hub in zip("ABC", (A, B, C), strict=True) if hub in hubs)


@pytest.mark.parametrize(("roles", "manages", "acts", "is_manager"), CASES)
async def test_where_somebody_manages_is_where_they_are_manager(database, roles, manages, acts, is_manager):
    who = await who_with(roles)
    assert names({hub for hub in (A, B, C) if who.manages(hub)}) == manages
    assert names({hub for hub in (A, B, C) if who.may_act_at(hub)}) == acts
    assert who.is_manager is is_manager
    assert who.managed_hub_ids is None if who.is_admin else names(who.managed_hub_ids) == manages


@pytest.mark.parametrize(("roles", "manages", "acts", "is_manager"), CASES)
async def test_as_a_manager_they_act_where_they_manage_and_nowhere_else(database, roles, manages, acts, is_manager):
    who = (await who_with(roles)).as_manager()
    assert names({hub for hub in (A, B, C) if who.may_act_at(hub)}) == manages
    assert who.is_manager is is_manager


async def test_a_county_admin_keeps_the_hubs_whose_restricted_places_they_may_read(database):
    who = await who_with([("county_admin", None), ("hub_staff", B)])
    assert who.as_manager().works_at(B) and not who.as_manager().works_at(A)


async def test_at_the_door_of_workers_nobody_manages_anything(database):
    person = await make.person(name="Maya")
    for kind, hub_id in (("hub_manager", A), ("worker", A)):
        await Role.create(person=person, kind=kind, hub_id=hub_id)
    who = await who_has(await sign_in(person_id=person.id, purpose="worker"), purpose="worker", idle_hours=12)
    assert who and who.is_worker and not who.is_manager and not who.manages(A)
