"""/staff/rota/needs: each place of a hub with its week, when it is open and how many people it needs when."""

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
from booking.problems import Refused
from booking.rotas.needs import keeping, listing, moving, picture
from booking.web import access
from booking.who_asks import staff_of
from booking.words import count_words, day_and_year, time_range

PAGE = "/staff/rota/needs"
HOURS = [(f"{hour}", (hour * 60 - picture.FIRST) // 15 + 1) for hour in range(8, 22, 2)]
UNDONE = {"add cover need": "added", "change cover need": "changed", "end cover need": "ended"}


@access("staff")
async def look(request: Request) -> Response:
    who = await staff_of(request)
    hubs = await place_lists.hubs_of(who)
    hub = hub_asked(request.query_params.get("hub", ""), hubs)
    names = {row["code"]: row["name"] for row in await listing.skills()}
    places = [_shown(row, names) for row in await listing.places_of(hub["id"], who)] if hub else []
    may_keep = bool(hub) and may(who, hub["id"])
    undo = await listing.undoable(hub["id"], who) if hub and may_keep else None
    context = {
        "title": "What needs people",
        "nav": "rota",
        "hubs": hubs,
        "hub": hub,
        "with_needs": [row for row in places if row["needs"]],
        "without": [row for row in places if not row["needs"]],
        "hours": HOURS,
        "may_keep": may_keep,
        "undo": undo | {"did": UNDONE[undo["verb"]]} if undo else None,
        "moved": await moving.count(hub["id"]) if hub else 0,
        "weeks": web.settings_of(request).rotas.weeks_ahead,
    }
    return await web.render_staff(request, "staff/rota/needs.html", context)


def hub_asked(wanted: str, hubs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The hub of the address, or the first of theirs; None where there is none. 404 for what is not theirs."""
    if not wanted:
        return hubs[0] if hubs else None
    found = next((each for each in hubs if str(each["id"]) == wanted), None)
    if found is None:
        raise HTTPException(404)
    return found


def may(who: Who, hub_id: UUID) -> bool:
    return who.manages(hub_id)


def _shown(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    days = picture.week(row["hours"], row["needs"], needs_two=bool(row["needs_two"]))
    needs = [need | {"when": when_words(need), "who": who_words(need, names)} for need in row["needs"]]
    return {
        "id": row["id"],
        "name": row["name"],
        "needs": needs,
        "days": [day for day in days if day.stretches],
        "shut": [day.name for day in days if not day.stretches],
        "is_open": any(row["hours"].values()),
        "warnings": picture.warnings(days) if needs else [],
        "may_be_alone": not row["needs_two"],
    }


def when_words(need: Mapping[str, Any]) -> str:
    """ "Monday to Friday, 9am to 1pm, from 4 January 2027" """
    parts = [picture.days_words(need["weekdays"]), time_range(need["start"], need["end"])]
    parts += [f"from {day_and_year(need['first_date'])}"] if need["first_date"] else []
    parts += [f"until {day_and_year(need['last_date'])}"] if need["last_date"] else []
    return ", ".join(parts)


def who_words(need: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """ "2 people, 1 of them Keyholder" """
    people = count_words(need["people"], "person", "people")
    skills = " and ".join(names.get(code, code) for code in need["skills"].split())
    if not skills or not need["skilled"]:
        return people
    return f"{people}: {skills}" if need["skilled"] >= need["people"] else f"{people}, {need['skilled']} with {skills}"


@access("manager")
async def undo(request: Request) -> Response:
    who = await staff_of(request)
    async with request.form(max_files=0) as sent:
        event, hub = str(sent.get("event", ""))[:64], str(sent.get("hub", ""))[:64]
    hub_asked(hub, await place_lists.hubs_of(who))
    try:
        event_id = UUID(event)
    except ValueError as error:
        raise HTTPException(404) from error
    try:
        await keeping.undo(event_id, by=who, terms=terms_of(request))
        web.flash(request, "It is as it was before, and so are the shifts.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"{PAGE}?hub={hub}")


def terms_of(request: Request) -> Any:
    settings = web.settings_of(request)
    return keeping.terms_of(settings.rotas.weeks_ahead, settings.places.undo_minutes)


routes = [
    Route(PAGE, look, name="staff_rota_needs", methods=["GET"]),
    Route(f"{PAGE}/undo", undo, name="staff_rota_needs_undo", methods=["POST"]),
]
