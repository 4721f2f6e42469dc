"""The rooms that a member of staff may book, by place, and the partners for whom. Restricted ones only for staff of that very
hub (promise P5)."""

from itertools import groupby
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places.rooms import RoomFacts, facts_of_one

IN_USE = "(o.valid_to_date IS NULL OR o.valid_to_date >= $1) AND (l.valid_to_date IS NULL OR l.valid_to_date >= $1)"


async def choices_by_place(who: Who) -> list[tuple[str, list[dict[str, Any]]]]:
    """(place, its rooms with id, name and capacity), by name, in the hubs of who asks. One query."""
    own = sorted(who.role_hubs)
    hidden = "(l.is_restricted OR l.kind = 'restricted')"
    theirs = f"l.hub_id IN {db.in_list(own, 2)}"
    where = f"({theirs} OR NOT {hidden})" if who.is_admin else theirs
    found = await db.rows(
        "SELECT o.id, o.name, o.capacity, l.name AS location_name FROM room o JOIN location l ON l.id = o.location_id"
        f" WHERE {IN_USE} AND {where} ORDER BY l.name, l.id, o.name",
        clock.today(),
        *own,
    )
    return [(place, list(rooms)) for place, rooms in groupby(found, key=lambda room: room["location_name"])]


async def room_for_staff(who: Who, room_id: UUID | None) -> RoomFacts | None:
    """A room that this member of staff may book, or None; any other is as if it were not there (promise P6)."""
    room = await facts_of_one(room_id) if room_id else None
    return room if room and may_book(room, who) else None


def may_book(room: RoomFacts, who: Who) -> bool:
    return who.works_at(room.hub_id) if room.is_restricted else who.may_act_at(room.hub_id)


async def partners() -> list[dict[str, Any]]:
    """Partners that have not ended, by name: id, name, default_title, cost_code."""
    return await db.rows(
        "SELECT id, name, default_title, cost_code FROM organisation WHERE ended_at IS NULL ORDER BY lower(name)"
    )
