"""Hours of a term that a partner has used: which term a day counts to, and what is counted."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from booking import clock
from booking.places.allowance import terms_of, used_in_terms, used_minutes
from booking.places.models import RoomBooking, TermDate
from booking.places.term_calendar import Period, TermCalendar
from tests import make

TERMS = [
    Period("term", "autumn", date(2026, 9, 2), date(2026, 12, 18)),
    Period("half_term", "autumn", date(2026, 10, 26), date(2026, 10, 30)),
    Period("holiday", "christmas", date(2026, 12, 21), date(2027, 1, 1)),
    Period("term", "spring", date(2027, 1, 4), date(2027, 3, 25)),
    Period("term", "summer", date(2027, 4, 12), date(2027, 7, 21)),
]
SPRING = (date(2027, 1, 4), date(2027, 4, 11))


@pytest.mark.parametrize(
    ("day", "words", "first", "last"),
    [
        (date(2026, 10, 28), "autumn term 2026", date(2026, 9, 2), date(2027, 1, 3)),  # half term
        (date(2027, 1, 3), "autumn term 2026", date(2026, 9, 2), date(2027, 1, 3)),  # the last of the holidays
        (date(2027, 1, 4), "spring term 2027", *SPRING),
        (date(2027, 4, 11), "spring term 2027", *SPRING),
        (date(2027, 7, 21), "summer term 2027", date(2027, 4, 12), date(2027, 8, 31)),
        (date(2027, 8, 31), "summer term 2027", date(2027, 4, 12), date(2027, 8, 31)),
        (date(2027, 9, 1), "autumn term 2027", date(2027, 9, 1), date(2027, 12, 31)),  # beyond what is known
    ],
)
def test_every_day_counts_to_one_term_and_holidays_to_the_one_before(day, words, first, last):
    term = terms_of(TermCalendar("Dorset", TERMS), [day])[day]
    assert (term.term_words, term.first, term.last) == (words, first, last)


def test_terms_follow_each_other_without_a_hole():
    days = [date(2026, 9, 2) + timedelta(days=n) for n in range(500)]
    terms = terms_of(TermCalendar("Dorset", TERMS), days)
    for day, after in pairwise(days):
        assert terms[day].first <= day <= terms[day].last
        assert terms[after] == terms[day] or terms[after].first == after == terms[day].last + timedelta(days=1)


def test_where_nobody_told_us_the_terms_a_year_has_three():
    days = [date(2027, month, 15) for month in (1, 4, 5, 8, 9, 12)]
    words = [term.term_words for term in terms_of(TermCalendar("Nowhere"), days).values()]
    assert words == ["spring term 2027"] * 2 + ["summer term 2027"] * 2 + ["autumn term 2027"] * 2


@pytest.fixture
async def toys(database):
    for period in TERMS:
        await TermDate.create(area="Dorset", academic_year="2026-27", part=period.part, kind=period.kind, start_date=period.first, end_date=period.last)  # fmt: skip
    return await make.organisation()


async def use(toys, room, day, start="10:00", end="11:30", **values):
    await RoomBooking.create(
        **{"room": room, "kind": "partner", "organisation_id": toys.id, "starts_at": clock.at(day, start), "ends_at": clock.at(day, end)}
        | values
    )  # fmt: skip


async def test_requested_and_confirmed_bookings_of_the_term_and_area_count_and_nothing_else(toys):
    dorset, essex = await make.room(), await make.room(await make.location(area="Essex"))
    other = await make.organisation()
    await use(toys, dorset, SPRING[0])
    await use(toys, dorset, SPRING[1], state="requested")
    for state in ("declined", "cancelled", "displaced", "missing", "skipped"):
        await use(toys, dorset, date(2027, 2, 1), state=state)
    await use(toys, dorset, date(2027, 2, 1), kind="swap")
    await use(other, dorset, date(2027, 2, 1))
    await use(toys, essex, date(2027, 2, 1), end="16:00")
    await use(toys, dorset, SPRING[0] - timedelta(days=1))
    await use(toys, dorset, SPRING[1] + timedelta(days=1))
    assert await used_minutes(toys.id, "Dorset", date(2027, 2, 1)) == (180, "spring term 2027", *SPRING)


async def test_many_days_in_two_terms_are_looked_up_at_once(toys, monkeypatch):
    room = await make.room()
    await use(toys, room, date(2027, 3, 1))
    await use(toys, room, date(2027, 5, 3), end="12:00")
    days = [date(2027, 3, 1) + timedelta(weeks=n) for n in range(12)]
    uses = await used_in_terms(toys.id, "Dorset", days)
    assert list(uses) == days
    assert {use.term_words: use.minutes_used for use in uses.values()} == {
        "spring term 2027": 90,
        "summer term 2027": 120,
    }
    assert await used_in_terms(toys.id, "Dorset", []) == {}


async def test_a_booking_over_the_change_of_clocks_counts_the_time_that_passes(toys):
    room = await make.room()
    await use(toys, room, date(2027, 3, 28), start="00:30", end="03:30")  # 01:00 to 02:00 is left out
    assert (await used_minutes(toys.id, "Dorset", date(2027, 3, 28)))[0] == 120


async def test_the_evening_before_a_term_counts_to_the_term_before_in_local_time(toys):
    """In summer time 23:30 UTC is the next day here."""
    room = await make.room()
    await use(toys, room, date(2027, 4, 12), start="00:15", end="01:15")
    assert (await used_minutes(toys.id, "Dorset", date(2027, 4, 12)))[0] == 60
    assert (await used_minutes(toys.id, "Dorset", date(2027, 4, 11)))[0] == 0
