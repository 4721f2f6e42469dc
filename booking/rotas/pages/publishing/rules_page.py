"""/staff/rota/rules: the numbers that rotas are judged by and what matters to automatic plans, for the county and for a hub."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.signing_in import Who
from booking.places import place_lists
from booking.problems import Problem, Refused
from booking.rotas import keeping_rules
from booking.rotas.keeping_rules import EVENING, HOW_MUCH, NAMES, NUMBERS, WISHES
from booking.web import access
from booking.who_asks import staff_of
from booking.words import short_instant

PAGE = "/staff/rota/rules"
SHIPPED, COUNTY = "Shipped", "The county"


@access("staff")
async def look(request: Request) -> Response:
    who = await staff_of(request)
    hubs = await place_lists.hubs_of(who)
    hub = _hub(request.query_params.get("hub", ""), hubs, who)
    return await _show(request, who, hubs, hub, None, [])


def _hub(wanted: str, hubs: Sequence[Mapping[str, Any]], who: Who) -> Mapping[str, Any] | None:
    """The hub that is asked for; without one the only hub of theirs, or the county (None). 404 for what is not theirs."""
    if not wanted:
        return hubs[0] if len(hubs) == 1 and not who.is_admin else None
    found = next((each for each in hubs if str(each["id"]) == wanted), None)
    if found is None and wanted != "county":
        raise HTTPException(404)
    return found


@access("manager")
async def act(request: Request) -> Response:
    """Keeps what was typed, or takes the last change back."""
    who = await staff_of(request)
    hubs = await place_lists.hubs_of(who)
    async with request.form(max_files=0) as sent:
        typed = {name: str(sent.get(name, ""))[:20] for name in NAMES}
        wanted, seen, event = (str(sent.get(name, ""))[:64] for name in ("hub", "seen", "event"))
    hub = _hub(wanted, hubs, who)
    if not _may(who, hub):
        raise HTTPException(404)
    hub_id = hub["id"] if hub else None
    try:
        if event:
            await keeping_rules.undo(_uuid(event), hub_id, by=who)
            web.flash(request, "The rules are as they were before.")
        else:
            is_new = await keeping_rules.save(hub_id, typed, seen=seen, by=who)
            web.flash(request, "Kept. Rotas are judged by it from now on." if is_new else "Nothing was changed.")
    except Refused as refused:
        return await _show(request, who, hubs, hub, typed if not event else None, refused.problems)
    return web.go(f"{PAGE}?hub={hub_id or 'county'}")


def _may(who: Who, hub: Mapping[str, Any] | None) -> bool:
    return who.manages(hub["id"]) if hub else who.is_admin


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise HTTPException(404) from error


async def _show(
    request: Request,
    who: Who,
    hubs: Sequence[Mapping[str, Any]],
    hub: Mapping[str, Any] | None,
    typed: dict[str, str] | None,
    problems: Sequence[Problem],
) -> Response:
    hub_id = hub["id"] if hub else None
    now, above = await keeping_rules.in_use(hub_id), await keeping_rules.above(hub_id)
    shown = {each.name: each.shown(now[each.name]) for each in NUMBERS} | {EVENING[0]: now[EVENING[0]]}
    shown |= {name: str(now[name]) for name, _, _ in WISHES}
    context = {
        "title": "Rules of the rota",
        "nav": "rota",
        "hubs": hubs,
        "hub": hub,
        "values": typed or shown,
        "numbers": NUMBERS,
        "evening": EVENING,
        "wishes": WISHES,
        "how_much": HOW_MUCH,
        "differs": {
            name: f"{COUNTY if hub else SHIPPED}: {keeping_rules.said(name, above[name])}"
            for name in NAMES
            if now[name] != above[name]
        },
        "seen": await keeping_rules.version(hub_id),
        "may_keep": _may(who, hub),
        "problems": list(problems),
        "changes": [
            each | {"when": short_instant(each["happened_at"])} for each in await keeping_rules.changes(hub_id)
        ],
    }
    return await web.render_staff(request, "staff/rota/rules.html", context, status=409 if problems else 200)


routes = [
    Route(PAGE, look, name="staff_rota_rules", methods=["GET"]),
    Route(PAGE, act, name="staff_rota_rules_do", methods=["POST"]),
]
