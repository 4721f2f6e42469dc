"""/staff/sessions/{id}/book: a family rings, and staff book for them or put them in line."""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.messages import channels
from booking.people import languages
from booking.people.contacts import phone_words
from booking.people.models import Person
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.appointments import finding_slots, keeping_slots
from booking.programmes.bookings import booking_by_phone, who_form
from booking.programmes.bookings.booking_by_phone import target_of
from booking.programmes.bookings.coming import ChildComing, Offered, age_problems, places_needed
from booking.programmes.creche.creche_form import with_creche
from booking.programmes.creche.creche_places import Creche, creche_of
from booking.programmes.models import WaitingEntry
from booking.programmes.pages.staff.asking import path_of, session_in_path
from booking.programmes.pages.staff.session import basics
from booking.programmes.staff_lists import BOOKED_AS_ONE
from booking.web import access
from booking.words import clock_time


@dataclass
class Call:
    """One telephone call: the session, the family that rings (if known), and what was typed."""

    who: Who
    session: dict[str, Any]
    offered: Offered
    person: Person | None = None
    known: dict[UUID, ChildComing] = field(default_factory=dict)
    entry_id: UUID | None = None
    slot_id: UUID | None = None
    free: list[tuple[UUID, str]] = field(default_factory=list)
    typed: who_form.Typed = field(default_factory=who_form.Typed)
    token: str = ""
    creche: Creche | None = None


class SentBefore(Exception):
    """The same form was sent twice; the first did it."""


class NothingToBook(Exception):
    """The session takes no bookings; the text says why."""


@access("staff")
async def book_page(request: Request) -> Response:
    """The form; ?q= looks for a family, ?person= fills it in, ?entry= also with who was to come."""
    try:
        call = await _call(request, request.query_params)
    except NothingToBook as why:
        return _back(request, why)
    call.typed = await _prefilled(call)
    call.token = web.new_token()
    words = request.query_params.get("q", "")[:100]
    found = await booking_by_phone.find_families(call.who, call.session["hub_id"], words)
    return await _page(request, call, [], words=words, found=found)


def _back(request: Request, why: Exception) -> Response:
    web.flash(request, str(why), "note")
    return web.go(f"/staff/sessions/{web.uuid_in_path(request)}")


async def _call(request: Request, given: Any) -> Call:
    who, session = await session_in_path(request)
    if session["booking_mode"] == "linked":
        raise NothingToBook("Crèche places are booked with the course.")
    if session["booking_mode"] == "drop_in":
        raise NothingToBook("Nobody needs to book a drop-in.")
    if session["state"] != "planned":
        raise NothingToBook("This date is cancelled, so nothing can be booked on it.")
    unit = await db.row(
        "SELECT age_of, places_unit, send_max_age_months, most_adults, most_children, audience FROM programme WHERE id = $1",
        session["programme_id"],
    )
    call = Call(who, session, Offered.of(session | (unit or {})))
    if session["booking_mode"] == "appointment":
        await _choose_slot(call, _uuid(given.get("slot")))
    call.creche = await creche_of(session["run_id"], target_of(session).session_id)
    entry_id, person_id = _uuid(given.get("entry")), _uuid(given.get("person"))
    entry = await WaitingEntry.get_or_none(id=entry_id, run_id=session["run_id"]) if entry_id else None
    if entry:
        call.entry_id, person_id = entry.id, entry.person_id
    family = await booking_by_phone.known_family(who, session["hub_id"], person_id) if person_id else None
    if family:
        call.person, call.known = family
    return call


async def _choose_slot(call: Call, slot_id: UUID | None) -> None:
    """The free times of the clinic, each with its worker where several work; the one that was chosen."""
    session_id = call.session["session_id"]
    await keeping_slots.make_missing(session_id=session_id)
    free = [
        x
        for x in await finding_slots.free_times(call.session["run_id"], is_public=False)
        if x["session_id"] == session_id
    ]
    is_one = len({each["worker"] for each in free}) < 2
    call.free = [
        (each["id"], clock_time(each["starts_at"]) + ("" if is_one else f", {each['worker']}")) for each in free
    ]
    call.slot_id = slot_id


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


async def _prefilled(call: Call) -> who_form.Typed:
    if call.person is None:
        return who_form.Typed(channel="sms", children=[_no_child()] if call.offered.asks_children else [])
    typed = who_form.prefilled(call.person, call.person.channel, call.person.language, {})
    entry = await WaitingEntry.get_or_none(id=call.entry_id) if call.entry_id else None
    if entry is None:
        return typed
    typed.adults = [each["name"] for each in entry.who if each["kind"] == "adult"] or typed.adults
    typed.children = [
        {"first_name": each["first_name"], "month": str(each["birth_month"]), "year": str(each["birth_year"])}
        for each in entry.who
        if each["kind"] == "child"
    ]
    looked_after = [each.get("in_creche") for each in entry.who if each["kind"] == "child"]
    typed.creche = [f"child-{n}" for n, is_there in enumerate(looked_after) if is_there]
    call.known, typed.needs = {}, entry.needs
    return typed


