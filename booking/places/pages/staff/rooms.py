"""/staff/rooms/{room}: one room with its rules; its form; a new room of a place."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.places import keeping_rooms, new_rules, place_lists, room_form, room_photos
from booking.places.access import ROOM_FEATURES
from booking.places.new_rules import WouldBreak
from booking.places.pages.staff.asking_places import is_sure, location_in_path, room_in_path, shown_broken, typed_in
from booking.places.pages.staff.places import state_of
from booking.places.room_form import APPROVALS, LAYOUTS, OVERRIDERS, ROOM_KINDS, typed_rules
from booking.problems import Problem, Refused
from booking.web import access
from booking.words import count_words

Row = dict[str, Any]
NEXT = 6


@access("staff")
async def room(request: Request) -> Response:
    who, here, location = await room_in_path(request)
    uses = await new_rules.to_come(for_who=who, room_id=here["id"])
    shown = {
        "title": here["name"],
        "nav": "places",
        "room": here,
        "place": location,
        "path_of_room": f"/staff/rooms/{here['id']}",
        "state": state_of(here | {"state": place_lists.state_of(here)}),
        "facts": _facts(here),
        "rules": _rules(here),
        "photo": await photo_of(here["id"]),
        "uses": [{"href": new_rules.path_of(use), "when": use.when, "title": use.title} for use in uses[:NEXT]],
        "more_uses": max(len(uses) - NEXT, 0),
        "may_keep": place_lists.may_keep(who, location),
    }
    return await web.render_staff(request, "staff/places/room.html", shown)


async def photo_of(room_id: UUID) -> Row | None:
    """{"src", "words"} of the room's picture. A new picture has a new address, so that nobody is shown the old one."""
    found = await room_photos.photo_of(room_id)
    return {"src": photo_src(room_id, found["changed_at"]), "words": found["words"]} if found else None


def photo_src(room_id: UUID, changed_at: Any) -> str:
    return f"/rooms/{room_id}/photo?v={changed_at.timestamp():.0f}"


def _facts(here: Row) -> list[dict[str, str]]:
    layouts = [
        f"{words.split(',')[0]} {here['layouts'][name]}" for name, words in LAYOUTS.items() if name in here["layouts"]
    ]
    own = [f"{name} {most}" for name, most in here["layouts"].items() if name not in LAYOUTS]
    facts = [
        ("Kind", ROOM_KINDS.get(here["kind"], here["kind"].capitalize())),
        ("People", f"{here['capacity']} at most"),
        ("By layout", ", ".join([*layouts, *own])),
        ("Features", ", ".join(part.strip() for part in here["features"].split(";") if part.strip())),
        ("Notes", here["notes"]),
        ("Code", here["code"]),
    ]
    return [{"name": name, "value": value} for name, value in facts if value]


def _rules(here: Row) -> list[dict[str, str]]:
    """Who may book it and how, in words; the limits are for partners."""
    around = [
        f"{count_words(here['setup_minutes'], 'minute')} before" if here["setup_minutes"] else "",
        f"{count_words(here['clear_minutes'], 'minute')} after" if here["clear_minutes"] else "",
    ]
    rules = [("Set-up and clearing", " and ".join(filter(None, around)) or "None")]
    if here["is_partner_bookable"]:
        rules += [
            ("Partners", "May book it"),
            ("Approval", APPROVALS[here["approval"]]),
            ("Notice", _hours_words(here["notice_hours"]) if here["notice_hours"] else "None needed"),
            ("Longest", f"{here['longest_minutes'] / 60:g} hours" if here["longest_minutes"] else "No limit"),
            ("Furthest ahead", count_words(here["furthest_days"], "day") if here["furthest_days"] else "No limit"),
        ]
    else:
        rules.append(("Partners", "Cannot book it"))
    rate = f"£{room_form.pounds(here['rate_pence'])} an hour" if here["rate_pence"] else "Free"
    return [
        {"name": name, "value": value}
        for name, value in [*rules, ("Beyond the rules", OVERRIDERS[here["override_by"]]), ("Rate", rate)]
    ]


