"""What the diary reads: the places a member of staff may look at, their rooms, and what holds them. One query each, whatever
the tables hold.

What is restricted is in none of the answers but for staff of that very hub (promise P5); what belongs to other hubs is not
there (promise P6).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places.holding import LONGEST

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A location that has rooms."""

    id: UUID
    name: str
    hub_id: UUID
    hub_name: str
    operator: str
    is_restricted: bool


@dataclass(frozen=True, slots=True)
class DiaryRoom:
    """A room as the diary shows it. `leaves` are its parts, or itself; `wholes` the divisible rooms it is a part of;
    `around` the minutes to set it up and to clear it."""

    id: UUID
    name: str
    location_id: UUID
    capacity: int
    first_date: date | None
    last_date: date | None
    leaves: tuple[UUID, ...]
    wholes: tuple[UUID, ...]
    around: tuple[int, int]

    def is_in_use(self, day: date) -> bool:
        return (self.first_date or day) <= day <= (self.last_date or day)


async def places_of(who: Who) -> list[Place]:
    """The locations with rooms of the hubs of who asks, by hub, the hub itself first. One query."""
    mine = "" if who.hub_ids is None else f" AND l.hub_id IN {db.in_list(who.hub_ids)}"
    found = await db.rows(
        "SELECT l.id, l.name, l.hub_id, l.hub_name, l.operator,"
        " (l.is_restricted OR l.kind = 'restricted' OR h.is_restricted) AS is_restricted"
        " FROM location l JOIN location h ON h.id = l.hub_id"
        f" WHERE EXISTS (SELECT 1 FROM room o WHERE o.location_id = l.id){mine}"
        " ORDER BY h.name, CASE WHEN l.id = l.hub_id THEN 0 ELSE 1 END, l.name",
        *(who.hub_ids or ()),
    )
    places = [Place(**row) for row in found]
    return [place for place in places if not place.is_restricted or who.works_at(place.hub_id)]


async def rooms_at(location_ids: Sequence[UUID]) -> list[DiaryRoom]:
    """The rooms of these locations, location by location in the order given; a divisible room is followed by its parts.
    One query."""
    found = await db.rows(
        "SELECT o.id, o.name, o.location_id, o.capacity, o.valid_from_date AS first_date, o.valid_to_date AS last_date,"
        " o.setup_minutes, o.clear_minutes, p.part_id, w.whole_id FROM room o LEFT JOIN room_part p ON p.whole_id = o.id"
        f" LEFT JOIN room_part w ON w.part_id = o.id WHERE o.location_id IN {db.in_list(location_ids)}"
        " ORDER BY o.name, o.id, p.part_id, w.whole_id",
        *location_ids,
    )
    rows: dict[UUID, list[Row]] = {}
    for row in found:
        rows.setdefault(row["id"], []).append(row)
    rooms = [_room(lines) for lines in rows.values()]
    at = {key: n for n, key in enumerate(location_ids)}
    return _with_parts_after(sorted(rooms, key=lambda room: at[room.location_id]))


def _room(lines: list[Row]) -> DiaryRoom:
    row = lines[0]
    leaves = tuple(dict.fromkeys(line["part_id"] for line in lines if line["part_id"]))
    wholes = tuple(dict.fromkeys(line["whole_id"] for line in lines if line["whole_id"]))
    return DiaryRoom(
        row["id"], row["name"], row["location_id"], row["capacity"], row["first_date"], row["last_date"],
        leaves or (row["id"],), wholes, (row["setup_minutes"], row["clear_minutes"]),
    )  # fmt: skip


def _with_parts_after(rooms: list[DiaryRoom]) -> list[DiaryRoom]:
    known = {room.id: room for room in rooms}
    ordered: dict[UUID, DiaryRoom] = {}
    for room in rooms:
        if not any(whole in known for whole in room.wholes):
            ordered[room.id] = room
            ordered |= {leaf: known[leaf] for leaf in room.leaves if leaf in known}
    return list((ordered | known).values())


async def uses_between(room_ids: Sequence[UUID], starts_at: datetime, ends_at: datetime) -> list[Row]:
    """What holds these rooms (without parts) between two instants, by time. One query, on the index of the holds.

    A request that was held for long enough holds nothing any more and is left out, as in holding.in_the_way.
    """
    if not room_ids:
        return []
    return await db.rows(
        "SELECT h.room_id, h.starts_at AS held_from_at, h.ends_at AS held_to_at, b.id, b.room_id AS booked_room_id, b.kind,"
        " b.state, b.starts_at, b.ends_at, b.title, b.is_private, b.hold_until_at, o.name AS organisation,"
        " c.reason AS reason FROM room_hold h JOIN room_booking b ON b.id = h.room_booking_id"
        " LEFT JOIN organisation o ON o.id = b.organisation_id LEFT JOIN closure c ON c.id = b.closure_id"
        f" WHERE h.room_id IN {db.in_list(room_ids, 5)} AND h.starts_at > $1 AND h.starts_at < $2 AND h.ends_at > $3"
        " AND NOT (b.state = 'requested' AND b.hold_until_at IS NOT NULL AND b.hold_until_at <= $4)"
        " ORDER BY h.starts_at",
        starts_at - LONGEST,
        ends_at,
        starts_at,
        clock.now(),
        *room_ids,
    )
