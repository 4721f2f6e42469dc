"""Requests that were held for long enough give their rooms back, and a closure takes what they leave."""

from datetime import date

import pytest
import time_machine

from booking import clock
from booking.places import booking_rooms, closing, lapsing_requests
from booking.places.asking import Ask
from booking.places.models import RoomBooking, RoomHold
from tests import make
from tests.places.who import partner_who

pytestmark = pytest.mark.anyio
DAY = date(2027, 2, 16)


@pytest.fixture
async def asked(database):
    with time_machine.travel("2027-01-04 09:00+00:00", tick=False):
        room = await make.room(await make.location(), is_partner_bookable=True, approval="always")
        organisation = await make.organisation()
        who = partner_who(await make.booker(organisation), organisation)
        ask = Ask(room.id, "10:00", "12:00", day=DAY, as_partner=True, organisation_id=organisation.id, title="Clinic")
        [id] = (await booking_rooms.book(ask, by=who)).booking_ids
        yield id, room


async def test_a_request_holds_its_room_for_seven_days_and_stays_a_request(asked):
    id, _ = asked
    with time_machine.travel("2027-01-11 08:59+00:00", tick=False):
        assert await lapsing_requests.let_lapsed_go() == 0
    with time_machine.travel("2027-01-11 09:00+00:00", tick=False):
        assert (await lapsing_requests.let_lapsed_go(), await lapsing_requests.let_lapsed_go()) == (1, 0)
    assert await RoomHold.all().count() == 0 and (await RoomBooking.get(id=id)).state == "requested"


async def test_inside_a_closure_its_time_is_closed_when_it_lapses(asked):
    id, room = asked
    span = clock.at(DAY, "00:00"), clock.at(date(2027, 2, 17), "00:00")
    await closing.shut(location_id=room.location_id, room_id=room.id, spans=[span], reason="Repairs", leaves=[room.id])
    assert await RoomHold.filter(room_booking_id=id).count() == 1
    with time_machine.travel("2027-01-12 09:00+00:00", tick=False):
        assert await lapsing_requests.let_lapsed_go() == 1
    [hold] = await RoomHold.all()
    assert (hold.starts_at, hold.ends_at) == span
