"""Ages, numbers and places: the rules by tables of cases."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.programmes.bookings.coming import (
    ChildComing,
    Offered,
    Party,
    age_problems,
    fits,
    party_problems,
    places_needed,
)

DAY = date(2027, 1, 12)


def child(year: int, month: int) -> ChildComing:
    return ChildComing("Ada", year, month)


@pytest.mark.parametrize(
    ("low", "high", "born", "expected"),
    [
        (6, 60, (2026, 8), False),  # 5 months at most
        (6, 60, (2026, 7), True),  # 5 or 6 months: let in
        (6, 60, (2024, 1), True),
        (6, 60, (2022, 1), True),  # 60 months, or nearly
        (6, 60, (2021, 12), True),  # 60 or 61 months: let in
        (6, 60, (2021, 11), False),
        (0, 12, (2027, 2), False),  # not born yet
        (0, 12, (2027, 1), True),
        (None, 12, (2026, 12), True),
        (216, None, (2009, 1), True),
        (216, None, (2009, 2), False),
        (None, None, (1999, 1), True),
    ],
)
def test_a_child_fits_by_the_month_of_birth(low, high, born, expected):
    assert fits(Offered(low, high, "child", "families"), child(*born), DAY) is expected


@given(st.integers(0, 200), st.integers(0, 40), st.integers(2008, 2027), st.integers(1, 12))
def test_whoever_fits_a_range_fits_a_wider_one(low, width, year, month):
    narrow = Offered(low, low + width, "child", "families")
    wider = Offered(max(low - 1, 0), low + width + 1, "child", "families")
    assert not fits(narrow, child(year, month), DAY) or fits(wider, child(year, month), DAY)


@pytest.mark.parametrize(
    ("unit", "adults", "children", "expected"),
    [
        ("families", 2, 3, 1), ("couples", 2, 0, 1), ("adults", 2, 3, 2), ("children", 1, 3, 3),
        ("people", 2, 3, 5), ("young people", 0, 2, 2), ("children", 1, 0, 1),
    ],
)  # fmt: skip
def test_places_are_counted_in_the_programmes_unit(unit, adults, children, expected):
    party = Party(("Sam Carter",) * adults, (child(2024, 1),) * children)
    assert places_needed(Offered(None, None, "child", unit), party) == expected


def test_a_wrong_age_is_said_by_name_and_only_where_it_is_for_children():
    party = Party(("Sam Carter",), (child(2015, 1),))
    assert [p.rule for p in age_problems(Offered(6, 60, "child", "families"), party, DAY)] == ["age"]
    assert age_problems(Offered(None, None, "adult", "adults"), party, DAY) == []


def test_somebody_must_come():
    rules = [p.field for p in party_problems(Offered(6, 60, "child", "families"), Party(()))]
    assert rules == ["adult-0", "child-0-first_name"]


def test_names_are_said_as_people_say_them():
    assert Party(("Sam Carter",)).words() == "Sam"
    assert Party(("Sam Carter", "Jo Reed"), (child(2024, 1),)).words() == "Sam, Jo and Ada"
