"""/swaps/{swap}: a partner answers by one click whether it takes another room. Looking changes nothing: mail scanners look."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.places import answering_swaps, room_history
from booking.problems import Problem, Refused
from booking.web import access
from booking.words import day_words, instant_words, time_range

ENDED = {
    "accepted": "You have taken the other room. Thank you.",
    "withdrawn": "We do not need the room after all. Your booking stays as it is.",
}


async def _swap(request: Request) -> dict[str, Any]:
    swap = await room_history.swap_with(request.path_params["swap"])
    if swap is None:
        raise HTTPException(404)
    return swap


@access("link")
async def swap_page(request: Request) -> Response:
    return _page(request, await _swap(request), [])


def _page(request: Request, swap: dict[str, Any], problems: list[Problem]) -> Response:
    starts, ends = clock.local(swap["starts_at"]), clock.local(swap["ends_at"])
    is_displaced, is_closed = swap["booking_state"] == "displaced", swap["for_booking_id"] is None
    is_over = swap["starts_at"] <= clock.now()
    is_kept = swap["kept_state"] == "confirmed" and swap["state"] in ("open", "refused", "lapsed") and not is_over
    shown = {
        "title": "Another room for your booking",
        "swap": swap,
        "day": f"{day_words(starts.date())} {starts.year}",
        "times": time_range(f"{starts:%H:%M}", f"{ends:%H:%M}"),
        "own": "" if is_closed and swap["state"] == "accepted" else f"{swap['own_room']}, {swap['own_location']}",
        "is_closed": is_closed,
        "other": f"{swap['kept_room']}, {swap['kept_location']}",
        "answer_by": instant_words(swap["answer_by_at"]),
        "kept_until": instant_words(swap["hold_until_at"]) if swap["hold_until_at"] else "",
        "may_accept": is_kept,
        "may_refuse": is_kept and swap["state"] == "open",
        "said": ENDED.get(swap["state"]) or _said(swap, is_displaced, is_kept),
        "problems": problems,
    }
    return web.render(request, "places/swap.html", shown, status=409 if problems else 200)


def _said(swap: dict[str, Any], is_displaced: bool, is_kept: bool) -> str:
    if is_displaced:
        why = "We had to use your room ourselves."
        if swap["for_booking_id"] is None:
            why = f"You cannot use your room: {swap['reason'].rstrip('.')}."
        return why + ("" if is_kept else " The other room is no longer kept.")
    if swap["state"] == "refused":
        return "You said no. Your booking stays as it is, unless we tell you otherwise."
    return "" if is_kept else "There is nothing to answer any more."


@access("link")
async def answer(request: Request) -> Response:
    swap = await _swap(request)
    async with request.form(max_files=0) as form:
        accepts = form.get("answer") == "yes"
    try:
        await answering_swaps.answer(token=swap["token"], accepts=accepts)
    except Refused as refused:
        return _page(request, await _swap(request), refused.problems)
    return web.go(f"/swaps/{swap['token']}")


routes = [
    Route("/swaps/{swap}", swap_page, name="swap", methods=["GET"]),
    Route("/swaps/{swap}", answer, name="swap_answer", methods=["POST"]),
]
