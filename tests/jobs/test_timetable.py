"""The timetable starts, does its jobs, survives their failures, writes down that it lives, and stops cleanly."""

import asyncio

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from booking import clock, db
from jobs import ticks, timetable
from jobs.timetable import Job, Timetable

pytestmark = pytest.mark.usefixtures("emptied")


def often(run, name="job"):
    return Job(name, IntervalTrigger(seconds=0.05), run)


async def tick(name="job"):
    return await db.row("SELECT * FROM tick WHERE name = $1", name)


async def until(is_so):
    async with asyncio.timeout(20):
        while not await is_so():  # noqa: ASYNC110  the row has no event to wait for
            await asyncio.sleep(0.01)


async def test_runs_at_once_and_writes_down_what_it_did(configured):
    async def work(settings, timetable):
        return "3 sent"

    table = Timetable(configured, [often(work)])
    await table.start()
    await until(tick)
    await table.stop()
    line = await tick()
    assert line["last_result"] == "3 sent" and line["last_error"] == ""
    assert line["last_started_at"] <= line["last_finished_at"]


async def test_a_failing_job_is_written_down_and_runs_again(configured, caplog):
    is_down = True

    async def work(settings, timetable):
        if is_down:
            raise RuntimeError("no database")
        return "well again"

    async def is_failing():
        return (await tick() or {"last_error": ""})["last_error"]

    async def is_well():
        return not await is_failing()

    table = Timetable(configured, [often(work)])
    await table.start()
    await until(is_failing)
    assert "RuntimeError: no database" in await is_failing()
    is_down = False
    await until(is_well)
    await table.stop()
    assert "job job failed" in caplog.text


async def test_stop_waits_for_what_is_under_way(configured):
    begun, ended = asyncio.Event(), []

    async def work(settings, timetable):
        begun.set()
        await asyncio.sleep(0.3)
        ended.append(1)
        return ""

    table = Timetable(configured, [often(work)])
    await table.start()
    await begun.wait()
    await table.stop()
    assert ended == [1] and await tick()


async def test_stop_cuts_off_what_does_not_end(configured):
    begun = asyncio.Event()

    async def work(settings, timetable):
        begun.set()
        await asyncio.sleep(3600)
        return ""

    table = Timetable(configured, [often(work)], patience=0.1)
    await table.start()
    await begun.wait()
    async with asyncio.timeout(20):
        await table.stop()


async def test_a_slow_job_is_not_started_twice_and_holds_up_no_other(configured):
    at_once, most, slow_runs, quick_runs = 0, 0, 0, 0

    async def slow(settings, timetable):
        nonlocal at_once, most, slow_runs
        at_once, slow_runs = at_once + 1, slow_runs + 1
        most = max(most, at_once)
        await asyncio.sleep(0.3)
        at_once -= 1
        return ""

    async def quick(settings, timetable):
        nonlocal quick_runs
        quick_runs += 1
        return ""

    async def have_run():
        return slow_runs >= 2 and quick_runs > slow_runs

    table = Timetable(configured, [often(slow, "slow"), often(quick, "quick")])
    await table.start()
    await until(have_run)
    await table.stop()
    assert most == 1


async def test_error_stays_until_a_run_without_one_and_the_result_until_a_new_one(configured):
    await ticks.write_down("job", clock.now(), result="5 sent")
    await ticks.write_down("job", clock.now(), error="oops")
    assert ((await tick())["last_result"], (await tick())["last_error"]) == ("5 sent", "oops")
    await ticks.write_down("job", clock.now())
    assert ((await tick())["last_result"], (await tick())["last_error"]) == ("5 sent", "")


async def test_every_line_runs_on_an_empty_database(configured):
    table = Timetable(configured)
    for line in timetable.jobs(configured):
        await line.run(configured, table)


async def test_when_a_job_last_ended_is_known_to_whoever_runs_next(configured):
    assert await ticks.last_finished("job") is None
    before = clock.now()
    await ticks.write_down("job", before)
    last = await ticks.last_finished("job")
    assert last is not None and before <= last <= clock.now()
