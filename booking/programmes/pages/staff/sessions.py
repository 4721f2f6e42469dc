"""/staff/sessions: find a session by words, hub and dates."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.programmes import staff_lists
from booking.programmes.finding_sessions import STATES, Wanted, find
from booking.programmes.pages.staff.asking import chosen_hub
from booking.programmes.pages.staff.today import row
from booking.web import access
from booking.who_asks import date_in, staff_of
from booking.words import day_words

STATE_WORDS = {"": "All", "planned": "Planned", "cancelled": "Cancelled", "open_register": "Register still open"}


@access("staff")
async def sessions(request: Request) -> Response:
    who, now = await staff_of(request), clock.now()
    asked = request.query_params
    page = asked.get("page", "1")
    hubs = await staff_lists.hubs_of(who)
    hub = chosen_hub(request, hubs)
    state = asked.get("state", "") if asked.get("state", "") in STATES else ""
    first = date_in(request, "from") or (None if "from" in asked or state == "open_register" else clock.today())
    wanted = Wanted(
        words=asked.get("q", "")[:100],
        hub_id=hub["id"] if hub else None,
        first_date=first,
        last_date=date_in(request, "to"),
        state=state,
        page=min(max(int(page), 1), 1000) if page.isdecimal() and len(page) < 5 else 1,
    )
    lines, is_more = await find(who, wanted)
    days: dict[str, list] = {}
    for line in lines:
        days.setdefault(day_words(line.date) + f" {line.date.year}", []).append(row(line, now))
    shown = {
        "title": "Sessions",
        "nav": "sessions",
        "wanted": wanted,
        "hubs": hubs,
        "states": [{"value": value, "text": STATE_WORDS[value]} for value in STATES],
        "days": days,
        "count": len(lines),
        "pages": _pages(request, wanted.page, is_more),
    }
    return await web.render_staff(request, "staff/sessions.html", shown, block="results")


def _pages(request: Request, page: int, is_more: bool) -> dict[str, str]:
    """Links to the pages before and after, with the filters as they are."""
    asked = {name: text for name, text in request.query_params.items() if name != "page"}

    def href(number: int) -> str:
        return "/staff/sessions?" + urlencode(asked | ({"page": str(number)} if number > 1 else {}))

    return {"before": href(page - 1) if page > 1 else "", "after": href(page + 1) if is_more else ""}


routes = [Route("/staff/sessions", sessions, name="staff_sessions", methods=["GET"])]
