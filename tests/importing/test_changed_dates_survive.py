"""An import again leaves alone what staff changed: whole runs, dates that meet online, dates that were added."""

from datetime import date

import pytest
import time_machine

from booking.places.models import RoomHold
from booking.programmes.changes import adding_dates, cancelling_dates, changing_dates, switching_online
from booking.programmes.changes.dates_in_scope import Wish
from booking.programmes.models import Run, Session
from tests import make
from tests.importing.tables import SERIES, bring_in
from tests.places.who import staff_who

pytestmark = pytest.mark.usefixtures("database")
LATER = {"undo_minutes": 10}


@pytest.fixture
async def here():
    with time_machine.travel("2027-01-05 09:00:00Z", tick=False):
        await bring_in()
        session = await Session.get(date="2027-01-12")
        yield session, staff_who(await make.staff("hub_staff", session.hub_id), {session.hub_id})


async def test_a_run_that_was_changed_as_a_whole_stays_so(here):
    session, who = here
    wish = Wish(day=date(2027, 1, 14), start="13:00", end="14:00", places=25)
    await changing_dates.change(session_id=session.id, scope="all", wish=wish, by=who, **LATER)
    count = await Session.all().count()
    await bring_in(whats_on=[SERIES | {"capacity": "19"}])
    run = await Run.get(id=session.run_id)
    assert (run.weekday, run.start_time, run.places) == (3, "13:00", 25)
    sessions = await Session.filter(starts_at__gte=session.starts_at)
    assert {(each.weekday, each.start_time, each.places) for each in sessions} == {(3, "13:00", 25)}
    assert await Session.all().count() == count


async def test_a_date_that_meets_online_takes_no_room_again(here):
    session, who = here
    await switching_online.switch(
        session_id=session.id, scope="date", to="online", join_url="https://meet.example/x", by=who, **LATER
    )
    holds = await RoomHold.all().count()
    await bring_in(whats_on=[SERIES | {"capacity": "19"}])
    again = await Session.get(id=session.id)
    assert again.delivery == "online" and await RoomHold.all().count() == holds
    assert await RoomHold.filter(room_booking_id=again.room_booking_id).count() == 0


async def test_a_date_that_was_added_stays(here):
    session, who = here
    done = await adding_dates.add(
        run_id=session.run_id, day=date(2027, 1, 14), start="13:00", end="14:00", by=who, **LATER
    )
    await bring_in(whats_on=[SERIES | {"capacity": "19"}])
    added = await Session.get(id=done.session_id)
    assert (added.date, added.state) == (date(2027, 1, 14), "planned")
    assert await RoomHold.filter(room_booking_id=added.room_booking_id).count() == 1


async def test_a_run_that_staff_cancelled_gets_no_new_dates(here):
    session, who = here
    await cancelling_dates.cancel(session_id=session.id, scope="all", reason="Too few", by=who, **LATER)
    assert (await Run.get(id=session.run_id)).state == "cancelled"
    count = await Session.all().count()
    report = await bring_in(whats_on=[SERIES | {"last_date": "2027-07-06"}])
    assert await Session.all().count() == count
    assert not await Session.filter(state="planned", starts_at__gte=session.starts_at).exists()
    assert any("Staff cancelled this run" in line for line in report.lines())
