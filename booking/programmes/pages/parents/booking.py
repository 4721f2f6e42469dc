"""Booking in three screens: choose (the session's page), who is coming, check and confirm."""

from datetime import UTC
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people import languages
from booking.people.limits import any_too_often
from booking.people.signing_in import sign_in
from booking.places.near import Near, Point, public_locations
from booking.problems import Problem, Refused
from booking.programmes import showing
from booking.programmes.bookings import booking_places, leasing, who_form
from booking.programmes.bookings.coming import ChildComing, age_problems, may_turn_on_needs, places_needed
from booking.programmes.cards import card, for_whom
from booking.programmes.filters import Filters
from booking.programmes.finding import find_sessions
from booking.programmes.models import Booking, WaitingEntry
from booking.programmes.pages.parents import creche
from booking.programmes.pages.parents.session import chosen
from booking.programmes.pages.parents.starting import sorry, start_course, start_session
from booking.programmes.pages.parents.underway import (
    Underway,
    first_made,
    made_path,
    page_path,
    underway_or_first_answer,
)
from booking.programmes.waiting import waiting
from booking.web import access
from booking.words import month_words, short_day

NEARBY_MILES, MOST_ALTERNATIVES = 15, 6


@access("link")
async def who(request: Request) -> Response:
    """The second screen. A button "Add another child" sends the form to itself and keeps what was typed."""
    booking = await underway_or_first_answer(request)
    if isinstance(booking, Response):
        return booking
    if request.method == "GET":
        return _who_page(request, booking, [])
    async with request.form(max_fields=80, max_files=0) as form:
        typed = who_form.read(form)
        add = form.get("add")
        waits = form.get("wait")
    typed.has_additional_needs = booking.typed.has_additional_needs
    booking.typed = typed
    if waits:
        return await creche.wait_instead(request, booking)
    if add:
        (
            typed.adults.append("")
            if add == "adult"
            else typed.children.append({"first_name": "", "month": "", "year": ""})
        )
        await leasing.keep_draft(booking.lease["id"], typed.to_json())
        return _who_page(request, booking, [])
    read = creche.understand(booking)
    is_other_age = not read.problems and age_problems(booking.offered, read.party, booking.facts["date"])
    if read.problems or is_other_age or booking.is_for_waiting:
        await leasing.keep_draft(booking.lease["id"], typed.to_json())
    if read.problems:
        return _who_page(request, booking, read.problems, status=422)
    if is_other_age:
        return web.go(f"{booking.path}/ages")
    if not booking.is_for_waiting:
        try:
            await leasing.change_places(
                booking.lease["id"],
                places_needed(booking.offered, read.party),
                minutes=web.settings_of(request).places.lease_minutes,
                draft=typed.to_json(),
            )
        except Refused as refused:
            if "full" in refused.rules:
                return sorry(request, booking.facts, refused.problems[0])
            return _who_page(request, booking, refused.problems, status=422)
    return web.go(f"{booking.path}/check")


def _who_page(request: Request, booking: Underway, problems: list[Problem], status: int = 200) -> Response:
    typed = booking.typed
    if booking.offered.asks_children and not typed.children and not booking.known:
        typed.children = [{"first_name": "", "month": "", "year": ""}]
    context = _context(booking) | {
        "title": "Who is coming?",
        "typed": typed,
        "problems": problems,
        "known": booking.known,
        "channels": who_form.CHANNELS,
        "languages": languages.offered(web.settings_of(request).messages.languages),
        "is_creche_full": any(each.rule == "creche full" for each in problems),
    }
    return web.render(request, "programmes/who.html", context, status=status)


def _context(booking: Underway) -> dict[str, Any]:
    until = booking.lease["expires_at"]
    return {
        "booking": booking,
        "chosen": chosen(booking.facts),
        "offered": booking.offered,
        "for_whom": for_whom(booking.facts),
        "until": until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "until_at": until,
        "is_over": booking.lease["released_at"] is not None or until <= clock.now(),
        "page_path": page_path(booking.facts),
    }


@access("link")
async def ages(request: Request) -> Response:
    """A child of another age than this is for: said kindly, with what does fit."""
    booking = await underway_or_first_answer(request)
    if isinstance(booking, Response):
        return booking
    read = who_form.understand(booking.typed, booking.offered, booking.known)
    if request.method == "POST" and may_turn_on_needs(booking.offered, read.party, booking.facts["date"]):
        booking.typed.has_additional_needs = True
        await leasing.keep_draft(booking.lease["id"], booking.typed.to_json())
        return web.go(f"{booking.path}/check")
    problems = age_problems(booking.offered, read.party, booking.facts["date"])
    if not problems:
        return web.go(f"{booking.path}/check")
    context = _context(booking) | {
        "title": "This one is for other ages",
        "problems": problems,
        "may_turn_on_needs": may_turn_on_needs(booking.offered, read.party, booking.facts["date"]),
        "alternatives": await _that_fit(booking, read.party.children),
    }
    return web.render(request, "programmes/ages.html", context)


