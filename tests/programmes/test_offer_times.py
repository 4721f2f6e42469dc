"""How long an offer is kept: longer the further ahead, never in the quiet hours, never to the start."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking import clock
from booking.programmes.waiting import offer_times
from booking.programmes.waiting.offer_times import earliest_close, is_quiet, offer_until, quiet_ends, when_loud


@pytest.fixture(autouse=True)
def zone():
    clock.use_zone("Europe/London")


def local(text: str) -> datetime:
    day, time = text.split()
    return clock.at(datetime.fromisoformat(day).date(), time)


def said(instant: datetime | None) -> str:
    return clock.local(instant).strftime("%Y-%m-%d %H:%M") if instant else ""


@pytest.mark.parametrize(
    ("now", "closes", "until"),
    [
        ("2026-11-23 10:00", "2026-12-07 10:00", "2026-11-25 10:00"),  # far ahead: two days
        ("2026-11-23 08:00", "2026-11-27 10:00", "2026-11-24 09:00"),  # twelve hours end at 8pm, so in the morning
        ("2026-11-23 08:00", "2026-11-24 10:00", "2026-11-23 12:00"),  # tomorrow: four hours
        ("2026-11-23 10:00", "2026-11-23 14:00", "2026-11-23 10:45"),  # today
        ("2026-11-23 10:00", "2026-11-23 11:10", "2026-11-23 10:40"),  # cut by the margin
        ("2026-11-23 10:00", "2026-11-23 10:59", ""),  # too soon
        ("2026-11-23 20:00", "2026-12-07 10:00", ""),  # quiet
        ("2026-11-23 07:59", "2026-12-07 10:00", ""),
        ("2026-11-23 19:30", "2026-11-24 09:30", "2026-11-24 09:00"),  # asked in the evening: the morning's first hour
        ("2026-11-23 19:30", "2026-11-24 08:45", "2026-11-24 08:15"),
        ("2026-11-23 18:00", "2026-11-23 21:00", "2026-11-23 18:45"),
        ("2026-11-23 19:00", "2026-11-23 20:40", "2026-11-23 19:45"),  # not after quiet hours have begun
    ],
)
def test_how_long_a_place_is_kept(now, closes, until):
    assert said(offer_until(local(now), local(closes))) == until


@pytest.mark.parametrize(
    ("evening", "hours"),
    [("2026-11-23 20:00", 12), ("2027-03-27 20:00", 11), ("2026-10-24 20:00", 13)],
)
def test_a_quiet_night_ends_at_eight_by_the_wall_clock_also_when_clocks_change(evening, hours):
    began = local(evening)
    assert quiet_ends(began) - began == timedelta(hours=hours)
    assert said(quiet_ends(began)).endswith("08:00")
    assert when_loud(began + timedelta(hours=5)) == quiet_ends(began)


MINUTE = timedelta(minutes=1)
# round both clock changes, and round an ordinary night
STARTS = st.sampled_from(["2026-10-23 12:00", "2027-03-26 12:00", "2026-11-23 12:00"])


@given(STARTS, st.integers(0, 3 * 1440), st.integers(-60, 12 * 1440))
def test_an_offer_never_begins_or_ends_in_quiet_hours_nor_near_the_start(start, after, ahead):
    now = local(start) + after * MINUTE
    closes = now + ahead * MINUTE
    until = offer_until(now, closes)
    if until is not None:
        rules = offer_times.rules()
        assert not is_quiet(now) and not is_quiet(until)
        assert until <= closes - rules.margin and until - now >= rules.shortest


@given(STARTS, st.integers(0, 3 * 1440), st.integers(0, 3 * 1440))
def test_what_can_be_offered_now_is_exactly_what_closes_late_enough(start, after, ahead):
    """So that a place is either offered or free for everybody, and never neither."""
    now = local(start) + after * MINUTE
    closes = now + ahead * MINUTE
    if not is_quiet(now):
        assert (offer_until(now, closes) is not None) == (closes >= earliest_close(now))
    elif closes >= earliest_close(now):
        assert offer_until(when_loud(now), closes) is not None
