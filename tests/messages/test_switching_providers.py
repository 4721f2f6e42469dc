"""A text that may have left by the provider that was in use before is asked for there, and nowhere else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking import clock, db
from booking.messages.delivery import deliver_due
from tests.messages.queueing import deliver, make_due, queue_reminder, row, states

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def switching(sending, twilio, notify_service):
    """The settings with the named provider in use, and the credentials of both."""
    both = sending(notify_service).with_("messages", **twilio.settings())
    return lambda name: both.with_("messages", sms_provider=name)


def without_twilio(settings):
    return replace(settings, secrets=replace(settings.secrets, sms_auth_token=""))


async def test_what_the_old_one_has_is_not_sent_by_the_new_one(switching, twilio, notify_service):
    twilio.faults = ["cut after"]
    sent = await queue_reminder()
    await deliver(switching("twilio"))
    assert (await row(sent["id"]))["provider"] == "twilio"
    await deliver(switching("notify"), times=2)
    now = await row(sent["id"])
    assert (now["state"], now["provider"], now["provider_reference"]) == ("sent", "twilio", twilio.accepted[0]["sid"])
    assert len(twilio.accepted) == 1 and notify_service.requests == []


async def test_what_the_old_one_never_had_leaves_by_the_new_one(switching, twilio, notify_service):
    twilio.faults = ["cut before"]
    sent = await queue_reminder()
    await deliver(switching("twilio"))
    await deliver(switching("notify"))
    now = await row(sent["id"])
    assert (now["state"], now["provider"]) == ("sent", "notify")
    assert (len(twilio.questions), twilio.accepted, len(notify_service.accepted)) == (1, [], 1)


async def test_after_silence_of_the_new_one_the_new_one_is_asked(switching, twilio, notify_service):
    twilio.faults, notify_service.faults = ["cut before"], ["cut after"]
    await queue_reminder()
    await deliver(switching("twilio"))
    await deliver(switching("notify"), times=2)
    assert await states() == {"sent": 1} and len(notify_service.accepted) == 1 and len(notify_service.questions) == 1


async def test_and_back_again(switching, twilio, notify_service):
    notify_service.faults = ["cut after"]
    sent = await queue_reminder()
    await deliver(switching("notify"))
    await deliver(switching("twilio"), times=2)
    assert (await row(sent["id"]))["provider"] == "notify" and twilio.requests == []
    assert await states() == {"sent": 1} and len(notify_service.accepted) == 1


async def test_without_its_credentials_it_waits_until_they_are_back(switching, twilio, notify_service):
    twilio.faults = ["cut after"]
    sent = await queue_reminder()
    await deliver(switching("twilio"))
    await deliver(without_twilio(switching("notify")), times=2)
    await deliver_due(without_twilio(switching("notify")), "w")
    now = await row(sent["id"])
    assert (now["state"], now["may_have_left"], notify_service.requests) == ("queued", 1, [])
    assert now["error"] == "It may have left by Twilio, which is asked when it is set up again."
    assert await db.value("SELECT used FROM pace WHERE key = 'sms day'") == 0  # no permit is used up by waiting
    await make_due()
    await deliver(switching("notify"))
    assert await states() == {"sent": 1} and len(twilio.accepted) == 1


async def test_what_is_too_late_by_then_has_failed_with_the_reason(switching, twilio, notify_service):
    twilio.faults = ["cut after"]
    sent = await queue_reminder()
    await deliver(switching("twilio"))
    await db.execute("UPDATE message SET expires_at = $1", clock.now() - timedelta(minutes=1))
    await deliver_due(without_twilio(switching("notify")), "w")
    now = await row(sent["id"])
    assert (now["state"], now["error_code"], notify_service.requests) == ("failed", "not set up", [])
    assert now["error"].startswith("It may have left by Twilio, which is not set up any more")
    assert await states() == {"failed": 1}
