"""Rooms are divided and joined: bookings to come are held anew, and what could not both stay is named and refused."""

import asyncio
from datetime import date, timedelta

import pytest
import time_machine

from booking import audit, clock, db
from booking.places import cancelling_rooms, closing, dividing, holding
from booking.places.changing_parts import Blocked
from booking.places.dividing import NewRoom
from booking.places.models import Room, RoomBooking, RoomPart
from booking.places.rooms import facts_of_one
from booking.problems import Refused
from tests import make
from tests.staff.conftest import who_is

MAY = date(2027, 5, 6)
HALVES = (NewRoom("East half", 20), NewRoom("West half", 18))


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel("2027-04-01 09:00:00Z", tick=False):
        yield


@pytest.fixture
async def place(database):
    return await make.location()


@pytest.fixture
async def by(place):
    return who_is(await make.staff("hub_manager", place.hub_id), kind="hub_manager", hubs={place.hub_id})


async def booked(room, start="10:00", end="11:00", *, day=MAY, kind="partner", **values) -> RoomBooking:
    facts = await facts_of_one(room.id)
    starts_at, ends_at = clock.at(day, start), clock.at(day, end)
    await holding.lock_rooms(facts.leaves)
    booking = await RoomBooking.create(room_id=room.id, kind=kind, starts_at=starts_at, ends_at=ends_at, **values)
    await holding.hold([holding.hold_for(booking.id, facts, starts_at, ends_at)])
    return booking


async def parts(whole, *rooms):
    for room in rooms:
        await RoomPart.create(whole=whole, part=room)


async def leaves(room) -> set:
    return set((await facts_of_one(room.id)).leaves)


async def held_by(booking) -> set:
    return {leaf for each in await holding.holds_of([booking.id]) for leaf in each.leaves}


async def snapshot() -> list:
    return [
        sorted(tuple(row.values()) for row in await db.rows("SELECT whole_id, part_id FROM room_part")),
        sorted(tuple(row.values()) for row in await db.rows(
            "SELECT room_booking_id, room_id, starts_at, ends_at FROM room_hold")),
        await Room.all().count(),
        await audit.AuditEvent.all().count(),
    ]  # fmt: skip


# parts that are there


async def test_bookings_of_a_room_that_gets_parts_hold_those(place, by):
    hall, east, west = [await make.room(place, name=name) for name in ("Hall", "East", "West")]
    booking, past = await booked(hall), await booked(hall, day=date(2027, 3, 1))
    done = await dividing.set_parts(room_id=hall.id, part_ids=[east.id, west.id], by=by)
    assert (done.before, done.after, done.moved) == ((), ("East", "West"), 1)
    assert await leaves(hall) == await held_by(booking) == {east.id, west.id}
    assert await held_by(past) == {hall.id}
    with pytest.raises(Refused):
        await db.run_tx(lambda: booked(east, "10:30", "11:30"))


async def test_a_part_may_be_in_several_combinations(place, by):
    ab, bc, a, b, c = [await make.room(place, name=name) for name in ("AB", "BC", "A", "B", "C")]
    await dividing.set_parts(room_id=ab.id, part_ids=[a.id, b.id], by=by)
    await dividing.set_parts(room_id=bc.id, part_ids=[b.id, c.id], by=by)
    await booked(ab)
    with pytest.raises(Refused):
        await db.run_tx(lambda: booked(bc))
    await booked(c)


async def test_bookings_that_would_overlap_are_named_and_nothing_changes(place, by):
    hall, east, west = [await make.room(place, name=name) for name in ("Hall", "East", "West")]
    one, other = await booked(hall, title="Choir"), await booked(east, "10:30", "11:30", title="Clinic")
    await booked(west, "12:00", "13:00")
    before = await snapshot()
    seen = await dividing.preview(dividing.set_parts, room_id=hall.id, part_ids=[east.id, west.id], by=by)
    assert [(each.use.id, each.other.id) for each in seen.conflicts] == [(one.id, other.id)]
    use = seen.conflicts[0].use
    assert (use.what, use.room, use.when) == ("Choir", "Hall", "Thu 6 May, 10am to 11am")
    assert use.href == f"/staff/rooms/bookings/{one.id}"
    with pytest.raises(Blocked, match="would be in the way"):
        await dividing.set_parts(room_id=hall.id, part_ids=[east.id, west.id], by=by)
    assert await snapshot() == before


