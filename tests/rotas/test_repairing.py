"""Somebody is ill: the rota is mended with the fewest changes, and not at all where nothing happened."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.rotas.planner import decomposed, repairing, solver
from booking.rotas.planner.checking import hard_ones
from booking.rotas.planner.planned import whole
from booking.rotas.values import Away, Held, Plan
from tests.rotas.making import MONDAY, duty, place, worker
from tests.rotas.small_plans import small_plan

FERNDOWN, WAREHAM = place(), place(name="Wareham", lat=50.686, lon=-2.111)
ILL = (Away(MONDAY, MONDAY, kind="sick"),)


@pytest.fixture(params=["solver", "without it"], autouse=True)
def engine(request, monkeypatch):
    if request.param == "without it":
        monkeypatch.setattr(solver, "is_installed", lambda: False)
    elif not solver.is_installed():
        pytest.skip("highspy is an extra")
    return request.param


def plan_of(workers, duties, given, **more):
    return Plan(MONDAY, MONDAY + timedelta(days=6), workers, duties, given, was=dict(given), **more)


def pair(at=FERNDOWN, **values):
    return [duty(at, position=n, **values) for n in (1, 2)]


def test_nothing_happened_and_nothing_changes_however_much_could_be_better():
    sam, kim, ann = worker(name="Sam", lat=51.0), worker(name="Kim", lat=51.0), worker(name="Ann")
    duties = [*pair(), *pair(day=1)]
    plan = plan_of([sam, kim, ann], duties, {duties[0].id: sam.id, duties[1].id: kim.id})
    mended = decomposed.repair(plan)
    assert mended.given == plan.given
    assert mended.found["way"] == "nothing"
    assert mended.cost.few_changes == 0


def test_whoever_is_free_takes_the_duty_and_nobody_is_moved():
    sam, kim, near, far = worker(leave=ILL), worker(), worker(name="Near"), worker(name="Far", lat=50.9)
    duties = [*pair(), *pair(day=1)]
    given = dict(zip((it.id for it in duties), (sam.id, kim.id, kim.id, sam.id), strict=True))
    mended = decomposed.repair(plan_of([sam, kim, near, far], duties, given))
    assert mended.given == given | {duties[0].id: near.id}
    assert mended.found["way"] == "without_moves"
    assert mended.found["moved"] == []
    assert mended.found["lost"] == [str(duties[0].id)]


def test_a_skill_that_only_somebody_busy_has_moves_them_once(engine):
    """Kim, on the desk with Ann, holds the key that the morning at Wareham needs; Bo, who does not, goes to the desk."""
    key = {"keyholder": (Held(),)}
    sam, kim = worker(name="Sam", leave=ILL, skills=key), worker(name="Kim", skills=key)
    ann, bo, cas = worker(name="Ann"), worker(name="Bo"), worker(name="Cas")
    desk = pair()
    hall = [duty(WAREHAM, skills=frozenset({"keyholder"})), duty(WAREHAM, position=2)]
    given = {desk[0].id: kim.id, desk[1].id: ann.id, hall[0].id: sam.id, hall[1].id: cas.id}
    plan = plan_of([sam, kim, ann, bo, cas], [*desk, *hall], given)
    mended = decomposed.repair(plan)
    if engine == "solver":
        assert mended.given == {desk[0].id: bo.id, desk[1].id: ann.id, hall[0].id: kim.id, hall[1].id: cas.id}
        assert mended.found["moved"] == [str(kim.id)]
        assert mended.found["way"] == "day"
    still = decomposed.repair(plan, moves=False)
    assert still.given == {id: staff for id, staff in given.items() if id != hall[0].id}
    assert still.found["open"] == [str(hall[0].id)]


def test_what_is_pinned_is_not_moved():
    key = {"keyholder": (Held(),)}
    sam, kim, bo = worker(leave=ILL, skills=key), worker(skills=key), worker()
    desk, hall = duty(place(needs_two=False)), duty(place(needs_two=False), skills=frozenset({"keyholder"}))
    given = {desk.id: kim.id, hall.id: sam.id}
    mended = decomposed.repair(plan_of([sam, kim, bo], [desk, hall], given, fixed=frozenset({desk.id})))
    assert mended.given == {desk.id: kim.id}
    assert mended.found["open"] == [str(hall.id)]


def test_what_was_open_before_stays_open():
    sam, kim, ann = worker(leave=ILL), worker(), worker()
    duties = [*pair(), *pair(day=2)]
    mended = decomposed.repair(plan_of([sam, kim, ann], duties, {duties[0].id: sam.id, duties[1].id: kim.id}))
    assert set(mended.given) == {duties[0].id, duties[1].id}


def test_a_duty_taken_from_the_draft_counts_as_lost():
    """Whoever marks the duties open first, as the cover board does, gets the same repair."""
    sam, kim, ann = worker(leave=ILL), worker(), worker()
    duties = pair()
    plan = plan_of([sam, kim, ann], duties, {duties[0].id: sam.id, duties[1].id: kim.id})
    opened = replace(plan, given={duties[1].id: kim.id}, fixed=frozenset({duties[0].id}))
    assert decomposed.repair(opened).given == {duties[0].id: ann.id, duties[1].id: kim.id}


@pytest.mark.parametrize("seed", range(8))
def test_no_repair_breaks_a_rule_that_the_illness_did_not(seed):
    plan = small_plan(seed, people=7)
    plan = replace(plan, duties=[each for each in plan.duties if each.kind != "preparation"])
    planned = decomposed.plan(plan, seconds=5) if solver.is_installed() else decomposed.greedy.plan(plan)
    if not planned.given:
        return
    ill = max(planned.given.values(), key=lambda it: (list(planned.given.values()).count(it), it.bytes))
    away = (Away(MONDAY, MONDAY + timedelta(days=2), kind="sick"),)
    workers = [replace(each, leave=(*each.leave, *away)) if each.id == ill else each for each in plan.workers]
    sick = replace(plan, workers=workers, given=planned.given, was=planned.given)
    mended = decomposed.repair(sick)
    gone = {each.id for each in repairing.lost(sick)}
    kept = {id: staff for id, staff in planned.given.items() if id not in gone}
    assert not hard_ones(sick, whole(sick, mended.given)) - hard_ones(sick, kept)
    assert decomposed.repair(replace(plan, given=planned.given, was=planned.given)).given == planned.given
