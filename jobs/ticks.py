"""When each job last ran and runs next, in the database, for /health and operators."""

from datetime import datetime, timedelta

from booking import clock, db

KEEP = timedelta(days=7)


async def announce(name: str, next_run_at: datetime | None, every: str) -> None:
    """A job that is planned, before it has ever run."""
    await db.execute(
        "INSERT INTO tick (name, last_error, last_result, next_run_at, every, failures) VALUES ($1, '', '', $2, $3, 0)"
        " ON CONFLICT (name) DO UPDATE SET next_run_at = excluded.next_run_at, every = excluded.every",
        name, next_run_at, every,
    )  # fmt: skip


async def write_down(
    name: str,
    started_at: datetime,
    result: str = "",
    error: str = "",
    *,
    worker: str = "",
    next_run_at: datetime | None = None,
    every: str = "",
) -> None:
    """One row per job, and one for each run that did something or failed. What it did stands until it does something again;
    an error until a run without one."""
    finished_at = clock.now()
    await db.execute(
        "INSERT INTO tick (name, last_started_at, last_finished_at, last_error, last_result, next_run_at, every, failures)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (name) DO UPDATE SET last_started_at = excluded.last_started_at,"
        " last_finished_at = excluded.last_finished_at, last_error = excluded.last_error,"
        " last_result = CASE WHEN excluded.last_result = '' THEN tick.last_result ELSE excluded.last_result END,"
        " next_run_at = excluded.next_run_at, every = excluded.every,"
        " failures = CASE WHEN excluded.failures = 0 THEN 0 ELSE tick.failures + 1 END",
        name, started_at, finished_at, error, result[:200], next_run_at, every, 1 if error else 0,
    )  # fmt: skip
    if result or error:
        await db.execute(
            "INSERT INTO job_run (id, name, worker, started_at, finished_at, result, error)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            db.new_id(), name, worker[:60], started_at, finished_at, result[:200], error,
        )  # fmt: skip


async def last_finished(name: str) -> datetime | None:
    """When a job last ended, anywhere; None if it never ran."""
    return await db.value("SELECT MAX(last_finished_at) AS last_at FROM tick WHERE name = $1", name)


async def forget_old() -> int:
    """Deletes runs of more than a week ago; returns how many."""
    gone = await db.rows("DELETE FROM job_run WHERE started_at < $1 RETURNING id", clock.now() - KEEP)
    return len(gone)
