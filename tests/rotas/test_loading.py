"""What a plan holds of the rows: who is alone is judged only where everybody who is there was read."""

from datetime import timedelta

from booking.rotas import loading, rules
from booking.rotas.values import Plan
from tests import make
from tests.rotas.making import MONDAY, duty, place, worker


def alone_in(plan):
    return [one.words for one in rules.check(plan) if one.rule == "alone"]


async def test_beside_colleagues_of_another_hub_nobody_is_alone(database):
    home, there = await make.location(), await make.location()
    sam, kim = await make.worker(home), await make.worker(there)
    for who, position in ((sam, 1), (kim, 2)):
        await make.assignment(await make.shift(there, date=MONDAY, position=position), who)
    assert alone_in(await loading.load([home.id], MONDAY, MONDAY)) == []
    assert alone_in(await loading.load([there.id], MONDAY, MONDAY)) == []
    assert alone_in(await loading.load(None, MONDAY, MONDAY)) == []


async def test_who_is_alone_at_these_hubs_in_the_window_is_said(database):
    home, there = await make.location(), await make.location()
    sam = await make.worker(home, known_as="Sam Green")
    for at, days in ((home, 0), (there, 1), (home, 7)):
        await make.assignment(await make.shift(at, date=MONDAY + timedelta(days=days)), sam)
    (said,) = alone_in(await loading.load([home.id], MONDAY, MONDAY + timedelta(days=6)))
    assert said.startswith("Sam Green would be alone at ")
    assert "Mon 11 Jan" in said


def test_a_plan_knows_everybody_at_its_hubs_in_its_window():
    here, elsewhere, sam = place(), place(), worker()
    duties = [duty(here, 0), duty(here, 1), duty(elsewhere, 0)]
    plan = Plan(MONDAY, MONDAY, [sam], duties, {}, hub_ids=frozenset([here.hub_id]))
    assert plan.known == duties[:1]
