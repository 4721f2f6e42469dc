"""Find a room: which rooms are free on all dates wanted, and for the rest on which they are not.

A fixed number of queries for any number of rooms and dates: the rooms that fit, the opening of their places, when they are taken.
What is left is pure (places/judging_rooms.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from booking import clock, db
from booking.places import queries, taken_times
from booking.places.judging_rooms import Found, Judge, Wanted
from booking.places.near import Point, miles
from booking.places.rooms import RoomFacts, find_rooms
from booking.places.taken_times import Span, TakenTimes

LEEWAY = timedelta(minutes=30)
"""So much before and after is read too: for ways out a little earlier or later."""
WEEK = timedelta(days=7)
SEATS_A_MILE = 10
"""In the order of what is found, so many empty seats weigh as much as a mile of way."""


@dataclass(frozen=True, slots=True)
class Search:
    """What was found, best first, and who judged it, so that ways out come from what was read for it."""

    wanted: Wanted
    found: list[Found]
    judge: Judge


async def find(wanted: Wanted) -> list[Found]:
    """Every room that fits and may be used by who asks: those free on all dates first."""
    return (await search(wanted)).found


async def search(wanted: Wanted) -> Search:
    """Like find, with what was read. Seven queries; two where no room fits."""
    now, days = clock.now(), wanted.all_days()
    rooms = [room for room in await _rooms_that_fit(wanted) if wanted.days_in(room.area)]
    if not rooms:
        return Search(wanted, [], Judge(wanted, {}, TakenTimes(), now))
    openings = await queries.openings(sorted({room.location_id for room in rooms}), days[0] - WEEK, days[-1] + WEEK)
    taken = await taken_times.read((leaf for room in rooms for leaf in room.leaves), windows(wanted, rooms, days))
    judge = Judge(wanted, openings, taken, now)
    found = [judge.found(room, distance_to(wanted.point, room)) for room in rooms]
    return Search(wanted, sorted(found, key=lambda each: _order(each, wanted)), judge)


async def _rooms_that_fit(wanted: Wanted) -> list[RoomFacts]:
    """By size, features, place and who asks. Two queries."""
    where = ["o.capacity >= $1"]
    parameters: list[Any] = [wanted.people or 0]
    if wanted.as_partner:
        where.append("o.is_partner_bookable AND NOT (l.is_restricted OR l.kind = 'restricted')")
    if wanted.area:
        parameters.append(wanted.area)
        where.append(f"l.area = ${len(parameters)}")
    if wanted.hub_ids is not None:
        where.append(f"l.hub_id IN {db.in_list(sorted(wanted.hub_ids), len(parameters) + 1)}")
        parameters += sorted(wanted.hub_ids)
    rooms = await find_rooms(" AND ".join(where), *parameters)
    return [room for room in rooms.values() if _fits(room, wanted)]


def _fits(room: RoomFacts, wanted: Wanted) -> bool:
    if room.is_restricted and (wanted.as_partner or room.hub_id not in wanted.own_hubs):
        return False
    if wanted.as_partner and 0 < room.longest_minutes < wanted.minutes:
        return False
    if room.capacity_in(wanted.layout) < (wanted.people or 0) or not wanted.features <= room.features:
        return False
    if wanted.point is None or wanted.within is None:
        return True
    far = distance_to(wanted.point, room)
    return far is not None and far <= wanted.within


def distance_to(point: Point | None, room: RoomFacts) -> float | None:
    """Miles as the crow flies, or None where one of the two has no place on the map."""
    if point is None or room.lat is None or room.lon is None:
        return None
    return miles(point.lat, point.lon, room.lat, room.lon)


def windows(wanted: Wanted, rooms: Sequence[RoomFacts], days: Iterable[date]) -> list[Span]:
    """What must be read to judge each day: the time wanted, the longest set-up and clearing, and some leeway."""
    before = max(room.setup for room in rooms) + LEEWAY
    after = max(room.clear for room in rooms) + LEEWAY
    return [(clock.at(day, wanted.start) - before, clock.at(day, wanted.end) + after) for day in days]


def _order(found: Found, wanted: Wanted) -> tuple[Any, ...]:
    """Fewest clashes; confirmed at once before asked for; near and not too large; by name."""
    waste = (found.capacity - wanted.people) / SEATS_A_MILE if wanted.people else 0
    far = (found.miles if found.miles is not None else 999) if wanted.point else 0
    at_once = found.is_request or bool(found.out_of_hours)
    return len(found.clashes), at_once, far + waste, found.room.location_name, found.room.name
