"""Two planners save for the same room at the same moment, and a process is killed half-way: whole, or not at all (P1, P9)."""

import asyncio
import json
import sys
import time
from datetime import timedelta

import pytest

from booking import clock
from booking.places.models import RoomBooking, RoomHold
from booking.problems import Refused
from booking.programmes.models import Run, Session, Skip
from booking.programmes.plans import drafts, planning, publishing, writing_dates
from booking.programmes.plans.publishing import Terms
from booking.settings import ROOT
from tests.programmes import planning_calls

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PLANNERS = 6


def when() -> dict[str, object]:
    first = clock.today() + timedelta(days=30)
    return {"first": first.isoformat(), "weekday": (str(first.weekday()),), "term_time_only": ""}


async def counts() -> tuple[int, ...]:
    return tuple([await table.all().count() for table in (Run, Session, Skip, RoomBooking, RoomHold)])


async def process(database, desk, how: str, start: float) -> asyncio.subprocess.Process:
    typed = {name: getattr(planning_calls.typed(desk, **when()), name) for name in ("programme", "room", "creche_room",
        "weekday", "start", "end", "first", "sessions", "places", "creche_places")}  # fmt: skip
    command = (sys.executable, "-m", "tests.programmes.planning_worker", database.url, str(start), how,
               json.dumps(typed), str(desk.by.id), str(desk.hub.id))  # fmt: skip
    return await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def test_of_two_processes_that_save_the_same_room_one_gets_it_whole_and_one_is_told(real_database):
    desk = await planning_calls.desk()
    start = time.monotonic() + 3
    both = [await process(real_database, desk, "lives", start) for _ in range(2)]
    said = sorted([(await each.communicate())[0].decode().strip() for each in both])
    assert said == ["room taken", "saved"]
    assert await counts() == (2, 24, 0, 24, 24)


async def test_of_many_at_once_one_is_saved_and_nothing_is_half_saved(real_database):
    desk = await planning_calls.desk()
    asked = planning_calls.asked(desk, **when())
    results = await asyncio.gather(*(planning.save(asked, by=desk.by) for _ in range(PLANNERS)), return_exceptions=True)
    refused = [each for each in results if isinstance(each, Refused)]
    assert len(refused) == PLANNERS - 1
    assert {each.problems[0].rule for each in refused} == {"room taken"}
    assert await counts() == (2, 24, 0, 24, 24)


async def test_killed_half_way_it_leaves_nothing(real_database):
    desk = await planning_calls.desk()
    killed = await process(real_database, desk, "dies", time.monotonic())
    await killed.communicate()
    assert killed.returncode == 9
    assert await counts() == (0, 0, 0, 0, 0)
    await planning.save(planning_calls.asked(desk, **when()), by=desk.by)
    assert await counts() == (2, 24, 0, 24, 24)


async def test_a_change_that_fails_at_the_end_leaves_the_draft_as_it_was(real_database, monkeypatch):
    desk = await planning_calls.desk()
    asked = planning_calls.asked(desk, **when())
    run_id = await planning.save(asked, by=desk.by)
    before = await Session.all().order_by("id").values()

    async def broken(*_):
        raise RuntimeError("the lights go out")

    monkeypatch.setattr(writing_dates, "_write_skips", broken)
    skip = planning_calls.skipping(asked, asked.rule.first_date + timedelta(days=7))
    with pytest.raises(RuntimeError):
        await drafts.change(run_id, skip, by=desk.by)
    assert await Session.all().order_by("id").values() == before
    assert await counts() == (2, 24, 0, 24, 24)


async def test_a_draft_is_published_once_and_discarded_or_published_but_not_both(real_database):
    desk = await planning_calls.desk()
    run_id = await planning.save(planning_calls.asked(desk, **when()), by=desk.by)
    acts = [publishing.publish(run_id, Terms(), by=desk.by, undo_minutes=10) for _ in range(3)]
    results = await asyncio.gather(*acts, drafts.discard(run_id, by=desk.by), return_exceptions=True)
    assert sum(isinstance(each, Refused) for each in results) == 3
    runs = await Run.all()
    assert not runs or {run.state for run in runs} == {"published"}
    assert await RoomHold.all().count() == (24 if runs else 0)
