"""A course with its room and families, for the tests of changing, switching and adding dates."""

from datetime import timedelta

from booking import clock
from booking.people.models import Person
from booking.places.models import RoomBooking, RoomHold
from booking.programmes.changes import changing_dates, undoing_change
from booking.programmes.changes.dates_in_scope import Wish
from booking.programmes.models import Run, Session
from tests import make


async def course(hub, room, count: int = 4, **values) -> list[Session]:
    """A run booked as a whole, weekly, each date with its room; its sessions."""
    first = clock.today() + timedelta(days=7)
    known = {"location": hub, "room": room, "booking_mode": "run", "title": "Incredible Years", "first_date": first}
    run = await make.run(**known | {"last_date": first + timedelta(weeks=count - 1)} | values)
    return await dates(run, room, count)


async def dates(run: Run, room, count: int) -> list[Session]:
    found = []
    for n in range(count):
        session = await make.session(run, date=run.first_date + timedelta(weeks=n), number=n + 1, room=room)
        times = {"starts_at": session.starts_at, "ends_at": session.ends_at}
        booking = await RoomBooking.create(room=room, kind="session", **times)
        await RoomHold.create(room=room, room_booking=booking, **times)
        await Session.filter(id=session.id).update(room_booking_id=booking.id)
        found.append(await Session.get(id=session.id))
    return found


async def family(on, **values) -> Person:
    parent = await make.person(**{"channel": "sms", "email": "jo@home.example"} | values)
    await make.booking(on, parent)
    return parent


async def change(session, who, scope="date", **wish):
    return await changing_dates.change(session_id=session.id, scope=scope, wish=Wish(**wish), by=who, undo_minutes=10)


async def undo(session, done, who):
    await undoing_change.undo(session_id=session.id, event_id=done.event_id, by=who)


async def everything() -> tuple:
    """What a change and its undo leave as it was: sessions but for their sequence, runs, room bookings, holds."""
    left_out = {"sequence"}
    sessions = [
        {k: v for k, v in row.items() if k not in left_out} for row in await Session.all().order_by("id").values()
    ]
    bookings = (
        await RoomBooking.filter(state="confirmed").order_by("id").values("id", "room_id", "starts_at", "ends_at")
    )
    holds = await RoomHold.all().order_by("starts_at", "room_id").values_list("room_id", "starts_at", "ends_at")
    return sessions, await Run.all().order_by("id").values(), bookings, holds
