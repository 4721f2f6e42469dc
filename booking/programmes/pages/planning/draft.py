"""/staff/plan/{run}: the grid of a draft, changed date by date, saved all at once; discarded."""

from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.pages.planning.asking import DRAFT, path_of_run, run_in_path
from booking.programmes.pages.planning.grid_page import grid_context
from booking.programmes.pages.planning.run import facts_of
from booking.programmes.pages.staff.asking import uuid_or_404
from booking.programmes.plans import drafts, plan_form, publishing
from booking.programmes.plans.plan_form import Asked, Typed
from booking.programmes.run_lists import Row
from booking.web import access
from booking.words import count_words

NOT_SEEN = Problem(
    "These dates were changed since they were worked out. Here they are again: look, then save.", rule="seen"
)


@access("staff")
async def draft_page(request: Request) -> Response:
    who, run = await _draft(request)
    if run["state"] != "draft":
        return web.go(path_of_run(run))
    return await _page(request, who, run, Typed())


async def _draft(request: Request) -> tuple[Who, Row]:
    return await run_in_path(request, "run")


@access("staff")
async def change(request: Request) -> Response:
    """Looks at the changes, or saves them."""
    who, run = await _draft(request)
    async with request.form(max_fields=1500, max_files=0) as form:
        typed = plan_form.tidied(plan_form.read(form), str(form.get("add", "")).strip())
        shape, is_saving = str(form.get("shape", "")), form.get("action") == "save"
    if run["state"] != "draft":
        return web.go(path_of_run(run))
    if not is_saving:
        return await _page(request, who, run, typed)
    changes = await _changes(run, typed, who)
    if shape != plan_form.fingerprint(changes):
        return await _page(request, who, run, typed, [NOT_SEEN])
    try:
        dates = await drafts.change(run["id"], changes, by=who)
    except Refused as refused:
        return await _page(request, who, run, typed, refused.problems, status=409)
    web.flash(request, f"Saved: {count_words(dates, 'date')}.")
    return web.go(path_of_run(run))


async def _changes(run: Row, typed: Typed, who: Who) -> Asked:
    """What the grid asks to change; the rest is as the draft has it."""
    return drafts.changed(await drafts.asked_now(run["id"], who), typed)


async def _page(
    request: Request, who: Who, run: Row, typed: Typed, problems: list[Problem] | None = None, *, status: int = 422
) -> Response:
    try:
        row, found = await drafts.preview(run["id"], await _changes(run, typed, who), by=who)
    except Refused as refused:
        if not typed.choices and not typed.added:
            raise HTTPException(404) from refused
        return await _page(request, who, run, replace(typed, choices={}, added=()), refused.problems)
    counts = {"booked": 0, "waiting": 0}
    dates = [{"state": "draft", "date": each.want.day} for each in found.held]
    shown: dict[str, Any] = {
        "title": run["title"],
        "nav": "plan",
        "run": run,
        "typed": typed,
        "problems": problems or [],
        "facts": [fact for fact in facts_of(run, dates, counts) if fact["name"] not in ("Places", "Least number")],
        "places_words": f"{run['places']} places"
        + (f", crèche for {row['creche_places']}" if row["creche_places"] else ""),
        "is_changed": bool(typed.choices or typed.added),
        "path_of_form": path_of_run(run),
    }
    shown |= await grid_context(who, typed, found, run_id=run["id"])
    return await web.render_staff(
        request, "staff/plan/draft.html", shown, block="dates", status=status if problems else 200
    )


@access("staff")
async def discard(request: Request) -> Response:
    who, run = await _draft(request)
    try:
        await drafts.discard(run["id"], by=who)
        web.flash(request, f"{run['title']} is discarded. Its rooms are free again.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go("/staff/plan")


@access("staff")
async def unpublish(request: Request) -> Response:
    who, run = await _draft(request)
    async with request.form(max_files=0) as form:
        event_id = uuid_or_404(str(form.get("event", "")))
    try:
        await publishing.unpublish(run["id"], event_id, by=who)
        request.app.state.pages.forget()
        web.flash(request, "It is a draft again. Nobody had booked.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"/staff/plan/{run['id']}")


@access("staff")
async def back(request: Request) -> Response:
    _, run = await _draft(request)
    return web.go(path_of_run(run))


routes = [
    Route(DRAFT, draft_page, name="staff_draft", methods=["GET"]),
    Route(DRAFT, change, name="staff_draft_change", methods=["POST"]),
    Route(f"{DRAFT}/discard", discard, name="staff_draft_discard", methods=["POST"]),
    Route(f"{DRAFT}/discard", back, name="staff_back_from_discard", methods=["GET"]),
    Route(f"{DRAFT}/unpublish", unpublish, name="staff_unpublish", methods=["POST"]),
    Route(f"{DRAFT}/unpublish", back, name="staff_back_from_unpublish", methods=["GET"]),
]
