"""A timetable that is imported again while families hang on it: what moves, what stays, who has to be told."""

from datetime import date

import pytest
import time_machine

from booking import clock, db
from booking.messages.models import Message
from booking.programmes.changes import moving, undoing_change
from booking.programmes.changes.moving import Target
from booking.programmes.models import Programme, Run, Session
from tests import make
from tests.importing.tables import PROGRAMME, SERIES, TERMS, bring_in, said, warned
from tests.places.who import staff_who
from tests.staff import rows

pytestmark = pytest.mark.usefixtures("database")
COURSE = SERIES | {"planned_sessions": "4", "last_date": "2027-02-02"}


@pytest.fixture(autouse=True)
def at_new_year():
    with time_machine.travel("2027-01-05 09:00:00Z", tick=False):
        yield


async def reminded(day: str) -> Session:
    """A session of that date with a booking whose reminder is queued."""
    session = await Session.get(date=day)
    booking = await make.booking(session)
    await db.execute(
        "INSERT INTO reminder (id, booking_id, session_id, lead, queued_at) VALUES ($1, $2, $3, '2d', $4)",
        db.new_id(), booking.id, session.id, clock.now(),
    )  # fmt: skip
    await rows.message(session_id=session.id, about_id=booking.id)
    return session


async def how_many_reminders() -> int:
    return await db.value("SELECT COUNT(*) AS n FROM reminder")


async def test_a_session_that_moves_in_time_is_reminded_of_anew():
    await bring_in()
    await reminded("2027-01-12")
    await bring_in(whats_on=[SERIES | {"start": "10:30", "end": "12:00"}], dry_run=True)
    assert await how_many_reminders() == 1
    await bring_in(whats_on=[SERIES | {"start": "10:30", "end": "12:00"}])
    assert await how_many_reminders() == 0
    assert (await Message.get(kind="reminder_days")).state == "void"


async def test_a_session_that_stays_keeps_its_reminder():
    await bring_in()
    await reminded("2027-01-12")
    await bring_in(whats_on=[SERIES | {"capacity": "19", "end": "11:45"}])
    assert await how_many_reminders() == 1
    assert (await Message.get(kind="reminder_days")).state == "queued"


async def test_a_date_that_staff_moved_to_another_day_stays_there_and_comes_only_once():
    await bring_in()
    session = await Session.get(date="2027-01-12")
    hub_id = session.hub_id
    who = staff_who(await make.staff("hub_staff", hub_id), {hub_id})
    target = Target(day=date(2027, 1, 14), start="14:00", end="15:00")
    done = await moving.move(session_id=session.id, target=target, by=who, undo_minutes=10)
    await bring_in(whats_on=[SERIES | {"capacity": "19"}])
    moved = await Session.get(id=session.id)
    assert (moved.date, moved.weekday, moved.start_time, moved.places) == (date(2027, 1, 14), 3, "14:00", 19)
    assert not await Session.filter(date="2027-01-12").exists()
    await undoing_change.undo(session_id=session.id, event_id=done.event_id, by=who)
    assert (await Session.get(id=session.id)).moved_from_date is None


async def test_a_new_date_of_a_course_with_families_is_pointed_out():
    await bring_in(whats_on=[COURSE])
    longer = COURSE | {"planned_sessions": "5", "last_date": "2027-02-09"}
    assert warned(await bring_in(whats_on=[longer], dry_run=True)) == []
    await make.booking(await Run.get(code="D01-01"))
    assert warned(await bring_in(whats_on=[longer])) == [
        "whats_on.csv, row 2, column last_date: Families have booked this course, and it gets 1 new date, first Tuesday "
        "9 February. Families are not told of a new date by an import: please do."
    ]
    assert warned(await bring_in(whats_on=[longer])) == []


async def test_a_course_keeps_as_many_places_as_families_and_guests_of_one_date_have():
    await bring_in(whats_on=[COURSE])
    run = await Run.get(code="D01-01")
    await make.booking(run)
    date = await Session.filter(run_id=run.id).order_by("-date").first()
    await make.booking(date, places=2)
    await db.execute("UPDATE run SET guest_places = 2 WHERE id = $1", run.id)
    await bring_in(whats_on=[COURSE | {"capacity": "2"}])
    await run.refresh_from_db()
    assert (run.places, run.taken, run.guest_places) == (3, 1, 2)


