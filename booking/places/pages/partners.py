"""/partners: the rooms that partner organisations may use, nearest first, and whom to ask for one."""

from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db
from booking.places.near import HIDDEN, Point, find_point, miles
from booking.web import access, render
from booking.words import miles_words

SIZES = {"2": "2 people or more", "8": "8 or more", "12": "12 or more", "20": "20 or more", "30": "30 or more"}
MOST = 40


@access("anyone")
async def partners(request: Request) -> Response:
    """Rooms by location; `near` and `size` narrow them down. Two or three queries."""
    typed = " ".join(request.query_params.get("near", "").split())[:60]
    size = request.query_params.get("size", "")
    size = size if size in SIZES else "2"
    point = await find_point(typed) if typed else None
    found = await _by_location(int(size), point)
    context = {
        "title": "Rooms for partners",
        "typed": typed,
        "is_unknown_place": bool(typed and point is None),
        "size": size,
        "sizes": SIZES,
        "locations": found[:MOST],
        "left": max(len(found) - MOST, 0),
    }
    return render(request, "places/partners.html", context)


async def _by_location(size: int, point: Point | None) -> list[dict[str, Any]]:
    rooms = await db.rows(
        "SELECT l.slug, l.name AS location_name, l.hub_name, l.postcode, l.operator, l.lat, l.lon, o.name, o.capacity, o.features"
        f" FROM room o JOIN (SELECT * FROM location WHERE NOT ({HIDDEN})) l ON l.id = o.location_id"
        " WHERE o.is_partner_bookable AND o.capacity >= $1 AND (l.valid_to_date IS NULL OR l.valid_to_date >= $2)"
        " ORDER BY l.name, l.slug, o.capacity DESC, o.name",
        size,
        clock.today(),
    )
    locations = []
    for _, group in groupby(rooms, key=lambda room: room["slug"]):
        there = list(group)
        first = there[0]
        away = miles(point.lat, point.lon, first["lat"], first["lon"]) if point and first["lat"] is not None else None
        locations.append(first | {"rooms": there, "miles": away, "far": miles_words(away) if away is not None else ""})
    return (
        sorted(locations, key=lambda each: each["miles"] if each["miles"] is not None else 999) if point else locations
    )


routes = [Route("/partners", partners, name="partners")]
