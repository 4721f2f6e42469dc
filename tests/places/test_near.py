"""A postcode in any spelling, half of one, or a town becomes a point."""

import pytest

from booking.places.near import find_point, miles
from tests import make


@pytest.fixture
async def postcodes(database):
    await make.Postcode.create(postcode="BH229TH", lat=50.80, lon=-1.89)
    await make.Postcode.create(postcode="BH229AA", lat=50.82, lon=-1.91)


@pytest.mark.parametrize("typed", ["BH22 9TH", "bh229th", " bh22  9th ", "BH22-9TH"])
async def test_a_postcode_in_any_spelling_is_found(postcodes, typed):
    point = await find_point(typed)
    assert (point.lat, point.lon, point.words) == (50.80, -1.89, "BH22 9TH")


@pytest.mark.parametrize("typed", ["BH22", "BH22 9", "BH22 9ZZ"])
async def test_half_a_postcode_or_a_new_one_is_the_middle_of_those_alike(postcodes, typed):
    point = await find_point(typed)
    assert (point.lat, point.lon) == pytest.approx((50.81, -1.90))


async def test_a_town_is_where_the_place_named_after_it_stands_not_the_middle_of_its_hub(database):
    hub = await make.location(name="Dorchester Library", hub_name="Dorchester Family Hub", lat=50.71, lon=-2.43)
    await make.location(
        kind="delivery_site", name="Sherborne Library", hub_name=hub.hub_name, hub_id=hub.id, lat=50.95, lon=-2.52
    )
    point = await find_point("dorchester")
    assert (point.lat, point.lon, point.words) == (50.71, -2.43, "Dorchester")


async def test_a_town_known_only_from_an_address_is_found(database):
    await make.location(address="High Street, Swanage", lat=50.6, lon=-1.96)
    assert (await find_point("Swanage")).lat == 50.6


@pytest.mark.parametrize("typed", ["", "ZZ1 1ZZ", "Atlantis", "x", "%%%", "'; --", "\x00", "abc\x00def", "a\ud800bc"])
async def test_what_is_nowhere_is_none(postcodes, typed):
    assert await find_point(typed) is None


async def test_a_town_with_only_a_restricted_place_is_unknown(database):
    await make.location(name="Refuge House", hub_name="Refuge", address="Hidden", is_restricted=True)
    assert await find_point("Refuge") is None


def test_miles_are_those_on_the_ground():
    assert miles(51.5074, -0.1278, 52.4862, -1.8904) == pytest.approx(101, abs=1)
    assert miles(50.8, -1.9, 50.8, -1.9) == 0
