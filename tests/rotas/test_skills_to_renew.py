"""Who has a skill to renew: on the list, in the list of skills and on Today, each the same people."""

from datetime import timedelta

import pytest

from booking import clock
from booking.rotas import to_decide
from booking.rotas.models import Skill, StaffProfile, StaffSkill
from booking.rotas.people_who_work import worker_lists
from tests import make
from tests.rotas.making import who_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def held(worker, code: str, *, until: int | None) -> None:
    """Until so many days from now."""
    skill = await Skill.get(code=code)
    last = None if until is None else clock.today() + timedelta(days=until)
    await StaffSkill.create(staff=worker, skill=skill, from_date=clock.today() - timedelta(days=900), to_date=last)


@pytest.fixture
async def hub():
    await make.skill("first-aid")
    await make.skill("keyholder")
    return await make.location()


@pytest.mark.parametrize(
    ("held_until", "has_to_renew"),
    [([-1], True), ([0], True), ([60], True), ([61], False), ([None], False), ([-1, 200], False), ([-1, None], False), ([-300, 30], True)],
)  # fmt: skip
async def test_it_is_asked_for_until_it_is_renewed(hub, held_until, has_to_renew):
    ann = await make.worker(hub, known_as="Ann")
    for until in held_until:
        await held(ann, "first-aid", until=until)
    tom = who_of(await make.staff("hub_manager", hub.id), hub.id)
    found = await worker_lists.find(worker_lists.Wanted(expiring=True), tom)
    assert [each["known_as"] for each in found] == (["Ann"] if has_to_renew else [])
    counted = {each["code"]: each["expiring"] for each in await worker_lists.skills(tom)}
    assert counted == {"first-aid": int(has_to_renew), "keyholder": 0}
    assert (await to_decide.how_many(tom))["skills"] == int(has_to_renew)


async def test_people_are_counted_once_and_those_of_other_hubs_or_who_left_are_not(hub):
    for name, where in (("Ann", hub), ("Bea", await make.location()), ("Cem", hub)):
        worker = await make.worker(where, known_as=name)
        await held(worker, "first-aid", until=3)
        await held(worker, "keyholder", until=-3)
        if name == "Cem":
            await StaffProfile.filter(id=worker.id).update(to_date=clock.today() - timedelta(days=1))
    manager, staff = await make.staff("hub_manager", hub.id), await make.staff("hub_staff", hub.id)
    ruth = who_of(await make.staff("county_admin", None), kind="county_admin")
    for who, at, count in [
        (who_of(manager, hub.id), None, 1), (who_of(manager, hub.id), hub.id, 1), (ruth, None, 2), (ruth, hub.id, 1),
        (who_of(staff, hub.id, kind="hub_staff"), None, 0),
    ]:  # fmt: skip
        assert (await to_decide.how_many(who, at))["skills"] == count


async def test_today_leads_a_manager_to_them(client, hub):
    await held(await make.worker(hub, known_as="Ann"), "first-aid", until=3)
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    page = (await client.get("/staff")).text
    assert "1 person has a skill to renew" in page
    assert "Ann" in (await client.get("/staff/workers?expiring=yes")).text
