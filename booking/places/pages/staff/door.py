"""The door sheet: what a room is used for on one day, in big type, to hang where everybody passes.

Whoever reads it is the public: what is private, restricted or not listed says "Private booking" even when staff of that
hub print it, requests are not on it, and it names no people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.places.diary import DiaryRoom, Place, places_of, rooms_at, uses_between
from booking.places.grid import times_words
from booking.programmes import disclosure
from booking.programmes.sessions_in_rooms import sessions_in
from booking.web import access
from booking.who_asks import date_in, staff_of
from booking.words import day_words

HIDDEN_KINDS = {"swap"}


@dataclass(frozen=True, slots=True)
class Line:
    times: str
    what: str
    who: str


@access("staff")
async def door(request: Request) -> Response:
    """One room's sheet."""
    room_id = web.uuid_in_path(request, "room")
    location_id = await db.value("SELECT location_id FROM room WHERE id = $1", room_id)
    place = await _place(request, location_id)
    rooms = [room for room in await rooms_at([place.id]) if room.id == room_id]
    return await _sheets(request, place, rooms, f"Door sheet: {rooms[0].name}")


@access("staff")
async def doors(request: Request) -> Response:
    """A sheet for every room of a location that is in use that day, each on its own page."""
    place, day = await _place(request, web.uuid_in_path(request)), date_in(request) or clock.today()
    rooms = [room for room in await rooms_at([place.id]) if room.is_in_use(day)]
    return await _sheets(request, place, rooms, f"Door sheets: {place.name}")


async def _place(request: Request, location_id: Any) -> Place:
    """The location, if who asks may act there; else 404 (promise P6)."""
    places = await places_of(await staff_of(request))
    place = next((place for place in places if place.id == location_id), None)
    if place is None:
        raise HTTPException(404)
    return place


async def _sheets(request: Request, place: Place, rooms: Sequence[DiaryRoom], title: str) -> Response:
    day = date_in(request) or clock.today()
    lines = await lines_of(place, rooms, day)
    shown = {
        "title": f"{title}, {day_words(day)}",
        "nav": "diary",
        "place": place,
        "day": day,
        "sheets": [(room, lines[room.id]) for room in rooms],
        "none_words": "Nothing is booked.",
        "back": f"/staff/diary?location={place.id}&date={day}",
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "today": clock.today(),
        "is_today": day == clock.today(),
    }
    return await web.render_staff(request, "staff/diary/door.html", shown)


async def lines_of(place: Place, rooms: Sequence[DiaryRoom], day: date) -> dict[Any, list[Line]]:
    """By room its uses of the day by time. A divisible room's sheet has those of its parts too, with their names. Two
    queries."""
    begins, ends = clock.at(day, "00:00"), clock.at(day + timedelta(days=1), "00:00")
    rows = [
        row for row in await uses_between([leaf for room in rooms for leaf in room.leaves], begins, ends) if _hangs(row)
    ]
    rows = [row for row in rows if row["starts_at"] < ends and row["ends_at"] > begins]
    sessions = await sessions_in(list({row["id"] for row in rows if row["kind"] == "session"}))
    names = {room.id: room.name for room in rooms}
    lines: dict[Any, list[Line]] = {}
    for room in rooms:
        own = {row["id"]: row for row in rows if row["room_id"] in room.leaves}
        ordered = sorted(own.values(), key=lambda row: row["starts_at"])
        lines[room.id] = [
            _line(row, sessions.get(row["id"]), place, day, _elsewhere(row, room, names)) for row in ordered
        ]
    return lines


def _hangs(row: dict[str, Any]) -> bool:
    return row["state"] == "confirmed" and row["kind"] not in HIDDEN_KINDS


def _elsewhere(row: dict[str, Any], room: DiaryRoom, names: dict[Any, str]) -> str:
    """The part, on the sheet of the whole; the whole, on the sheet of a part."""
    return "" if row["booked_room_id"] == room.id else names.get(row["booked_room_id"], "")


def _line(row: dict[str, Any], session: dict[str, Any] | None, place: Place, day: date, elsewhere: str) -> Line:
    what, who = _words(row, session, place)
    times = times_words(row["starts_at"], row["ends_at"], day)
    return Line(times, what, " · ".join(filter(None, (who, elsewhere))))


def _words(row: dict[str, Any], session: dict[str, Any] | None, place: Place) -> tuple[str, str]:
    """What it is, and the organisation behind it."""
    if row["is_private"] or place.is_restricted:
        return disclosure.PRIVATE, ""
    if row["kind"] == "closure":
        return "Closed", row["reason"] or ""
    if row["kind"] == "session":
        shown = disclosure.shown(session, "public") if session and session["is_listed"] else None
        return (shown.title if shown else disclosure.PRIVATE), ""
    return row["title"] or row["organisation"] or "In use", row["organisation"] or ""


routes = [
    Route("/staff/rooms/{room}/door", door, name="door_sheet", methods=["GET"]),
    Route("/staff/places/{id}/doors", doors, name="door_sheets", methods=["GET"]),
]
