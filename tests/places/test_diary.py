"""What the diary reads, and how many statements that takes."""

import logging
from datetime import timedelta

import pytest
import time_machine

from booking import clock
from booking.places.diary import places_of, rooms_at, uses_between
from booking.places.models import RoomPart
from tests import make
from tests.places.in_rooms import DAY, closed, divided, session_in, use
from tests.places.who import staff_who

MOST = 8


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel("2027-01-12T08:00:00Z", tick=False):
        yield


async def test_staff_look_at_the_places_of_their_hubs_that_have_rooms_the_hub_first(database):
    hub, other = await make.location(name="West hub"), await make.location(name="East hub")
    annexe = await make.location(name="Annexe", kind="co_located", hub_id=hub.id)
    for place in (annexe, hub, other):
        await make.room(place)
    await make.location(name="Without rooms", hub_id=hub.id)
    staff = staff_who(await make.staff(), {hub.id})
    assert [place.name for place in await places_of(staff)] == ["West hub", "Annexe"]
    admin = staff_who(await make.staff(), set(), "county_admin")
    assert [place.name for place in await places_of(admin)] == ["East hub", "West hub", "Annexe"]


async def test_restricted_places_are_there_for_their_own_staff_alone(database):
    hub = await make.location(is_restricted=True)
    own = await make.location(kind="restricted", hub_id=(open_hub := await make.location()).id)
    for place in (hub, own, open_hub):
        await make.room(place)
    admin = staff_who(await make.staff(), set(), "county_admin")
    assert [place.id for place in await places_of(admin)] == [open_hub.id]
    assert [place.id for place in await places_of(staff_who(await make.staff(), {hub.id}))] == [hub.id]
    assert len(await places_of(staff_who(await make.staff(), {open_hub.id}))) == 2


async def test_a_divisible_room_is_followed_by_its_parts(database):
    place = await make.location()
    await make.room(place, name="Zebra room")
    whole, left, right = await divided(place)
    await make.room(place, name="Attic")
    rooms = await rooms_at([place.id])
    assert [room.name for room in rooms] == ["Attic", "Hall", "Hall, left half", "Hall, right half", "Zebra room"]
    assert set(rooms[1].leaves) == {left.id, right.id}
    assert rooms[2].leaves == (left.id,) and rooms[2].wholes == (whole.id,)


async def test_a_part_of_two_wholes_is_there_once(database):
    place = await make.location()
    _, left, right = await divided(place)
    other = await make.room(place, name="Hall and kitchen")
    kitchen = await make.room(place, name="Kitchen")
    for part in (right, kitchen):
        await RoomPart.create(whole=other, part=part)
    rooms = await rooms_at([place.id])
    assert sorted(room.name for room in rooms) == sorted({room.name for room in rooms}) and len(rooms) == 5
    assert set(next(room for room in rooms if room.id == right.id).wholes) == {other.id, rooms[0].id}
    assert left.id in {room.id for room in rooms}


@pytest.mark.parametrize(
    ("values", "is_there"),
    [
        ({}, True),
        ({"state": "requested"}, True),
        ({"state": "requested", "hold_until_at": "later"}, True),
        ({"state": "requested", "hold_until_at": "before"}, False),
        ({"state": "cancelled"}, False),
        ({"state": "declined"}, False),
        ({"state": "missing"}, False),
    ],
)
async def test_what_holds_no_room_is_not_shown(database, values, is_there):
    room = await make.room()
    if "hold_until_at" in values:
        values["hold_until_at"] = clock.now() + timedelta(hours=1 if values["hold_until_at"] == "later" else -1)
    await use(room, **values)
    assert len(await uses_between([room.id], clock.at(DAY, "00:00"), clock.at(DAY, "23:59"))) == is_there


@pytest.mark.parametrize(
    ("start", "end", "is_there"),
    [("06:00", "08:00", False), ("07:00", "08:01", True), ("08:30", "09:00", True), ("09:59", "12:00", True),
     ("10:00", "12:00", False)],
)  # fmt: skip
async def test_what_touches_the_time_asked_for_is_not_in_it(database, start, end, is_there):
    room = await make.room()
    await use(room, start, end)
    assert len(await uses_between([room.id], clock.at(DAY, "08:00"), clock.at(DAY, "10:00"))) == is_there


async def test_what_began_the_evening_before_is_still_there(database):
    room = await make.room()
    await use(room, "08:00", "09:00", day=DAY - timedelta(days=1))
    late = await use(room, "22:00", "02:00", day=DAY - timedelta(days=1))
    found = await uses_between([room.id], clock.at(DAY, "00:00"), clock.at(DAY, "23:59"))
    assert [row["id"] for row in found] == [late.id]


@pytest.fixture(params=[(1, 1), (40, 3)], ids=["few rows", "many rows"])
async def hub(request, database):
    """A hub with so many rooms and so many uses in each on each of three days; one of them divisible, in two places."""
    rooms, uses = request.param
    hub = await make.location()
    annexe = await make.location(kind="co_located", hub_id=hub.id)
    await make.opening_hours(hub)
    await divided(annexe)
    partner = await make.organisation()
    for n in range(rooms):
        room = await make.room(hub, setup_minutes=15)
        await session_in(room)
        for each in range(uses):
            for days in range(-1, 2):
                await use(
                    room,
                    f"{13 + each}:00",
                    f"{13 + each}:45",
                    day=DAY + timedelta(days=days),
                    organisation_id=partner.id,
                )
        if n < uses:
            await closed(room, "Painted", "18:00", "19:00")
    return hub


@pytest.mark.parametrize("query", ["", "&view=week", "&as=table", "&view=week&as=table"])
@pytest.mark.parametrize("of", ["location", "hub"])
async def test_a_page_costs_so_many_queries_whatever_the_tables_hold(client, hub, caplog, query, of):
    await make.sign_in_staff(client, await make.staff(hub_id=hub.id))
    path = f"/staff/diary?{of}={hub.id}&date={DAY}{query}"
    await client.get(path)
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        caplog.clear()
        answer = await client.get(path)
    assert answer.status_code == 200
    assert sum(record.name == "tortoise.db_client" for record in caplog.records) == MOST
