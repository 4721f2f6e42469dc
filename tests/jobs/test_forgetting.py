"""What is forgotten when it is over, and what is kept while it is needed."""

from datetime import timedelta

import pytest

from booking import clock, db
from booking.people import forgetting as people_forgetting
from booking.people.signing_in import make_code
from booking.programmes import forgetting, reconciling
from booking.programmes.bookings.leasing import Target, lease
from booking.programmes.changes import cancelling, undoing_cancelling
from tests import make
from tests.staff import rows

pytestmark = pytest.mark.usefixtures("database")


async def needs(of):
    return await db.value("SELECT needs FROM booking WHERE id = $1", of.id)


async def test_needs_are_wiped_after_the_session_and_not_before():
    over = await make.booking(await make.session(date=clock.today() - timedelta(days=1)), needs="Nut allergy")
    coming = await make.booking(await make.session(date=clock.today() + timedelta(days=1)), needs="Step free")
    assert await forgetting.wipe_needs() == 1
    assert (await needs(over), await needs(coming)) == ("", "Step free")


async def test_needs_for_a_course_are_kept_until_its_last_date():
    run = await make.run(booking_mode="run")
    await make.session(run, date=clock.today() - timedelta(days=1))
    await make.session(run, date=clock.today() + timedelta(days=6), number=2)
    booking = await make.booking(run, needs="Nut allergy")
    assert await forgetting.wipe_needs() == 0
    assert await needs(booking) == "Nut allergy"
    await db.execute("UPDATE session SET state = 'cancelled' WHERE number = 2")
    assert await forgetting.wipe_needs() == 1 and await needs(booking) == ""


async def test_needs_of_a_place_given_up_are_wiped_an_hour_later():
    given_up = await make.booking(needs="Nut allergy", state="given_up", ended_at=clock.now() - timedelta(minutes=59))
    assert await forgetting.wipe_needs() == 0 and await needs(given_up) == "Nut allergy"
    await db.execute("UPDATE booking SET ended_at = $1", clock.now() - timedelta(minutes=61))
    assert await forgetting.wipe_needs() == 1 and await needs(given_up) == ""


@pytest.mark.parametrize(("mode", "undo_minutes"), [("session", 10), ("run", 10), ("session", 180), ("run", 180)])
async def test_a_tidy_between_cancelling_and_undoing_loses_no_needs(mode, undo_minutes, time_machine):
    run = await make.run(booking_mode=mode)
    session, maya = await make.session(run), await make.staff("hub_staff", run.hub_id)
    booking = await make.booking(run if mode == "run" else session, needs="Nut allergy")
    waits = await rows.waiting(session, needs="Step free")
    done = await cancelling.cancel(session_id=session.id, reason="Snow", by=maya, undo_minutes=undo_minutes)
    time_machine.move_to(clock.now() + timedelta(minutes=undo_minutes - 1))
    assert await forgetting.wipe_needs() == 0
    await undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=maya)
    assert await forgetting.wipe_needs() == 0
    assert await needs(booking) == "Nut allergy"
    assert await db.value("SELECT needs FROM waiting_entry WHERE id = $1", waits.id) == "Step free"


@pytest.mark.parametrize("mode", ["session", "run"])
async def test_needs_for_what_was_cancelled_for_good_are_wiped(mode, time_machine):
    run = await make.run(booking_mode=mode)
    session, maya = await make.session(run), await make.staff("hub_staff", run.hub_id)
    booking = await make.booking(run if mode == "run" else session, needs="Nut allergy")
    await cancelling.cancel(session_id=session.id, reason="Snow", by=maya, undo_minutes=10)
    time_machine.move_to(clock.now() + timedelta(minutes=61))
    assert await forgetting.wipe_needs() == 1 and await needs(booking) == ""


async def test_dead_codes_go_and_living_ones_stay():
    await make_code(address="jo@x.example", purpose="staff", minutes=10, tries=5)
    await make_code(address="al@x.example", purpose="staff", minutes=10, tries=5)
    await db.execute(
        "UPDATE sign_in_code SET expires_at = $1 WHERE address = 'jo@x.example'", clock.now() - timedelta(days=2)
    )
    assert await people_forgetting.forget_old() == 1
    assert [line["address"] for line in await db.rows("SELECT address FROM sign_in_code")] == ["al@x.example"]


async def test_counters_that_agree_with_bookings_and_leases_are_left_alone():
    session = await make.session()
    await make.booking(session)
    await lease(Target(session.run_id, session.id), places=2)
    assert await reconciling.reconcile() == 0


async def test_a_wrong_counter_is_put_right_and_reported(caplog):
    session = await make.session()
    await make.booking(session)
    await db.execute("UPDATE session SET taken = 5 WHERE id = $1", session.id)
    assert await reconciling.reconcile() == 1
    assert await db.value("SELECT taken FROM session WHERE id = $1", session.id) == 1
    assert "taken was 5, its rows say 1" in caplog.text
