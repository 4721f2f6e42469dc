"""/staff/audit: who did what, when and why."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.trail import PRIVATE, Wanted, find, verbs
from booking.people.trail_words import facts, verb_words
from booking.web import access
from booking.words import instant_words, short_day, short_instant, time_words


@access("staff")
async def audit(request: Request) -> Response:
    who = await web.who_is_asking(request)
    if who is None:
        raise HTTPException(404)
    asked = request.query_params
    page = asked.get("page", "1")
    wanted = Wanted(
        verb=asked.get("verb", "")[:60],
        words=asked.get("q", "")[:100],
        first_date=_date(asked.get("from", "")),
        last_date=_date(asked.get("to", "")),
        page=min(max(int(page), 1), 1000) if page.isdecimal() and len(page) < 5 else 1,
    )
    found, is_more = await find(who, wanted)
    shown = {
        "title": "Audit trail",
        "nav": "audit",
        "wanted": wanted,
        "verbs": [(verb, verb_words(verb)) for verb in await verbs(who)],
        "events": [_told(row) for row in found],
        "pages": _pages(request, wanted.page, is_more),
        "is_filtered": any((wanted.verb, wanted.words, wanted.first_date, wanted.last_date)),
    }
    return await web.render_staff(request, "staff/audit.html", shown, block="results")


def _date(text: str) -> date | None:
    """The date, or None when it is none or centuries away."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 < day.year < 2200 else None


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "when": short_instant(row["happened_at"]),
        "what": verb_words(row["verb"]),
        "about": _about(row),
        "href": "" if row["title"] == PRIVATE else _href(row),
        "who": {"family": "The family"}.get(row["by_name"], row["by_name"]) or "The system",
        "why": row["why"],
        "before": facts(row["before"]),
        "after": facts(row["after"]),
        "is_undone": row["undone_at"] is not None,
    }


def _href(row: Mapping[str, Any]) -> str:
    if row["session_id"]:
        return f"/staff/sessions/{row['session_id']}"
    leads_to = {"room_booking": "/staff/rooms/bookings", "organisation": "/staff/partners", "location": "/staff/places"}
    return f"{leads_to[row['about_kind']]}/{row['about_id']}" if row["about_kind"] in leads_to else ""


def _about(row: Mapping[str, Any]) -> str:
    when = f"{short_day(row['date'])} {time_words(row['start_time'])}" if row["date"] else ""
    if row["starts_at"]:
        when = instant_words(row["starts_at"])
    reference = row["booking_reference"] or row["waiting_reference"]
    return ", ".join(
        part for part in (row["title"], row["partner"], row["room"], row["place"], when, reference) if part
    )


def _pages(request: Request, page: int, is_more: bool) -> dict[str, str]:
    asked = {name: text for name, text in request.query_params.items() if name != "page"}

    def href(number: int) -> str:
        return "/staff/audit?" + urlencode(asked | ({"page": str(number)} if number > 1 else {}))

    return {"before": href(page - 1) if page > 1 else "", "after": href(page + 1) if is_more else ""}


routes = [Route("/staff/audit", audit, name="staff_audit", methods=["GET"])]