async def _that_fit(booking: Underway, children: tuple[ChildComing, ...]) -> list[dict[str, Any]]:
    """Sessions of the next weeks for the age of every child, at this place first and then the nearest; one of each run."""
    day = booking.facts["date"]
    months = [max((day.year - c.birth_year) * 12 + day.month - c.birth_month, 0) for c in children]
    found = await find_sessions(Filters(when="28", sort="near"), places=await _nearby(booking.facts), ages=months)
    one_each = {row["run_slug"]: row for row in reversed(found)}
    first_six = sorted(one_each.values(), key=found.index)[:MOST_ALTERNATIVES]
    return [card(row) | {"day": short_day(row["date"])} for row in first_six]


async def _nearby(facts: dict[str, Any]) -> list[Near] | None:
    """Places within reach of a session's place, nearest first; None (everywhere) for an online one."""
    if facts["lat"] is None:
        return None
    places = await public_locations(Point(facts["lat"], facts["lon"], ""))
    return [place for place in places if place.miles is not None and place.miles <= NEARBY_MILES]


@access("link")
async def check(request: Request) -> Response:
    """The third screen: everything once more, and the button that books."""
    booking = await underway_or_first_answer(request)
    if isinstance(booking, Response):
        return booking
    read = creche.understand(booking)
    if read.problems or not booking.lease["draft"]:
        return web.go(f"{booking.path}/who")
    if request.method == "POST":
        return await _confirm(request, booking, read)
    context = _context(booking) | {
        "title": "Check and confirm",
        "read": read,
        "dates": await _course_dates(booking),
        "children_words": [
            f"{c.first_name}, born {month_words(c.birth_year, c.birth_month)}" for c in read.party.children
        ],
        "creche_words": creche.words(booking, read),
        "channel_words": who_form.CHANNELS[read.contact.channel],
        "language_words": languages.language(read.contact.language).words,
        "typed": booking.typed,
        "problems": [],
    }
    return web.render(request, "programmes/check.html", context)


async def _course_dates(booking: Underway) -> list[dict[str, Any]]:
    """The dates that a course is still held on; none for a single session, which is named anyway."""
    if booking.facts["booking_mode"] not in ("run", "referral"):
        return []
    return [each for each in (await showing.page_of(booking.facts))["dates"] if each["state"] == "held"]


async def _confirm(request: Request, booking: Underway, read: who_form.Read) -> Response:
    if age_problems(booking.offered, read.party, booking.facts["date"]):
        return web.go(f"{booking.path}/ages")
    addresses = filter(None, (read.contact.phone, read.contact.email))
    tries = [("booking to one contact", address) for address in addresses]
    if await any_too_often([("booking from one network", web.network_of(request)), *tries]):
        return web.render(request, "errors/429.html", status=429)
    who = await web.family_asking(request)
    family: dict[str, Any] = {"family_id": who.family_id if who else None, "person_id": who.id if who else None}
    places = places_needed(booking.offered, read.party)
    lease_id = booking.lease["id"]
    try:
        if booking.is_for_waiting:
            made: Booking | WaitingEntry = await waiting.join(
                lease_id=lease_id, contact=read.contact, party=read.party, places=places, **family
            )
        else:
            if booking.lease["released_at"] or booking.lease["places"] != places:
                await leasing.change_places(lease_id, places)
            made = await booking_places.book(lease_id=lease_id, contact=read.contact, party=read.party, **family)
    except Refused as refused:
        if {"creche full", "no creche"} & refused.rules:
            return _who_page(request, booking, refused.problems, status=409)
        earlier = await first_made(lease_id)  # pressed twice, and the other was quicker
        return web.go(made_path(earlier)) if earlier else sorry(request, booking.facts, refused.problems[0])
    request.app.state.pages.forget()
    if not who:
        request.session["family"] = await sign_in(person_id=made.person_id, purpose="manage")
    return web.go(made_path(made))


@access("link")
async def leave(request: Request) -> Response:
    """Gives the leased place back at once: the family changed its mind."""
    lease_id = web.uuid_in_path(request, "lease")
    if str(lease_id) not in request.session.get("leases", []):
        raise HTTPException(404)
    await leasing.release(lease_id)
    request.app.state.pages.forget()
    return web.go("/")


routes = [
    Route("/sessions/{id}/book", start_session, name="book_session", methods=["POST"]),
    Route("/courses/{slug}/book", start_course, name="book_course", methods=["POST"]),
    Route("/book/{lease}/who", who, name="book_who", methods=["GET", "POST"]),
    Route("/book/{lease}/ages", ages, name="book_ages", methods=["GET", "POST"]),
    Route("/book/{lease}/check", check, name="book_check", methods=["GET", "POST"]),
    Route("/book/{lease}/leave", leave, name="book_leave", methods=["POST"]),
]
