"""/staff/close and /staff/places/{id}/close: which places, from when to when and why; what is in the way, each with its own
answer; close them, or open one again."""

from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places import closing, rooms
from booking.places.closing_times import read_times, span_words
from booking.places.pages.staff import closing_form, closing_shown
from booking.places.pages.staff.asking_places import location_in_path
from booking.places.pages.staff.closing_form import BLANK, Asked, Row
from booking.problems import Problem, Refused
from booking.programmes.closures import closing_places, closing_proposals, making_up, undoing_closing
from booking.programmes.closures.closing_lists import asked as own_answer
from booking.programmes.closures.closing_lists import in_the_way
from booking.programmes.closures.closing_places import Closed
from booking.programmes.closures.closing_wanted import Closing, leaves_of
from booking.web import access
from booking.who_asks import staff_of
from booking.words import clock_time


@access("manager")
async def ask(request: Request) -> Response:
    """The form; filled in, what would happen, which is the act rolled back."""
    who, places, chosen = await _places(request, request.query_params)
    if "first" not in request.query_params:
        typed = {"first": request.query_params.get("date", ""), "room": request.query_params.get("room", "")}
        return await _page(request, who, places, chosen, BLANK | typed, [])
    return await _look(request, who, places, chosen, request.query_params)


@access("manager")
async def act(request: Request) -> Response:
    """Closes; or with other answers shows again what would happen."""
    async with request.form(max_files=0, max_fields=2000) as form:
        who, places, chosen = await _places(request, form)
        if form.get("do") != "close":
            return await _look(request, who, places, chosen, form)
        typed = closing_form.typed_in(form)
        wanted, problems = await closing_form.wanted_of(chosen, typed)
        if wanted is None:
            return await _page(request, who, places, chosen, typed, problems)
        try:
            done = await _close(request, who, wanted, form)
        except Refused as refused:
            return await _look(request, who, places, chosen, form, refused.problems)
    request.app.state.pages.forget()
    if not (done.told or done.partner_messages or done.staff.told):
        web.flash(request, "It is closed. Nobody had to be told.")
    return web.go(f"/staff/close/{done.event_id}")


async def _places(request: Request, asked: Asked) -> tuple[Who, list[Row], list[Row]]:
    """Who asks, the places they may close, and those that are chosen: that of the path, or those of the form."""
    who = await staff_of(request)
    places = await closing_form.places_to_close(who)
    if "id" in request.path_params:
        wanted = {(await location_in_path(request, to_keep=True))[1]["id"]}
    else:
        wanted = set(closing_form.ids_in(asked, "place"))
    chosen = [place for place in places if place["id"] in wanted]
    if len(chosen) < len(wanted):
        raise HTTPException(404)
    return who, places, chosen


async def _close(request: Request, who: Who, wanted: Closing, form: Asked) -> Closed:
    _, _, _, chosen = await _considered(who, wanted, form)
    return await closing_places.close(
        wanted, chosen.how, seen=set(closing_form.ids_in(form, "seen")), by=who, undo_minutes=_minutes(request)
    )


def _minutes(request: Request) -> int:
    return web.settings_of(request).places.undo_minutes


async def _considered(who: Who, wanted: Closing, asked: Asked) -> tuple[Any, Any, Any, closing_form.Chosen]:
    """What is in the way, where it could go, what could make up for it, and the answers so far."""
    leaves = {leaf for some in (await leaves_of(wanted)).values() for leaf in some}
    found = await in_the_way(sorted(leaves), wanted.spans, who)
    options = await closing_proposals.options_for(found, closed=leaves, who=who)
    make_ups = await making_up.dates_for(own_answer(found))
    soonest = min((each.starts_at for each in found), default=None)
    chosen = closing_form.chosen_in(
        asked, own_answer(found), options, make_ups, is_weather=asked.get("reason") == "weather",
        starts_soon=soonest is not None and soonest < clock.now() + closing_form.SOON,
    )  # fmt: skip
    return found, options, make_ups, chosen


async def _look(
    request: Request,
    who: Who,
    places: list[Row],
    chosen_places: list[Row],
    asked: Asked,
    problems: Sequence[Problem] = (),
) -> Response:
    typed = closing_form.typed_in(asked)
    wanted, wrong = await closing_form.wanted_of(chosen_places, typed)
    if wanted is None:
        return await _page(request, who, places, chosen_places, typed, wrong)
    found, options, make_ups, chosen = await _considered(who, wanted, asked)
    preview = None
    try:
        preview = await closing_places.preview(wanted, chosen.how, by=who, undo_minutes=_minutes(request))
    except Refused as refused:
        problems = [*problems, *(each for each in refused.problems if each not in problems)]
        if any(each.rule == "closed already" for each in problems):
            return await _page(request, who, places, chosen_places, typed, problems)
    shown = _basics(request, chosen_places) | {
        "title": "What is in the way",
        "typed": typed,
        "problems": list(problems),
        "reason": wanted.reason,
        "what": await _what(wanted, chosen_places),
        "when": [span_words(*span) for span in wanted.spans],
        "groups": closing_shown.groups_of(found, chosen, options, make_ups, problems),
        "sessions": sum(1 for each in own_answer(found) if each.session_id),
        "seen": [each.id for each in found],
        "preview": preview,
        "lines": closing_shown.lines(preview, is_told_now=chosen.is_told_now) if preview else [],
        "chosen": chosen,
        "undo_minutes": _minutes(request),
    }
    status = 409 if problems else 200
    return await web.render_staff(request, "staff/places/close_preview.html", shown, status=status)


