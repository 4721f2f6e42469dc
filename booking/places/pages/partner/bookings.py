"""/partner/bookings/{id} and /partner/series/{id}: what was booked, every date with its state, and filling missing ones."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.signing_in import Who
from booking.places import booked_dates, cancelling_rooms, filling_dates, missing_dates, room_lists
from booking.places.booked_dates import HELD
from booking.places.chosen_ways import choice_value, read_choice
from booking.places.pages.partner.asking import partner_of
from booking.places.partner_rooms import room_for_partners
from booking.problems import Problem, Refused
from booking.web import access
from booking.words import day_words

NOT_CHOSEN = Problem("Choose one of these.", "way", rule="way")


async def booking_in_path(request: Request) -> tuple[Who, dict[str, Any]]:
    """Who asks and their booking of the path; another partner's is not there (404, promise P6)."""
    who, _ = await partner_of(request)
    booking = await room_lists.booking_of_partner(who.organisation_ids, web.uuid_in_path(request, "room_booking"))
    if booking is None:
        raise HTTPException(404)
    return who, booking


async def undoable(who: Who, booking_ids: list[UUID]) -> dict[str, Any] | None:
    """What this booker cancelled of these and can still take back: {"id", "undo_until_at", "dates"}, the latest first."""
    found = await db.row(
        "SELECT id, undo_until AS undo_until_at, after FROM audit_event WHERE verb = $1 AND by_id = $2 AND undone_at IS NULL"
        f" AND undo_until > $3 AND about_kind = 'room_booking' AND about_id IN {db.in_list(booking_ids, 4)}"
        " ORDER BY at DESC LIMIT 1",
        cancelling_rooms.VERB,
        who.id,
        clock.now(),
        *booking_ids,
    )
    return found and found | {"dates": web.from_json(found["after"])["dates"]}


@access("partner")
async def booking_page(request: Request) -> Response:
    who, booking = await booking_in_path(request)
    now = clock.now()
    is_to_come = booking["ends_at"] > now
    level, words = booked_dates.state_words(booking, now)
    context = {
        "title": booking["title"] or "Room booking",
        "booking": booking,
        "when": f"{day_words(booked_dates.day_of(booking))}, {booked_dates.booking_times(booking)}",
        "level": level,
        "words": words,
        "note": booked_dates.dates_shown([booking], now)[0]["note"],
        "facts": booked_dates.facts_of_booking(booking),
        "may_change": is_to_come and booking["state"] in HELD,
        "may_fill": is_to_come and booking["state"] == "missing",
        "next": booked_dates.what_next([booking]) if "new" in request.query_params else None,
        "undo": await undoable(who, [booking["id"]]),
        "swap": await open_swap(booking["id"]),
    }
    return await web.render_partner(request, "partner/booking.html", context)


async def open_swap(booking_id: UUID) -> dict[str, Any] | None:
    """The swap about which this booking's partner is asked, or None."""
    return await db.row(
        "SELECT w.token, w.reason, w.answer_by_at FROM room_swap w WHERE w.room_booking_id = $1 AND w.state = 'open'",
        booking_id,
    )


@access("partner")
async def series_page(request: Request) -> Response:
    who, _ = await partner_of(request)
    series_id = web.uuid_in_path(request)
    dates = await room_lists.series_of_partner(who.organisation_ids, series_id)
    if not dates:
        raise HTTPException(404)
    now = clock.now()
    undo = await undoable(who, [each["id"] for each in dates])
    rule = await db.row("SELECT * FROM room_series WHERE id = $1", series_id)
    to_come = [each for each in dates if each["state"] in HELD and each["ends_at"] > now]
    free = await missing_dates.free_again(dates, who)
    shown = booked_dates.dates_shown(dates, now, free)
    context = {
        "title": dates[0]["title"] or "Room bookings",
        "series_id": series_id,
        "rule": booked_dates.series_words(rule or dates[0]),
        "counts": booked_dates.counts_words(dates, now),
        "facts": booked_dates.facts_of_booking(_most_like(dates)),
        "missing": [line for line in shown if line["action"]],
        "free": free,
        "dates": [line for line in shown if not line["is_past"]],
        "past": [line for line in shown if line["is_past"]],
        "first": to_come[0]["id"] if to_come else None,
        "next": booked_dates.what_next(dates) if "new" in request.query_params else None,
        "undo": undo,
        "undo_booking": dates[0]["id"],
    }
    return await web.render_partner(request, "partner/series.html", context)


def _most_like(dates: list[dict[str, Any]]) -> dict[str, Any]:
    """A date in the room and at the times that most of them have."""
    usual = booked_dates.usual_of(dates)
    return next(each for each in dates if (each["room_id"], booked_dates.booking_times(each)) == usual)


@access("partner")
async def fill_page(request: Request) -> Response:
    who, booking = await booking_in_path(request)
    if booking["state"] != "missing":
        return web.go(path_of(booking))
    return await _fill_page(request, who, booking, [])


async def _fill_page(request: Request, who: Who, booking: dict[str, Any], problems: list[Problem]) -> Response:
    try:
        line = await filling_dates.preview_fill(room_booking_id=booking["id"], by=who, as_partner=True)
    except Refused as refused:
        web.flash_problems(request, refused)
        return web.go(path_of(booking))
    ways = [] if line.is_to_be_had else await missing_dates.other_ways(booking)
    context = {
        "title": "Fill a missing date",
        "booking": booking,
        "when": f"{day_words(booked_dates.day_of(booking))}, {booked_dates.booking_times(booking)}",
        "line": line,
        "ways": [(choice_value(way.choice), way.words) for way in ways],
        "problems": problems,
        "back": path_of(booking),
    }
    return await web.render_partner(request, "partner/fill.html", context, status=422 if problems else 200)


@access("partner")
async def fill(request: Request) -> Response:
    """Takes the missing date as it was wanted, or the way out that was chosen."""
    who, booking = await booking_in_path(request)
    async with request.form(max_files=0) as form:
        way = str(form.get("way", ""))
    choice = read_choice(way) if way != "same" else None
    if way != "same" and (choice is None or choice.kind != "use"):
        return await _fill_page(request, who, booking, [NOT_CHOSEN])
    if choice and choice.room_id and await room_for_partners(choice.room_id) is None:
        raise HTTPException(404)
    try:
        line = await filling_dates.fill(
            room_booking_id=booking["id"],
            by=who,
            as_partner=True,
            room_id=choice.room_id if choice else None,
            start=choice.start if choice else None,
            end=choice.end if choice else None,
        )
    except Refused as refused:
        if "not missing" in refused.rules:
            return web.go(path_of(booking))
        return await _fill_page(request, who, booking, refused.problems)
    done = "is yours" if line.state == "free" else "is asked for; staff answer by email"
    web.flash(request, f"{day_words(line.day)} {done}.")
    return web.go(path_of(booking))


def path_of(booking: dict[str, Any]) -> str:
    """The page of its series, else its own."""
    return f"/partner/series/{booking['series_id']}" if booking["series_id"] else f"/partner/bookings/{booking['id']}"


BOOKING = "/partner/bookings/{room_booking}"
routes = [
    Route(BOOKING, booking_page, name="partner_booking", methods=["GET"]),
    Route("/partner/series/{id}", series_page, name="partner_series", methods=["GET"]),
    Route(f"{BOOKING}/fill", fill_page, name="partner_fill", methods=["GET"]),
    Route(f"{BOOKING}/fill", fill, name="partner_fill_do", methods=["POST"]),
]
