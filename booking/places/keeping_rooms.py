"""Staff keep the rooms of a location: a new one, other facts and rules.

Other minutes to set up and clear count for new bookings; what is held already stays held as it is. Nothing here writes holds.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from booking import audit, db
from booking.people.signing_in import Who
from booking.places import staff_changes
from booking.places.keeping_places import changes, for_trail, location_row
from booking.places.models import Room
from booking.places.new_rules import Rules, refuse_if_broken, to_come
from booking.places.room_form import read_rules
from booking.problems import Problem, Refused
from booking.slugs import free_slug, slug_of

Row = dict[str, Any]


async def add_room(*, location_id: UUID, typed: Mapping[str, str], features: Collection[str], by: Who) -> UUID:
    """A new room; returns its id. Raises Refused."""
    rules, problems = read_rules(typed, features)
    problems += await _twice(location_id, rules.get("name"))
    if problems:
        raise Refused(problems)
    location = await location_row(location_id)

    async def write() -> UUID:
        room = Room(location_id=location_id, code=await _free_code(location["code"], rules["name"]), **rules)
        await db.write_new([room])
        after = for_trail(rules, is_restricted=location["is_restricted"])
        await audit.record(
            "add room", about_kind="room", about_id=room.id, hub_id=location["hub_id"], by=by, after=after
        )
        return room.id

    return await db.run_tx(write)


async def change_room(
    *, room_id: UUID, typed: Mapping[str, str], features: Collection[str], by: Who, is_sure: bool = False
) -> list[str]:
    """Other facts and rules of a room; returns the names of the columns that changed. Raises Refused, and WouldBreak when
    bookings to come would not fit, unless is_sure."""
    rules, problems = read_rules(typed, features)
    before = await room_row(room_id)
    problems += await _twice(before["location_id"], rules.get("name"), besides=room_id)
    if problems:
        raise Refused(problems)
    if _parts(before["features"]) == _parts(rules["features"]):
        rules["features"] = before["features"]
    changed = changes(before, rules)
    if not is_sure and {"valid_from_date", "valid_to_date", "capacity", "layouts"} & changed.keys():
        refuse_if_broken(await to_come(for_who=by, room_id=room_id), _limits(before), _limits(rules))

    async def write() -> None:
        noted = staff_changes.note(before["imported"], {name: before[name] for name in changed})
        await _update(room_id, changed | {"imported": noted})
        await audit.record(
            "change room", about_kind="room", about_id=room_id, hub_id=before["hub_id"], by=by,
            before=for_trail({name: before[name] for name in changed}, is_restricted=before["is_restricted"]),
            after=for_trail(changed, is_restricted=before["is_restricted"]),
        )  # fmt: skip

    if changed:
        await db.run_tx(write)
    return sorted(changed)


async def room_row(room_id: UUID) -> Row:
    """All columns of a room, layouts as a dictionary, and its hub. Raises LookupError for an unknown id."""
    row = await db.row(
        "SELECT o.*, l.hub_id, (l.is_restricted OR l.kind = 'restricted') AS is_restricted FROM room o JOIN location l ON l.id = o.location_id WHERE o.id = $1",
        room_id,
    )
    if row is None:
        raise LookupError(room_id)
    layouts = row["layouts"]
    known = json.loads(layouts) if isinstance(layouts, str) else layouts
    return row | {"layouts": known or {}, "is_partner_bookable": bool(row["is_partner_bookable"])}


def _limits(room: Mapping[str, Any]) -> Rules:
    return Rules(room["valid_from_date"], room["valid_to_date"], room["capacity"], room["layouts"])


def _parts(features: str) -> set[str]:
    return {part.strip() for part in features.split(";") if part.strip()}


async def _twice(location_id: UUID, name: str | None, besides: UUID | None = None) -> list[Problem]:
    """Two rooms of one name in one building would be taken for each other."""
    if not name:
        return []
    found = await db.rows("SELECT id FROM room WHERE location_id = $1 AND LOWER(name) = $2", location_id, name.lower())
    if {row["id"] for row in found} - {besides}:
        return [Problem(f"There is a room “{name}” here already. Give this one another name.", "name", rule="twice")]
    return []


async def _update(room_id: UUID, changed: Row) -> None:
    stored = changed | ({"layouts": json.dumps(changed["layouts"])} if "layouts" in changed else {})
    names = ", ".join(f'"{name}" = ${n}' for n, name in enumerate(stored, start=2))
    await db.execute(f"UPDATE room SET {names} WHERE id = $1", room_id, *stored.values())


async def _free_code(location_code: str, name: str) -> str:
    wanted = f"{location_code}-{slug_of(name, longest=15) or 'room'}"
    taken = await db.rows("SELECT code FROM room WHERE code >= $1 AND code < $2", wanted, wanted + "~")
    return free_slug(wanted, {row["code"] for row in taken})
