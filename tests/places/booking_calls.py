"""How the verbs that book, change, cancel and decide about rooms are called, for the walk through all verbs (tests/test_trail.py)."""

from datetime import timedelta
from typing import Any

from booking import clock
from booking.places import booking_rooms, cancelling_rooms, changing_rooms, deciding_requests, filling_dates
from booking.places.asking import Ask
from booking.places.changing_rooms import Wish
from booking.places.models import RoomBooking
from tests import make


async def _there(session: Any, **values: Any) -> RoomBooking:
    room = await make.room(await session.location)
    return await make.room_booking(room, await make.organisation(), **values)


async def _book(session: Any, by: Any) -> None:
    room = await make.room(await session.location)
    day = clock.today() + timedelta(days=20)
    await booking_rooms.book(Ask(room.id, "10:00", "12:00", day=day, title="Team day"), by=by)


async def _change(session: Any, by: Any) -> None:
    booking = await _there(session)
    wish = Wish(start="13:00", end="14:00")
    await changing_rooms.change(room_booking_id=booking.id, scope="this", wish=wish, by=by)


async def _cancel(session: Any, by: Any) -> Any:
    return await cancelling_rooms.cancel(room_booking_id=(await _there(session)).id, scope="this", by=by)


async def _undo_cancel(session: Any, by: Any) -> None:
    await cancelling_rooms.undo_cancel(event_id=(await _cancel(session, by)).event_id, by=by)


async def _approve(session: Any, by: Any) -> None:
    await deciding_requests.approve(room_booking_ids=[(await _there(session, state="requested")).id], by=by)


async def _decline(session: Any, by: Any) -> None:
    booking = await _there(session, state="requested")
    await deciding_requests.decline(room_booking_ids=[booking.id], by=by, why="Exams that day")


async def _fill(session: Any, by: Any) -> None:
    await filling_dates.fill(room_booking_id=(await _there(session, state="missing")).id, by=by)


CALLS = {  # verb: its event, and how it is called with (session, run, by)
    "booking_rooms.book": ("book room", lambda s, r, by: _book(s, by)),
    "changing_rooms.change": ("change room booking", lambda s, r, by: _change(s, by)),
    "cancelling_rooms.cancel": ("cancel room", lambda s, r, by: _cancel(s, by)),
    "cancelling_rooms.undo_cancel": ("undo cancel room", lambda s, r, by: _undo_cancel(s, by)),
    "deciding_requests.approve": ("approve room", lambda s, r, by: _approve(s, by)),
    "deciding_requests.decline": ("decline room", lambda s, r, by: _decline(s, by)),
    "filling_dates.fill": ("fill date", lambda s, r, by: _fill(s, by)),
}
LOOKING = {
    "booking_rooms.preview",
    "cancelling_rooms.preview_cancel",
    "changing_rooms.preview_change",
    "filling_dates.preview_fill",
    "working_out.look",
}
