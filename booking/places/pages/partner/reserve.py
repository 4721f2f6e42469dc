"""/partner/reserve: room, weekday, time and term; every date is seen before anything is saved."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.signing_in import Who
from booking.places import booking_rooms, date_lines, importing, last_term, reserve_form, ways_out, whole_series
from booking.places.booking_rooms import Booked, Preview
from booking.places.busy_times import week_of
from booking.places.pages.partner.asking import partner_of
from booking.places.partner_rooms import choices_by_place, keyholders_for, room_for_partners, used_rooms
from booking.places.reserve_form import Known, Typed, as_date, as_uuid
from booking.places.rooms import RoomFacts
from booking.places.term_calendar import TermCalendar
from booking.places.terms import TermChoice, term_choices
from booking.places.ways_out import WayOut
from booking.places.whole_series import WholeWay
from booking.problems import Problem, Refused
from booking.web import access
from booking.words import DAYS, short_day

RESERVE = "/partner/reserve"
JUST_TAKEN = Problem(
    "Some dates were taken while you looked; they are marked. Nothing is saved yet: look at the dates again.",
    rule="changed",
)
NOT_SEEN = Problem(
    "You changed the form after these dates were worked out. Here they are again: look, then save.", rule="seen"
)


@dataclass
class Reserving:
    """One form under way: who asks, what was typed, and what is known of the room."""

    who: Who
    organisation: dict[str, Any]
    typed: Typed
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


@access("partner")
async def reserve_page(request: Request) -> Response:
    """The form, filled from the address; when that says enough, every date already. ?like= is the same as last term."""
    who, organisation = await partner_of(request)
    typed = reserve_form.read(request.query_params, is_sent=False)
    like = request.query_params.get("like")
    if like:
        typed = await _the_same(organisation, like)
    under_way = await _known(who, organisation, _with_defaults(typed, organisation))
    await _look(under_way)
    asked = bool(like or "room" in request.query_params)
    return await _page(request, under_way, [] if not asked or under_way.preview else under_way.problems)


async def _the_same(organisation: dict[str, Any], like: str) -> Typed:
    series_id = as_uuid(like)
    series = await last_term.series_like(organisation["id"], series_id) if series_id else None
    if series is None:
        raise HTTPException(404)
    room = await room_for_partners(series["room_id"])
    return last_term.the_same(series, term_choices(await _calendar(room), clock.today()))


def _with_defaults(typed: Typed, organisation: dict[str, Any]) -> Typed:
    return replace(
        typed,
        title=typed.title or organisation["default_title"],
        cost_code=typed.cost_code or organisation["cost_code"],
    )


@access("partner")
async def reserve(request: Request) -> Response:
    """Looks again at every date, or saves; for htmx the dates alone, while the form is being filled."""
    who, organisation = await partner_of(request)
    async with request.form(max_fields=400, max_files=0) as form:
        under_way = await _known(who, organisation, reserve_form.read(form, is_sent=True))
        under_way.token = str(form.get("form_token", ""))[:60] or under_way.token
        agreed = {day for part in str(form.get("agreed", ""))[:3000].split(",") if (day := as_date(part))}
        seen = str(form.get("seen", ""))
        is_saving = form.get("action") == "save"
    if not is_saving:
        await _look(under_way)
        return await _page(request, under_way, [] if web.is_htmx(request) else under_way.problems)
    return await _save(request, under_way, agreed, seen)


async def _known(who: Who, organisation: dict[str, Any], typed: Typed) -> Reserving:
    room = await room_for_partners(as_uuid(typed.room))
    terms = term_choices(await _calendar(room), clock.today())
    if not typed.term:
        typed = replace(typed, term=terms[0].key if terms else reserve_form.OWN_DATES)
    keyholders = await keyholders_for(room.location_id, [organisation["id"]]) if room else []
    return Reserving(who, organisation, typed, room, terms, keyholders, token=web.new_token())


async def _calendar(room: RoomFacts | None) -> TermCalendar:
    """That of the room's area; before a room is chosen that of any area that has one."""
    calendars = await importing.calendars()
    if room:
        return calendars.get(room.area) or calendars[""]
    return next((calendar for calendar in calendars.values() if calendar.periods), calendars[""])


