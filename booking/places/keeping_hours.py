"""Staff keep when a location is open: its usual hours, and special openings between two dates."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.places import staff_changes
from booking.places.keeping_places import for_trail, location_row
from booking.places.models import OpeningHours, SpecialOpening
from booking.places.new_rules import Rules, refuse_if_broken, to_come
from booking.places.opening import Opening
from booking.places.place_form import Hours, read_hours, read_special, typed_hours
from booking.places.queries import as_special, openings
from booking.problems import Problem, Refused

AHEAD = timedelta(days=800)
GONE = Problem("This special opening is not there any more.", rule="gone")


async def set_hours(*, location_id: UUID, typed: Mapping[str, str], by: Who, is_sure: bool = False) -> bool:
    """Other usual hours; whether anything changed. Raises Refused, and WouldBreak when bookings to come would lie outside
    them, unless is_sure."""
    wanted, problems = read_hours(typed)
    if problems:
        raise Refused(problems)
    before = await hours_of(location_id)
    if wanted == before:
        return False
    if not is_sure:
        opening = await _opening(location_id)
        await _refuse_if_shut(location_id, opening, replace(opening, hours=_by_weekday(wanted)), by)
    location = await location_row(location_id)

    async def write() -> None:
        lock = " FOR UPDATE" if db.is_postgres() else ""
        await db.row(
            f"SELECT id FROM location WHERE id = $1{lock}", location_id
        )  # two who save at once: the later's hours
        await db.execute("DELETE FROM opening_hours WHERE location_id = $1", location_id)
        lines = [OpeningHours(location_id=location_id, weekday=n, opens=o, closes=c) for n, o, c in sorted(wanted)]
        await db.write_new(lines)
        noted = staff_changes.note(location["imported"], {staff_changes.HOURS: before})
        await db.execute("UPDATE location SET imported = $2 WHERE id = $1", location_id, noted)
        await audit.record(
            "change opening hours", about_kind="location", about_id=location_id, hub_id=location["hub_id"], by=by,
            before=_named(before), after=_named(wanted),
        )  # fmt: skip

    await db.run_tx(write)
    return True


async def add_special(*, location_id: UUID, typed: Mapping[str, str], by: Who, is_sure: bool = False) -> UUID:
    """Other hours between two dates, or hours added; returns the id. Raises Refused, and WouldBreak when bookings to come
    would lie outside them, unless is_sure."""
    values, problems = read_special(typed)
    if problems:
        raise Refused(problems)
    if not is_sure and not values["is_extra"]:
        opening = await _opening(location_id)
        after = replace(opening, specials=(*opening.specials, as_special(values)))
        await _refuse_if_shut(location_id, opening, after, by)
    location = await location_row(location_id)

    async def write() -> UUID:
        special = SpecialOpening(location_id=location_id, **values)
        await db.write_new([special])
        await audit.record(
            "add special opening", about_kind="location", about_id=location_id, hub_id=location["hub_id"], by=by,
            after=for_trail(values, is_restricted=location["is_restricted"]),
        )  # fmt: skip
        return special.id

    return await db.run_tx(write)


async def remove_special(*, location_id: UUID, special_id: UUID, by: Who, is_sure: bool = False) -> None:
    """Takes a special opening away. Raises Refused when it is gone already, and WouldBreak when bookings to come lie in it,
    unless is_sure."""
    columns = "first_date, last_date, weekdays, opens, closes, is_extra, reason"
    sql = f"SELECT {columns} FROM special_opening WHERE id = $1 AND location_id = $2"
    there = await db.row(sql, special_id, location_id)
    if there is None:
        raise Refused([GONE])
    if not is_sure:
        opening, gone = await _opening(location_id), as_special(there)
        left = list(opening.specials)
        if gone in left:
            left.remove(gone)
        await _refuse_if_shut(location_id, opening, replace(opening, specials=tuple(left)), by)
    location = await location_row(location_id)

    async def write() -> None:
        if not await db.row("DELETE FROM special_opening WHERE id = $1 RETURNING id", special_id):
            raise Refused([GONE])
        before = for_trail(there | {"is_extra": bool(there["is_extra"])}, is_restricted=location["is_restricted"])
        await audit.record(
            "remove special opening", about_kind="location", about_id=location_id, hub_id=location["hub_id"], by=by, before=before
        )  # fmt: skip

    await db.run_tx(write)


async def hours_of(location_id: UUID) -> Hours:
    found = await db.rows("SELECT weekday, opens, closes FROM opening_hours WHERE location_id = $1", location_id)
    return {(row["weekday"], row["opens"], row["closes"]) for row in found}


async def specials_of(location_id: UUID) -> list[dict[str, Any]]:
    """The special openings that are not over, in order of date."""
    return await db.rows(
        "SELECT * FROM special_opening WHERE location_id = $1 AND last_date >= $2 ORDER BY first_date, opens, id",
        location_id,
        clock.today(),
    )


def _by_weekday(hours: Hours) -> dict[int, tuple[tuple[str, str], ...]]:
    return {day: tuple((opens, closes) for n, opens, closes in sorted(hours) if n == day) for day in range(7)}


def _named(hours: Hours) -> dict[str, Any]:
    return {"hours": list(typed_hours(hours).values())}


async def _opening(location_id: UUID) -> Opening:
    """Without closures: what is shut on a day does not fit because of them, and not because of the hours."""
    today = clock.today()
    found = (await openings([location_id], today, today + AHEAD))[location_id]
    return replace(found, closures=())


async def _refuse_if_shut(location_id: UUID, before: Opening, after: Opening, by: Who) -> None:
    uses = await to_come(for_who=by, location_id=location_id)
    refuse_if_broken(uses, Rules(opening=before), Rules(opening=after))
