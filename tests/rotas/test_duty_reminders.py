"""Everybody on the rota is reminded of tomorrow's published duties: once, in time, and of nothing that is not theirs."""

from datetime import date, timedelta

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.rotas import reminding, telling
from booking.rotas.assigning import Change
from booking.rotas.models import StaffProfile
from tests import make

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
DAY = date(2027, 1, 12)


class Now:
    at = clock.at(date(2027, 1, 4), "10:00")

    def be(self, day, time):
        self.at = clock.at(day, time)


@pytest.fixture
def now(monkeypatch):
    found = Now()
    monkeypatch.setattr(clock, "now", lambda: found.at)
    return found


@pytest.fixture
async def sam(now):
    at = await make.location(name="Ferndown Family Hub")
    member = await make.worker(at, known_as="Sam Green")
    await Person.filter(id=member.person_id).update(channel="email")
    member.at = at
    return member


async def reminders(state="queued"):
    return await db.rows("SELECT * FROM message WHERE kind = 'duty_tomorrow' AND state = $1", state)


async def test_at_four_the_day_before_all_of_the_day_is_one_message_and_only_once(sam, now):
    other = await make.location(name="Wimborne Family Hub")
    await make.assignment(await make.shift(sam.at, date=DAY, start="09:00", end="12:00"), sam)
    await make.assignment(await make.shift(other, date=DAY, start="14:00", end="16:00"), sam)
    now.be(DAY - timedelta(days=1), "15:59")
    assert await reminding.remind() == 0
    now.be(DAY - timedelta(days=1), "16:00")
    assert [await reminding.remind() for _ in range(3)] == [1, 0, 0]
    (row,) = await reminders()
    assert "9am to midday: Extra shift, Ferndown Family Hub" in row["body"]
    assert "2pm to 4pm: Extra shift, Wimborne Family Hub" in row["body"]
    assert row["expires_at"] == clock.at(DAY, "09:00")


async def test_a_text_says_time_and_place_of_each(sam, now):
    await Person.filter(id=sam.person_id).update(channel="sms", phone="+447700900123")
    await make.assignment(await make.shift(sam.at, date=DAY), sam)
    now.be(DAY - timedelta(days=1), "16:30")
    await reminding.remind()
    (row,) = await reminders()
    assert row["channel"] == "sms" and "Tuesday 12 January 2027, your duties: 9am Ferndown Family Hub." in row["body"]


async def test_only_what_is_published_and_only_who_wants_it(sam, now):
    await make.assignment(await make.shift(sam.at, date=DAY), sam, "draft")
    quiet = await make.worker(sam.at, known_as="Ada Lane")
    await StaffProfile.filter(id=quiet.id).update(is_reminded=False)
    await make.assignment(await make.shift(sam.at, date=DAY), quiet)
    now.be(DAY - timedelta(days=1), "17:00")
    assert await reminding.remind() == 0


async def test_a_job_that_stood_still_catches_up_and_is_never_too_late(sam, now):
    await make.assignment(await make.shift(sam.at, date=DAY), sam)
    now.be(DAY, "06:30")
    assert await reminding.remind() == 1
    now.be(DAY, "09:00")
    await db.execute("DELETE FROM message")
    assert await reminding.remind() == 0


async def test_who_got_the_duty_since_then_has_just_heard_of_it(sam, now):
    now.be(DAY - timedelta(days=1), "18:00")
    await make.assignment(await make.shift(sam.at, date=DAY), sam)
    now.be(DAY - timedelta(days=1), "18:05")
    assert await reminding.remind() == 0


async def test_a_duty_taken_away_before_it_left_takes_the_reminder_back_and_it_says_what_is_left(sam, now):
    one, two = await make.shift(sam.at, date=DAY), await make.shift(sam.at, date=DAY, start="14:00", end="16:00")
    await make.assignment(one, sam)
    await make.assignment(two, sam)
    now.be(DAY - timedelta(days=1), "16:00")
    await reminding.remind()
    await db.execute("DELETE FROM assignment WHERE shift_id = $1", one.id)
    await db.run_tx(lambda: telling.tell([Change(one.id, sam.id, None)], by=None))
    assert await reminders() == [] and len(await reminders("void")) == 1
    assert await reminding.remind() == 1
    (row,) = await reminders()
    assert "2pm to 4pm" in row["body"] and "9am" not in row["body"]


async def test_a_duty_taken_away_after_the_reminder_is_told(sam, now):
    shift = await make.shift(sam.at, date=DAY)
    await make.assignment(shift, sam)
    now.be(DAY - timedelta(days=1), "16:00")
    await reminding.remind()
    await db.execute("UPDATE message SET state = 'sent', sent_at = $1", clock.now())
    await db.execute("DELETE FROM assignment WHERE shift_id = $1", shift.id)
    await db.run_tx(lambda: telling.tell([Change(shift.id, sam.id, None)], by=None))
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE kind = 'duty_changed'") == 1
    assert await reminding.remind() == 0


async def test_what_staff_took_back_by_hand_stays_back(sam, now):
    await make.assignment(await make.shift(sam.at, date=DAY), sam)
    now.be(DAY - timedelta(days=1), "16:00")
    await reminding.remind()
    await db.execute("UPDATE message SET state = 'void', error = 'Taken back by staff.'")
    assert await reminding.remind() == 0


async def test_a_rota_that_can_still_be_undone_comes_before_its_reminder(sam, now):
    shift = await make.shift(sam.at, date=DAY)
    now.be(DAY - timedelta(days=1), "15:55")
    await make.assignment(shift, sam)
    until = clock.now() + timedelta(minutes=10)
    await db.run_tx(
        lambda: telling.tell([Change(shift.id, None, sam.id)], by=None, kind=telling.PUBLISHED, undo_until=until)
    )
    now.be(DAY - timedelta(days=1), "16:00")
    assert await reminding.remind() == 0
    now.be(DAY - timedelta(days=1), "16:05")
    assert await reminding.remind() == 1


async def test_who_may_only_be_reached_in_the_morning_is_reminded_then(sam, now):
    await Person.filter(id=sam.person_id).update(safe_from="09:00", safe_to="12:00")
    await make.assignment(await make.shift(sam.at, date=DAY), sam)
    now.be(DAY - timedelta(days=1), "11:00")
    assert await reminding.remind() == 0
    now.be(DAY - timedelta(days=1), "11:44")
    assert await reminding.remind() == 1


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 3, 29), date(2027, 10, 31), date(2027, 11, 1)])
async def test_over_both_clock_changes_it_is_four_by_the_clock_on_the_wall(sam, now, day):
    now.be(day - timedelta(days=8), "10:00")
    await make.assignment(await make.shift(sam.at, date=day), sam)
    now.be(day - timedelta(days=1), "15:59")
    assert await reminding.remind() == 0
    now.be(day - timedelta(days=1), "16:00")
    assert await reminding.remind() == 1


async def test_of_a_restricted_duty_it_says_the_time_alone(sam, now):
    refuge = await make.location(name="Refuge of Wareham", is_restricted=True)
    await make.assignment(await make.shift(refuge, date=DAY, title="Freedom programme"), sam)
    now.be(DAY - timedelta(days=1), "16:00")
    await reminding.remind()
    (row,) = await reminders()
    assert "Private booking" in row["body"]
    assert "Refuge" not in row["body"] and "Freedom" not in row["body"] and "Wareham" not in row["body"] + row["html"]
