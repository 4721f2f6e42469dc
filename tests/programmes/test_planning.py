"""A run is planned as a whole: every date is seen with its rooms, and all of it is saved or nothing."""

from datetime import UTC, date, datetime

import pytest

from booking import clock, db
from booking.places.models import RoomBooking, RoomHold
from booking.problems import Refused
from booking.programmes.models import Run, Session, Skip
from booking.programmes.plans import planning
from tests import make
from tests.programmes import planning_calls
from tests.programmes.planning_calls import asked


@pytest.fixture(autouse=True)
def early(monkeypatch):
    """It is November 2026, whenever the tests run."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
async def desk(database):
    await planning_calls.dorset_terms()
    return await planning_calls.desk()


async def test_twelve_sessions_are_held_around_half_term_and_easter_each_with_its_reason(desk):
    found = await planning.preview(asked(desk), by=desk.by)
    assert [each.want.day for each in found.held][-1] == date(2027, 4, 20)
    assert len(found.held) == 12
    assert not found.blocking
    assert {each.want.of: each.want.left_out for each in found.dates if not each.want.is_held} == {
        date(2027, 2, 16): ("Half term",),
        date(2027, 3, 30): ("Easter holiday",),
        date(2027, 4, 6): ("Easter holiday",),
    }


async def test_a_preview_writes_nothing(desk):
    await planning.preview(asked(desk), by=desk.by)
    assert not await Run.all().count() + await Session.all().count() + await RoomHold.all().count()


async def test_saved_it_is_a_draft_that_holds_both_rooms_on_every_date(desk):
    run_id = await planning.save(asked(desk), by=desk.by)
    run = await Run.get(id=run_id)
    creche = await Run.get(id=run.creche_run_id)
    assert (run.state, run.is_listed, run.booking_mode, run.places) == ("draft", False, "run", 12)
    assert (creche.state, creche.is_listed, creche.booking_mode, creche.places) == ("draft", False, "linked", 8)
    sessions = await Session.filter(run_id__in=[run.id, creche.id]).order_by("date")
    assert len(sessions) == 24
    assert {session.state for session in sessions} == {"draft"}
    assert {session.edited for session in sessions} == {""}
    assert await RoomHold.filter(room=desk.room).count() == 12
    assert await RoomHold.filter(room=desk.creche_room).count() == 12
    assert [skip.reason for skip in await Skip.filter(run=run).order_by("date")] == [
        "Half term", "Easter holiday", "Easter holiday",
    ]  # fmt: skip
    assert (run.first_date, run.last_date) == (date(2027, 1, 12), date(2027, 4, 20))


async def test_of_a_clash_on_one_date_nothing_at_all_is_saved(desk):
    booking = await make.room_booking(desk.creche_room, day=(date(2027, 3, 2) - clock.today()).days)
    found = await planning.preview(asked(desk), by=desk.by)
    assert [each.want.day for each in found.clashing] == [date(2027, 3, 2)]
    assert found.clashing[0].room.state == "free"
    with pytest.raises(Refused) as refused:
        await planning.save(asked(desk), by=desk.by)
    assert refused.value.problems[0].words.startswith("Tue 2 Mar: Creche is taken 10am to midday")
    assert not await Run.all().count() + await Session.all().count()
    assert await RoomBooking.all().count() == 1
    assert booking.id


async def test_preview_and_save_of_a_course_take_few_queries_and_none_for_each_date(desk, monkeypatch):
    counted = []
    rows = db.rows

    async def counting(sql, *parameters):
        counted.append(sql)
        return await rows(sql, *parameters)

    monkeypatch.setattr(db, "rows", counting)
    await planning.preview(asked(desk), by=desk.by)
    for_preview = len(counted)
    counted.clear()
    await planning.save(asked(desk), by=desk.by)
    for_save = len(counted)
    counted.clear()
    await planning.preview(asked(desk, first="2027-09-01", sessions="40", term_time_only=""), by=desk.by)
    assert for_preview <= 12
    assert for_save <= 30
    assert len(counted) <= for_preview + 1
