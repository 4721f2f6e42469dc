"""Locations and rooms as staff may see them: those of their hubs, and what is restricted only at that very hub (P5, P6)."""

from typing import Any, Literal
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places.near import HIDDEN

Row = dict[str, Any]
State = Literal["", "open", "planned", "ended"]
STATES: tuple[State, ...] = ("", "open", "planned", "ended")
HIDDEN_HERE = HIDDEN.replace("is_restricted", "l.is_restricted").replace("kind", "l.kind")


def may_see(who: Who, first: int) -> tuple[str, list[Any]]:
    """A condition on location l with its parameters from $first on."""
    own = sorted(who.role_hubs)
    theirs = f"l.hub_id IN {db.in_list(own, first)}"
    if who.is_admin:
        return f"(NOT ({HIDDEN_HERE}) OR {theirs})", own
    return theirs, own


def may_keep(who: Who, location: Row) -> bool:
    """Managers of that hub, and county admins where it is not restricted."""
    if location["is_restricted"]:
        return who.manages(location["hub_id"]) and who.works_at(location["hub_id"])
    return who.manages(location["hub_id"])


async def locations(who: Who, *, words: str = "", hub_id: UUID | None = None, state: State = "") -> list[Row]:
    """Every location that may be seen, with its rooms, by hub: the hub itself first, ended ones last. Two queries."""
    condition, parameters = may_see(who, 1)
    narrowed = f" AND l.hub_id = ${len(parameters) + 1}" if hub_id else ""
    found = await db.rows(
        f"SELECT l.*, ({HIDDEN_HERE}) AS is_hidden FROM location l WHERE {condition}{narrowed} ORDER BY l.hub_name, l.name",
        *parameters,
        *([hub_id] if hub_id else []),
    )
    rooms = await _rooms_of([row["id"] for row in found])
    seen = [as_seen(row) | {"rooms": rooms.get(row["id"], [])} for row in found]
    kept = [row for row in seen if _fits(row, words.lower().split()) and state in ("", row["state"])]
    return sorted(kept, key=lambda row: (row["hub_name"], row["state"] == "ended", row["kind"] != "hub", row["name"]))


def as_seen(row: Row) -> Row:
    """A location's row with its state today and whether it is restricted."""
    return row | {
        "state": state_of(row),
        "needs_two": bool(row["needs_two"]),
        "is_restricted": bool(row["is_restricted"]) or row["kind"] == "restricted",
    }


def state_of(row: Row) -> State:
    """By its dates: planned, open or ended; both days belong to it."""
    today = clock.today()
    if row["valid_from_date"] and row["valid_from_date"] > today:
        return "planned"
    return "ended" if row["valid_to_date"] and row["valid_to_date"] < today else "open"


def _fits(row: Row, words: list[str]) -> bool:
    """Every word is somewhere in the place or one of its rooms."""
    own = (row["name"], row["hub_name"], row["operator"], row["address"], row["postcode"], row["code"])
    text = " ".join([*own, *(room["name"] for room in row["rooms"])]).lower()
    return all(word in text for word in words)


async def _rooms_of(location_ids: list[UUID]) -> dict[UUID, list[Row]]:
    some = f"WHERE location_id IN {db.in_list(location_ids)}" if len(location_ids) <= 500 else ""
    columns = "id, location_id, name, kind, capacity, is_partner_bookable, valid_from_date, valid_to_date"
    found = await db.rows(f"SELECT {columns} FROM room {some} ORDER BY name", *(location_ids if some else ()))
    rooms: dict[UUID, list[Row]] = {}
    for row in found:
        rooms.setdefault(row["location_id"], []).append(row | {"state": state_of(row)})
    return rooms


async def location_seen_by(who: Who, location_id: UUID) -> Row | None:
    """All columns of a location that this member of staff may see, or None."""
    condition, parameters = may_see(who, 2)
    row = await db.row(f"SELECT l.* FROM location l WHERE l.id = $1 AND {condition}", location_id, *parameters)
    return as_seen(row) if row else None


async def hubs_of(who: Who) -> list[Row]:
    """The hubs (id, name, area) of this member of staff by name; a restricted one for its own staff alone."""
    condition, parameters = may_see(who, 1)
    return await db.rows(
        f"SELECT l.id, l.hub_name AS name, l.area FROM location l WHERE l.kind = 'hub' AND {condition} ORDER BY l.hub_name",
        *parameters,
    )


async def areas() -> list[str]:
    """The areas that are known: of places and of school terms."""
    found = await db.rows("SELECT area FROM location UNION SELECT area FROM term_date ORDER BY area")
    return [row["area"] for row in found]
