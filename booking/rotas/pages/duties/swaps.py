"""/duties/swaps: what one has asked for, and what colleagues ask: yes, no, or withdraw."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.rotas.duties import swap_lists, swaps
from booking.rotas.pages.duties.asking import me, typed
from booking.web import access

HOME = "/duties/swaps"


@access("worker")
async def swaps_page(request: Request) -> Response:
    _, profile = await me(request)
    found = await swap_lists.of_worker(profile["id"])
    context = {
        "title": "Swaps",
        "nav": "duties",
        "to_answer": [row for row in found if row["is_open"] and not row["is_mine"] and row["state"] == "asked"],
        "open": [row for row in found if row["is_open"] and (row["is_mine"] or row["state"] == "agreed")],
        "over": [row for row in found if not row["is_open"]],
    }
    return await web.render_worker(request, "duties/swaps.html", context)


Act = Callable[..., Awaitable[Any]]


async def _do(request: Request, act: Act, done: str, **more: str) -> Response:
    """One step of a swap of theirs; 404 for one that they have nothing to do with."""
    who, profile = await me(request)
    given: dict[str, Who | str] = {"by": who, **more}
    try:
        await act(swap_id=web.uuid_in_path(request, "swap_request"), staff_id=profile["id"], **given)
        web.flash(request, done)
    except LookupError:
        raise HTTPException(404) from None
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(HOME)


@access("worker")
async def agree(request: Request) -> Response:
    return await _do(
        request, swaps.agree, "Thank you. A manager decides next, and we tell you both. Nothing has changed yet."
    )


@access("worker")
async def decline(request: Request) -> Response:
    form = await typed(request, "words")
    return await _do(request, swaps.decline, "Your colleague is told that you cannot.", words=form["words"])


@access("worker")
async def withdraw(request: Request) -> Response:
    return await _do(request, swaps.withdraw, "Withdrawn. The duty stays yours.")


routes = [
    Route(HOME, swaps_page, name="my_swaps", methods=["GET"]),
    Route(f"{HOME}/{{swap_request}}/agree", agree, name="agree_to_swap", methods=["POST"]),
    Route(f"{HOME}/{{swap_request}}/decline", decline, name="decline_swap", methods=["POST"]),
    Route(f"{HOME}/{{swap_request}}/withdraw", withdraw, name="withdraw_swap", methods=["POST"]),
]
