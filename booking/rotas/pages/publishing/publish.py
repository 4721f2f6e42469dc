"""/staff/rota/publish: what publishing would tell whom, what stands in its way, and the button."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.signing_in import Who
from booking.places import place_lists
from booking.problems import Problem, Refused
from booking.rotas import publishing
from booking.rotas.pages.publishing import shown
from booking.rotas.pages.week_shown import monday_shown
from booking.web import access
from booking.who_asks import staff_of
from booking.words import day_words

WEEKS = (1, 2, 4, 6, 8)
ASKED_AGAIN = {"nothing", "meanwhile"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A hub of who asks, from a Monday on so many weeks."""

    hub: dict[str, Any]
    first: date
    weeks: int

    @property
    def last(self) -> date:
        return self.first + timedelta(days=7 * self.weeks - 1)

    @property
    def hub_id(self) -> UUID:
        return self.hub["id"]

    @property
    def words(self) -> str:
        return f"{self.hub['name']}, {day_words(self.first)} to {day_words(self.last)} {self.last.year}"

    @property
    def query(self) -> str:
        return urlencode({"hub": self.hub_id, "from": self.first, "weeks": self.weeks})


async def read(asked: QueryParams | FormData, hubs: list[dict[str, Any]]) -> Asked | None:
    """What the address or the form asks for; None until a hub is chosen. Without a day the week
    that is still to be worked. 404 for a hub that is not theirs (promise P6)."""
    wanted = str(asked.get("hub", ""))
    hub = next((each for each in hubs if str(each["id"]) == wanted), None)
    if wanted and hub is None:
        raise HTTPException(404)
    hub = hub or (hubs[0] if len(hubs) == 1 else None)
    if hub is None:
        return None
    try:
        day = date.fromisoformat(str(asked.get("from") or asked.get("date", "")))
    except ValueError:
        day = date.min
    day = day if 2000 < day.year < 2200 else await monday_shown([hub["id"]])
    weeks = str(asked.get("weeks", ""))
    return Asked(hub, day - timedelta(days=day.weekday()), int(weeks) if weeks in map(str, WEEKS) else 4)


@access("manager")
async def look(request: Request) -> Response:
    """What it would do; without a hub the hubs to choose from."""
    who = await staff_of(request)
    hubs = await place_lists.hubs_of(who)
    asked = await read(request.query_params, hubs)
    if asked is None:
        return await _show(request, hubs, None, {})
    return await _look(request, who, hubs, asked, [])


@access("manager")
async def act(request: Request) -> Response:
    """Publishes; or what it would do now, with what stands in the way."""
    who = await staff_of(request)
    hubs = await place_lists.hubs_of(who)
    async with request.form(max_files=0) as sent:
        asked = await read(sent, hubs)
        seen, reason = str(sent.get("seen", ""))[:64], str(sent.get("reason", ""))[:300]
        token = str(sent.get("form_token", ""))[:64] or web.new_token()
    if asked is None:
        return await _show(request, hubs, None, {"problems": [Problem("Choose a hub.", "hub", rule="missing")]}, 422)
    try:
        done = await publishing.publish(
            asked.hub_id, asked.first, asked.last, by=who, reason=reason, seen=seen, undo_minutes=_minutes(request)
        )
    except Refused as refused:
        if refused.rules <= ASKED_AGAIN and (before := await web.first_answer(token)):
            return web.go(before)  # pressed twice
        if any(each.level == "needs_approval" for each in refused.problems):
            missing = Problem("Say why it is published all the same, or put right what stands in the way.", "reason")
            return await _look(request, who, hubs, asked, [missing])
        return await _look(request, who, hubs, asked, refused.problems)
    path = f"/staff/rota/published/{done.id}"
    await web.remember_answer(token, path)
    return web.go(path)


def _minutes(request: Request) -> int:
    return web.settings_of(request).places.undo_minutes


async def _look(
    request: Request, who: Who, hubs: list[dict[str, Any]], asked: Asked, problems: list[Problem]
) -> Response:
    status = 409 if problems else 200
    try:
        preview = await publishing.preview(
            asked.hub_id, asked.first, asked.last, by=who, undo_minutes=_minutes(request)
        )
    except Refused as refused:
        is_nothing = refused.rules == {"nothing"}
        found = problems or ([] if is_nothing else refused.problems)
        context = {"problems": found, "is_nothing": is_nothing}
        return await _show(request, hubs, asked, context, 409 if found else 200)
    return await _show(request, hubs, asked, {"problems": problems, "preview": shown.preview(preview)}, status)


async def _show(
    request: Request, hubs: list[dict[str, Any]], asked: Asked | None, context: dict[str, Any], status: int = 200
) -> Response:
    basics = {
        "title": "Publish the rota",
        "nav": "rota",
        "hubs": hubs,
        "asked": asked,
        "weeks": WEEKS,
        "first": (asked.first if asked else await monday_shown([each["id"] for each in hubs])).isoformat(),
        "problems": [],
        "preview": None,
        "is_nothing": False,
        "undo_minutes": _minutes(request),
        "form_token": web.new_token(),
    }
    return await web.render_staff(request, "staff/rota/publish.html", basics | context, status=status)


routes = [
    Route("/staff/rota/publish", look, name="staff_rota_publish", methods=["GET"]),
    Route("/staff/rota/publish", act, name="staff_rota_publish_do", methods=["POST"]),
]