async def test_the_preview_changes_nothing_and_says_what_the_act_does(place, by):
    hall, east, west = [await make.room(place) for _ in range(3)]
    await booked(hall)
    before = await snapshot()
    values = {"room_id": hall.id, "part_ids": [east.id, west.id], "by": by}
    seen = await dividing.preview(dividing.set_parts, **values)
    assert await snapshot() == before
    assert seen == await dividing.set_parts(**values)


async def test_parts_are_changed_and_set_back(place, by):
    hall, a, b, c = [await make.room(place) for _ in range(4)]
    await parts(hall, a, b)
    booking = await booked(hall)
    await dividing.set_parts(room_id=hall.id, part_ids=[a.id, b.id, c.id], by=by)
    assert await held_by(booking) == {a.id, b.id, c.id}
    event = await audit.AuditEvent.get(verb="set room parts")
    assert set(event.before["part_ids"]) == {str(a.id), str(b.id)}
    await dividing.set_parts(room_id=hall.id, part_ids=event.before["part_ids"] and [a.id, b.id], by=by)
    assert await held_by(booking) == {a.id, b.id}


@pytest.mark.parametrize(
    ("chosen", "rule"),
    [(["a"], "too few"), ([], "too few"), (["a", "hall"], "itself"), (["a", "elsewhere"], "elsewhere"),
     (["a", "divided"], "has parts"), (["x", "y"], "same")],
)  # fmt: skip
async def test_parts_that_make_no_sense_are_refused(place, by, chosen, rule):
    rooms = {name: await make.room(place) for name in ("a", "hall", "divided", "x", "y")}
    rooms["elsewhere"] = await make.room()
    await parts(rooms["divided"], rooms["x"], rooms["y"])
    room = rooms["divided" if rule == "same" else "hall"]
    with pytest.raises(Refused) as refused:
        await dividing.set_parts(room_id=room.id, part_ids=[rooms[name].id for name in chosen], by=by)
    assert rule in refused.value.rules


async def test_staff_of_another_hub_find_no_room(place):
    room, stranger = await make.room(place), await make.location()
    who = who_is(await make.staff("hub_manager", stranger.id), kind="hub_manager", hubs={stranger.id})
    for act in (dividing.undivide, dividing.unjoin):
        with pytest.raises(Refused, match="no such room"):
            await act(room_id=room.id, by=who)


# new rooms


async def test_a_hall_is_divided_into_two_new_halves_like_itself(place, by):
    hall = await make.room(place, features="step-free; projector", setup_minutes=15, is_partner_bookable=True)
    booking = await booked(hall)
    done = await dividing.divide(room_id=hall.id, parts=HALVES, by=by)
    east, west = [await Room.get(id=id) for id in done.made]
    assert (east.name, east.capacity, west.name, west.capacity) == ("East half", 20, "West half", 18)
    assert (east.setup_minutes, east.is_partner_bookable, east.location_id) == (15, True, place.id)
    assert set(east.features.split("; ")) == {"step-free", "projector"}
    assert await held_by(booking) == {east.id, west.id}
    hold = await db.row("SELECT starts_at, ends_at FROM room_hold LIMIT 1")
    assert hold == {"starts_at": clock.at(MAY, "09:45"), "ends_at": clock.at(MAY, "11:00")}


async def test_a_part_that_is_divided_is_replaced_in_all_its_wholes(place, by):
    big, small, hall, stage, foyer = [
        await make.room(place, name=n) for n in ("Big", "Small", "Hall", "Stage", "Foyer")
    ]
    await parts(big, hall, stage)
    await parts(small, hall, foyer)
    of_big, of_hall = await booked(big), await booked(hall, "14:00", "15:00")
    done = await dividing.divide(room_id=hall.id, parts=HALVES, by=by)
    assert done.moved == 2
    assert await held_by(of_hall) == set(done.made)
    assert await held_by(of_big) == {*done.made, stage.id}
    assert await leaves(small) == {*done.made, foyer.id}


