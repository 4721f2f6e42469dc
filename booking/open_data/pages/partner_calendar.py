"""/partner/calendar: the partner's own calendar to subscribe to, and one series as a file."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.messages import invites
from booking.open_data.feeds import About
from booking.open_data.pages import links
from booking.people.signing_in import Who
from booking.places.calendar_entries import NO_TITLE, entry_of_series
from booking.web import access
from booking.words import DAYS, day_and_year, time_range

HOME = "/partner/calendar"


async def _own(request: Request) -> tuple[Who, About]:
    """Who asks, and the calendar of the partner for which they act."""
    who, organisation = await web.partner_of(request)
    return who, About("partner", organisation["id"], organisation["name"], None)


@access("partner")
async def calendar_page(request: Request) -> Response:
    _, of = await _own(request)
    return await _page(request, of)


@access("partner")
async def make_feed(request: Request) -> Response:
    who, of = await _own(request)
    form = await links.make(request, of, who, HOME)
    return web.go(f"{HOME}#new") if form is None else await _page(request, of, form)


@access("partner")
async def revoke_feed(request: Request) -> Response:
    who, _ = await _own(request)
    await links.revoke(request, who)
    return web.go(HOME)


@access("partner")
async def series_file(request: Request) -> Response:
    """One series of theirs as a file for "add to calendar", with the id of the mailed entry."""
    who, of = await _own(request)
    series_id = web.uuid_in_path(request)
    theirs = await db.row("SELECT id FROM room_series WHERE id = $1 AND organisation_id = $2", series_id, of.id)
    entry = await entry_of_series(series_id) if theirs else None
    if entry is None:
        raise HTTPException(404)
    if not entry.held:
        web.flash(request, "Nothing of that series is booked, so there is nothing for your calendar.", "note")
        return web.go(HOME)
    return Response(
        await invites.room_download(who.id, entry, clock.now()),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="series.ics"'},
    )


async def _page(request: Request, of: About, form: web.Shown | None = None) -> Response:
    context = {
        "title": "Calendar",
        "nav": "calendar",
        "action": HOME,
        "revoke_path": HOME,
        "series": await _series(of.id),
        **await links.shown(request, of, form),
    }
    return await web.render_partner(request, "open_data/partner_calendar.html", context, status=422 if form else 200)


async def _series(organisation_id: UUID) -> list[dict[str, Any]]:
    """Their series that are not over and hold something, to be downloaded."""
    rows = await db.rows(
        "SELECT s.id, s.title, s.weekday, s.start_time, s.end_time, s.first_date, s.last_date, o.name AS room_name,"
        " l.name AS location_name FROM room_series s JOIN room o ON o.id = s.room_id JOIN location l ON l.id = o.location_id"
        " WHERE s.organisation_id = $1 AND s.last_date >= $2 AND EXISTS (SELECT 1 FROM room_booking b WHERE b.series_id = s.id"
        " AND b.state = 'confirmed') ORDER BY s.first_date, s.id LIMIT 200",
        organisation_id,
        clock.today(),
    )
    return [
        {
            "path": f"{HOME}/series/{row['id']}.ics",
            "title": row["title"] or NO_TITLE,
            "when": f"{DAYS[row['weekday']]}s, {time_range(row['start_time'], row['end_time'])}",
            "dates": f"{day_and_year(row['first_date'])} to {day_and_year(row['last_date'])}",
            "where": f"{row['room_name']}, {row['location_name']}",
        }
        for row in rows
    ]


routes = [
    Route(HOME, calendar_page, name="partner_calendar", methods=["GET"]),
    Route(HOME, make_feed, name="make_partner_feed", methods=["POST"]),
    Route(f"{HOME}/{{id}}/revoke", revoke_feed, name="revoke_partner_feed", methods=["POST"]),
    Route(f"{HOME}/series/{{id}}.ics", series_file, name="partner_series_file", methods=["GET"]),
]
