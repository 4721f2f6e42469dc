"""Puts the tables about places into the database: what would change is worked out first, then written.

Each plan function reads what is there, adds what it finds wrong to `Findings`, and returns `Changes`. Nothing is
written before the caller writes the Changes, in its own transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from booking import clock, db, words
from booking.changes import Changes, Row, rows_of
from booking.import_report import Findings
from booking.places import staff_changes, term_calendar, term_calendars
from booking.places.models import BankHoliday, Location, OpeningHours, Postcode, Room, TermDate
from booking.places.place_tables import BankHolidayRow, PostcodeRow, RoomRow, TermRow
from booking.places.term_calendar import TermCalendar
from booking.slugs import free_slug, hidden_slug, slug_of

BUILDING_COLUMNS = (
    "hub_code", "hub_role", "building_name", "operator", "address", "postcode", "uprn", "lat", "lon", "county",
    "public_address", "co_located_with", "open_mon", "open_tue", "open_wed", "open_thu", "open_fri", "open_sat",
    "open_sun", "open_valid_from", "open_valid_to",
)  # fmt: skip


FLAGS = ("is_restricted", "needs_two", "is_partner_bookable")


@dataclass(slots=True)
class Places:
    """Every location and room, in the database and in the import, by code; and what becomes of them. `hours` are by
    location, `hub_codes` by building and `hubs` by their code (of this import only: the database knows hubs by their id).
    `staff_hours` are the locations whose opening hours staff changed, so that they stay."""

    locations: dict[str, Row]
    rooms: dict[str, Row]
    location_changes: Changes = field(default_factory=lambda: Changes(Location))
    room_changes: Changes = field(default_factory=lambda: Changes(Room))
    hours_changes: Changes = field(default_factory=lambda: Changes(OpeningHours))
    staff_hours: set[UUID] = field(default_factory=set)
    hours: dict[UUID, set[tuple[int, str, str]]] = field(default_factory=dict)
    hub_codes: dict[str, str] = field(default_factory=dict)
    hubs: dict[str, UUID] = field(default_factory=dict)

    async def write(self) -> None:
        await self.location_changes.write()
        await self.room_changes.write()
        await self.hours_changes.write()


async def plan_postcodes(rows: Sequence[PostcodeRow]) -> Changes:
    changes = Changes(Postcode)
    there = {row["postcode"]: row for row in await db.rows("SELECT * FROM postcode")} if rows else {}
    for row in rows:
        code = row.postcode.replace(" ", "")
        changes.compare(there.get(code), {"postcode": code, "lat": row.lat, "lon": row.lon})
    return changes


async def plan_bank_holidays(rows: Sequence[BankHolidayRow]) -> Changes:
    changes = Changes(BankHoliday)
    there = {row["date"]: row for row in await db.rows("SELECT * FROM bank_holiday")}
    for row in rows:
        before = there.get(row.date)
        if before is None or not before["is_removed"]:  # what staff took away stays away
            changes.compare(before, {"date": row.date, "title": row.full_title})
    return changes


async def plan_term_dates(rows: Sequence[TermRow], findings: Findings, *, is_whole: bool) -> Changes:
    """A file speaks for the whole of each school year that it names: what it leaves out of that year is taken away,
    unless some of its rows have problems (then it is not `is_whole`). Staff training and election days, which are no
    schools' dates, it takes away only where it has some itself."""
    changes = Changes(TermDate)
    columns = ("area", "academic_year", "part", "kind", "start_date")
    there = {tuple(row[name] for name in columns): row for row in await db.rows("SELECT * FROM term_date")}
    wanted = {}
    for row in rows:
        if row.end < row.start:
            findings.block(row, "end", f"It ends ({row.end}) before it starts ({row.start}).")
        else:
            wanted[row.area, row.academic_year, row.part, row.kind, row.start] = row
    years = {key[:2] for key in wanted} if is_whole and len(wanted) == len(rows) else set()
    for key, row in wanted.items():
        as_stored = dict(zip(columns, key, strict=True)) | {"end_date": row.end, "status": row.status}
        changes.compare(there.get(key), as_stored)
    spoken_for = {(*year, kind) for year in years for kind in term_calendar.OF_SCHOOLS} | {
        (*k[:2], k[3]) for k in wanted
    }
    changes.gone = [
        row["id"]
        for key, row in there.items()
        if key[:2] in years and (*key[:2], key[3]) in spoken_for and key not in wanted
    ]
    return changes