async def _look(under_way: Reserving) -> None:
    """Puts what is asked for, every date and all Problems into it; writes nothing."""
    ask, under_way.problems = reserve_form.understand(under_way.typed, _as_known(under_way))
    if ask is None:
        return
    try:
        ask = replace(ask, choices=await _allowed(ask.choices))
        under_way.preview = await booking_rooms.preview(ask, by=under_way.who)
        under_way.base = (
            await booking_rooms.preview(replace(ask, choices={}), by=under_way.who)
            if ask.choices
            else under_way.preview
        )
    except Refused as refused:
        under_way.problems += refused.problems
        under_way.preview = None


async def _allowed(choices: Any) -> dict[date, Any]:
    """Ways out into rooms that partners may choose; any other is as if it had not been chosen."""
    known = {None: True}
    for choice in choices.values():
        if choice.room_id not in known:
            known[choice.room_id] = await room_for_partners(choice.room_id) is not None
    return {day: choice for day, choice in choices.items() if known[choice.room_id]}


def _as_known(under_way: Reserving) -> Known:
    return Known(
        under_way.organisation["id"],
        clock.now(),
        under_way.room,
        under_way.terms,
        frozenset(each["id"] for each in under_way.keyholders),
    )


async def _save(request: Request, under_way: Reserving, agreed: set[date], seen: str) -> Response:
    before = await web.first_answer(under_way.token)
    if before:
        return web.go(before)
    await _look(under_way)
    preview = under_way.preview
    if under_way.problems or preview is None:
        return await _page(request, under_way, under_way.problems)
    if seen != reserve_form.what_was_seen(preview.ask):
        return await _page(request, under_way, [NOT_SEEN])
    expected = reserve_form.expected_dates(agreed, preview.ask.choices)
    under_way.lost = expected - _to_be_had(preview)
    if under_way.lost:
        return await _page(request, under_way, [JUST_TAKEN], status=409)
    try:
        return web.go(await _book(under_way, expected))
    except SentBefore as sent:
        return web.go(str(sent))
    except Refused as refused:
        return await _refused(request, under_way, expected, refused.problems)


async def _refused(request: Request, under_way: Reserving, expected: set[date], problems: list[Problem]) -> Response:
    """The dates anew, with what has changed; or, where the form was sent a moment ago and its own booking stands in the
    way, what that led to."""
    before = await web.first_answer(under_way.token)
    if before:
        return web.go(before)
    await _look(under_way)
    if under_way.preview:
        under_way.lost = expected - _to_be_had(under_way.preview)
    return await _page(request, under_way, [JUST_TAKEN] if under_way.lost else problems, status=409)


def _to_be_had(preview: Preview) -> set[date]:
    return {line.of for line in preview.lines if line.is_to_be_had}


async def _book(under_way: Reserving, expected: set[date]) -> str:
    """Books once per form; returns the page of what was booked. Raises Refused, or SentBefore."""
    preview = under_way.preview
    assert preview is not None

    async def body() -> str:
        booked = await booking_rooms.book(preview.ask, by=under_way.who, agreed=expected)
        path = _path_of(booked)
        if under_way.token and not await web.remember_answer(under_way.token, path):
            raise SentBefore(await web.first_answer(under_way.token) or "/partner")
        return path

    return await db.run_tx(body)


def _path_of(booked: Booked) -> str:
    kind, thing = ("series", booked.series_id) if booked.series_id else ("bookings", booked.booking_ids[0])
    return f"/partner/{kind}/{thing}?new=yes"


async def _page(
    request: Request, under_way: Reserving, problems: list[Problem], *, status: int | None = None
) -> Response:
    context = _form_context(under_way, problems) | await _dates_context(under_way)
    is_room = request.headers.get("HX-Trigger-Name") == "room"
    if not web.is_htmx(request):
        context |= {
            "places": await choices_by_place(),
            "used": await used_rooms(under_way.organisation["id"]),
            "repeatable": await last_term.series_to_repeat(under_way.organisation["id"]),
        }
    context["swaps_room_parts"] = is_room and web.is_htmx(request)
    status = status or (422 if problems else 200)
    return await web.render_partner(request, "partner/reserve.html", context, block="dates", status=status)


