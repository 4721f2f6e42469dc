"""Why nobody can: every named blocker really blocks, and what would help helps."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from booking import db
from booking.rotas import rules
from booking.rotas.planner import greedy
from booking.rotas.planner.explaining import Explainer
from booking.rotas.planner.planned import whole
from booking.rotas.values import Away, Held, Plan, Rules, Stretch
from tests.rotas.county import MONDAY, county
from tests.rotas.making import duty, place, worker

NAMES = {"iy": "Trained in Incredible Years"}
IY = {"iy": (Held(),)}
AT = place(needs_two=False)
FAR = {"lat": 51.5, "lon": -0.1}


def explained(workers, one, others=(), given=None, names=NAMES):
    plan = Plan(MONDAY, MONDAY + timedelta(days=6), workers, [one, *others], given or {})
    return Explainer(plan, given or {}, names).explain(one.id)


def course(day=1):
    return duty(AT, day, kind="facilitator", session_id=db.new_id(), skills=frozenset({"iy"}))


def rules_of(found):
    return {each.rule: each.people for each in found.blockers}


def test_it_says_which_rule_stands_in_the_way_for_whom():
    tuesday = MONDAY + timedelta(days=1)
    ann = worker(name="Ann", skills=IY, leave=(Away(tuesday, tuesday),))
    bo = worker(name="Bo", skills=IY, leave=(Away(tuesday, tuesday),))
    cy, far = worker(name="Cy"), worker(name="Far", skills=IY, **FAR)
    found = explained([ann, bo, cy, far], course())
    assert rules_of(found) == {"leave": (ann.id, bo.id), "skill": (cy.id,), "too_far": (far.id,)}
    assert found.words.startswith(
        "Nobody trained in Incredible Years is free on Tue 12 Jan, 9am to 1pm: Ann and Bo are on leave."
    )
    assert "Cy is free then and near enough, without “Trained in Incredible Years”" in found.helps[-1]


def test_a_colleague_who_could_stand_in_is_named():
    ann, bo = worker(name="Ann", skills=IY), worker(name="Bo")
    desk = duty(AT, 1, title="Front desk")
    found = explained([ann, bo], course(), [desk], {desk.id: ann.id})
    assert rules_of(found)["double"] == (ann.id,)
    assert found.helps[0] == "If Bo took Front desk (9am to 1pm), Ann could do this."


def test_a_skill_that_ran_out_need_only_be_renewed():
    ann = worker(name="Ann", skills={"iy": (Held(to_date=MONDAY),)})
    [help] = explained([ann], course()).helps
    assert "Renewing it would be enough." in help and "“Trained in Incredible Years” of Ann expired" in help


def test_who_would_be_alone_needs_a_second_person():
    ann, one = worker(name="Ann"), duty(place(), 1)
    found = explained([ann], one)
    assert rules_of(found) == {"alone": (ann.id,)}
    assert found.helps == ("A second person in the building at that time: then Ann could do it.",)


def test_who_is_free_after_all_is_said():
    ann = worker(name="Ann")
    found = explained([ann], duty(AT, 1))
    assert found.free == (ann.id,)
    assert found.words == "Ann could do it on Tue 12 Jan, 9am to 1pm."


def test_where_there_is_nobody_it_says_so():
    found = explained([], course())
    assert (
        found.words == "Nobody trained in Incredible Years is free on Tue 12 Jan, 9am to 1pm: nobody here is trained."
    )
    assert found.helps


def relieved(worker, rule, one):
    """The same person without what stood in the way."""
    more = {code: (Held(),) for code in one.skills}
    return {
        "skill": lambda: replace(worker, skills={**worker.skills, **more}),
        "skill_expired": lambda: replace(worker, skills={**worker.skills, **more}),
        "place": lambda: replace(worker, works_at=None),
        "too_far": lambda: replace(worker, max_travel_minutes=10_000),
        "leave": lambda: replace(worker, leave=()),
        "pattern": lambda: replace(worker, pattern=(*worker.pattern, *(Stretch(day, "00:00", "24:00") for day in range(7)))),
        "hours": lambda: replace(worker, weekly_minutes=10_000),
        "saturdays": lambda: replace(worker, saturdays_in_four=4),
        "evenings": lambda: replace(worker, evenings_in_week=7),
        "days_in_row": lambda: replace(worker, days_in_row=99),
    }.get(rule, lambda: None)()  # fmt: skip


def test_work_beside_a_session_is_for_whoever_leads_it():
    lead = course()
    block = duty(AT, 1, "08:00", "09:00", kind="preparation", session_id=lead.session_id)
    ann, bo = worker(name="Ann", skills=IY, pattern=(Stretch(1, "09:00", "13:00"),)), worker(name="Bo")
    found = explained([ann, bo], block, [lead], {lead.id: ann.id})
    assert rules_of(found) == {"pattern": (ann.id,)}
    assert found.words.startswith("Ann leads this session, and does not work at that time")
    assert explained([ann, bo], block, [lead]).words.startswith("Nobody leads this session yet")


@pytest.mark.parametrize("seed", range(3))
def test_without_a_named_blocker_the_answer_changes(seed):
    plan = county(staff=10, hubs=4, weeks=2, sessions=20, seed=seed)
    given = whole(plan, greedy.plan(plan).given)
    explainer = Explainer(plan, given, NAMES)
    tried = 0
    for gap in explainer.gaps()[::7]:
        found = explainer.explain(gap.id)
        assert sum(len(each.people) for each in found.blockers) + len(found.free) == len(plan.workers)
        for blocker in found.blockers:
            one = next(each for each in plan.workers if each.id == blocker.people[0])
            other = relieved(one, blocker.rule, gap.duty)
            if other is not None:
                changed = replace(plan, workers=[other if each is one else each for each in plan.workers])
                again = Explainer(changed, given, NAMES).explain(gap.id)
                assert one.id not in rules_of(again).get(blocker.rule, ()), (blocker, gap.duty)
                tried += 1
    assert tried > 20


def test_a_named_blocker_is_a_rule_that_is_broken():
    plan = county(staff=10, hubs=4, weeks=1, sessions=20)
    given = whole(plan, greedy.plan(plan).given)
    explainer = Explainer(plan, given)
    for gap in explainer.gaps()[:20]:
        for blocker in explainer.explain(gap.id).blockers:
            for one in (each for each in plan.workers if each.id in blocker.people and blocker.rule != "alone"):
                own = [each for each in plan.duties if given.get(each.id) == one.id]
                assert blocker.rule in {it.rule for it in rules.would_break(one, gap.duty, own, Rules())}


def test_explaining_leaves_the_plan_as_it_was_and_is_quick():
    plan = county(staff=120, hubs=12, sites=25, weeks=1, sessions=90)
    given = whole(plan, greedy.plan(plan).given)
    explainer = Explainer(plan, given)
    gaps = explainer.gaps()[:30]
    began = time.process_time()
    for gap in gaps:
        explainer.explain(gap.id)
    assert (time.process_time() - began) / max(1, len(gaps)) < 0.02
    assert explainer.crew.given == given
