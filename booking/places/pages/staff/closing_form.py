"""What was typed and chosen on the pages that close places, as Closing and How; and the form again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException

from booking import clock
from booking.people.signing_in import Who
from booking.places import closing, place_lists, rooms
from booking.places.closing_times import read_times
from booking.problems import Problem
from booking.programmes.closures.closing_answers import Answer, Kind, Option, sensible
from booking.programmes.closures.closing_lists import InTheWay
from booking.programmes.closures.closing_wanted import NO_PLACE, NO_REASON, Closing, How, Place
from booking.programmes.closures.making_up import MakeUp

Row = dict[str, Any]
Asked = FormData | QueryParams
FIELDS = ("room", "first", "last", "all_day", "start", "end", "reason", "words", "join_url")
BLANK = dict.fromkeys(FIELDS, "") | {"all_day": "yes", "also": []}
KINDS: tuple[Kind, ...] = ("cancel", "move", "online", "keep")
SOON = timedelta(hours=12)
"""What begins within this is told at once, unless staff say otherwise."""
MOST_PLACES = 60
NO_ROOM = Problem("Choose the whole place or one of its rooms.", "room", rule="unknown")
ONE_ROOM = Problem("A room is closed with no other place. Choose one place, or no room.", "room", rule="one place")


def typed_in(asked: Asked) -> Row:
    typed: Row = {name: str(asked.get(name, ""))[:300] for name in FIELDS}
    return typed | {"also": [str(each)[:10] for each in asked.getlist("also") if each][:12]}


def ids_in(asked: Asked, name: str) -> list[UUID]:
    """The ids of that name. 404 for what is none."""
    try:
        return list(dict.fromkeys(UUID(str(each)) for each in asked.getlist(name)))
    except ValueError as error:
        raise HTTPException(404) from error


async def places_to_close(who: Who) -> list[Row]:
    """The places that whoever asks may close, by hub."""
    return [place for place in await place_lists.locations(who) if place_lists.may_keep(who, place)]


async def wanted_of(places: Iterable[Row], typed: Row) -> tuple[Closing | None, list[Problem]]:
    """The closing that is asked for, or what is wrong with it."""
    chosen = list(places)[:MOST_PLACES]
    times = read_times(typed | {"also": ", ".join(typed["also"])}, clock.now())
    reason = closing.reason_of(typed["reason"], typed["words"])
    problems = times.problems + ([] if reason else [NO_REASON])
    problems += [] if chosen else [NO_PLACE]
    room_id, wrong = await _room(chosen, typed)
    if problems or wrong:
        return None, problems + wrong
    return Closing(tuple(Place(place["id"], room_id) for place in chosen), times.spans, reason), []


async def _room(places: list[Row], typed: Row) -> tuple[UUID | None, list[Problem]]:
    if not typed["room"]:
        return None, []
    if len(places) != 1:
        return None, [ONE_ROOM]
    by_id = {str(room.id): room.id for room in await rooms.rooms_of_location(places[0]["id"])}
    return by_id.get(typed["room"]), [] if typed["room"] in by_id else [NO_ROOM]


@dataclass(frozen=True, slots=True)
class Chosen:
    """How the form says it is to be done; before anything was said, what is sensible."""

    answers: dict[UUID | str, Answer]
    make_ups: dict[UUID, date]
    join_url: str
    is_told_now: bool
    tells_staff: bool

    @property
    def how(self) -> How:
        return How(self.answers, self.make_ups, self.join_url, self.is_told_now, self.tells_staff)


def chosen_in(
    asked: Asked,
    uses: Iterable[InTheWay],
    options: Mapping[UUID, tuple[Option, ...]],
    make_ups: Mapping[UUID, MakeUp],
    *,
    is_weather: bool,
    starts_soon: bool,
) -> Chosen:
    """Each use with the answer that was given, or a sensible one; a button for all of them goes before."""
    uses, is_first = list(uses), asked.get("answered") != "yes"
    answers: dict[UUID | str, Answer] = {}
    for each in uses:
        answers[each.id] = _answer(asked, each, options.get(each.id, ()), is_weather=is_weather)
    days = {
        session_id: make_ups[session_id].day
        for each in uses
        if (session_id := each.session_id) and session_id in make_ups and answers[each.id].kind == "cancel"
        and (is_first or f"answer-{each.id}" not in asked or f"make-up-{session_id}" in asked)
    }  # fmt: skip
    return Chosen(
        answers,
        days,
        str(asked.get("join_url", ""))[:300].strip(),
        starts_soon if asked.get("tell") not in ("now", "later") else asked.get("tell") == "now",
        is_first or asked.get("staff") == "yes",
    )


def _answer(asked: Asked, each: InTheWay, options: tuple[Option, ...], *, is_weather: bool) -> Answer:
    kind = str(asked.get(f"answer-{each.id}", ""))
    if asked.get("do") == "all-cancel" and each.group == "sessions":
        kind = "cancel"
    if asked.get("do") == "all-online" and each.group == "sessions" and each.href:
        kind = "online"
    if kind not in KINDS:
        return sensible(each, options, is_weather=is_weather)
    if kind != "move":
        return Answer("keep" if kind == "keep" else "online" if kind == "online" else "cancel")
    option = next((it for it in options if str(it.room_id) == asked.get(f"room-{each.id}")), None)
    return Answer("move", option.room_id, option.creche_room_id) if option else Answer("move", _id(asked, each))


def _id(asked: Asked, each: InTheWay) -> UUID | None:
    """A room that is no longer among the options: the act says why it cannot be had."""
    try:
        return UUID(str(asked.get(f"room-{each.id}", "")))
    except ValueError:
        return None
