"""/staff/sessions/{id}/move: this date in another room, time or day. First what would happen, which is the act rolled back."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.signing_in import Who
from booking.places import staff_rooms, using_rooms
from booking.places.chosen_ways import as_date, as_uuid, is_time
from booking.places.clashes import BENDABLE
from booking.places.date_lines import quarter_hours
from booking.places.reserve_form import NO_DATE, NO_END, NO_START
from booking.problems import Problem, Refused
from booking.programmes import moving, undoing_cancelling, undoing_move
from booking.programmes.moving import Target
from booking.programmes.pages.staff.asking import path_of, session_in_path, uuid_or_404
from booking.programmes.pages.staff.session import basics
from booking.programmes.telling_moved import Moved
from booking.web import access
from booking.words import clock_time, count_words, day_words, time_range

NAMES = ("room", "date", "start", "end", "keyholder", "second_person", "override")


@access("staff")
async def ask(request: Request) -> Response:
    """The form; with something chosen (or dragged in the diary) what moving it does."""
    who, session = await session_in_path(request)
    typed, is_asked = _read(request.query_params, session)
    preview, problems = None, []
    if is_asked:
        preview, problems = await _look(request, who, session, typed)
    return await _page(request, who, session, typed, problems, preview)


def _read(given: Mapping[str, Any], session: dict[str, Any]) -> tuple[dict[str, str], bool]:
    """What was typed over what the session has, and whether anything was."""
    typed = {name: " ".join(str(given[name]).split())[:200] for name in NAMES if name in given}
    now = {
        "room": str(session["room_id"] or ""), "date": session["date"].isoformat(), "start": session["start_time"],
        "end": session["end_time"], "keyholder": "", "second_person": "", "override": "",
    }  # fmt: skip
    return now | typed, bool(typed)


async def _look(
    request: Request, who: Who, session: dict[str, Any], typed: dict[str, str]
) -> tuple[Moved | None, list[Problem]]:
    target, problems = _target(typed)
    if target is None:
        return None, problems
    minutes = web.settings_of(request).places.undo_minutes
    try:
        return await moving.preview(session_id=session["session_id"], target=target, by=who, undo_minutes=minutes), []
    except Refused as refused:
        return None, refused.problems


def _target(typed: dict[str, str]) -> tuple[Target | None, list[Problem]]:
    day, start, end = as_date(typed["date"]), typed["start"], typed["end"]
    checks = [(day is not None, NO_DATE), (is_time(start), NO_START), (is_time(end) and start < end, NO_END)]
    problems = [problem for is_fine, problem in checks if not is_fine]
    if problems:
        return None, problems
    room_id, keyholder_id = as_uuid(typed["room"]), as_uuid(typed["keyholder"])
    return Target(room_id, day, start, end, keyholder_id, typed["second_person"], typed["override"]), []


async def _page(
    request: Request,
    who: Who,
    session: dict[str, Any],
    typed: dict[str, str],
    problems: list[Problem],
    preview: Moved | None,
) -> Response:
    room = await staff_rooms.room_for_staff(who, as_uuid(typed["room"]))
    rules = {problem.rule for problem in [*problems, *(preview.warnings if preview else [])]}
    shown = basics(session) | {
        "heading": "Move this date",
        "form": web.Shown(typed, problems),
        "places": [] if session["delivery"] == "online" else await staff_rooms.choices_by_place(who),
        "clock_times": quarter_hours(typed["start"], typed["end"]),
        "keyholders": await using_rooms.keyholders_of([room.location_id]) if room else [],
        "is_out_of_hours": bool(rules & {"opening hours", "bank holiday", "keyholder", "lone working"}),
        "asks_reason": bool(rules & BENDABLE) or bool(typed["override"]),
        "may_override": who.is_manager or room is None or room.override_by != "manager",
        "preview": preview,
        "to": _to(typed, room.words if room else "") if preview else "",
        "lines": _lines(preview) if preview else [],
        "undo_minutes": web.settings_of(request).places.undo_minutes,
    }
    return await web.render_staff(request, "staff/move.html", shown, status=422 if problems else 200)


def _to(typed: dict[str, str], room: str) -> str:
    """ "Tuesday 12 January, 10am to 11:30am, Blue room, Ferndown Family Hub" """
    day = as_date(typed["date"])
    assert day is not None
    return ", ".join(part for part in (day_words(day), time_range(typed["start"], typed["end"]), room) if part)


def _lines(preview: Moved) -> list[str]:
    """What will happen, a sentence each."""
    told = len(preview.told) - len(preview.to_ring)
    sentences = [
        f"{count_words(told, 'family is', 'families are')} told: {count_words(preview.sms_count, 'text message')},"
        f" {count_words(preview.mail_count, 'email')}. They leave at {clock_time(preview.messages_leave_at)}, not before."
        if told
        else "No message is sent: nobody who can be written to would learn anything new.",
        f"{count_words(preview.calendar_entries, 'calendar entry follows', 'calendar entries follow')}."
        if preview.calendar_entries
        else "",
        f"{count_words(preview.waiting, 'family', 'families')} on the waiting list of this date: ring them."
        if preview.waiting and preview.told
        else "",
        f"{count_words(preview.reminders, 'reminder is', 'reminders are')} taken back and written anew in time."
        if preview.reminders
        else "",
        *(f"Mind: {problem.words}" for problem in preview.warnings),
    ]
    return [sentence for sentence in sentences if sentence]


@access("staff")
async def act(request: Request) -> Response:
    who, session = await session_in_path(request)
    async with request.form(max_files=0) as form:
        typed, _ = _read(form, session)
    target, problems = _target(typed)
    if target:
        try:
            await moving.move(
                session_id=session["session_id"], target=target, by=who,
                undo_minutes=web.settings_of(request).places.undo_minutes,
            )  # fmt: skip
        except Refused as refused:
            problems = refused.problems
        else:
            request.app.state.pages.forget()
            return web.go(path_of(session))
    return await _page(request, who, session, typed, problems, None)


@access("staff")
async def undo(request: Request) -> Response:
    who, session, event_id = await _event(request)
    try:
        await undoing_move.undo(session_id=session["session_id"], event_id=event_id, by=who)
        request.app.state.pages.forget()
        web.flash(request, "It is where and when it was. No family heard of it.")
    except Refused as refused:
        _say(request, refused)
    return web.go(path_of(session))


@access("staff")
async def send_now(request: Request) -> Response:
    who, session, event_id = await _event(request)
    try:
        await undoing_cancelling.send_now(session_id=session["session_id"], event_id=event_id, by=who, verb=moving.VERB)
        web.flash(request, "The messages are leaving now.")
    except Refused as refused:
        _say(request, refused)
    return web.go(path_of(session))


async def _event(request: Request) -> tuple[Who, dict[str, Any], Any]:
    who, session = await session_in_path(request)
    async with request.form(max_files=0) as form:
        return who, session, uuid_or_404(str(form.get("event", "")))


def _say(request: Request, refused: Refused) -> None:
    for problem in refused.problems:
        web.flash(request, problem.words, "note")


@access("staff")
async def back(request: Request) -> Response:
    _, session = await session_in_path(request)
    return web.go(path_of(session))


MOVE = "/staff/sessions/{id}/move"
routes = [
    Route(MOVE, ask, name="staff_move", methods=["GET"]),
    Route(MOVE, act, name="staff_move_do", methods=["POST"]),
    Route(f"{MOVE}/undo", undo, name="staff_move_undo", methods=["POST"]),
    Route(f"{MOVE}/send-now", send_now, name="staff_move_send_now", methods=["POST"]),
    Route(f"{MOVE}/undo", back, name="staff_back_from_move_undo", methods=["GET"]),
    Route(f"{MOVE}/send-now", back, name="staff_back_from_move_send_now", methods=["GET"]),
]
