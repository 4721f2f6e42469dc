"""A session that moves, goes online or is cancelled stays in the calendars of its place: one id for ever, and its number rises."""

import icalendar
import pytest

from booking import clock
from booking.places.models import RoomBooking, RoomHold
from booking.programmes.changes import cancelling, changing_dates, switching_online, undoing_change
from booking.programmes.changes.dates_in_scope import Wish
from booking.programmes.models import Session
from tests import make
from tests.open_data.conftest import TUESDAY, link, session_use
from tests.places.who import staff_who


@pytest.fixture
async def session(here):
    await make.opening_hours(here.hub, weekdays="0123456")
    run = await make.run(location=here.hub, title="Messy play", first_date=TUESDAY, room=here.hall)
    session = await session_use(here.hall, run, TUESDAY)
    await Session.filter(id=session.id).update(room_id=here.hall.id)
    use = await RoomBooking.get(id=session.room_booking_id)
    await RoomHold.create(room=here.hall, room_booking=use, starts_at=use.starts_at, ends_at=use.ends_at)
    return session


@pytest.fixture
async def maya(here):
    return staff_who(await make.staff("hub_staff", here.hub.id), {here.hub.id})


async def event(client, token):
    text = (await client.get(f"/feeds/{token}.ics")).text
    found = [each for each in icalendar.Calendar.from_ical(text).walk("VEVENT") if "Messy play" in each["SUMMARY"]]
    assert len(found) == 1
    return found[0]


async def online(session, who):
    return await switching_online.switch(
        session_id=session.id, scope="date", to="online", join_url="https://meet.example/x", by=who, undo_minutes=10
    )


async def cancel(session, who):
    return await cancelling.cancel(session_id=session.id, reason="Snow", by=who, undo_minutes=10)


async def move(session, who):
    return await changing_dates.change(
        session_id=session.id, scope="date", wish=Wish(start="13:00", end="14:00"), by=who, undo_minutes=10
    )


@pytest.mark.parametrize(("act", "status"), [(online, "CANCELLED"), (cancel, "CANCELLED"), (move, "CONFIRMED")])
async def test_its_entry_keeps_its_id_says_what_became_of_it_and_its_number_rises(
    client, here, session, maya, act, status
):
    token = await link("hub", here.hub.id)
    before = await event(client, token)
    await act(session, maya)
    after = await event(client, token)
    assert after["UID"] == before["UID"] and after["SEQUENCE"] > before["SEQUENCE"] and after["STATUS"] == status
    assert "meet.example" not in after.to_ical().decode()


async def test_a_move_and_its_undoing_both_raise_the_number(client, here, session, maya):
    token = await link("hub", here.hub.id)
    done = await move(session, maya)
    moved = await event(client, token)
    assert clock.local(moved["DTSTART"].dt).hour == 13
    await undoing_change.undo(session_id=session.id, event_id=done.event_id, by=maya)
    back = await event(client, token)
    assert clock.local(back["DTSTART"].dt).hour == 10 and back["SEQUENCE"] > moved["SEQUENCE"]
    assert (await Session.get(id=session.id)).sequence >= 2