def _hours_words(hours: int) -> str:
    return count_words(hours // 24, "day") if hours % 24 == 0 else count_words(hours, "hour")


@access("manager")
async def new(request: Request) -> Response:
    _, location = await location_in_path(request, to_keep=True)
    return await _page(request, location, None, typed_rules(room_form.NEW_ROOM), [])


@access("manager")
async def add(request: Request) -> Response:
    """Sent twice, it is added once."""
    who, location = await location_in_path(request, to_keep=True)
    async with request.form(max_files=0) as form:
        typed, features = typed_in(form), [str(each) for each in form.getlist("features")]
    path_of_place = f"/staff/places/{location['id']}"

    async def once() -> UUID | None:
        if typed.get("form_token") and not await web.remember_answer(typed["form_token"], path_of_place):
            return None
        return await keeping_rooms.add_room(location_id=location["id"], typed=typed, features=features, by=who)

    try:
        room_id = await db.run_tx(once)
    except Refused as refused:
        return await _page(request, location, None, typed | {"ticked": features}, refused.problems)
    request.app.state.pages.forget()
    if room_id is None:
        return web.go(path_of_place)
    web.flash(request, f"{typed['name'].strip()} is added.")
    return web.go(f"/staff/rooms/{room_id}")


@access("manager")
async def edit(request: Request) -> Response:
    _, here, location = await room_in_path(request, to_keep=True)
    return await _page(request, location, here, typed_rules(here), [])


@access("manager")
async def change(request: Request) -> Response:
    who, here, location = await room_in_path(request, to_keep=True)
    async with request.form(max_files=0) as form:
        typed, features = typed_in(form), [str(each) for each in form.getlist("features")]
    shown = typed | {"ticked": features}
    try:
        changed = await keeping_rooms.change_room(
            room_id=here["id"], typed=typed, features=features, by=who, is_sure=is_sure(typed)
        )
    except WouldBreak as would_break:
        return await _page(request, location, here, shown, [], would_break)
    except Refused as refused:
        return await _page(request, location, here, shown, refused.problems)
    request.app.state.pages.forget()
    web.flash(request, _said(changed))
    return web.go(f"/staff/rooms/{here['id']}")


def _said(changed: list[str]) -> str:
    if not changed:
        return "Nothing was changed."
    if {"setup_minutes", "clear_minutes"} & set(changed):
        return "Saved. The new minutes count for new bookings; those already made keep theirs."
    return "Saved."


async def _page(
    request: Request,
    location: Row,
    here: Row | None,
    typed: Row,
    problems: list[Problem],
    would_break: WouldBreak | None = None,
) -> Response:
    path = f"/staff/rooms/{here['id']}" if here else f"/staff/places/{location['id']}"
    kinds = ROOM_KINDS | ({here["kind"]: here["kind"].capitalize()} if here and here["kind"] not in ROOM_KINDS else {})
    blank = typed_rules(room_form.NEW_ROOM) | {"is_partner_bookable": "", "form_token": ""}
    values = blank | typed
    shown = {
        "title": f"Change {here['name']}" if here else f"Add a room: {location['name']}",
        "heading": f"Change {here['name']}" if here else "Add a room",
        "nav": "places",
        "place": location,
        "back": {"href": path, "text": here["name"] if here else location["name"]},
        "path_of_form": f"{path}/edit" if here else f"{path}/rooms/new",
        "is_new": here is None,
        "kinds": kinds,
        "layouts": LAYOUTS,
        "features": ROOM_FEATURES,
        "approvals": APPROVALS,
        "overriders": OVERRIDERS,
        "typed": values,
        "has_layouts": any(values[f"layout-{name}"] for name in LAYOUTS),
        "problems": problems,
        "broken": shown_broken(would_break),
        "form_token": web.new_token(),
    }
    status = 422 if problems or would_break else 200
    return await web.render_staff(request, "staff/places/room_form.html", shown, status=status)


routes = [
    Route("/staff/places/{id:uuid}/rooms/new", new, name="staff_room_new", methods=["GET"]),
    Route("/staff/places/{id:uuid}/rooms/new", add, name="staff_room_add", methods=["POST"]),
    Route("/staff/rooms/{room:uuid}", room, name="staff_room", methods=["GET"]),
    Route("/staff/rooms/{room:uuid}/edit", edit, name="staff_room_edit", methods=["GET"]),
    Route("/staff/rooms/{room:uuid}/edit", change, name="staff_room_change", methods=["POST"]),
]
