"""/staff/rooms/bookings/{room_booking}: one use of a room, its dates and history; changed after a look at what happens."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.contacts import phone_words
from booking.people.signing_in import Who
from booking.people.trail_words import verb_words
from booking.places import (
    change_form,
    changing_rooms,
    date_lines,
    filling_dates,
    room_history,
    room_lists,
    staff_rooms,
)
from booking.places.change_form import SCOPES, Change
from booking.places.changing_rooms import Changed
from booking.places.chosen_ways import as_uuid
from booking.places.clashes import BENDABLE
from booking.places.using_rooms import keyholders_of
from booking.problems import Problem, Refused
from booking.web import access
from booking.who_asks import staff_of
from booking.words import count_words, day_words, instant_words, short_day, short_instant, time_range

BOOKING = "/staff/rooms/bookings/{room_booking}"
STATES = {
    "confirmed": ("good", "Booked"), "requested": ("waits", "Waits for a decision"), "declined": ("bad", "Declined"),
    "cancelled": ("bad", "Cancelled"), "displaced": ("bad", "Displaced"), "missing": ("bad", "Missing: not free"),
    "skipped": ("plain", "Left out"),
}  # fmt: skip
KINDS = {
    "partner": "Partner",
    "hub": "Our own use",
    "closure": "Closed",
    "swap": "Kept for a swap",
    "session": "Session",
}
NOTHING = Problem("Nothing would change. Choose something else.", rule="same")


async def booking_in_path(request: Request) -> tuple[Who, dict[str, Any]]:
    """Who asks and the booking of the path; 404 when it is not there or not theirs to see (promises P5 and P6)."""
    who = await staff_of(request)
    booking = await room_lists.booking_seen_by(who, web.uuid_in_path(request, "room_booking"))
    if booking is None:
        raise HTTPException(404)
    return who, booking


@access("staff")
async def booking_page(request: Request) -> Response:
    who, booking = await booking_in_path(request)
    if booking["kind"] == "session":
        return await _to_session(request, booking)
    change = change_form.read(request.query_params, booking)
    return await _page(request, who, booking, change)


async def _to_session(request: Request, booking: Mapping[str, Any]) -> Response:
    """A session has a page of its own; what was dragged in the diary goes to the page that moves it."""
    session_id = await room_history.session_in(booking["id"])
    if session_id is None:
        run_id = await room_history.draft_in(booking["id"])
        if run_id is None:
            raise HTTPException(404)
        return web.go(f"/staff/plan/{run_id}")
    asked = {
        name: request.query_params[name] for name in ("room", "date", "start", "end") if name in request.query_params
    }
    return web.go(f"/staff/sessions/{session_id}" + (f"/move?{urlencode(asked)}" if asked else ""))


@access("staff")
async def change(request: Request) -> Response:
    """Saves the change that was looked at."""
    who, booking = await booking_in_path(request)
    async with request.form(max_files=0) as form:
        asked = change_form.read(form, booking)
    wish, problems = change_form.understand(asked, booking)
    if wish and not await _may_go_there(who, wish):
        raise HTTPException(404)
    if wish == changing_rooms.Wish():
        problems = [NOTHING]
    elif wish:
        try:
            changed = await changing_rooms.change(
                room_booking_id=booking["id"], scope=asked.scope, wish=wish, by=who, override=asked.values["override"],
                why=asked.values["why"], leave_clashing=asked.may_leave_clashing,
            )  # fmt: skip
        except Refused as refused:
            problems = refused.problems
        else:
            web.flash(request, _said(changed, booking))
            return web.go(path_of(booking))
    return await _page(request, who, booking, asked, problems)


def path_of(booking: Mapping[str, Any]) -> str:
    return f"/staff/rooms/bookings/{booking['id']}"


async def _may_go_there(who: Who, wish: changing_rooms.Wish) -> bool:
    return wish.room_id is None or await staff_rooms.room_for_staff(who, wish.room_id) is not None


def _said(changed: Changed, booking: Mapping[str, Any]) -> str:
    done = len(changed.lines) - len(changed.clashing)
    words = "Changed." if len(changed.lines) == 1 else f"{count_words(done, 'date')} changed."
    if changed.clashing:
        words += f" {count_words(len(changed.clashing), 'date')} not free, left as before."
    return (
        f"{words} {booking['booker_name']} is told." if booking["organisation_id"] and booking["booker_name"] else words
    )


async def _page(
    request: Request, who: Who, booking: dict[str, Any], asked: Change, problems: list[Problem] | None = None
) -> Response:
    may_change = booking["kind"] in room_lists.OWN_KINDS and booking["state"] in ("confirmed", "requested")
    may_change = may_change and booking["ends_at"] > clock.now()
    found = problems or []
    preview = None
    if may_change and asked.is_asked:
        preview, wrong = await _preview(who, booking, asked)
        found = found or wrong
    shown = basics(booking) | {
        "form": web.Shown(dict(asked.values), found),
        "scope": asked.scope,
        "may_change": may_change,
        "dates": await _dates(who, booking),
        "trail": [_line_of_trail(row) for row in await room_history.trail_of(booking["id"], booking["series_id"])],
        "swap": await room_history.swap_of(booking["id"], who),
        "fill": await _fill(who, booking),
        "undo": await room_history.cancelling_to_undo(booking["id"]) if booking["state"] == "cancelled" else None,
    }
    if may_change:
        shown |= await _to_choose_from(who, booking, asked)
    shown |= _preview_context(preview, who, asked) if preview else {"preview": None}
    return await web.render_staff(request, "staff/rooms/booking.html", shown, status=422 if problems else 200)


async def _fill(who: Who, booking: dict[str, Any]) -> Any:
    """Whether a missing date could be had now; None for one that is not missing."""
    if booking["state"] != "missing" or booking["starts_at"] <= clock.now():
        return None
    try:
        return await filling_dates.preview_fill(room_booking_id=booking["id"], by=who)
    except Refused:
        return None


@access("staff")
async def fill(request: Request) -> Response:
    """Books a missing date whose clash went away."""
    who, booking = await booking_in_path(request)
    try:
        await filling_dates.fill(room_booking_id=booking["id"], by=who)
        web.flash(request, "Booked.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(path_of(booking))


@access("staff")
async def back(request: Request) -> Response:
    _, booking = await booking_in_path(request)
    return web.go(path_of(booking))


async def _preview(who: Who, booking: dict[str, Any], asked: Change) -> tuple[Changed | None, list[Problem]]:
    wish, problems = change_form.understand(asked, booking)
    if wish is None:
        return None, problems
    if wish == changing_rooms.Wish():
        return None, [NOTHING]
    if not await _may_go_there(who, wish):
        raise HTTPException(404)
    try:
        return await changing_rooms.preview_change(
            room_booking_id=booking["id"], scope=asked.scope, wish=wish, by=who, override=asked.values["override"]
        ), []
    except Refused as refused:
        return None, refused.problems


def _preview_context(preview: Changed, who: Who, asked: Change) -> dict[str, Any]:
    blocking = {p.rule for line in preview.lines for p in line.problems if p.level == "blocks"}
    blocking |= {p.rule for p in preview.problems if p.level == "blocks"}
    room = preview.rooms[preview.lines[0].room_id]
    return {
        "preview": preview,
        "lines": [_shown(line, preview) for line in preview.lines],
        "asks_reason": bool(blocking & BENDABLE) or bool(asked.values["override"]),
        "may_override": who.manages(room.hub_id) or room.override_by != "manager",
        "is_out_of_hours": any(line.is_out_of_hours for line in preview.lines),
    }


def _shown(line: Any, preview: Changed) -> dict[str, Any]:
    level, words = {"free": ("good", "Free"), "request": ("waits", "Asks for approval")}.get(
        line.state, ("bad", "Not free")
    )
    return {
        "day": short_day(line.day),
        "times": date_lines.line_times(line),
        "room": preview.rooms[line.room_id].words,
        "state": line.state,
        "level": level,
        "words": words,
        "why": line.why,
    }


async def _to_choose_from(who: Who, booking: dict[str, Any], asked: Change) -> dict[str, Any]:
    room = await staff_rooms.room_for_staff(who, as_uuid(asked.values["room"]))
    location_id = room.location_id if room else booking["location_id"]
    return {
        "scopes": SCOPES,
        "places": await staff_rooms.choices_by_place(who),
        "clock_times": date_lines.quarter_hours(asked.values["start"], asked.values["end"]),
        "keyholders": await keyholders_of([location_id], booking["organisation_id"]),
        "hidden": [(name, asked.values[name]) for name in ("room", "date", "start", "end", "title", "people")],
    }


def basics(booking: dict[str, Any]) -> dict[str, Any]:
    """What the head of every page about one booking says."""
    starts, ends = clock.local(booking["starts_at"]), clock.local(booking["ends_at"])
    level, words = STATES[booking["state"]]
    whose = booking["organisation_name"] or KINDS[booking["kind"]]
    return {
        "title": booking["title"] or whose,
        "nav": "diary",
        "booking": booking,
        "path_of_booking": path_of(booking),
        "day": f"{day_words(starts.date())} {starts.year}",
        "times": time_range(f"{starts:%H:%M}", f"{ends:%H:%M}"),
        "kind_words": KINDS[booking["kind"]],
        "whose": whose,
        "state": {"level": level, "words": words},
        "facts": _facts(booking),
        "diary_href": f"/staff/diary?location={booking['location_id']}&date={starts.date()}",
    }


def _facts(booking: dict[str, Any]) -> list[dict[str, str]]:
    phone = phone_words(booking["keyholder_phone"]) if booking["keyholder_phone"] else ""
    keyholder = ", ".join(part for part in (booking["keyholder_name"], phone) if part)
    rows = [
        ("Room", f"{booking['room_name']}, {booking['location_name']}"),
        ("For", booking["organisation_name"] or ""),
        ("Booked by", booking["booker_name"] or ""),
        ("People", str(booking["people"] or "")),
        ("Set out", booking["layout"].capitalize()),
        ("Keyholder", keyholder or ("Nobody yet" if booking["is_out_of_hours"] else "")),
        ("Second person", booking["second_person"]),
        ("Cost code", booking["cost_code"]),
        ("Notes", booking["notes"]),
        ("Reason", booking["why"]),
        ("Private", "Only staff of this hub see what it is" if booking["is_private"] else ""),
        ("Held until", instant_words(booking["hold_until_at"]) if booking["hold_until_at"] else ""),
        ("Used", {"used": "Yes", "unused": "Nobody came"}.get(booking["use"], "")),
    ]
    return [{"name": name, "value": value} for name, value in rows if value]


async def _dates(who: Who, booking: dict[str, Any]) -> list[dict[str, Any]]:
    """The dates of its series for booked_dates; empty for a single booking."""
    if not booking["series_id"]:
        return []
    return [_date(row, booking) for row in await room_lists.dates_seen_by(who, booking["series_id"])]


def _date(row: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    starts, ends = clock.local(row["starts_at"]), clock.local(row["ends_at"])
    level, words = STATES[row["state"]]
    is_elsewhere = row["room_id"] != shown["room_id"]
    notes = [row["room_name"] if is_elsewhere else "", row["why"] if row["state"] in ("skipped", "missing") else ""]
    notes += ["Nobody came" if row["use"] == "unused" else "", "This date" if row["id"] == shown["id"] else ""]
    return {
        "id": row["id"],
        "href": "" if row["id"] == shown["id"] or row["state"] == "skipped" else path_of(row),
        "day": short_day(starts.date()),
        "times": time_range(f"{starts:%H:%M}", f"{ends:%H:%M}"),
        "level": level,
        "words": words,
        "note": ". ".join(note for note in notes if note),
        "action": None,
        "is_past": row["ends_at"] <= clock.now(),
    }


def _line_of_trail(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "when": short_instant(row["happened_at"]),
        "what": verb_words(row["verb"]),
        "who": row["by_name"] or "The system",
        "why": row["why"],
        "is_undone": row["undone_at"] is not None,
    }


routes = [
    Route(BOOKING, booking_page, name="staff_room_booking", methods=["GET"]),
    Route(BOOKING, change, name="staff_room_booking_change", methods=["POST"]),
    Route(f"{BOOKING}/fill", fill, name="staff_room_booking_fill", methods=["POST"]),
    Route(f"{BOOKING}/fill", back, name="staff_back_from_fill", methods=["GET"]),
]
