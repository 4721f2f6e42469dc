"""What runs every few seconds, or for each message, reads by an index however long the outbox has become (PostgreSQL)."""

import os
import re
from uuid import uuid4

import pytest

from booking import clock, db
from booking.messages import (
    bounces,
    calls,
    claims,
    digests,
    inbox,
    next_channel,
    outbox,
    outbox_lists,
    pacing,
    reports,
)
from booking.messages.bounce_reading import Bounce
from booking.messages.claims import LEASE
from booking.people.models import Family, Person
from booking.people.signing_in import Who
from booking.programmes.texts import in_question, threads, who_reads
from booking.reports import message_figures
from tests import make
from tests.conftest import SERVER
from tests.messages.queueing import queue_reminder

pytestmark = [
    pytest.mark.usefixtures("emptied"),
    pytest.mark.slow,
    pytest.mark.skipif(SERVER == "sqlite", reason="asks PostgreSQL for its plans"),
]
ROWS = int(os.environ.get("BOOKING_PLAN_ROWS", "40000"))
PEOPLE = 4000
BIG = "message|person|delivery_report|inbound_message"
OLD_MESSAGES = """
INSERT INTO message (id, person_id, kind, channel, address, subject, body, html, calendar, calendar_method, about_kind, about_id,
    session_id, hub_id, batch_id, dedupe_key, marker, is_secret, is_discreet, parts, state, created_at, due_at, next_try_at,
    claimed_by, attempts, may_have_left, provider_reference, error_code, error, sent_at)
SELECT gen_random_uuid(), p.id, 'reminder_days', 'sms', p.phone, '', 'See you tomorrow at ten.', '', '', '', 'booking', gen_random_uuid(),
    gen_random_uuid(), $1::uuid, gen_random_uuid(), 'old:' || n, 'x' || n, false, false, 1,
    CASE WHEN n % 100 = 0 THEN 'queued' WHEN n % 50 = 1 THEN 'failed' ELSE 'delivered' END,
    now() - n * interval '3 minutes', now(), now() + interval '1 day', '', 1, false, 'SM' || n, '', '',
    CASE WHEN n % 100 = 0 THEN NULL ELSE now() - n * interval '3 minutes' END
FROM generate_series(1, $2::int) n JOIN person p ON p.phone = '+4477' || lpad((n % $3::int)::text, 8, '0')
"""


async def a_long_past(hub):
    """Families, messages and reports of years."""
    now, family = clock.now(), await Family.create(created_at=clock.now())
    people = [
        Person(name="Jo", phone=f"+4477{n:08}", email=f"jo{n}@mail.example", family_id=family.id, created_at=now)
        for n in range(PEOPLE)
    ]
    await Person.bulk_create(people, batch_size=1000)
    await db.execute(OLD_MESSAGES, hub.id, ROWS, PEOPLE)
    await db.execute(
        "INSERT INTO delivery_report (id, provider, provider_reference, status, error_code, words, received_at, settled_at)"
        " SELECT gen_random_uuid(), 'twilio', provider_reference, 'delivered', '', '', now(), now() FROM message"
    )
    await db.execute(
        "INSERT INTO inbound_message (id, provider_reference, sender, receiver, body, received_at, state, about_kind, said_back)"
        " SELECT gen_random_uuid(), 'old ' || n, '+4477' || lpad(n::text, 8, '0'), '', 'Yes', now() - n * interval '1 hour',"
        " 'answered', '', '' FROM generate_series(1, $1::int) n",
        ROWS // 4,
    )
    for table in ("message", "person", "delivery_report", "inbound_message"):
        await db.execute(f"ANALYZE {table}")


async def what_runs_often(hub, row):
    """Each of these every few seconds, or for each message."""
    at = frozenset({hub.id})
    who = Who(uuid4(), "Maya", None, "", "", "", frozenset({"hub_manager"}), at, managed_hubs=at)
    reader, wanted = outbox_lists.Reader((hub.id,)), outbox_lists.Wanted(page=1)
    await claims.is_idle(["sms", "email"], LEASE)
    await claims.rescue()
    await claims.miss_expired()
    await digests.gather()
    await claims.due("sms", 100)
    await claims.slow_down("email", clock.now())
    [taken, *_] = await claims.claim("worker", ["sms"], 10)
    await claims.look(taken)
    await pacing.is_too_many_to_one(_limits(), taken["address"], taken["id"])
    await claims.begin(taken)
    await claims.is_overtaken(taken)
    await claims.mark_address(taken, "opted_out")
    await claims.lock_people(taken)
    await reports.keep(provider="twilio", provider_reference="SM9", status="failed", error_code="30003")
    await reports.settle_due()
    await bounces.settle(Bounce(row["id"], True, "5.1.1", "no such mailbox"))
    await next_channel.try_next(taken)
    await outbox.void(about=("booking", uuid4()), why="given up")
    await outbox.void(session_id=uuid4(), why="cancelled")
    await outbox.void_batch(uuid4())
    await outbox.release_batch(uuid4())
    await in_question.places_of(taken["address"], clock.now())
    await in_question.offers_of(taken["address"])
    await who_reads.hub_of(taken["address"])
    await inbox.take_new()
    await threads.waiting_count(who)
    await outbox_lists.find(reader, wanted)
    await calls.to_make(who)
    await message_figures.figures(who, clock.today().replace(day=1))


def _limits():
    from booking import settings

    return settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"}).messages


async def plan_of(sql):
    places = max((int(n) for n in re.findall(r"\$(\d+)", sql)), default=0)
    await db.execute(f"PREPARE asked AS {sql}")
    given = f"({', '.join(['NULL'] * places)})" if places else ""
    lines = await db.rows(f"EXPLAIN EXECUTE asked{given}")
    await db.execute("DEALLOCATE asked")
    return "\n".join(line["QUERY PLAN"] for line in lines)


async def test_nothing_that_runs_often_reads_the_whole_outbox(monkeypatch):
    hub = await make.location()
    await a_long_past(hub)
    row = await queue_reminder(await make.person(), hub_id=hub.id)
    asked, rows = [], db.rows

    async def noting(sql, *parameters):
        asked.append(sql)
        return await rows(sql, *parameters)

    monkeypatch.setattr(db, "rows", noting)
    await what_runs_often(hub, row)
    monkeypatch.undo()
    whole = [
        f"{sql}\n{plan}\n"
        for sql in dict.fromkeys(each for each in asked if re.search(rf"\b({BIG})\b", each))
        if re.search(rf"Seq Scan on ({BIG})\b", plan := await plan_of(sql))
    ]
    assert not whole, "\n".join(whole)
    [wiping] = {each for each in asked if "is_secret AND body <> ''" in each}
    assert "ix_message_secret" in await plan_of(wiping), "all that was ever sent is looked through for codes"
    assert len(asked) > 40
