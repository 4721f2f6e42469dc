"""/manage/calendar and /m/{token}/calendar-address: a family's dates in their own calendar.

Whoever is known here, or has proved their phone or mailbox, makes an address of all their dates. Who has the link of one booking
makes one of that booking: an address opens no more than what its maker may see.
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.open_data import feeds
from booking.open_data.feeds import About
from booking.open_data.pages import links
from booking.people.signing_in import Who
from booking.programmes.bookings import my_bookings
from booking.web import access

HOME = "/manage/calendar"


@access("link")
async def calendar_page(request: Request) -> Response:
    who = await web.family_asking(request)
    return web.go("/manage") if who is None else await _page(request, _of(who), HOME)


@access("link")
async def make_feed(request: Request) -> Response:
    who = await web.family_asking(request)
    if who is None:
        return web.go("/manage")
    form = await links.make(request, _of(who), who, HOME)
    return web.go(f"{HOME}#new") if form is None else await _page(request, _of(who), HOME, form)


@access("link")
async def revoke_feed(request: Request) -> Response:
    who = await web.family_asking(request)
    if who is None:
        raise HTTPException(404)
    await links.revoke(request, who)
    return web.go(HOME)


@access("link")
async def calendar_of_booking(request: Request) -> Response:
    of, path, is_discreet = await _booking(request)
    return await _page(request, of, path, is_discreet=is_discreet)


@access("link")
async def make_feed_of_booking(request: Request) -> Response:
    of, path, is_discreet = await _booking(request)
    form = await links.make(request, of, None, path)
    return web.go(f"{path}#new") if form is None else await _page(request, of, path, form, is_discreet=is_discreet)


@access("link")
async def revoke_feed_of_booking(request: Request) -> Response:
    of, path, _ = await _booking(request)
    try:
        await feeds.revoke_booking_link(link_id=web.uuid_in_path(request), booking_id=of.id)
    except LookupError:
        raise HTTPException(404) from None
    web.flash(request, links.REVOKED)
    return web.go(path)


def _of(who: Who) -> About:
    return About("family", who.id, feeds.OWN_NAMES["family"], None)


async def _booking(request: Request) -> tuple[About, str, bool]:
    """The booking that the link opens, the address of its page, and whether it names nothing; a place in line has no dates."""
    row = await my_bookings.by_token(request.path_params["token"])
    if row is None or row["kind"] != "booking":
        raise HTTPException(404)
    path = f"/m/{row['manage_token']}/calendar-address"
    return feeds.of_booking(row["booking_id"]), path, my_bookings.is_discreet(row)


async def _page(
    request: Request, of: About, path: str, form: web.Shown | None = None, *, is_discreet: bool = False
) -> Response:
    context: dict[str, Any] = {
        "title": "My dates in my calendar",
        "action": path,
        "revoke_path": path,
        "back": HOME.rsplit("/", 1)[0] if of.kind == "family" else path.rsplit("/", 1)[0],
        "is_discreet": is_discreet,
        "reader_example": "My phone",
        "flashes": web.take_flashes(request),
        **await links.shown(request, of, form),
    }
    answer = web.render(request, "open_data/family_calendar.html", context, status=422 if form else 200)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


routes = [
    Route(HOME, calendar_page, name="family_calendar", methods=["GET"]),
    Route(HOME, make_feed, name="make_family_feed", methods=["POST"]),
    Route(f"{HOME}/{{id}}/revoke", revoke_feed, name="revoke_family_feed", methods=["POST"]),
    Route("/m/{token}/calendar-address", calendar_of_booking, name="booking_feed", methods=["GET"]),
    Route("/m/{token}/calendar-address", make_feed_of_booking, name="make_booking_feed", methods=["POST"]),
    Route(
        "/m/{token}/calendar-address/{id}/revoke", revoke_feed_of_booking, name="revoke_booking_feed", methods=["POST"]
    ),
]
