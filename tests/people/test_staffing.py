"""Roles are given and taken by whoever runs the server; the first administrator needs no mail."""

import pytest

from booking.audit import AuditEvent
from booking.people import staffing
from booking.people.models import Person, Role, SignedIn
from booking.people.signing_in import sign_in
from booking.problems import Refused
from booking.settings import SignIn
from tests import make

RULES = SignIn(code_minutes=10, code_tries=5, idle_hours=12)


async def test_the_first_administrator_gets_in_without_mail(client):
    await staffing.give_role(email="Ruth@Council.example ", name="Ruth Lane", kind="county_admin")
    await client.post("/staff/sign-in", data={"email": "ruth@council.example"})
    code = await staffing.code_for(email="ruth@council.example", rules=RULES)
    answer = await client.post("/staff/sign-in/code", data={"code": code})
    assert answer.status_code == 303
    assert (await client.get("/staff/import")).status_code == 200


async def test_giving_it_again_changes_nothing(database):
    for _ in range(2):
        await staffing.give_role(email="ruth@council.example", name="Ruth Lane", kind="county_admin")
    assert (
        await Person.all().count(),
        await Role.all().count(),
        await AuditEvent.filter(verb="give role").count(),
    ) == (1, 1, 1)


async def test_one_person_works_at_two_hubs(database):
    for _ in range(2):
        hub = await make.location()
        await staffing.give_role(email="maya@council.example", name="Maya", kind="hub_staff", hub_id=hub.id)
    assert (await Person.all().count(), await Role.all().count()) == (1, 2)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"email": "nobody"}, "email"),
        ({"name": " "}, "missing"),
        ({"kind": "emperor", "hub_id": None}, "role"),
        ({"kind": "hub_staff"}, "missing"),
    ],
)
async def test_what_makes_no_sense_is_refused(database, values, rule):
    with pytest.raises(Refused) as refused:
        await staffing.give_role(**{"email": "a@b.example", "name": "Al", "kind": "county_admin"} | values)
    assert rule in refused.value.rules
    assert await Role.all().count() == 0


async def test_a_parent_with_the_same_address_is_left_alone(database):
    parent = await make.person(email="maya@council.example")
    maya = await staffing.give_role(email="maya@council.example", name="Maya", kind="county_admin")
    assert maya.id != parent.id


async def test_taking_the_roles_signs_out_at_once(database):
    maya = await staffing.give_role(email="maya@council.example", name="Maya", kind="county_admin")
    await sign_in(person_id=maya.id, purpose="staff")
    assert await staffing.take_roles(email="maya@council.example") == 1
    assert await SignedIn.all().count() == 0
    with pytest.raises(Refused):
        await staffing.code_for(email="maya@council.example", rules=RULES)


async def test_a_member_of_staff_has_a_mobile_for_tests_of_texts(database):
    await staffing.give_role(email="maya@council.example", name="Maya", kind="county_admin")
    await staffing.give_phone(email="Maya@council.example", phone="07700 900123")
    maya = await Person.get(email="maya@council.example")
    assert (maya.phone, maya.channel) == ("+447700900123", "email")
    assert await AuditEvent.filter(verb="give phone", about_id=maya.id).count() == 1


@pytest.mark.parametrize(
    ("email", "phone", "rule"),
    [
        ("maya@council.example", "seven", "phone"),
        ("maya", "07700900123", "email"),
        ("jo@council.example", "07700900123", "no role"),
    ],
)
async def test_no_mobile_for_whom_it_is_not_or_that_is_none(database, email, phone, rule):
    await staffing.give_role(email="maya@council.example", name="Maya", kind="county_admin")
    await make.person(email="jo@council.example")
    with pytest.raises(Refused) as refused:
        await staffing.give_phone(email=email, phone=phone)
    assert [problem.rule for problem in refused.value.problems] == [rule]
