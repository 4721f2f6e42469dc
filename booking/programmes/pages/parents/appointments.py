"""A clinic's free times: on its page, one tap to book one, and another time for who has booked already."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from booking import clock, web
from booking.problems import Problem, Refused
from booking.programmes.appointments import changing_slots, finding_slots, slots
from booking.programmes.bookings import leasing, my_bookings
from booking.programmes.bookings.claiming import SLOT_GONE, SLOT_TAKEN
from booking.programmes.bookings.leasing import Target
from booking.programmes.pages.parents import session
from booking.programmes.pages.parents.underway import keep_lease, kept_leases
from booking.web import access

MOST_DAYS = 4


async def start_slot(request: Request, facts: dict[str, Any]) -> Response:
    """Leases the time that was tapped, with whichever worker is free then; without one, the clinic's page."""
    async with request.form(max_fields=5, max_files=0) as form:
        slot_id = _uuid(form.get("slot"))
    wanted = await _wanted(facts["run_id"], slot_id) if slot_id else None
    if wanted is None:
        return await again(request, facts, SLOT_GONE) if slot_id else web.go(f"/sessions/{facts['session_id']}")
    mine = await _mine(request, wanted)
    if mine:
        return web.go(f"/book/{mine}/who")
    try:
        lease_id = await _lease(request, wanted)
    except Refused as refused:
        return await again(request, facts, refused.problems[0])
    request.app.state.pages.forget()
    keep_lease(request, lease_id)
    return web.go(f"/book/{lease_id}/who")


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


async def _wanted(run_id: UUID, slot_id: UUID) -> Target | None:
    """The slot, if it is of a listed date of this very clinic."""
    session_id = await finding_slots.listed_session(run_id, slot_id)
    return Target(run_id, session_id, slot_id) if session_id else None


async def _mine(request: Request, wanted: Target) -> UUID | None:
    """This browser's lease of this very time. Another time of this clinic that it keeps goes back: it was the wrong one."""
    kept = kept_leases(request)
    mine = await leasing.live_one_of(kept, wanted)
    if mine is None:
        for lease_id in kept:
            lease = await leasing.find(lease_id)
            if lease and lease["run_id"] == wanted.run_id and lease["slot_id"] and not lease["released_at"]:
                await leasing.release(lease_id)
    return mine


async def _lease(request: Request, wanted: Target) -> UUID:
    minutes = web.settings_of(request).places.lease_minutes
    assert wanted.slot_id is not None
    for slot_id in await finding_slots.same_time(wanted.slot_id):
        try:
            return await leasing.lease(Target(wanted.run_id, wanted.session_id, slot_id), minutes=minutes)
        except Refused as refused:
            if "full" not in refused.rules:
                raise
    raise Refused([SLOT_TAKEN])


async def again(request: Request, facts: dict[str, Any], problem: Problem) -> Response:
    """The clinic's page with what went wrong on top and the times that are free now."""
    return HTMLResponse(await session.page_html(request, facts, [problem]), 409)


@access("link")
async def change_time(request: Request) -> Response:
    """Another time for an appointment, of this date or the clinic's next ones."""
    row = await my_bookings.by_token(request.path_params["token"].split(".")[0])
    if row is None or row["kind"] != "booking" or row["booking_state"] != "booked":
        raise HTTPException(404)
    if row["slot_id"] is None:
        return web.go(f"/m/{row['manage_token']}")
    if request.method == "GET":
        return await _change_page(request, row, [])
    async with request.form(max_fields=5, max_files=0) as form:
        slot_id = _uuid(form.get("slot"))
    try:
        if slot_id is None:
            raise Refused([Problem("Choose a time", rule="missing")])
        await changing_slots.change_slot(booking_id=row["booking_id"], slot_id=slot_id)
    except Refused as refused:
        return await _change_page(request, row, refused.problems)
    request.app.state.pages.forget()
    return web.go(f"/m/{row['manage_token']}?time=1")


async def _change_page(request: Request, row: dict[str, Any], problems: list[Problem]) -> Response:
    free = await finding_slots.free_times(row["run_id"], is_public=False)
    context = {
        "title": "Choose another time",
        "told": my_bookings.summary(row, clock.now()),
        "free_days": slots.by_day(free, MOST_DAYS + 2),
        "problems": problems,
    }
    return web.render(request, "programmes/change_time.html", context, status=409 if problems else 200)


routes = [Route("/m/{token}/time", change_time, name="change_time", methods=["GET", "POST"])]
