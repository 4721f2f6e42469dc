"""Reminders: at the right local time, once, and only where they make sense."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages import claims
from booking.messages.models import Message
from booking.programmes import reminding
from booking.programmes.bookings import giving_up
from booking.programmes.models import Booking, MissedDate, Session
from tests import make

TUESDAY = date(2027, 1, 12)


def at(text: str) -> datetime:
    """A local "2027-01-10 10:00" as an instant."""
    day, wall = text.split()
    return clock.at(date.fromisoformat(day), wall)


async def booked_on(day: date, booked_at: datetime, start: str = "10:00", **values) -> tuple[Session, Booking]:
    with time_machine.travel(booked_at, tick=False):
        run = await make.run(first_date=day, start_time=start, end_time="12:00", **values)
        session = await make.session(run)
        return session, await make.booking(session)


async def kinds() -> list[str]:
    return sorted(await Message.filter(channel="sms", state="queued").values_list("kind", flat=True))


async def move(session: Session, starts_at: datetime) -> None:
    """What an import does to a session that its file has at another time."""
    ends_at = starts_at + timedelta(hours=2)
    await Session.filter(id=session.id).update(date=starts_at.date(), starts_at=starts_at, ends_at=ends_at)
    await db.execute("DELETE FROM reminder WHERE session_id = $1", session.id)


async def run_at(instant: datetime) -> None:
    with time_machine.travel(instant, tick=False):
        await reminding.queue_due()


@pytest.mark.parametrize(
    ("session_day", "now", "due"),
    [
        (date(2027, 3, 29), "2027-03-27 10:00", True),  # the clocks go forward in between
        (date(2027, 3, 29), "2027-03-27 09:59", False),
        (date(2026, 10, 26), "2026-10-24 10:00", True),  # the clocks go back in between
        (date(2026, 10, 26), "2026-10-24 09:59", False),
    ],
)
async def test_two_days_before_is_the_same_wall_time_whatever_the_clocks_do(database, session_day, now, due):
    await booked_on(session_day, at("2026-10-01 09:00"))
    await run_at(at(now))
    assert await kinds() == (["reminder_days"] if due else [])


async def test_it_reminds_two_days_and_two_hours_before_and_each_once(database):
    session, _ = await booked_on(TUESDAY, at("2027-01-02 09:00"))
    for minutes in range(0, 60 * 50, 90):
        await run_at(at("2027-01-10 10:00") + timedelta(minutes=minutes))
    assert await kinds() == ["reminder_days", "reminder_hours"]
    assert (await Message.get(kind="reminder_hours")).expires_at == session.starts_at


async def test_somebody_who_books_the_day_before_gets_only_the_reminder_of_the_day(database):
    await booked_on(TUESDAY, at("2027-01-11 15:00"))
    await run_at(at("2027-01-11 15:01"))
    await run_at(at("2027-01-12 08:00"))
    assert await kinds() == ["reminder_hours"]


async def test_somebody_who_books_an_hour_before_is_not_told_again(database):
    await booked_on(TUESDAY, at("2027-01-12 09:00"))
    await run_at(at("2027-01-12 09:01"))
    assert await kinds() == []


async def test_after_a_day_of_standstill_what_still_makes_sense_goes(database):
    await booked_on(TUESDAY, at("2027-01-02 09:00"))
    await run_at(at("2027-01-11 12:00"))
    assert await kinds() == ["reminder_days"]


async def test_when_it_stood_still_too_long_only_the_last_reminder_goes(database):
    await booked_on(TUESDAY, at("2027-01-02 09:00"))
    await run_at(at("2027-01-12 08:30"))
    assert await kinds() == ["reminder_hours"]


async def run_after_a_standstill(last: str, now: str) -> list[tuple[str, str, str]]:
    """What stands in the outbox after the job ran at `now` for the first time since `last`, and what is too late was marked."""
    with time_machine.travel(at(now), tick=False):
        await reminding.queue_due(at(last))
        await claims.miss_expired()
    found = await Message.filter(kind__in=["reminder_days", "reminder_hours"], channel="sms").order_by("kind")
    return [(row.kind, row.state, row.error) for row in found]


TOO_LATE = "Too late to make sense."


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        ("2027-01-10 09:00", "2027-01-11 12:00", [("reminder_days", "queued", "")]),
        (  # the day's is too late, that of the hour is not
            "2027-01-10 09:59",
            "2027-01-12 08:30",
            [("reminder_hours", "queued", "")],  # due more than a day ago: nobody looks for it
        ),
        ("2027-01-12 07:59", "2027-01-12 11:00", [("reminder_hours", "missed", TOO_LATE)]),
        ("2027-01-12 07:59", "2027-01-12 15:00", [("reminder_hours", "missed", TOO_LATE)]),  # over by now
        ("2027-01-12 08:30", "2027-01-12 11:00", []),  # it was due before the job stood still
    ],
)
async def test_what_a_standstill_made_too_late_is_kept_as_missed(database, last, now, expected):
    await booked_on(TUESDAY, at("2027-01-02 09:00"))
    assert await run_after_a_standstill(last, now) == expected


async def test_a_reminder_of_days_that_a_standstill_made_too_late_is_kept_as_missed(database):
    await booked_on(TUESDAY, at("2027-01-02 09:00"), programme=await make.programme(reminder_leads="1d"))
    found = await run_after_a_standstill("2027-01-11 09:00", "2027-01-12 07:30")
    assert found == [("reminder_days", "missed", TOO_LATE)]


async def test_who_booked_too_late_for_a_reminder_has_not_missed_it(database):
    await booked_on(TUESDAY, at("2027-01-12 07:30"))
    assert await run_after_a_standstill("2027-01-12 07:45", "2027-01-12 11:00") == []


async def test_nothing_is_said_of_what_is_cancelled_given_up_or_missed(database):
    early = at("2027-01-02 09:00")
    cancelled, _ = await booked_on(TUESDAY, early)
    await Session.filter(id=cancelled.id).update(state="cancelled")
    _, given_up = await booked_on(TUESDAY, early)
    with time_machine.travel(early, tick=False):
        await giving_up.give_up(booking_id=given_up.id)
    missed, booking = await booked_on(TUESDAY, early)
    await MissedDate.create(booking=booking, session=missed, created_at=early)
    await run_at(at("2027-01-10 10:00"))
    assert await kinds() == ["given_up"]


async def test_a_place_given_up_after_the_reminder_was_queued_voids_it(database):
    _, booking = await booked_on(TUESDAY, at("2027-01-02 09:00"))
    await run_at(at("2027-01-10 10:00"))
    with time_machine.travel(at("2027-01-10 10:01"), tick=False):
        await giving_up.give_up(booking_id=booking.id)
    assert (await Message.get(kind="reminder_days", channel="sms")).state == "void"


async def test_a_date_missed_between_the_look_and_the_writing_is_not_reminded_of(database):
    session, booking = await booked_on(TUESDAY, at("2027-01-02 09:00"))
    with time_machine.travel(at("2027-01-10 10:00"), tick=False):
        found = await reminding._candidates("2d")
        await MissedDate.create(booking=booking, session=session, created_at=clock.now())
        await reminding._settle(found[0], "2d")
    assert len(found) == 1 and await kinds() == []


async def test_a_session_that_moved_is_reminded_of_again_at_its_new_time(database):
    session, _ = await booked_on(TUESDAY, at("2027-01-02 09:00"))
    await run_at(at("2027-01-10 10:00"))
    await move(session, at("2027-01-14 14:00"))
    await run_at(at("2027-01-12 14:00"))
    found = await Message.filter(channel="sms", kind="reminder_days").order_by("created_at")
    assert len(found) == 2 and "Thu 14 Jan 2pm" in found[1].body


async def test_a_session_moved_to_and_fro_is_not_reminded_of_twice_for_one_time(database):
    session, _ = await booked_on(TUESDAY, at("2027-01-02 09:00"))
    await run_at(at("2027-01-10 10:00"))
    await move(session, at("2027-01-12 10:00"))
    await run_at(at("2027-01-10 10:05"))
    assert await kinds() == ["reminder_days"]


async def test_a_session_that_moves_between_the_look_and_the_writing_waits_for_the_next_look(database):
    session, _ = await booked_on(TUESDAY, at("2027-01-02 09:00"))
    with time_machine.travel(at("2027-01-10 10:00"), tick=False):
        found = await reminding._candidates("2d")
        await move(session, at("2027-01-14 14:00"))
        await reminding._settle(found[0], "2d")
    assert await kinds() == []


async def test_a_course_is_reminded_of_every_date(database):
    with time_machine.travel(at("2027-01-02 09:00"), tick=False):
        run = await make.run(first_date=TUESDAY, booking_mode="run")
        for week in range(3):
            await make.session(run, date=TUESDAY + timedelta(weeks=week), number=week + 1)
        await make.booking(run)
    for week in range(3):
        await run_at(at("2027-01-10 10:00") + timedelta(weeks=week))
    assert await kinds() == ["reminder_days"] * 3


async def test_each_programme_has_its_own_lead_times(database):
    with time_machine.travel(at("2027-01-02 09:00"), tick=False):
        programme = await make.programme(reminder_leads="7d")
    await booked_on(TUESDAY, at("2027-01-02 09:00"), programme=programme)
    await run_at(at("2027-01-05 10:00"))
    assert await kinds() == ["reminder_days"]


async def test_a_missed_date_that_is_taken_up_again_is_reminded_of_once(database):
    with time_machine.travel(at("2027-01-02 09:00"), tick=False):
        run = await make.run(first_date=TUESDAY, booking_mode="run")
        session = await make.session(run)
        booking = await make.booking(run)
    await run_at(at("2027-01-10 10:00"))
    with time_machine.travel(at("2027-01-10 10:05"), tick=False):
        await giving_up.miss_date(booking_id=booking.id, session_id=session.id)
        await giving_up.come_after_all(booking_id=booking.id, session_id=session.id)
    await run_at(at("2027-01-10 10:06"))
    assert (await kinds()).count("reminder_days") == 1


def test_the_time_is_reckoned_in_local_days():
    spring = datetime(2027, 3, 29, 9, 0, tzinfo=UTC)  # 10:00 in summer time
    assert reminding.due_at(spring, "1d") == datetime(2027, 3, 28, 9, 0, tzinfo=UTC)
    assert reminding.due_at(spring, "2d") == datetime(2027, 3, 27, 10, 0, tzinfo=UTC)
