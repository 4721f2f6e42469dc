"""The nearest ways out for rooms that are free on some of the dates wanted and not on others, said of all dates together:
"15 minutes later: free on all 12", "Wednesdays: free on 11 of 12", "Blue room is free on the other 2".
"""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from booking.places import taken_times
from booking.places.free_rooms import Search
from booking.places.judging_rooms import Found, Judge
from booking.places.rooms import RoomFacts
from booking.places.ways_out import A_DEGREE, OTHER_DAYS, SHIFTS, WayOut, distance, shift_words, shifted, weeks_of
from booking.words import DAYS, count_words, miles_words, short_day

FARTHEST = 5
"""Miles to a building that is called near here; farther ones are in the list of what was found anyway."""


async def for_found(search: Search, shown: Sequence[Found]) -> dict[UUID, list[WayOut]]:
    """By room, at most five ways out of those shown that clash, the nearest first. Two queries more than the search."""
    clashing = [found for found in shown if found.clashes]
    if not clashing:
        return {}
    leaves = (leaf for found in clashing for leaf in found.room.leaves)
    weeks = await taken_times.read(leaves, weeks_of(search.wanted.all_days()))
    rooms = [found.room for found in search.found]
    return {found.room.id: ways(found, rooms, search.judge, search.judge.knowing(weeks)) for found in clashing}


def ways(found: Found, rooms: Sequence[RoomFacts], there: Judge, of_weeks: Judge) -> list[WayOut]:
    """Pure. Only what helps: each leaves fewer dates clashing than there are."""
    tried = (
        _other_room(found, rooms, there, is_here=True),
        _other_time(found, of_weeks),
        _other_day(found, of_weeks),
        _other_room(found, rooms, there, is_here=False),
        _skip(found),
    )
    return [way for way in tried if way]


def _other_time(found: Found, judge: Judge) -> WayOut | None:
    best, most = None, len(found.free_days)
    for minutes in SHIFTS:
        times = shifted(judge.wanted.start, judge.wanted.end, minutes)
        count = how_many_can(judge, found.room, found.days, *times) if times else 0
        if times and count > most:
            best, most = (minutes, *times), count
    if best is None:
        return None
    return WayOut("time", f"{shift_words(*best)}: {_how_many(most, found)}", start=best[1], end=best[2])


def _other_day(found: Found, judge: Judge) -> WayOut | None:
    """The other weekday on which it is free on most dates, the nearest of equals."""
    best, most = 0, len(found.free_days)
    weekday, opening = found.days[0].weekday(), judge.openings[found.room.location_id]
    for by in OTHER_DAYS:
        if 0 <= weekday + by <= 6 and (opening.specials or opening.hours.get(weekday + by) or not opening.hours):
            days = tuple(_moved(day, by) for day in found.days)
            count = how_many_can(judge, found.room, days, judge.wanted.start, judge.wanted.end)
            if count > most:
                best, most = by, count
    if not best:
        return None
    first = _moved(found.days[0], best)
    words = f"{DAYS[first.weekday()]}s" if len(found.days) > 1 else short_day(first)
    return WayOut("day", f"{words} at the same time: {_how_many(most, found)}", day=first)


def how_many_can(judge: Judge, room: RoomFacts, days: tuple[date, ...], start: str, end: str) -> int:
    """On how many of these days the room can be had then, within opening hours."""
    return sum(not why and not slot.is_out_of_hours for slot, why in judge.outcomes(room, days, start, end))


def _moved(day: date, by: int) -> date:
    return day + timedelta(days=by)


def _other_room(found: Found, rooms: Sequence[RoomFacts], judge: Judge, *, is_here: bool) -> WayOut | None:
    """The room that is free on most of the clashing dates: in the building the one that fits best, else the nearest."""
    days = tuple(clash.day for clash in found.clashes)
    best, most = None, 0
    for other in _around(found.room, rooms, is_here):
        count = how_many_can(judge, other, days, judge.wanted.start, judge.wanted.end)
        if count > most:
            best, most = other, count
    if best is None:
        return None
    which = (
        "that date"
        if len(days) == 1
        else f"those {len(days)} dates"
        if most == len(days)
        else f"{most} of those {len(days)}"
    )
    if is_here:
        return WayOut("room", f"{best.name} in the same building is free on {which}", best.id)
    far = distance(found.room, best)
    words = f"{best.words} ({'very near' if far < 0.2 else miles_words(far)}) is free on {which}"
    return WayOut("near", words, best.id)


def _around(room: RoomFacts, rooms: Sequence[RoomFacts], is_here: bool) -> list[RoomFacts]:
    if is_here:
        found = [each for each in rooms if each.location_id == room.location_id and each.id != room.id]
        return sorted(found, key=lambda each: each.capacity)
    if room.lat is None:
        return []
    band = FARTHEST / A_DEGREE
    low, high = room.lat - band, room.lat + band  # most are out of it, and that is soon said
    near = [each for each in rooms if each.lat is not None and low < each.lat < high]
    found = [each for each in near if each.location_id != room.location_id and distance(room, each) <= FARTHEST]
    return sorted(found, key=lambda each: (distance(room, each), each.capacity))[:10]


def _skip(found: Found) -> WayOut | None:
    if len(found.days) == 1 or not found.free_days:
        return None
    return WayOut("skip", f"Leave out {count_words(len(found.clashes), 'date')}")


def _how_many(count: int, found: Found) -> str:
    if len(found.days) == 1:
        return "free"
    return f"free on all {count} dates" if count == len(found.days) else f"free on {count} of {len(found.days)}"
