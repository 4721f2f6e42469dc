"""Publishing, undoing, telling and applying a plan make as many queries for thirty duties as for three."""

import logging
from contextlib import contextmanager
from datetime import timedelta

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.rotas import assigning, publishing, telling, undoing_publishing
from booking.rotas.assigning import Change
from tests import make
from tests.rotas.making import who_of

pytestmark = pytest.mark.usefixtures("database")
FIRST = clock.today() + timedelta(days=14 - clock.today().weekday())


@contextmanager
def counted():
    """The statements that are asked meanwhile."""
    lines: list[str] = []
    counter, log = logging.Handler(), logging.getLogger("tortoise.db_client")
    counter.emit = lambda record: lines.append(record.getMessage()[:120])  # type: ignore[method-assign]
    log.addHandler(counter)
    log.setLevel(logging.DEBUG)
    yield lines
    log.removeHandler(counter)
    log.setLevel(logging.INFO)


async def hub_with(duties, people):
    """A hub, its manager, its shifts with who is to do each, some of them needing more than is held, so that rules are set aside."""
    hub = await make.location(needs_two=True)
    tom = who_of(await make.staff("hub_manager", hub.id), hub.id)
    workers = [await make.worker(hub, gets_invites=n % 2 == 0, pattern=False) for n in range(people)]
    await Person.all().update(channel="email")
    pairs = {}
    for n in range(duties):
        start = 9 + n % 3 * 2
        shift = await make.shift(
            hub, date=FIRST + timedelta(days=n // 3 % 12), start=f"{start:02}:00", end=f"{start + 1}:00"
        )
        pairs[shift.id] = workers[n % people].id
    return hub, tom, pairs


async def queries_of(duties, people):
    hub, tom, pairs = await hub_with(duties, people)
    found = {}
    with counted() as lines:
        await db.run_tx(lambda: assigning.put(pairs, by=tom, source="greedy", reason="A test"))
    found["assign"] = len(lines)
    last = FIRST + timedelta(days=27)
    with counted() as lines:
        seen = await publishing.preview(hub.id, FIRST, last, by=tom)
    found["preview"] = len(lines)
    with counted() as lines:
        done = await publishing.publish(hub.id, FIRST, last, by=tom, reason="A test", seen=seen.seen)
    found["publish"] = len(lines)
    assert len(done.told) == people and len(done.changes) == duties
    assert (
        await db.value("SELECT COUNT(*) AS n FROM message WHERE batch_id = $1 AND kind = 'rota_published'", done.id)
        == people
    )
    await undoing_publishing.send_now(publication_id=done.id, by=tom)
    await db.execute("UPDATE message SET state = 'sent', sent_at = due_at, attempts = 1 WHERE batch_id = $1", done.id)
    with counted() as lines:
        assert await undoing_publishing.undo(publication_id=done.id, by=tom) == people
    found["undo"] = len(lines)
    moved = [Change(id, who, who) for id, who in pairs.items()]
    with counted() as lines:
        await db.run_tx(lambda: telling.tell(moved, by=None))
    found["tell"] = len(lines)
    return found


async def test_thirty_duties_take_as_many_queries_as_three(database):
    few = await queries_of(3, 3)
    many = await queries_of(30, 10)
    assert many == few
    assert few["preview"] < 60 and few["tell"] < 25
