"""/staff/rota/plans/{plan}: how far a plan is, what came of it beside the draft, into the draft and out of it again."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.signing_in import Who
from booking.places import place_lists
from booking.problems import Problem, Refused
from booking.rotas import loading, plan_lists
from booking.rotas.pages.plans import shown
from booking.rotas.pages.publishing import publish
from booking.rotas.planner import applying, running
from booking.rotas.seeing import seen_by, with_hub_names
from booking.web import access
from booking.who_asks import staff_of
from booking.words import count_words

RUNNING = ("waits", "runs")


@access("manager")
async def look(request: Request) -> Response:
    """For htmx only how far it is; once it is over the whole page comes anew."""
    who = await staff_of(request)
    run = await _run(request, who)
    if web.is_htmx(request) and run["state"] not in RUNNING:
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return await _show(request, who, run, [])


@access("manager")
async def act(request: Request) -> Response:
    who = await staff_of(request)
    run = await _run(request, who)
    async with request.form(max_files=0) as sent:
        wanted = str(sent.get("act", ""))
    try:
        if wanted == "stop":
            await running.stop(run["id"])
        elif wanted == "apply":
            count = await applying.apply(run["id"], by=who)
            web.flash(
                request,
                f"{count_words(count, 'duty is', 'duties are')} in the draft as planned. Nobody has been told anything yet.",
            )
        elif wanted == "undo":
            count = await applying.undo(run["id"], by=who)
            web.flash(request, f"{count_words(count, 'duty is', 'duties are')} in the draft as before.")
    except Refused as refused:
        return await _show(request, who, await _run(request, who), refused.problems, 409)
    return web.go(f"/staff/rota/plans/{run['id']}")


async def _run(request: Request, who: Who) -> dict[str, Any]:
    run = await plan_lists.one(web.uuid_in_path(request, "plan"), who)
    if run is None:
        raise HTTPException(404)
    return run


async def _show(
    request: Request, who: Who, run: dict[str, Any], problems: list[Problem], status: int = 200
) -> Response:
    hubs = await place_lists.hubs_of(who)
    names = {str(each["id"]): each["name"] for each in hubs}
    known = [names[each] for each in run["hubs"] if each in names]
    level, words = shown.STATES[run["state"]]
    query = "".join(f"hub={each}&" for each in run["hubs"])
    context = {
        "title": f"{shown.ENGINES[run['engine']]}, {shown.when(run['first_date'], run['last_date'])}",
        "nav": "rota",
        "run": run,
        "own_path": f"/staff/rota/plans/{run['id']}",
        "where": ", ".join(known) if len(known) < 4 else count_words(len(run["hubs"]), "hub"),
        "is_running": run["state"] in RUNNING,
        "state": {"level": level, "words": words},
        "again": f"/staff/rota/plans?{query}from={run['first_date']}",
        "rota": f"/staff/rota?hub={run['hubs'][0] if len(run['hubs']) == 1 else 'all'}&date={run['first_date']}",
        "publish": _publish_href(run),
        "problems": problems,
        "found": None,
    }
    if run["found"] and run["state"] not in RUNNING:
        context["found"] = await _found(run, who)
    return await web.render_staff(request, "staff/rota/plan_run.html", context, block="progress", status=status)


def _publish_href(run: dict[str, Any]) -> str:
    """Publishing of these weeks; "" for several hubs, which are published one by one."""
    weeks = ((run["last_date"] - run["first_date"]).days + 7) // 7
    asked = next((each for each in publish.WEEKS if each >= weeks), publish.WEEKS[-1])
    return (
        f"/staff/rota/publish?hub={run['hubs'][0]}&from={run['first_date']}&weeks={asked}"
        if len(run["hubs"]) == 1
        else ""
    )


async def _found(run: dict[str, Any], who: Who) -> dict[str, Any]:
    """What came of it; duties that are not there any more are left out."""
    hubs = [running.UUID(each) for each in run["hubs"]]
    plan = await with_hub_names(await seen_by(await loading.load(hubs, run["first_date"], run["last_date"]), who))
    found = run["found"]
    return {
        "figures": shown.summary(found),
        "compared": shown.compared(found),
        "people": shown.people(found),
        "changes": shown.changes(run, plan),
        "gaps": shown.gaps(run, plan),
        "few_gaps": found["open"] <= 12,
        "keeps_broken": found["counts"]["after"]["hard"] > 0,
        "more_gaps": max(0, found["open"] - len(found["gaps"])),
        "bound": shown.bound_words(found, run["engine"]),
    }


routes = [
    Route("/staff/rota/plans/{plan}", look, name="staff_rota_plan", methods=["GET"]),
    Route("/staff/rota/plans/{plan}", act, name="staff_rota_plan_do", methods=["POST"]),
]
