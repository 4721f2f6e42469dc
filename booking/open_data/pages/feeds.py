"""/feeds/{token}.ics and .ifb: calendars that other programs read. Whoever has the token may; a wrong one is not there."""

import hashlib
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking.messages import feed_calendar
from booking.open_data import duty_feeds, feeds, free_busy, room_uses, session_feeds
from booking.web import access

# kept by the reader's program alone, and asked about each time: an address can be revoked at any moment
KEPT = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@access("anyone")
async def calendar(request: Request) -> Response:
    """The calendar, or 304 when the reader has it as it is: then after two queries."""
    link = await _link(request)
    says = next((each for each in (session_feeds, duty_feeds) if link["kind"] in each.KINDS), room_uses)
    rows = await says.rows_of(link)
    version = room_uses.version_of(link, rows)
    headers = _headers(version, await feeds.was_read(link, version))
    if _is_known(request, headers):
        return Response(status_code=304, headers=headers)
    return _answer(feed_calendar.feed(says.name_of(link), says.uses(link, rows)), headers)


@access("anyone")
async def times(request: Request) -> Response:
    """When one room is free and busy; of other kinds of link there is no such file."""
    link = await _link(request)
    if link["kind"] != "room":
        raise HTTPException(404)
    first_at, last_at = room_uses.window()
    periods = await free_busy.periods_of(link["about_id"], first_at, last_at)
    version = hashlib.sha256(repr((first_at, periods)).encode()).hexdigest()[:32]
    headers = {"ETag": f'W/"{version}"', **KEPT}
    if _is_known(request, headers):
        return Response(status_code=304, headers=headers)
    return _answer(feed_calendar.free_busy(str(link["id"]), first_at, last_at, periods, first_at), headers)


async def _link(request: Request) -> dict[str, Any]:
    link = await feeds.link_of(request.path_params["token"])
    if link is None:
        raise HTTPException(404)
    return link


def _headers(version: str, changed_at: datetime) -> dict[str, str]:
    return {"ETag": f'W/"{version}"', "Last-Modified": format_datetime(changed_at, usegmt=True), **KEPT}


def _is_known(request: Request, headers: dict[str, str]) -> bool:
    """RFC 9110 section 13.2.2: what the reader says of versions counts; of times only where it says nothing of versions."""
    versions = request.headers.get("if-none-match")
    if versions is not None:
        return versions.strip() == "*" or headers["ETag"] in [each.strip() for each in versions.split(",")]
    since, changed = request.headers.get("if-modified-since"), headers.get("Last-Modified")
    try:
        return bool(since and changed) and parsedate_to_datetime(str(changed)) <= parsedate_to_datetime(str(since))
    except (ValueError, TypeError):
        return False


def _answer(text: str, headers: dict[str, str]) -> Response:
    return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)


routes = [
    Route("/feeds/{token}.ics", calendar, name="feed", methods=["GET"]),
    Route("/feeds/{token}.ifb", times, name="free_busy", methods=["GET"]),
]
