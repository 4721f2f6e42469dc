"""What managers read when too few have booked a course."""

import pytest

from booking.messages import sms_parts, wording
from tests.messages import examples
from tests.messages.expected_texts import check


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_too_few_bookings_are_as_stored(channel):
    text = wording.compose("staff_decide", channel, examples.facts(examples.said()))
    stored = f"Subject: {text.subject}\n\n{text.body}" if text.subject else text.body + "\n"
    check(f"staff_decide.{channel.replace('email', 'mail')}.txt", stored)
    assert channel == "email" or sms_parts.parts(text.body) == 1


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_of_a_discreet_course_nothing_is_said_but_the_numbers(channel):
    text = wording.compose("staff_decide", channel, examples.facts(examples.discreet()))
    assert (
        "Freedom" not in text.subject + text.body + text.html and "4 of the 6" in text.body
    ) or "4 of 6" in text.body
