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
    return [
        Job("deliver messages", IntervalTrigger(seconds=settings.jobs.deliver_every_seconds), shells.deliver),
        Job("queue reminders", IntervalTrigger(seconds=30), shells.queue_reminders),
        Job("remind partners", IntervalTrigger(seconds=60), shells.remind_partners),
        Job("free expired leases", IntervalTrigger(seconds=30), shells.free_expired_leases),
        Job("let lapsed requests go", IntervalTrigger(seconds=60), shells.let_lapsed_requests_go),
        Job("offer free dates", IntervalTrigger(seconds=60), shells.offer_free_dates),
        Job("mark missed messages", IntervalTrigger(seconds=60), shells.mark_missed),
        Job("lapse swaps", IntervalTrigger(seconds=60), shells.lapse_swaps),
        Job("warn partners", CronTrigger(hour=8, minute=25, timezone=zone), shells.warn_partners),
        Job("tidy", CronTrigger(minute=17, timezone=zone), shells.tidy),
        Job("reconcile counters", CronTrigger(hour=3, minute=40, timezone=zone), shells.reconcile_counters),
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
        now = clock.now()
        for line in self.lines:
            first = {"next_run_time": now} if isinstance(line.when, IntervalTrigger) else {}
            self._scheduler.add_job(self._run, line.when, args=[line], id=line.name, **first)
        self._scheduler.start()

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
            await self._write_down(line.name, started_at, result, error)

    async def _write_down(self, name: str, started_at: Any, result: str, error: str) -> None:
        try:
            await ticks.write_down(name, started_at, result, error)
            self._written_at[name] = -TICK_EVERY if error else time.monotonic()
        except Exception:
            logger.exception("the end of job %s could not be written down", name)
