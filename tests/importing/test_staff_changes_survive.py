"""What staff changed of places and rooms survives the next import, unless it is told otherwise; the trial run says so."""

from datetime import date

import pytest

from booking import db
from booking.audit import AuditEvent
from booking.import_report import Difference
from booking.places import keeping_hours, keeping_places, keeping_rooms
from booking.places.models import Location, OpeningHours, Room
from booking.places.staff_changes import Differs, as_text, merge, note, noted
from tests import make
from tests.importing.tables import ROOM, SMALL_ROOM, bring_in
from tests.places.keeping_calls import typed_place, typed_room
from tests.staff.conftest import who_is


@pytest.fixture
async def by(database):
    return who_is(await make.staff("county_admin"), kind="county_admin")


async def change_place(by, code="D01-M", **typed):
    place = await Location.get(code=code)
    await keeping_places.change_location(location_id=place.id, typed=await typed_place(place.id, **typed), by=by)


async def change_room(by, code="D01-HALL", **typed):
    room = await Room.get(code=code)
    shown = await typed_room(room.id, **typed)
    await keeping_rooms.change_room(room_id=room.id, typed=shown, features=shown["ticked"], by=by)


async def hours_of(code="D01-M"):
    rows = await OpeningHours.filter(location_id=(await Location.get(code=code)).id)
    return sorted((row.weekday, row.opens, row.closes) for row in rows)


def hubs(**changed):
    return [ROOM | changed, ROOM | SMALL_ROOM | changed]


def changes_in(report):
    """New, changed and removed places, rooms and hours."""
    return [(c.new, c.changed, c.removed) for c in report.counts if c.what in ("places", "rooms", "opening hours")]


async def test_the_same_import_again_changes_nothing(by):
    await bring_in()
    report = await bring_in()
    assert changes_in(report) == [(0, 0, 0)] * 3 and not report.differences


async def test_what_staff_changed_is_kept_and_what_they_left_alone_follows_the_file(by):
    await bring_in()
    await change_place(by, operator="Town council", directions="Round the back")
    await change_room(by, capacity="25", **{"layout-theatre": "20"})
    await bring_in(hubs=hubs(operator="Dorset Council", co_located_with="Library"))
    place, room = await Location.get(code="D01-M"), await Room.get(code="D01-HALL")
    assert (place.operator, place.shared_with, place.directions) == ("Town council", "Library", "Round the back")
    assert (room.capacity, room.layouts) == (25, {"theatre": 20})
    again = await bring_in(hubs=hubs(operator="Dorset Council", co_located_with="Library"))
    assert changes_in(again) == [(0, 0, 0)] * 3
    assert {each.column for each in again.differences} == {"operator", "capacity"}


async def test_the_trial_run_lists_row_and_column_with_what_staff_have_and_what_the_file_says(by):
    await bring_in()
    await change_room(by, capacity="25", is_partner_bookable="")
    await change_place(by, valid_to_date="2027-12-31")
    report = await bring_in(dry_run=True)
    assert report.differences == [
        Difference("hubs.csv", 2, "open_valid_to", "2027-12-31", ""),
        Difference("hubs.csv", 2, "capacity", "25", "30"),
        Difference("hubs.csv", 2, "partner_bookable", "no", "yes"),
    ]
    assert "hubs.csv, row 2, column capacity: staff have “25”, the file “30”." in "\n".join(report.lines())
    assert "Changed by staff, and kept as they have it:" in report.lines()
    assert (await Room.get(code="D01-HALL")).capacity == 25


async def test_an_import_told_to_overwrite_takes_the_files_word_and_says_so_in_the_trail(by):
    await bring_in()
    await change_room(by, capacity="25")
    place = await Location.get(code="D01-M")
    await keeping_hours.set_hours(location_id=place.id, typed={"hours-0": "10:00-12:00"}, by=by, is_sure=True)
    report = await bring_in(overwrite_staff_changes=True)
    assert (await Room.get(code="D01-HALL")).capacity == 30
    assert (0, "10:00", "12:00") not in await hours_of()
    assert "Changed by staff, and overwritten:" in report.lines()
    assert (await AuditEvent.filter(verb="imported").order_by("-id").first()).after["staff_changes_overwritten"] > 1
    assert not (await bring_in()).differences


async def test_opening_hours_are_kept_as_a_set_and_differ_day_by_day(by):
    await bring_in()
    before = await hours_of()
    place = await Location.get(code="D01-M")
    typed = {"hours-1": "09:00-17:00", "hours-5": "10:00-13:00"}
    await keeping_hours.set_hours(location_id=place.id, typed=typed, by=by)
    report = await bring_in(hubs=hubs(open_wed="09:00-12:00"))
    assert await hours_of() == [(1, "09:00", "17:00"), (5, "10:00", "13:00")]
    assert [(each.column, each.staff, each.in_file) for each in report.differences] == [
        ("open_wed", "", "09:00-12:00"),
        ("open_thu", "", "09:00-12:00;13:00-17:00"),
        ("open_sat", "10:00-13:00", ""),
    ]
    await bring_in(overwrite_staff_changes=True)
    assert await hours_of() == before


async def test_hours_that_staff_left_alone_follow_the_file(by):
    await bring_in()
    await change_place(by, operator="Town council")
    await bring_in(hubs=hubs(open_thu=""))
    assert await hours_of() == [(1, "09:00", "17:00")]


