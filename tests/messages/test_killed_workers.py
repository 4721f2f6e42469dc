"""Workers killed with SIGKILL at every step, and several at once: real processes on a real database (promise P4)."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager

import pytest

from booking.messages.delivery import deliver_due
from tests import make
from tests.messages.queueing import forsake_claims, queue_reminder, row, states
from tests.messages.worker import SHORT_LEASE, STEPS
from tests.standins.notify import NotifyStandIn
from tests.standins.twilio import TwilioStandIn

pytestmark = pytest.mark.usefixtures("emptied")


@asynccontextmanager
async def worker(database, step="none", provider=None, host=None, batches=1):
    """A worker process; killed at the end if it still runs."""
    where = (json.dumps(provider.settings()) if provider else "-", str(host.port) if host else "-")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.messages.worker", database.url, step, *where, str(batches)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def stand(process, place=b"here\n"):
    """Waits until the worker has said that it is there."""
    assert process.stdout is not None
    async with asyncio.timeout(90):
        while (line := await process.stdout.readline()) != place:
            assert line, "the worker ended before it came there"


async def until(is_so):
    while not is_so():  # noqa: ASYNC110  the stand-in's lists have no event to wait for
        await asyncio.sleep(0.005)


EACH_STEP = [(TwilioStandIn, step) for step in STEPS] + [
    (NotifyStandIn, step) for step in STEPS if step in ("after the last look", "before the record", "after the record")
]  # what comes before is the same for all providers


@pytest.mark.parametrize(("provider", "step"), EACH_STEP, indirect=["provider"])
async def test_sms_worker_killed_at_any_step_sends_once(emptied, sending, provider, step):
    message = await queue_reminder()
    async with worker(emptied, step, provider) as process:
        await stand(process)
        process.kill()
    await forsake_claims()
    await deliver_due(sending(provider), "next")
    await deliver_due(sending(provider), "next")
    assert (await row(message["id"]))["state"] == "sent"
    assert len(provider.accepted) == 1


@pytest.mark.parametrize("moment", ["hold before", "hold after"])
async def test_sms_worker_killed_in_the_middle_of_the_request_sends_once(emptied, sending, provider, moment):
    message = await queue_reminder()
    provider.faults = [moment]
    async with worker(emptied, "none", provider) as process:
        async with asyncio.timeout(90):
            await provider.arrived.wait()
        process.kill()
    await forsake_claims()
    await deliver_due(sending(provider), "next")
    assert (await row(message["id"]))["state"] == "sent"
    assert len(provider.accepted) == 1


@pytest.mark.parametrize("step", [step for step in STEPS if step != "before the record"])
async def test_mail_worker_killed_at_any_step_but_one_sends_once(emptied, sending, host, step):
    message = await queue_reminder(await make.person(channel="email", email="jo@mail.example"))
    async with worker(emptied, step, host=host) as process:
        await stand(process)
        process.kill()
    await forsake_claims()
    await deliver_due(sending(mail=host), "next")
    assert (await row(message["id"]))["state"] == "sent"
    assert len(host.accepted) == 1


async def test_mail_worker_killed_between_acceptance_and_record_sends_the_very_same_mail(emptied, sending, host):
    """SMTP cannot be asked: what it gets twice here is one mail, to the byte (docs/decisions)."""
    message = await queue_reminder(await make.person(channel="email", email="jo@mail.example"))
    async with worker(emptied, "before the record", host=host) as process:
        await stand(process)
        process.kill()
    await forsake_claims()
    await deliver_due(sending(mail=host), "next")
    assert (await row(message["id"]))["state"] == "sent"
    assert len({mail.content for mail in host.accepted}) == 1 and len(host.ids) == 1


async def test_four_workers_share_the_work_and_send_each_message_once(emptied, sending, provider):
    for _ in range(60):
        await queue_reminder()
    provider.delay = 0.02
    async with (
        worker(emptied, provider=provider, batches=8) as one,
        worker(emptied, provider=provider, batches=8) as two,
        worker(emptied, provider=provider, batches=8) as three,
        worker(emptied, provider=provider, batches=8) as four,
    ):
        async with asyncio.timeout(180):
            await asyncio.gather(*(process.wait() for process in (one, two, three, four)))
    assert await states() == {"sent": 60}
    assert len(provider.accepted) == 60 and provider.doubled == []


async def test_workers_killed_while_others_work_lose_and_double_nothing(emptied, sending, provider):
    for _ in range(40):
        await queue_reminder()
    provider.delay = 0.05
    async with (
        worker(emptied, provider=provider, batches=4) as doomed,
        worker(emptied, provider=provider, batches=4) as other,
    ):
        await stand(doomed, b"ready\n")
        async with asyncio.timeout(90):
            await until(lambda: len(provider.accepted) >= 5)
        doomed.kill()
        async with asyncio.timeout(90):
            await other.wait()
    await forsake_claims()
    await deliver_due(sending(provider), "next", limit=100)
    assert await states() == {"sent": 40}
    assert len(provider.accepted) == 40 and provider.doubled == []


async def test_a_worker_on_a_living_claim_is_not_robbed(emptied, sending, provider):
    provider.delay = 1.0
    await queue_reminder()
    async with worker(emptied, provider=provider) as slow:
        async with asyncio.timeout(90):
            await until(lambda: bool(provider.requests))
        assert (await deliver_due(sending(provider), "other")).claimed == 0
        await slow.wait()
    assert await states() == {"sent": 1} and len(provider.accepted) == 1


@pytest.mark.parametrize(
    ("provider", "step", "times"),
    [(TwilioStandIn, "frozen", 1), (NotifyStandIn, "frozen", 1), (TwilioStandIn, "frozen without a deadline", 2)],
    indirect=["provider"],
)
async def test_a_frozen_worker_that_comes_back_sends_nothing_that_another_has_sent(
    emptied, sending, provider, step, times
):
    """The last is the negative control: without a look at the clock right before the request there are two."""
    await queue_reminder()
    async with worker(emptied, step, provider) as frozen:
        await stand(frozen)
        await forsake_claims()
        await deliver_due(sending(provider), "next")
        assert await states() == {"sent": 1}
        await asyncio.sleep(SHORT_LEASE.total_seconds() / 2)  # so that it wakes past its deadline
        frozen.stdin.write(b"go on\n")
        async with asyncio.timeout(90):
            await frozen.wait()
    assert await states() == {"sent": 1} and len(provider.accepted) == times
