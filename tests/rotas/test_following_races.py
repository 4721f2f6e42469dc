"""Following while others follow, write or die: run twice at once, killed half-way, down for days."""

import asyncio
from datetime import timedelta

import pytest

from booking import clock, db
from booking.problems import Refused
from booking.programmes.models import Session
from booking.rotas import assigning, following
from booking.rotas.models import Assignment, Shift
from booking.rotas.needs import writing
from tests import make
from tests.rotas.test_following import DAY, a_session, move, shifts
from tests.rotas.test_following_opening import a_place


async def everything() -> list[tuple]:
    rows = await db.rows("SELECT kind, date, start_time, position, state, session_id, need_id FROM shift")
    return sorted(tuple(map(str, row.values())) for row in rows)


async def test_four_at_once_make_each_shift_once(real_database):
    await a_place()
    for _ in range(5):
        await a_session(facilitators=2, prepare_minutes=30)
    said = await asyncio.gather(*(following.follow() for _ in range(4)), return_exceptions=True)
    assert not [each for each in said if isinstance(each, BaseException)], said
    assert await Shift.filter(kind="facilitator").count() == 10
    assert await following.follow() == ""
    keys = await db.rows("SELECT COUNT(*) AS n FROM shift GROUP BY session_id, need_id, kind, date, position")
    assert {row["n"] for row in keys} == {1}


async def test_killed_before_it_is_written_nothing_is_lost(real_database, monkeypatch):
    session = await a_session()
    await following.follow()
    worker = await make.worker(await session.location)
    [shift] = await shifts(session)
    await make.assignment(shift, worker)
    await following.follow(tells=False)
    await move(session, DAY + timedelta(days=2))

    async def dies(*_):
        raise RuntimeError("killed")

    for step in ("_write_people", "_record"):
        with monkeypatch.context() as patch:
            patch.setattr(writing, step, dies)
            with pytest.raises(RuntimeError):
                await following.follow()
        assert (await Shift.get(id=shift.id)).date == DAY
        assert await Assignment.filter(shift_id=shift.id).count() == 2
        assert await db.value("SELECT COUNT(*) AS n FROM message WHERE kind = 'duty_changed'") == 0
    assert await following.follow() == "shifts: 1 moved"
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE kind = 'duty_changed'") == 1


async def test_somebody_is_assigned_elsewhere_while_the_session_moves_there(real_database):
    """Whoever comes first has them; nobody is in two at once, and nothing breaks."""
    for n in range(4):
        session = await a_session(start_time="10:00", end_time="11:30")
        await following.follow()
        worker = await make.worker(await session.location, known_as=f"Ann Lee {n}")
        [shift] = await shifts(session)
        await make.assignment(shift, worker)
        await following.follow(tells=False)
        other = await make.shift(await session.location, date=DAY, start="15:00", end="17:00")
        await move(session, DAY, "15:00", "16:30")
        done = await asyncio.gather(
            following.follow(), assigning.assign(other.id, worker.id, by=None, layers=("draft", "published")),
            return_exceptions=True,
        )  # fmt: skip
        assert not [each for each in done if isinstance(each, BaseException) and not isinstance(each, Refused)], done
        await following.follow()
        held = await Assignment.filter(staff_id=worker.id, layer="published")
        assert len(held) == 1
        assert (await Shift.get(id=shift.id)).start_time == "15:00"


async def test_what_happened_while_it_was_down_is_put_right(real_database):
    moved, cancelled, gone = await a_session(), await a_session(), await a_session()
    await following.follow()
    await move(moved, DAY + timedelta(days=30))
    await Session.filter(id=cancelled.id).update(
        state="cancelled", starts_at=clock.now() - timedelta(days=2), ends_at=clock.now() - timedelta(days=2, hours=-1)
    )
    await db.execute("DELETE FROM session WHERE id = $1", gone.id)
    assert await following.follow() == "shifts: 1 moved, 2 cancelled"
    assert (await shifts(moved))[0].date == DAY + timedelta(days=30)


async def test_a_session_that_moves_beyond_the_horizon_is_followed(real_database):
    session = await a_session()
    await following.follow(weeks_ahead=2)
    await move(session, DAY + timedelta(weeks=20))
    await following.follow(weeks_ahead=2)
    assert (await shifts(session))[0].date == DAY + timedelta(weeks=20)
