"""Which languages are offered, and which one a browser asks for."""

import pytest

from booking.people import languages

OURS = "cy pl ro pt uk bn ur ar"


def test_english_comes_first_and_each_is_called_by_its_own_name():
    offered = languages.offered(OURS)
    assert offered[0].code == "en" and len(offered) == 9
    assert languages.language("pl").words == "Polski (Polish)"
    assert [each.code for each in languages.offered("cy xx cy")] == ["en", "cy"]


def test_urdu_and_arabic_run_from_right_to_left():
    assert {each.code for each in languages.offered(OURS) if each.direction == "rtl"} == {"ur", "ar"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", "en"),
        ("cy-GB,en;q=0.8", "cy"),
        ("en-GB,en;q=0.9,pl;q=0.8", "en"),
        ("fr,pl;q=0.9,en;q=0.8", "pl"),
        ("de, fr", "en"),
        ("pl;q=nonsense, uk;q=0.5", "uk"),
        (";;;,,,;q=", "en"),
    ],
)
def test_the_browser_is_asked_which_one(asked, expected):
    assert languages.wanted_by(asked, OURS) == expected
