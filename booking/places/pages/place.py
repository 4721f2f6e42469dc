"""/places/{slug}: one place: when it is open, how to get there, what helps, what is on."""

import re
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock
from booking.places import queries
from booking.places.access import access_lines, says_step_free
from booking.places.county_map import CountyMap, Spot, around
from booking.places.kinds import (
    KIND_SENTENCES,
    KIND_WORDS,
    has_building,
    is_in_use,
    kind_of_hub,
    no_longer_words,
    not_yet_words,
)
from booking.places.near import Point
from booking.places.opening import now, week
from booking.places.pages.hubs import list_item, place_name
from booking.places.pages.on_here import on_here
from booking.web import access, render


@access("anyone")
async def place(request: Request) -> Response:
    """At most six queries. A restricted place is not there."""
    places = await queries.places_of_hub_with(request.path_params["slug"])
    if not places:
        raise HTTPException(404)
    here, today = places[0], clock.today()
    others = [other for other in places[1:] if has_building(other["kind"]) and is_in_use(other, today)]
    openings = await queries.openings([here["id"], *(other["id"] for other in others)], today)
    not_yet, no_longer = not_yet_words(here, today), no_longer_words(here, today)
    opening = openings[here["id"]]
    is_open_to_come = (
        bool(opening.hours or opening.specials) and has_building(here["kind"]) and not (not_yet or no_longer)
    )
    items = [list_item(other, number, openings[other["id"]]) for number, other in enumerate(others, start=2)]
    cards, has_more = await on_here(here) if not no_longer else ([], False)
    return render(
        request,
        "places/place.html",
        {
            "title": place_name(here),
            "place": here,
            "kind": kind_of_hub(here["kind"], here["hub_name"]),
            "sentence": KIND_SENTENCES[here["kind"]].format(hub=here["hub_name"] or "the hub"),
            "has_building": has_building(here["kind"]),
            "not_yet": not_yet,
            "no_longer": no_longer,
            "badge": now(opening, clock.now()) if is_open_to_come else None,
            "week": week(opening, today) if is_open_to_come else [],
            "facts": getting_there(here),
            "shared": [part.strip() for part in re.split("[;/]", here["shared_with"]) if part.strip()],
            "map": await _map(here, items, others),
            "others": items,
            "kind_words": KIND_WORDS,
            "cards": cards,
            "has_more": has_more,
            "all_here": _all_of_hub(places),
            **await _access(here),
        },
    )


def _all_of_hub(places: list[queries.Row]) -> str:
    """The list of what is on at all places of this place's hub, later dates too."""
    hub = next((place for place in places if place["id"] == place["hub_id"]), None)
    return f"/?hub={hub['slug']}&when=28" if hub else "/?when=28"


async def _access(here: queries.Row) -> dict[str, Any]:
    """What its rooms offer those who need it, and their pictures."""
    rooms = await queries.rooms_for_families(here["id"]) if has_building(here["kind"]) else []
    lines = access_lines((room["name"], room["features"]) for room in rooms)
    return {
        "access": lines,
        "is_step_free_known": says_step_free(lines) or "step" in here["access_notes"].lower(),
        "photos": [room for room in rooms if room["words"]],
    }


def getting_there(here: queries.Row) -> dict[str, Any]:
    """Address lines as on an envelope, and links for map programs."""
    address = "" if here["address"].startswith("(") else here["address"]
    parts = [part.strip() for part in address.split(",")] if address else []
    point = f"{here['lat']:.5f},{here['lon']:.5f}" if here["lat"] is not None else ""
    lat, _, lon = point.partition(",")
    return {
        "address": [part for part in parts if part],
        "is_near_only": not address and bool(here["postcode"]),
        "geo": f"geo:{point}" if point else "",
        "map_link": f"https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}" if point else "",
    }


async def _map(here: queries.Row, items: list[dict[str, Any]], others: list[queries.Row]) -> CountyMap | None:
    if here["lat"] is None or not has_building(here["kind"]):
        return None
    spots = [Spot(here["lat"], here["lon"], 1, here["kind"], place_name(here), f"/places/{here['slug']}")]
    spots += [
        Spot(other["lat"], other["lon"], item["number"], other["kind"], item["name"], item["href"])
        for other, item in zip(others, items, strict=True)
        if other["lat"] is not None
    ]
    return await queries.with_homes(around(Point(here["lat"], here["lon"], ""), spots))


routes = [Route("/places/{slug}", place, name="place")]