async def calendars(terms: Changes | None = None, holidays: Changes | None = None) -> dict[str, TermCalendar]:
    """The term calendar of each area as the database has it, or will have it after these changes."""
    term_rows = _after(await db.rows("SELECT * FROM term_date"), terms)
    holiday_rows = _after(await db.rows("SELECT * FROM bank_holiday WHERE NOT is_removed"), holidays)
    return term_calendars.by_area(term_rows, holiday_rows)


def _after(rows: list[Row], changes: Changes | None) -> list[Row]:
    if changes is None:
        return rows
    column = changes.id_column
    replaced = {row[column] for row in changes.changed} | set(changes.gone)
    return [row for row in rows if row[column] not in replaced] + changes.changed + changes.new


async def plan_places(
    rows: Sequence[RoomRow], findings: Findings, postcodes: Changes, *, overwrite: bool = False
) -> Places:
    """What becomes of locations, rooms and opening hours. Warns of ended agreements and unknown postcodes, and finds what
    staff changed since the last import: it stays as it is unless they are to be overwritten."""
    places = Places(
        {row["code"]: _as_planned(row) for row in await db.rows("SELECT * FROM location")},
        {row["code"]: _as_planned(row) for row in await db.rows("SELECT * FROM room")},
    )
    hours_there = await _hours_there()
    places.hours = {id: set(hours) for id, hours in hours_there.items()}
    _check_buildings(rows, findings)
    rows = [row for row in rows if findings.is_good(row)]
    points = await _points(rows, postcodes)
    buildings = {row.building_code: row for row in reversed(rows)}
    places.hub_codes = {code: row.hub_code for code, row in buildings.items()}
    is_checked = postcodes.new or await db.row("SELECT postcode FROM postcode LIMIT 1")
    if rows and not is_checked:
        findings.warn(rows[0], "postcode", "No postcodes are imported yet, so these cannot be checked.")
    else:
        _warn_of_postcodes(buildings.values(), findings, points)
    for row in sorted(buildings.values(), key=lambda row: (row.hub_role != "hub", row.file, row.row)):
        _warn_of_building(row, findings)
        _plan_location(row, places, points, findings, overwrite=overwrite)
    for row in rows:
        _plan_room(row, places, findings, overwrite=overwrite)
    _plan_hours(buildings.values(), places, hours_there)
    return places


def _as_planned(row: Row) -> Row:
    """With `imported` as we would write it, whatever a database made of it, so that the same is seen to be the same."""
    imported = staff_changes.noted(row["imported"])
    flags = {name: bool(row[name]) for name in FLAGS if name in row}
    return row | flags | {"imported": staff_changes.as_text(imported) if imported else None}


def _check_buildings(rows: Sequence[RoomRow], findings: Findings) -> None:
    """Rows of one building must agree about it, and rows of one hub about its name."""
    first_of_building: dict[str, RoomRow] = {}
    first_of_hub: dict[str, RoomRow] = {}
    for row in rows:
        building = first_of_building.setdefault(row.building_code, row)
        hub = first_of_hub.setdefault(row.hub_code, row)
        same = [(building, row.building_code, name) for name in BUILDING_COLUMNS]
        for other, code, column in [*same, (hub, row.hub_code, "hub_name")]:
            if getattr(row, column) != getattr(other, column):
                findings.block(row, column, f"{code} has something else here in row {other.row}. Make them the same.")
        if row.is_restricted and (row.address or row.postcode or row.lat is not None):
            findings.block(row, "address", "A restricted venue must have no address, postcode or coordinates here.")


async def _points(rows: Iterable[RoomRow], postcodes: Changes) -> dict[str, tuple[float, float]]:
    wanted = {row.postcode.replace(" ", "") for row in rows if row.postcode}
    there = await rows_of("postcode", "*", "postcode", sorted(wanted))
    new = [row for row in postcodes.new if row["postcode"] in wanted]
    return {row["postcode"]: (row["lat"], row["lon"]) for row in [*there, *new]}


def _warn_of_building(row: RoomRow, findings: Findings) -> None:
    if row.open_valid_to and row.open_valid_to < clock.today():
        ended = words.day_and_year(row.open_valid_to)
        findings.warn(row, "open_valid_to", f"The agreement for {row.building_name} ended on {ended}. It is imported.")


def _warn_of_postcodes(rows: Iterable[RoomRow], findings: Findings, points: dict[str, tuple[float, float]]) -> None:
    for row in rows:
        if row.postcode and row.postcode.replace(" ", "") not in points:
            findings.warn(row, "postcode", f'"{row.postcode}" is in no postcode file. {row.building_name} is imported.')
            if row.lat is None:
                findings.warn(row, "lat", f"{row.building_name} has no point on the map, so distances cannot be shown.")


