"""/staff/jobs: for operators, what the timetable did and does next."""

from datetime import datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.health import is_late
from booking.logs import without_people
from booking.reports import job_lists
from booking.web import access
from booking.words import count_words, short_day, short_instant

STATES = {
    "well": {"level": "good", "words": "Well"},
    "late": {"level": "bad", "words": "Late"},
    "failing": {"level": "bad", "words": "Failing"},
}


@access("admin")
async def jobs(request: Request) -> Response:
    rows = [_told(row) for row in await job_lists.jobs()]
    shown = {
        "title": "Jobs",
        "nav": "messages",
        "rows": rows,
        "ill": [row["name"] for row in rows if row["state"]["level"] == "bad"],
        "now": short_instant(clock.now()),
    }
    return await web.render_staff(request, "staff/jobs.html", shown, block="results")


@access("admin")
async def job(request: Request) -> Response:
    """One job with its latest runs."""
    name = request.path_params["name"]
    found = next((row for row in await job_lists.jobs() if row["name"] == name), None)
    if found is None:
        raise HTTPException(404)
    runs = [
        {
            "when": _exact(run["started_at"]),
            "took": took(run["started_at"], run["finished_at"]),
            "result": run["result"],
            "error": without_people(run["error"]),
            "worker": run["worker"],
        }
        for run in await job_lists.runs(name)
    ]
    shown = {"title": _title(name), "nav": "messages", "job": _told(found), "runs": runs}
    return await web.render_staff(request, "staff/job.html", shown)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    state = "failing" if row["last_error"] else "late" if is_late(row) else "well"
    return {
        "name": row["name"],
        "title": _title(row["name"]),
        "href": f"/staff/jobs/{row['name'].replace(' ', '%20')}",
        "every": row["every"],
        "state": STATES[state],
        "last": _exact(row["last_finished_at"]) if row["last_finished_at"] else "never",
        "took": took(row["last_started_at"], row["last_finished_at"]),
        "next": _exact(row["next_run_at"]) if row["next_run_at"] else "",
        "did": row["last_result"],
        "error": without_people(row["last_error"]),
        "failures": count_words(row["failures"], "time in a row", "times in a row") if row["failures"] else "",
        "today": f"{row['ran_today']} of which {row['failed_today']} failed"
        if row["failed_today"]
        else row["ran_today"],
    }


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]


def _exact(instant: datetime) -> str:
    """ "10:05:31", with the date in front where it is another day: to the second, because jobs run every few."""
    wall = clock.local(instant)
    day = "" if wall.date() == clock.today() else f"{short_day(wall.date())}, "
    return f"{day}{wall:%H:%M:%S}"


def took(started_at: datetime | None, finished_at: datetime | None) -> str:
    """ "0.2 s", "1 min 5 s"; "" when it is not known or was nothing to speak of."""
    if started_at is None or finished_at is None:
        return ""
    length = max(finished_at - started_at, timedelta(0)).total_seconds()
    if length < 0.1:
        return ""
    return f"{length:.1f} s" if length < 60 else f"{int(length // 60)} min {int(length % 60)} s"


routes = [
    Route("/staff/jobs", jobs, name="jobs", methods=["GET"]),
    Route("/staff/jobs/{name}", job, name="job", methods=["GET"]),
]
