"""P8: a group at 10 o'clock is at 10 o'clock before and after the clocks change, wherever its time is said."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from icalendar import Calendar

from booking import clock, db
from booking.programmes import reminding
from booking.programmes.bookings import booking_places, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from tests import make

# the Sundays of the change are 25 October 2026 and 28 March 2027
AUTUMN = (date(2026, 10, 19), date(2026, 10, 26), [9, 10])
SPRING = (date(2027, 3, 22), date(2027, 3, 29), [10, 9])


@pytest.fixture(params=[AUTUMN, SPRING], ids=["autumn", "spring"])
async def weekly(request, database):
    """A weekly run on both sides of a change, and the UTC hours it begins at."""
    before, after, hours = request.param
    with time_machine.travel(
        datetime(before.year, before.month, before.day, 6, tzinfo=UTC) - timedelta(days=6), tick=False
    ):
        run = await make.run(
            first_date=before, last_date=after, title="Sing and sign", min_age_months=None, max_age_months=None
        )
        sessions = [await make.session(run, date=day, number=n) for n, day in enumerate((before, after), 1)]
        yield run, sessions, hours


async def test_the_same_wall_time_is_another_instant(weekly):
    _, sessions, hours = weekly
    assert [session.starts_at.astimezone(UTC).hour for session in sessions] == hours
    assert [clock.local(session.starts_at).strftime("%H:%M") for session in sessions] == ["10:00", "10:00"]


async def test_pages_say_ten_on_both_sides(client, weekly):
    run, sessions, _ = weekly
    for session in sessions:
        page = (await client.get(f"/sessions/{session.id}")).text
        assert "10am to 11:30am" in page
        stated = re.search(r'"startDate": "([^"]+)"', page)[1]
        assert "T10:00:00+0" in stated
        assert datetime.fromisoformat(stated) == session.starts_at
    for query in (
        f"/?start={run.first_date}&when=28",
        f"/?view=week&start={sessions[0].date}",
        f"/?view=week&start={sessions[1].date}",
    ):
        page = (await client.get(query)).text
        assert "Sing and sign" in page and "10am" in page
        assert "9am" not in page and "11am" not in page


async def test_the_calendar_file_says_ten_on_both_sides(client, weekly):
    _, sessions, _ = weekly
    for session in sessions:
        text = (await client.get(f"/sessions/{session.id}/calendar.ics")).text
        assert f"DTSTART;TZID=Europe/London:{session.date:%Y%m%d}T100000" in text
        event = Calendar.from_ical(text).walk("VEVENT")[0]
        assert event["DTSTART"].dt.astimezone(UTC) == session.starts_at


async def test_messages_and_invites_say_ten_on_both_sides(weekly):
    _, sessions, _ = weekly
    contact = Contact("Kim Lee", phone="+447700900555", email="kim@families.example", channel="sms")
    for session in sessions:
        lease_id = await leasing.lease(Target(session.run_id, session.id))
        booking = await booking_places.book(lease_id=lease_id, contact=contact, party=Party(("Kim Lee",)))
        rows = await db.rows(
            "SELECT channel, body, calendar FROM message WHERE about_id = $1 ORDER BY channel", booking.id
        )
        assert [row["channel"] for row in rows] == ["email", "sms"]
        assert all("10am" in row["body"] for row in rows)
        assert f"DTSTART;TZID=Europe/London:{session.date:%Y%m%d}T100000" in rows[0]["calendar"]


async def test_reminders_come_at_ten_two_days_before_and_two_hours_before(weekly):
    """Two days before the Monday after the change the day has 25 or 23 hours; it is 10 o'clock on the Saturday."""
    _, sessions, _ = weekly
    contact = Contact("Kim Lee", phone="+447700900555", channel="sms")
    for session in sessions:
        lease_id = await leasing.lease(Target(session.run_id, session.id))
        await booking_places.book(lease_id=lease_id, contact=contact, party=Party(("Kim Lee",)))
    second = sessions[1]
    count = "SELECT COUNT(*) AS n FROM message WHERE session_id = $1 AND kind = $2"
    for kind, due in [
        ("reminder_days", clock.at(second.date - timedelta(days=2), "10:00")),
        ("reminder_hours", clock.at(second.date, "08:00")),
    ]:
        with time_machine.travel(due - timedelta(seconds=1), tick=False):
            await reminding.queue_due()
            assert await db.value(count, second.id, kind) == 0, kind
        with time_machine.travel(due + timedelta(seconds=1), tick=False):
            await reminding.queue_due()
            assert await db.value(count, second.id, kind) == 1, kind
    body = await db.value("SELECT body FROM message WHERE session_id = $1 AND kind = 'reminder_hours'", second.id)
    assert "10am" in body


async def test_staff_see_ten_on_both_sides(client, weekly):
    run, sessions, _ = weekly
    await make.sign_in_staff(client, await make.staff("hub_staff", run.hub_id))
    for session in sessions:
        assert "10am" in (await client.get(f"/staff?date={session.date}")).text
        assert "10am to 11:30am" in (await client.get(f"/staff/sessions/{session.id}")).text


@pytest.mark.parametrize("wall", ["00:30", "01:00", "01:30", "02:00", "02:30"])
def test_a_wall_time_in_the_nights_of_the_change_is_one_instant(wall):
    """Where it is there twice, the first; where it is not there, still one that is the same every time."""
    clock.use_zone("Europe/London")
    for night in (date(2026, 10, 25), date(2027, 3, 28)):
        assert clock.at(night, wall) == clock.at(night, wall)
        is_there = not (night.month == 3 and wall in ("01:00", "01:30"))
        assert (clock.local(clock.at(night, wall)).strftime("%H:%M") == wall) is is_there
