"""What a parent asked for survives in the address, and what nobody offers is left out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from booking.programmes.filters import Filters, read_filters

SATURDAY, WEDNESDAY = date(2026, 11, 21), date(2026, 11, 25)


def read(text: str) -> Filters:
    return read_filters(QueryParams(text))


@pytest.mark.parametrize(
    "text",
    [
        "near=BH22+9TH&within=5&age=12&how=online&booked=book&topic=health&hub=ferndown&words=stay+and+play&day=0&day=4"
        "&time=morning&when=28&start=2026-12-01&sort=near&view=week&page=3",
        "words=%F0%9F%98%80+%22quotes%22+%3Cb%3E",
        "",
    ],
)
def test_the_address_says_the_same_again(text):
    filters = read(text)
    assert read(filters.url("/", page=filters.page).partition("?")[2]) == filters


@pytest.mark.parametrize(
    "text",
    ["age=7", "within=1e9", "day=9", "time=noon", "when=-1", "sort=x", "page=-1", "page=9" * 9, "start=0001-01-01"],
)
def test_what_nobody_offers_is_left_out(text):
    assert read(text) == Filters()


@given(st.text(max_size=60), st.sampled_from(["near", "words", "topic", "hub", "page", "start", "age", "day"]))
def test_any_text_is_read(text, name):
    filters = read_filters(QueryParams([(name, text)]))
    assert filters.url().startswith("/")


def test_the_list_begins_today_and_never_in_the_past():
    assert read("").window(WEDNESDAY) == (WEDNESDAY, date(2026, 12, 8))
    assert read("start=2026-01-01&when=7").window(WEDNESDAY)[0] == WEDNESDAY


def test_the_week_is_monday_to_sunday_and_at_the_weekend_the_next_one():
    assert read("view=week").window(WEDNESDAY) == (date(2026, 11, 23), date(2026, 11, 29))
    assert read("view=week").window(SATURDAY) == (date(2026, 11, 23), date(2026, 11, 29))
    assert read("view=week&start=2026-12-16").window(SATURDAY)[0] == date(2026, 12, 14)


def test_each_filter_can_be_taken_away_by_itself():
    tokens = read("age=12&day=0&day=4&near=BH22").tokens({})
    assert [token["text"] for token in tokens] == ["1 year old", "Mondays", "Fridays"]
    assert tokens[1]["href"] == "/?near=BH22&age=12&day=4"