async def _what(wanted: Closing, places: Sequence[Row]) -> list[str]:
    room = await rooms.facts_of_one(wanted.places[0].room_id) if wanted.places[0].room_id else None
    return [f"{room.name}, {room.location_name}"] if room else [place["name"] for place in places]


async def _page(
    request: Request, who: Who, places: list[Row], chosen: list[Row], typed: Row, problems: Sequence[Problem]
) -> Response:
    """The form. About one place it lists its closures too."""
    place = _basics(request, chosen)["place"]
    latest = await undoing_closing.latest(who, place["id"]) if place else None
    shown = _basics(request, chosen) | {
        "title": f"Close {place['name']}" if place else "Close places",
        "typed": BLANK | typed,
        "problems": list(problems),
        "reasons": [(value, words or "Something else") for value, words in closing.REASONS.items()],
        "rooms": [(str(room.id), room.name) for room in await rooms.rooms_of_location(place["id"])] if place else [],
        "closures": [_closure_line(row) for row in await closing.closures_to_come(place["id"])] if place else [],
        "latest": [_latest(row) for row in ([latest] if latest else [])],
        "places": places,
        "chosen_ids": [each["id"] for each in chosen],
    }
    if not place:
        shown["latest"] = [_latest(row) for row in await undoing_closing.under_way(who)]
    return await web.render_staff(request, "staff/places/close.html", shown, status=422 if problems else 200)


def _latest(row: Row) -> Row:
    return row | {"leave_at": clock_time(row["undo_until_at"]), "sums": closing_shown.sums(row)}


def _closure_line(row: Row) -> Row:
    return {
        "id": row["id"],
        "what": row["room_name"] or "The whole place",
        "when": span_words(row["starts_at"], row["ends_at"]),
        "reason": row["reason"],
        "has_begun": row["starts_at"] <= clock.now(),
        "last": clock.local(row["ends_at"]).date().isoformat(),
    }


def _basics(request: Request, chosen: Sequence[Row]) -> Row:
    """`place` where one is meant, and not several of which one is ticked."""
    place = chosen[0] if len(chosen) == 1 and "several" not in request.query_params else None
    return {
        "nav": "places",
        "place": place,
        "chosen_places": list(chosen),
        "path_of_place": f"/staff/places/{place['id']}" if place else "/staff/places",
        "path_of_close": _path(place) if place else "/staff/close",
    }


def _path(place: Row) -> str:
    return f"/staff/places/{place['id']}/close"


@access("manager")
async def reopen(request: Request) -> Response:
    """Opens again at once, or earlier than it was said: with `last` and `end` the closure is made shorter."""
    who, place = await location_in_path(request, to_keep=True)
    async with request.form(max_files=0) as form:
        wanted, typed = str(form.get("closure", "")), {name: str(form.get(name, "")) for name in ("last", "end")}
    there = await closing.closures_to_come(place["id"])
    closure = next((row for row in there if str(row["id"]) == wanted), None)
    if closure is None:
        web.flash(request, closing.GONE.words, "note")
        return web.go(_path(place))
    try:
        web.flash(request, await _open(closure, typed, who))
        request.app.state.pages.forget()
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(_path(place))


async def _open(closure: Row, typed: dict[str, str], who: Who) -> str:
    if not typed["last"]:
        await closing.reopen(closure_id=closure["id"], by=who)
        return "It is open again."
    times = read_times(
        {"first": typed["last"], "all_day": "no" if typed["end"] else "yes", "start": "00:00", "end": typed["end"]},
        clock.now(),
    )
    if times.problems:
        raise Refused(times.problems)
    await closing.shorten(closure_id=closure["id"], starts_at=closure["starts_at"], ends_at=times.spans[0][1], by=who)
    return "It opens earlier now."


@access("manager")
async def back(request: Request) -> Response:
    _, place = await location_in_path(request, to_keep=True)
    return web.go(_path(place))


CLOSE = "/staff/places/{id:uuid}/close"
routes = [
    Route("/staff/close", ask, name="staff_close_several", methods=["GET"]),
    Route("/staff/close", act, name="staff_close_several_do", methods=["POST"]),
    Route(CLOSE, ask, name="staff_close", methods=["GET"]),
    Route(CLOSE, act, name="staff_close_do", methods=["POST"]),
    Route(f"{CLOSE}/reopen", reopen, name="staff_reopen", methods=["POST"]),
    Route(f"{CLOSE}/reopen", back, name="staff_back_from_reopen", methods=["GET"]),
]
