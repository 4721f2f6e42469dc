"""/o/{token}: a family answers an offer. Looking changes nothing, because mail scanners look; only a press of a button does."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from booking import clock, web
from booking.problems import Problem, Refused
from booking.programmes.bookings import my_bookings
from booking.programmes.waiting import answering_offers
from booking.programmes.waiting.answering_offers import Asked
from booking.web import access
from booking.words import count_words, instant_words

SAID = {
    "open": "",
    "taken": "You have taken this place.",
    "booked": "You have a place already.",
    "given_up": "You had this place and gave it up, so it has gone to others.",
    "passed": "You said no to this place, so we ask the next family.",
    "expired": "We kept this place for you until {until} and did not hear from you, so we ask the next family.",
    "withdrawn": "We are sorry: we could not keep this place for you.",
    "over": "This has begun or is cancelled, so there is no place to take any more.",
}


async def _asked(request: Request) -> Asked:
    """The offer; the marker that a message adds after a dot only tells messages apart."""
    asked = await answering_offers.by_token(request.path_params["token"].split(".")[0])
    if asked is None:
        raise HTTPException(404)
    return asked


@access("link")
async def offer_page(request: Request) -> Response:
    token = request.path_params["token"]
    if "." in token:
        return RedirectResponse(f"/o/{token.split('.')[0]}", 303)
    return _page(request, await _asked(request))


def _page(request: Request, asked: Asked, problems: list[Problem] | None = None) -> Response:
    told = my_bookings.summary(asked.row, clock.now())
    until = instant_words(asked.expires_at)
    shown = {
        "title": "A place for you" if asked.state == "open" else "About the place we offered you",
        "asked": asked,
        "told": told,
        "until": until,
        "people": _people(asked.row),
        "said": SAID[asked.state].format(until=until),
        "in_line": _in_line(asked),
        "lacks_creche": any("creche" in problem.rule for problem in problems or []),
        "problems": problems or [],
    }
    answer = web.render(request, "programmes/offer.html", shown, status=409 if problems else 200)
    answer.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"})
    return answer


def _people(row: dict[str, Any]) -> list[str]:
    who = row["who"] if isinstance(row["who"], list) else web.from_json(row["who"])
    return [each.get("name") or each["first_name"] for each in who]


def _in_line(asked: Asked) -> str:
    if not asked.is_in_line or asked.state == "open":
        return "" if asked.state in ("open", "taken", "booked") else "You are not on the waiting list any more."
    if asked.before:
        return (
            f"You are still on the waiting list: {count_words(asked.before, 'family is', 'families are')} before you."
        )
    return "You are still on the waiting list, first in line."


@access("link")
async def answer(request: Request) -> Response:
    """Yes, no, or back on the waiting list. Pressed twice it leads to the same place."""
    asked = await _asked(request)
    async with request.form(max_fields=5, max_files=0) as form:
        says, without_creche = str(form.get("answer", "")), form.get("creche") == "none"
    here = f"/o/{asked.token}"
    try:
        if says == "yes":
            booking = await answering_offers.take(offer_id=asked.id, with_creche=not without_creche)
            here = f"/m/{booking.manage_token}?new=1"
        elif says == "no":
            await answering_offers.pass_on(offer_id=asked.id)
        elif says == "again":
            await answering_offers.wait_again(offer_id=asked.id)
    except Refused as refused:
        return _page(request, await _asked(request), refused.problems)
    request.app.state.pages.forget()
    return web.go(here)


routes = [
    Route("/o/{token}", offer_page, name="offer", methods=["GET"]),
    Route("/o/{token}", answer, name="offer_answer", methods=["POST"]),
]
