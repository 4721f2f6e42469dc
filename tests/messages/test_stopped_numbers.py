"""A number that has said STOP gets no text by any path: not by another booking, nor a code, nor what staff write."""

import pytest

from booking.messages.delivery import deliver_due
from booking.people.models import Person
from tests import make
from tests.messages.queueing import queue_code, queue_reminder, row

pytestmark = pytest.mark.usefixtures("emptied")


async def test_a_number_that_was_stopped_is_stopped_for_whoever_else_has_it(sending, twilio):
    """STOP is said by a telephone: a booking made with the same number since does not open it again."""
    await make.person(phone="+447700900701", phone_state="opted_out")
    other = await make.person(phone="+447700900701")
    text = await queue_reminder(other)
    code = await queue_code(address="+447700900701")
    await deliver_due(sending(twilio), "w")
    assert not twilio.sends
    assert {(await row(each["id"]))["state"] for each in (text, code)} == {"failed"}


async def test_a_number_that_its_network_says_has_stopped_is_marked_for_all_who_have_it(sending, twilio):
    people = [await make.person(phone="+447700021610") for _ in range(2)]
    await queue_reminder(people[0])
    await deliver_due(sending(twilio), "w")
    assert {(await Person.get(id=each.id)).phone_state for each in people} == {"opted_out"}
