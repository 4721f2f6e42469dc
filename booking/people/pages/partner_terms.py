"""/partner/terms: the terms and house rules, and the button by which a booker accepts them for the organisation."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.people import organisations
from booking.web import access

PATH = "/partner/terms"


@access("partner")
async def terms_page(request: Request) -> Response:
    _, organisation = await web.partner_of(request)
    accepted_by = await db.value("SELECT name FROM person WHERE id = $1", organisation["terms_accepted_by_id"])
    context = {"title": "Terms and house rules", "accepted_by": accepted_by or ""}
    return await web.render_partner(request, "partner/terms.html", context)


@access("partner")
async def accept(request: Request) -> Response:
    who, organisation = await web.partner_of(request)
    await organisations.accept_terms(organisation_id=organisation["id"], by=who)
    web.flash(request, f"Thank you. {organisation['name']} has accepted the terms and can reserve rooms.")
    return web.go("/partner")


routes = [
    Route(PATH, terms_page, name="partner_terms", methods=["GET"]),
    Route(PATH, accept, name="partner_accept_terms", methods=["POST"]),
]
