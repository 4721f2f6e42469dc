"""/staff/rota/published: what was published, who has heard; undo it, or send it now."""

from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.messages.words_for_staff import CHANNELS, STATES, why_failed
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.rotas import published_lists, undoing_publishing
from booking.rotas.pages.publishing import shown
from booking.web import access
from booking.who_asks import staff_of
from booking.words import count_words, short_day, short_instant

A_DAY = timedelta(days=1)
HEARD = ("sent", "delivered", "merged")


@access("staff")
async def all_published(request: Request) -> Response:
    who = await staff_of(request)
    text = request.query_params.get("page", "1")
    page = min(max(int(text), 1), 1000) if text.isascii() and text.isdigit() and len(text) < 5 else 1
    found, has_more = await published_lists.find(who, page)
    context = {
        "title": "Published rotas",
        "nav": "rota",
        "found": [_line(each) for each in found],
        "before": f"/staff/rota/published?page={page - 1}" if page > 1 else "",
        "after": f"/staff/rota/published?page={page + 1}" if has_more else "",
    }
    return await web.render_staff(request, "staff/rota/published_list.html", context)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "dates": f"{short_day(row['first_date'])} to {short_day(row['last_date'])}",
        "counts": shown.counts(row["changes"]),
        "tag": shown.STATES[shown.state_of(row)],
        "when": short_instant(row["published_at"]),
    }


async def _found(request: Request) -> tuple[Who, dict[str, Any]]:
    """404 for what is not theirs (promises P5, P6)."""
    who = await staff_of(request)
    row = await published_lists.find_one(who, request.path_params["publication"])
    if row is None:
        raise HTTPException(404)
    return who, row


@access("staff")
async def one(request: Request) -> Response:
    """How far it is, every few seconds while it waits or messages leave."""
    who, row = await _found(request)
    people = [_person(each) for each in await published_lists.people(row)]
    state, heard = shown.state_of(row), sum(each["has_heard"] for each in people)
    reached = [each for each in people if each["channel"]]
    context = {
        "title": f"Rota of {row['hub_name']}",
        "nav": "rota",
        "row": _line(row),
        "state": state,
        "people": people,
        "heard": heard,
        "is_history": _is_history(row, state, people),
        "reached": len(reached),
        "unreached": [] if state == "undone" else [each for each in people if not each["channel"]],
        "until": shown.until(row["undo_until_at"]),
        "is_moving": state != "undone" and heard < len(reached) and row["due_at"] < clock.now().replace(microsecond=0),
        "may_undo": _may(who, row) and state != "undone" and row["undo_until_at"] > clock.now(),
        "may_send": _may(who, row) and state == "waits",
    }
    return await web.render_staff(request, "staff/rota/published.html", context, block="progress")


def _is_history(row: dict[str, Any], state: str, people: list[dict[str, Any]]) -> bool:
    """Its messages are not kept any more, so who had which is not known."""
    is_old = row["published_at"] < clock.now() - A_DAY
    return state == "told" and is_old and not any(each["channel"] for each in people)


def _person(row: dict[str, Any]) -> dict[str, Any]:
    tag = STATES.get(row["state"], {"level": "bad", "words": "Tell them yourself"})
    return row | {
        "tag": tag,
        "has_heard": row["state"] in HEARD,
        "by": ", ".join(CHANNELS[each] for each in sorted(row["channels"], reverse=True)) or "No message",
        "why": why_failed(row["error_code"]) if row["state"] == "failed" else "",
    }


def _may(who: Who, row: dict[str, Any]) -> bool:
    return who.manages(row["hub_id"])


async def _after(request: Request, *, is_undo: bool) -> Response:
    who, row = await _found(request)
    if not _may(who, row):
        raise HTTPException(404)
    try:
        if is_undo:
            heard = await undoing_publishing.undo(publication_id=row["id"], by=who)
            words = f"{count_words(heard, 'person', 'people')} had heard, and hear that it was taken back."
            web.flash(request, f"The rota is as it was. {words if heard else 'Nobody had heard of it.'}")
        else:
            await undoing_publishing.send_now(publication_id=row["id"], by=who)
            web.flash(request, "The messages are leaving now.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"/staff/rota/published/{row['id']}")


@access("manager")
async def undo(request: Request) -> Response:
    return await _after(request, is_undo=True)


@access("manager")
async def send_now(request: Request) -> Response:
    return await _after(request, is_undo=False)


@access("manager")
async def back(request: Request) -> Response:
    _, row = await _found(request)
    return web.go(f"/staff/rota/published/{row['id']}")


ONE = "/staff/rota/published/{publication:uuid}"
routes = [
    Route("/staff/rota/published", all_published, name="staff_rota_published", methods=["GET"]),
    Route(ONE, one, name="staff_rota_published_one", methods=["GET"]),
    Route(f"{ONE}/undo", undo, name="staff_rota_published_undo", methods=["POST"]),
    Route(f"{ONE}/undo", back, name="staff_rota_back_from_undo", methods=["GET"]),
    Route(f"{ONE}/send-now", send_now, name="staff_rota_published_send_now", methods=["POST"]),
    Route(f"{ONE}/send-now", back, name="staff_rota_back_from_send_now", methods=["GET"]),
]
