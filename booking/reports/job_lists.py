"""The timetable as operators see it: each job, its last runs and its next one."""

from datetime import timedelta
from typing import Any

from booking import clock, db

SHOWN = 50

Row = dict[str, Any]


async def jobs() -> list[Row]:
    """Every job that ever ran: name, every, times, last_result, last_error, failures (since it last went well), failed_today
    and ran_today (runs that did something or failed). Two queries."""
    ticks = await db.rows(
        "SELECT name, every, last_started_at, last_finished_at, next_run_at, last_result, last_error, failures FROM tick"
        " ORDER BY name"
    )
    counted = await db.rows(
        "SELECT name, COUNT(*) AS ran, SUM(CASE WHEN error <> '' THEN 1 ELSE 0 END) AS failed FROM job_run"
        " WHERE started_at > $1 GROUP BY name",
        clock.now() - timedelta(days=1),
    )
    of = {row["name"]: row for row in counted}
    none = {"ran": 0, "failed": 0}
    return [
        tick | {"ran_today": of.get(tick["name"], none)["ran"], "failed_today": of.get(tick["name"], none)["failed"]}
        for tick in ticks
    ]


async def runs(name: str) -> list[Row]:
    """The latest runs of one job that did something or failed: worker, started_at, finished_at, result, error."""
    return await db.rows(
        "SELECT worker, started_at, finished_at, result, error FROM job_run WHERE name = $1"
        f" ORDER BY started_at DESC, id DESC LIMIT {SHOWN}",
        name,
    )
