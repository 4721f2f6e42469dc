"""/m/{token}/dates/{session}/catch-up: where a missed date of a course can be caught up, and booking it with one press."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.problems import Problem, Refused
from booking.programmes.bookings import catch_ups, catching_up, my_bookings
from booking.web import access
from booking.words import day_words


@access("link")
async def choose(request: Request) -> Response:
    row, missed = await _opened(request)
    return await _page(request, row, missed, [])


@access("link")
async def book(request: Request) -> Response:
    row, missed = await _opened(request)
    async with request.form(max_fields=80, max_files=0) as form:
        session_id = _uuid_or_404(str(form.get("session", "")))
    try:
        guest = await catching_up.catch_up(
            booking_id=row["booking_id"], missed_id=missed["session_id"], session_id=session_id
        )
    except Refused as refused:
        return await _page(request, row, missed, refused.problems)
    request.app.state.pages.forget()
    return web.go(f"/m/{guest.manage_token}?new=1")


def _uuid_or_404(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise HTTPException(404) from error


async def _opened(request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
    """The booking that the link opens, and the date of it that is missed; 404 for any other."""
    row = await my_bookings.by_token(request.path_params["token"].split(".")[0])
    if row is None or row["kind"] != "booking" or row["booking_state"] != "booked":
        raise HTTPException(404)
    missed = await _missed(row["booking_id"], web.uuid_in_path(request, "session"))
    if missed is None:
        raise HTTPException(404)
    return row, missed


async def _missed(booking_id: UUID, session_id: UUID) -> dict[str, Any] | None:
    return await db.row(
        "SELECT x.session_id, s.date FROM missed_date x JOIN session s ON s.id = x.session_id"
        " WHERE x.booking_id = $1 AND x.session_id = $2",
        booking_id,
        session_id,
    )


async def _page(request: Request, row: dict[str, Any], missed: dict[str, Any], problems: list[Problem]) -> Response:
    context = {
        "title": "Catch up on another day",
        "told": my_bookings.summary(row, clock.now()),
        "day": day_words(missed["date"]),
        "session_id": missed["session_id"],
        "items": await catch_ups.find(missed["session_id"], places=row["booked_places"], family_id=row["family_id"]),
        "booked": (await catch_ups.of_bookings(row["run_id"], row["family_id"])).get(missed["session_id"]),
        "problems": problems,
    }
    answer = web.render(request, "programmes/catch_up.html", context, status=409 if problems else 200)
    answer.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"})
    return answer


CATCH_UP = "/m/{token}/dates/{session}/catch-up"
routes = [
    Route(CATCH_UP, choose, name="catch_up", methods=["GET"]),
    Route(CATCH_UP, book, name="catch_up_do", methods=["POST"]),
]
