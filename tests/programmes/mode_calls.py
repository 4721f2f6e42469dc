"""How the verbs of appointments and referrals are called, for the walk through all verbs (tests/test_trail.py)."""

from typing import Any

from booking import db
from booking.programmes.appointments import changing_slots, keeping_slots, steering_slots
from booking.programmes.bookings import booking_places, leasing, referring
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.bookings.referring import Open
from booking.programmes.models import Slot
from tests import make


async def _slots(session: Any) -> list[Slot]:
    await db.execute(
        "UPDATE run SET booking_mode = 'appointment', slot_minutes = 30, places = 3 WHERE id = $1", session.run_id
    )
    await keeping_slots.make_missing(session_id=session.id)
    return await Slot.filter(session_id=session.id).order_by("starts_at")


async def _change(session: Any, by: Any) -> None:
    first, second, *_ = await _slots(session)
    lease = await leasing.lease(Target(session.run_id, session.id, first.id))
    booking = await booking_places.book(
        lease_id=lease, contact=Contact("Jo Lane", phone="+447700900123"), party=Party(("Jo Lane",)), by=by
    )
    await changing_slots.change_slot(booking_id=booking.id, slot_id=second.id, by=by)


async def _steer(session: Any, by: Any, verb: Any) -> None:
    slot = (await _slots(session))[0]
    await steering_slots.close_slot(session_id=session.id, slot_id=slot.id, by=by)
    if verb is not steering_slots.close_slot:
        await verb(session_id=session.id, slot_id=slot.id, by=by)


async def _break(session: Any, by: Any) -> None:
    await _slots(session)
    await steering_slots.close_time(session_id=session.id, start="10:00", end="10:30", by=by)


async def _name(session: Any, by: Any) -> None:
    await _slots(session)
    await steering_slots.name_worker(session_id=session.id, worker="", name="Ana", by=by)


async def _add(session: Any, by: Any) -> None:
    await _slots(session)
    await steering_slots.add_worker(session_id=session.id, worker="Bea", by=by)


async def _refer(session: Any, run: Any, by: Any) -> None:
    await db.execute("UPDATE run SET takes_referrals = $2 WHERE id = $1", run.id, True)
    to = next(each for each in await referring.open_ones() if each.run_id == run.id)
    assert isinstance(to, Open)
    await referring.refer(
        to=to, organisation_id=(await make.organisation()).id, contact=Contact("Jo Lane", phone="+447700900123"),
        party=Party(("Jo Lane",)), places=1, has_consent=True, by=by,
    )  # fmt: skip


CALLS = {
    "changing_slots.change_slot": ("change slot", lambda s, r, by: _change(s, by)),
    "steering_slots.open_slot": ("open slot", lambda s, r, by: _steer(s, by, steering_slots.open_slot)),
    "steering_slots.close_slot": ("close slot", lambda s, r, by: _steer(s, by, steering_slots.close_slot)),
    "steering_slots.close_time": ("close slot", lambda s, r, by: _break(s, by)),
    "steering_slots.name_worker": ("name worker", lambda s, r, by: _name(s, by)),
    "steering_slots.add_worker": ("add worker", lambda s, r, by: _add(s, by)),
    "referring.give_code": ("give code", lambda s, r, by: referring.give_code(run_id=r.id, by=by)),
    "referring.refer": ("refer family", lambda s, r, by: _refer(s, r, by)),
}
