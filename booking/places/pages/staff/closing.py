"""/staff/places/{id}/close: from when to when and why; what is in the way; close it, undo that, or open again."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places import closing, rooms
from booking.places.closing_times import read_times, span_words
from booking.places.pages.staff.asking_places import location_in_path
from booking.problems import Problem, Refused
from booking.programmes import closing_places, undoing_closing
from booking.programmes.closing_lists import ALWAYS_KEPT, GROUPS, InTheWay, grouped
from booking.programmes.closing_places import Closed, Closing
from booking.web import access
from booking.words import clock_time, count_words, short_day

Row = dict[str, Any]
FIELDS = ("room", "first", "last", "all_day", "start", "end", "reason", "words")
BLANK = dict.fromkeys(FIELDS, "") | {"all_day": "yes", "also": []}
ASKED = tuple(group for group in GROUPS if group not in ALWAYS_KEPT)
NO_ROOM = Problem("Choose the whole place or one of its rooms.", "room", rule="unknown")


@access("manager")
async def ask(request: Request) -> Response:
    """The form; filled in, what would happen, which is the act rolled back."""
    who, place = await location_in_path(request, to_keep=True)
    if "first" not in request.query_params:
        asked = {"first": request.query_params.get("date", ""), "room": request.query_params.get("room", "")}
        return await _page(request, place, BLANK | asked, [])
    return await _look(request, who, place, request.query_params)


@access("manager")
async def act(request: Request) -> Response:
    """Closes; or with other answers shows again what would happen."""
    who, place = await location_in_path(request, to_keep=True)
    async with request.form(max_files=0) as form:
        if form.get("do") == "look":
            return await _look(request, who, place, form)
        typed = _typed(form)
        wanted, problems = await _wanted(place, typed)
        if wanted:
            minutes = web.settings_of(request).places.undo_minutes
            try:
                done = await closing_places.close(
                    wanted, answers=_answers(form), keep=_ids(form, "keep"), seen=_ids(form, "seen"), by=who,
                    undo_minutes=minutes,
                )  # fmt: skip
            except Refused as refused:
                return await _look(request, who, place, form, refused.problems)
            request.app.state.pages.forget()
            if not (done.told or done.partner_messages):
                web.flash(request, "It is closed. Nobody had to be told.")
            return web.go(_path(place))
    return await _page(request, place, typed, problems)


def _typed(asked: FormData | QueryParams) -> Row:
    typed: Row = {name: str(asked.get(name, ""))[:200] for name in FIELDS}
    return typed | {"also": [str(each)[:10] for each in asked.getlist("also") if each][:12]}


def _answers(asked: FormData | QueryParams) -> dict[str, str]:
    """Cancel is what is asked for unless something else is said: the page shows it before anything is done."""
    return {group: "keep" if asked.get(f"answer-{group}") == "keep" else "cancel" for group in ASKED}


def _ids(asked: FormData | QueryParams, name: str) -> set[UUID]:
    try:
        return {UUID(str(each)) for each in asked.getlist(name)}
    except ValueError as error:
        raise HTTPException(404) from error


async def _wanted(place: Row, typed: Row) -> tuple[Closing | None, list[Problem]]:
    times = read_times(typed | {"also": ", ".join(typed["also"])}, clock.now())
    reason = closing.reason_of(typed["reason"], typed["words"])
    problems = times.problems + ([] if reason else [closing_places.NO_REASON])
    by_id = {str(room.id): room.id for room in await rooms.rooms_of_location(place["id"])}
    if typed["room"] and typed["room"] not in by_id:
        problems.append(NO_ROOM)
    if problems:
        return None, problems
    return Closing(place["id"], by_id.get(typed["room"]), times.spans, reason), []


async def _look(
    request: Request, who: Who, place: Row, asked: FormData | QueryParams, problems: Sequence[Problem] = ()
) -> Response:
    typed = _typed(asked)
    wanted, wrong = await _wanted(place, typed)
    if wanted is None:
        return await _page(request, place, typed, wrong)
    answers, keep = _answers(asked), _ids(asked, "keep")
    try:
        preview = await closing_places.preview(wanted, answers=answers, keep=keep, by=who)
    except Refused as refused:
        return await _page(request, place, typed, refused.problems)
    found = sorted((*preview.cancelled, *preview.kept), key=lambda each: (each.starts_at, each.room, each.id))
    shown = _basics(place) | {
        "title": f"Close {place['name']}?",
        "typed": typed,
        "problems": list(problems),
        "reason": wanted.reason,
        "what": await _room_name(wanted) or place["name"],
        "when": [span_words(*span) for span in wanted.spans],
        "groups": [_group(group, those, answers, keep) for group, those in grouped(found).items()],
        "seen": [each.id for each in found],
        "preview": preview,
        "lines": _lines(preview),
        "undo_minutes": web.settings_of(request).places.undo_minutes,
    }
    status = 409 if problems else 200
    return await web.render_staff(request, "staff/places/close_preview.html", shown, status=status)


async def _room_name(wanted: Closing) -> str:
    room = await rooms.facts_of_one(wanted.room_id) if wanted.room_id else None
    return room.name if room else ""


def _group(group: str, those: Sequence[InTheWay], answers: Mapping[str, str], keep: set[UUID]) -> Row:
    return {
        "key": group,
        "name": GROUPS[group],  # ty: ignore[invalid-argument-type]  a key of it
        "is_asked": group in ASKED,
        "answer": answers.get(group, "keep"),
        "uses": [
            {
                "id": each.id,
                "when": f"{short_day(clock.local(each.starts_at).date())}, {clock_time(each.starts_at)} to"
                f" {clock_time(each.ends_at)}",
                "what": each.what,
                "href": each.href,
                "more": " · ".join(filter(None, (each.who, each.room, _families(each)))),
                "is_kept": each.id in keep,
            }
            for each in those
        ],
    }


def _families(each: InTheWay) -> str:
    return count_words(each.families, "family", "families") if each.families else ""


def _lines(preview: Closed) -> list[str]:
    """What will happen, a sentence each."""
    sessions = sum(1 for each in preview.cancelled if each.session_id)
    others = len(preview.cancelled) - sessions
    told = len(preview.told) - len(preview.to_ring)
    leave = f"They leave at {clock_time(preview.undo_until)}, not before."
    sentences = [
        f"{count_words(sessions, 'session is', 'sessions are')} cancelled." if sessions else "",
        f"{count_words(told, 'family is', 'families are')} told, with"
        f" {count_words(preview.family_messages, 'message')}. {leave}"
        if told
        else "",
        f"{count_words(others, 'booking or request of a room ends', 'bookings or requests of rooms end')}."
        if others
        else "",
        f"{count_words(preview.partner_messages, 'message')} to partners, one for each booking or series. {leave}"
        if preview.partner_messages
        else "",
        f"{count_words(len(preview.kept), 'use is', 'uses are')} kept: the closure goes around"
        f" {'it' if len(preview.kept) == 1 else 'them'}."
        if preview.kept
        else "",
        "Nothing else can be booked in the closed time.",
    ]
    return [sentence for sentence in sentences if sentence]


async def _page(request: Request, place: Row, typed: Row, problems: Sequence[Problem]) -> Response:
    latest = await undoing_closing.latest(place["id"])
    shown = _basics(place) | {
        "title": f"Close {place['name']}",
        "typed": BLANK | typed,
        "problems": list(problems),
        "reasons": [(value, words or "Something else") for value, words in closing.REASONS.items()],
        "rooms": [(str(room.id), room.name) for room in await rooms.rooms_of_location(place["id"])],
        "closures": [_closure_line(row) for row in await closing.closures_to_come(place["id"])],
        "latest": latest | {"leave_at": clock_time(latest["undo_until_at"]), "sums": _sums(latest)} if latest else None,
    }
    return await web.render_staff(request, "staff/places/close.html", shown, status=422 if problems else 200)


def _sums(latest: Row) -> list[str]:
    counted = [
        (latest["sessions"], "session cancelled", "sessions cancelled"),
        (latest["families"], "family to be told", "families to be told"),
        (latest["bookings"], "room booking or request ended", "room bookings or requests ended"),
    ]
    return [count_words(count, one, many) for count, one, many in counted if count]


def _closure_line(row: Row) -> Row:
    return {
        "id": row["id"],
        "what": row["room_name"] or "The whole place",
        "when": span_words(row["starts_at"], row["ends_at"]),
        "reason": row["reason"],
        "has_begun": row["starts_at"] <= clock.now(),
        "last": clock.local(row["ends_at"]).date().isoformat(),
    }


def _basics(place: Row) -> Row:
    return {
        "nav": "places",
        "place": place,
        "path_of_place": f"/staff/places/{place['id']}",
        "path_of_close": _path(place),
    }


def _path(place: Row) -> str:
    return f"/staff/places/{place['id']}/close"


@access("manager")
async def undo(request: Request) -> Response:
    return await _after(request, undoing_closing.undo, "It is open as before. Nobody heard of it.")


@access("manager")
async def send_now(request: Request) -> Response:
    return await _after(request, undoing_closing.send_now, "The messages are leaving now.")


async def _after(request: Request, verb: Callable[..., Awaitable[Any]], words: str) -> Response:
    who, place = await location_in_path(request, to_keep=True)
    async with request.form(max_files=0) as form:
        event_id = _one_id(form, "event")
    return await _said(request, place, verb(location_id=place["id"], event_id=event_id, by=who), words)


async def _said(request: Request, place: Row, doing: Awaitable[Any], words: str) -> Response:
    try:
        await doing
        request.app.state.pages.forget()
        web.flash(request, words)
    except Refused as refused:
        for problem in refused.problems:
            web.flash(request, problem.words, "note")
    return web.go(_path(place))


def _one_id(form: FormData, name: str) -> UUID:
    try:
        return UUID(str(form.get(name, "")))
    except ValueError as error:
        raise HTTPException(404) from error


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
    if not typed["last"]:
        return await _said(request, place, closing.reopen(closure_id=closure["id"], by=who), "It is open again.")
    times = read_times(
        {"first": typed["last"], "all_day": "no" if typed["end"] else "yes", "start": "00:00", "end": typed["end"]},
        clock.now(),
    )
    if times.problems:
        for problem in times.problems:
            web.flash(request, problem.words, "note")
        return web.go(_path(place))
    act = closing.shorten(closure_id=closure["id"], starts_at=closure["starts_at"], ends_at=times.spans[0][1], by=who)
    return await _said(request, place, act, "It opens earlier now.")


@access("manager")
async def back(request: Request) -> Response:
    _, place = await location_in_path(request, to_keep=True)
    return web.go(_path(place))


CLOSE = "/staff/places/{id:uuid}/close"
routes = [
    Route(CLOSE, ask, name="staff_close", methods=["GET"]),
    Route(CLOSE, act, name="staff_close_do", methods=["POST"]),
    Route(f"{CLOSE}/undo", undo, name="staff_close_undo", methods=["POST"]),
    Route(f"{CLOSE}/undo", back, name="staff_back_from_close_undo", methods=["GET"]),
    Route(f"{CLOSE}/send-now", send_now, name="staff_close_send_now", methods=["POST"]),
    Route(f"{CLOSE}/send-now", back, name="staff_back_from_close_send_now", methods=["GET"]),
    Route(f"{CLOSE}/reopen", reopen, name="staff_reopen", methods=["POST"]),
    Route(f"{CLOSE}/reopen", back, name="staff_back_from_reopen", methods=["GET"]),
]
