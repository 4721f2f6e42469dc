"""People on the rota are added, changed, ended and taken back; their address is a key, so not everybody may change it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking import clock, db
from booking.people.models import Person, Role, SignedIn
from booking.people.signing_in import Who, sign_in
from booking.problems import Refused
from booking.rotas import loading
from booking.rotas.models import StaffProfile
from booking.rotas.people_who_work import keeping
from booking.rotas.people_who_work.keeping import end_worker, save_worker, take_back
from booking.rotas.people_who_work.worker_facts import Facts
from booking.rotas.values import Stretch
from tests import make
from tests.rotas.making import who_of

pytestmark = pytest.mark.anyio


def who(member: Person, kind: str = "hub_manager", hub_id=None) -> Who:
    hubs = [hub_id] if hub_id else []
    return who_of(member, *hubs, kind=kind)


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown")


@pytest.fixture
async def manager(hub):
    return who(await make.staff("hub_manager", hub.id), hub_id=hub.id)


def sam(hub, **values) -> Facts:
    own = {
        "known_as": "Sam Green",
        "kind": "staff",
        "hub_id": hub.id,
        "email": "sam@hub.example",
        "weekly_minutes": 2220,
    }
    return Facts(**own | values)


async def test_somebody_new_gets_a_profile_a_role_and_a_pattern_that_rotas_read(hub, manager):
    pattern = (Stretch(0, "09:00", "17:00"), Stretch(2, "09:00", "12:00", "prefers", week=1))
    id = await save_worker(sam(hub, pattern=pattern, base_id=hub.id), by=manager)
    [loaded] = await loading.workers_of([hub.id])
    assert (loaded.id, loaded.name, set(loaded.pattern)) == (id, "Sam Green", set(pattern))
    person = await Person.get(email="sam@hub.example")
    assert await Role.exists(person_id=person.id, kind="worker", hub_id=hub.id)
    assert person.family_id is None


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"kind": "volunteer"}, "no contract"),
        ({"weekly_minutes": None}, "missing"),
        ({"kind": "partner", "weekly_minutes": None}, "missing"),
        ({"email": None}, "missing"),
        ({"postcode": "ZZ9 9ZZ"}, "postcode"),
    ],
)
async def test_facts_that_break_the_rules_of_their_kind_are_refused(hub, manager, values, rule):
    with pytest.raises(Refused) as refused:
        await save_worker(sam(hub, **values), by=manager)
    assert rule in refused.value.rules
    assert await StaffProfile.all().count() == 0


async def test_a_partner_worker_is_of_an_organisation_at_named_places(hub, manager):
    of = await make.organisation()
    facts = sam(hub, kind="partner", weekly_minutes=None, organisation_id=of.id, works_at=(hub.id,))
    await save_worker(facts, by=manager)
    [loaded] = await loading.workers_of([hub.id])
    assert loaded.works_at == frozenset({hub.id})
    assert loaded.weekly_minutes is None


async def test_a_name_is_nobody_elses_however_it_is_written(hub, manager):
    await save_worker(sam(hub), by=manager)
    with pytest.raises(Refused) as refused:
        await save_worker(sam(hub, known_as="sam GREEN", email="other@hub.example"), by=manager)
    assert refused.value.rules == {"name taken"}


async def test_a_member_of_staff_keeps_what_they_have_and_joins_the_rota(hub, manager):
    maya = await make.staff("hub_staff", hub.id, email="maya@hub.example")
    id = await save_worker(sam(hub, known_as="Maya Okafor", email="maya@hub.example"), by=manager)
    assert (await StaffProfile.get(id=id)).person_id == maya.id
    assert {role.kind for role in await Role.filter(person_id=maya.id)} == {"hub_staff", "worker"}


async def test_a_parents_own_record_is_never_used(hub, manager):
    parent = await make.person(email="sam@hub.example")
    id = await save_worker(sam(hub), by=manager)
    assert (await StaffProfile.get(id=id)).person_id != parent.id


async def test_a_manager_cannot_take_over_who_signs_in_to_more_by_changing_their_address(hub, manager):
    ruth = await make.staff("county_admin", None, email="ruth@county.example")
    profile = await make.worker(hub, person=ruth, known_as="Ruth Osei")
    facts = sam(hub, known_as="Ruth Osei", email="tom@ferndown.example")
    with pytest.raises(Refused) as refused:
        await save_worker(facts, by=manager, staff_id=profile.id)
    assert refused.value.rules == {"admin only"}
    assert (await Person.get(id=ruth.id)).email == "ruth@county.example"


async def test_a_new_address_ends_the_old_sign_in(hub, manager):
    profile = await make.worker(hub)
    await sign_in(person_id=profile.person_id, purpose="worker")
    await save_worker(sam(hub, known_as=profile.known_as, email="new@hub.example"), by=manager, staff_id=profile.id)
    assert not await SignedIn.exists(person_id=profile.person_id)


async def test_another_hubs_manager_changes_and_adds_nobody_here(hub, manager):
    other = await make.location()
    stranger = who(await make.staff("hub_manager", other.id), hub_id=other.id)
    profile = await make.worker(hub)
    for staff_id, at in ((None, hub), (profile.id, hub), (profile.id, other)):
        with pytest.raises(Refused):
            await save_worker(sam(at, known_as="Taken Over"), by=stranger, staff_id=staff_id)
    assert (await StaffProfile.get(id=profile.id)).known_as == profile.known_as


async def test_hub_staff_change_nobody(hub):
    staff = who(await make.staff("hub_staff", hub.id), "hub_staff", hub.id)
    with pytest.raises(Refused):
        await save_worker(sam(hub), by=staff)


async def test_what_is_private_is_not_in_the_trail(hub, manager):
    await make.Postcode.create(postcode="BH229TH", lat=50.8, lon=-1.9)
    profile = await make.worker(hub)
    facts = sam(hub, known_as=profile.known_as, email=None, postcode="BH22 9TH", notes="A bad back")
    await save_worker(facts, by=manager, staff_id=profile.id)
    after = await db.value("SELECT after FROM audit_event WHERE verb = 'change on rota'")
    assert "BH22" not in str(after)
    assert "back" not in str(after)
    assert (await StaffProfile.get(id=profile.id)).lat == 50.8


async def test_saving_the_same_again_writes_nothing(hub, manager):
    id = await save_worker(sam(hub, pattern=(Stretch(0, "09:00", "17:00"),)), by=manager)
    before = await db.value("SELECT COUNT(*) AS n FROM audit_event")
    await save_worker(sam(hub, pattern=(Stretch(0, "09:00", "17:00"),)), by=manager, staff_id=id)
    assert await db.value("SELECT COUNT(*) AS n FROM audit_event") == before


async def test_who_ends_keeps_their_duties_until_somebody_else_has_them(hub, manager):
    profile = await make.worker(hub)
    soon, later = clock.today() + timedelta(days=3), clock.today() + timedelta(days=20)
    early, late = await make.shift(hub, date=soon), await make.shift(hub, date=later)
    for shift in (early, late):
        await make.assignment(shift, profile)
    left = await end_worker(staff_id=profile.id, last_day=soon, why="Moves to Leeds", by=manager)
    assert left == [late.id]
    assert await db.value("SELECT COUNT(*) AS n FROM assignment WHERE staff_id = $1", profile.id) == 4
    assert await Role.exists(person_id=profile.person_id, kind="worker")


async def test_a_door_closes_the_day_after_the_last_and_opens_again(hub, manager):
    profile = await make.worker(hub)
    await end_worker(staff_id=profile.id, last_day=clock.today(), why="Retires", by=manager)
    assert await keeping.close_doors() == 0
    await db.execute("UPDATE staff_profile SET to_date = $1", clock.today() - timedelta(days=1))
    assert await keeping.close_doors() == 1
    assert await keeping.close_doors() == 0
    assert not await Role.exists(person_id=profile.person_id, kind="worker")
    await take_back(staff_id=profile.id, by=manager)
    assert await Role.exists(person_id=profile.person_id, kind="worker", hub_id=hub.id)
    with pytest.raises(Refused):
        await take_back(staff_id=profile.id, by=manager)


async def test_ending_needs_a_reason_and_a_day_after_the_first(hub, manager):
    profile = await make.worker(hub, from_date=clock.today())
    for day, why in ((clock.today(), " "), (clock.today() - timedelta(days=1), "Moves")):
        with pytest.raises(Refused):
            await end_worker(staff_id=profile.id, last_day=day, why=why, by=manager)


async def test_a_move_to_another_hub_of_ones_own_takes_the_role_along(hub):
    admin = who(await make.staff("county_admin"), "county_admin")
    profile, other = await make.worker(hub), await make.location()
    facts = replace(sam(other, known_as=profile.known_as), email=None)
    await save_worker(facts, by=admin, staff_id=profile.id)
    assert await Role.exists(person_id=profile.person_id, kind="worker", hub_id=other.id)
