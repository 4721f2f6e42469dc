"""What can be done with an act on a date for ten minutes: undo it, or send its messages now; and back to the date's page."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from booking import web
from booking.problems import Refused
from booking.programmes.changes import undoing_cancelling
from booking.programmes.pages.staff.asking import path_of, session_in_path, uuid_or_404
from booking.web import access

SENT = "The messages are leaving now."


async def after_act(
    request: Request, verb: Callable[..., Awaitable[Any]], words: str, *, of_run: str | None = None
) -> Response:
    """Does the verb with the event that the form names, says the words or why not, and leads back to the date. Where the verb
    returns `of_run`, that is gone and it leads to its run."""
    who, session = await session_in_path(request)
    async with request.form(max_files=0) as form:
        event_id = uuid_or_404(str(form.get("event", "")))
    done = None
    try:
        done = await verb(session_id=session["session_id"], event_id=event_id, by=who)
        request.app.state.pages.forget()
        web.flash(request, words)
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"/staff/runs/{session['run_id']}" if of_run and done == of_run else path_of(session))


async def send_now(request: Request, verb: str) -> Response:
    """The messages of an act of this verb leave at once."""
    return await after_act(request, partial(undoing_cancelling.send_now, verb=verb), SENT)


@access("staff")
async def back(request: Request) -> Response:
    """The Back button after undoing or sending."""
    _, session = await session_in_path(request)
    return web.go(path_of(session))
