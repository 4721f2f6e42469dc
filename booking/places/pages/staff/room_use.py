"""/staff/rooms/use: who came, who did not, and space to win back; /staff/places/{id}/keyholders: who has keys."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.signing_in import Who
from booking.places import room_lists, using_rooms
from booking.places.chosen_ways import as_uuid
from booking.places.staff_rooms import partners
from booking.places.using_rooms import ToWinBack, Use
from booking.problems import Problem, Refused
from booking.web import access
from booking.who_asks import staff_of
from booking.words import count_words, day_words, short_day, time_range

USE = "/staff/rooms/use"
KEYS = "/staff/places/{id}/keyholders"
USES: dict[str, Use] = {"used": "used", "unused": "unused", "": ""}


@access("staff")
async def use_page(request: Request) -> Response:
    who = await staff_of(request)
    lately = await using_rooms.lately(who)
    shown = {
        "title": "Use of rooms",
        "nav": "diary",
        "lately": [_line(row) for row in lately],
        "no_shows": await using_rooms.no_shows(who),
        "to_win_back": [_space(each) for each in await using_rooms.to_win_back(who)],
    }
    return await web.render_staff(request, "staff/rooms/use.html", shown)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    starts, ends = clock.local(row["starts_at"]), clock.local(row["ends_at"])
    return {
        "id": row["id"],
        "href": f"/staff/rooms/bookings/{row['id']}",
        "day": "Today" if starts.date() == clock.today() else "Yesterday",
        "times": time_range(f"{starts:%H:%M}", f"{ends:%H:%M}"),
        "title": row["title"] or row["organisation_name"],
        "whose": row["organisation_name"],
        "where": f"{row['room_name']}, {row['location_name']}",
        "use": row["use"],
    }


def _space(each: ToWinBack) -> dict[str, Any]:
    row = each.booking
    starts, ends = clock.local(row["starts_at"]), clock.local(row["ends_at"])
    return {
        "title": row["title"] or row["organisation_name"],
        "whose": row["organisation_name"],
        "where": f"{row['room_name']}, {row['location_name']}",
        "when": f"{day_words(starts.date()).split(' ')[0]}s, {time_range(f'{starts:%H:%M}', f'{ends:%H:%M}')}",
        "times": each.times,
        "last": short_day(clock.local(each.last_unused_at).date()),
        "to_come": f"{count_words(each.dates_to_come, 'date')} to come, next {short_day(starts.date())}",
        "href": f"/staff/rooms/bookings/{row['id']}",
        "diary_href": f"/staff/diary?location={row['location_id']}&date={starts.date()}",
        "partner_href": f"/staff/partners/{row['organisation_id']}",
    }


@access("staff")
async def mark(request: Request) -> Response:
    """One tap: somebody came, or nobody did."""
    who = await staff_of(request)
    async with request.form(max_files=0) as form:
        booking_id, use = as_uuid(str(form.get("booking", ""))), str(form.get("use", ""))
    try:
        if booking_id is None or use not in USES or await room_lists.booking_seen_by(who, booking_id) is None:
            raise Refused([using_rooms.NOT_THERE])
        await using_rooms.mark_used(room_booking_id=booking_id, use=USES[use], by=who)
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(USE)


async def _place(request: Request) -> tuple[Who, dict[str, Any]]:
    """Who asks and the location of the path; 404 when it is not theirs."""
    who = await staff_of(request)
    place = await db.row(
        "SELECT id, name, hub_id, (is_restricted OR kind = 'restricted') AS is_restricted FROM location WHERE id = $1",
        web.uuid_in_path(request),
    )
    if place is None or not (who.works_at if place["is_restricted"] else who.may_act_at)(place["hub_id"]):
        raise HTTPException(404)
    return who, place


@access("staff")
async def keyholders_page(request: Request) -> Response:
    _, place = await _place(request)
    return await _keyholders(request, place, {"name": "", "phone": "", "organisation": ""}, [])


async def _keyholders(
    request: Request, place: dict[str, Any], typed: dict[str, str], problems: list[Problem]
) -> Response:
    keyholders = await using_rooms.keyholders_of([place["id"]])
    shown = {
        "title": f"Keyholders of {place['name']}",
        "nav": "diary",
        "place": place,
        "keyholders": [row | {"bookings": await using_rooms.bookings_without_keys(row["id"])} for row in keyholders],
        "partners": await partners(),
        "form": web.Shown(typed, problems),
    }
    return await web.render_staff(request, "staff/rooms/keyholders.html", shown, status=422 if problems else 200)


@access("staff")
async def change_keyholders(request: Request) -> Response:
    """Adds one, or ends one."""
    who, place = await _place(request)
    async with request.form(max_files=0) as form:
        typed = {name: str(form.get(name, ""))[:200] for name in ("name", "phone", "organisation")}
        ended = as_uuid(str(form.get("end", "")))
    try:
        if ended:
            await _end(who, place, ended)
            web.flash(request, "The keys are back.")
        else:
            await using_rooms.add_keyholder(
                location_id=place["id"], name=typed["name"], phone=typed["phone"], by=who,
                organisation_id=as_uuid(typed["organisation"]),
            )  # fmt: skip
            web.flash(request, f"{typed['name']} has keys.")
    except Refused as refused:
        return await _keyholders(request, place, typed, refused.problems)
    return web.go(f"/staff/places/{place['id']}/keyholders")


async def _end(who: Who, place: dict[str, Any], keyholder_id: UUID) -> None:
    if keyholder_id not in {row["id"] for row in await using_rooms.keyholders_of([place["id"]])}:
        raise Refused([using_rooms.NO_KEYHOLDER])
    await using_rooms.end_keyholder(keyholder_id=keyholder_id, by=who)


routes = [
    Route(USE, use_page, name="staff_room_use", methods=["GET"]),
    Route(USE, mark, name="staff_room_use_do", methods=["POST"]),
    Route(KEYS, keyholders_page, name="staff_keyholders", methods=["GET"]),
    Route(KEYS, change_keyholders, name="staff_keyholders_do", methods=["POST"]),
]