def _form_context(under_way: Reserving, problems: list[Problem]) -> dict[str, Any]:
    typed = under_way.typed
    return {
        "title": "Reserve a room",
        "typed": typed,
        "room": under_way.room,
        "problems": problems,
        "missing": [problem for problem in under_way.problems if problem in reserve_form.MISSING.values()],
        "still_wrong": under_way.problems,
        "terms": under_way.terms,
        "repeats": reserve_form.REPEATS,
        "nths": reserve_form.NTHS,
        "weekdays": [(n, day[:3]) for n, day in enumerate(DAYS)],
        "term_items": _term_items(under_way.terms),
        "times": date_lines.quarter_hours(typed.start, typed.end),
        "layouts": sorted(under_way.room.layouts.items()) if under_way.room else [],
        "token": under_way.token,
    }


def _term_items(terms: list[TermChoice]) -> list[tuple[str, str]]:
    words = {"this": "This term, to {}", "next": "Next term, to {}"}
    items = [(term.key, words[term.key].format(short_day(term.last)[4:])) for term in terms]
    return [*items, (reserve_form.OWN_DATES, "Dates of my own")]


async def _dates_context(under_way: Reserving) -> dict[str, Any]:
    """What the dates beside the form need; without a preview only the room's week."""
    day = _first_day(under_way)
    shown: dict[str, Any] = {
        "preview": under_way.preview,
        "week": await week_of(under_way.room, day) if under_way.room else [],
        "lines": [],
        "whole_ways": [],
    }
    if under_way.preview is None or under_way.base is None:
        return shown
    preview, base = under_way.preview, under_way.base
    wanted = [(line.of, line.starts_at, line.ends_at) for line in base.of_state("clash")]
    ways = await ways_out.for_dates(base.room, wanted, people=base.ask.people, for_partner=True) if wanted else {}
    return shown | {
        "lines": date_lines.shown_lines(base, preview, ways, under_way.lost),
        "whole_ways": await _other_asks(under_way, base, ways),
        "summary": date_lines.summary_words(preview),
        "save_words": date_lines.save_words(preview),
        "agreed": ",".join(line.of.isoformat() for line in preview.lines if line.is_to_be_had),
        "seen": reserve_form.what_was_seen(preview.ask),
        "hours": date_lines.hours_words(preview.minutes),
        "left": None if preview.minutes_left is None else date_lines.hours_words(max(preview.minutes_left, 0)),
        "is_beyond": preview.minutes_left is not None and preview.minutes_left < 0,
        "is_out_of_hours": any(line.is_out_of_hours for line in preview.lines),
        "keyholders": under_way.keyholders,
    }


async def _other_asks(under_way: Reserving, base: Preview, ways: dict[date, list[WayOut]]) -> list[dict[str, str]]:
    """Links that ask for all dates another way; for one date its ways out, as they are."""
    typed = under_way.typed
    if base.ask.rule:
        found = await whole_series.ways_for_all(base, under_way.who)
        return [{"words": way.words, "note": way.note, "href": _href(typed, way, weekday=way.weekday)} for way in found]
    return [
        {"words": way.words, "note": "", "href": _href(typed, way, date=way.day)}
        for some in ways.values()
        for way in some
        if way.kind != "skip"
    ]


def _href(typed: Typed, way: WholeWay | WayOut, **changed: Any) -> str:
    """The same form with another room, time or day; what was chosen for single dates no longer fits."""
    changed |= {"room": way.room_id, "start": way.start, "end": way.end}
    values = {name: getattr(typed, name) for name in reserve_form.NAMES}
    values |= {name: str(value) for name, value in changed.items() if value is not None}
    return f"{RESERVE}?{urlencode(values)}"


def _first_day(under_way: Reserving) -> date:
    """The day whose week is shown: the first that was asked for, else today."""
    if under_way.preview:
        return under_way.preview.lines[0].day
    if under_way.typed.is_once:
        return as_date(under_way.typed.date) or clock.today()
    return as_date(under_way.typed.first) or clock.today()


routes = [
    Route(RESERVE, reserve_page, name="partner_reserve", methods=["GET"]),
    Route(RESERVE, reserve, name="partner_reserve_do", methods=["POST"]),
]
