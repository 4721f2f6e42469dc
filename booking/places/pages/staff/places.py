"""/staff/places: the locations of the hub with their rooms; and one of them with all that is kept about it."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.cells import WEEKDAYS
from booking.places import keeping_hours, place_lists, queries
from booking.places.kinds import KIND_WORDS
from booking.places.opening import now
from booking.places.pages.staff.asking_places import location_in_path
from booking.places.place_form import weekday_words
from booking.places.place_lists import STATES
from booking.places.room_form import ROOM_KINDS
from booking.web import access
from booking.who_asks import staff_of
from booking.words import count_words, day_and_year, postcode_words, short_instant, time_range

STATE_WORDS = {"": "All", "open": "In use", "planned": "Planned", "ended": "Ended"}
STATE_LEVELS = {"open": "good", "planned": "waits", "ended": "plain"}
KINDS = KIND_WORDS | {"restricted": "Restricted place"}


@access("staff")
async def places(request: Request) -> Response:
    """Search, state and hub narrow the list. At most five queries."""
    who, asked = await staff_of(request), request.query_params
    hubs = await place_lists.hubs_of(who)
    wanted = asked.get("hub", "")
    hub = next((hub for hub in hubs if str(hub["id"]) == wanted), None)
    words, state = asked.get("q", "")[:100], next((each for each in STATES if each == asked.get("state", "")), "")
    found = await place_lists.locations(who, words=words, hub_id=hub["id"] if hub else None, state=state)
    by_hub: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        by_hub.setdefault(row["hub_name"] or "Without a hub", []).append(_line(row))
    shown = {
        "title": "Places",
        "nav": "places",
        "words": words,
        "state": state,
        "hub": hub,
        "hubs": hubs,
        "states": [(value, STATE_WORDS[value]) for value in STATES],
        "by_hub": by_hub,
        "count": len(found),
        "may_add": (who.manages(hub["id"]) if hub else who.is_manager) and bool(hubs or who.is_admin),
    }
    return await web.render_staff(request, "staff/places/list.html", shown, block="results")


def _line(row: dict[str, Any]) -> dict[str, Any]:
    where = [KINDS.get(row["kind"], ""), row["address"], postcode_words(row["postcode"]) if row["postcode"] else ""]
    return {
        "href": f"/staff/places/{row['id']}",
        "name": row["name"],
        "where": " · ".join(filter(None, where)),
        "operator": row["operator"],
        "state": state_of(row),
        "rooms": [
            {
                "href": f"/staff/rooms/{room['id']}",
                "name": room["name"],
                "facts": f"{room['capacity']} people" + ("" if room["state"] == "open" else f", {room['state']}"),
            }
            for room in row["rooms"]
        ],
    }


def state_of(row: dict[str, Any]) -> dict[str, str]:
    """{"level", "words"} for state_tag: "Planned from 1 May 2027", "Ended on 30 March 2027", "In use until ..."."""
    state, begins, ends = row["state"], row["valid_from_date"], row["valid_to_date"]
    words = {
        "planned": f"Planned from {day_and_year(begins)}" if begins else "",
        "ended": f"Ended on {day_and_year(ends)}" if ends else "",
        "open": f"In use until {day_and_year(ends)}" if ends else "In use",
    }[state]
    return {"level": STATE_LEVELS[state], "words": words}


@access("staff")
async def place(request: Request) -> Response:
    who, here = await location_in_path(request)
    today = clock.today()
    opening = (await queries.openings([here["id"]], today))[here["id"]]
    rooms = await db.rows("SELECT * FROM room WHERE location_id = $1 ORDER BY name", here["id"])
    shown = {
        "title": here["name"],
        "nav": "places",
        "place": here,
        "path_of_place": f"/staff/places/{here['id']}",
        "state": state_of(here),
        "facts": _facts(here),
        "badge": now(opening, clock.now()) if opening.hours and here["state"] == "open" else None,
        "hours": _hours(opening),
        "specials": [special_line(row) for row in await keeping_hours.specials_of(here["id"])],
        "closures": await _closures(here["id"]),
        "rooms": [_room_line(room | {"state": place_lists.state_of(room)}) for room in rooms],
        "may_keep": place_lists.may_keep(who, here),
        "public_href": "" if here["is_restricted"] else f"/places/{here['slug']}",
    }
    return await web.render_staff(request, "staff/places/one.html", shown)


def _facts(here: dict[str, Any]) -> list[dict[str, str]]:
    needs_two = "Nobody should be there alone" if here["needs_two"] else "Somebody may be there alone"
    facts = [
        ("Kind", KINDS.get(here["kind"], here["kind"])),
        ("Hub", here["hub_name"]),
        ("Building run by", here["operator"]),
        ("Also there", here["shared_with"]),
        ("Address", here["address"]),
        ("Postcode", postcode_words(here["postcode"]) if here["postcode"] else ""),
        (
            "On the map",
            "" if here["lat"] is not None or here["is_restricted"] else "No point: distances cannot be shown",
        ),
        ("Directions", here["directions"]),
        ("Access notes", here["access_notes"]),
        ("Agreement", _agreement(here)),
        ("Working alone", needs_two),
        ("Code", here["code"]),
    ]
    return [{"name": name, "value": value} for name, value in facts if value]


def _agreement(row: dict[str, Any]) -> str:
    begins = f"from {day_and_year(row['valid_from_date'])}" if row["valid_from_date"] else ""
    ends = f"until {day_and_year(row['valid_to_date'])}" if row["valid_to_date"] else ""
    return " ".join(filter(None, (begins, ends))).capitalize()


def _hours(opening: Any) -> list[dict[str, str]]:
    """A line for each weekday: "Monday", "9am to 5pm"."""
    return [
        {
            "day": WEEKDAYS[n],
            "times": " and ".join(time_range(opens, closes) for opens, closes in sorted(opening.hours.get(n, ()))),
        }
        for n in range(7)
    ]


def special_line(row: dict[str, Any]) -> dict[str, Any]:
    """A special opening in words: days, times, what it does to the usual hours, why."""
    first, last = row["first_date"], row["last_date"]
    days = day_and_year(first) if first == last else f"{day_and_year(first)} to {day_and_year(last)}"
    weekdays = weekday_words(row["weekdays"]) if first != last else ""
    return {
        "id": row["id"],
        "days": f"{weekdays}, {days}" if weekdays else days,
        "times": time_range(row["opens"], row["closes"]),
        "how": "added to the usual hours" if row["is_extra"] else "instead of the usual hours",
        "reason": row["reason"],
    }


async def _closures(location_id: UUID) -> list[dict[str, str]]:
    found = await db.rows(
        "SELECT c.id, c.starts_at, c.ends_at, c.reason, o.name AS room_name FROM closure c"
        " LEFT JOIN room o ON o.id = c.room_id WHERE c.location_id = $1 AND c.ends_at > $2 ORDER BY c.starts_at LIMIT 20",
        location_id,
        clock.now(),
    )
    return [
        {
            "what": row["room_name"] or "The whole place",
            "when": f"{short_instant(row['starts_at'])} to {short_instant(row['ends_at'])}",
            "reason": row["reason"],
        }
        for row in found
    ]


def _room_line(room: dict[str, Any]) -> dict[str, Any]:
    times = [
        f"{count_words(room['setup_minutes'], 'minute')} to set up" if room["setup_minutes"] else "",
        f"{count_words(room['clear_minutes'], 'minute')} to clear" if room["clear_minutes"] else "",
    ]
    return {
        "href": f"/staff/rooms/{room['id']}",
        "name": room["name"],
        "kind": ROOM_KINDS.get(room["kind"], room["kind"].capitalize()),
        "capacity": room["capacity"],
        "times": ", ".join(filter(None, times)),
        "for_partners": bool(room["is_partner_bookable"]),
        "features": room["features"].replace(";", ","),
        "state": state_of(room) if room["state"] != "open" or room["valid_to_date"] else None,
    }


routes = [
    Route("/staff/places", places, name="staff_places", methods=["GET"]),
    Route("/staff/places/{id:uuid}", place, name="staff_place", methods=["GET"]),
]
