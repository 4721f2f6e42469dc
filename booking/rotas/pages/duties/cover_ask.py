"""/duties/ask/{token}: somebody who is asked to cover says yes or no. Looking changes nothing, because mail scanners look; only a
press of a button does."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.rotas.duties import reading
from booking.rotas.repair import answering, asking
from booking.web import access

PATH = "/duties/ask/{token}"
SAID = {
    "yes": "Thank you! This duty is yours.",
    "no": "You have said that you cannot. If you can after all and nobody else has it yet, say yes.",
    "late": "Somebody else has it, or it has changed. Thank you for being ready to help.",
    "closed": "It is not free any more: somebody has it, or it has moved or is off. Thank you all the same.",
    "unfit": "We could not give it to you: {words} If you can come, please ring your manager.",
    "over": "This duty has begun or is off.",
}


async def _asked(request: Request) -> dict[str, Any]:
    row = await answering.by_token(request.path_params["token"][:60])
    if row is None:
        raise HTTPException(404)
    return row


@access("link")
async def ask_page(request: Request) -> Response:
    row = await _asked(request)
    shift, duty = await asking.shift_of(row["shift_id"]), await reading.shift(row["shift_id"])
    if shift is None or duty is None:
        raise HTTPException(404)
    is_theirs = row["state"] == "yes" and shift["published_id"] == row["staff_id"]
    state = row["state"] if row["state"] != "yes" or is_theirs else "late"
    if state in ("asked", "no") and not answering.is_free(row, shift):
        state = "over" if shift["state"] != "open" or shift["starts_at"] <= clock.now() else "late"
    shown = {
        "title": "Can you take this duty?" if state == "asked" else "A duty that we asked you about",
        "nav": "",
        # a link may be read by others: what is restricted is told to whoever does it signed in (promise P5)
        "duty": reading.told(duty, is_own=is_theirs and not duty["is_restricted"]),
        "name": row["known_as"],
        "state": state,
        "said": SAID.get(state, "").format(words=row["words"]),
        "path": PATH.format(token=row["token"]),
    }
    answer = await web.render_worker(request, "duties/cover_ask.html", shown)
    answer.headers.update({"Referrer-Policy": "no-referrer"})
    return answer


@access("link")
async def answer(request: Request) -> Response:
    """Yes or no. Pressed twice it leads to the same place."""
    row = await _asked(request)
    async with request.form(max_fields=100, max_files=0) as form:
        says = str(form.get("answer", ""))
    if says == "yes":
        await answering.take(row["id"])
    elif says == "no":
        await answering.decline(row["id"])
    return web.go(PATH.format(token=row["token"]))


routes = [
    Route(PATH, ask_page, name="cover_ask", methods=["GET"]),
    Route(PATH, answer, name="answer_cover_ask", methods=["POST"]),
]