async def test_what_is_over_today_is_left_alone_and_what_comes_today_moves():
    await bring_in()
    with time_machine.travel("2027-01-12 11:31:00Z", tick=False):
        await bring_in(whats_on=[SERIES | {"start": "13:00", "end": "14:00"}])
    assert [s.start_time for s in await Session.all().order_by("date").limit(2)] == ["10:00", "13:00"]
    with time_machine.travel("2027-01-19 09:00:00Z", tick=False):
        await bring_in(whats_on=[SERIES | {"start": "14:00", "end": "15:00"}])
    assert [s.start_time for s in await Session.all().order_by("date").limit(2)] == ["10:00", "14:00"]


@pytest.mark.parametrize(("hour", "is_there"), [("11:29", False), ("11:31", True)])
async def test_only_what_is_still_to_come_goes_when_it_is_no_longer_in_the_rule(hour, is_there):
    await bring_in()
    with time_machine.travel(f"2027-01-12 {hour}:00Z", tick=False):
        await bring_in(whats_on=[SERIES | {"first_date": "2027-01-19"}])
    assert await Session.filter(date="2027-01-12").exists() is is_there


@pytest.mark.parametrize("state", ["planned", "cancelled"])
async def test_a_day_whose_session_stays_is_not_left_out_as_well(state):
    await bring_in()
    session = await Session.get(date="2027-01-26")
    await make.booking(session)
    await Session.filter(id=session.id).update(state=state)
    week_off = [*TERMS, TERMS[1] | {"start": "2027-01-25", "end": "2027-01-29"}]
    await bring_in(term_dates=week_off)
    left_out = [row["date"] for row in await db.rows("SELECT date FROM skip ORDER BY date")]
    assert left_out == [date(2027, 2, 16)]
    assert await Session.filter(id=session.id).exists()
    assert not (await bring_in(term_dates=week_off)).has_changes()


async def lead_times() -> tuple[str, int]:
    programme = await Programme.get(code="SAP")
    return programme.reminder_leads, programme.entry_sessions


async def test_lead_times_are_set_by_programme_and_kept_where_nothing_is_said():
    await bring_in()
    assert await lead_times() == ("2d 2h", 2)
    own = PROGRAMME | {"reminder_leads": "3H 1d  7d", "entry_sessions": "4"}
    preview = await bring_in(programmes=[own], dry_run=True)
    assert await lead_times() == ("2d 2h", 2)
    report = await bring_in(programmes=[own])
    assert "programmes: 1 changed" in [count.words for count in report.counts]
    assert report.counts == preview.counts
    assert await lead_times() == ("7d 1d 3h", 4)
    assert not (await bring_in(programmes=[own])).has_changes()
    assert not (await bring_in(programmes=[PROGRAMME | {"reminder_leads": ""}])).has_changes()


@pytest.mark.parametrize("cell", ["2", "d", "0d", "31d", "49h", "2d,2h", "2 d", "2w", "²d", "1h; DROP TABLE run"])
async def test_a_lead_time_that_cannot_be_is_said_in_words(cell):
    report = await bring_in(programmes=[PROGRAMME | {"reminder_leads": cell}])
    assert f'row 2, column reminder_leads: "{cell}" cannot be read. Write days from 1d to 30d' in said(report)[0]
    assert not report.is_saved


async def test_too_many_reminders_and_a_wrong_entry_session_are_said_in_words():
    report = await bring_in(programmes=[PROGRAMME | {"reminder_leads": "1h 2h 3h 4h 5h 6h", "entry_sessions": "53"}])
    assert said(report)[:2] == [
        'programmes.csv, row 2, column reminder_leads: "1h 2h 3h 4h 5h 6h" names 6 reminders. At most 5 are sent.',
        'programmes.csv, row 2, column entry_sessions: "53" is not a whole number from 1 to 52.',
    ]
