"""Looking after a booking by its link: see it, change who comes, give it up."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from booking import clock, db, web
from booking.messages import channels, invites
from booking.people.models import Person
from booking.problems import Problem, Refused
from booking.programmes import booking_places, changing_who, disclosure, giving_up, my_bookings, waiting, who_form
from booking.programmes.coming import Offered
from booking.programmes.leasing import Target
from booking.programmes.pages.parents.session import calendar_file
from booking.web import access


async def _opened(request: Request) -> dict[str, Any]:
    """The booking that the link opens; the marker that a message adds after a dot only tells messages apart."""
    found = await my_bookings.by_token(request.path_params["token"].split(".")[0])
    if found is None:
        raise HTTPException(404)
    return found


@access("link")
async def manage(request: Request) -> Response:
    """The booking's page; with ?new=1 it is the confirmation."""
    token = request.path_params["token"]
    if "." in token:
        return RedirectResponse(f"/m/{token.split('.')[0]}", 303)
    row = await _opened(request)
    return await _manage_page(request, row)


async def _manage_page(request: Request, row: dict[str, Any], problems: list[Problem] | None = None) -> Response:
    now = clock.now()
    told = my_bookings.summary(row, now)
    is_booking = row["kind"] == "booking"
    new = bool(request.query_params.get("new"))
    titles = {"booking": "Your place is booked", "waiting": "You are on the waiting list"}
    context = {
        "title": titles[row["kind"]] if new else told["shown"].title,
        "row": row,
        "told": told,
        "is_new": new,
        "people": await _people(row),
        "dates": await my_bookings.course_dates(
            row["run_id"], row["booking_id"], with_reasons=not my_bookings.is_discreet(row)
        )
        if is_booking and told["is_course"]
        else [],
        "problems": problems or [],
        "reach": await _reach(row),
    }
    answer = web.render(request, "programmes/manage.html", context, status=409 if problems else 200)
    answer.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"})
    return answer


async def _people(row: dict[str, Any]) -> list[str]:
    if row["kind"] == "waiting":
        who = row["who"] if isinstance(row["who"], list) else web.from_json(row["who"])
        return [each.get("name") or each["first_name"] for each in who]
    return [each["name"] for each in await my_bookings.attendees(row["booking_id"])]


async def _reach(row: dict[str, Any]) -> str:
    """How the confirmation goes out, with most of the number hidden; "" when none does."""
    person = await Person.get(id=row["person_id"])
    kind = "confirmation" if row["kind"] == "booking" else "waiting_joined"
    for channel in channels.pick(person, kind, is_discreet=my_bookings.is_discreet(row)):
        if channel == "sms":
            return f"by text message to the number that ends in {person.phone[-3:]}"
        return f"by email to {person.email[:2]}…@{person.email.split('@')[-1]}"
    return ""


@access("link")
async def give_up_page(request: Request) -> Response:
    """Asks once, then gives the place up."""
    row = await _opened(request)
    if request.method == "GET":
        told = my_bookings.summary(row, clock.now())
        return web.render(
            request, "programmes/give_up.html", {"title": "Give up your place?", "row": row, "told": told}
        )
    try:
        if row["kind"] == "waiting":
            await waiting.leave(entry_id=row["booking_id"])
        else:
            await giving_up.give_up(booking_id=row["booking_id"])
    except Refused as refused:
        return await _manage_page(request, row, refused.problems)
    request.app.state.pages.forget()
    return web.go(f"/m/{row['manage_token']}")


@access("link")
async def miss_date(request: Request) -> Response:
    """One date of a course: will miss it, or will come after all."""
    row = await _opened(request)
    if row["kind"] != "booking":
        raise HTTPException(404)
    async with request.form(max_fields=5, max_files=0) as form:
        comes = form.get("comes") == "yes"
    verb = giving_up.come_after_all if comes else giving_up.miss_date
    try:
        await verb(booking_id=row["booking_id"], session_id=web.uuid_in_path(request, "session"))
    except Refused as refused:
        return await _manage_page(request, row, refused.problems)
    return web.go(f"/m/{row['manage_token']}#dates")


@access("link")
async def change_who(request: Request) -> Response:
    """Who comes, changed; only names and births, the rest stays."""
    row = await _opened(request)
    if row["kind"] != "booking" or row["booking_state"] != "booked":
        raise HTTPException(404)
    there = await my_bookings.attendees(row["booking_id"])
    if request.method == "GET":
        return _change_who_page(request, row, _typed(there), [])
    async with request.form(max_fields=80, max_files=0) as form:
        typed, add = who_form.read(form), form.get("add")
    if add:
        (
            typed.adults.append("")
            if add == "adult"
            else typed.children.append({"first_name": "", "month": "", "year": ""})
        )
        return _change_who_page(request, row, typed, [])
    offered = Offered.of(row)
    typed.channel = "call"
    typed.phone = "07700 900000"  # the contact is not asked again; the rules for people are the same
    read = who_form.understand(typed, offered, {})
    try:
        if read.problems:
            raise Refused(read.problems)
        await changing_who.change_who(booking_id=row["booking_id"], party=read.party, offered=offered)
    except Refused as refused:
        return _change_who_page(request, row, typed, refused.problems)
    request.app.state.pages.forget()
    return web.go(f"/m/{row['manage_token']}")


def _typed(there: list[dict[str, Any]]) -> who_form.Typed:
    adults = [each["name"] for each in there if each["kind"] == "adult"]
    children = [
        {"first_name": each["name"], "month": str(each["birth_month"]), "year": str(each["birth_year"])}
        for each in there
        if each["kind"] == "child"
    ]
    return who_form.Typed(adults=adults or [""], children=children)


def _change_who_page(request: Request, row: dict[str, Any], typed: who_form.Typed, problems: list[Problem]) -> Response:
    context = {
        "title": "Change who is coming",
        "row": row,
        "told": my_bookings.summary(row, clock.now()),
        "offered": Offered.of(row),
        "typed": typed,
        "problems": problems,
    }
    return web.render(request, "programmes/change_who.html", context, status=422 if problems else 200)


@access("link")
async def booking_calendar(request: Request) -> Response:
    """All coming dates of the booking but those it will miss as one .ics, with the ids that the invites have."""
    row = await _opened(request)
    if row["kind"] != "booking" or row["booking_state"] != "booked":
        raise HTTPException(404)
    dates = await booking_places.coming_dates(Target(row["run_id"], row["only_session_id"]))
    missed = await db.rows("SELECT session_id FROM missed_date WHERE booking_id = $1", row["booking_id"])
    will_miss = {each["session_id"] for each in missed}
    told = [disclosure.said(each) for each in dates if each["session_id"] not in will_miss]
    if not told:
        raise HTTPException(404)
    return calendar_file(await invites.download(row["person_id"], told, clock.now()))


routes = [
    Route("/m/{token}", manage, name="manage"),
    Route("/m/{token}/give-up", give_up_page, name="give_up", methods=["GET", "POST"]),
    Route("/m/{token}/who", change_who, name="change_who", methods=["GET", "POST"]),
    Route("/m/{token}/dates/{session}", miss_date, name="miss_date", methods=["POST"]),
    Route("/m/{token}/calendar.ics", booking_calendar, name="booking_calendar"),
]
