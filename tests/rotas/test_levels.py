"""A higher level of a skill counts as the lower one, as long as it is valid."""

from datetime import date

import pytest

from booking.rotas import loading, rules
from booking.rotas.models import Skill, StaffSkill
from tests import make
from tests.rotas.making import duty

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
MONDAY = date(2027, 1, 11)


async def broken(sam, *codes, day=0):
    [worker] = await loading.workers_of(None, only=[sam.id])
    found = rules.unfit(worker, duty(day=day, skills=frozenset(codes)))
    return {each.rule for each in found} & {"skill", "skill_expired"}


async def test_level_three_is_level_two_too_and_not_the_other_way_round():
    await make.skill("safeguarding-2")
    await make.skill("safeguarding-3", includes="safeguarding-2")
    three, two = await make.worker(skills=["safeguarding-3"]), await make.worker(skills=["safeguarding-2"])
    assert await broken(three, "safeguarding-2", "safeguarding-3") == set()
    assert await broken(two, "safeguarding-2") == set()
    assert await broken(two, "safeguarding-3") == {"skill"}


async def test_it_counts_as_long_as_the_higher_one_does():
    await make.skill("safeguarding-2")
    await make.skill("safeguarding-3", includes="safeguarding-2")
    sam = await make.worker(skills=["safeguarding-3"])
    await StaffSkill.filter(staff=sam).update(to_date=MONDAY)
    assert await broken(sam, "safeguarding-2", day=1) == {"skill_expired"}
    two = await Skill.get(code="safeguarding-2")
    await StaffSkill.create(staff=sam, skill=two, from_date=MONDAY)
    assert await broken(sam, "safeguarding-2", day=1) == set()


async def test_whole_rotas_know_it_too():
    hub = await make.location()
    for code, includes in (("safeguarding-2", ""), ("first-aid", ""), ("safeguarding-3", "safeguarding-2 first-aid")):
        await make.skill(code, includes=includes)
    await make.worker(hub, skills=["safeguarding-3"])
    plan = await loading.load([hub.id], MONDAY, MONDAY)
    assert set(plan.workers[0].skills) == {"safeguarding-3", "safeguarding-2", "first-aid"}


async def test_what_is_included_includes_more_in_a_circle_too():
    """Of codes that begin alike each is its own."""
    for code, includes in (
        ("level-1", "level-3"),
        ("level-2", "level-1"),
        ("level-3", "level-2"),
        ("level", ""),
        ("vel-1", ""),
    ):
        await make.skill(code, includes=includes)
    sam = await make.worker(skills=["level-3"])
    [worker] = await loading.workers_of(None, only=[sam.id])
    assert set(worker.skills) == {"level-1", "level-2", "level-3"}
    assert [len(held) for held in worker.skills.values()] == [1, 1, 1]
