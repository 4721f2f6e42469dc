"""An import holds the parts of a divisible room, sees who holds them, and keeps what was kept in spite of a closure."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.places import closing, holding
from booking.places.holding import Hold
from booking.places.models import Closure, Room, RoomBooking, RoomPart
from booking.programmes.models import Session
from tests.importing.tables import ROOM, SERIES, SMALL_ROOM, bring_in, said

pytestmark = pytest.mark.usefixtures("database")
HALF = ROOM | {"room_code": "D01-HALF", "room_name": "East half", "setup_min": "0", "clear_min": "0"}
OTHER_HALF = HALF | {"room_code": "D01-HALF2", "room_name": "West half"}
ROOMS = [ROOM, ROOM | SMALL_ROOM, HALF, OTHER_HALF]


@pytest.fixture(autouse=True)
def at_new_year():
    with time_machine.travel("2027-01-05 09:00:00Z", tick=False):
        yield


@pytest.fixture
async def halves():
    """The hall of the small county, in two halves."""
    await bring_in(hubs=ROOMS, whats_on=None)
    hall, east, west = [await Room.get(code=f"D01-{code}") for code in ("HALL", "HALF", "HALF2")]
    for part in (east, west):
        await RoomPart.create(whole=hall, part=part)
    return east, west


async def held_rooms() -> dict:
    found = await db.rows("SELECT room_id, COUNT(*) AS n FROM room_hold GROUP BY room_id")
    return {row["room_id"]: row["n"] for row in found}


async def test_a_session_in_the_hall_holds_both_halves_with_the_halls_set_up(halves):
    assert (await bring_in(hubs=None)).is_saved
    assert await held_rooms() == {half.id: 10 for half in halves}
    first = await db.row("SELECT starts_at, ends_at FROM room_hold ORDER BY starts_at LIMIT 1")
    day = clock.today() + timedelta(7)
    assert first == {"starts_at": clock.at(day, "09:45"), "ends_at": clock.at(day, "11:45")}


async def test_the_same_again_changes_nothing(halves):
    await bring_in(hubs=None)
    before = await db.rows("SELECT * FROM room_hold ORDER BY id")
    assert not (await bring_in(hubs=None)).has_changes()
    assert await db.rows("SELECT * FROM room_hold ORDER BY id") == before


async def test_a_series_moves_from_the_hall_to_one_half(halves):
    await bring_in(hubs=None)
    assert (await bring_in(hubs=None, whats_on=[SERIES | {"room_code": "D01-HALF"}])).is_saved
    assert await held_rooms() == {halves[0].id: 10}


async def test_the_hall_and_a_half_of_it_clash(halves):
    half = SERIES | {"series_id": "D01-02", "title": "Rhyme time", "room_code": "D01-HALF2", "start": "11:00"}
    report = await bring_in(hubs=None, whats_on=[SERIES, half])
    assert said(report) == [
        "whats_on.csv, row 3, column room_code: West half is needed for Rhyme time (D01-02) (11am to 11:30am with set-up "
        "and clearing) but taken by Stay and play (D01-01): Tuesday 12 January, 9:45am to 11:45am and on 9 more dates."
    ]


async def test_a_partner_in_one_half_stands_in_the_way_of_the_hall(halves):
    day = clock.today() + timedelta(14)
    starts_at, ends_at = clock.at(day, "11:00"), clock.at(day, "12:00")
    partner = await RoomBooking.create(room=halves[1], kind="partner", starts_at=starts_at, ends_at=ends_at)
    await holding.hold([Hold(partner.id, (halves[1].id,), starts_at, ends_at)])
    report = await bring_in(hubs=None)
    assert "taken by a booking by a partner: Tuesday 19 January" in said(report)[0]


async def test_a_closure_of_one_half_leaves_the_hall_out_that_day(halves):
    day = clock.today() + timedelta(14)
    await Closure.create(
        location_id=halves[0].location_id, room=halves[0], reason="Window repair",
        starts_at=clock.at(day, "00:00"), ends_at=clock.at(day, "23:00"),
    )  # fmt: skip
    await bring_in(hubs=None)
    assert await Session.filter(date=day).count() == 0
    assert await db.value("SELECT reason FROM skip WHERE date = $1", day) == "Window repair"


async def test_a_session_kept_in_spite_of_a_closure_stays_kept(halves):
    await bring_in(hubs=None)
    day = clock.today() + timedelta(14)
    await Closure.create(
        location_id=halves[0].location_id, reason="Election day",
        starts_at=clock.at(day, "00:00"), ends_at=clock.at(day, "23:00"),
    )  # fmt: skip
    assert not (await bring_in(hubs=None)).has_changes()
    assert await Session.filter(date=day).count() == 1


async def test_a_kept_session_that_the_import_takes_away_leaves_its_time_to_the_closure(halves):
    await bring_in(hubs=None)
    day = clock.today() + timedelta(14)
    span = (clock.at(day, "08:00"), clock.at(day, "18:00"))
    place = halves[0].location_id
    leaves = await closing.leaves_of(place, None)
    await closing.shut(location_id=place, room_id=None, spans=[span], reason="Election day", leaves=leaves)
    assert await closed_hours() == {leaf: 10 - (2 if leaf in {half.id for half in halves} else 0) for leaf in leaves}
    await bring_in(hubs=None, whats_on=[SERIES | {"first_date": "2027-01-26"}])
    assert await closed_hours() == dict.fromkeys(leaves, 10)


async def closed_hours() -> dict:
    found = await db.rows(
        "SELECT h.room_id, h.starts_at, h.ends_at FROM room_hold h JOIN room_booking b ON b.id = h.room_booking_id"
        " WHERE b.kind = 'closure'"
    )
    hours: dict = {}
    for row in found:
        hours[row["room_id"]] = hours.get(row["room_id"], 0) + (row["ends_at"] - row["starts_at"]) / timedelta(hours=1)
    return hours
