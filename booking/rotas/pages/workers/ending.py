"""/staff/workers/{id}/end: what is still theirs is shown before anybody ends them; and taking it back."""

from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.problems import Problem, Refused
from booking.rotas.pages.workers.asking import HOME, day_of, fields, worker_in_path
from booking.rotas.pages.workers.duty_lines import lines_of
from booking.rotas.people_who_work import keeping
from booking.web import access

MOST = 60


@access("manager")
async def end_page(request: Request) -> Response:
    asked = request.query_params.get("last_day", "")
    return await _page(request, {"last_day": asked or str(clock.today()), "why": ""}, [])


async def _page(request: Request, typed: dict[str, str], problems: list[Problem]) -> Response:
    who, worker = await worker_in_path(request)
    last_day = day_of(typed["last_day"], "last_day", []) or clock.today()
    left = await keeping.still_theirs(worker["id"], last_day)
    context: dict[str, Any] = {
        "title": f"{worker['known_as']} leaves",
        "nav": "rota",
        "worker": worker,
        "back": f"{HOME}/{worker['id']}",
        "typed": typed,
        "problems": problems,
        "last_day": last_day,
        "left": await lines_of([row["id"] for row in left[:MOST]], who),
        "count": len(left),
        "published": sum(row["is_published"] for row in left),
        "more": max(len(left) - MOST, 0),
    }
    return await web.render_staff(request, "staff/workers/end.html", context, status=422 if problems else 200)


@access("manager")
async def end(request: Request) -> Response:
    who, worker = await worker_in_path(request)
    typed = await fields(request, "last_day", "why", "act")
    problems: list[Problem] = []
    last_day = day_of(typed["last_day"], "last_day", problems)
    if problems or not isinstance(last_day, date):
        return await _page(request, typed, problems)
    try:
        left = await keeping.end_worker(staff_id=worker["id"], last_day=last_day, why=typed["why"], by=who)
    except Refused as refused:
        return await _page(request, typed, refused.problems)
    more = f" {len(left)} duties after it are red on the rota until somebody else has them." if left else ""
    web.flash(request, f"The last day is written down.{more}")
    return web.go(f"{HOME}/{worker['id']}")


@access("manager")
async def take_back(request: Request) -> Response:
    who, worker = await worker_in_path(request)
    try:
        await keeping.take_back(staff_id=worker["id"], by=who)
        web.flash(request, "They stay: there is no last day any more.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"{HOME}/{worker['id']}")


routes = [
    Route(f"{HOME}/{{id}}/end", end_page, name="staff_end_worker", methods=["GET"]),
    Route(f"{HOME}/{{id}}/end", end, name="staff_worker_ended", methods=["POST"]),
    Route(f"{HOME}/{{id}}/back", take_back, name="staff_worker_back", methods=["POST"]),
]
