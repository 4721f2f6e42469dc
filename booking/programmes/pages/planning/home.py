"""/staff/plan: drafts to finish, runs below their least number, and what was published a moment ago."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.programmes import run_lists
from booking.programmes.pages.planning.asking import path_of_run
from booking.programmes.run_lists import Row
from booking.web import access
from booking.who_asks import staff_of
from booking.words import clock_time, count_words, day_and_year, short_day, time_range


@access("staff")
async def home(request: Request) -> Response:
    """Four queries, however many runs there are."""
    who = await staff_of(request)
    shown = {
        "title": "Plan",
        "nav": "plan",
        "drafts": [line_of(run) for run in await run_lists.drafts(who)],
        "to_decide": [line_of(run) | _short_of(run) for run in await run_lists.to_decide(who)],
        "courses": [line_of(run) for run in await run_lists.courses(who)],
        "published": [line_of(run) | _can_undo(run) for run in await run_lists.just_published(who)],
    }
    return await web.render_staff(request, "staff/plan/home.html", shown)


def line_of(run: Row) -> dict[str, Any]:
    """A run in a list of runs."""
    where = ", ".join(part for part in (run["room_name"], run["location_name"]) if part)
    return {
        "href": path_of_run(run),
        "id": run["id"],
        "title": run["title"],
        "kind": run["booking_mode"],
        "when": f"{count_words(run['dates'], 'date')} from {short_day(run['first_date'])} {run['first_date'].year},"
        f" {time_range(run['start_time'], run['end_time'])}",
        "where": "Online" if run["delivery"] == "online" else where,
        "is_draft": run["state"] == "draft",
        "booked": "" if run["booking_mode"] not in ("run", "referral") else f"{run['taken']} of {run['places']} booked",
    }


def _short_of(run: Row) -> dict[str, Any]:
    return {
        "count": f"{run['taken']} of at least {run['min_places']}",
        "by": day_and_year(run["decide_by_date"]),
        "decide": f"/staff/runs/{run['id']}/decide",
    }


def _can_undo(run: Row) -> dict[str, Any]:
    return {"event_id": run["event_id"], "until": clock_time(run["undo_until_at"]), "by": run["published_by"]}


routes = [Route("/staff/plan", home, name="staff_plan", methods=["GET"])]
