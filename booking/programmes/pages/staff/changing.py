"""/staff/sessions/{id}/change: which dates, what of them, what that will do and to whom, and then the act.

What would happen is the act rolled back. For ten minutes whatever was done to dates can be undone here too.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places import staff_rooms, using_rooms
from booking.places.chosen_ways import as_uuid
from booking.places.clashes import BENDABLE
from booking.places.date_lines import quarter_hours
from booking.problems import Problem, Refused
from booking.programmes.changes import acts_to_undo, adding_dates, cancelling_dates, changing_dates, dates_in_scope
from booking.programmes.changes.cancelling import REASONS
from booking.programmes.changes.dates_in_scope import Row
from booking.programmes.pages.staff import change_form, taken_back
from booking.programmes.pages.staff.asking import path_of, session_in_path
from booking.programmes.pages.staff.cancelling import reason_of
from booking.programmes.pages.staff.change_lines import date_rows, sentences
from booking.programmes.pages.staff.session import basics
from booking.programmes.pages.staff.taken_back import after_act, back
from booking.programmes.plans import clashing_dates
from booking.web import access
from booking.words import day_words

UNDONE = "Undone. All is as it was. No family heard of it, except any who booked since."


@access("staff")
async def ask(request: Request) -> Response:
    """First which dates and what of them; then its fields; then what will happen."""
    who, session = await session_in_path(request)
    session = await with_own(session)
    typed = change_form.read(request.query_params, session)
    if typed["what"] == "online":
        return web.go(f"{path_of(session)}/online?scope={typed['scope'] or 'date'}")
    if typed["what"] == "cancel" and typed["scope"] == "date":
        return web.go(f"{path_of(session)}/cancel")
    if not (typed["scope"] and typed["what"]):
        return await _choose(request, session, typed)
    preview, problems = None, []
    if typed["see"]:
        preview, problems = await _look(request, who, session, typed)
    return await _page(request, who, session, typed, problems, preview)


@access("staff")
async def dragged(request: Request) -> Response:
    """Where the diary leads when a date was dragged: the same page, for this date, with what was dragged filled in."""
    _, session = await session_in_path(request)
    asked = {name: request.query_params[name] for name in change_form.FIELDS["when"] if name in request.query_params}
    see = {"see": "1"} if asked else {}
    return web.go(f"{path_of(session)}/change?{urlencode({'scope': 'date', 'what': 'when'} | asked | see)}")


async def with_own(session: Row) -> Row:
    """The session with what only a change looks at: who leads it, its places and what it has of its own."""
    anchor = await dates_in_scope.anchor_of(session["session_id"])
    names = ("facilitator_1", "facilitator_2", "edited", "places")
    return session | {name: anchor[name] for name in names} | {"creche_run_id": anchor["creche_run_id"]}


async def _choose(request: Request, session: Row, typed: dict[str, str]) -> Response:
    to_come = await scopes_of(session)
    shown = basics(session) | {
        "heading": "Change",
        "form": web.Shown(typed | {"scope": typed["scope"] or "date"}),
        "scopes": to_come,
        "whats": list(change_form.WHAT.items()),
    }
    return await web.render_staff(request, "staff/change.html", shown)


async def scopes_of(session: Row) -> list[tuple[str, str]]:
    """(value, words) of the dates that can be meant, with how many there are."""
    anchor = await dates_in_scope.anchor_of(session["session_id"])
    try:
        later = len(await dates_in_scope.dates_of(anchor, "later"))
        every = len(await dates_in_scope.dates_of(anchor, "all"))
    except Refused:
        return []
    found = [("date", f"This date only: {day_words(session['date'])}")]
    if later > 1:
        found.append(("later", f"This and all later dates ({later})"))
    if every > later:
        found.append(("all", f"All dates to come ({every})"))
    return found


async def _look(request: Request, who: Who, session: Row, typed: dict[str, str]) -> tuple[Any, list[Problem]]:
    """The preview of what was typed, or why it cannot be."""
    minutes = web.settings_of(request).places.undo_minutes
    asked: dict[str, Any] = {
        "session_id": session["session_id"],
        "scope": typed["scope"],
        "by": who,
        "undo_minutes": minutes,
    }
    try:
        if typed["what"] == "cancel":
            reason, problems = reason_of(typed["reason"], typed["words"])
            return (None, problems) if problems else (await cancelling_dates.preview(reason=reason, **asked), [])
        wish, problems = change_form.wish(typed, session)
        return (None, problems) if problems else (await changing_dates.preview(wish=wish, **asked), [])
    except Refused as refused:
        return None, refused.problems


async def _page(
    request: Request, who: Who, session: Row, typed: dict[str, str], problems: list[Problem], preview: Any
) -> Response:
    clashes = await _clashes(who, session, typed, problems) if problems and typed["what"] == "when" else []
    shown = basics(session) | {
        "heading": "Change",
        "form": web.Shown(typed, problems),
        "scope_words": dict(await scopes_of(session)).get(typed["scope"], ""),
        "what_words": change_form.WHAT[typed["what"]],
        "clashes": clashes,
        "reasons": [(value, words or "Something else") for value, words in REASONS.items()],
        "undo_minutes": web.settings_of(request).places.undo_minutes,
        "preview": preview,
        "rows": _rows(preview, typed) if preview else [],
        "sentences": sentences(preview) if preview else [],
        "asks_too": bool(preview and any(each.kept for each in getattr(preview, "changes", ()))) or bool(typed["too"]),
    }
    shown |= await _rooms(who, session, typed, problems, preview)
    return await web.render_staff(
        request, "staff/change_preview.html" if preview else "staff/change_form.html", shown,
        status=422 if problems else 200,
    )  # fmt: skip


async def _clashes(who: Who, session: Row, typed: dict[str, str], problems: list[Problem]) -> list[Any]:
    wish, wrong = change_form.wish(typed, session)
    if wrong or typed["scope"] not in dates_in_scope.SCOPES:
        return []
    try:
        return await clashing_dates.clashes(
            session_id=session["session_id"], scope=typed["scope"], wish=wish, by=who
        )  # fmt: skip
    except Refused:
        return []


def _rows(preview: Any, typed: Mapping[str, str]) -> list[dict[str, Any]]:
    if typed["what"] == "cancel":
        return [
            {
                "old": day_words(clock.local(each["starts_at"]).date()),
                "new": "cancelled",
                "room": "",
                "kept": "",
                "is_changed": True,
            }
            for each in preview.dates
        ]
    return date_rows(preview.changes)


async def _rooms(
    who: Who, session: Row, typed: dict[str, str], problems: list[Problem], preview: Any
) -> dict[str, Any]:
    """What the fields of day, time and room need."""
    if typed["what"] != "when":
        return {"places": [], "clock_times": [], "keyholders": [], "is_out_of_hours": False, "asks_reason": False}
    room = await staff_rooms.room_for_staff(who, as_uuid(typed["room"]))
    rules = {problem.rule for problem in [*problems, *(preview.warnings if preview else [])]}
    return {
        "places": [] if session["delivery"] in ("online", "phone") else await staff_rooms.choices_by_place(who),
        "clock_times": quarter_hours(typed["start"], typed["end"]),
        "keyholders": await using_rooms.keyholders_of([room.location_id]) if room else [],
        "is_out_of_hours": bool(rules & {"opening hours", "bank holiday", "keyholder", "lone working"}),
        "asks_reason": bool(rules & BENDABLE) or bool(typed["override"]),
        "may_override": room is None or who.manages(room.hub_id) or room.override_by != "manager",
    }


@access("staff")
async def act(request: Request) -> Response:
    who, session = await session_in_path(request)
    session = await with_own(session)
    async with request.form(max_files=0) as form:
        typed = change_form.read(form, session)
    if not (typed["scope"] and typed["what"] in change_form.FIELDS):
        return web.go(f"{path_of(session)}/change")
    problems = await _do(request, who, session, typed)
    if problems:
        return await _page(request, who, session, typed, problems, None)
    request.app.state.pages.forget()
    return web.go(path_of(session))


async def _do(request: Request, who: Who, session: Row, typed: dict[str, str]) -> list[Problem]:
    minutes = web.settings_of(request).places.undo_minutes
    asked: dict[str, Any] = {
        "session_id": session["session_id"],
        "scope": typed["scope"],
        "by": who,
        "undo_minutes": minutes,
    }
    try:
        if typed["what"] == "cancel":
            reason, problems = reason_of(typed["reason"], typed["words"])
            if not problems:
                await cancelling_dates.cancel(reason=reason, **asked)
            return problems
        wish, problems = change_form.wish(typed, session)
        if not problems:
            await changing_dates.change(wish=wish, **asked)
        return problems
    except Refused as refused:
        return refused.problems


@access("staff")
async def undo(request: Request) -> Response:
    return await after_act(request, acts_to_undo.undo, UNDONE, of_run=adding_dates.VERB)


@access("staff")
async def send_now(request: Request) -> Response:
    return await after_act(request, acts_to_undo.send_now, taken_back.SENT)


CHANGE = "/staff/sessions/{id}/change"
routes = [
    Route(CHANGE, ask, name="staff_change", methods=["GET"]),
    Route("/staff/sessions/{id}/move", dragged, name="staff_move", methods=["GET"]),
    Route(CHANGE, act, name="staff_change_do", methods=["POST"]),
    Route(f"{CHANGE}/undo", undo, name="staff_change_undo", methods=["POST"]),
    Route(f"{CHANGE}/send-now", send_now, name="staff_change_send_now", methods=["POST"]),
    Route(f"{CHANGE}/undo", back, name="staff_back_from_change_undo", methods=["GET"]),
    Route(f"{CHANGE}/send-now", back, name="staff_back_from_change_send_now", methods=["GET"]),
]
