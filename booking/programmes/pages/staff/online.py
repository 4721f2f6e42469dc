"""/staff/sessions/{id}/online: a date, later ones or all meet online from now on, or in their room again."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.signing_in import Who
from booking.places import staff_rooms
from booking.places.chosen_ways import as_uuid
from booking.problems import Problem, Refused
from booking.programmes.changes import dates_in_scope, switching_online
from booking.programmes.changes.dates_in_scope import SCOPES, Row, Wish
from booking.programmes.pages.staff.asking import path_of, session_in_path
from booking.programmes.pages.staff.change_form import ways_in
from booking.programmes.pages.staff.change_lines import date_rows, sentences
from booking.programmes.pages.staff.changing import scopes_of
from booking.programmes.pages.staff.session import basics
from booking.programmes.plans import clashing_dates
from booking.web import access

TO = {"online": "Online", "in_person": "In person"}


def _read(given: Any, session: Row) -> dict[str, str]:
    """What was typed; without anything the other way of meeting than now, for this date."""
    scope, to = str(given.get("scope", "")), str(given.get("to", ""))
    other = "in_person" if session["delivery"] == "online" else "online"
    values = {
        "scope": scope if scope in SCOPES else "date",
        "to": to if to in TO else other,
        "join_url": str(given.get("join_url", session["join_url"] or "")).strip()[:300],
        "reason": " ".join(str(given.get("reason", "")).split())[:200],
        "room": str(given.get("room", session["room_id"] or ""))[:40],
        "override": " ".join(str(given.get("override", "")).split())[:200],
        "see": "1" if given.get("see") else "",
    }
    return values | {name: str(value)[:120] for name, value in given.items() if name.startswith("way-") and value}


@access("staff")
async def ask(request: Request) -> Response:
    """The form; then what switching would do, which is the act rolled back."""
    who, session = await session_in_path(request)
    typed = _read(request.query_params, session)
    preview, problems = None, []
    if typed["see"]:
        try:
            preview = await switching_online.preview(**_asked(request, who, session, typed))
        except Refused as refused:
            problems = refused.problems
    return await _page(request, who, session, typed, problems, preview)


def _asked(request: Request, who: Who, session: Row, typed: dict[str, str]) -> dict[str, Any]:
    return {
        "session_id": session["session_id"],
        "scope": typed["scope"],
        "to": typed["to"],
        "join_url": typed["join_url"] if typed["to"] == "online" else "",
        "reason": typed["reason"],
        "by": who,
        "undo_minutes": web.settings_of(request).places.undo_minutes,
        "wish": _wish(session, typed),
    }


def _wish(session: Row, typed: dict[str, str]) -> Wish:
    room_id = as_uuid(typed["room"]) if typed["to"] == "in_person" else None
    other = room_id if room_id != session["room_id"] else None
    return Wish(room_id=other, override=typed["override"], ways=ways_in(typed), changes_edited=True)


async def _page(
    request: Request, who: Who, session: Row, typed: dict[str, str], problems: list[Problem], preview: Any
) -> Response:
    back = typed["to"] == "in_person"
    clashes = await _clashes(who, session, typed) if problems and back else []
    shown = basics(session) | {
        "heading": "Online, or in person",
        "form": web.Shown(typed, problems),
        "scopes": await scopes_of(session),
        "ways_to_meet": list(TO.items()),
        "places": await staff_rooms.choices_by_place(who) if session["delivery"] == "online" or back else [],
        "clashes": clashes,
        "asks_reason": bool(typed["override"]) or any(p.field == "override" for p in problems),
        "undo_minutes": web.settings_of(request).places.undo_minutes,
        "preview": preview,
        "rows": date_rows(preview.changes) if preview else [],
        "sentences": sentences(preview) if preview else [],
    }
    return await web.render_staff(request, "staff/online.html", shown, status=422 if problems else 200)


async def _clashes(who: Who, session: Row, typed: dict[str, str]) -> list[Any]:
    scope: dates_in_scope.Scope = typed["scope"]  # ty: ignore[invalid-assignment]
    try:
        full = replace(_wish(session, typed), delivery="in_person")
        return await clashing_dates.clashes(session_id=session["session_id"], scope=scope, wish=full, by=who)
    except Refused:
        return []


@access("staff")
async def act(request: Request) -> Response:
    who, session = await session_in_path(request)
    async with request.form(max_files=0) as form:
        typed = _read(form, session)
    try:
        await switching_online.switch(**_asked(request, who, session, typed))
    except Refused as refused:
        return await _page(request, who, session, typed, refused.problems, None)
    request.app.state.pages.forget()
    return web.go(path_of(session))


ONLINE = "/staff/sessions/{id}/online"
routes = [
    Route(ONLINE, ask, name="staff_online", methods=["GET"]),
    Route(ONLINE, act, name="staff_online_do", methods=["POST"]),
]
