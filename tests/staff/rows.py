"""Rows that only pages of staff need."""

import itertools
from typing import Any

from booking import clock, db
from booking.messages.models import Message
from booking.places.models import RoomBooking, RoomHold
from booking.programmes.models import Session, WaitingEntry
from tests import make

_next = itertools.count(1)


async def message(**values: Any) -> Message:
    n, now = next(_next), clock.now()
    return await Message.create(
        **{
            "kind": "reminder_days", "channel": "sms", "address": "+447700900123", "body": f"See you soon {n}",
            "about_kind": "booking", "about_id": db.new_id(), "dedupe_key": f"test{n}", "marker": f"m{n}",
            "created_at": now, "due_at": now, "next_try_at": now,
        }
        | values
    )  # fmt: skip


async def waiting(on: Session, **values: Any) -> WaitingEntry:
    n = next(_next)
    parent = values.pop("person", None) or await make.person()
    return await WaitingEntry.create(
        **{
            "reference": f"W{n:05}", "manage_token": f"w{n}", "run_id": on.run_id, "session_id": on.id,
            "family_id": parent.family_id, "person": parent, "places": 1, "form_token": f"w{n}", "created_at": clock.now(),
        }
        | values
    )  # fmt: skip


async def hold_room(of: Session) -> RoomBooking:
    """A room held for the session, half an hour around it."""
    room = await make.room(await of.location)
    booking = await RoomBooking.create(room=room, kind="session", starts_at=of.starts_at, ends_at=of.ends_at)
    await RoomHold.create(room_booking=booking, room=room, starts_at=of.starts_at, ends_at=of.ends_at)
    await Session.filter(id=of.id).update(room_id=room.id, room_booking_id=booking.id)
    return booking
