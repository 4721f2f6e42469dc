"""What's on: the list and the week, by place, age, day, time, topic and words."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.places import near
from booking.places.near import Near
from booking.programmes.filters import Filters, read_filters
from booking.programmes.finding import PAGE, find_sessions, places_words
from booking.programmes.pages.parents.choices import choices, marked
from booking.web import access
from booking.words import DAYS, day_words, miles_words, short_day, time_words

PARTS = (("00:00", "12:00"), ("12:00", "17:00"), ("17:00", "24:00"))


@access("anyone")
async def whats_on(request: Request) -> Response:
    """The page, or for htmx its results. Made once a second at most for the same filters; at most 6 queries."""
    return web.shared_page(request, await _page(request))


async def _page(request: Request) -> str:
    filters = read_filters(request.query_params)
    offered = await choices(request)
    point = await near.find_point(filters.near) if filters.near else None
    places = _near_enough(offered.places, point, filters) if point else None
    hub = next((hub for hub in offered.hubs if hub.slug == filters.hub), None)
    topics = offered.topic_ids(filters.topic)
    found = (
        []
        if places == []
        else await find_sessions(filters, places=places, hub_id=hub.hub_id if hub else None, topic_ids=topics)
    )
    today = clock.today()
    first, last = filters.window(today)
    context = {
        "title": "Training for professionals" if filters.audience else "What’s on for families",
        "filters": filters,
        "lists": offered.lists,
        "marked": marked,
        "tokens": filters.tokens(offered.names),
        "point": point,
        "is_unknown_place": bool(filters.near and point is None),
        "groups": _groups(found[:PAGE], filters.sort, request.app.state.write_card) if filters.view == "list" else [],
        "week": _week(found, first, today) if filters.view == "week" else [],
        "now_part": _part_now(),
        "first": first,
        "last": last,
        "today": today,
        "count": len(found[:PAGE]) if filters.view == "list" else len(found),
        "has_more": filters.view == "list" and len(found) > PAGE,
        "week_before": max(first - timedelta(days=7), today) if first > today else None,
        "week_after": first + timedelta(days=7),
        "nearest": _nearest_words(offered.places, point) if point and not found else "",
    }
    return web.html_of(request, "programmes/whats_on.html", context, block="results")


def _near_enough(places: list[Near], point: near.Point, filters: Filters) -> list[Near]:
    """Locations within the distance asked for, nearest first; online ones count as near everybody."""
    limit = 9999.0 if filters.within == "any" else float(filters.within)
    found = []
    for place in places:
        if place.kind == "online":
            found.append(_at(place, limit))
        elif place.lat is not None and place.lon is not None:
            distance = near.miles(point.lat, point.lon, place.lat, place.lon)
            if distance <= limit:
                found.append(_at(place, round(distance, 2)))
    return sorted(found, key=lambda place: place.miles or 0)


def _at(place: Near, distance: float) -> Near:
    return Near(
        place.id,
        place.hub_id,
        place.hub_name,
        place.name,
        place.slug,
        place.kind,
        place.postcode,
        place.lat,
        place.lon,
        distance,
    )


def _nearest_words(places: list[Near], point: near.Point) -> str:
    """ "The nearest place is Ferndown Family Hub, 12 miles away." for a search that found nothing near."""
    known = [place for place in places if place.lat is not None and place.lon is not None]
    if not known:
        return ""
    distance, place = min(
        ((near.miles(point.lat, point.lon, p.lat or 0, p.lon or 0), p) for p in known), key=lambda pair: pair[0]
    )
    return f"The nearest place is {place.name}, {miles_words(distance)} away."


def _groups(rows: list[dict[str, Any]], sort: str, write: Callable[[Any], Markup]) -> list[dict[str, Any]]:
    """Cards under a heading a day; where the nearest place comes first, under a heading a place, with the day on the card."""
    today, groups = clock.today(), []
    by_place = sort == "near" and bool(rows) and rows[0]["miles"] is not None
    for _, of_group in groupby(rows, key=lambda row: row["location_id" if by_place else "date"]):
        there = list(of_group)
        name = _place_name(there[0]) if by_place else _day_name(there[0]["date"], today)
        cards = [write(row | {"shown_day": short_day(row["date"])} if by_place else row) for row in there]
        groups.append({"name": name, "cards": cards})
    return groups


def _place_name(row: dict[str, Any]) -> str:
    """ "Ferndown Family Hub, 1.2 miles" """
    return "Online" if row["delivery"] == "online" else f"{row['location_name']}, {miles_words(row['miles'])}"


def _day_name(day: date, today: date) -> str:
    ahead = {0: "Today, ", 1: "Tomorrow, "}.get((day - today).days, "")
    return ahead + day_words(day)


def _week(rows: list[dict[str, Any]], monday: date, today: date) -> list[dict[str, Any]]:
    """The days of a week as week_timetable takes them; Saturday and Sunday only when something is on."""
    days = []
    for n in range(7):
        day = monday + timedelta(days=n)
        on_it = [row for row in rows if row["date"] == day]
        if n > 4 and not on_it:
            continue
        parts = [[_slot(row, today) for row in on_it if low <= row["start_time"] < high] for low, high in PARTS]
        days.append({"name": DAYS[n], "date": short_day(day)[4:], "is_today": day == today, "note": "", "parts": parts})
    return days


def _slot(row: dict[str, Any], today: date) -> dict[str, Any]:
    places = places_words(row)
    return {
        "href": f"/sessions/{row['id']}",
        "title": row["title"],
        "kind": row["booking_mode"],
        "start": time_words(row["start_time"]),
        "end": time_words(row["end_time"]),
        "where": "Online" if row["delivery"] == "online" else row["location_name"],
        "places": places if places["state"] in ("full", "few", "cancelled") else None,
        "is_past": row["date"] < today,
    }


def _part_now() -> int:
    wall = clock.local(clock.now()).strftime("%H:%M")
    return next(n for n, (low, high) in enumerate(PARTS) if low <= wall < high)


routes = [Route("/", whats_on, name="whats_on")]
