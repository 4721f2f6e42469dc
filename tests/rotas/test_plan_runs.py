"""A plan from being asked for to its end, and into the draft: whatever happens to the process, the best so far is kept."""

import asyncio
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from booking import clock, db
from booking.people.signing_in import Who, sign_in, who_has
from booking.problems import Refused
from booking.rotas import assigning
from booking.rotas.models import Assignment, PlanRun, Shift
from booking.rotas.planner import applying, passing, running
from booking.rotas.planner.process import Child
from tests import make

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def hub(database):
    """A hub with a week of two-person mornings and three people."""
    at = await make.location(name="Ferndown", kind="hub")
    monday = clock.today() + timedelta(days=7 - clock.today().weekday())
    shifts = [await make.shift(at, date=monday + timedelta(days=n), kind="cover", position=position) for n in range(3) for position in (1, 2)]  # fmt: skip
    people = [await make.worker(at, known_as=name) for name in ("Ann Bell", "Bo Carr", "Cy Dent")]
    manager = await make.staff("hub_manager", at.hub_id, name="Tom Field")
    return SimpleNamespace(
        at=at,
        first=monday,
        last=monday + timedelta(days=6),
        shifts=shifts,
        people=people,
        by=await who(manager),
        manager=manager,
    )


async def who(member) -> Who:
    return await who_has(await sign_in(person_id=member.id, purpose="staff"), purpose="staff", idle_hours=8)


async def asked(hub, **values):
    return await running.ask([hub.at.hub_id], hub.first, hub.last, **{"engine": "greedy", "by": hub.by} | values)


async def planned(hub, **values):
    id = await asked(hub, **values)
    await running.work_next(values.get("engine", "greedy"))
    return running.read(await db.row("SELECT * FROM plan_run WHERE id = $1", id))


async def in_draft():
    return {row["shift_id"]: row["staff_id"] for row in await db.rows("SELECT * FROM assignment WHERE layer = 'draft'")}


async def test_a_draft_is_worked_in_a_process_of_its_own(hub):
    run = await planned(hub)
    assert (run["state"], run["words"]) == ("done", "Done.")
    assert len(run["result"]) == 6
    assert run["found"]["open"] == 0
    assert await in_draft() == {}


async def test_it_goes_into_the_draft_and_out_again(hub):
    run = await planned(hub)
    assert await applying.apply(run["id"], by=hub.by) == 6
    assert {str(id): str(staff) for id, staff in (await in_draft()).items()} == run["result"]
    assert await applying.undo(run["id"], by=hub.by) == 6
    assert await in_draft() == {}
    assert (await PlanRun.get(id=run["id"])).state == "undone"


async def test_the_same_input_and_seed_give_the_same_plan(hub):
    one, other = await planned(hub, seed=5), await planned(hub, seed=5)
    assert one["result"] == other["result"]
    assert one["input_hash"] == other["input_hash"]


async def test_pinned_and_published_duties_stay(hub):
    _, bo, cy = hub.people
    await make.assignment(hub.shifts[0], cy, "draft", is_pinned=True)
    await make.assignment(hub.shifts[2], bo)
    run = await planned(hub, keep=False)
    assert not {str(hub.shifts[0].id), str(hub.shifts[2].id)} & run["result"].keys()
    await applying.apply(run["id"], by=hub.by)
    now = await in_draft()
    assert (now[hub.shifts[0].id], now[hub.shifts[2].id]) == (cy.id, bo.id)


async def test_what_stands_in_the_draft_stays_unless_they_say_otherwise(hub):
    for n, one in enumerate(hub.shifts):
        await make.assignment(one, hub.people[n % 2], "draft")
    assert (await planned(hub))["result"] == {}
    assert len((await planned(hub, keep=False))["result"]) == 6


