import pytest

from booking.messages import when
from tests.messages.examples import utc


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (utc(2027, 1, 12, 10), "Tue 12 Jan 10am"),
        (utc(2027, 1, 12, 12), "Tue 12 Jan midday"),
        (utc(2027, 3, 27, 10), "Sat 27 Mar 10am"),  # the day before the clocks go forward
        (utc(2027, 3, 29, 9), "Mon 29 Mar 10am"),  # and the day after: the same wall time
        (utc(2026, 10, 25, 13, 30), "Sun 25 Oct 1:30pm"),
    ],
)
def test_short_words_are_local(instant, words):
    assert when.short(instant) == words


def test_span_names_the_day_once():
    assert when.span(utc(2027, 6, 1, 9), utc(2027, 6, 1, 11)) == "Tuesday 1 June 2027, 10am to midday"
