"""Everything at once: several workers, one of them killed, a provider that fails in every way, and sessions cancelled meanwhile.

Whatever happens, in the end each message has left once, or was taken back and has not left at all (promise P4).
"""

import asyncio
import random

import pytest

from booking import db
from booking.messages import outbox
from booking.messages.delivery import deliver_due
from tests.messages.queueing import forsake_claims, make_due, queue_reminder
from tests.messages.test_killed_workers import until, worker
from tests.standins.notify import NotifyStandIn
from tests.standins.twilio import TwilioStandIn

pytestmark = [pytest.mark.usefixtures("emptied"), pytest.mark.slow]
FAULTS = ("500", "503", "429", "cut before", "cut after", "reset", "500 after", "nonsense after", "slow")
MESSAGES, CANCELLED = 60, 12


@pytest.mark.parametrize(("provider", "count"), [(TwilioStandIn, 4), (NotifyStandIn, 2)], indirect=["provider"])
async def test_every_message_is_accounted_for(emptied, sending, provider, count):
    chance = random.Random(count)
    queued = [await queue_reminder() for _ in range(MESSAGES)]
    provider.faults = [chance.choice(FAULTS) if chance.random() < 0.4 else "ok" for _ in range(MESSAGES)]
    provider.delay, provider.retry_after = 0.02, "0"
    workers = [worker(emptied, provider=provider, batches=6) for _ in range(count)]
    processes = [await each.__aenter__() for each in workers]
    async with asyncio.timeout(120):
        await until(lambda: len(provider.sends) >= 10)
        await cancel(chance.sample(queued, CANCELLED))
        processes[0].kill()
        for process in processes:
            await process.wait()
    for each in workers:
        await each.__aexit__(None, None, None)
    provider.faults = []
    await drain(sending(provider))
    await judge(provider, queued)


async def cancel(rows):
    for row in rows:
        await outbox.void(about=(row["about_kind"], row["about_id"]), why="session cancelled")


async def drain(settings):
    """As if the waits and the leases of the dead were over, until nothing is left."""
    for _ in range(6):
        await forsake_claims()
        await make_due()
        await deliver_due(settings, "last")
    assert await db.value("SELECT count(*) AS n FROM message WHERE state IN ('queued', 'claimed')") == 0


async def judge(provider, queued):
    rows = await db.rows("SELECT id, state, body, provider_reference, may_have_left FROM message")
    assert len(rows) == MESSAGES == len(queued)
    taken = [message["body"] for message in provider.accepted]
    assert len(taken) == len(set(taken)), "none twice"
    for row in rows:
        assert row["state"] in ("sent", "void")
        if row["state"] == "sent":
            assert row["body"] in taken
        elif not row["may_have_left"]:
            assert row["body"] not in taken, "none after it was cancelled"
    assert sum(row["state"] == "sent" for row in rows) >= MESSAGES - CANCELLED
