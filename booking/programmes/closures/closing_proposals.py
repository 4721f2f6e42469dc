"""Where what is in the way of a closing could go: rooms that are free at the same time, and dates that make up for lost ones.

A fixed number of queries for any number of uses: rooms once, opening and taken times once; what is left is pure.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places import queries, taken_times
from booking.places.free_rooms import LEEWAY, SEATS_A_MILE, distance_to
from booking.places.judging_rooms import Judge, Wanted
from booking.places.near import Point
from booking.places.rooms import RoomFacts, find_rooms
from booking.places.taken_times import Span, TakenTimes
from booking.programmes.closures.closing_answers import Option
from booking.programmes.closures.closing_lists import InTheWay

FURTHEST_MILES = 15.0
MOST_OPTIONS = 6
NOWHERE = 999.0

Openings = Mapping[UUID, Any]


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read for all of them."""

    rooms: Sequence[RoomFacts]
    openings: Openings
    taken: TakenTimes
    now: datetime


async def options_for(
    found: Sequence[InTheWay], *, closed: Collection[UUID], who: Who
) -> dict[UUID, tuple[Option, ...]]:
    """By room booking, the rooms that are free at the same time, the best first: near, and not too large. The first ones of
    all can be taken together. `closed` are the rooms that are being closed. Seven queries."""
    movable = [each for each in found if each.href and each.group in ("sessions", "partners")]
    if not movable:
        return {}
    creches = {each.creche_of_id: each for each in found if each.creche_of_id}
    known = await _read(movable, set(closed), who)
    given: dict[UUID, list[Span]] = defaultdict(list)
    options = {}
    for each in sorted(movable, key=lambda it: (it.group != "sessions", -it.families, it.starts_at, it.id)):
        creche = creches.get(each.session_id) if each.session_id else None
        options[each.id] = _options(each, creche, known, given)
        for option in [it for it in options[each.id] if not it.is_given][:1]:
            _give(option, each, known, given)
    return options


async def _read(movable: Sequence[InTheWay], closed: set[UUID], who: Who) -> _Known:
    hubs = who.hub_ids
    where = ["1 = 1"] if hubs is None else [f"l.hub_id IN {db.in_list(hubs)}"]
    found = await find_rooms(" AND ".join(where), *(hubs or ()))
    rooms = [room for room in found.values() if not closed & set(room.leaves) and _is_in_reach(room, movable, who)]
    days = sorted({clock.local(each.starts_at).date() for each in movable})
    openings = await queries.openings(sorted({room.location_id for room in rooms}), days[0], days[-1]) if rooms else {}
    around = max((room.setup + room.clear for room in rooms), default=timedelta()) + LEEWAY
    taken = await taken_times.read(
        (leaf for room in rooms for leaf in room.leaves),
        [(each.starts_at - around, each.ends_at + around) for each in movable],
    )
    return _Known(rooms, openings, taken, clock.now())


def _is_in_reach(room: RoomFacts, movable: Sequence[InTheWay], who: Who) -> bool:
    if room.is_restricted and not who.works_at(room.hub_id):
        return False
    return any((_miles(each, room) or 0) <= FURTHEST_MILES for each in movable)


def _miles(each: InTheWay, room: RoomFacts) -> float | None:
    lat, lon = each.point
    return distance_to(Point(lat, lon, ""), room) if lat is not None and lon is not None else None


def _options(
    each: InTheWay, creche: InTheWay | None, known: _Known, given: Mapping[UUID, Sequence[Span]]
) -> tuple[Option, ...]:
    """Those that another session was proposed already stand last: they are free as long as that goes elsewhere."""
    free = _free(each, known)
    beside = sorted(_free(creche, known), key=lambda room: _order(creche, room)) if creche else []
    found = []
    for room in sorted(free, key=lambda room: (_is_given(room, each, given), _order(each, room))):
        own = next((it for it in beside if _is_beside(it, room) and not _is_given(it, each, given)), None)
        words = f"{room.name}, {room.location_name}"
        found.append(
            Option(
                room.id,
                words,
                room.capacity,
                _miles(each, room),
                own.id if own else None,
                own.name if own else "",
                is_given=_is_given(room, each, given),
            )
        )
    best = sorted(found, key=lambda it: (it.is_given, creche is not None and it.creche_room_id is None))
    return tuple(best[:MOST_OPTIONS])


def _is_beside(creche: RoomFacts, room: RoomFacts) -> bool:
    return creche.location_id == room.location_id and not set(creche.leaves) & set(room.leaves)


def _free(each: InTheWay, known: _Known) -> list[RoomFacts]:
    """The rooms of the right size that are free then, in their opening hours."""
    start, end = clock.local(each.starts_at), clock.local(each.ends_at)
    judge = Judge(
        Wanted(f"{start:%H:%M}", f"{end:%H:%M}", (start.date(),), people=each.people),
        known.openings, known.taken, known.now,
    )  # fmt: skip
    fitting = [room for room in known.rooms if _fits(each, room)]
    found = [(room, judge.found(room, None)) for room in fitting]
    return [room for room, it in found if it.is_free and not it.out_of_hours]


def _fits(each: InTheWay, room: RoomFacts) -> bool:
    if room.capacity < each.people or room.is_restricted != each.is_at_restricted:
        return False
    if each.group == "partners" and not room.is_partner_bookable:
        return False
    return (_miles(each, room) or 0) <= FURTHEST_MILES


def _order(each: InTheWay, room: RoomFacts) -> tuple[float, str, str]:
    far = _miles(each, room)
    waste = (room.capacity - each.people) / SEATS_A_MILE
    return (NOWHERE if far is None else far) + waste, room.location_name, room.name


def _give(option: Option, each: InTheWay, known: _Known, given: dict[UUID, list[Span]]) -> None:
    for room in known.rooms:
        if room.id in (option.room_id, option.creche_room_id):
            for leaf in room.leaves:
                given[leaf].append(room.held(each.starts_at, each.ends_at))


def _is_given(room: RoomFacts, each: InTheWay, given: Mapping[UUID, Sequence[Span]]) -> bool:
    first, last = room.held(each.starts_at, each.ends_at)
    return any(start < last and first < end for leaf in room.leaves for start, end in given.get(leaf, ()))
