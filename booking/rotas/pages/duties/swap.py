"""/duties/shifts/{shift}/swap: choose a colleague, then whether one of theirs comes back, and ask."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.problems import Problem, Refused
from booking.rotas.duties import reading, swap_choices, swaps
from booking.rotas.pages.duties.asking import me, typed
from booking.web import access

PATH = "/duties/shifts/{shift}/swap"
MUST_RETURN = Problem(
    "Choose which duty comes back: without one this colleague cannot take yours.", "in_return", rule="return"
)


async def _own(request: Request, profile: dict) -> dict[str, Any]:
    """The duty; 404 for another's or one that has begun."""
    row = await reading.own_duty(profile["id"], web.uuid_in_path(request, "shift"))
    if row is None or row["starts_at"] <= clock.now():
        raise HTTPException(404)
    return row


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@access("worker")
async def swap_page(request: Request) -> Response:
    _, profile = await me(request)
    row = await _own(request, profile)
    to = _id(request.query_params.get("to", ""))
    return await _offer(request, row, profile, to, None) if to else await _choose(request, row, profile)


async def _choose(request: Request, row: dict, profile: dict, problems: list[Problem] | None = None) -> Response:
    fit, unfit = await swap_choices.colleagues(row["shift_id"], profile["id"])
    context = {
        "title": "Ask for a swap",
        "nav": "duties",
        "duty": reading.told(row, is_own=True),
        "path": PATH.format(shift=row["shift_id"]),
        "fit": fit,
        "unfit": unfit,
        "problems": problems or [],
    }
    return await web.render_worker(request, "duties/swap.html", context, status=422 if problems else 200)


async def _offer(request: Request, row: dict, profile: dict, to: UUID, form: web.Shown | None) -> Response:
    """The second step: what comes back, and a word to the colleague."""
    colleague, found = await swap_choices.in_return(row["shift_id"], profile["id"], to)
    if colleague is None or not colleague.may:
        return await _choose(request, row, profile, [swaps.CHOOSE])
    returns = await swap_choices.told(found)
    context = {
        "title": f"Swap with {colleague.name}",
        "nav": "duties",
        "duty": reading.told(row, is_own=True),
        "path": PATH.format(shift=row["shift_id"]),
        "colleague": colleague,
        "returns": [each for each in returns if not each["why"]],
        "others": [each for each in returns if each["why"]],
        "form": form or web.Shown({"in_return": "", "words": ""}),
    }
    return await web.render_worker(request, "duties/swap_offer.html", context, status=422 if form else 200)


@access("worker")
async def ask(request: Request) -> Response:
    who, profile = await me(request)
    row, form = await _own(request, profile), await typed(request, "to", "in_return", "words")
    to, back = _id(form["to"]), _id(form["in_return"])
    if to is None:
        return await _choose(request, row, profile, [swaps.CHOOSE])
    try:
        await swaps.ask(
            shift_id=row["shift_id"], from_staff_id=profile["id"], to_staff_id=to, in_return_id=back, words=form["words"],
            by=who,
        )  # fmt: skip
    except Refused as refused:
        problems = refused.problems
        if back is None and not refused.rules & {"already asked", "missing", "too long", "not theirs", "begun"}:
            problems = [MUST_RETURN]
        return await _offer(request, row, profile, to, web.Shown(form, problems))
    web.flash(
        request, "Asked. We tell you as soon as your colleague answers. Until a manager agrees, the duty is yours."
    )
    return web.go("/duties/swaps")


routes = [
    Route(PATH, swap_page, name="swap_duty", methods=["GET"]),
    Route(PATH, ask, name="ask_for_swap", methods=["POST"]),
]
