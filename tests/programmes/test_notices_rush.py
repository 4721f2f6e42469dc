"""Notices while workers are killed, several run at once, and somebody takes back what is leaving: once to each, nothing lost."""

import asyncio
import sys

import pytest

from booking import clock, db
from booking.people.models import Family, Person
from booking.problems import Refused
from booking.programmes.models import Booking
from booking.programmes.notices import notice_lists, queueing_notices, sending_notices
from booking.programmes.notices.finding_about import find_about
from booking.programmes.notices.notice_words import Typed
from tests import make
from tests.programmes.test_notices_audience import who

ADMIN = who("county_admin")
PEOPLE = 230  # three chunks


async def audience_of(n: int = PEOPLE, first: int = 0):
    """A session with so many booked families, written in bulk and numbered from `first`."""
    clock.use_zone("Europe/London")
    session = await make.session(await make.run(places=n))
    now = clock.now()
    families = [Family(created_at=now) for _ in range(n)]
    people = [
        Person(name=f"Parent {i}", phone=f"+447700{first + i:06}", family_id=families[i].id, created_at=now)
        for i in range(n)
    ]
    bookings = [
        Booking(
            reference=f"N{first + i:06}", manage_token=f"notice{first + i:010}", run_id=session.run_id, session_id=session.id,
            family_id=people[i].family_id, person_id=people[i].id, places=1, form_token=f"notice{first + i}", created_at=now,
        )
        for i in range(n)
    ]  # fmt: skip
    for model, some in ((Family, families), (Person, people), (Booking, bookings)):
        await model.bulk_create(some)
    return session


async def send(session, token: str = "once"):
    about = await find_about(ADMIN, "session", session.id)
    assert about
    typed = Typed("Please bring a coat. We go outside.")
    return await sending_notices.send(about, about.audience(), typed, form_token=token, by=ADMIN, undo_minutes=0)


async def start(database, *arguments: str):
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.programmes.notice_worker", database.url, *arguments, stdout=asyncio.subprocess.PIPE
    )


async def once_to_each() -> None:
    rows = await db.rows("SELECT person_id, state FROM message WHERE kind = 'notice'")
    assert len(rows) == len({row["person_id"] for row in rows}) == PEOPLE
    assert {row["state"] for row in rows} == {"queued"}


@pytest.mark.parametrize(("where", "count"), [("chunk", 1), ("queue", 50), ("chunk", 2), ("queue", 170), ("finish", 1)])
async def test_a_worker_killed_at_any_step_loses_and_doubles_nothing(real_database, where, count):
    sent = await send(await audience_of())
    child = await start(real_database, where, str(count))
    assert child.stdout and await asyncio.wait_for(child.stdout.readline(), 60) == b"here\n"
    child.kill()
    await child.wait()
    await queueing_notices.queue_due()
    await once_to_each()
    found = await notice_lists.find_one(ADMIN, sent.notice_id)
    assert found and (found["state"], found["figures"].dealt) == ("sent", PEOPLE)
    assert (await queueing_notices.queue_due()).queued == 0


async def test_three_workers_at_once_write_to_each_once(real_database):
    sent = await send(await audience_of())
    children = [await start(real_database) for _ in range(3)]
    for child in children:
        assert await asyncio.wait_for(child.wait(), 120) == 0
    await queueing_notices.queue_due()
    await once_to_each()
    found = await notice_lists.find_one(ADMIN, sent.notice_id)
    assert found and found["state"] == "sent"


@pytest.mark.parametrize("delay", [0, 0.05, 0.2, 0.5])
async def test_taken_back_while_it_leaves_nothing_more_leaves(real_database, delay):
    """Whoever comes first: every message is void, or there is none."""
    sent = await send(await audience_of())

    async def take_back():
        await asyncio.sleep(delay)
        return await sending_notices.undo(notice_id=sent.notice_id, by=ADMIN)

    _, _, undone = await asyncio.gather(queueing_notices.queue_due(), queueing_notices.queue_due(), take_back())
    await queueing_notices.queue_due()
    assert undone == sending_notices.Undone(0, PEOPLE)
    rows = await db.rows("SELECT DISTINCT state FROM message WHERE kind = 'notice'")
    assert {row["state"] for row in rows} <= {"void"}


async def test_two_presses_at_once_send_once_and_two_undo_once(real_database):
    session = await audience_of()
    first, second = await asyncio.gather(send(session), send(session))
    assert first.notice_id == second.notice_id and {first.is_new, second.is_new} == {True, False}
    assert await db.value("SELECT COUNT(*) AS n FROM notice_recipient") == PEOPLE
    undo = [sending_notices.undo(notice_id=first.notice_id, by=ADMIN) for _ in range(2)]
    ended = await asyncio.gather(*undo, return_exceptions=True)
    assert sorted(type(each).__name__ for each in ended) == ["Refused", "Undone"]
    with pytest.raises(Refused):
        await sending_notices.send_now(notice_id=first.notice_id, by=ADMIN)
