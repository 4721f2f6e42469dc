"""Due messages leave once, and in order (promise P4)."""

import asyncio
from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages import claims
from booking.messages.delivery import deliver_due
from tests import make
from tests.messages.queueing import deliver, queue_code, queue_reminder, row, states

pytestmark = pytest.mark.usefixtures("emptied")


async def test_sends_records_and_sends_no_more(sending, provider):
    sent = await queue_reminder()
    delivered = await deliver(sending(provider), times=3)
    now = await row(sent["id"])
    assert (now["state"], now["attempts"], now["may_have_left"]) == ("sent", 1, 0)
    assert now["provider_reference"] == provider.accepted[0]["id"] and now["sent_at"] is not None
    assert len(provider.accepted) == 1 and delivered.claimed == 0


async def test_mail_leaves_too(sending, host):
    sent = await queue_reminder(await make.person(channel="email", email="jo@mail.example"))
    await deliver(sending(mail=host), times=2)
    assert (await row(sent["id"]))["state"] == "sent" and len(host.accepted) == 1


async def test_not_before_it_is_due(sending, provider):
    await queue_reminder(due_at=clock.now() + timedelta(minutes=10))
    await deliver_due(sending(provider), "w")
    assert provider.requests == []


async def test_codes_go_first(sending, provider):
    for _ in range(3):
        await queue_reminder()
    await queue_code()
    await deliver_due(sending(provider), "w", limit=1)
    assert "is your code" in provider.accepted[0]["body"]


async def test_code_is_wiped_once_sent(sending, provider):
    code = await queue_code()
    await deliver(sending(provider))
    now = await row(code["id"])
    assert now["state"] == "sent" and (now["body"], now["subject"], now["html"]) == ("", "", "")


async def test_without_credentials_nothing_is_sent_and_it_stays_readable(sending):
    kept = await queue_reminder()
    assert (await deliver(sending())).claimed == 0
    assert (await row(kept["id"]))["state"] == "queued" and kept["body"]


async def test_mail_waits_for_a_host_while_sms_leave(sending, provider):
    await queue_reminder()
    await queue_reminder(await make.person(channel="email", email="jo@mail.example"))
    await deliver(sending(provider))
    assert await states() == {"sent": 1, "queued": 1}


async def test_slowing_down_when_asked_to(sending, provider):
    provider.always, provider.retry_after = "429", "30"
    for _ in range(10):
        await queue_reminder()
    before = clock.now()
    await deliver_due(sending(provider).with_("messages", at_once=2), "w", limit=5)
    assert len(provider.sends) <= 2
    assert (await db.row("SELECT min(next_try_at) AS first_at FROM message"))["first_at"] >= before + timedelta(
        seconds=30
    )
    provider.always = ""
    await deliver(sending(provider), times=2)
    assert len(provider.sends) <= 2 + 10
    await deliver(sending(provider))
    assert await states() == {"sent": 10}


async def test_a_worker_that_stops_gives_back_what_it_has_not_begun(sending, provider):
    for _ in range(6):
        await queue_reminder()
    settings = sending(provider).with_("messages", at_once=2)
    await deliver_due(settings, "w", is_stopping=lambda: len(provider.accepted) >= 2)
    assert 2 <= len(provider.accepted) <= 4 and set(await states()) == {"sent", "queued"}
    await deliver(settings)
    assert await states() == {"sent": 6} and provider.doubled == []


async def test_provider_down_for_an_hour_drops_nothing(sending, provider):
    for _ in range(5):
        await queue_reminder()
    await provider.go_down()
    with time_machine.travel(clock.now(), tick=True) as travelled:
        for _ in range(12):
            await deliver_due(sending(provider), "w")
            travelled.shift(300)
        assert await states() == {"queued": 5} and (await db.row("SELECT max(attempts) AS n FROM message"))["n"] < 12
        await provider.come_back()
        travelled.shift(1200)
        await deliver_due(sending(provider), "w")
    assert await states() == {"sent": 5} and provider.doubled == []


async def test_without_claims_two_workers_would_send_it_twice(sending, provider, monkeypatch):
    """The negative control: what the claim prevents does happen without it."""

    async def look_only(worker, channels, limit):
        return await db.rows("SELECT * FROM message WHERE state = 'queued'")

    async def always(row, provider):
        return True

    monkeypatch.setattr(claims, "claim", look_only)
    monkeypatch.setattr(claims, "begin", always)
    provider.delay = 0.1
    await queue_reminder()
    await asyncio.gather(deliver_due(sending(provider), "one"), deliver_due(sending(provider), "two"))
    assert provider.doubled
