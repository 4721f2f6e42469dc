"""How the verbs by which staff move, swap and look after rooms are called, for the walk through all verbs (tests/test_trail.py)."""

from datetime import timedelta
from typing import Any

from booking import clock
from booking.places import answering_swaps, swapping, using_rooms
from booking.places.models import Room, RoomBooking, RoomSwap
from booking.places.swapping import Wanted
from booking.programmes.changes import moving, undoing_change
from booking.programmes.changes.moving import Target
from tests import make


async def _room(session: Any) -> Room:
    return await make.room(await session.location)


async def _move(session: Any, by: Any) -> Any:
    target = Target(start="12:00", end="13:00")
    return await moving.move(session_id=session.id, target=target, by=by, undo_minutes=10)


async def _undo_move(session: Any, by: Any) -> None:
    done = await _move(session, by)
    await undoing_change.undo(session_id=session.id, event_id=done.event_id, by=by)


async def _propose(session: Any, by: Any) -> None:
    booking = await make.room_booking(await _room(session), await make.organisation())
    await swapping.propose_swap(
        room_booking_id=booking.id, proposed_room_id=(await _room(session)).id,
        wanted=Wanted("Open day", booking.starts_at, booking.ends_at), why="Open day", by=by, notice_days=7,
    )  # fmt: skip


async def _swap(session: Any, **values: Any) -> RoomSwap:
    return await make.swap(await _room(session), await make.organisation(), **values)


async def _withdraw(session: Any, by: Any) -> None:
    await answering_swaps.withdraw(swap_id=(await _swap(session)).id, by=by)


async def _displace(session: Any, by: Any) -> None:
    await answering_swaps.displace(swap_id=(await _swap(session, state="refused")).id, by=by, notice_days=7)


async def _add_keyholder(session: Any, by: Any) -> Any:
    return await using_rooms.add_keyholder(location_id=session.location_id, name="Ann Hall", by=by)


async def _end_keyholder(session: Any, by: Any) -> None:
    await using_rooms.end_keyholder(keyholder_id=await _add_keyholder(session, by), by=by)


async def _mark_used(session: Any, by: Any) -> None:
    partner, begun = await make.organisation(), clock.now() - timedelta(hours=3)
    booking = await RoomBooking.create(
        room=await _room(session), kind="partner", organisation_id=partner.id, starts_at=begun,
        ends_at=begun + timedelta(hours=1),
    )  # fmt: skip
    await using_rooms.mark_used(room_booking_id=booking.id, use="unused", by=by)


CALLS = {  # verb: its event, and how it is called with (session, run, by)
    "moving.move": ("move session", lambda s, r, by: _move(s, by)),
    "undoing_change.undo": ("undo move session", lambda s, r, by: _undo_move(s, by)),
    "swapping.propose_swap": ("propose swap", lambda s, r, by: _propose(s, by)),
    "answering_swaps.withdraw": ("withdraw swap", lambda s, r, by: _withdraw(s, by)),
    "answering_swaps.displace": ("displace booking", lambda s, r, by: _displace(s, by)),
    "using_rooms.add_keyholder": ("add keyholder", lambda s, r, by: _add_keyholder(s, by)),
    "using_rooms.end_keyholder": ("end keyholder", lambda s, r, by: _end_keyholder(s, by)),
    "using_rooms.mark_used": ("mark room use", lambda s, r, by: _mark_used(s, by)),
}
