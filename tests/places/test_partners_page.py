"""Rooms for partners: those that may be used, nearest first; nothing restricted."""

from datetime import timedelta

from booking import clock
from tests import make


async def test_it_lists_rooms_for_partners_with_size_and_features(client):
    hub = await make.location(name="Ferndown Family Hub")
    await make.room(hub, name="Main hall", capacity=30, features="step-free;hearing loop", is_partner_bookable=True)
    await make.room(hub, name="Staff kitchen", capacity=8)
    text = (await client.get("/partners")).text
    assert "Main hall" in text and "step-free, hearing loop" in text and "Staff kitchen" not in text


async def test_size_narrows_it_down_and_nothing_is_no_dead_end(client):
    await make.room(name="Small room", capacity=4, is_partner_bookable=True)
    assert "Small room" in (await client.get("/partners?size=2")).text
    text = (await client.get("/partners?size=20")).text
    assert "Small room" not in text and "No room of that size" in text


async def test_secret_places_and_ended_agreements_are_not_there(client):
    secret = await make.location(name="Undisclosed", is_restricted=True, kind="restricted")
    ended = await make.location(name="Village hall", valid_to_date=clock.today() - timedelta(days=1))
    for place in (secret, ended):
        await make.room(place, name="Hall", is_partner_bookable=True)
    text = (await client.get("/partners")).text
    assert "Undisclosed" not in text and "Village hall" not in text


async def test_the_nearest_comes_first(client):
    await make.Postcode.create(postcode="BH229TH", lat=50.80, lon=-1.89)
    far = await make.location(name="A far place", lat=51.5, lon=-1.0)
    near = await make.location(name="Z near place", lat=50.80, lon=-1.88)
    for place in (far, near):
        await make.room(place, is_partner_bookable=True)
    text = (await client.get("/partners?near=BH22+9TH")).text
    assert text.index("Z near place") < text.index("A far place")
