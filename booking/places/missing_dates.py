"""Missing dates of a partner: which could be had now, and for the rest what else could."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from booking import clock
from booking.people.signing_in import Who
from booking.places import ways_out
from booking.places.asking import Ask, Wished
from booking.places.rooms import facts_of_one
from booking.places.ways_out import WayOut
from booking.places.working_out import look, problems_of_the_whole, work_out
from booking.problems import Refused


async def free_again(bookings: Sequence[dict[str, Any]], who: Who) -> set[UUID]:
    """The ids of those that are missing and could be had now as they were wanted. A few queries for each room."""
    now = clock.now()
    missing = [booking for booking in bookings if booking["state"] == "missing" and booking["starts_at"] > now]
    found: set[UUID] = set()
    for room_id in dict.fromkeys(booking["room_id"] for booking in missing):
        found |= await _free_in([booking for booking in missing if booking["room_id"] == room_id], who)
    return found


async def _free_in(bookings: Sequence[dict[str, Any]], who: Who) -> set[UUID]:
    first = bookings[0]
    ask = Ask(
        first["room_id"],
        "00:00",
        "23:59",
        organisation_id=first["organisation_id"],
        as_partner=True,
        people=first["people"],
        layout=first["layout"],
        keyholder_id=first["keyholder_id"],
        second_person=first["second_person"],
    )
    days = [_day(booking) for booking in bookings]
    wished = [
        Wished(day, day, booking["room_id"], booking["starts_at"], booking["ends_at"])
        for day, booking in zip(days, bookings, strict=True)
    ]
    try:
        world = await look(ask, days, who)
    except Refused:
        return set()
    lines = await work_out(ask, wished, world)
    if any(problem.level == "blocks" for problem in problems_of_the_whole(lines)):
        return set()
    return {booking["id"] for booking, line in zip(bookings, lines, strict=True) if line.is_to_be_had}


def _day(booking: dict[str, Any]) -> date:
    return clock.local(booking["starts_at"]).date()


async def other_ways(booking: dict[str, Any]) -> list[WayOut]:
    """Other rooms and times on the same day for one missing date, the nearest first."""
    room = await facts_of_one(booking["room_id"])
    if room is None:
        return []
    day = _day(booking)
    wanted = [(day, booking["starts_at"], booking["ends_at"])]
    ways = await ways_out.for_dates(room, wanted, people=booking["people"], for_partner=True)
    return [way for way in ways.get(day, []) if way.kind != "skip" and way.day in (None, day)]
