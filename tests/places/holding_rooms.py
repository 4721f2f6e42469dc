"""Short words for the tests of rooms that are free or taken."""

from datetime import date, timedelta
from uuid import UUID

from booking import clock
from booking.places import holding
from booking.places.models import Room, RoomBooking
from booking.places.rooms import RoomFacts, facts_of_one

NOW = "2027-01-04 09:00+00:00"
TUESDAY = date(2027, 1, 12)


def tuesdays(count: int) -> tuple[date, ...]:
    return tuple(TUESDAY + timedelta(weeks=n) for n in range(count))


async def facts(room: Room) -> RoomFacts:
    found = await facts_of_one(room.id)
    assert found
    return found


async def use(room: Room, day: date, start: str, end: str, **values) -> UUID:
    """Somebody has the room then, through the one door to holds."""
    starts_at, ends_at = clock.at(day, start), clock.at(day, end)
    booked = await RoomBooking.create(
        **{"room": room, "kind": "partner", "starts_at": starts_at, "ends_at": ends_at} | values
    )
    await holding.hold([holding.hold_for(booked.id, await facts(room), starts_at, ends_at)])
    return booked.id
