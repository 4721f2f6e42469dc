"""What pages of staff about a place or room need first: which place, which room; 404 for what is not theirs (P6)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from booking.people.signing_in import Who
from booking.places import place_lists
from booking.places.keeping_rooms import room_row
from booking.places.new_rules import WouldBreak, path_of
from booking.who_asks import staff_of

Row = dict[str, Any]
MOST_TYPED = 4000
MOST_SHOWN = 200


async def location_in_path(request: Request, *, to_keep: bool = False) -> tuple[Who, Row]:
    """Who asks and the location of the path; with to_keep only for those who may change it."""
    return await _location(request, request.path_params["id"], to_keep=to_keep)


async def room_in_path(request: Request, *, to_keep: bool = False) -> tuple[Who, Row, Row]:
    """Who asks, the room of the path and its location; with to_keep only for those who may change it."""
    try:
        room = await room_row(request.path_params["room"])
    except LookupError as error:
        raise HTTPException(404) from error
    who, location = await _location(request, room["location_id"], to_keep=to_keep)
    return who, room, location


async def _location(request: Request, location_id: UUID, *, to_keep: bool) -> tuple[Who, Row]:
    who = await staff_of(request)
    location = await place_lists.location_seen_by(who, location_id)
    if location is None or (to_keep and not place_lists.may_keep(who, location)):
        raise HTTPException(404)
    return who, location


def typed_in(form: FormData) -> dict[str, str]:
    """Every text of a form; of boxes with one name the texts are joined ("weekdays": "014")."""
    names = dict.fromkeys(form)
    return {
        name: "".join(text for text in form.getlist(name) if isinstance(text, str))[: MOST_TYPED + 1] for name in names
    }


def is_sure(typed: Mapping[str, str]) -> bool:
    """ "Save anyway" was pressed, with the bookings that would not fit on the page."""
    return typed.get("sure") == "yes"


def shown_broken(would_break: WouldBreak | None) -> Row | None:
    """The bookings that would not fit, for the page: count, lines with href, and how many more there are."""
    if would_break is None:
        return None
    lines = [
        {
            "href": path_of(each.use),
            "when": each.use.when,
            "room": each.use.room_name,
            "title": each.use.title,
            "why": each.why,
        }
        for each in would_break.broken[:MOST_SHOWN]
    ]
    return {"count": len(would_break.broken), "lines": lines, "more": len(would_break.broken) - len(lines)}
