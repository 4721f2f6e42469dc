"""Numbers and mailboxes that take no messages are marked, and another way is tried."""

import pytest

from booking import db
from tests import make
from tests.messages.queueing import deliver, queue_reminder, row, states

pytestmark = pytest.mark.usefixtures("emptied")


async def test_opted_out_is_marked_and_the_mail_address_tried(sending, twilio, host):
    person = await make.person(phone="+447700021610", email="jo@mail.example", name="Jo Smith")
    failed = await queue_reminder(person, key="r")
    await deliver(sending(twilio, host), times=3)
    assert (await row(failed["id"]))["error_code"] == "21610"
    assert (await db.row("SELECT phone_state FROM person"))["phone_state"] == "opted_out"
    [mail] = host.accepted
    assert "could not send you this by text" in mail.read.get_body(("plain",)).get_content()
    assert len(twilio.sends) == 1 and await states() == {"failed": 1, "sent": 1}


async def waiting():
    """Channel and number of rows of what waits: the next way."""
    found = await db.rows("SELECT channel, count(*) AS n FROM message WHERE state = 'queued' GROUP BY channel")
    return {line["channel"]: line["n"] for line in found}


async def test_not_a_mobile_and_no_mail_fails_once_is_marked_and_staff_ring(sending, twilio):
    await queue_reminder(await make.person(phone="+447700021614"))
    await deliver(sending(twilio), times=3)
    assert len(twilio.sends) == 1 and await states() == {"failed": 1, "queued": 1} and await waiting() == {"call": 1}
    assert (await db.row("SELECT phone_state FROM person"))["phone_state"] == "not_mobile"


async def test_what_went_by_mail_anyway_is_not_sent_again_instead(sending, twilio, host):
    person = await make.person(phone="+447700021610", email="jo@mail.example")
    await queue_reminder(person, key="c", kind="confirmation")
    await deliver(sending(twilio, host), times=3)
    assert len(host.accepted) == 1


async def test_number_found_dead_by_one_message_is_not_tried_for_the_next(sending, twilio):
    person = await make.person(phone="+447700021610")
    await queue_reminder(person, key="one")
    await queue_reminder(person, key="two")
    await deliver(sending(twilio).with_("messages", at_once=1), times=2)
    assert len(twilio.sends) == 1 and await states() == {"failed": 2, "queued": 2} and await waiting() == {"call": 2}


async def test_a_new_number_is_not_marked_for_the_old_ones_fault(sending, twilio):
    person = await make.person(phone="+447700021610")
    await queue_reminder(person)
    await db.execute("UPDATE person SET phone = '+447700900001'")
    await deliver(sending(twilio))
    assert (await db.row("SELECT phone_state FROM person"))["phone_state"] == "ok"


async def test_dead_mailbox_is_marked_and_a_text_is_tried(sending, host):
    await queue_reminder(await make.person(channel="email", email="nobody@mail.example"))
    await deliver(sending(mail=host), times=2)
    assert await states() == {"failed": 1, "queued": 1} and await waiting() == {"sms": 1}
    assert (await db.row("SELECT email_state FROM person"))["email_state"] == "bounced"
