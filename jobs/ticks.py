"""When each job last ran, in the database, for /health and operators."""

from datetime import datetime

from booking import clock, db


async def write_down(name: str, started_at: datetime, result: str = "", error: str = "") -> None:
    """One row per job. What it did stands until it does something again; an error until a run without one."""
    await db.execute(
        "INSERT INTO tick (name, last_started_at, last_finished_at, last_error, last_result)"
        " VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (name) DO UPDATE SET last_started_at = excluded.last_started_at,"
        " last_finished_at = excluded.last_finished_at, last_error = excluded.last_error,"
        " last_result = CASE WHEN excluded.last_result = '' THEN tick.last_result ELSE excluded.last_result END",
        name,
        started_at,
        clock.now(),
        error,
        result[:200],
    )
