"""/staff/feeds: calendars of rooms, locations, hubs, runs and one's own sessions to subscribe to; secret addresses are made, copied once and revoked."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.open_data import feeds, session_feeds
from booking.open_data.feeds import About
from booking.open_data.pages import links
from booking.people.signing_in import Who
from booking.problems import Problem
from booking.web import access
from booking.words import count_words

HOME = "/staff/feeds"
STAFF_KINDS = ("room", "location", "hub", "run", "staff")
CHOOSE = Problem("Choose a room, a location or a hub first.", rule="unknown")
BACK = {"run": ("/staff/runs/{id}", "The run")}


async def _staff(request: Request) -> Who:
    who = await web.who_is_asking(request)
    assert who is not None  # the access mark has seen to it
    return who


@access("staff")
async def feeds_page(request: Request) -> Response:
    """The addresses of one calendar; without ?kind= and ?about= what there is to choose from."""
    who, asked = await _staff(request), request.query_params
    if not asked.get("kind") and not asked.get("about"):
        return await _choose(request, who)
    return await _page(request, await _about(asked.get("kind", ""), asked.get("about", ""), who), who)


@access("staff")
async def make_feed(request: Request) -> Response:
    who, asked = await _staff(request), request.query_params
    if not asked.get("kind") and not asked.get("about"):
        return await _choose(request, who, [CHOOSE])
    of = await _about(asked.get("kind", ""), asked.get("about", ""), who)
    back = f"{HOME}?kind={of.kind}&about={of.id}"
    form = await links.make(request, of, who, back)
    return web.go(f"{back}#new") if form is None else await _page(request, of, who, form)


@access("staff")
async def revoke_feed(request: Request) -> Response:
    link = await links.revoke(request, await _staff(request))
    return web.go(f"{HOME}?kind={link['kind']}&about={link['about_id']}")


async def _about(kind: str, about_id: str, who: Who) -> About:
    """What is asked for; 404 for what is not there or not theirs. Those of partners and families are on their own pages."""
    try:
        of = await feeds.about(kind, UUID(about_id)) if kind in STAFF_KINDS else None
    except ValueError:
        of = None
    if of is None or not of.may_be_kept_by(who):
        raise HTTPException(404)
    return of


async def _page(request: Request, of: About, who: Who, form: web.Shown | None = None) -> Response:
    choices = {"mine": feeds.OF_STAFF["mine"]} if of.kind == "staff" and not who.role_hubs else None
    back, back_words = BACK.get(of.kind, (HOME, "All calendars"))
    context = {
        "title": f"Calendar: {of.name}",
        "nav": "plan" if of.kind == "run" else "places",
        "back": {"href": back.format(id=of.id), "text": back_words},
        "is_own": of.kind == "staff",
        "own_name": who.name,
        "own_count": count_words(await session_feeds.count_led(who.id), "session") if of.kind == "staff" else "",
        "reader_example": "My phone" if of.kind == "staff" else "Caretaker’s phone",
        "action": f"{HOME}?kind={of.kind}&about={of.id}",
        "revoke_path": HOME,
        **await links.shown(request, of, form, choices),
    }
    return await web.render_staff(request, "open_data/staff_feeds.html", context, status=422 if form else 200)


async def _choose(request: Request, who: Who, problems: list[Problem] | None = None) -> Response:
    context = {
        "title": "Calendars to subscribe to",
        "nav": "places",
        "places": await _places(who),
        "own_path": _path("staff", who.id),
        "links": [links.told(link) for link in await feeds.links_of_hubs(who)],
        "revoke_path": HOME,
        "problems": problems or [],
    }
    return await web.render_staff(request, "open_data/choose_feed.html", context, status=422 if problems else 200)


async def _places(who: Who) -> list[dict[str, Any]]:
    """The locations of their hubs with their rooms."""
    hubs = who.hub_ids
    some = "1 = 1" if hubs is None else f"l.hub_id IN {db.in_list(hubs)}"
    rows = await db.rows(
        "SELECT l.id AS location_id, l.hub_id, l.name, l.hub_name, o.id AS room_id, o.name AS room_name,"
        " (l.is_restricted OR l.kind = 'restricted') AS is_restricted FROM location l LEFT JOIN room o ON o.location_id = l.id"
        f" WHERE {some} ORDER BY l.hub_name, l.name, l.id, o.name",
        *(hubs or ()),
    )
    places: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        if row["is_restricted"] and not who.works_at(row["hub_id"]):
            continue
        place = places.setdefault(row["location_id"], _place(row))
        if row["room_id"]:
            place["rooms"].append({"name": row["room_name"], "path": _path("room", row["room_id"])})
    return list(places.values())


def _place(row: dict[str, Any]) -> dict[str, Any]:
    is_hub = row["location_id"] == row["hub_id"]
    return {
        "name": row["name"],
        "path": _path("location", row["location_id"]),
        "hub_path": _path("hub", row["hub_id"]) if is_hub else "",
        "rooms": [],
    }


def _path(kind: str, about_id: UUID) -> str:
    return f"{HOME}?kind={kind}&about={about_id}"


routes = [
    Route(HOME, feeds_page, name="staff_feeds", methods=["GET"]),
    Route(HOME, make_feed, name="make_feed", methods=["POST"]),
    Route(f"{HOME}/{{id}}/revoke", revoke_feed, name="revoke_feed", methods=["POST"]),
]
