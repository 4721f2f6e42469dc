"""/staff/rota/moves: which shifts changed by themselves, until a manager has seen it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.places import place_lists
from booking.problems import Refused
from booking.programmes.disclosure import PRIVATE
from booking.rotas.needs import moving
from booking.rotas.pages.needs.home import hub_asked, may
from booking.rotas.words_for_staff import KINDS
from booking.web import access
from booking.who_asks import staff_of
from booking.words import count_words, short_day, time_range

PAGE = "/staff/rota/moves"


@access("staff")
async def look(request: Request) -> Response:
    who = await staff_of(request)
    hubs = await place_lists.hubs_of(who)
    hub = hub_asked(request.query_params.get("hub", ""), hubs)
    found = await moving.unseen(hub["id"]) if hub else []
    is_own = bool(hub) and who.works_at(hub["id"])

    def hides(row: Mapping[str, Any]) -> bool:
        return bool(row["is_secret"]) and not is_own

    context = {
        "title": "What changed by itself",
        "nav": "rota",
        "hub": hub,
        "shifts": [
            {
                "href": f"/staff/rota/shifts/{row['id']}" if row["state"] == "open" and not hides(row) else "",
                "when": f"{short_day(row['date'])}, {time_range(row['start_time'], row['end_time'])}",
                "what": "" if hides(row) else " · ".join(filter(None, (KINDS[row["kind"]], row["title"]))),
                "place": PRIVATE if hides(row) else row["place_name"],
                "words": "" if hides(row) else row["moved_words"],
                "who": row["published_name"] or row["name"] or ("" if row["state"] == "cancelled" else "Nobody"),
                "is_gone": row["state"] == "cancelled",
            }
            for row in found
        ],
        "until": max((row["moved_at"] for row in found if row["moved_at"]), default=clock.now()).isoformat(),
        "may_keep": bool(hub) and may(who, hub["id"]),
    }
    return await web.render_staff(request, "staff/rota/moves.html", context)


@access("manager")
async def seen(request: Request) -> Response:
    who = await staff_of(request)
    async with request.form(max_files=0) as sent:
        wanted, until = (str(sent.get(name, ""))[:64] for name in ("hub", "until"))
    hub = hub_asked(wanted, await place_lists.hubs_of(who))
    try:
        moment = datetime.fromisoformat(until) if until else clock.now()
    except ValueError as error:
        raise HTTPException(404) from error
    if hub is None or moment.tzinfo is None:
        raise HTTPException(404)
    try:
        done = await moving.mark_seen(hub["id"], moment, by=who)
    except Refused as refused:
        raise HTTPException(404) from refused
    web.flash(request, f"{count_words(done, 'shift')} seen." if done else "There was nothing new.")
    return web.go(f"{PAGE}?hub={hub['id']}")


routes = [
    Route(PAGE, look, name="staff_rota_moves", methods=["GET"]),
    Route(PAGE, seen, name="staff_rota_moves_seen", methods=["POST"]),
]