def _plan_location(
    row: RoomRow,
    places: Places,
    points: dict[str, tuple[float, float]],
    findings: Findings,
    *,
    overwrite: bool,
) -> None:
    point = points.get(row.postcode.replace(" ", ""))
    lat, lon = (row.lat, row.lon) if row.lat is not None and row.lon is not None else point or (None, None)
    before = places.locations.get(row.building_code)
    id = before["id"] if before else db.new_id()
    wanted: dict[str, Any] = {
        "code": row.building_code,
        "hub_id": id if row.hub_role == "hub" else _hub_id(row, places, before) or id,
        "hub_name": row.hub_name,
        "kind": row.hub_role,
        "name": row.building_name,
        "area": row.county,
        "district": "" if row.district.startswith("(") else row.district,
        "operator": row.operator,
        "address": row.address,
        "postcode": row.postcode,
        "lat": lat,
        "lon": lon,
        "uprn": row.uprn,
        "shared_with": row.co_located_with,
        "is_restricted": row.is_restricted,
        "valid_from_date": row.open_valid_from,
        "valid_to_date": row.open_valid_to,
        "source": row.source,
    }
    if row.hub_role == "hub":
        places.hubs[row.hub_code] = id
    is_newly_hidden = bool(before) and row.is_restricted and not before["is_restricted"]
    merged = staff_changes.merge(
        before, wanted, hours=row.hours, hours_before=places.hours.get(id, ()), overwrite=overwrite or is_newly_hidden
    )
    findings.differ(row, merged.differing, is_secret=row.is_restricted)
    if merged.keeps_hours:
        places.staff_hours.add(id)
    wanted = merged.columns
    taken = {location["slug"] for location in places.locations.values()}
    slug = hidden_slug(id) if row.is_restricted else free_slug(slug_of(row.building_name), taken)
    if is_newly_hidden:
        wanted |= {"slug": slug}
    first = {"id": id, "slug": slug}
    places.locations[row.building_code] = places.location_changes.compare(before, wanted, first=first)


def _hub_id(row: RoomRow, places: Places, before: Row | None) -> UUID | None:
    """The hub with its code in this import, or of the same name and area in the database; else the hub that the place has
    if the file says no other than it did, for staff may have renamed the hub."""
    if row.hub_code in places.hubs:
        return places.hubs[row.hub_code]
    for location in places.locations.values():
        if location["kind"] == "hub" and (location["hub_name"], location["area"]) == (row.hub_name, row.county):
            return location["id"]
    is_as_before = before is not None and staff_changes.noted(before["imported"]).get("hub_name") == row.hub_name
    return before["hub_id"] if before and is_as_before else None


def _plan_room(row: RoomRow, places: Places, findings: Findings, *, overwrite: bool) -> None:
    wanted = {
        "code": row.room_code,
        "location_id": places.locations[row.building_code]["id"],
        "name": row.room_name,
        "kind": row.room_kind,
        "capacity": row.capacity,
        "features": "; ".join(row.features),
        "setup_minutes": row.setup_min,
        "clear_minutes": row.clear_min,
        "is_partner_bookable": row.partner_bookable,
    }
    before = places.rooms.get(row.room_code)
    merged = staff_changes.merge(before, wanted, in_file=staff_changes.ROOM_IN_FILE, overwrite=overwrite)
    findings.differ(row, merged.differing, is_secret=row.is_restricted)
    places.rooms[row.room_code] = places.room_changes.compare(before, merged.columns)


async def _hours_there() -> dict[UUID, dict[tuple[int, str, str], UUID]]:
    there: dict[UUID, dict[tuple[int, str, str], UUID]] = {}
    for row in await db.rows("SELECT * FROM opening_hours"):
        key = (row["weekday"], row["opens"], row["closes"])
        there.setdefault(row["location_id"], {})[key] = row["id"]
    return there


def _plan_hours(
    buildings: Iterable[RoomRow], places: Places, there: dict[UUID, dict[tuple[int, str, str], UUID]]
) -> None:
    for row in buildings:
        location_id = places.locations[row.building_code]["id"]
        before = there.get(location_id, {})
        if location_id in places.staff_hours:
            places.hours_changes.unchanged += len(before)
            continue
        for weekday, opens, closes in sorted(row.hours - before.keys()):
            new = {"location_id": location_id, "weekday": weekday, "opens": opens, "closes": closes}
            places.hours_changes.compare(None, new)
        places.hours_changes.unchanged += len(row.hours & before.keys())
        places.hours_changes.gone += [before[key] for key in before.keys() - row.hours]
        places.hours[location_id] = row.hours
