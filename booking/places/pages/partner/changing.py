"""/partner/bookings/{id}/change: another time, room or day; this date, this and the later ones, or all."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places import booked_dates, changing_rooms, date_lines
from booking.places.changing_rooms import Changed, Wish
from booking.places.date_lines import ShownLine
from booking.places.pages.partner.bookings import BOOKING, booking_in_path, path_of
from booking.places.pages.partner.cancelling import scope_items, scope_of
from booking.places.partner_rooms import room_for_partners, rooms_there
from booking.places.reserve_form import NO_END, NO_NUMBER, NO_ROOM, as_date, as_uuid, is_time
from booking.places.series_scope import Scope
from booking.places.working_out import Line
from booking.problems import Problem, Refused
from booking.web import access
from booking.words import count_words, short_day

NAMES = ("day", "start", "end", "room", "title", "people", "notes")
SAME = Problem("Nothing is different yet. Change the time, the room, the day or the words.", rule="same")
NO_DAY = Problem("Enter the new date.", "day", rule="date")


@dataclass
class Changing:
    """One change under way: the booking, what was typed, and what it would do."""

    who: Who
    booking: dict[str, Any]
    scope: Scope
    typed: dict[str, str]
    keeps_clashing: bool = False
    wish: Wish | None = None
    found: Changed | None = None


@access("partner")
async def change_page(request: Request) -> Response:
    who, booking = await booking_in_path(request)
    if booking["state"] not in booked_dates.HELD or booking["ends_at"] <= clock.now():
        return web.go(f"/partner/bookings/{booking['id']}")
    scope = scope_of(request.query_params, booking)
    return await _page(request, Changing(who, booking, scope, as_typed(booking)), [])


def as_typed(booking: dict[str, Any]) -> dict[str, str]:
    start, end = clock.local(booking["starts_at"]), clock.local(booking["ends_at"])
    return {
        "day": start.date().isoformat(),
        "start": f"{start:%H:%M}",
        "end": f"{end:%H:%M}",
        "room": str(booking["room_id"]),
        "title": booking["title"],
        "people": str(booking["people"] or ""),
        "notes": booking["notes"],
    }


@access("partner")
async def change(request: Request) -> Response:
    """Shows what the change would do to each date, or does it."""
    who, booking = await booking_in_path(request)
    async with request.form(max_files=0) as form:
        typed = {name: " ".join(str(form.get(name, "")).split())[:2000] for name in NAMES}
        under_way = Changing(who, booking, scope_of(form, booking), typed, form.get("keep") == "yes")
        is_saving = form.get("action") == "save"
    under_way.wish, problems = await _read(under_way)
    if problems or under_way.wish is None:
        return await _page(request, under_way, problems)
    if not is_saving:
        return await _page(request, under_way, await _look(under_way))
    try:
        done = await changing_rooms.change(
            room_booking_id=booking["id"],
            scope=under_way.scope,
            wish=under_way.wish,
            by=who,
            as_partner=True,
            leave_clashing=under_way.keeps_clashing,
        )
    except Refused as refused:
        await _look(under_way)
        return await _page(request, under_way, refused.problems)
    web.flash(request, _done_words(done))
    return web.go(path_of(booking))


def _done_words(done: Changed) -> str:
    changed = [line for line in done.lines if line.is_to_be_had]
    asked = [line for line in changed if line.state == "request"]
    words = f"{count_words(len(changed), 'date')} changed."
    if asked:
        words += f" {count_words(len(asked), 'date waits', 'dates wait')} for staff to approve."
    if done.clashing:
        words += f" {count_words(len(done.clashing), 'date keeps', 'dates keep')} what {'it' if len(done.clashing) == 1 else 'they'} had."
    return words


async def _look(under_way: Changing) -> list[Problem]:
    assert under_way.wish is not None
    try:
        under_way.found = await changing_rooms.preview_change(
            room_booking_id=under_way.booking["id"],
            scope=under_way.scope,
            wish=under_way.wish,
            by=under_way.who,
            as_partner=True,
        )
    except Refused as refused:
        return refused.problems
    return []


async def _read(under_way: Changing) -> tuple[Wish | None, list[Problem]]:
    """What is to be different, or the Problems. A room that partners may not have is as if it were not there."""
    typed, was = under_way.typed, as_typed(under_way.booking)
    new = {name: typed[name] for name in NAMES if typed[name] != was[name]}
    problems = []
    if not (is_time(typed["start"]) and is_time(typed["end"]) and typed["start"] < typed["end"]):
        problems.append(NO_END)
    room_id = await _room(new.get("room"))
    if "room" in new and room_id is None:
        problems.append(NO_ROOM)
    day = as_date(new["day"]) if under_way.scope == "this" and "day" in new else None
    if under_way.scope == "this" and "day" in new and day is None:
        problems.append(NO_DAY)
    if "people" in new and not (new["people"].isdecimal() and 1 <= int(new["people"]) <= 2000):
        problems.append(NO_NUMBER)
    if problems:
        return None, problems
    wish = Wish(
        room_id=room_id,
        start=new.get("start"),
        end=new.get("end"),
        day=day,
        title=new["title"][:200] if "title" in new else None,
        people=int(new["people"]) if "people" in new else None,
        notes=new.get("notes"),
    )
    return (wish, []) if wish != Wish() else (None, [SAME])


async def _room(text: str | None) -> UUID | None:
    room = await room_for_partners(as_uuid(text)) if text else None
    return room.id if room else None


async def _page(request: Request, under_way: Changing, problems: list[Problem]) -> Response:
    booking, found = under_way.booking, under_way.found
    context = {
        "title": "Change",
        "booking": booking,
        "when": f"{short_day(booked_dates.day_of(booking))}, {booked_dates.booking_times(booking)}",
        "typed": under_way.typed,
        "scope": under_way.scope,
        "scopes": await scope_items(booking),
        "rooms": await rooms_there(booking["location_id"], booking["room_id"]),
        "times": date_lines.quarter_hours(under_way.typed["start"], under_way.typed["end"]),
        "problems": problems,
        "found": found,
        "lines": _lines(found) if found else [],
        "keeps_clashing": under_way.keeps_clashing,
        "back": path_of(booking),
    }
    is_live = web.is_htmx(request)
    status = 200 if is_live or not problems else 422
    return await web.render_partner(request, "partner/change.html", context, block="dates", status=status)


def _lines(found: Changed) -> list[ShownLine]:
    """What becomes of each date; where it clashes it keeps what it has."""
    words = {"free": ("good", "Will change"), "request": ("waits", "Needs approval"), "clash": ("bad", "Cannot change")}
    shown = []
    for booking, line in zip(found.bookings, found.lines, strict=True):
        level, said = words[line.state]
        room = found.rooms[line.room_id].words if line.room_id != booking["room_id"] else ""
        shown.append(
            ShownLine(
                of=line.of.isoformat(),
                day=short_day(line.day),
                times=date_lines.line_times(line),
                state=line.state,
                level=level,
                state_words=said,
                why=line.why,
                moved=", ".join(filter(None, [room, _was(booking, line)])),
            )
        )
    return shown


def _was(booking: dict[str, Any], line: Line) -> str:
    """ "was 10am to midday", "was Tue 12 Jan, 10am to midday"; empty where neither day nor time is another."""
    day, times = booked_dates.day_of(booking), booked_dates.booking_times(booking)
    if day != line.day:
        return f"was {short_day(day)}, {times}"
    return f"was {times}" if times != date_lines.line_times(line) else ""


routes = [
    Route(f"{BOOKING}/change", change_page, name="partner_change", methods=["GET"]),
    Route(f"{BOOKING}/change", change, name="partner_change_do", methods=["POST"]),
]
