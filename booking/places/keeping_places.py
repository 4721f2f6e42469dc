"""Staff keep the locations of their hub: a new one, other facts. Who may is for the page to know.

A restricted place stays restricted and a hub a hub: what hangs on them (their sessions out of sight, the places of the hub)
is decided by the import alone.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from booking import audit, db
from booking.people.signing_in import Who
from booking.places import staff_changes
from booking.places.models import Location
from booking.places.new_rules import Rules, refuse_if_broken, to_come
from booking.places.place_form import read_facts
from booking.problems import Problem, Refused
from booking.slugs import free_slug, hidden_slug, slug_of

Row = dict[str, Any]
STAYS = "A {kind} stays one. Add another place instead, or import it anew."
OF_THE_HUB_ALONE = Problem("Only staff of the hub itself add a restricted place.", "kind", rule="restricted")
NO_AREA = Problem("Choose the area whose school terms count here.", "area", rule="missing")
NO_HUB = Problem("Choose the hub that this place belongs to.", "hub_id", rule="missing")


async def add_location(*, typed: Mapping[str, str], hub_id: UUID | None, by: Who) -> UUID:
    """A new location of that hub, or a new hub (of the `area` typed); returns its id. Raises Refused."""
    facts, problems = read_facts(typed)
    hub = await db.row("SELECT hub_name, area FROM location WHERE id = $1", hub_id) if hub_id else None
    is_hub, area = facts.get("kind") == "hub", " ".join(typed.get("area", "").split())[:80]
    if is_hub and not area:
        problems.append(NO_AREA)
    if not is_hub and hub is None:
        problems.append(NO_HUB)
    if facts.get("kind") == "restricted" and hub_id and not by.works_at(hub_id):
        problems.append(OF_THE_HUB_ALONE)
    if problems:
        raise Refused(problems)

    async def write() -> UUID:
        id = db.new_id()
        is_restricted = facts["kind"] == "restricted"
        of_hub = {"hub_name": facts["name"], "area": area} if hub is None or is_hub else hub
        row = Location(
            id=id, hub_id=id if is_hub else hub_id, is_restricted=is_restricted, code=await _free_code(facts["name"]),
            slug=hidden_slug(id) if is_restricted else await _free_slug(facts["name"]),
            **of_hub, **facts, **await point_of(facts["postcode"]),
        )  # fmt: skip
        await db.write_new([row])
        after = for_trail(facts, is_restricted=is_restricted)
        await audit.record("add place", about_kind="location", about_id=id, hub_id=row.hub_id, by=by, after=after)
        return id

    return await db.run_tx(write)


async def change_location(
    *, location_id: UUID, typed: Mapping[str, str], by: Who, hub_id: UUID | None = None, is_sure: bool = False
) -> list[str]:
    """Other facts of a location, and with hub_id another hub; returns the names of the columns that changed. Raises Refused,
    and WouldBreak when its dates leave out bookings to come, unless is_sure."""
    facts, problems = read_facts(typed)
    before = await location_row(location_id)
    if problems := problems + _kind_stays(before, facts.get("kind")):
        raise Refused(problems)
    changed = changes(before, facts | await _of_hub(before, hub_id))
    if not is_sure and {"valid_from_date", "valid_to_date"} & changed.keys():
        uses = await to_come(for_who=by, location_id=location_id)
        refuse_if_broken(uses, _dates(before), _dates(facts))
    if "postcode" in changed:
        changed |= await point_of(facts["postcode"])

    async def write() -> None:
        await update("location", location_id, changed | _noted(before, changed))
        if before["kind"] == "hub" and before["hub_name"] == before["name"] and "name" in changed:
            await _rename_hub(location_id, changed["name"])
        if "hub_id" in changed:
            await _take_along(location_id, changed["hub_id"])
        await audit.record(
            "change place", about_kind="location", about_id=location_id, hub_id=before["hub_id"], by=by,
            before=for_trail({name: before[name] for name in changed}, is_restricted=before["is_restricted"]),
            after=for_trail(changed, is_restricted=before["is_restricted"]),
        )  # fmt: skip

    if changed:
        await db.run_tx(write)
    return sorted(changed)


def _noted(before: Row, changed: Mapping[str, Any]) -> Row:
    """What these columns were before, for the next import to see that staff changed them."""
    return {"imported": staff_changes.note(before["imported"], {name: before[name] for name in changed})}


async def _rename_hub(hub_id: UUID, name: str) -> None:
    """The places of a hub follow its name."""
    for row in await db.rows("SELECT id, hub_name, imported FROM location WHERE hub_id = $1", hub_id):
        named = {"hub_name": name}
        await update("location", row["id"], named | _noted(row, named))


async def _of_hub(before: Row, hub_id: UUID | None) -> Row:
    """The columns that say which hub a place is of, for another hub than it has. A hub and what is restricted stay."""
    if hub_id in (None, before["hub_id"]) or before["kind"] == "hub" or before["is_restricted"]:
        return {}
    hub = await db.row("SELECT hub_name FROM location WHERE id = $1 AND kind = 'hub'", hub_id)
    return {"hub_id": hub_id, "hub_name": hub["hub_name"]} if hub else {}


async def _take_along(location_id: UUID, hub_id: UUID) -> None:
    """What is held at a place is its hub's, so that its staff find it."""
    for table in ("run", "session"):
        await db.execute(f"UPDATE {table} SET hub_id = $2 WHERE location_id = $1", location_id, hub_id)


