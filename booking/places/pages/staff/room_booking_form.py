"""/staff/rooms/book: staff book a room, for the hub's own use or for a partner; every date is seen before anything is saved."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.signing_in import Who
from booking.places import (
    booking_rooms,
    chosen_ways,
    clashes,
    date_lines,
    importing,
    reserve_form,
    staff_form,
    staff_rooms,
    ways_out,
)
from booking.places.booking_rooms import Booked, Preview
from booking.places.chosen_ways import as_date
from booking.places.reserve_form import Known
from booking.places.rooms import RoomFacts
from booking.places.staff_form import StaffTyped
from booking.places.terms import TermChoice, term_choices
from booking.places.using_rooms import keyholders_of
from booking.problems import Problem, Refused
from booking.web import access
from booking.who_asks import staff_of
from booking.words import DAYS, count_words, short_day

BOOK = "/staff/rooms/book"
JUST_TAKEN = Problem("Some dates were taken while you looked; they are marked. Nothing is saved yet.", rule="changed")
NOT_SEEN = Problem(
    "The form was changed after these dates were worked out. Here they are again: look, then save.", rule="seen"
)
NOBODY = UUID(int=0)
"""The partner's form knows for whom; staff's says so in a field of its own."""


@dataclass
class Under:
    """One form under way: who asks, what was typed, what is known of the room, every date."""

    who: Who
    typed: StaffTyped
    room: RoomFacts | None = None
    terms: list[TermChoice] = field(default_factory=list)
    keyholders: list[dict[str, Any]] = field(default_factory=list)
    preview: Preview | None = None
    base: Preview | None = None
    problems: list[Problem] = field(default_factory=list)
    lost: set[date] = field(default_factory=set)
    token: str = ""


class SentBefore(Exception):
    """The same form was sent before; the text is where it led."""


@access("staff")
async def book_page(request: Request) -> Response:
    """The form, filled from the address (the diary's links); when that says enough, the dates already."""
    under = await _known(await staff_of(request), staff_form.read(request.query_params, is_sent=False))
    await _look(under)
    return await _page(request, under, [])


@access("staff")
async def book(request: Request) -> Response:
    """Looks at every date again, or saves."""
    who = await staff_of(request)
    async with request.form(max_fields=400, max_files=0) as form:
        under = await _known(who, staff_form.read(form, is_sent=True))
        under.token = str(form.get("form_token", ""))[:60] or under.token
        agreed = {day for part in str(form.get("agreed", ""))[:3000].split(",") if (day := as_date(part))}
        seen, is_saving = str(form.get("seen", "")), form.get("action") == "save"
    if is_saving:
        return await _save(request, under, agreed, seen)
    await _look(under)
    return await _page(request, under, [] if web.is_htmx(request) else under.problems)


async def _known(who: Who, typed: StaffTyped) -> Under:
    room = await staff_rooms.room_for_staff(who, typed.form.room_id)
    calendars = await importing.calendars()
    calendar = calendars.get(room.area if room else "") or next(
        (each for each in calendars.values() if each.periods), calendars[""]
    )
    terms = term_choices(calendar, clock.today())
    if not typed.form.term:
        typed = replace(typed, form=replace(typed.form, term=terms[0].key if terms else reserve_form.OWN_DATES))
    keyholders = await keyholders_of([room.location_id], typed.organisation_id) if room else []
    return Under(who, typed, room, terms, keyholders, token=web.new_token())


async def _look(under: Under) -> None:
    """Puts every date and all Problems into it; writes nothing."""
    keys = frozenset(each["id"] for each in under.keyholders)
    known = Known(NOBODY, clock.now(), under.room, under.terms, keys)
    may_be_private = under.room is None or under.who.works_at(under.room.hub_id)
    ask, under.problems = staff_form.understand(under.typed, known, may_be_private=may_be_private)
    if ask is None:
        return
    try:
        ask = replace(ask, choices=await _allowed(under.who, ask.choices))
        under.preview = await booking_rooms.preview(ask, by=under.who)
        plain = replace(ask, choices={})
        under.base = await booking_rooms.preview(plain, by=under.who) if ask.choices else under.preview
    except Refused as refused:
        under.problems += refused.problems
        under.preview = None


async def _allowed(who: Who, choices: Any) -> dict[date, Any]:
    """Ways out into rooms that this member of staff may book; any other is as if it had not been chosen."""
    known = {None: True}
    for choice in choices.values():
        if choice.room_id not in known:
            known[choice.room_id] = await staff_rooms.room_for_staff(who, choice.room_id) is not None
    return {day: choice for day, choice in choices.items() if known[choice.room_id]}


async def _save(request: Request, under: Under, agreed: set[date], seen: str) -> Response:
    before = await web.first_answer(under.token)
    if before:
        return web.go(before)
    await _look(under)
    preview = under.preview
    if under.problems or preview is None:
        return await _page(request, under, under.problems)
    if seen != chosen_ways.what_was_seen(preview.ask):
        return await _page(request, under, [NOT_SEEN])
    expected = chosen_ways.expected_dates(agreed, preview.ask.choices)
    under.lost = expected - {line.of for line in preview.lines if line.is_to_be_had}
    if under.lost:
        return await _taken(request, under, [JUST_TAKEN])
    try:
        return web.go(await _book(request, under, expected))
    except SentBefore as sent:
        return web.go(str(sent))
    except Refused as refused:
        await _look(under)
        return await _taken(request, under, refused.problems)


async def _taken(request: Request, under: Under, problems: list[Problem]) -> Response:
    """The dates as they are now; or, where the form was sent a moment ago and its own booking stands in the way, what that
    led to."""
    before = await web.first_answer(under.token)
    return web.go(before) if before else await _page(request, under, problems, status=409)


async def _book(request: Request, under: Under, expected: set[date]) -> str:
    """Books once per form; returns the page of what was booked. Raises Refused, or SentBefore."""
    preview = under.preview
    assert preview is not None

    async def body() -> Booked:
        booked = await booking_rooms.book(preview.ask, by=under.who, agreed=expected)
        if under.token and not await web.remember_answer(under.token, _path_of(booked)):
            raise SentBefore(await web.first_answer(under.token) or BOOK)
        return booked

    booked = await db.run_tx(body)
    web.flash(request, _said(booked, preview))
    return _path_of(booked)


def _path_of(booked: Booked) -> str:
    return f"/staff/rooms/bookings/{booked.booking_ids[0]}"


def _said(booked: Booked, preview: Preview) -> str:
    dates = count_words(len(booked.booking_ids), "date")
    words = f"{preview.room.name} is booked: {dates}." if preview.ask.rule else f"{preview.room.name} is booked."
    if booked.missing:
        words += f" {count_words(len(booked.missing), 'date')} not free, kept on the list of missing dates."
    return words


async def _page(request: Request, under: Under, problems: list[Problem], *, status: int | None = None) -> Response:
    context = _form_context(under, problems) | await _dates_context(under)
    context |= {"places": await staff_rooms.choices_by_place(under.who), "partners": await staff_rooms.partners()}
    status = status or (422 if problems else 200)
    return await web.render_staff(request, "staff/rooms/book.html", context, block="dates", status=status)


def _form_context(under: Under, problems: list[Problem]) -> dict[str, Any]:
    words = {"this": "This term, to {}", "next": "Next term, to {}"}
    terms = [(term.key, words[term.key].format(short_day(term.last)[4:])) for term in under.terms]
    typed = under.typed.form
    return {
        "title": "Book a room",
        "nav": "diary",
        "staff_typed": under.typed,
        "typed": typed,
        "room": under.room,
        "problems": problems,
        "still_wrong": under.problems,
        "repeats": reserve_form.REPEATS,
        "nths": reserve_form.NTHS,
        "weekdays": [(n, day[:3]) for n, day in enumerate(DAYS)],
        "term_items": [*terms, (reserve_form.OWN_DATES, "Other dates")],
        "times": date_lines.quarter_hours(typed.start, typed.end),
        "layouts": sorted(under.room.layouts.items()) if under.room else [],
        "keyholders": under.keyholders,
        "token": under.token,
    }


async def _dates_context(under: Under) -> dict[str, Any]:
    preview, base = under.preview, under.base
    if preview is None or base is None:
        return {"preview": None}
    wanted = [(line.of, line.starts_at, line.ends_at) for line in base.of_state("clash")]
    ways = await ways_out.for_dates(base.room, wanted, people=base.ask.people, for_partner=False) if wanted else {}
    blocking = {each.rule for line in base.lines for each in line.problems if each.level == "blocks"}
    lines = date_lines.shown_lines(base, preview, ways, under.lost)
    return {
        "preview": preview,
        "lines": lines,
        "reasons": date_lines.shared_reasons(lines),
        "ways": _links(under, ways) if preview.ask.rule is None else [],
        "summary": date_lines.summary_words(preview),
        "save_words": "Book it" if preview.ask.rule is None else f"Book {count_words(len(_had(preview)), 'date')}",
        "agreed": ",".join(line.of.isoformat() for line in _had(preview)),
        "seen": chosen_ways.what_was_seen(preview.ask),
        "hours": date_lines.hours_words(preview.minutes),
        "is_out_of_hours": any(line.is_out_of_hours for line in preview.lines),
        "asks_reason": bool(blocking & clashes.BENDABLE) or bool(under.typed.override),
        "may_override": under.who.manages(base.room.hub_id) or base.room.override_by != "manager",
    }


def _had(preview: Preview) -> list[Any]:
    return [line for line in preview.lines if line.is_to_be_had]


def _links(under: Under, ways: Any) -> list[dict[str, str]]:
    """The ways out of a single date: links to this form, filled with them."""
    typed = under.typed.form
    found = []
    for way in (each for some in ways.values() for each in some if each.kind != "skip"):
        asked = {
            "room": way.room_id or typed.room, "date": way.day or typed.date, "start": way.start or typed.start,
            "end": way.end or typed.end, "title": typed.title, "people": typed.people,
            "organisation": under.typed.organisation,
        }  # fmt: skip
        found.append({"words": way.words, "href": f"{BOOK}?{_query(asked)}"})
    return found


def _query(values: dict[str, Any]) -> str:
    return urlencode({name: str(value) for name, value in values.items() if value})


routes = [
    Route(BOOK, book_page, name="staff_book_room", methods=["GET"]),
    Route(BOOK, book, name="staff_book_room_do", methods=["POST"]),
]
