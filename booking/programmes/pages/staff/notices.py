"""/staff/notices: what was sent to many, how far each is; take it back, or send it now."""

from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.contacts import phone_words
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes.notices import notice_lists, previewing, sending_notices
from booking.programmes.pages.staff import notice_shown
from booking.web import access
from booking.who_asks import staff_of
from booking.words import count_words

SOON = timedelta(minutes=15)
"""What leaves later than that is not watched: whoever waits for it comes back."""


@access("staff")
async def all_notices(request: Request) -> Response:
    who, page = await staff_of(request), _page(request)
    found, has_more = await notice_lists.find(who, page)
    shown = {
        "title": "Notices",
        "nav": "messages",
        "notices": [notice_shown.line(each) | {"may_undo": notice_lists.may_undo(who, each)} for each in found],
        "before": f"/staff/notices?page={page - 1}" if page > 1 else "",
        "after": f"/staff/notices?page={page + 1}" if has_more else "",
    }
    return await web.render_staff(request, "staff/notices/list.html", shown)


def _page(request: Request) -> int:
    text = request.query_params.get("page", "1")
    return min(max(int(text), 1), 1000) if text.isascii() and text.isdigit() and len(text) < 5 else 1


async def _notice(request: Request) -> tuple[Who, dict[str, Any]]:
    """404 for what is not theirs to see (promises P5, P6)."""
    who = await staff_of(request)
    notice = await notice_lists.find_one(who, request.path_params["notice"])
    if notice is None:
        raise HTTPException(404)
    return who, notice


@access("staff")
async def one(request: Request) -> Response:
    """How far it is, every few seconds while anything moves."""
    who, notice = await _notice(request)
    figures, state = notice["figures"], notice["state"]
    progress = notice_shown.progress(figures, state)
    shown = {
        "title": notice["about_words"],
        "nav": "messages",
        "notice": notice,
        "state": notice_shown.STATES[state],
        "leaves": notice_shown.leaves(notice["due_at"]),
        "later": notice_shown.leaves(figures.later_at) if figures.later_at else "",
        "cost": notice_shown.cost(figures.parts, request),
        "progress": progress,
        "is_moving": progress["is_moving"] and notice["due_at"] < clock.now() + SOON,
        "sums": notice_shown.sums(figures, state),
        "may_undo": notice_lists.may_undo(who, notice) and state != "undone" and figures.is_anything_to_undo,
        "to_ring": [_to_ring(row) for row in await notice_lists.to_ring(who, notice)] if figures.dealt else [],
        "preview": await previewing.of(notice["id"]) if state == "waits" and not web.is_htmx(request) else None,
    }
    return await web.render_staff(request, "staff/notices/notice.html", shown, block="progress")


def _to_ring(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"phone_words": phone_words(row["phone"]) if row["phone"] else ""}


async def _after(request: Request, *, is_undo: bool) -> Response:
    who, notice = await _notice(request)
    if not notice_lists.may_undo(who, notice):
        raise HTTPException(404)
    try:
        if is_undo:
            done = await sending_notices.undo(notice_id=notice["id"], by=who)
            web.flash(request, _undone_words(done))
        else:
            await sending_notices.send_now(notice_id=notice["id"], by=who)
            web.flash(request, "It is leaving now.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"/staff/notices/{notice['id']}")


def _undone_words(done: sending_notices.Undone) -> str:
    if not done.left:
        return "It is taken back. Nobody has read it."
    return f"It is taken back. {count_words(done.left, 'message')} had left already; {done.taken_back:,} never will."


@access("staff")
async def undo(request: Request) -> Response:
    return await _after(request, is_undo=True)


@access("staff")
async def send_now(request: Request) -> Response:
    return await _after(request, is_undo=False)


@access("staff")
async def back(request: Request) -> Response:
    _, notice = await _notice(request)
    return web.go(f"/staff/notices/{notice['id']}")


NOTICE = "/staff/notices/{notice:uuid}"
routes = [
    Route("/staff/notices", all_notices, name="staff_notices", methods=["GET"]),
    Route(NOTICE, one, name="staff_notice", methods=["GET"]),
    Route(f"{NOTICE}/undo", undo, name="staff_notice_undo", methods=["POST"]),
    Route(f"{NOTICE}/undo", back, name="staff_back_from_notice_undo", methods=["GET"]),
    Route(f"{NOTICE}/send-now", send_now, name="staff_notice_send_now", methods=["POST"]),
    Route(f"{NOTICE}/send-now", back, name="staff_back_from_notice_send_now", methods=["GET"]),
]
