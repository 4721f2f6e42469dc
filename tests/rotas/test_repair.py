"""Somebody is ill: what they had is open in both layers, people hear after ten minutes, and it can be undone before."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.problems import Refused
from booking.rotas import assigning
from booking.rotas.models import Assignment, Leave
from booking.rotas.repair import accepting, ill, proposing, searching
from tests import make
from tests.rotas.covering import DAY, MORNING, Hub, messages, seats
from tests.rotas.making import who_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


def pairs_of(steps):
    """shift -> who does it before and after, of all moves."""
    return {move.duty.id: (move.before, move.after) for step in steps for move in step.moves}


@pytest.fixture
async def hub():
    with time_machine.travel(MORNING, tick=False):
        yield await Hub.make()


async def test_what_they_had_is_open_in_both_layers_and_they_are_away(hub):
    opened = await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    assert list(opened.shift_ids) == [hub.early.id, hub.late.id]
    assert await seats(hub.early) == await seats(hub.late) == {}
    leave = await Leave.get(staff_id=hub.sam.id)
    assert (leave.kind, leave.state, leave.first_date, leave.last_date) == ("sick", "approved", DAY, DAY)
    told = await db.row("SELECT kind, due_at, body FROM message WHERE person_id = $1", hub.sam.person_id)
    assert told["kind"] == "duty_changed" and told["due_at"] == opened.undo_until
    assert "sick" not in told["body"].lower()


async def test_the_preview_is_the_act_and_changes_nothing(hub):
    seen = await ill.preview(hub.sam.id, DAY, DAY, hub.tom)
    assert list(seen.shift_ids) == [hub.early.id, hub.late.id]
    assert await Leave.all().count() == 0 and await messages() == [] and len(await Assignment.all()) == 4


async def test_why_somebody_is_away_stands_in_no_trail(hub):
    await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    rows = await db.rows("SELECT why FROM audit_event WHERE about_kind = 'shift'")
    assert rows and all("ill" not in row["why"] and "sick" not in row["why"] for row in rows)


async def test_a_draft_in_which_somebody_else_is_planned_already_stays(hub):
    await Assignment.filter(shift_id=hub.late.id, layer="draft").delete()
    await make.assignment(hub.late, hub.kim, "draft")
    await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    assert await seats(hub.late) == {"draft": hub.kim.id}


async def test_undone_they_have_everything_again_as_it_was_and_nobody_heard(hub):
    await Assignment.filter(shift_id=hub.early.id).update(answer="accepted", is_pinned=True)
    before = [dict(row) for row in await db.rows("SELECT * FROM assignment ORDER BY id")]
    opened = await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    await ill.undo(event_id=opened.id, by=hub.tom)
    assert [dict(row) for row in await db.rows("SELECT * FROM assignment ORDER BY id")] == before
    assert (await Leave.get(staff_id=hub.sam.id)).state == "withdrawn" and await messages() == []
    with pytest.raises(Refused, match="undone already"):
        await ill.undo(event_id=opened.id, by=hub.tom)


async def test_it_cannot_be_undone_once_somebody_has_one_of_the_duties(hub):
    opened = await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    await assigning.assign(hub.late.id, hub.kim.id, by=hub.tom, layers=assigning.BOTH)
    with pytest.raises(Refused, match="Kim Day has the duty"):
        await ill.undo(event_id=opened.id, by=hub.tom)
    assert await seats(hub.early) == {}, "nothing of it is undone"


async def test_it_cannot_be_undone_when_people_have_been_told(hub):
    opened = await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    with time_machine.travel(MORNING + timedelta(minutes=11), tick=False), pytest.raises(Refused, match="time to undo"):
        await ill.undo(event_id=opened.id, by=hub.tom)


async def test_staff_of_another_hub_report_nobody_and_undo_nothing(hub):
    other = await make.location(name="Wimborne")
    stranger = who_of(await make.staff("hub_manager", other.id), other.id)
    with pytest.raises(Refused):
        await ill.report_ill(hub.sam.id, DAY, DAY, stranger)
    opened = await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    with pytest.raises(Refused):
        await ill.undo(event_id=opened.id, by=stranger)


async def test_a_proposal_moves_nobody_else_where_that_is_possible(hub):
    opened = await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    steps = await proposing.propose(opened.shift_ids, hub.tom)
    assert [each.duty.id for each in steps] == [hub.early.id, hub.late.id]
    assert all(len(each.moves) == 1 and each.chosen for each in steps)
    assert {each.moves[0].after for each in steps} <= {hub.kim.id, hub.lee.id}


async def test_where_nobody_is_free_one_colleague_gives_a_duty_to_another(hub):
    await make.skill("keyholder")
    await db.execute("UPDATE shift SET skills = 'keyholder' WHERE id = $1", hub.early.id)
    ada = await hub.worker("Ada Lane", 4, skills=("keyholder",))
    hers = await hub.shift(start="09:30", end="12:00")
    await make.assignment(hers, ada)
    await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    (step,) = await proposing.propose([hub.early.id], hub.tom)
    assert (step.moves[0].duty.id, step.moves[0].before, step.moves[0].after) == (hub.early.id, None, ada.id)
    assert step.moves[1].duty.id == hers.id and step.moves[1].before == ada.id
    await accepting.accept(pairs_of([step]), by=hub.tom)
    assert (await seats(hub.early))["published"] == ada.id
    assert (await seats(hers))["published"] == step.moves[1].after


async def test_nothing_is_proposed_where_nobody_can_and_nothing_changes_when_nothing_is_open(hub):
    await db.execute("UPDATE shift SET skills = 'nobody-has-it' WHERE id = $1", hub.early.id)
    await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    (step,) = await proposing.propose([hub.early.id], hub.tom)
    assert step.moves == () and step.chosen is None
    assert await proposing.propose([], hub.tom) == []


async def test_taking_a_proposal_writes_both_layers_and_tells_whoever_has_it(hub):
    opened = await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    pairs = pairs_of(await proposing.propose(opened.shift_ids, hub.tom))
    assert await accepting.accept(pairs, by=hub.tom) == 2
    for shift in (hub.early, hub.late):
        assert set((await seats(shift)).values()) == {pairs[shift.id][1]}
    assert "duty_changed" in [*await messages(hub.kim), *await messages(hub.lee)]


async def test_a_proposal_that_is_overtaken_is_refused_as_a_whole(hub):
    opened = await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    pairs = pairs_of(await proposing.propose(opened.shift_ids, hub.tom))
    await assigning.assign(hub.early.id, hub.lee.id, by=hub.tom)
    with pytest.raises(Refused, match="changed since"):
        await accepting.accept(pairs, by=hub.tom)
    assert await seats(hub.late) == {}


async def test_a_shift_under_way_stays_with_whoever_is_in_it(hub):
    with time_machine.travel(clock.at(DAY, "10:00"), tick=False):
        opened = await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    assert list(opened.shift_ids) == [hub.late.id] and set((await seats(hub.early)).values()) == {hub.sam.id}


async def test_where_no_single_exchange_helps_the_search_finds_several_moves(hub, monkeypatch):
    """Ada alone holds two keys; Ben, who could take hers, must give his own to Cas."""
    for code in ("keyholder", "first-aid", "food"):
        await make.skill(code)
    ada = await hub.worker("Ada Lane", 4, skills=("keyholder", "first-aid"))
    ben = await hub.worker("Ben Oak", 5, skills=("first-aid", "food"))
    cas = await hub.worker("Cas Moe", 6, skills=("food",))
    hers, his = await hub.shift(skills="first-aid"), await hub.shift(skills="food")
    await make.assignment(hers, ada)
    await make.assignment(his, ben)
    await db.execute("UPDATE shift SET skills = 'keyholder' WHERE id = $1", hub.early.id)
    await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    (step,) = await proposing.propose([hub.early.id], hub.tom, hub.sam.id)
    assert {it.duty.id: it.after for it in step.moves} == {hub.early.id: ada.id, hers.id: ben.id, his.id: cas.id}
    assert step.moves[0].duty.id == hub.early.id
    assert await accepting.accept(pairs_of([step]), by=hub.tom) == 3
    assert (await seats(his))["published"] == cas.id
    monkeypatch.setattr(searching.solver, "is_installed", lambda: False)
    assert await proposing.propose([], hub.tom) == []


async def test_without_the_solver_or_in_too_long_a_time_the_quick_search_stays(hub, monkeypatch):
    await db.execute("UPDATE shift SET skills = 'nobody-has-it' WHERE id = $1", hub.early.id)
    opened = await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)
    monkeypatch.setattr(searching, "PATIENCE", 0.01)
    steps = await proposing.propose(opened.shift_ids, hub.tom, hub.sam.id)
    assert [bool(each.moves) for each in steps] == [False, True]
    monkeypatch.setattr(searching.solver, "is_installed", lambda: False)
    assert await proposing.propose(opened.shift_ids, hub.tom, hub.sam.id) == steps
