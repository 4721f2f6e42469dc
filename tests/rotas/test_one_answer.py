"""Whether a skill is valid and a place within reach is said in one place, at its borders too."""

from datetime import date

import pytest

from booking.db import new_id
from booking.rotas.availability import lacks, valid_on
from booking.rotas.travel import minutes_between, out_of_reach
from booking.rotas.values import Held
from tests.rotas.making import MONDAY, place, worker

NEXT = date(2027, 1, 12)


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ((), "skill"),
        ((Held(),), ""),
        ((Held(MONDAY, MONDAY),), ""),
        ((Held(to_date=date(2027, 1, 10)),), "skill_expired"),
        ((Held(from_date=NEXT),), "skill_expired"),
        ((Held(to_date=date(2027, 1, 10)), Held(from_date=MONDAY)), ""),
    ],
)
def test_a_skill_is_valid_from_its_first_to_its_last_day(held, found):
    assert lacks(worker(skills={"iy": held} if held else {}), "iy", MONDAY) == found
    assert bool(valid_on(held, MONDAY)) == (found == "")


def test_a_place_is_reached_within_the_minutes_that_they_go():
    at = place(lat=50.85, lon=-1.95)
    minutes = minutes_between(50.80182, -1.89145, at.lat, at.lon, drives=True)
    assert minutes
    near, far = worker(max_travel_minutes=minutes), worker(max_travel_minutes=minutes - 1)
    assert (out_of_reach(near, at.id, at.lat, at.lon), out_of_reach(far, at.id, at.lat, at.lon)) == ("", "too_far")
    assert out_of_reach(far, at.id, None, None) == "", "nobody is kept from where the way is not known"
    assert out_of_reach(worker(works_at=frozenset({new_id()})), at.id, at.lat, at.lon) == "place"
    assert out_of_reach(worker(works_at=frozenset({at.id}), lat=None, lon=None), at.id, at.lat, at.lon) == ""
