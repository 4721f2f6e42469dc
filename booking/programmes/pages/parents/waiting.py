"""Joining the waiting list of a full session or course; leaving it is on the manage page."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.limits import too_often
from booking.programmes import showing
from booking.programmes.bookings import leasing
from booking.programmes.bookings.leasing import Target
from booking.programmes.pages.parents.underway import keep_lease
from booking.web import access


@access("anyone")
async def wait_for_session(request: Request) -> Response:
    """Starts the form for the waiting list of one session."""
    return await _start(request, await showing.session_facts(web.uuid_in_path(request)))


@access("anyone")
async def wait_for_course(request: Request) -> Response:
    """Starts the form for the waiting list of a whole course."""
    return await _start(request, await showing.run_facts(request.path_params["slug"]))


async def _start(request: Request, facts: dict[str, Any] | None) -> Response:
    if facts is None or facts["booking_mode"] not in ("run", "session"):
        raise HTTPException(404)
    if await too_often("lease from one network", web.network_of(request)):
        return web.render(request, "errors/429.html", status=429)
    can = (await showing.page_of(facts))["can"]

    if can != "wait":
        return web.go(
            f"/courses/{facts['slug']}" if facts["booking_mode"] == "run" else f"/sessions/{facts['session_id']}"
        )
    session_id = None if facts["booking_mode"] == "run" else facts["session_id"]
    lease_id = await leasing.start_waiting_draft(Target(facts["run_id"], session_id))
    keep_lease(request, lease_id)
    return web.go(f"/book/{lease_id}/who")


routes = [
    Route("/sessions/{id}/wait", wait_for_session, name="wait_session", methods=["POST"]),
    Route("/courses/{slug}/wait", wait_for_course, name="wait_course", methods=["POST"]),
]
