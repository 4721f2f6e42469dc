"""Whoever does something to the same messages at once waits for the other, and nobody ever sees a deadlock (PostgreSQL)."""

import asyncio
import random
from uuid import uuid4

import pytest

from booking import clock, db
from booking.messages import bounces, claims, delivery, digests, outbox, reports
from booking.messages.bounce_reading import Bounce
from booking.messages.outcomes import refused
from booking.people import keeping_contact
from booking.people.contact_form import Reach
from booking.problems import Refused
from tests import make
from tests.messages.queueing import queue_code, queue_reminder

pytestmark = [pytest.mark.usefixtures("emptied"), pytest.mark.slow]
ROUNDS = 4


@pytest.fixture
def once(monkeypatch):
    """Nothing is tried again: these lock in one order, and never wait for each other."""
    monkeypatch.setattr(db, "DEADLOCK_TRIES", 1)


async def at_once(*acts):
    """Does all of these at once; whatever one of them raises, but a refusal, is raised."""

    async def a_little_later(act):
        await asyncio.sleep(random.random() * 0.004)
        await act()

    ended = await asyncio.gather(*(a_little_later(act) for act in acts), return_exceptions=True)
    for each in ended:
        if isinstance(each, BaseException) and not isinstance(each, Refused):
            raise each


async def news(people, batch, kinds=("cancellation", "changed")):
    """Two messages of one batch to each of these people, in an order of their own."""
    for person in random.sample(people, len(people)):
        for kind in kinds:
            await queue_reminder(person, kind=kind, batch_id=batch, about=("booking", uuid4()), expires_at=None)


async def claimed():
    rows = await claims.claim("worker", ["sms"], 50)
    for row in rows:
        assert await claims.begin(row)
    return rows


async def fail_all(rows):
    """As the worker records that the provider refused them."""
    for row in rows:
        await db.run_tx(lambda row=row: delivery._give_up(row, refused("21614", "no mobile", "not_mobile")))


def reach(n):
    return Reach(channel=("sms", "email")[n % 2], phone=f"+4477009{random.randrange(100000):05}")


async def save(person, n):
    await keeping_contact.save(person.id, reach(n), is_proved=True)


async def one(n):
    return await make.person(email=f"p{n}.{uuid4().hex}@mail.example")


@pytest.mark.parametrize("n", range(ROUNDS))
async def test_a_refused_text_and_another_number_at_once(once, n):
    person = await one(n)
    await news([person], uuid4())
    rows = await claimed()
    await at_once(lambda: fail_all(rows), lambda: save(person, n), lambda: save(person, n + 1), digests.gather)


@pytest.mark.parametrize("n", range(ROUNDS))
async def test_reports_bounces_and_another_number_at_once(once, n):
    person = await one(n)
    await news([person], uuid4())
    rows = await claimed()
    for row in rows:
        await reports.keep(
            provider="twilio", provider_reference=f"SM{row['id'].hex}", status="undelivered", error_code="30003",
            message_id=row["id"],
        )  # fmt: skip
    mails = await db.rows("SELECT id FROM message WHERE channel = 'email' AND person_id = $1", person.id)
    await db.execute("UPDATE message SET may_have_left = $1 WHERE channel = 'email'", True)
    back = [Bounce(each["id"], True, "5.1.1", "no such mailbox") for each in mails]

    async def come_back():
        for each in back:
            await bounces.settle(each)

    await at_once(
        reports.settle_due, reports.settle_due, come_back, lambda: save(person, n), lambda: save(person, n + 1)
    )


@pytest.mark.parametrize("n", range(ROUNDS))
async def test_digests_undo_and_send_now_at_once(once, n):
    people, batch = [await one(n) for _ in range(6)], uuid4()
    await news(people, batch)
    await news(people, uuid4(), ("missed",))
    await at_once(
        digests.gather, lambda: db.run_tx(lambda: outbox.void_batch(batch)), lambda: db.run_tx(lambda: outbox.release_batch(batch)), digests.gather,
        lambda: claims.slow_down("sms", clock.now()), *(lambda each=each: save(each, n) for each in people[:3]),
    )  # fmt: skip


@pytest.mark.parametrize("n", range(2))
async def test_acts_that_lock_in_any_order_are_done_anew_and_nobody_sees_it(n):
    people, batch = [await one(n) for _ in range(6)], uuid4()
    await news(people, batch, ("cancellation",))
    await db.execute(
        "UPDATE message SET next_try_at = $1 WHERE kind = 'cancellation'", clock.days_before(clock.now(), 1)
    )

    async def undo_each():
        """As an act that takes back one family's messages after the other."""

        async def body():
            for person in random.sample(people, len(people)):
                await digests.void([("person_id", [person.id])], "undone")

        await db.run_tx(body)

    await at_once(
        undo_each,
        undo_each,
        lambda: claims.slow_down("sms", clock.now()),
        lambda: db.run_tx(lambda: outbox.void_batch(batch)),
    )


@pytest.mark.parametrize("n", range(ROUNDS))
async def test_people_with_one_number_and_a_cancellation_at_once(once, n):
    phone, batch = f"+4477008{random.randrange(100000):05}", uuid4()
    people = [await make.person(phone=phone, email="") for _ in range(5)]
    await news(people, batch)

    async def quiet():
        await keeping_contact.save_for_address(phone, Reach(channel="none"))

    await at_once(quiet, lambda: db.run_tx(lambda: outbox.void_batch(batch)), lambda: digests.gather(), quiet)


@pytest.mark.parametrize("n", range(ROUNDS))
async def test_codes_are_wiped_by_several_at_once(once, n):
    for _ in range(10):
        await queue_code(address=f"+4477009{random.randrange(100000):05}")
    await db.execute("UPDATE message SET state = 'missed' WHERE is_secret")
    await at_once(claims.wipe_secrets, claims.wipe_secrets, claims.miss_expired, claims.wipe_secrets)
