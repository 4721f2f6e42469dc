"""A hub with a room, a session, partner bookings and what must not be told; and its secret addresses."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from booking import clock, db
from booking.messages import sender
from booking.open_data import feeds
from booking.open_data.models import FeedLink
from booking.places.models import RoomBooking
from tests import make
from tests.messages.room_examples import booked

TUESDAY = date(2027, 1, 12)


async def link(kind: str, about_id: Any, sees: str = "all", token: str = "") -> str:
    """A link in use; returns its token."""
    token = token or f"token-{kind}-{sees}-{db.new_id().hex}"
    await FeedLink.create(
        kind=kind, about_id=about_id, sees=sees, token_hash=feeds.hash_of(token), created_at=clock.now()
    )
    return token


async def session_use(room: Any, run: Any, day: date, **values: Any) -> Any:
    """A session with the use of the room that it holds."""
    use = await RoomBooking.create(
        room=room,
        kind="session",
        starts_at=clock.at(day, "10:00"),
        ends_at=clock.at(day, "11:30"),
        created_at=clock.now(),
    )
    return await make.session(run, date=day, room_booking=use, **values)


@pytest.fixture
async def here(database, configured):
    sender.use(configured)
    with time_machine.travel("2027-01-04 09:00+00:00", tick=False) as travelled:
        hub = await make.location(name="Ferndown", hub_name="Ferndown Family Hub", address="1 High Street")
        room, hall = await make.room(hub, name="Blue room"), await make.room(hub, name="Hall")
        advice = await make.organisation(name="Citizens Advice")
        grace = await make.booker(advice)
        await booked(room, TUESDAY, grace, organisation_id=advice.id, title="Debt clinic")
        yield SimpleNamespace(hub=hub, room=room, hall=hall, partner=advice, booker=grace, travelled=travelled)


@pytest.fixture
async def secrets_here(here):
    """What no feed may tell: a private booking, a restricted session in an open room, and a restricted location."""
    await booked(here.hall, TUESDAY, here.booker, organisation_id=here.partner.id, title="Secret talk", is_private=True)
    run = await make.run(location=here.hub, title="Freedom course", is_restricted=True, first_date=date(2027, 1, 13))
    await session_use(here.hall, run, date(2027, 1, 13))
    refuge = await make.location(name="Hidden House", hub_id=here.hub.id, kind="restricted", is_restricted=True)
    room = await make.room(refuge, name="Hidden room")
    await booked(room, date(2027, 1, 14), here.booker, organisation_id=here.partner.id, title="Hidden meeting")
    return SimpleNamespace(refuge=refuge, room=room)
