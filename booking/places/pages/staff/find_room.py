"""/staff/rooms/find: which rooms are free for one date or many, and the ways out where one is not."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.signing_in import Who
from booking.places import find_form, finding_page
from booking.places.find_form import Asked
from booking.places.judging_rooms import Found
from booking.places.near import HIDDEN
from booking.web import access
from booking.who_asks import staff_of

FIND, BOOK = "/staff/rooms/find", "/staff/rooms/book"
COUNTY = "county"


@access("staff")
async def find_room(request: Request) -> Response:
    """Rooms of one's own hubs, of one of them, or of the whole county; only in one's own hubs is there a button to book."""
    who, query = await staff_of(request), request.query_params
    asked = find_form.read(query, query.getlist("feature"), clock.today(), is_live=web.is_htmx(request))
    hubs = await _hubs(who)
    shown = await finding_page.answer(
        asked,
        lambda found: BOOK if _may_book(who, found) else "",
        hub_ids=_hub_ids(who, asked, hubs),
        own_hubs=who.role_hubs,
    )
    all_mine = "All hubs" if who.is_admin else "All my hubs"
    places = [("", all_mine), *((str(hub["id"]), hub["name"]) for hub in hubs)]
    if not who.is_admin:
        places.append((COUNTY, "The whole county"))
    shown |= {"title": "Find a room", "nav": "find", "find_path": FIND, "places": places, "place_words": "Hub"}
    shown["book_words"] = "Book this"
    return await web.render_staff(request, "staff/rooms/find.html", shown, block="results")


def _may_book(who: Who, found: Found) -> bool:
    return who.may_act_at(found.room.hub_id)


def _hub_ids(who: Who, asked: Asked, hubs: list[dict[str, Any]]) -> frozenset[UUID] | None:
    """The hub chosen, if it is one of theirs; None is the whole county."""
    chosen = frozenset(hub["id"] for hub in hubs if str(hub["id"]) == asked.place)
    if chosen:
        return chosen
    return None if who.is_admin or asked.place == COUNTY else who.role_hubs


async def _hubs(who: Who) -> list[dict[str, Any]]:
    """The hubs where they act; a restricted one only for its own staff."""
    found = await db.rows(f"SELECT id, name, ({HIDDEN}) AS is_hidden FROM location WHERE id = hub_id ORDER BY name")
    return [hub for hub in found if who.may_act_at(hub["id"]) and (not hub["is_hidden"] or who.works_at(hub["id"]))]


routes = [Route(FIND, find_room, name="staff_find_room", methods=["GET"])]
