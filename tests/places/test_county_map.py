"""The map of our own: where pins land, which are left out, and that none covers another."""

from itertools import combinations
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.places.county_map import HEIGHT, PIN, WIDTH, Spot, around, homes_path, of_all
from booking.places.near import Point, miles

HERE = Point(50.80, -1.90, "BH22 9TH")


def spot(lat, lon, number=1, kind="hub"):
    return Spot(lat, lon, number, kind, f"Hub {number}", f"/places/hub-{number}")


def test_the_point_asked_for_is_in_the_middle_and_north_is_up():
    drawn = around(HERE, [spot(50.81, -1.90)])
    [pin] = drawn.pins
    assert drawn.frame.on_picture(HERE.lat, HERE.lon) == (WIDTH / 2, HEIGHT / 2)
    assert pin.x == WIDTH / 2 and pin.y < HEIGHT / 2
    assert drawn.you == "BH22 9TH"


def test_distances_on_the_picture_are_miles():
    east = spot(50.80, -1.80)
    drawn = around(HERE, [east])
    [pin] = drawn.pins
    far = hypot(pin.at_x - WIDTH / 2, pin.at_y - HEIGHT / 2) / drawn.frame.units_per_mile
    assert far == pytest.approx(miles(HERE.lat, HERE.lon, east.lat, east.lon), rel=0.002)
    assert [ring.words for ring in drawn.rings] == ["2 miles", "5 miles"]
    assert drawn.rings[1].r / drawn.frame.units_per_mile == pytest.approx(5, rel=0.01)


def test_it_reaches_as_far_as_the_nearest_four_and_leaves_out_what_is_farther():
    near = [spot(50.80 + n / 100, -1.90, n) for n in range(1, 5)]
    far = spot(51.90, 0.90, 5)
    drawn = around(HERE, [*near, far])
    assert [pin.spot.number for pin in drawn.pins] == [1, 2, 3, 4]
    assert drawn.rings[-1].words == "3 miles"


def test_two_places_in_one_building_do_not_cover_each_other():
    drawn = around(HERE, [spot(50.81, -1.89, 1), spot(50.81, -1.89, 2, "co_located")])
    first, second = drawn.pins
    assert not first.is_moved and second.is_moved
    assert (second.at_x, second.at_y) == (first.x, first.y)


def test_a_place_at_the_very_point_asked_for_stands_beside_it():
    [pin] = around(HERE, [spot(HERE.lat, HERE.lon)]).pins
    assert hypot(pin.x - WIDTH / 2, pin.y - HEIGHT / 2) >= 2 * PIN


def test_the_scale_bar_is_a_round_length():
    drawn = around(HERE, [spot(50.9, -1.9)])
    assert drawn.scale.words == "5 miles"
    assert drawn.scale.length == pytest.approx(5 * drawn.frame.units_per_mile, abs=0.1)


def test_the_key_names_each_kind_once_in_one_order():
    drawn = of_all([spot(50.8, -1.9, 1, "pop_up"), spot(50.7, -1.9, 2, "hub"), spot(50.6, -1.9, 3, "pop_up")])
    assert drawn.kinds == ["hub", "pop_up"]


def test_a_map_of_one_place_is_not_infinitely_large():
    [pin] = of_all([spot(50.8, -1.9)]).pins
    assert (pin.x, pin.y) == (WIDTH / 2, HEIGHT / 2)


def test_homes_are_dots_of_one_path():
    drawn = of_all([spot(50.8, -1.9)])
    assert homes_path(drawn.frame, [(50.8, -1.9), (50.8, -1.9)]) == "M210 200h0M210 200h0"


degrees = st.tuples(st.floats(50.5, 52.1), st.floats(-3, 1.3))


@given(st.lists(degrees, min_size=1, max_size=12))
def test_every_pin_is_whole_and_none_covers_another(points):
    drawn = of_all([spot(lat, lon, number) for number, (lat, lon) in enumerate(points, 1)])
    assert len(drawn.pins) == len(points)
    assert all(PIN <= pin.x <= WIDTH - PIN and PIN <= pin.y <= HEIGHT - PIN for pin in drawn.pins)
    for one, other in combinations(drawn.pins, 2):
        assert hypot(one.x - other.x, one.y - other.y) >= 2 * PIN - 0.2
