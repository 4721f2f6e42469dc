"""Queues messages for the tests of delivery, and looks at what became of them."""

from datetime import timedelta
from uuid import uuid4

from booking import clock, db
from booking.messages import outbox
from booking.messages.delivery import deliver_due
from tests import make
from tests.messages import examples


async def queue_reminder(person=None, key=None, **more):
    """One reminder, due now, to a new person unless one is given. Returns its (first) row."""
    person = person or await make.person()
    known = examples.facts(more.pop("said", None) or examples.said(), **more.pop("facts", {}))
    facts = {name: value for name, value in known.items() if name not in ("name", "marker", "is_over")}
    options = {"kind": "reminder_days", "about": ("booking", uuid4()), "expires_at": clock.now() + timedelta(days=1)}
    [queued, *_] = await outbox.queue(person=person, facts=facts, dedupe_key=key or f"r:{uuid4()}", **options | more)
    return await row(queued.id)


async def queue_code(address="+447700900777", code="123456"):
    queued = await outbox.queue_code(
        kind="manage_code",
        channel="sms",
        address=address,
        code=code,
        about=("code", uuid4()),
        dedupe_key=f"code:{uuid4()}",
        expires_at=clock.now() + timedelta(minutes=10),
    )
    return await row(queued.id)


async def row(message_id):
    return await db.row("SELECT * FROM message WHERE id = $1", message_id)


async def states():
    found = await db.rows("SELECT state, count(*) AS n FROM message GROUP BY state")
    return {line["state"]: line["n"] for line in found}


async def make_due():
    """As if the wait for the next attempt were over, and the pause that a provider has asked for."""
    await db.execute("DELETE FROM pace")
    await db.execute("UPDATE message SET next_try_at = $1 WHERE state = 'queued'", clock.now())


async def forsake_claims():
    """As if the lease of every claim were over: its worker is dead."""
    await db.execute("UPDATE message SET claimed_at = $1 WHERE state = 'claimed'", clock.now() - timedelta(hours=1))


async def deliver(settings, times=1):
    """Delivers so many batches, with no wait between them, and returns what came of the last."""
    for _ in range(times):
        delivered = await deliver_due(settings, "worker-1")
        await make_due()
    return delivered