def _no_child() -> dict[str, str]:
    return {"first_name": "", "month": "", "year": ""}


@access("staff")
async def book(request: Request) -> Response:
    async with request.form(max_fields=80, max_files=0) as form:
        try:
            call = await _call(request, form)
        except NothingToBook as why:
            return _back(request, why)
        call.typed, call.token = who_form.read(form), str(form.get("form_token", ""))[:60]
        add, act = str(form.get("add", "")), str(form.get("act", "book"))
    if add:
        if add == "adult":
            call.typed.adults.append("")
        else:
            call.typed.children.append(_no_child())
        return await _page(request, call, [])
    read = who_form.understand(call.typed, call.offered, call.known)
    read = with_creche(read, call.creche, is_waiting=act == "wait")
    if call.session["booking_mode"] == "appointment" and call.slot_id is None:
        read.problems.insert(0, Problem("Choose a time", "slot", rule="missing"))
    if read.problems:
        return await _page(request, call, read.problems)
    ages = age_problems(call.offered, read.party, call.session["date"])
    if ages and act != "all the same":
        return await _page(request, call, ages, may_go_on=True)
    try:
        return await _do(request, call, read, is_waiting=act == "wait")
    except Refused as refused:
        return await _page(request, call, refused.problems, is_full=bool({"full", "too few"} & refused.rules))
    except SentBefore:
        return web.go(path_of(call.session))


async def _do(request: Request, call: Call, read: who_form.Read, *, is_waiting: bool) -> Response:
    """Books or puts in line, once per form, and says what the family hears."""
    asked: dict[str, Any] = {
        "target": replace(target_of(call.session), slot_id=call.slot_id),
        "contact": read.contact,
        "party": read.party,
        "places": places_needed(call.offered, read.party),
        "by": call.who,
        "person": call.person,
    }

    async def body() -> Any:
        if call.token and not await web.remember_answer(call.token, path_of(call.session)):
            raise SentBefore
        if is_waiting:
            return await booking_by_phone.wait_for(**asked)
        return await booking_by_phone.book_for(**asked, entry_id=call.entry_id)

    made = await db.run_tx(body)
    request.app.state.pages.forget()
    hears = await _hears(call, made)
    what = "is on the waiting list" if is_waiting else "has a place"
    web.flash(request, f"{read.contact.name} {what}. Reference {made.reference}. {hears}")
    return web.go(path_of(call.session) + ("#waiting" if is_waiting else f"#party-{made.id}"))


async def _hears(call: Call, made: Any) -> str:
    """How the family hears of its booking or its place in line; the address it chose may not work."""
    kind = "waiting_joined" if isinstance(made, WaitingEntry) else "confirmation"
    person = await Person.get(id=made.person_id)
    is_discreet = bool(call.session["is_restricted"] or call.session["is_discreet"] or person.is_discreet)
    picked = channels.pick(person, kind, is_discreet=is_discreet)
    if not picked:
        return "They get no message: tell them the reference now."
    return f"They get {'a text message' if picked[0] == 'sms' else 'an email'}."


async def _page(
    request: Request,
    call: Call,
    problems: list[Problem],
    *,
    words: str = "",
    found: list[dict[str, Any]] | None = None,
    may_go_on: bool = False,
    is_full: bool = False,
) -> Response:
    shown, is_clinic = basics(call.session), call.session["booking_mode"] == "appointment"
    context = shown | {
        "heading": "Book a place by phone",
        "call": call,
        "typed": call.typed,
        "offered": call.offered,
        "problems": problems,
        "channels": who_form.CHANNELS,
        "languages": languages.offered(web.settings_of(request).messages.languages),
        "words": words,
        "found": [row | {"phone_words": phone_words(row["phone"]) if row["phone"] else ""} for row in found or []],
        "may_go_on": may_go_on,
        "is_full": not is_clinic and (is_full or (shown["places_left"] == 0 and not call.entry_id)),
        "is_clinic": is_clinic,
        "is_run": call.session["booking_mode"] in BOOKED_AS_ONE,
    }
    return await web.render_staff(request, "staff/book.html", context, status=422 if problems else 200)


BOOK = "/staff/sessions/{id}/book"
routes = [
    Route(BOOK, book_page, name="staff_book", methods=["GET"]),
    Route(BOOK, book, name="staff_book_do", methods=["POST"]),
]
