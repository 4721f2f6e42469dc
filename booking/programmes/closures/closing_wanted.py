"""What is to be closed and how; and the rooms of it locked, all that the closing touches, before anything else.

Rooms are locked in the order of their ids: those that are closed, those of what is in the way, and those into which something
moves or where a date is made up for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from booking import db
from booking.people.signing_in import Who
from booking.places import closing, holding
from booking.places.closing_times import Span, span_words
from booking.places.holding import REPARTED
from booking.places.rooms import facts_of
from booking.problems import Problem, Refused
from booking.programmes.closures import closing_sessions
from booking.programmes.closures.closing_answers import Answers, answer_of
from booking.programmes.closures.closing_lists import InTheWay, in_the_way

NO_REASON = Problem("Say why it is closed. Families and partners read it.", "reason", rule="missing")
NO_PLACE = Problem("Choose at least one place.", "place", rule="missing")
NOT_THERE = Problem("There is no such place.", rule="unknown")
CLOSED_TOO = Problem("A room into which something would move is closed too. Choose another.", "answer", rule="room")
MEANWHILE = Problem("Something was booked meanwhile. Look again at what is in the way.", rule="meanwhile")


@dataclass(frozen=True, slots=True)
class Place:
    """A location, or one room of it."""

    location_id: UUID
    room_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """What is to be closed, when, and why."""

    places: tuple[Place, ...]
    spans: tuple[Span, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class How:
    """What becomes of what is in the way, and how it is told. make_ups: session -> the day that makes up for it. join_url:
    for those that go online and have no link. is_told_now: messages leave within a minute, and can still be undone.
    tells_staff: the staff of the hubs, and who leads a session, hear what is off."""

    answers: Answers
    make_ups: Mapping[UUID, date] = field(default_factory=dict)
    join_url: str = ""
    is_told_now: bool = False
    tells_staff: bool = True


Leaves = Mapping[Place, tuple[UUID, ...]]


def all_leaves(leaves: Leaves) -> list[UUID]:
    return sorted({leaf for some in leaves.values() for leaf in some})


async def locations_of(wanted: Closing, by: Who) -> dict[UUID, dict[str, Any]]:
    """The locations that are closed, by id. Raises Refused for what is not there for whoever closes."""
    ids = sorted({place.location_id for place in wanted.places})
    if not ids:
        raise Refused([NO_PLACE])
    rows = await db.rows(
        "SELECT id, name, hub_id, hub_name, (is_restricted OR kind = 'restricted') AS is_restricted FROM location"
        f" WHERE id IN {db.in_list(ids)}",
        *ids,
    )
    if len(rows) < len(ids) or not all(by.manages(row["hub_id"]) for row in rows):
        raise Refused([NOT_THERE])
    if not wanted.reason:
        raise Refused([NO_REASON])
    return {row["id"]: row for row in rows}


async def lock(wanted: Closing, how: How, by: Who) -> tuple[Leaves, list[UUID]]:
    """The rooms to be held, and with them all that are locked: also the other rooms of what is cancelled, because another
    closure may take over what it gives back, and those into which something moves."""
    leaves = await leaves_of(wanted)
    found = await in_the_way(all_leaves(leaves), wanted.spans, by)
    moves_to = await _moves_to(found, how)
    if moves_to & set(all_leaves(leaves)):
        raise Refused([CLOSED_TOO])
    rooms = sorted({*all_leaves(leaves), *await _rooms_of(found), *moves_to, *await _made_up_in(found, how)})
    await holding.lock_rooms(rooms)
    if await leaves_of(wanted) != leaves:
        raise Refused([REPARTED])
    if await _rooms_of(await in_the_way(all_leaves(leaves), wanted.spans, by)) - set(rooms):
        raise Refused([MEANWHILE])
    return leaves, rooms


async def leaves_of(wanted: Closing) -> dict[Place, tuple[UUID, ...]]:
    """The rooms without parts that each of the places holds when it is closed."""
    return {place: await closing.leaves_of(place.location_id, place.room_id) for place in wanted.places}


async def _rooms_of(found: Sequence[InTheWay]) -> set[UUID]:
    """What these hold, and what the creches of these sessions hold elsewhere."""
    ids = {each.id for each in found} | await closing_sessions.creche_bookings(found)
    return {leaf for each in await holding.holds_of(ids) for leaf in each.leaves}


async def _moves_to(found: Sequence[InTheWay], how: How) -> set[UUID]:
    """The rooms without parts into which something moves, or that are kept for a partner."""
    chosen = [answer for each in found if (answer := answer_of(each, how.answers)) and answer.kind == "move"]
    ids = {id for answer in chosen for id in (answer.room_id, answer.creche_room_id) if id}
    return {leaf for room in (await facts_of(ids)).values() for leaf in room.leaves}


async def _made_up_in(found: Sequence[InTheWay], how: How) -> set[UUID]:
    ids = {each.room_id for each in found if each.session_id in how.make_ups}
    ids |= set(await closing_sessions.creche_rooms(how.make_ups))
    return {leaf for room in (await facts_of(ids)).values() for leaf in room.leaves}


async def refuse_if_closed(wanted: Closing) -> None:
    for place in wanted.places:
        for starts_at, ends_at in wanted.spans:
            there = await db.row(
                "SELECT c.reason, c.starts_at, c.ends_at, l.name FROM closure c JOIN location l ON l.id = c.location_id"
                " WHERE c.location_id = $1 AND (c.room_id IS NULL OR c.room_id = $2) AND c.starts_at <= $3"
                " AND c.ends_at >= $4",
                place.location_id,
                place.room_id,
                starts_at,
                ends_at,
            )
            if there:
                when = span_words(there["starts_at"], there["ends_at"])
                what = "It" if len(wanted.places) == 1 else there["name"]
                words = f"{what} is closed then already: {when}, {there['reason']}."
                raise Refused([Problem(words, "first", rule="closed already")])
