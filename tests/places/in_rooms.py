"""Uses of rooms for the tests of the diary and the doors, with the holds they have."""

from datetime import date, timedelta
from typing import Any

from booking import clock, db
from booking.places.holding import Hold, take
from booking.places.models import Closure, Room, RoomBooking
from booking.places.rooms import facts_of_one
from tests import make

DAY = date(2027, 1, 12)
"""A Tuesday."""


async def use(room: Room, start: str = "10:00", end: str = "11:00", *, day: date = DAY, **values: Any) -> RoomBooking:
    """A confirmed booking of a partner, held with set-up and clearing; `state` and the rest as given."""
    starts_at, ends_at = clock.at(day, start), clock.at(day, end)
    if ends_at <= starts_at:
        ends_at = clock.at(day + timedelta(days=1), end)
    booking = await RoomBooking.create(
        **{"room": room, "kind": "partner", "starts_at": starts_at, "ends_at": ends_at, "title": "Baby clinic"} | values
    )
    facts = await facts_of_one(room.id)
    assert facts
    if booking.state in ("requested", "confirmed"):
        await take([Hold(booking.id, facts.leaves, *facts.held(starts_at, ends_at))])
    return booking


async def session_in(room: Room, run: Any = None, *, day: date = DAY, **values: Any) -> Any:
    """A session of 10:00 to 11:30 that holds the room."""
    place = await room.location
    run = run or await make.run(location=place, first_date=day)
    booking = await use(room, run.start_time, run.end_time, day=day, kind="session", title="")
    return await make.session(run, date=day, room_booking_id=booking.id, room_id=room.id, **values)


async def closed(room: Room, reason: str, start: str, end: str, *, day: date = DAY) -> RoomBooking:
    closure = await Closure.create(
        location_id=room.location_id,
        room=room,
        starts_at=clock.at(day, start),
        ends_at=clock.at(day, end),
        reason=reason,
    )
    return await use(room, start, end, day=day, kind="closure", closure_id=closure.id, title="")


async def divided(place: Any, name: str = "Hall") -> tuple[Room, Room, Room]:
    """A divisible room and its two halves."""
    rooms = [await make.room(place, name=each) for each in (name, f"{name}, left half", f"{name}, right half")]
    for part in rooms[1:]:
        await db.execute(
            "INSERT INTO room_part (id, whole_id, part_id) VALUES ($1, $2, $3)", db.new_id(), rooms[0].id, part.id
        )
    return rooms[0], rooms[1], rooms[2]
