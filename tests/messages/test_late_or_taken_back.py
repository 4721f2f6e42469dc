"""What is too late, cancelled or overtaken is not sent, whatever the clocks and the workers do."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages import claims, outbox, outcomes
from booking.messages.delivery import deliver_due
from tests import make
from tests.messages import examples
from tests.messages.queueing import deliver, queue_reminder, row, states

pytestmark = pytest.mark.usefixtures("emptied")


async def test_too_late_is_missed_with_the_reason_not_sent(sending, provider):
    late = await queue_reminder(expires_at=clock.now() + timedelta(minutes=5))
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        await deliver_due(sending(provider), "w")
        await claims.miss_expired()
        now = await row(late["id"])
    assert now["state"] == "missed" and now["error"] and provider.requests == []


async def test_too_late_but_perhaps_sent_is_asked_about_first(sending, provider):
    provider.faults = ["cut after"]
    sent = await queue_reminder(expires_at=clock.now() + timedelta(minutes=5))
    await deliver_due(sending(provider), "w")
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        await claims.miss_expired()
        await deliver_due(sending(provider), "w")
    assert (await row(sent["id"]))["state"] == "sent" and len(provider.accepted) == 1


async def test_cancelled_a_minute_before_the_reminder_is_not_sent(sending, provider):
    reminder = await queue_reminder(due_at=clock.now() + timedelta(minutes=1))
    await outbox.void(session_id=reminder["session_id"], why="session cancelled")
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        await deliver_due(sending(provider), "w")
    assert provider.requests == [] and (await row(reminder["id"]))["error"] == "session cancelled"


async def test_cancelled_between_the_claim_and_the_sending_is_not_sent(sending, provider):
    reminder = await queue_reminder()
    [claimed] = await claims.claim("w", ["sms"], 10)
    await outbox.void(session_id=reminder["session_id"], why="session cancelled")
    assert not await claims.begin(claimed)
    assert (await row(reminder["id"]))["state"] == "void"


async def test_sent_is_recorded_even_when_it_was_voided_meanwhile(sending, provider):
    reminder = await queue_reminder()
    [claimed] = await claims.claim("w", ["sms"], 10)
    assert await claims.begin(claimed)
    await outbox.void(session_id=reminder["session_id"], why="session cancelled")
    await claims.record_sent(claimed, outcomes.sent("SM1"))
    assert (await row(reminder["id"]))["state"] == "sent"


async def test_a_stalled_worker_whose_claim_was_taken_over_sends_nothing(sending, provider):
    await queue_reminder()
    [stalled] = await claims.claim("stalled", ["sms"], 10)
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        await deliver_due(sending(provider), "other")
    assert len(provider.accepted) == 1
    assert not await claims.begin(stalled)


async def test_a_clock_set_back_or_forward_an_hour_doubles_nothing(sending, provider):
    """The wall clock of the machine is UTC inside; even a machine whose clock jumps only waits or asks."""
    provider.faults = ["500 after"]
    await queue_reminder()
    now = clock.now()
    for hours in (0, 1, -1, 0, 1, 2):
        with time_machine.travel(now + timedelta(hours=hours)):
            await deliver_due(sending(provider), "w")
            await claims.rescue()
    assert await states() == {"sent": 1} and len(provider.accepted) == 1


@pytest.mark.parametrize("moment", ["2027-03-28T00:59:00Z", "2026-10-25T00:30:00Z"])
async def test_deliveries_go_on_through_both_clock_changes(sending, provider, moment):
    with time_machine.travel(moment) as travelled:
        for minutes in range(0, 120, 20):
            await queue_reminder(due_at=clock.now() + timedelta(minutes=minutes), expires_at=None)
        for _ in range(13):
            await deliver_due(sending(provider), "w")
            travelled.shift(600)
    assert await states() == {"sent": 6} and len(provider.accepted) == 6


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
