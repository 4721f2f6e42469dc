"""The button of /duties/calendar that turns the calendar mails on or off."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.rotas import calendar_mails
from booking.rotas.pages.duties.asking import me, typed
from booking.web import access
from booking.words import count_words

HOME = "/duties/calendar"


@access("worker")
async def choose(request: Request) -> Response:
    who, profile = await me(request)
    wants = (await typed(request, "wants"))["wants"] == "yes"
    sent = await calendar_mails.choose(staff_id=profile["id"], wants=wants, by=who)
    if sent is not None:
        web.flash(
            request,
            _said(sent) if wants else "You get no more calendar mails. What stands in your calendar stays there.",
        )
    return web.go(f"{HOME}#mails")


def _said(sent: int) -> str:
    words = "You get a calendar mail for each duty from now on."
    return f"{words} {count_words(sent, 'mail')} for your duties to come." if sent else words


routes = [Route(f"{HOME}/mails", choose, name="choose_calendar_mails", methods=["POST"])]
