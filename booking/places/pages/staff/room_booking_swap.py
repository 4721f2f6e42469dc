"""/staff/rooms/bookings/{room_booking}/swap: asking a partner to take another room, and what can be done without its yes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places import answering_swaps, holding, room_history, swapping
from booking.places.chosen_ways import as_uuid, is_time
from booking.places.date_lines import quarter_hours
from booking.places.holding import hold_for
from booking.places.pages.staff.room_booking import BOOKING, basics, booking_in_path, path_of
from booking.places.rooms import RoomFacts, find_rooms
from booking.places.staff_rooms import may_book
from booking.places.swapping import Wanted
from booking.problems import Problem, Refused
from booking.web import access
from booking.words import count_words

NO_TITLE = Problem("Say what you need the room for.", "title", rule="title")
NO_TIME = Problem("Choose a start, and an end that is later.", "end", rule="time")
NAMES = ("room", "title", "start", "end", "people", "why")


@access("staff")
async def swap_page(request: Request) -> Response:
    who, booking = await _partners(request)
    starts, ends = clock.local(booking["starts_at"]), clock.local(booking["ends_at"])
    typed = dict.fromkeys(NAMES, "") | {"start": f"{starts:%H:%M}", "end": f"{ends:%H:%M}"}
    return await _page(request, who, booking, typed, [])


async def _partners(request: Request) -> tuple[Who, dict[str, Any]]:
    who, booking = await booking_in_path(request)
    if booking["kind"] != "partner":
        raise HTTPException(404)
    return who, booking


async def _page(
    request: Request, who: Who, booking: dict[str, Any], typed: dict[str, str], problems: list[Problem]
) -> Response:
    days = web.settings_of(request).places.displace_notice_days
    shown = basics(booking) | {
        "heading": "Ask them to take another room",
        "form": web.Shown(typed, problems),
        "free": await _free_rooms(who, booking),
        "clock_times": quarter_hours(typed["start"], typed["end"]),
        "notice": count_words(days, "day"),
        "is_in_time": booking["starts_at"] > clock.now() + timedelta(days=days) + swapping.AT_LEAST,
    }
    return await web.render_staff(request, "staff/rooms/swap.html", shown, status=422 if problems else 200)


async def _free_rooms(who: Who, booking: dict[str, Any]) -> list[RoomFacts]:
    """Rooms of the hub, large enough and free at that time; those of the same building first."""
    rooms = [
        room
        for room in (await find_rooms("l.hub_id = $1", booking["hub_id"])).values()
        if room.id != booking["room_id"] and not room.is_restricted and may_book(room, who)
        and room.capacity >= (booking["people"] or 0) and _is_in_use(room, booking)
    ]  # fmt: skip
    holds = [hold_for(booking["id"], room, booking["starts_at"], booking["ends_at"]) for room in rooms]
    taken = await holding.in_the_way(holds)
    free = [room for n, room in enumerate(rooms) if n not in taken]
    return sorted(free, key=lambda room: (room.location_id != booking["location_id"], room.location_name, room.name))


def _is_in_use(room: RoomFacts, booking: dict[str, Any]) -> bool:
    day = clock.local(booking["starts_at"]).date()
    return (room.valid_from is None or room.valid_from <= day) and (room.valid_to is None or day <= room.valid_to)


@access("staff")
async def ask(request: Request) -> Response:
    who, booking = await _partners(request)
    async with request.form(max_files=0) as form:
        typed = {name: " ".join(str(form.get(name, "")).split())[:300] for name in NAMES}
    wanted, problems = _wanted(typed, booking)
    if wanted and not problems:
        try:
            await swapping.propose_swap(
                room_booking_id=booking["id"], proposed_room_id=as_uuid(typed["room"]) or UUID(int=0), wanted=wanted,
                why=typed["why"], by=who, notice_days=web.settings_of(request).places.displace_notice_days,
            )  # fmt: skip
        except Refused as refused:
            problems = refused.problems
        else:
            web.flash(request, f"{booking['organisation_name']} is asked. The other room is kept until they answer.")
            return web.go(path_of(booking))
    return await _page(request, who, booking, typed, problems)


def _wanted(typed: dict[str, str], booking: dict[str, Any]) -> tuple[Wanted | None, list[Problem]]:
    problems = [] if typed["title"] else [NO_TITLE]
    start, end = typed["start"], typed["end"]
    if not (is_time(start) and is_time(end) and start < end):
        return None, [*problems, NO_TIME]
    day = clock.local(booking["starts_at"]).date()
    people = int(typed["people"]) if typed["people"].isdecimal() and len(typed["people"]) < 5 else None
    return Wanted(typed["title"][:200], clock.at(day, start), clock.at(day, end), people), problems


@access("staff")
async def decide(request: Request) -> Response:
    """Withdraws what was asked, or displaces the booking."""
    who, booking = await booking_in_path(request)
    async with request.form(max_files=0) as form:
        decision = str(form.get("decision", ""))
    swap = await room_history.swap_of(booking["id"], who)
    try:
        if swap is None:
            raise Refused([swapping.NOT_YOURS])
        if decision == "displace":
            days = web.settings_of(request).places.displace_notice_days
            await answering_swaps.displace(swap_id=swap["id"], by=who, notice_days=days)
            web.flash(
                request, f"The room is yours. {swap['organisation_name']} is told; the other room stays kept two days."
            )
        else:
            await answering_swaps.withdraw(swap_id=swap["id"], by=who)
            web.flash(request, "Withdrawn. Nothing moves.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(path_of(booking))


@access("staff")
async def back(request: Request) -> Response:
    _, booking = await booking_in_path(request)
    return web.go(path_of(booking))


SWAP = f"{BOOKING}/swap"
routes = [
    Route(SWAP, swap_page, name="staff_swap", methods=["GET"]),
    Route(SWAP, ask, name="staff_swap_do", methods=["POST"]),
    Route(f"{SWAP}/decide", decide, name="staff_swap_decide", methods=["POST"]),
    Route(f"{SWAP}/decide", back, name="staff_back_from_swap", methods=["GET"]),
]
