"""When the provider does not say whether it took a message, it is asked before anything is sent again (promise P4)."""

import pytest

from booking import db
from booking.messages.delivery import deliver_due
from tests import make
from tests.messages.queueing import deliver, queue_code, queue_reminder, row, states

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.mark.parametrize("fault", ["429", "503", "500", "cut before", "cut after", "500 after", "nonsense after"])
async def test_after_one_fault_it_arrives_once(sending, twilio, fault):
    twilio.faults, twilio.retry_after = [fault], "0"
    sent = await queue_reminder()
    await deliver(sending(twilio), times=3)
    assert (await row(sent["id"]))["state"] == "sent"
    assert len(twilio.accepted) == 1


@pytest.mark.parametrize(
    "faults", [["500", "cut after"], ["cut before", "500 after"], ["429", "500", "cut before", "429"]]
)
async def test_after_many_faults_it_arrives_once(sending, twilio, faults):
    twilio.faults, twilio.retry_after = list(faults), "0"
    await queue_reminder()
    await deliver(sending(twilio), times=6)
    assert await states() == {"sent": 1} and len(twilio.accepted) == 1


async def test_silence_is_not_taken_for_a_refusal(sending, twilio):
    twilio.faults = ["hold after"]
    settings = sending(twilio).with_("messages", timeout_seconds=1)
    sent = await queue_reminder()
    await deliver_due(settings, "w")
    now = await row(sent["id"])
    assert (now["state"], now["may_have_left"], now["error_code"]) == ("queued", 1, "silence")
    await deliver(settings, times=2)
    assert (await row(sent["id"]))["state"] == "sent" and len(twilio.accepted) == 1


async def test_asks_before_it_sends_again_and_not_otherwise(sending, twilio):
    twilio.faults = ["500 after"]
    await queue_reminder()
    await deliver(sending(twilio), times=2)
    assert [request.method for request in twilio.requests] == ["POST", "GET"]


async def test_while_it_cannot_ask_it_does_not_send(sending, twilio):
    twilio.faults, twilio.list_fault = ["cut after"], "500"
    sent = await queue_reminder()
    await deliver(sending(twilio), times=3)
    assert len(twilio.sends) == 1 and (await row(sent["id"]))["may_have_left"]
    twilio.list_fault = ""
    await deliver(sending(twilio))
    assert (await row(sent["id"]))["state"] == "sent" and len(twilio.accepted) == 1


async def test_without_asking_there_would_be_two(sending, twilio):
    """The negative control: with the mark forgotten, the fault that the tests above survive sends twice."""
    twilio.faults = ["cut after"]
    await queue_reminder()
    await deliver_due(sending(twilio), "w")
    await db.execute("UPDATE message SET may_have_left = $1", False)
    await deliver(sending(twilio), times=2)
    assert len(twilio.accepted) == 2 and twilio.doubled


async def test_two_texts_alike_are_told_apart_by_their_marker(sending, twilio):
    person = await make.person()
    twilio.faults = ["ok", "500"]
    await queue_reminder(person, key="one")
    await queue_reminder(person, key="two")
    await deliver(sending(twilio).with_("messages", at_once=1), times=3)
    assert await states() == {"sent": 2} and len(twilio.accepted) == 2


async def test_two_codes_alike_are_told_apart_by_what_is_ours_already(sending, twilio):
    twilio.faults = ["ok", "500"]
    await queue_code(code="111111")
    await queue_code(code="111111")
    await deliver(sending(twilio).with_("messages", at_once=1), times=3)
    assert await states() == {"sent": 2} and len(twilio.accepted) == 2
