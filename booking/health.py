"""For monitoring: is the database there, did each job run when it was to, do messages leave, and are limits of texts near."""

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from booking import clock, db, web
from booking.messages import pacing
from booking.settings import Settings
from booking.web import access

LATE = timedelta(minutes=5)
STUCK = timedelta(minutes=10)  # due, and no worker has taken it or put it off since

Row = dict[str, Any]


@access("anyone")
async def health(request: Request) -> JSONResponse:
    """200 with {"status": "ok"} or 503 with {"status": "failing"}; never any personal data. `limits` names those for all texts
    that are used up to four fifths; past the whole the rest waits by design, so that alone is no failure."""
    try:
        ticks = await db.rows(
            "SELECT name, last_finished_at, last_error, next_run_at, failures FROM tick ORDER BY name"
        )
        settings = web.settings_of(request)
        outbox, alarms = await _outbox(settings), await pacing.alarms(settings.messages)
    except Exception:
        return JSONResponse({"status": "failing", "database": "down"}, 503)
    worker = _worker(ticks)
    failing = worker["state"] != "ok" or outbox["stuck"] > 0
    words = {"status": "failing" if failing else "ok", "database": "ok", "worker": worker, "outbox": outbox}
    words["limits"] = [{"window": each.window, "used": each.used, "limit": each.limit} for each in alarms]
    return JSONResponse(words, 503 if failing else 200, {"Cache-Control": "no-store"})


def _worker(ticks: list[Row]) -> Row:
    finished: list[datetime] = [tick["last_finished_at"] for tick in ticks if tick["last_finished_at"]]
    if not finished:
        return {"state": "never seen", "last_tick_at": None, "failing_jobs": [], "late_jobs": []}
    failing = [tick["name"] for tick in ticks if tick["last_error"]]
    last = max(finished)
    state = "ok" if clock.now() - last < LATE else "late"
    return {
        "state": state,
        "last_tick_at": last.isoformat(),
        "failing_jobs": failing,
        "late_jobs": [tick["name"] for tick in ticks if is_late(tick)],
    }


def is_late(tick: Row) -> bool:
    """Whether a job should have run since and did not."""
    return tick["next_run_at"] is not None and clock.now() - tick["next_run_at"] > LATE


async def _outbox(settings: Settings) -> Row:
    """How many messages wait, and how many of them nobody has taken for too long; calls wait for people."""
    sends = [name for name, is_open in (("sms", settings.sends_sms), ("email", settings.sends_mail)) if is_open]
    now = clock.now()
    of_channels = f"channel IN {db.in_list(sends, 3)}" if sends else "FALSE"
    row = await db.row(
        "SELECT SUM(CASE WHEN next_try_at <= $1 THEN 1 ELSE 0 END) AS due,"
        f" SUM(CASE WHEN next_try_at <= $2 AND {of_channels} THEN 1 ELSE 0 END) AS stuck, COUNT(*) AS waiting"
        " FROM message WHERE state = 'queued' AND channel <> 'call'",
        now, now - STUCK, *sends,
    )  # fmt: skip
    return {name: int((row or {}).get(name) or 0) for name in ("waiting", "due", "stuck")}
