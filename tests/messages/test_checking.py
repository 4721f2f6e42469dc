"""What `booking check` says of how messages would leave, against the stand-ins; nothing is sent, and nothing read."""

from dataclasses import replace

import pytest

from booking.messages import checking, pacing, sender
from tests.standins.imap import ImapStandIn

pytestmark = pytest.mark.usefixtures("database")


def with_secrets(settings, **secrets):
    return replace(settings, secrets=replace(settings.secrets, **secrets))


async def said(settings) -> dict[str, str]:
    return {each.what: f"{each.level} {each.words}" for each in await checking.check(settings)}


@pytest.fixture
def twilio_only(sending, provider):
    return sending(provider)


async def test_nothing_is_set_up(hub):
    found = await said(hub)
    assert found.keys() == {"mail", "SMS"}
    assert "no mail is sent" in found["mail"] and "no SMS is sent" in found["SMS"]


async def test_notify_knows_the_key_and_the_template(sending, notify_service):
    found = await said(sending(notify_service))
    assert found["SMS"].startswith("ok") and notify_service.accepted == []
    assert "3,000 texts a minute" in found["pace"] and found["pace"].endswith("+44")


async def test_a_template_with_more_than_our_text_is_wrong(sending, notify_service):
    notify_service.template = "Dorset: ((message))"
    assert (await said(sending(notify_service)))["SMS"] == (
        "wrong The template of GOV.UK Notify must be a text message that is exactly ((message))."
    )


@pytest.mark.parametrize("key", ["short", "x" * 80])
async def test_a_key_that_notify_does_not_know_is_wrong(sending, notify_service, key):
    found = await said(with_secrets(sending(notify_service), notify_api_key=key))
    assert found["SMS"].startswith("wrong") and key not in found["SMS"]


async def test_notify_that_cannot_be_reached_is_wrong(sending, notify_service):
    settings = sending(notify_service)
    await notify_service.go_down()
    assert (await said(settings))["SMS"].startswith("wrong GOV.UK Notify cannot be reached")


async def test_a_callback_token_that_is_missing_is_said(sending, notify_service):
    found = await said(with_secrets(sending(notify_service), notify_callback_token="short"))
    assert "what became of texts is not heard" in found["BOOKING_NOTIFY_CALLBACK_TOKEN"]


async def test_texts_by_notify_ask_for_no_reply_until_a_number_is_named(sending, notify_service):
    without = sending(notify_service).with_("messages", sms_sender="")
    assert "nobody can answer" in (await said(without))["messages.sms_sender"]
    sender.use(without)
    assert not sender.current().takes_replies and not sender.current().takes_replies_neutral
    named = without.with_("messages", sms_sender="+447700900000")
    assert "messages.sms_sender" not in await said(named)
    sender.use(named)
    assert sender.current().takes_replies and sender.current().takes_replies_neutral
    sender.use(named.with_("messages", sms_sender_neutral="f33517ff-2a88-4f6e-b855-c550268ce08a"))
    assert sender.current().takes_replies and not sender.current().takes_replies_neutral


async def test_the_mailbox_of_bounces_is_opened_and_left_as_it_is(hub):
    async with ImapStandIn() as mailbox:
        settings = with_secrets(
            hub.with_("messages", bounce_host="127.0.0.1", bounce_port=mailbox.port, bounce_security="none",
                      bounce_user=mailbox.user, timeout_seconds=2),
            bounce_password=mailbox.password,
        )  # fmt: skip
        assert (await said(settings))["bounces"] == "ok INBOX at 127.0.0.1 can be read"
        wrong = await said(with_secrets(settings, bounce_password="another word"))
        assert wrong["bounces"].startswith("wrong") and "another word" not in wrong["bounces"]
        assert not {"FETCH", "STORE", "SEARCH"} & {word for command in mailbox.commands for word in command.split()}


async def test_limits_that_make_no_sense_and_languages_without_words_are_said(twilio_only):
    found = await said(twilio_only.with_("messages", sms_a_day=5, sms_an_hour=10, languages="cy xx"))
    assert found["pace"].startswith("note messages.sms_a_day")
    assert found["messages.languages"].startswith("wrong there are no words in xx; known are en")


async def test_a_limit_that_is_near_is_an_alarm(twilio_only):
    settings = twilio_only.with_("messages", sms_an_hour=5)
    await pacing.take(settings.messages, 4)
    assert [alarm.words for alarm in await pacing.alarms(settings.messages)] == [
        "4 of 5 texts allowed in one hour have left. Past the limit texts wait."
    ]
