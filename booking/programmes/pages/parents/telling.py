"""Somebody else who brings the child: the family names them (/m/{token}/tell), and they have a page of their own (/t/{token})."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from booking import clock, db, web
from booking.messages import invites
from booking.people.limits import any_too_often
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.bookings import booking_places, my_bookings, telling_others
from booking.programmes.bookings.leasing import Target
from booking.programmes.pages.parents.session import calendar_file
from booking.web import access


def may_tell(row: dict[str, Any], told: dict[str, Any]) -> bool:
    """Whether a booking is one that somebody else can be told about."""
    return row["kind"] == "booking" and told["state"] == "booked" and not told["shown"].is_discreet


async def others_of(row: dict[str, Any]) -> list[dict[str, str]]:
    """Who else is told: name, where to take them off, and enough of their address to know it by."""
    path = f"/m/{row['manage_token']}/tell"
    return [
        {"name": each["name"], "stop": f"{path}/{each['id']}/stop", "how": _ends(each["phone"], each["email"])}
        for each in await telling_others.of_booking(row["booking_id"])
    ]


def _ends(phone: str, email: str) -> str:
    return f"number that ends in {phone[-3:]}" if phone else f"{email[:2]}…@{email.split('@')[-1]}"


@access("link")
async def tell(request: Request) -> Response:
    """Names another adult; what was typed is kept."""
    row = await _booking(request)
    if request.method == "GET":
        return await _page(request, row, {"name": "", "address": ""}, [])
    async with request.form(max_fields=80, max_files=0) as form:
        typed = {name: str(form.get(name, ""))[:300] for name in ("name", "address")}
        token = str(form.get("form_token", ""))[:60]
    adult, problems = telling_others.read_adult(**typed)
    if not problems:
        tries = [("adult named from one network", web.network_of(request))]
        problems = await any_too_often([*tries, ("adult named by address", adult["phone"] or adult["email"])])
    if problems:
        return await _page(request, row, typed, problems)
    path = f"/m/{row['manage_token']}#told"

    async def body() -> None:
        if not token or await web.remember_answer(token, path):
            await telling_others.add(booking_id=row["booking_id"], **adult)

    try:
        await db.run_tx(body)
    except Refused as refused:
        return await _page(request, row, typed, refused.problems)
    web.flash(request, f"We tell {adult['name']} as well, and have written to them.")
    return web.go(path)


@access("link")
async def stop_telling(request: Request) -> Response:
    """The family takes somebody off."""
    row, told_id = await _booking(request), web.uuid_in_path(request, "told")
    theirs = {each["id"]: each for each in await telling_others.of_booking(row["booking_id"])}
    if told_id not in theirs:
        raise HTTPException(404)
    await telling_others.stop(told_id=told_id, ended_by="family")
    web.flash(request, f"{theirs[told_id]['name']} hears no more of it.")
    return web.go(f"/m/{row['manage_token']}#told")


async def _booking(request: Request) -> dict[str, Any]:
    row = await my_bookings.by_token(request.path_params["token"].split(".")[0])
    if row is None or not may_tell(row, my_bookings.summary(row, clock.now())):
        raise HTTPException(404)
    return row


async def _page(request: Request, row: dict[str, Any], typed: dict[str, str], problems: list[Problem]) -> Response:
    context = {
        "title": "Somebody else who brings your child",
        "told": my_bookings.summary(row, clock.now()),
        "typed": typed,
        "problems": problems,
        "form_token": web.new_token(),
    }
    return web.render(request, "programmes/tell.html", context, status=422 if problems else 200)


@access("link")
async def told_page(request: Request) -> Response:
    """What an adult who is told sees: the dates and the place, and how to hear no more."""
    token = request.path_params["token"]
    if "." in token:  # the marker that a message adds only tells messages apart
        return RedirectResponse(f"/t/{token.split('.')[0]}", 303)
    told, row = await _told(request)
    now = clock.now()
    summary = my_bookings.summary(row, now) if row else None
    context = {
        "title": summary["shown"].title if summary else "You are told no more",
        "told": summary,
        "row": row,
        "dates": await _dates(row) if row and summary and summary["is_course"] else [],
        "path": f"/t/{token}",
        "has_stopped": told["ended_by"] == "adult",
        "flashes": web.take_flashes(request),
    }
    answer = web.render(request, "programmes/told.html", context)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


async def _told(request: Request) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The link's row, and the booking's where they are told of it now; 404 for a link that never was one."""
    told = await telling_others.by_token(request.path_params["token"].split(".")[0])
    if told is None:
        raise HTTPException(404)
    return told, await my_bookings.by_token(told["manage_token"]) if told["is_told"] else None


async def _dates(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The course's dates but those the family will miss; nothing of why one is left out."""
    dates = await my_bookings.course_dates(row["run_id"], row["booking_id"], row["family_id"], with_reasons=False)
    return [each for each in dates if each["state"] in ("held", "cancelled", "past") and not each["is_missed"]]


@access("link")
async def told_calendar(request: Request) -> Response:
    """The coming dates as one .ics, with ids of the adult's own."""
    told, row = await _told(request)
    if row is None:
        raise HTTPException(404)
    dates = await booking_places.coming_dates(Target(row["run_id"], row["only_session_id"], row["slot_id"]))
    missed = await db.rows("SELECT session_id FROM missed_date WHERE booking_id = $1", row["booking_id"])
    will_miss = {each["session_id"] for each in missed}
    saids = [disclosure.said(each) for each in dates if each["session_id"] not in will_miss]
    if not saids:
        raise HTTPException(404)
    return calendar_file(await invites.download(told["person_id"], saids, clock.now()))


@access("link")
async def told_stop(request: Request) -> Response:
    """They hear no more. Only a POST does it, so a mail scanner that opens links stops nothing."""
    told, _ = await _told(request)
    await telling_others.stop(told_id=told["id"], ended_by="adult")
    return web.go(f"/t/{request.path_params['token'].split('.')[0]}")


routes = [
    Route("/m/{token}/tell", tell, name="tell_another", methods=["GET", "POST"]),
    Route("/m/{token}/tell/{told}/stop", stop_telling, name="stop_telling", methods=["POST"]),
    Route("/t/{token}", told_page, name="told", methods=["GET"]),
    Route("/t/{token}/calendar.ics", told_calendar, name="told_calendar", methods=["GET"]),
    Route("/t/{token}/stop", told_stop, name="told_stop", methods=["POST"]),
]
