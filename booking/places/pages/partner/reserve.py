"""/partner/reserve: room, weekday, time and term; every date is seen before anything is saved."""

from dataclasses import replace
from datetime import date
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.places import booking_rooms, chosen_ways, last_term, reserve_form
from booking.places.booking_rooms import Booked, Preview
from booking.places.pages.partner.asking import partner_of
from booking.places.pages.partner.reserve_context import RESERVE, dates_context, form_context
from booking.places.pages.partner.reserving import Reserving, calendar_of, known_of, look
from booking.places.partner_rooms import choices_by_place, room_for_partners, used_rooms
from booking.places.reserve_form import Typed, as_date, as_uuid
from booking.places.terms import term_choices
from booking.problems import Problem, Refused
from booking.web import access

JUST_TAKEN = Problem(
    "Some dates were taken while you looked; they are marked. Nothing is saved yet: look at the dates again.",
    rule="changed",
)
NOT_SEEN = Problem(
    "You changed the form after these dates were worked out. Here they are again: look, then save.", rule="seen"
)


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
    under_way = await known_of(who, organisation, _with_defaults(typed, organisation))
    await look(under_way)
    asked = bool(like or "room" in request.query_params)
    return await _page(request, under_way, [] if not asked or under_way.preview else under_way.problems)


async def _the_same(organisation: dict[str, Any], like: str) -> Typed:
    series_id = as_uuid(like)
    series = await last_term.series_like(organisation["id"], series_id) if series_id else None
    if series is None:
        raise HTTPException(404)
    room = await room_for_partners(series["room_id"])
    return last_term.the_same(series, term_choices(await calendar_of(room), clock.today()))


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
        under_way = await known_of(who, organisation, reserve_form.read(form, is_sent=True))
        under_way.token = str(form.get("form_token", ""))[:60] or under_way.token
        agreed = {day for part in str(form.get("agreed", ""))[:3000].split(",") if (day := as_date(part))}
        seen = str(form.get("seen", ""))
        is_saving = form.get("action") == "save"
    if not is_saving:
        await look(under_way)
        return await _page(request, under_way, [] if web.is_htmx(request) else under_way.problems)
    return await _save(request, under_way, agreed, seen)


async def _save(request: Request, under_way: Reserving, agreed: set[date], seen: str) -> Response:
    before = await web.first_answer(under_way.token)
    if before:
        return web.go(before)
    await look(under_way)
    preview = under_way.preview
    if under_way.problems or preview is None:
        return await _page(request, under_way, under_way.problems)
    if seen != chosen_ways.what_was_seen(preview.ask):
        return await _page(request, under_way, [NOT_SEEN])
    expected = chosen_ways.expected_dates(agreed, preview.ask.choices)
    under_way.lost = expected - _to_be_had(preview)
    if under_way.lost:
        return await _refused(request, under_way, expected, [JUST_TAKEN])
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
    await look(under_way)
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
    context = form_context(under_way, problems) | await dates_context(under_way)
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


routes = [
    Route(RESERVE, reserve_page, name="partner_reserve", methods=["GET"]),
    Route(RESERVE, reserve, name="partner_reserve_do", methods=["POST"]),
]
