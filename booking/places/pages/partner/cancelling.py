"""/partner/bookings/{id}/cancel: this date, this and the later ones, or all; seen first, and taken back within ten minutes."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.signing_in import Who
from booking.places import booked_dates, cancelling_rooms, room_lists
from booking.places.cancelling_rooms import Ended
from booking.places.pages.partner.bookings import BOOKING, booking_in_path, path_of
from booking.places.reserve_form import as_uuid
from booking.places.series_scope import Scope
from booking.problems import Problem, Refused
from booking.web import access
from booking.words import count_words, short_day


def scope_of(given: Any, booking: dict[str, Any]) -> Scope:
    """What was chosen; this date alone unless something else was, or where there is no series."""
    chosen = str(given.get("scope", "this"))
    if not booking["series_id"]:
        return "this"
    return "later" if chosen == "later" else "all" if chosen == "all" else "this"


async def scope_items(booking: dict[str, Any]) -> list[tuple[str, str]]:
    """("this", "Tue 12 Jan only"), ("later", ...), ("all", ...) with how many dates each is; empty without a series."""
    if not booking["series_id"]:
        return []
    dates = await room_lists.dates_of_series(booking["series_id"])
    now = clock.now()
    to_come = [each for each in dates if each["state"] in booked_dates.HELD and each["ends_at"] > now]
    later = [each for each in to_come if each["starts_at"] >= booking["starts_at"]]
    items = [("this", f"{short_day(booked_dates.day_of(booking))} only")]
    if len(later) > 1:
        items.append(("later", f"This and the later ones: {count_words(len(later), 'date')}"))
    if len(to_come) > len(later):
        items.append(("all", f"All that are to come: {count_words(len(to_come), 'date')}"))
    return items


@access("partner")
async def cancel_page(request: Request) -> Response:
    """What cancelling would do, by the act itself rolled back."""
    who, booking = await booking_in_path(request)
    return await _page(request, who, booking, scope_of(request.query_params, booking), "", [])


async def _page(
    request: Request, who: Who, booking: dict[str, Any], scope: Scope, why: str, problems: list[Problem]
) -> Response:
    ended: Ended | None = None
    minutes = web.settings_of(request).places.undo_minutes
    try:
        ended = await cancelling_rooms.preview_cancel(
            room_booking_id=booking["id"], scope=scope, by=who, as_partner=True, undo_minutes=minutes
        )
    except Refused as refused:
        problems = problems or refused.problems
    context = {
        "title": "Cancel",
        "booking": booking,
        "when": f"{short_day(booked_dates.day_of(booking))}, {booked_dates.booking_times(booking)}",
        "scope": scope,
        "scopes": await scope_items(booking),
        "why": why,
        "problems": problems,
        "ended": ended,
        "days": [short_day(booked_dates.day_of(each)) for each in ended.bookings] if ended else [],
        "late": [short_day(clock.local(each).date()) for each in ended.late] if ended else [],
        "undo_minutes": minutes,
        "back": path_of(booking),
    }
    return await web.render_partner(
        request, "partner/cancel.html", context, block="what", status=422 if problems else 200
    )


@access("partner")
async def cancel(request: Request) -> Response:
    who, booking = await booking_in_path(request)
    async with request.form(max_files=0) as form:
        scope, why = scope_of(form, booking), " ".join(str(form.get("why", "")).split())[:300]
    minutes = web.settings_of(request).places.undo_minutes
    try:
        await cancelling_rooms.cancel(
            room_booking_id=booking["id"], scope=scope, by=who, why=why, as_partner=True, undo_minutes=minutes
        )
    except Refused as refused:
        if "ended" in refused.rules:  # pressed twice
            return web.go(path_of(booking))
        return await _page(request, who, booking, scope, why, refused.problems)
    return web.go(path_of(booking))


@access("partner")
async def undo(request: Request) -> Response:
    """Takes back what this booker cancelled themselves; what staff cancelled is not theirs to undo."""
    who, booking = await booking_in_path(request)
    async with request.form(max_files=0) as form:
        event_id = as_uuid(str(form.get("event", "")))
    if event_id is None or not await _is_own_cancelling(who, event_id):
        raise HTTPException(404)
    try:
        ids = await cancelling_rooms.undo_cancel(event_id=event_id, by=who, as_partner=True)
        web.flash(request, f"{count_words(len(ids), 'date is', 'dates are')} yours again. Nobody was told.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(path_of(booking))


async def _is_own_cancelling(who: Who, event_id: UUID) -> bool:
    event = await db.row(
        "SELECT about_id FROM audit_event WHERE id = $1 AND verb = $2 AND by_id = $3",
        event_id,
        cancelling_rooms.VERB,
        who.id,
    )
    return bool(event and await room_lists.booking_of_partner(who.organisation_ids, event["about_id"]))


routes = [
    Route(f"{BOOKING}/cancel", cancel_page, name="partner_cancel", methods=["GET"]),
    Route(f"{BOOKING}/cancel", cancel, name="partner_cancel_do", methods=["POST"]),
    Route(f"{BOOKING}/undo", undo, name="partner_undo", methods=["POST"]),
]
