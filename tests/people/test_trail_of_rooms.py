"""The audit trail about rooms, places and partners: what each event is about, and nothing of what is private elsewhere."""

import pytest

from booking import audit, clock
from booking.places.models import RoomSeries
from tests import make

WHY = "The boiler man comes"


async def event(verb, kind, about, hub, **values):
    return await audit.record(
        verb, about_kind=kind, about_id=about.id, hub_id=hub.id if hub else None, why=WHY, **values
    )


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown Family Hub")


async def trail(client, who, hub=None, **asked) -> str:
    await make.sign_in_staff(client, await make.staff(who, hub.id if hub else None))
    return (await client.get("/staff/audit", params=asked)).text


async def test_an_event_names_partner_room_place_and_time(client, hub):
    toys, room = await make.organisation(name="Dorset Toys"), await make.room(hub, name="Blue room")
    booking = await make.room_booking(room, toys)
    await event("cancel room", "room_booking", booking, hub)
    await event("change place", "location", hub, hub)
    await event("change partner", "organisation", toys, None)
    page = await trail(client, "county_admin")
    assert "Dorset Toys, Blue room, Ferndown Family Hub, " in page and WHY in page
    for path in (f"/staff/rooms/bookings/{booking.id}", f"/staff/places/{hub.id}", f"/staff/partners/{toys.id}"):
        assert f'href="{path}"' in page
    assert "Blue room" in await trail(client, "hub_staff", hub, q="dorset toys")


@pytest.mark.parametrize("how", ["private", "restricted", "series"])
async def test_what_is_private_is_told_to_its_own_hub_alone(client, hub, how):
    if how == "restricted":
        hub = await make.location(name="Secret House", kind="restricted", is_restricted=True)
    toys, room = await make.organisation(name="Refuge Charity"), await make.room(hub, name="Quiet room")
    booking = await make.room_booking(room, toys, is_private=how != "restricted", title="Talk")
    about, kind = booking, "room_booking"
    if how == "series":
        day = clock.local(booking.starts_at).date()
        kind, about = "room_series", await RoomSeries.create(
            room=room, organisation_id=toys.id, weekday=day.weekday(), start_time="10:00", end_time="12:00", first_date=day,
            last_date=day, created_at=clock.now(),
        )  # fmt: skip
        await booking.filter(id=booking.id).update(series_id=about.id)
    await event("cancel room", kind, about, hub, after={"name": "Talk"})
    for other in (await make.location(), None):
        page = await trail(client, "hub_staff" if other else "county_admin", other)
        for words in ("Refuge Charity", "Quiet room", "Secret House", "Talk", WHY, str(about.id)):
            assert words not in page
        assert "Quiet room" not in await trail(client, "hub_staff" if other else "county_admin", other, q="boiler")
    assert "Private booking" in page
    page = await trail(client, "hub_staff", hub)
    assert "Refuge Charity, Quiet room" in page and WHY in page
