"""/staff/places/new, /staff/places/{id}/edit: a location's facts in a form."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.people.signing_in import Who
from booking.places import keeping_places, place_lists
from booking.places.new_rules import WouldBreak
from booking.places.pages.staff.asking_places import is_sure, location_in_path, shown_broken, typed_in
from booking.places.pages.staff.places import KINDS
from booking.places.place_form import FACTS, typed_facts
from booking.problems import Problem, Refused
from booking.web import access
from booking.who_asks import staff_of

FIXED = ("hub", "restricted")
NO_POINT = "This postcode is in no postcode file, so the place has no point on the map."


@access("manager")
async def new(request: Request) -> Response:
    typed = {field.name: "" for field in FACTS} | {"needs_two": "yes", "hub_id": request.query_params.get("hub", "")}
    return await _new_page(request, await staff_of(request), typed, [])


@access("manager")
async def add(request: Request) -> Response:
    """Sent twice, it is added once."""
    who = await staff_of(request)
    async with request.form(max_files=0) as form:
        typed = typed_in(form)
    hub_id = await _chosen_hub(who, typed)

    async def once() -> UUID | None:
        if typed.get("form_token") and not await web.remember_answer(typed["form_token"], "/staff/places"):
            return None
        return await keeping_places.add_location(typed=typed, hub_id=hub_id, by=who)

    if typed.get("kind") == "hub" and not who.is_admin:
        return await _new_page(request, who, typed, [Problem("County admins add hubs.", "kind", rule="admins")])
    try:
        location_id = await db.run_tx(once)
    except Refused as refused:
        return await _new_page(request, who, typed, refused.problems)
    if location_id is None:
        return web.go("/staff/places")
    await _after(request, location_id, f"{typed['name'].strip()} is added. Its opening hours and rooms come next.")
    return web.go(f"/staff/places/{location_id}")


async def _chosen_hub(who: Who, typed: dict[str, str]) -> UUID | None:
    """The hub that was chosen, if it is one of theirs."""
    chosen = (hub["id"] for hub in await place_lists.hubs_of(who) if str(hub["id"]) == typed.get("hub_id", ""))
    return next(chosen, None)


async def _new_page(request: Request, who: Who, typed: dict[str, str], problems: list[Problem]) -> Response:
    hubs = await place_lists.hubs_of(who)
    if len(hubs) == 1 and not typed.get("hub_id"):
        typed = typed | {"hub_id": str(hubs[0]["id"])}
    kinds = {kind: words for kind, words in KINDS.items() if kind != "hub" or who.is_admin}
    shown = {
        "title": "Add a place",
        "kinds": kinds,
        "hub_options": [(hub["id"], hub["name"]) for hub in hubs],
        "area_options": [(area, area) for area in await place_lists.areas()] if who.is_admin else [],
        "back": {"href": "/staff/places", "text": "Places"},
        "path_of_form": "/staff/places/new",
        "is_new": True,
        "broken": None,
    }
    return await _page(request, shown, typed, problems)


@access("manager")
async def edit(request: Request) -> Response:
    who, here = await location_in_path(request, to_keep=True)
    return await _edit_page(request, who, here, typed_facts(here) | {"hub_id": str(here["hub_id"])}, [])


@access("manager")
async def change(request: Request) -> Response:
    who, here = await location_in_path(request, to_keep=True)
    async with request.form(max_files=0) as form:
        typed = typed_in(form)
    try:
        changed = await keeping_places.change_location(
            location_id=here["id"], typed=typed, by=who, hub_id=await _chosen_hub(who, typed), is_sure=is_sure(typed)
        )
    except WouldBreak as would_break:
        return await _edit_page(request, who, here, typed, [], would_break)
    except Refused as refused:
        return await _edit_page(request, who, here, typed, refused.problems)
    await _after(request, here["id"], "Saved." if changed else "Nothing was changed.")
    return web.go(f"/staff/places/{here['id']}")


async def _edit_page(
    request: Request,
    who: Who,
    here: dict[str, Any],
    typed: dict[str, str],
    problems: list[Problem],
    would_break: WouldBreak | None = None,
) -> Response:
    is_fixed = here["kind"] in FIXED
    kinds = {kind: words for kind, words in KINDS.items() if (kind == here["kind"] if is_fixed else kind not in FIXED)}
    hubs = [] if is_fixed else await place_lists.hubs_of(who)
    shown = {
        "title": f"Change {here['name']}",
        "kinds": kinds,
        "hub_options": [(hub["id"], hub["name"]) for hub in hubs] if len(hubs) > 1 else [],
        "area_options": [],
        "back": {"href": f"/staff/places/{here['id']}", "text": here["name"]},
        "path_of_form": f"/staff/places/{here['id']}/edit",
        "is_new": False,
        "broken": shown_broken(would_break),
    }
    return await _page(request, shown, typed, problems)


async def _page(request: Request, shown: dict[str, Any], typed: dict[str, str], problems: list[Problem]) -> Response:
    blank = {field.name: "" for field in FACTS} | {"hub_id": "", "area": "", "needs_two": ""}
    values = blank | typed
    shown |= {"nav": "places", "typed": values, "problems": problems, "form_token": web.new_token()}
    status = 422 if problems or shown["broken"] else 200
    return await web.render_staff(request, "staff/places/form.html", shown, status=status)


async def _after(request: Request, location_id: UUID, words: str) -> None:
    """The public pages are made anew, and a postcode without a point is pointed out."""
    request.app.state.pages.forget()
    web.flash(request, words)
    row = await keeping_places.location_row(location_id)
    if row["postcode"] and row["lat"] is None:
        web.flash(request, NO_POINT, "note")


routes = [
    Route("/staff/places/new", new, name="staff_place_new", methods=["GET"]),
    Route("/staff/places/new", add, name="staff_place_add", methods=["POST"]),
    Route("/staff/places/{id:uuid}/edit", edit, name="staff_place_edit", methods=["GET"]),
    Route("/staff/places/{id:uuid}/edit", change, name="staff_place_change", methods=["POST"]),
]
