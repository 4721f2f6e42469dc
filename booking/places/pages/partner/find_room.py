"""/partner/find: which rooms a partner may have for one date or many, and the ways out where one is not free."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.places import find_form, finding_page
from booking.places.near import HIDDEN
from booking.places.pages.partner.asking import partner_of
from booking.web import access

FIND, RESERVE = "/partner/find", "/partner/reserve"


@access("partner")
async def find_room(request: Request) -> Response:
    _, organisation = await partner_of(request)
    query = request.query_params
    asked = find_form.read(query, query.getlist("feature"), clock.today(), is_live=web.is_htmx(request))
    areas = await _areas()
    shown = await finding_page.answer(
        asked,
        lambda found: RESERVE,
        as_partner=True,
        approval=organisation["approval"],
        area=asked.place if asked.place in areas else "",
    )
    places = [("", "Anywhere"), *((area, area) for area in areas)] if len(areas) > 1 else []
    shown |= {"title": "Find a room", "nav": "find", "find_path": FIND, "places": places, "place_words": "Area"}
    shown["book_words"] = "Reserve this"
    return await web.render_partner(request, "partner/find.html", shown, block="results")


async def _areas() -> list[str]:
    found = await db.rows(f"SELECT DISTINCT area FROM location WHERE NOT ({HIDDEN}) ORDER BY area")
    return [row["area"] for row in found]


routes = [Route(FIND, find_room, name="partner_find_room", methods=["GET"])]