@pytest.mark.parametrize(
    ("new", "field"),
    [
        ((NewRoom("East", 10), NewRoom("", 10)), "name-1"),
        ((NewRoom("East", 10), NewRoom("east", 10)), "name-1"),
        ((NewRoom("Hall", 10), NewRoom("West", 10)), "name"),
        ((NewRoom("East", 0), NewRoom("West", 10)), "capacity"),
        ((NewRoom("East", 10),), "parts"),
    ],
)
async def test_new_parts_need_names_and_capacities(place, by, new, field):
    hall = await make.room(place, name="Hall")
    with pytest.raises(Refused) as refused:
        await dividing.divide(room_id=hall.id, parts=new, by=by)
    assert field in {problem.field for problem in refused.value.problems}
    assert await Room.all().count() == 1


async def test_rooms_are_joined_and_stay_bookable_one_by_one(place, by):
    a = await make.room(place, setup_minutes=10, clear_minutes=5, features="step-free; hob", is_partner_bookable=True)
    b = await make.room(place, setup_minutes=0, clear_minutes=20, features="step-free")
    booking = await booked(a)
    done = await dividing.join(room_ids=[a.id, b.id], new=NewRoom("Both", 60), by=by)
    both = await Room.get(id=done.made[0])
    assert (both.name, both.capacity, both.features) == ("Both", 60, "step-free")
    assert (both.setup_minutes, both.clear_minutes, both.is_partner_bookable) == (10, 20, False)
    assert await leaves(both) == {a.id, b.id} and await held_by(booking) == {a.id}
    with pytest.raises(Refused):
        await db.run_tx(lambda: booked(both))
    with pytest.raises(Refused, match="joined already: Both"):
        await dividing.join(room_ids=[a.id, b.id], new=NewRoom("Again", 60), by=by)


async def test_joining_a_divisible_room_takes_its_parts(place, by):
    hall, a, b, c = [await make.room(place) for _ in range(4)]
    await parts(hall, a, b)
    done = await dividing.join(room_ids=[hall.id, c.id], new=NewRoom("Everything", 90), by=by)
    assert set((await facts_of_one(done.room_id)).leaves) == {a.id, b.id, c.id}


# and back again


async def test_divided_and_undivided_it_is_as_it_was(place, by):
    hall = await make.room(place)
    booking = await booked(hall)
    made = (await dividing.divide(room_id=hall.id, parts=HALVES, by=by)).made
    done = await dividing.undivide(room_id=hall.id, by=by)
    assert done.ended == ("East half", "West half") and await held_by(booking) == {hall.id}
    yesterday = clock.today() - timedelta(days=1)
    assert [(await Room.get(id=id)).valid_to_date for id in made] == [yesterday, yesterday]
    assert (await dividing.divide(room_id=hall.id, parts=HALVES, by=by)).moved == 1  # their names are free again


async def test_a_hall_whose_half_is_booked_stays_divided(place, by):
    hall = await make.room(place)
    made = (await dividing.divide(room_id=hall.id, parts=HALVES, by=by)).made
    booking = await booked(await Room.get(id=made[0]), title="Clinic")
    before = await snapshot()
    seen = await dividing.preview(dividing.undivide, room_id=hall.id, by=by)
    assert [(each.use.id, each.use.what, each.other) for each in seen.conflicts] == [(booking.id, "Clinic", None)]
    with pytest.raises(Blocked):
        await dividing.undivide(room_id=hall.id, by=by)
    assert await snapshot() == before


async def test_undivided_it_takes_its_place_in_a_larger_room(place, by):
    hall, stage, a, b = [await make.room(place) for _ in range(4)]
    big = await make.room(place)
    await parts(hall, a, b)
    await parts(big, a, b, stage)
    booking = await booked(big)
    await dividing.undivide(room_id=hall.id, by=by)
    assert await leaves(big) == await held_by(booking) == {hall.id, stage.id}


async def test_a_half_that_is_also_in_another_room_keeps_the_hall_divided(place, by):
    hall, other, a, b, c = [await make.room(place, name=name) for name in ("Hall", "Other", "A", "B", "C")]
    await parts(hall, a, b)
    await parts(other, b, c)
    with pytest.raises(Refused, match="B is also a part of another room"):
        await dividing.undivide(room_id=hall.id, by=by)


