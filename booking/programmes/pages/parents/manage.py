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
from booking.programmes import disclosure
from booking.programmes.bookings import (
    booking_places,
    catch_ups,
    changing_who,
    giving_up,
    joining,
    my_bookings,
    who_form,
)
from booking.programmes.bookings.coming import ChildComing, Offered, fits
from booking.programmes.bookings.leasing import Target
from booking.programmes.creche import creche_places
from booking.programmes.creche.creche_form import with_creche
from booking.programmes.creche.creche_places import Creche
from booking.programmes.pages.parents.session import calendar_file
from booking.programmes.pages.parents.telling import may_tell, others_of
from booking.programmes.waiting import answering_offers, waiting
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
    if row["kind"] == "waiting" and row["booking_state"] == "booked":
        booked = await answering_offers.booked_of(row["booking_id"])
        if booked:
            return RedirectResponse(f"/m/{booked}", 303)
    return await _manage_page(request, row)


async def _manage_page(request: Request, row: dict[str, Any], problems: list[Problem] | None = None) -> Response:
    now = clock.now()
    told = my_bookings.summary(row, now)
    is_booking = row["kind"] == "booking"
    new = bool(request.query_params.get("new"))
    titles = {"booking": "Your place is booked", "waiting": "You are on the waiting list"}
    people = await _people(row)
    context = {
        "title": titles[row["kind"]] if new else told["shown"].title,
        "row": row,
        "told": told,
        "join": joining.join_link(row, told["shown"], now) if told["state"] == "booked" else None,
        "is_new": new,
        "people": [each["name"] for each in people],
        "creche": [each["name"] for each in people if each["in_creche"]],
        "dates": await my_bookings.course_dates(
            row["run_id"], row["booking_id"], row["family_id"], with_reasons=not my_bookings.is_discreet(row)
        )
        if is_booking and told["is_course"]
        else [],
        "catches_up": await catch_ups.missed_by_guest(row["booking_id"]) if is_booking else None,
        "standing": None if is_booking else await answering_offers.standing_of(row["booking_id"]),
        "flashes": web.take_flashes(request),
        "problems": problems or [],
        "reach": await _reach(row),
        "others": await others_of(row) if may_tell(row, told) else None,
        "bring": " and ".join(each["name"] for each in people if each.get("kind") == "child"),
    }
    answer = web.render(request, "programmes/manage.html", context, status=409 if problems else 200)
    answer.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"})
    return answer


async def _people(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Everybody who comes: name, in_creche."""
    if row["kind"] == "waiting":
        who = row["who"] if isinstance(row["who"], list) else web.from_json(row["who"])
        return [{"name": e.get("name") or e["first_name"], "in_creche": e.get("in_creche", False)} for e in who]
    return await my_bookings.attendees(row["booking_id"])


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
    session_id = web.uuid_in_path(request, "session")
    path = f"/m/{row['manage_token']}"
    try:
        if comes:
            creche = await giving_up.come_after_all(booking_id=row["booking_id"], session_id=session_id)
            web.flash(request, *_back_again(creche))
        else:
            await giving_up.miss_date(booking_id=row["booking_id"], session_id=session_id)
    except Refused as refused:
        return await _manage_page(request, row, refused.problems)
    request.app.state.pages.forget()
    if not comes and await catch_ups.find(session_id, places=row["booked_places"], family_id=row["family_id"]):
        return web.go(f"{path}/dates/{session_id}/catch-up")
    return web.go(f"{path}#dates")


def _back_again(creche: bool | None) -> tuple[str, str]:
    if creche is False:
        return (
            "You are expected again. The crèche is full that day: another family has your place there now.",
            "note",
        )
    return (
        "You are expected again, and your child has the crèche place." if creche else "You are expected again."
    ), "success"


@access("link")
async def change_who(request: Request) -> Response:
    """Who comes, changed; only names and births, the rest stays."""
    row = await _opened(request)
    if row["kind"] != "booking" or row["booking_state"] != "booked":
        raise HTTPException(404)
    there = await my_bookings.attendees(row["booking_id"])
    creche = await creche_places.creche_of(row["run_id"], row["only_session_id"])
    if request.method == "GET":
        return _change_who_page(request, row, _typed(there), [], creche)
    async with request.form(max_fields=80, max_files=0) as form:
        typed, add = who_form.read(form), form.get("add")
    if add:
        (
            typed.adults.append("")
            if add == "adult"
            else typed.children.append({"first_name": "", "month": "", "year": ""})
        )
        return _change_who_page(request, row, typed, [], creche)
    offered = Offered.of(row)
    typed.channel = "call"
    _as_booked(typed, row, there)
    typed.phone = "07700 900000"  # the contact is not asked again; the rules for people are the same
    held = sum(1 for each in there if each["in_creche"])
    read = with_creche(who_form.understand(typed, offered, {}), creche, held=held)
    try:
        if read.problems:
            raise Refused(read.problems)
        await changing_who.change_who(booking_id=row["booking_id"], party=read.party, offered=offered)
    except Refused as refused:
        return _change_who_page(request, row, typed, refused.problems, creche)
    request.app.state.pages.forget()
    return web.go(f"/m/{row['manage_token']}")


def _as_booked(typed: who_form.Typed, row: dict[str, Any], there: list[dict[str, Any]]) -> None:
    """What is not asked again: when a baby is due, where a professional works, and that somebody has additional needs, which
    shows in the age of one who comes already."""
    typed.job, typed.organisation = "As booked", "As booked"
    typed.due_month, typed.due_year = str(clock.today().month), str(clock.today().year)
    ordinary = Offered.of(row | {"send_max_age_months": None})
    typed.has_additional_needs = any(
        not fits(ordinary, ChildComing(each["name"], each["birth_year"], each["birth_month"]), row["date"])
        for each in there
        if each["kind"] == "child"
    )


def _typed(there: list[dict[str, Any]]) -> who_form.Typed:
    adults = [each["name"] for each in there if each["kind"] == "adult"]
    those = [each for each in there if each["kind"] == "child"]
    children = [
        {"first_name": each["name"], "month": str(each["birth_month"]), "year": str(each["birth_year"])}
        for each in those
    ]
    creche = [f"child-{n}" for n, each in enumerate(those) if each["in_creche"]]
    return who_form.Typed(adults=adults or [""], children=children, creche=creche)


def _change_who_page(
    request: Request, row: dict[str, Any], typed: who_form.Typed, problems: list[Problem], creche: Creche | None
) -> Response:
    context = {
        "title": "Change who is coming",
        "row": row,
        "told": my_bookings.summary(row, clock.now()),
        "offered": Offered.of(row),
        "typed": typed,
        "problems": problems,
        "creche": creche,
    }
    return web.render(request, "programmes/change_who.html", context, status=422 if problems else 200)


@access("link")
async def booking_calendar(request: Request) -> Response:
    """All coming dates of the booking but those it will miss as one .ics, with the ids that the invites have."""
    row = await _opened(request)
    if row["kind"] != "booking" or row["booking_state"] != "booked":
        raise HTTPException(404)
    dates = await booking_places.coming_dates(Target(row["run_id"], row["only_session_id"], row["slot_id"]))
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
