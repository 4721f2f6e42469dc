"""/partner: what needs the booker, what is next, the series, and how much of the allowance is used."""

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.places import allowance, booked_dates, date_lines, last_term, missing_dates, room_lists
from booking.places.pages.partner.asking import partner_of
from booking.web import access
from booking.words import day_words

AHEAD = timedelta(days=400)
NEXT = 8


@access("partner")
async def home(request: Request) -> Response:
    """Of the organisation for which the booker acts."""
    who, organisation = await partner_of(request)
    now, ids = clock.now(), [organisation["id"]]
    missing = await room_lists.of_partner(ids, now, now + AHEAD, states=("missing",), limit=100)
    free = await missing_dates.free_again(missing, who)
    bookings = await room_lists.of_partner(ids, now - timedelta(hours=12), now + AHEAD, limit=200)
    bookings = [booking for booking in bookings if booking["ends_at"] > now]
    series = await room_lists.series_list_of_partner(organisation["id"], now)
    context = {
        "title": organisation["name"],
        "free": [_line(booking) for booking in missing if booking["id"] in free],
        "still_missing": len(missing) - len(free),
        "swaps": await _swaps(organisation),
        "waiting": [_line(booking) for booking in bookings if booking["state"] == "requested"][:NEXT],
        "bookings": _by_day(bookings[:NEXT]),
        "left": max(len(bookings) - NEXT, 0),
        "series": [_series_line(row) for row in series],
        "repeatable": await last_term.series_to_repeat(organisation["id"]),
        "allowance": await _allowance(organisation, bookings),
        "room": None,
    }
    return await web.render_partner(request, "partner/home.html", context)


def _line(booking: dict[str, Any]) -> dict[str, Any]:
    level, words = booked_dates.state_words(booking, clock.now())
    return {
        "id": booking["id"],
        "href": f"/partner/bookings/{booking['id']}",
        "day": day_words(booked_dates.day_of(booking)),
        "times": booked_dates.booking_times(booking),
        "where": f"{booking['room_name']}, {booking['location_name']}",
        "title": booking["title"] or "Room booking",
        "level": level,
        "words": words,
        "note": booking["why"] if booking["state"] == "requested" else "",
    }


def _by_day(bookings: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    days: dict[str, list[dict[str, Any]]] = {}
    for booking in bookings:
        line = _line(booking)
        days.setdefault(line["day"], []).append(line)
    return list(days.items())


def _series_line(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"href": f"/partner/series/{row['id']}", "rule": booked_dates.series_words(row)}


async def _swaps(organisation: dict[str, Any]) -> list[dict[str, Any]]:
    """The open questions whether the partner takes another room."""
    found = await db.rows(
        "SELECT w.token, w.reason, w.answer_by_at, b.starts_at, b.ends_at, b.id, b.state AS booking_state,"
        " o.name AS room_name"
        " FROM room_swap w JOIN room_booking b ON b.id = w.room_booking_id JOIN room o ON o.id = b.room_id"
        " WHERE w.state = 'open' AND b.organisation_id = $1 ORDER BY w.answer_by_at",
        organisation["id"],
    )
    return [
        row | {"day": day_words(booked_dates.day_of(row)), "times": booked_dates.booking_times(row)} for row in found
    ]


async def _allowance(organisation: dict[str, Any], bookings: list[dict[str, Any]]) -> dict[str, Any] | None:
    """How much of this term's hours is used, in the area of the next booking; None without an allowance."""
    most = organisation["minutes_per_term"]
    if most is None:
        return None
    area = bookings[0]["area"] if bookings else await db.value("SELECT area FROM location ORDER BY area LIMIT 1")
    used, term, _, last = await allowance.used_minutes(organisation["id"], area or "", clock.today())
    return {
        "used": min(used, most),
        "most": most,
        "term": term,
        "last": last,
        "used_words": date_lines.hours_words(used),
        "most_words": date_lines.hours_words(most),
        "left_words": date_lines.hours_words(max(most - used, 0)),
        "is_over": used > most,
    }


routes = [Route("/partner", home, name="partner_home", methods=["GET"])]
