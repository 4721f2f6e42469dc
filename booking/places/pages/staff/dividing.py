"""/staff/rooms/{room}/divide: a room is divided into parts, joined with others, or made one again; looked at first."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places import dividing
from booking.places.changing_parts import Blocked, wholes_with
from booking.places.dividing import Divided, NewRoom
from booking.places.pages.staff.asking_places import room_in_path
from booking.places.rooms import RoomFacts, facts_of, facts_of_one, rooms_of_location
from booking.problems import Problem, Refused
from booking.web import access
from booking.words import count_words

Row = dict[str, Any]
Asked = FormData | QueryParams
MOST_PARTS = 4
QUESTIONS = {
    "divide": "Divide {room}?",
    "parts": "Change the parts of {room}?",
    "join": "Join {room} with others?",
    "undivide": "Make {room} one room again?",
    "unjoin": "Take {room} away?",
}
DO = {
    "divide": "Divide it",
    "parts": "Change the parts",
    "join": "Join them",
    "undivide": "Make it one room",
    "unjoin": "Take it away",
}


@access("manager")
async def ask(request: Request) -> Response:
    """What can be done with the room; with something chosen, what it would do."""
    who, here, _ = await room_in_path(request, to_keep=True)
    room = await _facts(here["id"])
    what = request.query_params.get("what", "")
    if what not in QUESTIONS:
        return await _page(request, room, _typed(request.query_params), [])
    verb, values = _wanted(what, room, request.query_params, who)
    try:
        preview = await dividing.preview(verb, **values)
    except Refused as refused:
        return await _page(request, room, _typed(request.query_params), _beside(refused.problems, what))
    shown = _basics(room) | {
        "title": QUESTIONS[what].format(room=room.name),
        "what": what,
        "do": DO[what],
        "lines": await _lines(what, room, preview, values),
        "sum": {"name": preview.name, "parts": preview.after} if preview.after else None,
        "conflicts": preview.conflicts,
        "sent": [(name, text) for name, text in request.query_params.multi_items() if text],
    }
    return await web.render_staff(request, "staff/places/divide_preview.html", shown)


@access("manager")
async def act(request: Request) -> Response:
    who, here, place = await room_in_path(request, to_keep=True)
    room = await _facts(here["id"])
    async with request.form(max_files=0) as form:
        what, typed = str(form.get("what", "")), _typed(form)
        if what not in QUESTIONS:
            return await _page(request, room, typed, [])
        verb, values = _wanted(what, room, form, who)
    try:
        done = await verb(**values)
    except Blocked as blocked:
        web.flash(request, blocked.problems[0].words, "note")
        return await _page(request, room, typed, blocked.problems)
    except Refused as refused:
        return await _page(request, room, typed, _beside(refused.problems, what))
    request.app.state.pages.forget()
    web.flash(request, _said(what, done))
    return web.go(f"/staff/places/{place['id']}" if what == "unjoin" else f"/staff/rooms/{done.room_id}")


def _said(what: str, done: Divided) -> str:
    return {
        "divide": f"{done.name} is divided into {' and '.join(done.after)}.",
        "parts": f"The parts of {done.name} are {', '.join(done.after)}.",
        "join": f"{done.name} is all of {', '.join(done.after)}.",
        "undivide": f"{done.name} is one room again.",
        "unjoin": f"{done.name} is no more; its parts stay.",
    }[what]


async def _facts(room_id: UUID) -> RoomFacts:
    room = await facts_of_one(room_id)
    if room is None:
        raise HTTPException(404)
    return room


def _wanted(
    what: str, room: RoomFacts, asked: Asked, who: Who
) -> tuple[Callable[..., Awaitable[Divided]], dict[str, Any]]:
    """The verb and what it is given."""
    chosen = _ids(asked)
    if what == "divide":
        parts = [NewRoom(name, _number(capacity)) for name, capacity in _named_parts(asked)]
        return dividing.divide, {"room_id": room.id, "parts": parts, "by": who}
    if what == "join":
        new = NewRoom(str(asked.get("join-name", "")), _number(str(asked.get("join-capacity", ""))))
        return dividing.join, {"room_ids": [room.id, *chosen], "new": new, "by": who}
    if what == "parts":
        return dividing.set_parts, {"room_id": room.id, "part_ids": chosen, "by": who}
    return {"undivide": dividing.undivide, "unjoin": dividing.unjoin}[what], {"room_id": room.id, "by": who}


def _named_parts(asked: Asked) -> list[tuple[str, str]]:
    """Name and capacity of each new part; empty lines at the end are none."""
    lines = [(asked.get(f"name{end}", ""), asked.get(f"capacity{end}", "")) for end in _ends()]
    parts = [(str(name).strip()[:120], str(capacity).strip()) for name, capacity in lines]
    while len(parts) > 2 and not any(parts[-1]):
        parts.pop()
    return parts


def _ends() -> list[str]:
    return ["", *(f"-{n}" for n in range(1, MOST_PARTS))]


def _number(text: str) -> int:
    return int(text) if text.strip().isdecimal() and len(text.strip()) < 6 else 0


def _ids(asked: Asked) -> list[UUID]:
    try:
        return [UUID(str(each)) for each in asked.getlist("part")]
    except ValueError as error:
        raise HTTPException(404) from error


def _beside(problems: Sequence[Problem], what: str) -> list[Problem]:
    """The Problems beside the fields of the form they are about; names of fields are different in each of them."""
    return [replace(each, field=f"join-{each.field}") if what == "join" and each.field else each for each in problems]


async def _lines(what: str, room: RoomFacts, preview: Divided, values: dict[str, Any]) -> list[str]:
    """What will happen, a sentence each; nothing when something is in the way."""
    if preview.conflicts:
        return []
    parts = " and ".join(
        f"{each.name} (up to {count_words(each.capacity, 'person', 'people')})" for each in values.get("parts", [])
    )
    first = {
        "divide": f"{room.name} is made of {parts}. Each can be booked by itself; who books {room.name} takes all of them.",
        "parts": f"{room.name} is held by holding {', '.join(preview.after)}.",
        "join": f"{preview.name} can be booked, and takes {', '.join(preview.after)}. They stay bookable one by one.",
        "undivide": f"{room.name} is one room again. {' and '.join(preview.ended)} can no longer be booked.",
        "unjoin": f"{room.name} can no longer be booked. {' and '.join(preview.before)} stay.",
    }[what]
    wholes = [each.name for each in (await facts_of(await wholes_with(room.id))).values()] if what == "divide" else []
    sentences = [
        first,
        f"It is also divided where it is a part of {', '.join(sorted(wholes))}." if wholes else "",
        f"{count_words(preview.moved, 'booking', 'bookings')} to come {'stays' if preview.moved == 1 else 'stay'} at the same"
        " time, held on the new parts. Nobody needs to be told."
        if preview.moved
        else "No booking to come is touched." if what != "join" else "",
        "Whatever is past stays as it was.",
    ]  # fmt: skip
    return [sentence for sentence in sentences if sentence]


def _typed(asked: Asked) -> Row:
    names = [f"{name}{end}" for end in _ends() for name in ("name", "capacity")] + ["join-name", "join-capacity"]
    chosen = [str(each) for each in asked.getlist("part")]
    return {name: str(asked.get(name, ""))[:120] for name in names} | {"part": chosen, "what": asked.get("what", "")}


async def _page(request: Request, room: RoomFacts, typed: Row, problems: Sequence[Problem]) -> Response:
    today = clock.today()
    others = [
        each
        for each in await rooms_of_location(room.location_id)
        if each.id != room.id and (each.valid_to is None or each.valid_to >= today)
    ]
    is_divided = room.leaves != (room.id,)
    ticked = set(typed["part"]) or ({str(leaf) for leaf in room.leaves} if is_divided else set())
    shown = _basics(room) | {
        "title": f"Divide or join {room.name}",
        "is_divided": is_divided,
        "parts": sorted(each.name for each in others if each.id in room.leaves),
        "wholes": sorted(each.name for each in others if room.id in each.leaves and each.id != room.id),
        "simple": [(str(each.id), each.name, each.capacity) for each in others if each.leaves == (each.id,)],
        "to_join": [
            (str(each.id), each.name, each.capacity) for each in others if not set(each.leaves) & set(room.leaves)
        ],
        "ends": _ends(),
        "typed": typed,
        "ticked": ticked,
        "problems": list(problems),
    }
    return await web.render_staff(request, "staff/places/divide.html", shown, status=422 if problems else 200)


def _basics(room: RoomFacts) -> Row:
    path = f"/staff/rooms/{room.id}"
    return {"nav": "places", "room": room, "path_of_room": path, "path_of_divide": f"{path}/divide"}


routes = [
    Route("/staff/rooms/{room:uuid}/divide", ask, name="staff_divide", methods=["GET"]),
    Route("/staff/rooms/{room:uuid}/divide", act, name="staff_divide_do", methods=["POST"]),
]