async def test_joined_rooms_are_unjoined_when_nobody_has_booked_them_together(place, by):
    a, b = await make.room(place), await make.room(place)
    alone = await booked(a, "14:00", "15:00")
    both = (await dividing.join(room_ids=[a.id, b.id], new=NewRoom("Both", 60), by=by)).made[0]
    together = await booked(await Room.get(id=both))
    with pytest.raises(Blocked):
        await dividing.unjoin(room_id=both, by=by)
    await db.run_tx(lambda: holding.let_go([together.id]))
    assert (await dividing.unjoin(room_id=both, by=by)).ended == ("Both",)
    assert await held_by(alone) == {a.id} and await RoomPart.all().count() == 0
    with pytest.raises(Refused, match="no parts"):
        await dividing.unjoin(room_id=both, by=by)


# closures


async def closed(place, room=None):
    span = (clock.at(MAY, "00:00"), clock.at(MAY, "23:00"))
    found = await closing.leaves_of(place.id, room.id if room else None)
    ids = await closing.shut(
        location_id=place.id, room_id=room.id if room else None, spans=[span], reason="Repairs", leaves=found
    )
    return ids[0]


async def closed_rooms(closure_id) -> dict:
    found = await db.rows(
        "SELECT h.room_id, h.starts_at, h.ends_at FROM room_hold h JOIN room_booking b ON b.id = h.room_booking_id"
        " WHERE b.closure_id = $1",
        closure_id,
    )
    hours: dict = {}
    for row in found:
        hours[row["room_id"]] = hours.get(row["room_id"], 0) + (row["ends_at"] - row["starts_at"]) / timedelta(hours=1)
    return hours


async def test_a_closure_holds_the_new_parts(place, by):
    hall = await make.room(place)
    await booked(hall)
    closure, of_hall = await closed(place), await closed(place, hall)
    assert await closed_rooms(closure) == {hall.id: 22}
    made = (await dividing.divide(room_id=hall.id, parts=HALVES, by=by)).made
    assert await closed_rooms(closure) == dict.fromkeys(made, 22)
    await closing.reopen(closure_id=closure, by=by)
    assert await closed_rooms(of_hall) == dict.fromkeys(made, 22)


async def test_a_closed_part_gives_way_to_what_was_kept_in_the_whole(place, by):
    hall, a, b = [await make.room(place) for _ in range(3)]
    kept = await booked(hall)
    closure = await closed(place)
    await dividing.set_parts(room_id=hall.id, part_ids=[a.id, b.id], by=by)
    assert await held_by(kept) == {a.id, b.id}
    assert await closed_rooms(closure) == {a.id: 22, b.id: 22}


# two at once


@pytest.mark.slow
async def test_a_hall_that_is_divided_while_people_book_is_never_held_twice(real_database):
    place = await make.location()
    hall = await make.room(place)
    by = who_is(await make.staff("hub_manager", place.hub_id), kind="hub_manager", hubs={place.hub_id})

    async def one(n):
        return await db.run_tx(lambda: booked(hall, f"{8 + n:02}:00", f"{9 + n:02}:00"))

    async def split():
        await asyncio.sleep(0.02)
        return await dividing.divide(room_id=hall.id, parts=HALVES, by=by)

    results = await asyncio.gather(
        *(one(n) for n in range(6)), split(), *(one(n) for n in range(6, 12)), return_exceptions=True
    )
    assert not [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)], results
    made = next(each.made for each in results if isinstance(each, dividing.Divided))
    got = [each for each in results if isinstance(each, RoomBooking)]
    assert got and all([await held_by(booking) == set(made) for booking in got])


async def test_what_was_cancelled_for_it_does_not_come_back_into_a_room_that_is_no_more(place, by):
    hall = await make.room(place, name="Hall")
    await dividing.divide(room_id=hall.id, parts=HALVES, by=by)
    half = await Room.get(name="East half")
    booking = await booked(half)
    ended = await cancelling_rooms.cancel(room_booking_id=booking.id, scope="this", by=by)
    await dividing.undivide(room_id=hall.id, by=by)
    with pytest.raises(Refused) as refused:
        await cancelling_rooms.undo_cancel(event_id=ended.event_id, by=by)
    assert refused.value.rules == {"not in use"}
    assert await held_by(booking) == set()