def _dates(facts: Mapping[str, Any]) -> Rules:
    return Rules(facts["valid_from_date"], facts["valid_to_date"])


def _kind_stays(before: Row, kind: str | None) -> list[Problem]:
    is_fixed = {"hub": "hub", "restricted": "restricted place"}
    if kind is None or kind == before["kind"] or not {kind, before["kind"]} & is_fixed.keys():
        return []
    if kind in is_fixed:
        return [Problem(f"It cannot become a {is_fixed[kind]}. Add a new place instead.", "kind", rule="kind stays")]
    return [Problem(STAYS.format(kind=is_fixed[before["kind"]]), "kind", rule="kind stays")]


async def location_row(location_id: UUID) -> Row:
    """All columns. Raises LookupError for an unknown id."""
    row = await db.row("SELECT * FROM location WHERE id = $1", location_id)
    if row is None:
        raise LookupError(location_id)
    is_restricted = bool(row["is_restricted"]) or row["kind"] == "restricted"
    return row | {"needs_two": bool(row["needs_two"]), "is_restricted": is_restricted}


async def point_of(postcode: str) -> dict[str, float | None]:
    """lat and lon of a postcode as the county's list has them; both None if it is not in it."""
    squeezed = postcode.replace(" ", "")
    found = await db.row("SELECT lat, lon FROM postcode WHERE postcode = $1", squeezed) if squeezed else None
    return found or {"lat": None, "lon": None}


def changes(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> Row:
    """The wanted values that differ from those there are."""
    return {name: value for name, value in wanted.items() if before[name] != value}


async def update(table: str, id: UUID, changed: Mapping[str, Any]) -> None:
    names = ", ".join(f'"{name}" = ${n}' for n, name in enumerate(changed, start=2))
    await db.execute(f'UPDATE "{table}" SET {names} WHERE id = $1', id, *changed.values())


def for_trail(values: Mapping[str, Any], *, is_restricted: bool) -> Row:
    """What the trail keeps: dates as text, and of a restricted place only which facts they were (promise P5)."""
    if is_restricted:
        return {"changed": sorted(values)}
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    return {name: str(value) if isinstance(value, UUID) else value for name, value in plain.items()}


async def _free_code(name: str) -> str:
    wanted = f"own-{slug_of(name, longest=25) or 'place'}"
    taken = await db.rows("SELECT code FROM location WHERE code >= $1 AND code < $2", wanted, wanted + "~")
    return free_slug(wanted, {row["code"] for row in taken})


async def _free_slug(name: str) -> str:
    wanted = slug_of(name)
    taken = await db.rows("SELECT slug FROM location WHERE slug >= $1 AND slug < $2", wanted, wanted + "~")
    return free_slug(wanted, {row["slug"] for row in taken})
