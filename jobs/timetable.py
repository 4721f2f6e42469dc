"""When what runs: one line per job. The jobs are shells around verbs of the areas, safe to run twice or late.

Runs inside `booking serve` or alone as `booking worker`. Nothing is remembered here: what is due stands in the tables,
so any number of timetables may run at once, and one that was down catches up.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from booking import clock
from booking.messages import sender
from booking.programmes.waiting import offer_times
from booking.settings import Settings
from jobs import shells, ticks

logger = logging.getLogger("jobs")
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns whenever a job takes longer than its interval

PATIENCE = 20.0  # seconds that stop() waits for jobs under way; what is cut off then is rescued by the next worker
TICK_EVERY = 15.0  # seconds between writing down that a busy job is alive


@dataclass(frozen=True, slots=True)
class Job:
    """One line: a name, when, and the shell, which gets the settings and says what it did ("" for nothing)."""

    name: str
    when: Any
    run: Callable[[Settings, "Timetable"], Awaitable[str]]


def jobs(settings: Settings) -> list[Job]:
    """The timetable. Daily jobs stay clear of 01:00 to 02:00, which some nights have twice and some not at all."""
    zone = clock.zone()
    bounces = [Job("read bounces", IntervalTrigger(minutes=5), shells.read_bounces)]
    return [
        Job("deliver messages", IntervalTrigger(seconds=settings.jobs.deliver_every_seconds), shells.deliver),
        Job("queue reminders", IntervalTrigger(seconds=30), shells.queue_reminders),
        Job("queue notices", IntervalTrigger(seconds=5), shells.queue_notices),
        Job("remind of duties", IntervalTrigger(seconds=60), shells.remind_of_duties),
        Job("draft rotas", IntervalTrigger(seconds=1), shells.draft_rotas),
        Job("plan rotas", IntervalTrigger(seconds=1), shells.plan_rotas),
        Job("remind partners", IntervalTrigger(seconds=60), shells.remind_partners),
        Job("free expired leases", IntervalTrigger(seconds=30), shells.free_expired_leases),
        Job("offer places", IntervalTrigger(seconds=10), shells.offer_places),
        Job("answer texts", IntervalTrigger(seconds=5), shells.answer_texts),
        Job("settle reports", IntervalTrigger(seconds=5), shells.settle_reports),
        Job("let lapsed requests go", IntervalTrigger(seconds=60), shells.let_lapsed_requests_go),
        Job("offer free dates", IntervalTrigger(seconds=60), shells.offer_free_dates),
        Job("mark missed messages", IntervalTrigger(seconds=60), shells.mark_missed),
        Job("follow timetable", IntervalTrigger(seconds=15), shells.follow_timetable),
        Job("lapse swaps", IntervalTrigger(seconds=60), shells.lapse_swaps),
        Job("fill bank holidays", IntervalTrigger(hours=24), shells.fill_bank_holidays),
        Job("warn partners", CronTrigger(hour=8, minute=25, timezone=zone), shells.warn_partners),
        Job("warn of numbers", CronTrigger(hour="8-18", minute=35, timezone=zone), shells.warn_of_numbers),
        Job("make slots", IntervalTrigger(minutes=30), shells.make_slots),
        Job("tidy", CronTrigger(minute=17, timezone=zone), shells.tidy),
        Job("reconcile counters", CronTrigger(hour=3, minute=40, timezone=zone), shells.reconcile_counters),
        *(bounces if settings.messages.bounce_host else ()),
    ]


class Timetable:
    """Runs the jobs in the current event loop, from start() to stop()."""

    def __init__(self, settings: Settings, lines: list[Job] | None = None, patience: float = PATIENCE):
        self.settings = settings
        self.lines = jobs(settings) if lines is None else lines
        self.patience = patience
        self.worker = shells.worker_name()
        self.is_stopping = False
        self._under_way: set[asyncio.Task[None]] = set()
        self._written_at: dict[str, float] = {}
        self._scheduler = AsyncIOScheduler(
            timezone=clock.zone(), job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )

    async def start(self) -> None:
        """Begins; each job with an interval runs once straight away."""
        sender.use(self.settings)
        offer_times.use(self.settings.offers, self.settings.messages)
        now = clock.now()
        for line in self.lines:
            first = {"next_run_time": now} if isinstance(line.when, IntervalTrigger) else {}
            self._scheduler.add_job(self._run, line.when, args=[line], id=line.name, **first)
        self._scheduler.start()
        for line in self.lines:
            if not isinstance(line.when, IntervalTrigger):  # the others run now, and say so themselves
                await self._announce(line)

    async def _announce(self, line: Job) -> None:
        try:
            await ticks.announce(line.name, line.when.get_next_fire_time(None, clock.now()), rhythm(line.when))
        except Exception:
            logger.exception("job %s could not be announced", line.name)

    async def stop(self) -> None:
        """Starts nothing more and waits for what is under way, so that what was sent is also recorded."""
        self.is_stopping = True
        self._scheduler.pause()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self.patience)
        self._scheduler.shutdown(wait=False)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _run(self, line: Job) -> None:
        """One run, in a task of its own that the scheduler cannot cancel."""
        if self.is_stopping:
            return
        task = asyncio.ensure_future(self._run_and_write_down(line))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.shield(task)

    async def _run_and_write_down(self, line: Job) -> None:
        started_at, result, error = clock.now(), "", ""
        try:
            result = await line.run(self.settings, self)
        except Exception as trouble:
            error = f"{type(trouble).__name__}: {trouble}"[:500]
            logger.exception("job %s failed", line.name)
        if result or error or time.monotonic() - self._written_at.get(line.name, -TICK_EVERY) >= TICK_EVERY:
            await self._write_down(line, started_at, result, error)

    async def _write_down(self, line: Job, started_at: Any, result: str, error: str) -> None:
        scheduled = self._scheduler.get_job(line.name)
        times = {"next_run_at": scheduled.next_run_time if scheduled else None, "every": rhythm(line.when)}
        if result:
            logger.info("job", extra={"job": line.name, "result": result})
        try:
            await ticks.write_down(line.name, started_at, result, error, worker=self.worker, **times)
            self._written_at[line.name] = -TICK_EVERY if error else time.monotonic()
        except Exception:
            logger.exception("the end of job %s could not be written down", line.name)


def rhythm(trigger: Any) -> str:
    """How often, in words: "every 30 seconds", "daily at 03:40", "each hour at :17"."""
    if isinstance(trigger, IntervalTrigger):
        seconds = trigger.interval.total_seconds()
        for size, word in ((3600, "hour"), (60, "minute"), (1, "second")):
            if seconds >= size and seconds % size == 0:
                return f"every {word}" if seconds == size else f"every {seconds / size:g} {word}s"
        return f"every {seconds:g} seconds"
    at = {field.name: str(field) for field in trigger.fields if not field.is_default}
    if "hour" not in at:
        return f"each hour at :{int(at['minute']):02}"
    if at["hour"].isdecimal():
        return f"daily at {int(at['hour']):02}:{int(at['minute']):02}"
    return f"at :{int(at['minute']):02} of the hours {at['hour']}"