async def test_a_file_that_says_what_staff_said_first_is_no_difference_and_counts_from_then_on(by):
    await bring_in()
    await change_room(by, capacity="25")
    assert not (await bring_in(hubs=[ROOM | {"capacity": "25"}, ROOM | SMALL_ROOM])).differences
    assert not (await bring_in(hubs=[ROOM | {"capacity": "28"}, ROOM | SMALL_ROOM])).differences
    assert (await Room.get(code="D01-HALL")).capacity == 28


async def test_rows_of_before_anybody_kept_count_are_as_imported(by):
    await bring_in()
    for table in ("location", "room"):
        await db.execute(f"UPDATE {table} SET imported = NULL")
    assert changes_in(await bring_in()) == [(0, 0, 0)] * 3
    await change_room(by, capacity="25")
    await change_place(by, name="Ferndown Centre")
    report = await bring_in(hubs=hubs(operator="Dorset Council"))
    assert (await Room.get(code="D01-HALL")).capacity == 25
    place = await Location.get(code="D01-M")
    assert (place.name, place.operator) == ("Ferndown Centre", "Dorset Council")
    assert {"building_name", "capacity"} <= {each.column for each in report.differences}


async def test_a_postcode_that_staff_changed_takes_its_point_with_it(by):
    await bring_in()
    await make.Postcode.create(postcode="DT11AA", lat=50.7, lon=-2.4)
    await change_place(by, postcode="DT1 1AA")
    report = await bring_in()
    place = await Location.get(code="D01-M")
    assert (place.postcode, place.lat, place.lon) == ("DT1 1AA", 50.7, -2.4)
    assert [each.column for each in report.differences] == ["postcode"]


LIBRARY = {
    "building_code": "D01-L",
    "building_name": "Ferndown Library",
    "hub_role": "co_located",
    "room_code": "D01-L1",
}


async def test_a_hub_that_staff_renamed_keeps_its_places(by):
    await bring_in(hubs=[ROOM, ROOM | SMALL_ROOM, ROOM | LIBRARY])
    await change_place(by, name="Ferndown and West Moors Hub")
    hub = await Location.get(code="D01-M")
    for files in ({"hubs": [ROOM, ROOM | SMALL_ROOM, ROOM | LIBRARY]}, {"hubs": [ROOM | LIBRARY], "whats_on": None}):
        await bring_in(**files)
        library = await Location.get(code="D01-L")
        assert (library.hub_id, library.hub_name) == (hub.id, "Ferndown and West Moors Hub")


async def test_a_place_that_staff_moved_to_another_hub_stays_there_unless_overwritten(by):
    tables = [ROOM, ROOM | SMALL_ROOM, ROOM | LIBRARY]
    await bring_in(hubs=tables)
    place, other = await Location.get(code="D01-L"), await make.location(hub_name="Wimborne Family Hub")
    typed = await typed_place(place.id)
    await keeping_places.change_location(location_id=place.id, typed=typed, by=by, hub_id=other.id)
    report = await bring_in(hubs=tables)
    assert (await Location.get(code="D01-L")).hub_id == other.id
    assert [(each.column, each.staff) for each in report.differences] == [("hub_name", "Wimborne Family Hub")]
    await bring_in(hubs=tables, overwrite_staff_changes=True)
    assert (await Location.get(code="D01-L")).hub_id == (await Location.get(code="D01-M")).id


async def test_a_place_that_the_file_hides_is_taken_from_the_file_as_a_whole(by):
    await bring_in()
    await change_place(by, address="12 Secret Lane", name="Safe house")
    empty = {"address": "", "postcode": "", "lat": "", "lon": "", "public_address": "no"}
    report = await bring_in(hubs=hubs(**empty))
    place = await Location.get(code="D01-M")
    assert place.is_restricted and place.slug.startswith("private-")
    assert (place.address, place.postcode, place.lat) == ("", "", None)
    assert "Secret Lane" not in "\n".join(report.lines())


async def test_what_no_table_knows_is_never_touched(by):
    await bring_in()
    await change_room(by, rate="12.50", notes="Lock up", approval="always", valid_to_date="2027-12-31")
    await bring_in(hubs=hubs(capacity="35"), overwrite_staff_changes=True)
    room = await Room.get(code="D01-HALL")
    assert (room.capacity, room.rate_pence, room.notes, room.approval) == (35, 1250, "Lock up", "always")
    assert room.valid_to_date == date(2027, 12, 31)


# Pure: before, wanted, imported


@pytest.mark.parametrize(
    ("imported", "now", "file", "written", "differs"),
    [
        (None, "a", "a", "a", False),
        (None, "a", "b", "b", False),
        ("a", "a", "a", "a", False),
        ("a", "a", "b", "b", False),
        ("a", "x", "a", "x", True),
        ("a", "x", "b", "x", True),
        ("a", "x", "x", "x", False),
        ("a", "", "a", "", True),
    ],
)
@pytest.mark.parametrize("overwrite", [False, True])
def test_three_ways(imported, now, file, written, differs, overwrite):
    before = {"operator": now, "imported": as_text({"operator": imported}) if imported is not None else None}
    merged = merge(before, {"operator": file}, overwrite=overwrite)
    assert merged.columns["operator"] == (file if overwrite else written)
    assert merged.differing == ((Differs("operator", now, file),) if differs else ())
    if "imported" in merged.columns:
        assert noted(merged.columns["imported"])["operator"] == file


def test_what_was_imported_is_noted_once():
    first = note(None, {"capacity": 30, "valid_to_date": date(2027, 1, 1)})
    assert noted(first) == {"capacity": 30, "valid_to_date": "2027-01-01"}
    assert noted(note(first, {"capacity": 25}))["capacity"] == 30
