"""Preparation and follow-up go with whoever leads, into their own free time."""

from dataclasses import replace
from datetime import timedelta

from booking import db
from booking.rotas import rules
from booking.rotas.planner import greedy, work_blocks
from booking.rotas.planner.planned import whole
from booking.rotas.values import Held, Plan, Stretch
from tests.rotas.county import MONDAY, county
from tests.rotas.making import duty, place, worker

AT = place(needs_two=False)
IY = {"iy": (Held(),)}


def session_with_blocks(day=2, start="10:00", end="12:00"):
    session = db.new_id()
    lead = duty(AT, day, start, end, kind="facilitator", session_id=session, skills=frozenset({"iy"}))
    prepare = duty(AT, day, "09:00", "10:00", kind="preparation", session_id=session)
    follow = duty(AT, day, "12:00", "13:00", kind="follow_up", session_id=session)
    return lead, prepare, follow


def planned(workers, duties, **values):
    return greedy.plan(Plan(MONDAY, MONDAY + timedelta(days=6), workers, duties, values.pop("given", {}), **values))


def test_whoever_leads_has_the_time_beside_it():
    lead, prepare, follow = session_with_blocks()
    ann, ben = worker(name="Ann", skills=IY), worker(name="Ben")
    assert planned([ben, ann], [lead, prepare, follow]).given == {each.id: ann.id for each in (lead, prepare, follow)}


def test_a_block_moves_next_to_the_session_and_else_to_a_day_before_or_after():
    lead, prepare, follow = session_with_blocks(start="09:00", end="12:00")
    prepare = replace(prepare, start="08:00", end="09:00", starts_at=prepare.starts_at - timedelta(hours=1), ends_at=prepare.ends_at - timedelta(hours=1))  # fmt: skip
    hours = tuple(Stretch(day, "09:00", "13:00") for day in (0, 1, 2))
    ann = worker(name="Ann", skills=IY, pattern=hours)
    found = planned([ann], [lead, prepare, follow])
    assert found.given[prepare.id] == found.given[follow.id] == ann.id
    tuesday = (MONDAY + timedelta(days=1)).isoformat()
    assert found.found["moved"] == {str(prepare.id): [tuesday, "12:00", "13:00"]}


def test_what_finds_no_time_stays_open_and_the_session_is_led():
    lead, prepare, follow = session_with_blocks()
    ann = worker(name="Ann", skills=IY, pattern=(Stretch(2, "10:00", "12:00"),))
    assert planned([ann], [lead, prepare, follow]).given == {lead.id: ann.id}


def test_blocks_count_towards_the_hours():
    lead, prepare, follow = session_with_blocks()
    ann = worker(name="Ann", skills=IY, weekly_minutes=180, over_minutes=0)
    assert planned([ann], [lead, prepare, follow]).given == {lead.id: ann.id, prepare.id: ann.id}


def test_a_leader_who_is_pinned_gets_the_blocks_too():
    lead, prepare, follow = session_with_blocks()
    ann = worker(name="Ann", skills=IY)
    found = planned([ann], [lead, prepare, follow], given={lead.id: ann.id}, fixed=frozenset({lead.id}))
    assert found.given == {prepare.id: ann.id, follow.id: ann.id}


def test_another_planners_answer_gets_its_blocks():
    lead, prepare, follow = session_with_blocks()
    ann, ben = worker(name="Ann", skills=IY), worker(name="Ben")
    plan = Plan(MONDAY, MONDAY + timedelta(days=6), [ann, ben], [lead, prepare, follow], {})
    given, moved = work_blocks.settle(plan, {lead.id: ann.id, prepare.id: ben.id})
    assert given == {each.id: ann.id for each in (lead, prepare, follow)}
    assert moved == {}


def test_moved_blocks_break_no_rule_in_a_county():
    plan = county(staff=14, hubs=4, weeks=2, sessions=24, work_blocks=True)
    found = greedy.plan(plan)
    moved = work_blocks.moved_duties(plan, found.found["moved"])
    plan = work_blocks.with_moved(plan, moved)
    assert [one for one in rules.check(plan, whole(plan, found.given)) if one.level != "soft"] == []
