"""Due messages leave once, whatever the providers do (promise P4)."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages import claims, outbox, outcomes
from booking.messages.delivery import deliver_due
from tests import make
from tests.messages import examples
from tests.messages.queueing import make_due, queue_code, queue_reminder, row, states

pytestmark = pytest.mark.usefixtures("emptied")


async def deliver(settings, times=1):
    for _ in range(times):
        delivered = await deliver_due(settings, "worker-1")
        await make_due()
    return delivered


async def test_sends_records_and_sends_no_more(sending, twilio):
    sent = await queue_reminder()
    delivered = await deliver(sending(twilio), times=3)
    now = await row(sent["id"])
    assert (now["state"], now["attempts"], now["may_have_left"]) == ("sent", 1, 0)
    assert now["provider_reference"] == twilio.accepted[0]["sid"] and now["sent_at"] is not None
    assert len(twilio.accepted) == 1 and delivered.claimed == 0


async def test_mail_leaves_too(sending, host):
    sent = await queue_reminder(await make.person(channel="email", email="jo@mail.example"))
    await deliver(sending(mail=host), times=2)
    assert (await row(sent["id"]))["state"] == "sent" and len(host.accepted) == 1


async def test_not_before_it_is_due(sending, twilio):
    await queue_reminder(due_at=clock.now() + timedelta(minutes=10))
    await deliver_due(sending(twilio), "w")
    assert twilio.requests == []


async def test_codes_go_first(sending, twilio):
    for _ in range(3):
        await queue_reminder()
    await queue_code()
    await deliver_due(sending(twilio), "w", limit=1)
    assert "is your code" in twilio.accepted[0]["body"]


async def test_code_is_wiped_once_sent(sending, twilio):
    code = await queue_code()
    await deliver(sending(twilio))
    now = await row(code["id"])
    assert now["state"] == "sent" and (now["body"], now["subject"], now["html"]) == ("", "", "")


async def test_without_credentials_nothing_is_sent_and_it_stays_readable(sending):
    kept = await queue_reminder()
    assert (await deliver(sending())).claimed == 0
    assert (await row(kept["id"]))["state"] == "queued" and kept["body"]


async def test_mail_waits_for_a_host_while_sms_leave(sending, twilio):
    await queue_reminder()
    await queue_reminder(await make.person(channel="email", email="jo@mail.example"))
    await deliver(sending(twilio))
    assert await states() == {"sent": 1, "queued": 1}


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


async def test_opted_out_is_marked_and_the_mail_address_tried(sending, twilio, host):
    person = await make.person(phone="+447700021610", email="jo@mail.example", name="Jo Smith")
    failed = await queue_reminder(person, key="r")
    await deliver(sending(twilio, host), times=3)
    assert (await row(failed["id"]))["error_code"] == "21610"
    assert (await db.row("SELECT phone_state FROM person"))["phone_state"] == "opted_out"
    [mail] = host.accepted
    assert "could not send you this by text" in mail.read.get_body(("plain",)).get_content()
    assert len(twilio.sends) == 1 and await states() == {"failed": 1, "sent": 1}


async def test_not_a_mobile_and_no_mail_fails_once_and_is_marked(sending, twilio):
    await queue_reminder(await make.person(phone="+441202021614"))
    await deliver(sending(twilio), times=3)
    assert len(twilio.sends) == 1 and await states() == {"failed": 1}
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
    assert len(twilio.sends) == 1 and await states() == {"failed": 2}


async def test_a_new_number_is_not_marked_for_the_old_ones_fault(sending, twilio):
    person = await make.person(phone="+447700021610")
    await queue_reminder(person)
    await db.execute("UPDATE person SET phone = '+447700900001'")
    await deliver(sending(twilio))
    assert (await db.row("SELECT phone_state FROM person"))["phone_state"] == "ok"


async def test_dead_mailbox_is_marked(sending, host):
    await queue_reminder(await make.person(channel="email", email="nobody@mail.example"))
    await deliver(sending(mail=host), times=2)
    assert await states() == {"failed": 1}
    assert (await db.row("SELECT email_state FROM person"))["email_state"] == "bounced"


async def test_slowing_down_when_asked_to(sending, twilio):
    twilio.always, twilio.retry_after = "429", "30"
    for _ in range(10):
        await queue_reminder()
    before = clock.now()
    await deliver_due(sending(twilio).with_("messages", at_once=2), "w", limit=5)
    assert len(twilio.sends) <= 2
    assert (await db.row("SELECT min(next_try_at) AS first_at FROM message"))["first_at"] >= before + timedelta(
        seconds=30
    )
    twilio.always = ""
    await deliver(sending(twilio), times=2)
    assert len(twilio.sends) <= 2 + 10
    await deliver(sending(twilio))
    assert await states() == {"sent": 10}


async def test_a_worker_that_stops_gives_back_what_it_has_not_begun(sending, twilio):
    for _ in range(6):
        await queue_reminder()
    settings = sending(twilio).with_("messages", at_once=2)
    await deliver_due(settings, "w", is_stopping=lambda: len(twilio.accepted) >= 2)
    assert 2 <= len(twilio.accepted) <= 4 and set(await states()) == {"sent", "queued"}
    await deliver(settings)
    assert await states() == {"sent": 6} and twilio.doubled == []


async def test_provider_down_for_an_hour_drops_nothing(sending, twilio):
    for _ in range(5):
        await queue_reminder()
    await twilio.go_down()
    with time_machine.travel(clock.now(), tick=True) as travelled:
        for _ in range(12):
            await deliver_due(sending(twilio), "w")
            travelled.shift(300)
        assert await states() == {"queued": 5} and (await db.row("SELECT max(attempts) AS n FROM message"))["n"] < 12
        await twilio.come_back()
        travelled.shift(1200)
        await deliver_due(sending(twilio), "w")
    assert await states() == {"sent": 5} and twilio.doubled == []


async def test_too_late_is_missed_with_the_reason_not_sent(sending, twilio):
    late = await queue_reminder(expires_at=clock.now() + timedelta(minutes=5))
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        await deliver_due(sending(twilio), "w")
        await claims.miss_expired()
        now = await row(late["id"])
    assert now["state"] == "missed" and now["error"] and twilio.requests == []


async def test_too_late_but_perhaps_sent_is_asked_about_first(sending, twilio):
    twilio.faults = ["cut after"]
    sent = await queue_reminder(expires_at=clock.now() + timedelta(minutes=5))
    await deliver_due(sending(twilio), "w")
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        await claims.miss_expired()
        await deliver_due(sending(twilio), "w")
    assert (await row(sent["id"]))["state"] == "sent" and len(twilio.accepted) == 1


async def test_cancelled_a_minute_before_the_reminder_is_not_sent(sending, twilio):
    reminder = await queue_reminder(due_at=clock.now() + timedelta(minutes=1))
    await outbox.void(session_id=reminder["session_id"], why="session cancelled")
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        await deliver_due(sending(twilio), "w")
    assert twilio.requests == [] and (await row(reminder["id"]))["error"] == "session cancelled"


async def test_cancelled_between_the_claim_and_the_sending_is_not_sent(sending, twilio):
    reminder = await queue_reminder()
    [claimed] = await claims.claim("w", ["sms"], 10)
    await outbox.void(session_id=reminder["session_id"], why="session cancelled")
    assert not await claims.begin(claimed)
    assert (await row(reminder["id"]))["state"] == "void"


async def test_sent_is_recorded_even_when_it_was_voided_meanwhile(sending, twilio):
    reminder = await queue_reminder()
    [claimed] = await claims.claim("w", ["sms"], 10)
    assert await claims.begin(claimed)
    await outbox.void(session_id=reminder["session_id"], why="session cancelled")
    await claims.record_sent(claimed, outcomes.sent("SM1"))
    assert (await row(reminder["id"]))["state"] == "sent"


async def test_a_stalled_worker_whose_claim_was_taken_over_sends_nothing(sending, twilio):
    await queue_reminder()
    [stalled] = await claims.claim("stalled", ["sms"], 10)
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        await deliver_due(sending(twilio), "other")
    assert len(twilio.accepted) == 1
    assert not await claims.begin(stalled)


async def test_a_clock_set_back_or_forward_an_hour_doubles_nothing(sending, twilio):
    """The wall clock of the machine is UTC inside; even a machine whose clock jumps only waits or asks."""
    twilio.faults = ["500 after"]
    await queue_reminder()
    now = clock.now()
    for hours in (0, 1, -1, 0, 1, 2):
        with time_machine.travel(now + timedelta(hours=hours)):
            await deliver_due(sending(twilio), "w")
            await claims.rescue()
    assert await states() == {"sent": 1} and len(twilio.accepted) == 1


@pytest.mark.parametrize("moment", ["2027-03-28T00:59:00Z", "2026-10-25T00:30:00Z"])
async def test_deliveries_go_on_through_both_clock_changes(sending, twilio, moment):
    with time_machine.travel(moment) as travelled:
        for minutes in range(0, 120, 20):
            await queue_reminder(due_at=clock.now() + timedelta(minutes=minutes), expires_at=None)
        for _ in range(13):
            await deliver_due(sending(twilio), "w")
            travelled.shift(600)
    assert await states() == {"sent": 6} and len(twilio.accepted) == 6


async def test_an_invite_that_was_held_up_does_not_come_after_its_cancellation(sending, host):
    person = await make.person(channel="email", email="jo@mail.example")
    dates = examples.course()
    options = {"facts": {"dates": dates}, "calendar": dates, "said": dates[0]}
    await queue_reminder(person, key="c", kind="confirmation", **options)
    await queue_reminder(person, key="x", kind="cancellation", **options)
    await db.execute(
        "UPDATE message SET next_try_at = $1 WHERE dedupe_key LIKE 'c:%'", clock.now() + timedelta(hours=1)
    )
    await db.execute("UPDATE message SET next_try_at = $1 WHERE dedupe_key LIKE 'x:%'", clock.now())
    await deliver(sending(mail=host), times=3)
    methods = [
        part.get_param("method") for mail in host.accepted for part in mail.read.walk() if part.get_param("method")
    ]
    assert methods == ["CANCEL", "CANCEL", "CANCEL"]
    assert await states() == {"sent": 4, "void": 2}  # the confirmation's words still go, without its entry


async def test_an_invite_after_a_cancellation_that_still_waits_goes_out(sending, host):
    person = await make.person(channel="email", email="jo@mail.example")
    await queue_reminder(person, key="c", kind="confirmation", calendar=[examples.said()])
    later = clock.now() + timedelta(minutes=10)
    await queue_reminder(person, key="x", kind="cancellation", calendar=[examples.said()], due_at=later)
    await deliver_due(sending(mail=host), "w")
    assert len(host.accepted) == 1 and b'method="REQUEST"' in host.accepted[0].content
