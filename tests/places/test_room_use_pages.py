"""The page of who came, and that of who has keys."""

from datetime import timedelta

import pytest

from booking import clock
from booking.places.models import Keyholder, RoomBooking, RoomSeries
from tests import make

USE = "/staff/rooms/use"


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown Family Hub")


@pytest.fixture
async def desk(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    return client


async def was_there(hub, days: float = 0.1, **values):
    """A partner had a room so many days ago."""
    begun = clock.now() - timedelta(days=days)
    partner = values.pop("partner", None) or await make.organisation(name="Citizens Advice")
    room = values.pop("room", None) or await make.room(hub)
    return await RoomBooking.create(
        **{"room": room, "kind": "partner", "organisation_id": partner.id, "title": "Debt advice", "starts_at": begun,
           "ends_at": begun + timedelta(minutes=30)} | values
    )  # fmt: skip


async def test_one_tap_says_that_nobody_came_and_another_takes_it_back(desk, hub):
    booking = await was_there(hub, 0.01)
    assert "Debt advice" in (await desk.get(USE)).text
    for use in ("unused", "used", ""):
        assert (await desk.post(USE, data={"booking": str(booking.id), "use": use})).status_code == 303
        assert (await RoomBooking.get(id=booking.id)).use == use
    await desk.post(USE, data={"booking": str(booking.id), "use": "perhaps"})
    assert (await RoomBooking.get(id=booking.id)).use == ""


async def test_space_that_nobody_uses_is_shown_with_what_to_do(desk, hub):
    room, partner = await make.room(hub, name="Blue room"), await make.organisation(name="Citizens Advice")
    series = await RoomSeries.create(
        room=room, organisation_id=partner.id, weekday=0, start_time="10:00", end_time="12:00", created_at=clock.now(),
        first_date=clock.today() - timedelta(days=30), last_date=clock.today() + timedelta(days=30),
    )  # fmt: skip
    for days in (21, 14, 7):
        await was_there(hub, days, room=room, partner=partner, series=series, use="unused")
    coming = await make.room_booking(room, partner, 7, series=series)
    page = (await desk.get(USE)).text
    assert "Unused 3 times running" in page and "1 date to come" in page
    assert f"/staff/rooms/bookings/{coming.id}/cancel?scope=later" in page and f"/staff/partners/{partner.id}" in page
    assert "No-shows by partner" in page


async def test_strangers_see_and_mark_nothing(client, hub):
    booking = await was_there(hub)
    await make.sign_in_staff(client, await make.staff("hub_staff", (await make.location()).id))
    assert "Debt advice" not in (await client.get(USE)).text
    await client.post(USE, data={"booking": str(booking.id), "use": "unused"})
    assert (await RoomBooking.get(id=booking.id)).use == ""


async def test_keyholders_are_added_and_give_keys_back(desk, hub):
    keys = f"/staff/places/{hub.id}/keyholders"
    assert "Nobody has keys" in (await desk.get(keys)).text
    assert (await desk.post(keys, data={"name": "Ann Hall", "phone": "07700 900123"})).status_code == 303
    ann = await Keyholder.get(location=hub)
    assert "Ann Hall" in (await desk.get(keys)).text
    wrong = await desk.post(keys, data={"name": "Ben Dale", "phone": "not a number"})
    assert wrong.status_code == 422 and 'value="Ben Dale"' in wrong.text
    await desk.post(keys, data={"end": str(ann.id)})
    assert (await Keyholder.get(id=ann.id)).ended_at is not None


async def test_strangers_find_no_keyholders_and_end_none(client, hub):
    ann = await Keyholder.create(location=hub, name="Ann Hall")
    other = await make.location()
    await make.sign_in_staff(client, await make.staff("hub_staff", other.id))
    keys = f"/staff/places/{hub.id}/keyholders"
    assert (await client.get(keys)).status_code == 404
    assert (await client.post(keys, data={"end": str(ann.id)})).status_code == 404
    assert (await client.post(f"/staff/places/{other.id}/keyholders", data={"end": str(ann.id)})).status_code == 422
    assert (await Keyholder.get(id=ann.id)).ended_at is None
