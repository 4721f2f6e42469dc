"""/duties/calendar: one's own duties in one's own calendar, by a secret address that can be revoked."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.open_data import feeds
from booking.open_data.feeds import About
from booking.open_data.pages import links
from booking.people.signing_in import Who
from booking.web import access

HOME = "/duties/calendar"


async def _own(request: Request) -> tuple[Who, About]:
    who = await web.worker_asking(request)
    assert who is not None  # the access mark has seen to it
    return who, About("duties", who.id, feeds.OWN_NAMES["duties"], None)


@access("worker")
async def calendar_page(request: Request) -> Response:
    _, of = await _own(request)
    return await _page(request, of)


@access("worker")
async def make_feed(request: Request) -> Response:
    who, of = await _own(request)
    form = await links.make(request, of, who, HOME)
    return web.go(f"{HOME}#new") if form is None else await _page(request, of, form)


@access("worker")
async def revoke_feed(request: Request) -> Response:
    """Only an address of this calendar; who has others, as staff or as a family, revokes those on their own pages."""
    who, of = await _own(request)
    link = await feeds.link_kept_by(who, web.uuid_in_path(request))
    if link is None or (link["kind"], link["about_id"]) != (of.kind, of.id):
        raise HTTPException(404)
    await links.revoke(request, who)
    return web.go(HOME)


async def _page(request: Request, of: About, form: web.Shown | None = None) -> Response:
    mails = await db.row(
        "SELECT f.gets_invites, p.email FROM staff_profile f JOIN person p ON p.id = f.person_id WHERE f.person_id = $1",
        of.id,
    )
    context = {
        "mails": mails,
        "title": "My duties in my calendar",
        "nav": "calendar",
        "action": HOME,
        "revoke_path": HOME,
        "reader_example": "My phone",
        **await links.shown(request, of, form),
    }
    answer = await web.render_worker(request, "duties/calendar.html", context, status=422 if form else 200)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


routes = [
    Route(HOME, calendar_page, name="duty_calendar", methods=["GET"]),
    Route(HOME, make_feed, name="make_duty_feed", methods=["POST"]),
    Route(f"{HOME}/{{id}}/revoke", revoke_feed, name="revoke_duty_feed", methods=["POST"]),
]
