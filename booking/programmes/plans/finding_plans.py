"""Find the best plans for a run: reads a world once and has it judged. A fixed number of queries for any number of rooms and dates.

Eight queries where there are plans enough: the rooms, school dates and bank holidays, three for opening hours, two for what is
taken. Where there are few, one more for who has the rooms; where there are none, two for the wider world in which steps back are tried.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.places import importing, queries, taken_times
from booking.places.holding import Taken, hold_for, in_the_way
from booking.places.rooms import RoomFacts, find_rooms
from booking.places.taken_times import Span
from booking.programmes.plans.counting_blockers import blockers
from booking.programmes.plans.judging_plans import Judge
from booking.programmes.plans.plan_people import Leaders
from booking.programmes.plans.plan_times import World
from booking.programmes.plans.plan_wishes import Answer, BestPlan, Wishes
from booking.programmes.plans.relaxing_wishes import relaxed, widest
from booking.programmes.plans.writing_plans import near_misses, nearly, written

SHOWN = 10
FEW = 3
"""With fewer plans than this, those that miss by a little are looked for too; with none, what would have to give."""
MOST_MISSES = 5
HOLIDAYS = timedelta(weeks=20)
"""So long may dates left out make a run."""


@dataclass(frozen=True, slots=True)
class Found:
    """The answer, and who has the rooms of those plans that miss: by room and day."""

    answer: Answer
    taken: dict[tuple[UUID, date], list[Taken]]


async def find(wishes: Wishes, leaders: Leaders | None = None) -> Found:
    """The best plans for these wishes, or why there is none. `leaders` are those who could lead: plans for which enough of them
    are free on all dates come first."""
    world = await read(wishes)
    judge = Judge(wishes, await with_taken(world, [Judge(wishes, world)]), leaders)
    candidates = judge.candidates()
    answer = Answer(wishes, tuple(written(judge, one) for one in candidates[:SHOWN]), count=len(candidates))
    if len(candidates) >= FEW:
        return Found(answer, {})
    misses = tuple(nearly(judge, one) for one in near_misses(judge)[:MOST_MISSES])
    if candidates:
        return Found(replace(answer, near_misses=misses), await who_has(misses))
    counted, looked_at = blockers(judge)
    answer = replace(answer, near_misses=misses, blockers=counted, looked_at=looked_at)
    wide = await with_taken(world, [Judge(each, world) for each in widest(wishes, world)])
    return Found(replace(answer, relaxed=tuple(relaxed(wishes, wide))), await who_has(misses))


async def read(wishes: Wishes) -> World:
    """All but what is taken. Six queries."""
    rooms = await _rooms(wishes)
    first, last = span_of(wishes)
    openings = await queries.openings(sorted(rooms), first, last) if rooms else {}
    calendars = await importing.calendars()
    return World(rooms, openings, calendars, clock.now(), first, last)


def span_of(wishes: Wishes) -> tuple[date, date]:
    """The first and the last day that any plan for these wishes can have."""
    last = wishes.first + timedelta(days=wishes.window + 28)
    last += timedelta(weeks=wishes.sessions * (2 if wishes.frequency == "fortnightly" else 1)) + HOLIDAYS
    return wishes.first, last


async def _rooms(wishes: Wishes) -> dict[UUID, list[RoomFacts]]:
    """Every room in these hubs by its place, those too small as well: they are why a place does not do."""
    where, parameters = "1 = 1", list[Any]()
    if wishes.hub_ids is not None:
        parameters = sorted(wishes.hub_ids)
        where = f"l.hub_id IN {db.in_list(parameters)}"
    hidden = "(l.is_restricted OR l.kind = 'restricted')"
    own = sorted(wishes.own_hubs)
    theirs = f" OR l.hub_id IN {db.in_list(own, len(parameters) + 1)}" if own else ""
    found = await find_rooms(f"{where} AND (NOT {hidden}{theirs})", *parameters, *own)
    places: dict[UUID, list[RoomFacts]] = {}
    for room in found.values():
        places.setdefault(room.location_id, []).append(room)
    return places


async def with_taken(world: World, judges: Sequence[Judge]) -> World:
    """The world with all times at which rooms are taken that any of these judges may ask for. Two queries."""
    rooms = {room.id: room for judge in judges for room in judge.rooms()}
    days = {day for judge in judges for day in judge.days()}
    if not rooms or not days:
        return world
    earliest, latest = min(j.wishes.earliest for j in judges), max(j.wishes.latest for j in judges)
    before, after = max(room.setup for room in rooms.values()), max(room.clear for room in rooms.values())
    windows = [(clock.at(first, earliest) - before, clock.at(last, latest) + after) for first, last in _stretches(days)]
    taken = await taken_times.read((leaf for room in rooms.values() for leaf in room.leaves), windows)
    return replace(world, taken=taken, _marks={})


def _stretches(days: Iterable[date]) -> list[Span | Any]:
    """Days that follow each other as one, from the first to the last: fewer stretches are read faster than many."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and (day - found[-1][1]).days <= 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


async def who_has(plans: Iterable[BestPlan]) -> dict[tuple[UUID, date], list[Taken]]:
    """Who has the rooms on the dates that stand in the way of these plans, by room and day. One query."""
    wanted = [
        (each.room, held.day, plan)
        for plan in plans
        for held in plan.blocked
        for each in held.blocked
        if each.rule == "taken"
    ]
    holds = [
        hold_for(UUID(int=0), room, clock.at(day, plan.start), clock.at(day, plan.end)) for room, day, plan in wanted
    ]
    found = await in_the_way(holds) if holds else {}
    return {(room.id, day): found.get(n, []) for n, (room, day, _) in enumerate(wanted)}
