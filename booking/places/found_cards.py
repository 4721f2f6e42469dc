"""Rooms that were found, as the cards of the page say them. Pure but for the photos."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from booking import db
from booking.places.access import ROOM_FEATURES
from booking.places.find_form import Asked, booking_query
from booking.places.judging_rooms import Found
from booking.places.ways_out import WayOut
from booking.words import count_words, miles_words, short_day

MOST_DAYS = 6
Card = dict[str, Any]


def card(found: Found, ways: Sequence[WayOut], asked: Asked, *, book_path: str, photo: str | None) -> Card:
    """book_path: the page that books, "" where who asks may not book this room. photo: the words for its picture."""
    room, free = found.room, found.free_days
    query = booking_query(asked, room.id, found.days)
    return {
        "id": room.id,
        "name": room.name,
        "place": room.location_name,
        "hub_name": room.hub_name,
        "far": miles_words(found.miles) + ("" if found.miles < 0.2 else " away") if found.miles is not None else "",
        "size": f"Takes {found.capacity}",
        "features": [ROOM_FEATURES.get(each, each.capitalize()) for each in sorted(room.features)],
        "level": "good" if found.is_free else "waits" if free else "bad",
        "state": state_words(found),
        "clashes": clash_lines(found),
        "how": how_words(found),
        "ways": [way_line(way, found, asked, book_path) for way in ways],
        "book": f"{book_path}?{query}" if book_path and free else "",
        "is_request": found.is_request,
        "photo": photo,
    }


def state_words(found: Found) -> str:
    """ "Free on all 12 dates", "Free on 10 of 12 dates", "Free", "Not free" """
    free, count = len(found.free_days), len(found.days)
    if count == 1:
        return "Free" if free else "Not free"
    if not free:
        return f"Not free on any of {count} dates"
    return f"Free on all {count} dates" if free == count else f"Free on {free} of {count} dates"


def clash_lines(found: Found) -> list[str]:
    """ "Taken on Wed 3 Mar, Wed 10 Mar", one line for each reason."""
    by_why: dict[str, list[date]] = {}
    for clash in found.clashes:
        by_why.setdefault(clash.why, []).append(clash.day)
    return [f"{why[:1].upper()}{why[1:]} on {days_words(days)}" for why, days in by_why.items()]


def days_words(days: Sequence[date]) -> str:
    named = ", ".join(short_day(day) for day in days[:MOST_DAYS])
    more = len(days) - MOST_DAYS
    return f"{named} and {count_words(more, 'more date')}" if more > 0 else named


def how_words(found: Found) -> str:
    """What else there is to know of the dates that are free."""
    if not found.free_days:
        return ""
    if found.out_of_hours:
        some = "" if len(found.out_of_hours) == len(found.free_days) else f" on {days_words(found.out_of_hours)}"
        return f"Out of hours{some}: needs a keyholder"
    return "Staff decide about this room and answer you" if found.is_request else ""


def way_line(way: WayOut, found: Found, asked: Asked, book_path: str) -> dict[str, str]:
    """A way out with its link, where one page can do it: another time or weekday for all dates, another room for one."""
    query = ""
    if way.kind == "time":
        query = booking_query(asked, found.room.id, found.days, start=way.start or "", end=way.end or "")
    elif way.kind == "day":
        query = booking_query(asked, found.room.id, found.days, day=way.day)
    elif way.kind in ("room", "near") and way.room_id and len(found.days) == 1:
        query = booking_query(asked, way.room_id, found.days)
    return {"words": way.words, "href": f"{book_path}?{query}" if query and book_path else ""}


async def cards(
    shown: Sequence[Found], ways: Mapping[UUID, Sequence[WayOut]], asked: Asked, path_for: Callable[[Found], str]
) -> list[Card]:
    """The cards of one page. One query, for the photos."""
    photos = await photos_of([found.room.id for found in shown])
    return [
        card(found, ways.get(found.room.id, ()), asked, book_path=path_for(found), photo=photos.get(found.room.id))
        for found in shown
    ]


async def photos_of(room_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The words for the picture of each room that has one."""
    if not room_ids:
        return {}
    found = await db.rows(f"SELECT room_id, words FROM room_photo WHERE room_id IN {db.in_list(room_ids)}", *room_ids)
    return {row["room_id"]: row["words"] for row in found}
