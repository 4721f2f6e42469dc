"""/staff/sessions/{id}/bookings/{booking}/miss: a family of a course rings that it misses one date, comes after all, or catches up."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes.bookings import catch_ups, catching_up, giving_up
from booking.programmes.models import Booking
from booking.programmes.pages.staff.asking import path_of, session_in_path, uuid_or_404
from booking.programmes.pages.staff.session import basics
from booking.web import access


@access("staff")
async def ask(request: Request) -> Response:
    """What is known, and what can be done: miss it, come after all, catch up on another day."""
    _, session, booking = await _booking_in_path(request)
    if booking.session_id:
        return _only_given_up(session, booking)
    missed = await _is_missed(booking.id, session["session_id"])
    caught_up = (await catch_ups.of_bookings(booking.run_id, booking.family_id)).get(session["session_id"])
    shown = basics(session) | {
        "heading": "Comes another day" if missed else "Misses this date",
        "booking": booking,
        "name": (await booking.person).name,
        "is_missed": missed,
        "caught_up": caught_up,
        "items": await catch_ups.find(session["session_id"], places=booking.places, family_id=booking.family_id),
    }
    return await web.render_staff(request, "staff/miss.html", shown)


@access("staff")
async def act(request: Request) -> Response:
    who, session, booking = await _booking_in_path(request)
    if booking.session_id:
        return _only_given_up(session, booking)
    async with request.form(max_files=0, max_fields=80) as form:
        what, on = str(form.get("act", "miss")), str(form.get("session", ""))
    try:
        web.flash(request, await _do(what, on, session["session_id"], booking, who))
        request.app.state.pages.forget()
    except Refused as refused:
        web.flash_problems(request, refused)
    path = path_of(session)
    return web.go(f"{path}/bookings/{booking.id}/miss" if what == "miss" else f"{path}#party-{booking.id}")


def _only_given_up(session: dict[str, Any], booking: Booking) -> Response:
    """A place on this one date is not missed but given up."""
    return web.go(f"{path_of(session)}/bookings/{booking.id}/give-up")


async def _do(what: str, on: str, session_id: UUID, booking: Booking, by: Who) -> str:
    """Runs the verb; returns what to say."""
    if what == "catch up":
        await catching_up.catch_up(booking_id=booking.id, missed_id=session_id, session_id=uuid_or_404(on), by=by)
        return "Booked to catch up. The family is told."
    if what == "come":
        creche = await giving_up.come_after_all(booking_id=booking.id, session_id=session_id, by=by)
        if creche is False:
            return "They are expected again. The crèche is full that day: another family has their place."
        return "They are expected again."
    is_creche_free = await giving_up.miss_date(booking_id=booking.id, session_id=session_id, by=by)
    free = " Their crèche place that day is free." if is_creche_free else ""
    return f"They will miss this date; their place on the course stays.{free}"


async def _is_missed(booking_id: UUID, session_id: UUID) -> bool:
    return bool(
        await db.row("SELECT id FROM missed_date WHERE booking_id = $1 AND session_id = $2", booking_id, session_id)
    )


async def _booking_in_path(request: Request) -> tuple[Who, dict[str, Any], Booking]:
    """404 unless the booking is one of this session or of its whole run."""
    who, session = await session_in_path(request)
    booking = await Booking.get_or_none(id=web.uuid_in_path(request, "booking"), run_id=session["run_id"])
    if booking is None or booking.session_id not in (None, session["session_id"]):
        raise HTTPException(404)
    return who, session, booking


MISS = "/staff/sessions/{id}/bookings/{booking}/miss"
routes = [
    Route(MISS, ask, name="staff_miss", methods=["GET"]),
    Route(MISS, act, name="staff_miss_do", methods=["POST"]),
]
