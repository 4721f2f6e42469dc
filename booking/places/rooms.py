"""What is known of a room when somebody wants it: size, features, rules, parts, and the place it is in."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from booking import db

COLUMNS = (
    "o.id, o.code, o.name, o.kind, o.capacity, o.layouts, o.features, o.setup_minutes, o.clear_minutes, o.notes,"
    " o.is_partner_bookable, o.approval, o.notice_hours, o.longest_minutes, o.furthest_days, o.override_by, o.rate_pence,"
    " o.valid_from_date, o.valid_to_date, l.id AS location_id, l.name AS location_name, l.slug AS location_slug,"
    " l.kind AS location_kind, l.hub_id, l.hub_name, l.area, l.operator, l.postcode, l.lat, l.lon, l.needs_two,"
    " (l.is_restricted OR l.kind = 'restricted') AS is_restricted,"
    " l.valid_from_date AS location_from_date, l.valid_to_date AS location_to_date"
)
JOINS = "room o JOIN location l ON l.id = o.location_id"


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """One room with the facts of its location. Minutes are whole; rate_pence is for an hour; `leaves` are the rooms that
    are held for it: its parts, or itself. valid_from and valid_to narrow the room's own dates by the location's."""

    id: UUID
    code: str
    name: str
    kind: str
    capacity: int
    layouts: dict[str, int]
    features: frozenset[str]
    setup_minutes: int
    clear_minutes: int
    notes: str
    is_partner_bookable: bool
    approval: str
    notice_hours: int
    longest_minutes: int
    furthest_days: int
    override_by: str
    rate_pence: int
    valid_from: date | None
    valid_to: date | None
    location_id: UUID
    location_name: str
    location_slug: str
    location_kind: str
    hub_id: UUID
    hub_name: str
    area: str
    operator: str
    postcode: str
    lat: float | None
    lon: float | None
    needs_two: bool
    is_restricted: bool
    leaves: tuple[UUID, ...]

    @property
    def setup(self) -> timedelta:
        return timedelta(minutes=self.setup_minutes)

    @property
    def clear(self) -> timedelta:
        return timedelta(minutes=self.clear_minutes)

    @property
    def words(self) -> str:
        """ "Blue room, Ferndown Family Hub" """
        return f"{self.name}, {self.location_name}"

    def held(self, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
        """The time it is taken for a use from starts_at to ends_at: set-up and clearing included."""
        return starts_at - self.setup, ends_at + self.clear

    def capacity_in(self, layout: str) -> int:
        """How many people it takes in that layout; for none or an unknown one the most."""
        return self.layouts.get(layout, self.capacity)


async def facts_of(room_ids: Iterable[UUID]) -> dict[UUID, RoomFacts]:
    """These rooms by id; unknown ids are missing. One query."""
    wanted = sorted(set(room_ids))
    return await find_rooms(f"o.id IN {db.in_list(wanted)}", *wanted) if wanted else {}


async def facts_of_one(room_id: UUID) -> RoomFacts | None:
    return (await facts_of([room_id])).get(room_id)


async def rooms_of_location(location_id: UUID) -> list[RoomFacts]:
    """Every room of a location by name, parts and wholes alike. One query."""
    return sorted((await find_rooms("l.id = $1", location_id)).values(), key=lambda room: room.name)


async def find_rooms(where: str, *parameters: Any) -> dict[UUID, RoomFacts]:
    """Rooms by id for a condition of ours over room o and location l. One query."""
    found = await db.rows(
        f"SELECT {COLUMNS}, part.part_id FROM {JOINS} LEFT JOIN room_part part ON part.whole_id = o.id WHERE {where}"
        " ORDER BY o.id, part.part_id",
        *parameters,
    )
    parts: dict[UUID, tuple[UUID, ...]] = {}
    for row in found:
        if row["part_id"]:
            parts[row["id"]] = (*parts.get(row["id"], ()), row["part_id"])
    return {row["id"]: as_facts(row, parts.get(row["id"], ())) for row in {row["id"]: row for row in found}.values()}


async def parts_of(room_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """The parts of divisible rooms, by the whole; rooms without parts are missing."""
    if not room_ids:
        return {}
    some = f"WHERE whole_id IN {db.in_list(room_ids)}" if len(room_ids) <= 500 else ""
    found = await db.rows(
        f"SELECT whole_id, part_id FROM room_part {some} ORDER BY whole_id, part_id", *(room_ids if some else ())
    )
    parts: dict[UUID, tuple[UUID, ...]] = {}
    for row in found:
        parts[row["whole_id"]] = (*parts.get(row["whole_id"], ()), row["part_id"])
    return parts


def as_facts(row: dict[str, Any], parts: tuple[UUID, ...]) -> RoomFacts:
    """A row of COLUMNS as RoomFacts. Whoever looks for a room makes one of every room of the county."""
    valid_from = _latest(row["valid_from_date"], row["location_from_date"])
    valid_to = _earliest(row["valid_to_date"], row["location_to_date"])
    return RoomFacts(
        row["id"], row["code"], row["name"], row["kind"], row["capacity"], _layouts(row["layouts"]),
        _features(row["features"]), row["setup_minutes"], row["clear_minutes"], row["notes"], bool(row["is_partner_bookable"]),
        row["approval"], row["notice_hours"], row["longest_minutes"], row["furthest_days"], row["override_by"],
        row["rate_pence"], valid_from, valid_to, row["location_id"], row["location_name"], row["location_slug"],
        row["location_kind"], row["hub_id"], row["hub_name"], row["area"], row["operator"], row["postcode"], row["lat"],
        row["lon"], bool(row["needs_two"]), bool(row["is_restricted"]), parts or (row["id"],),
    )  # fmt: skip


@lru_cache(maxsize=2048)
def _features(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(";") if part.strip())


def _layouts(stored: Any) -> dict[str, int]:
    return (json.loads(stored) if isinstance(stored, str) else stored) or {}


def _latest(day: date | None, other: date | None) -> date | None:
    return max(day, other) if day and other else day or other


def _earliest(day: date | None, other: date | None) -> date | None:
    return min(day, other) if day and other else day or other