async def test_a_rota_that_changed_since_is_not_overwritten(hub):
    run = await planned(hub)
    await assigning.assign(hub.shifts[0].id, hub.people[2].id, by=hub.by)
    with pytest.raises(Refused) as refused:
        await applying.apply(run["id"], by=hub.by)
    assert len(refused.value.problems) == 1
    assert "Cy Dent is in it now, not nobody." in refused.value.problems[0].words
    assert len(await in_draft()) == 1


async def test_undoing_leaves_what_somebody_changed_since(hub):
    run = await planned(hub)
    await applying.apply(run["id"], by=hub.by)
    await assigning.unassign(hub.shifts[0].id, by=hub.by)
    with pytest.raises(Refused) as refused:
        await applying.undo(run["id"], by=hub.by)
    assert refused.value.rules == {"changed"}
    assert len(await in_draft()) == 5


async def test_of_two_plans_for_the_same_weeks_one_goes_in(hub):
    one, other = await planned(hub), await planned(hub, seed=2)
    await applying.apply(one["id"], by=hub.by)
    with pytest.raises(Refused) as refused:
        await applying.apply(other["id"], by=hub.by)
    assert refused.value.rules == {"changed"}


async def test_plans_are_forgotten_after_three_months(hub):
    await planned(hub)
    await PlanRun.all().update(created_at=clock.now() - timedelta(days=91))
    await asked(hub)
    assert await running.forget_old() == 1


async def test_a_plan_is_applied_once(hub):
    run = await planned(hub)
    await applying.apply(run["id"], by=hub.by)
    with pytest.raises(Refused):
        await applying.apply(run["id"], by=hub.by)


async def test_work_beside_a_session_moves_and_moves_back(hub):
    of = await make.session(date=hub.first + timedelta(days=1), start_time="08:00", end_time="10:00", location=hub.at)
    lead = await make.shift(hub.at, session=of, start="08:00", end="10:00")
    block = await make.shift(hub.at, session=of, kind="preparation", start="07:00", end="08:00")
    await make.assignment(lead, hub.people[0], "draft", is_pinned=True)
    run = await planned(hub)
    assert str(block.id) in run["found"]["moved"]
    await applying.apply(run["id"], by=hub.by)
    moved = await Shift.get(id=block.id)
    assert moved.start_time >= "08:00"
    assert (await Assignment.get(shift_id=block.id, layer="draft")).starts_at == moved.starts_at
    await applying.undo(run["id"], by=hub.by)
    assert (await Shift.get(id=block.id)).start_time == "07:00"


async def test_two_plans_at_once_are_both_worked(hub):
    first, second = (
        await asked(hub),
        await asked(hub, engine="solver") if running.is_solver_there() else await asked(hub),
    )
    await asyncio.gather(running.work_next("greedy"), running.work_next("solver"))
    if not running.is_solver_there():
        await running.work_next("greedy")
    assert {(await PlanRun.get(id=id)).state for id in (first, second)} == {"done"}


async def test_one_run_is_worked_by_one_only(hub):
    await asked(hub)
    said = [await running.work_next("greedy"), await running.work_next("greedy")]
    assert sorted(bool(each) for each in said) == [False, True]


async def test_what_waits_is_stopped_at_once(hub):
    id = await asked(hub)
    await running.stop(id)
    assert (await PlanRun.get(id=id)).state == "stopped"
    assert await running.work_next("greedy") == ""


def slow(monkeypatch, script):
    """In place of our child, one that says a draft and then does as the script says."""

    async def order(self):
        self.until = asyncio.get_running_loop().time() + 60
        return {}

    monkeypatch.setattr(running._Work, "_order", order)
    monkeypatch.setattr("booking.rotas.planner.process.MODULE", ["-c", script])


DRAFT = 'import sys, time, os; sys.stdin.readline(); print(\'{"best": {"given": {"a": "b"}}}\', flush=True); '


async def test_a_process_that_is_killed_leaves_its_best(hub, monkeypatch):
    slow(monkeypatch, DRAFT + "os.kill(os.getpid(), 9)")
    run = await planned(hub)
    assert (run["state"], run["result"]) == ("stopped", {"a": "b"})
    assert run["words"] == "The program that worked on it ended before it was done. This is the best it had found."


