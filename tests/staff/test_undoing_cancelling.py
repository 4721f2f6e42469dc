"""What undoing brings back besides bookings, and that cancelling and undoing wait for others in one order."""

import asyncio

import asyncpg
import pytest

from booking import clock, db
from booking.places.models import RoomHold
from booking.programmes.changes import cancelling, undoing_cancelling
from booking.programmes.models import Booking, Session
from tests import make
from tests.staff import rows


async def cancelled(session, who):
    return await cancelling.cancel(session_id=session.id, reason="Snow", by=who, undo_minutes=10)


@pytest.mark.parametrize("is_done", [True, False])
async def test_a_finished_register_is_finished_again(database, is_done):
    session, maya = await make.session(), await make.staff()
    done_at = clock.now() if is_done else None
    await Session.filter(id=session.id).update(register_done_at=done_at)
    done = await cancelled(session, maya)
    assert (await Session.get(id=session.id)).register_done_at is None
    await undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=maya)
    assert (await Session.get(id=session.id)).register_done_at == done_at


@pytest.fixture
async def somebody_else(real_database):
    """A connection of another process, in a transaction."""
    if not db.is_postgres():
        pytest.skip("SQLite lets one write at a time")
    other = await asyncpg.connect(real_database.url)
    await other.execute("BEGIN")
    yield other
    await other.close()


async def waits(task) -> bool:
    return task not in (await asyncio.wait([task], timeout=0.5))[0]


async def test_undoing_waits_for_an_import_without_keeping_the_session_from_it(somebody_else):
    session, maya = await make.session(), await make.staff()
    await rows.hold_room(session)
    room_id = (await RoomHold.first()).room_id
    done = await cancelled(session, maya)
    await somebody_else.execute("SELECT id FROM room WHERE id = $1 FOR UPDATE", room_id)
    undoing = asyncio.create_task(undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=maya))
    assert await waits(undoing)
    await somebody_else.execute("SELECT id FROM session WHERE id = $1 FOR UPDATE NOWAIT", session.id)
    await somebody_else.execute("COMMIT")
    await undoing
    assert (await Session.get(id=session.id)).state == "planned"


async def test_who_gives_the_course_up_at_that_moment_is_not_told(somebody_else):
    run, maya = await make.run(booking_mode="run"), await make.staff()
    session, booking = await make.session(run), await make.booking(run)
    await somebody_else.execute("UPDATE booking SET state = 'given_up' WHERE id = $1", booking.id)
    cancelling_it = asyncio.create_task(cancelled(session, maya))
    assert await waits(cancelling_it)
    await somebody_else.execute("COMMIT")
    assert (await cancelling_it).told == []
    assert (await Booking.get(id=booking.id)).state == "given_up"
