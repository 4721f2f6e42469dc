"""/staff/rota/shifts/new: work that no session and no opening hours ask for."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.places import place_lists
from booking.problems import Problem, Refused
from booking.rotas.needs import extra, listing
from booking.rotas.pages.needs.home import hub_asked, may
from booking.rotas.pages.rota.shift import is_rota
from booking.web import access, remember_answer
from booking.who_asks import staff_of
from booking.words import count_words

PAGE = "/staff/rota/shifts/new"
NAMES = ("title", "location", "date", "start", "end", "people")
BLANK = dict.fromkeys(NAMES, "") | {"start": "09:00", "end": "13:00", "people": "1"}


@access("manager")
async def new(request: Request) -> Response:
    asked = request.query_params
    typed = BLANK | {"date": asked.get("date", "")[:10], "location": asked.get("location", "")[:40]}
    typed["date"] = typed["date"] or clock.today().isoformat()
    return await _form(request, asked.get("hub", ""), typed, (), [])


@access("manager")
async def add(request: Request) -> Response:
    """Sent twice, it is added once."""
    who = await staff_of(request)
    async with request.form(max_files=0) as sent:
        typed = {name: str(sent.get(name, ""))[:200] for name in NAMES}
        skills = [str(each)[:60] for each in sent.getlist("skills")]
        hub_id, token = (str(sent.get(name, ""))[:64] for name in ("hub", "form_token"))
    hub = hub_asked(hub_id, await place_lists.hubs_of(who))
    if hub is None or not may(who, hub["id"]):
        raise HTTPException(404)
    known = {row["code"] for row in await listing.skills()}
    facts, problems = extra.read(typed, [code for code in skills if code in known])
    places = {str(row["id"]): row["id"] for row in await listing.places_of(hub["id"], who)}
    if typed["location"] not in places:
        problems.append(Problem("Choose where it is.", "location", rule="missing"))
    if problems:
        return await _form(request, hub_id, typed, skills, problems)
    to = f"/staff/rota?hub={hub['id']}&date={facts['date'].isoformat()}"

    async def once() -> int:
        if token and not await remember_answer(token, to):
            return 0
        return len(await extra.add(facts, location_id=places[typed["location"]], by=who))

    try:
        made = await db.run_tx(once)
    except Refused as refused:
        return await _form(request, hub_id, typed, skills, refused.problems)
    if made:
        web.flash(request, f"{count_words(made, 'shift')} added. Nobody is in {'it' if made == 1 else 'them'} yet.")
    return web.go(to)


async def _form(
    request: Request, hub_id: str, typed: Mapping[str, Any], skills: Sequence[str], problems: Sequence[Problem]
) -> Response:
    who = await staff_of(request)
    hubs = [each for each in await place_lists.hubs_of(who) if may(who, each["id"])]
    hub = hub_asked(hub_id, hubs)
    if hub is None:
        raise HTTPException(404)
    context = {
        "title": "Add an extra shift",
        "nav": "rota",
        "hub": hub,
        "typed": typed,
        "places": [(row["id"], row["name"]) for row in await listing.places_of(hub["id"], who)],
        "skills": [(row["code"], row["name"], row["code"] in skills) for row in await listing.skills()],
        "problems": list(problems),
        "form_token": web.new_token(),
        "action": PAGE,
    }
    return await web.render_staff(request, "staff/rota/extra_shift.html", context, status=422 if problems else 200)


@access("manager")
async def cancel(request: Request) -> Response:
    """Of shifts made by hand; whoever is in it is told."""
    who = await staff_of(request)
    id: UUID = web.uuid_in_path(request, "shift")
    async with request.form(max_files=0) as sent:
        back = str(sent.get("back", ""))[:500]
    try:
        await extra.cancel(id, by=who)
        web.flash(request, "The shift is cancelled. Whoever was in it is told.")
    except Refused as refused:
        raise HTTPException(404) from refused
    return web.go(back if is_rota(back) else "/staff/rota")


routes = [
    Route(PAGE, new, name="staff_rota_shift_new", methods=["GET"]),
    Route(PAGE, add, name="staff_rota_shift_add", methods=["POST"]),
    Route("/staff/rota/shifts/{shift}/cancel", cancel, name="staff_rota_shift_cancel", methods=["POST"]),
]
