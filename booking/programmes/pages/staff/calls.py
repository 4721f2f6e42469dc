"""The part of Today that lists the calls to make, and what staff say of each: /staff/calls/{id}."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.messages import calls
from booking.messages.calls import Call
from booking.messages.words_for_staff import KINDS
from booking.people.languages import language
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes import staff_lists
from booking.web import access
from booking.who_asks import staff_of
from booking.words import clock_time, short_day

CALLS, NOTED = "calls", "Noted."


async def part(who: Who, hub_id: UUID | None) -> dict[str, Any]:
    """What the part shows: calls, with the words of each, how a call can end, and the hub that was chosen."""
    found = await calls.to_make(who, hub_id=hub_id)
    return {
        "calls": [_shown(each) for each in found],
        "calls_now": sum(1 for each in found if not each.from_at),
        "calls_hub": hub_id,
        "hows": calls.HOW,
        "calls_words": "",
    }


def _shown(call: Call) -> dict[str, Any]:
    spoken = language(call.language)
    return asdict(call) | {
        "about": KINDS.get(call.kind, "Message"),
        "href": f"/staff/sessions/{call.session_id}" if call.session_id else "",
        "from_words": _instant(call.from_at) if call.from_at else "",
        "until_words": _instant(call.until_at) if call.until_at else "",
        "language_words": "" if spoken.code == "en" else spoken.words,
        "lines": call.words.split("\n"),
    }


def _instant(instant: datetime) -> str:
    """ "4:30pm" today, "Tue 12 January, 9:30am" on another day."""
    day = clock.local(instant).date()
    return clock_time(instant) if day == clock.today() else f"{short_day(day)}, {clock_time(instant)}"


@access("staff")
async def settle(request: Request) -> Response:
    """Somebody rang: how it went. With htmx the list as it is now, otherwise back to Today."""
    who, call_id = await _call_in_path(request)
    async with request.form(max_files=0, max_fields=100) as form:
        how, words, hub = (str(form.get(name, "")) for name in ("how", "words", "hub"))
    hub_id = {str(each["id"]): each["id"] for each in await staff_lists.hubs_of(who)}.get(hub)
    said = await _settle(call_id, who, how, words)
    if web.is_htmx(request):
        shown = await part(who, hub_id)
        return await web.render_staff(request, "staff/_calls.html", shown | {"calls_words": said})
    web.flash(request, said, "success" if said == NOTED else "note")
    return web.go(f"/staff?hub={hub_id}#{CALLS}" if hub_id else f"/staff#{CALLS}")


async def _call_in_path(request: Request) -> tuple[Who, UUID]:
    """Who asks and the call of the path; 404 when it is not there or not theirs (promises P5, P6)."""
    who, call_id = await staff_of(request), web.uuid_in_path(request)
    if not await calls.is_theirs(call_id, who):
        raise HTTPException(404)
    return who, call_id


async def _settle(call_id: UUID, who: Who, how: str, words: str) -> str:
    if how not in calls.HOW:
        return "Choose how the call went."
    try:
        await calls.settle(call_id, who, how, words)
    except Refused as refused:
        return " ".join(problem.words for problem in refused.problems)
    return NOTED


@access("staff")
async def back(request: Request) -> Response:
    """Where somebody lands who had to sign in again in the middle of a call."""
    await _call_in_path(request)
    return web.go(f"/staff#{CALLS}")


routes = [
    Route("/staff/calls/{id}", settle, name="staff_call", methods=["POST"]),
    Route("/staff/calls/{id}", back, name="staff_call_back", methods=["GET"]),
]