async def test_a_process_that_says_nothing_has_failed(hub, monkeypatch):
    slow(monkeypatch, "raise SystemExit(3)")
    run = await planned(hub)
    assert (run["state"], run["result"]) == ("failed", None)


async def test_a_process_out_of_memory_says_so(hub, monkeypatch):
    slow(monkeypatch, DRAFT + 'print(\'{"failed": "memory"}\', flush=True)')
    run = await planned(hub)
    assert run["words"] == "It needed more memory than a plan may use. This is the best it had found."


async def test_a_process_that_does_not_stop_is_ended(hub, monkeypatch):
    monkeypatch.setattr(running, "PATIENCE", 0.3)
    monkeypatch.setattr(running, "LOOKS_EVERY", 0.05)
    slow(monkeypatch, DRAFT + "time.sleep(600)")
    id = await asked(hub)
    work = asyncio.ensure_future(running.work_next("greedy"))
    for _ in range(400):
        await asyncio.sleep(0.05)
        if (await PlanRun.get(id=id)).result:
            break
    await running.stop(id)
    await work
    run = await PlanRun.get(id=id)
    assert (run.state, run.words) == ("stopped", "Stopped. This is the best it had found.")


async def test_a_server_that_stops_ends_the_process_and_keeps_the_best(hub, monkeypatch):
    monkeypatch.setattr(running, "PATIENCE", 0.3)
    slow(monkeypatch, DRAFT + "time.sleep(600)")
    id = await asked(hub)
    await running.work_next("greedy", lambda: True)
    assert (await PlanRun.get(id=id)).state == "stopped"


async def test_a_run_whose_server_died_is_closed_by_the_next(hub):
    id = await asked(hub)
    long_ago = clock.now() - timedelta(minutes=5)
    await PlanRun.filter(id=id).update(state="runs", touched_at=long_ago)
    assert await running.work_next("greedy") == "1 plan whose process died closed"
    assert (await PlanRun.get(id=id)).state == "failed"


async def test_the_child_ends_when_nobody_listens_any_more(hub):
    async with Child({"zone": "Europe/London"}) as child:
        child.process.stdin.close()
        assert await asyncio.wait_for(child.process.wait(), 20) == 1


async def test_a_server_older_than_its_files_says_restart(hub, monkeypatch):
    monkeypatch.setattr(passing, "VERSION", "of yesterday")
    id = await asked(hub)
    await running.work_next("greedy")
    run = await PlanRun.get(id=id)
    assert run.state == "failed" and "restarted" in run.words


async def test_memory_is_capped(hub):
    """With hardly any memory the child ends, and the run says why or that it ended."""
    id = await asked(hub)
    run = running.read(await db.row("SELECT * FROM plan_run WHERE id = $1", id))
    order = await running._Work(run, lambda: False)._order()
    async with Child({**order, "memory_mb": 16}) as child:
        said = [each async for each in child.said()]
        assert await child.process.wait() != 0
    assert not any("done" in each for each in said)


@pytest.mark.parametrize("values", [{"first": date(2020, 1, 6)}, {"last": date(2999, 1, 1)}])
async def test_days_that_are_over_and_too_many_weeks_are_refused(hub, values):
    days = {"first": hub.first, "last": hub.last} | values
    with pytest.raises(Refused):
        await running.ask([hub.at.hub_id], days["first"], days["last"], engine="greedy", by=hub.by)


async def test_managers_plan_their_own_hubs_alone(hub):
    other = await make.location(name="Poole", kind="hub")
    with pytest.raises(Refused):
        await running.ask([other.hub_id], hub.first, hub.last, engine="greedy", by=hub.by)


async def test_without_the_solver_it_says_so(hub, monkeypatch):
    monkeypatch.setattr(running, "is_solver_there", lambda: False)
    with pytest.raises(Refused) as refused:
        await asked(hub, engine="solver")
    assert refused.value.rules == {"no solver"}
