"""The first screen's button: a place is kept for this browser, and the form begins."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from booking import clock, web
from booking.people.limits import too_often
from booking.problems import Problem, Refused
from booking.programmes import showing
from booking.programmes.bookings import first_visits, leasing
from booking.programmes.bookings.leasing import Target
from booking.programmes.finding import is_full
from booking.programmes.pages.parents.appointments import start_slot
from booking.programmes.pages.parents.session import chosen
from booking.programmes.pages.parents.underway import keep_lease, kept_leases, page_path
from booking.web import access

BOOKED_ON_PAGES = ("run", "session", "appointment")


@access("anyone")
async def start_session(request: Request) -> Response:
    """Leases a place on one session, or the time of a clinic that was tapped, and goes on to who is coming."""
    return await start(request, await showing.session_facts(web.uuid_in_path(request)))


@access("anyone")
async def start_course(request: Request) -> Response:
    """Leases a place on the whole course."""
    return await start(request, await showing.run_facts(request.path_params["slug"]))


async def start(request: Request, facts: dict[str, Any] | None) -> Response:
    if facts is None or facts["booking_mode"] not in BOOKED_ON_PAGES:
        raise HTTPException(404)
    if await too_often("lease from one network", web.network_of(request)):
        return web.render(request, "errors/429.html", status=429)
    if facts["booking_mode"] == "appointment":
        return await start_slot(request, facts)
    if facts["is_first_visit_booked"] and "again" not in request.query_params:
        been = await first_visits.of(await web.family_asking(request), facts["run_id"])
        if been:
            return _no_need(request, facts, been)
    return await start_place(request, facts)


async def start_place(request: Request, facts: dict[str, Any], *, is_priority: bool = False) -> Response:
    """A place on the session or the whole run; also for who came by a code, as one of the reserved places."""
    is_run = facts["booking_mode"] in ("run", "referral")
    target = Target(facts["run_id"], None if is_run else facts["session_id"])
    if is_run:
        can = (await showing.page_of(facts))["can"]
        if can in ("begun", "over"):
            return sorry(request, facts, leasing.CLOSED)
    mine = await leasing.live_one_of(kept_leases(request), target)
    if mine:  # pressed again: the place is kept already, and one family needs no second
        return web.go(f"/book/{mine}/who")
    if not is_priority and is_full(facts, clock.now()):
        # most of a rush: told without waiting for the row that everybody wants
        return sorry(request, facts, leasing.FULL)
    try:
        minutes = web.settings_of(request).places.lease_minutes
        lease_id = await leasing.lease(target, minutes=minutes, is_priority=is_priority)
    except Refused as refused:
        return sorry(request, facts, refused.problems[0])
    keep_lease(request, lease_id)
    return web.go(f"/book/{lease_id}/who")


def sorry(request: Request, facts: dict[str, Any], problem: Problem) -> Response:
    """It cannot be booked: why, and what can be done instead."""
    context = {
        "title": "All places are taken" if problem.rule == "full" else "This cannot be booked",
        "problem": problem,
        "facts": facts,
        "chosen": chosen(facts),
        "wait_path": f"{page_path(facts)}/wait",
        "page_path": page_path(facts),
    }
    return web.render(request, "programmes/full.html", context, status=409)


def _no_need(request: Request, facts: dict[str, Any], been: first_visits.Been) -> Response:
    context = {
        "title": "You do not need to book again",
        "facts": facts,
        "chosen": chosen(facts),
        "been": been,
        "again_path": f"/sessions/{facts['session_id']}/book?again=1",
    }
    return web.render(request, "programmes/no_need.html", context)
