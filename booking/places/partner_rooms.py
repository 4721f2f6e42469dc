"""The rooms that partners may choose, by place, and who has keys there. Restricted places are in none of it (promise P5)."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.places.rooms import RoomFacts, find_rooms

OPEN_TO_PARTNERS = (
    "o.is_partner_bookable AND NOT (l.is_restricted OR l.kind = 'restricted')"
    " AND (o.valid_to_date IS NULL OR o.valid_to_date >= $1) AND (l.valid_to_date IS NULL OR l.valid_to_date >= $1)"
)
"""Planned ones are in it: a term may begin after they open."""


async def choices_by_place() -> list[tuple[str, list[dict[str, Any]]]]:
    """(place, its rooms with id, name and capacity), both by name. One query."""
    found = await db.rows(
        "SELECT o.id, o.name, o.capacity, l.name AS location_name FROM room o JOIN location l ON l.id = o.location_id"
        f" WHERE {OPEN_TO_PARTNERS} ORDER BY l.name, l.id, o.name",
        clock.today(),
    )
    return [(place, list(rooms)) for place, rooms in groupby(found, key=lambda room: room["location_name"])]


async def room_for_partners(room_id: UUID | None) -> RoomFacts | None:
    """A room that partners may choose, or None; what they may not is as if it were not there."""
    if room_id is None:
        return None
    return (await find_rooms(f"o.id = $2 AND {OPEN_TO_PARTNERS}", clock.today(), room_id)).get(room_id)


async def used_rooms(organisation_id: UUID, most: int = 5) -> list[dict[str, Any]]:
    """The rooms that this partner has used most of late: id, name, location_name."""
    return await db.rows(
        "SELECT o.id, o.name, o.capacity, l.name AS location_name FROM room_booking b JOIN room o ON o.id = b.room_id"
        " JOIN location l ON l.id = o.location_id"
        f" WHERE b.organisation_id = $2 AND b.kind = 'partner' AND b.state = 'confirmed' AND {OPEN_TO_PARTNERS}"
        f" GROUP BY o.id, o.name, o.capacity, l.name ORDER BY COUNT(*) DESC, o.name LIMIT {int(most)}",
        clock.today(),
        organisation_id,
    )


async def keyholders_for(location_id: UUID, organisation_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Whom these partners may name as keyholder of a place: their own and the hub's, not another partner's."""
    return await db.rows(
        "SELECT id, name, organisation_id FROM keyholder WHERE location_id = $1 AND ended_at IS NULL"
        f" AND (organisation_id IS NULL OR organisation_id IN {db.in_list(organisation_ids, 2)}) ORDER BY name",
        location_id,
        *organisation_ids,
    )


async def rooms_there(location_id: UUID, own_id: UUID) -> list[dict[str, Any]]:
    """The rooms of one place that partners may choose, and the one they have: id, name, capacity."""
    return await db.rows(
        "SELECT o.id, o.name, o.capacity FROM room o JOIN location l ON l.id = o.location_id"
        f" WHERE l.id = $2 AND (o.id = $3 OR ({OPEN_TO_PARTNERS})) ORDER BY o.name",
        clock.today(),
        location_id,
        own_id,
    )
