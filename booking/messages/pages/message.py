"""/outbox/{id}: one message with its life, and what staff do with it by hand."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.messages import life, outbox_lists, sending_again
from booking.messages.life import Step
from booking.messages.pages.told import may_open, reader_of, told
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.web import access
from booking.words import short_instant


@access("same machine")
async def message_page(request: Request) -> Response:
    reader, who = await reader_of(request), await web.who_is_asking(request)
    row = await outbox_lists.find_one(reader, web.uuid_in_path(request))
    if row is None:
        raise HTTPException(404)
    message = told(row, who, web.settings_of(request).messages.sms_part_pence)
    shown = {
        "title": message["kind"],
        "nav": "messages",
        "message": message,
        "steps": [_step(step) for step in await life.steps(reader, row)],
        "acts": _acts(row, who),
        "person_href": f"/outbox?person={row['person_id']}" if row["person_id"] else "",
    }
    return await web.render_staff(request, "staff/message.html", shown)


def _step(step: Step) -> dict[str, Any]:
    at = short_instant(step.at) if step.at else ""
    is_ahead = step.at is not None and step.at > clock.now()
    return {"at": "" if is_ahead else at, "words": step.words, "level": step.level, "href": step.href}


def _acts(row: Mapping[str, Any], who: Who | None) -> dict[str, bool]:
    """What whoever asks may do with it now."""
    may = may_open(row, who)
    return {
        "send_again": may and bool(who and who.manages(row["hub_id"])) and sending_again.may_send_again(row),
        "take_back": may and sending_again.may_take_back(row),
        "put_back": may and sending_again.may_put_back(row),
    }


@access("manager")
async def send_again(request: Request) -> Response:
    who, row = await _acting(request)
    return await _done(request, sending_again.send_again(row["id"], by=who), "It waits to be sent again.")


@access("staff")
async def take_back(request: Request) -> Response:
    who, row = await _acting(request)
    async with request.form(max_files=0, max_fields=100) as form:
        why = str(form.get("why", "")).strip()[:300]
    words = "Taken back. It can be put back for ten minutes."
    return await _done(request, sending_again.take_back(row["id"], why=why, by=who), words)


@access("staff")
async def put_back(request: Request) -> Response:
    who, row = await _acting(request)
    return await _done(request, sending_again.put_back(row["id"], by=who), "It waits again, as before.")


async def _acting(request: Request) -> tuple[Who, dict[str, Any]]:
    """Who asks, and the message of the path; 404 where they may not act on it."""
    who = await web.who_is_asking(request)
    row = await outbox_lists.find_one(await reader_of(request), web.uuid_in_path(request))
    if who is None or row is None or not may_open(row, who):
        raise HTTPException(404)
    return who, row


async def _done(request: Request, act: Any, words: str) -> Response:
    try:
        await act
    except Refused as refused:
        web.flash_problems(request, refused)
    else:
        web.flash(request, words)
    return web.go(f"/outbox/{request.path_params['id']}")


routes = [
    Route("/outbox/{id}", message_page, name="outbox_message", methods=["GET"]),
    Route("/outbox/{id}/send-again", send_again, name="send_message_again", methods=["POST"]),
    Route("/outbox/{id}/take-back", take_back, name="take_message_back", methods=["POST"]),
    Route("/outbox/{id}/put-back", put_back, name="put_message_back", methods=["POST"]),
]
