"""For monitoring: is the database there, and when did the worker last finish each job."""

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from booking import clock, db
from booking.web import access

LATE = timedelta(minutes=5)


@access("anyone")
async def health(request: Request) -> JSONResponse:
    """200 with {"status": "ok"} or 503 with {"status": "failing"}; never any personal data."""
    try:
        ticks = await db.rows("SELECT name, last_finished_at, last_error FROM tick ORDER BY name")
    except Exception:
        return JSONResponse({"status": "failing", "database": "down"}, 503)
    worker = _worker(ticks)
    failing = worker["state"] != "ok"
    words = {"status": "failing" if failing else "ok", "database": "ok", "worker": worker}
    return JSONResponse(words, 503 if failing else 200, {"Cache-Control": "no-store"})


def _worker(ticks: list[dict[str, Any]]) -> dict[str, Any]:
    finished: list[datetime] = [tick["last_finished_at"] for tick in ticks if tick["last_finished_at"]]
    if not finished:
        return {"state": "never seen", "last_tick_at": None, "failing_jobs": []}
    failing = [tick["name"] for tick in ticks if tick["last_error"]]
    last = max(finished)
    state = "ok" if clock.now() - last < LATE else "late"
    return {"state": state, "last_tick_at": last.isoformat(), "failing_jobs": failing}
