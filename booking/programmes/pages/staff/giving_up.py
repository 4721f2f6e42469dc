"""/staff/sessions/{id}/bookings/{booking}/give-up and .../waiting/{entry}/leave: a family rings to say it will not come."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.problems import Refused
from booking.programmes.bookings import giving_up
from booking.programmes.models import Attendee, Booking, WaitingEntry
from booking.programmes.pages.staff.asking import path_of, session_in_path
from booking.programmes.pages.staff.session import basics
from booking.programmes.waiting import waiting
from booking.web import access


@access("staff")
async def ask(request: Request) -> Response:
    """Whose place, and for a whole course: this date only, or all of it."""
    _, session, booking = await _booking_in_path(request)
    shown = basics(session) | {
        "heading": "Give up a place",
        "booking": booking,
        "name": (await booking.person).name,
        "people": await Attendee.filter(booking_id=booking.id).order_by("kind", "id"),
    }
    return await web.render_staff(request, "staff/give_up.html", shown)


@access("staff")
async def act(request: Request) -> Response:
    who, session, booking = await _booking_in_path(request)
    async with request.form(max_files=0) as form:
        is_all = booking.session_id is not None or form.get("which") == "all"
    try:
        if is_all:
            await giving_up.give_up(booking_id=booking.id, by=who)
        else:
            await giving_up.miss_date(booking_id=booking.id, session_id=session["session_id"], by=who)
        request.app.state.pages.forget()
        web.flash(request, "The place is free again." if is_all else "They will miss this date; their place stays.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(path_of(session))


async def _booking_in_path(request: Request) -> tuple[Any, dict[str, Any], Booking]:
    """404 unless the booking is one of this session or of its whole run."""
    who, session = await session_in_path(request)
    booking = await Booking.get_or_none(id=web.uuid_in_path(request, "booking"), run_id=session["run_id"])
    if booking is None or booking.session_id not in (None, session["session_id"]):
        raise HTTPException(404)
    return who, session, booking


@access("staff")
async def leave_waiting(request: Request) -> Response:
    who, session = await session_in_path(request)
    entry = await WaitingEntry.get_or_none(id=web.uuid_in_path(request, "entry"), run_id=session["run_id"])
    if entry is None or entry.session_id not in (None, session["session_id"]):
        raise HTTPException(404)
    try:
        await waiting.leave(entry_id=entry.id, by=who)
        web.flash(request, "Taken off the waiting list.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"{path_of(session)}#waiting")


GIVE_UP = "/staff/sessions/{id}/bookings/{booking}/give-up"
routes = [
    Route(GIVE_UP, ask, name="staff_give_up", methods=["GET"]),
    Route(GIVE_UP, act, name="staff_give_up_do", methods=["POST"]),
    Route("/staff/sessions/{id}/waiting/{entry}/leave", leave_waiting, name="staff_leave_waiting", methods=["POST"]),
]
