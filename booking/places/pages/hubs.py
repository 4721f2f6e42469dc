"""/hubs: the family hubs of the county, or those nearest a postcode, as a list and on a map of our own."""

from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, words
from booking.places import queries
from booking.places.county_map import CountyMap, Spot, around, of_all
from booking.places.kinds import KIND_WORDS, has_building, is_in_use, kind_of_hub, no_longer_words, not_yet_words
from booking.places.near import Point, find_point, miles
from booking.places.opening import now
from booking.problems import Problem
from booking.web import access, render

SHOWN_AT_FIRST = 10
NEAR_MILES = 40
NOT_FOUND = "We do not know “{}”. Try a full postcode, such as the one on your letters, or the name of a town."


@access("anyone")
async def hubs(request: Request) -> Response:
    typed = " ".join(request.query_params.get("near", "").split())[:60]
    point = await find_point(typed) if typed else None
    today = clock.today()
    places = [place for place in await queries.all_places() if not no_longer_words(place, today)]
    problems = [Problem(NOT_FOUND.format(typed), field="near")] if typed and not point else []
    found = await _near(request, places, point) if point else await _by_area(places)
    return render(
        request,
        "places/hubs.html",
        {
            "title": f"Hubs near {point.words}" if point else "Find a family hub",
            "typed": typed,
            "problems": problems,
            "kind_words": KIND_WORDS,
            "near": None,
            "areas": None,
            **found,
        },
    )


async def _near(request: Request, places: list[queries.Row], point: Point) -> dict[str, Any]:
    is_all = request.query_params.get("show") == "all"
    with_point = [place for place in places if place["lat"] is not None and (is_all or place["kind"] == "hub")]
    for place in with_point:
        place["miles"] = miles(point.lat, point.lon, place["lat"], place["lon"])
    nearest = sorted(with_point, key=lambda place: (place["miles"], place["name"]))
    shown = nearest if request.query_params.get("more") else _first(nearest)
    spots, items = await _numbered(shown, places)
    return {
        "near": {
            "point": point,
            "is_all": is_all,
            "items": items,
            "map": await queries.with_homes(around(point, spots)),
            "left": len(nearest) - len(shown),
        }
    }


def _first(nearest: list[queries.Row]) -> list[queries.Row]:
    """Those to show at first: what can be reached, and if nothing can, the nearest three."""
    within = [place for place in nearest if place["miles"] <= NEAR_MILES]
    return within[:SHOWN_AT_FIRST] or nearest[:3]


async def _by_area(places: list[queries.Row]) -> dict[str, Any]:
    hub_places = [place for place in places if place["kind"] == "hub"]
    spots, items = await _numbered(hub_places, places)
    spot_of = {spot.number: spot for spot in spots}
    areas = []
    for area, of_area in groupby(items, key=lambda item: item["area"]):
        listed = list(of_area)
        on_map = [spot_of[item["number"]] for item in listed if item["number"] in spot_of]
        drawn: CountyMap | None = await queries.with_homes(of_all(on_map)) if on_map else None
        areas.append({"name": area, "items": listed, "map": drawn})
    return {"areas": areas}


async def _numbered(shown: list[queries.Row], places: list[queries.Row]) -> tuple[list[Spot], list[dict[str, Any]]]:
    """The places as spots of the map and as lines of the list, with the same numbers."""
    openings = await queries.openings([place["id"] for place in shown], clock.today()) if shown else {}
    spots, items = [], []
    for number, place in enumerate(shown, start=1):
        item = list_item(place, number, openings[place["id"]])
        item["others"] = _others(place, places) if place["kind"] == "hub" else []
        items.append(item)
        if place["lat"] is not None:
            spots.append(Spot(place["lat"], place["lon"], number, place["kind"], item["name"], item["href"]))
    return spots, items


def list_item(place: queries.Row, number: int, opening: Any) -> dict[str, Any]:
    """A place as one line of a list: name, kind, how far, open or closed."""
    not_yet = not_yet_words(place, clock.today())
    badge = now(opening, clock.now()) if (opening.hours or opening.specials) and not not_yet else None
    return {
        "number": number,
        "area": place["area"],
        "kind": place["kind"],
        "name": place_name(place),
        "inside": place["name"] if place_name(place) != place["name"] else "",
        "href": f"/places/{place['slug']}",
        "far": words.miles_words(place["miles"]) if "miles" in place else "",
        "town": " · ".join(filter(None, [place["district"], words.postcode_words(place["postcode"])])),
        "badge": badge,
        "not_yet": not_yet,
        "kind_words": kind_of_hub(place["kind"], place["hub_name"]),
        "others": [],
    }


def place_name(place: queries.Row) -> str:
    """A hub goes by the hub's name, whatever its building is called."""
    return (place["hub_name"] or place["name"]) if place["kind"] == "hub" else place["name"]


def _others(hub: queries.Row, places: list[queries.Row]) -> list[dict[str, str]]:
    return [
        {"name": place["name"], "href": f"/places/{place['slug']}"}
        for place in places
        if place["hub_id"] == hub["hub_id"]
        and place["id"] != hub["id"]
        and has_building(place["kind"])
        and is_in_use(place, clock.today())
    ]


routes = [Route("/hubs", hubs, name="hubs")]
