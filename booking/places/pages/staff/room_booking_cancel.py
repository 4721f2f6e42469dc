"""/staff/rooms/bookings/{room_booking}/cancel: what cancelling ends and who is told; then it is done, and undone for ten minutes."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places import cancelling_rooms, room_history
from booking.places.change_form import SCOPES
from booking.places.pages.staff.room_booking import BOOKING, back, basics, booking_in_path, path_of
from booking.problems import Problem, Refused
from booking.web import access
from booking.words import clock_time, count_words, short_day, time_range


@access("staff")
async def ask_to_cancel(request: Request) -> Response:
    """Which dates and why; the preview is the act rolled back."""
    who, booking = await booking_in_path(request)
    return await _cancel_page(request, who, booking, request.query_params)


async def _cancel_page(
    request: Request, who: Who, booking: dict[str, Any], given: Mapping[str, Any], problems: list[Problem] | None = None
) -> Response:
    scope = _scope(given, booking)
    found, preview = problems or [], None
    try:
        preview = await cancelling_rooms.preview_cancel(room_booking_id=booking["id"], scope=scope, by=who)
    except Refused as refused:
        found = found or refused.problems
    shown = basics(booking) | {
        "heading": "Cancel",
        "scopes": SCOPES,
        "scope": scope,
        "why": str(given.get("why", ""))[:200],
        "problems": found,
        "ended": [_ended(row) for row in preview.bookings] if preview else [],
        "late": len(preview.late) if preview and booking["organisation_id"] else 0,
        "undo_minutes": web.settings_of(request).places.undo_minutes,
    }
    return await web.render_staff(request, "staff/rooms/cancel.html", shown, status=422 if problems else 200)


def _scope(given: Mapping[str, Any], booking: dict[str, Any]) -> Any:
    scope = given.get("scope")
    return scope if scope in SCOPES and booking["series_id"] else "this"


def _ended(row: dict[str, Any]) -> str:
    starts, ends = clock.local(row["starts_at"]), clock.local(row["ends_at"])
    return f"{short_day(starts.date())}, {time_range(f'{starts:%H:%M}', f'{ends:%H:%M}')}"


@access("staff")
async def cancel(request: Request) -> Response:
    who, booking = await booking_in_path(request)
    async with request.form(max_files=0) as form:
        given = {name: " ".join(str(form.get(name, "")).split())[:200] for name in ("scope", "why")}
    minutes = web.settings_of(request).places.undo_minutes
    try:
        done = await cancelling_rooms.cancel(
            room_booking_id=booking["id"], scope=_scope(given, booking), by=who, why=given["why"], undo_minutes=minutes
        )
    except Refused as refused:
        return await _cancel_page(request, who, booking, given, refused.problems)
    web.flash(
        request,
        f"{count_words(len(done.booking_ids), 'date')} cancelled. Until {clock_time(done.undo_until)} you can undo it.",
    )
    return web.go(path_of(booking))


@access("staff")
async def undo(request: Request) -> Response:
    """Takes the cancelling of this booking back while nobody has heard of it."""
    who, booking = await booking_in_path(request)
    event = await room_history.cancelling_to_undo(booking["id"])
    try:
        if event is None:
            raise Refused([cancelling_rooms.TOO_LATE])
        back = await cancelling_rooms.undo_cancel(event_id=event["id"], by=who)
        web.flash(request, f"{count_words(len(back), 'date')} booked as before. Nobody heard of it.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(path_of(booking))


routes = [
    Route(f"{BOOKING}/cancel", ask_to_cancel, name="staff_room_booking_cancel", methods=["GET"]),
    Route(f"{BOOKING}/cancel", cancel, name="staff_room_booking_cancel_do", methods=["POST"]),
    Route(f"{BOOKING}/undo", undo, name="staff_room_booking_undo", methods=["POST"]),
    Route(f"{BOOKING}/undo", back, name="staff_back_from_room_undo", methods=["GET"]),
]
