"""From booking to the phone and the calendar: the real verbs, the real jobs, the stand-ins at the end."""

from datetime import timedelta

import icalendar
import pytest
import time_machine

from booking import clock, db
from booking.messages.delivery import deliver_due
from booking.programmes import reminding
from booking.programmes.bookings import booking_places, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import cancelling, undoing_cancelling
from tests import make

pytestmark = pytest.mark.usefixtures("emptied")

SAM = Contact("Sam Carter", "+447700900123", "sam@mail.example", "sms")


async def book(session, contact=SAM):
    lease = await leasing.lease(Target(session.run_id, session.id))
    return await booking_places.book(lease_id=lease, contact=contact, party=Party((contact.name,)))


async def session_in(days, **run):
    day = clock.today() + timedelta(days=days)
    return await make.session(await make.run(first_date=day, title="Messy play", **run))


def entries(host):
    """(method, UID, SEQUENCE) of every entry mailed, in order."""
    found = []
    for mail in host.accepted:
        for part in mail.read.walk():
            if part.get_content_type() == "text/calendar":
                event = icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]
                found.append((part.get_param("method"), str(event["UID"]), int(event["SEQUENCE"])))
    return found


async def run_the_jobs(settings):
    await reminding.queue_due()
    await deliver_due(settings, "w")


async def test_booked_reminded_twice_and_in_the_calendar_once(sending, twilio, host):
    settings = sending(twilio, host)
    session = await session_in(7)
    await book(session)
    with time_machine.travel(clock.now()) as travelled:
        while clock.now() < session.starts_at:
            await run_the_jobs(settings)
            travelled.shift(3600)
    texts = [message["body"] for message in twilio.accepted]
    assert len(texts) == 3 and twilio.doubled == []
    assert ["booked" in texts[0], "Can't come? Reply NO" in texts[1], "see you soon" in texts[2]] == [True] * 3
    assert [method for method, _, _ in entries(host)] == ["REQUEST"]


async def test_cancelled_a_minute_before_the_reminder(sending, twilio, host):
    settings = sending(twilio, host)
    session = await session_in(7)
    await book(session)
    await run_the_jobs(settings)
    with time_machine.travel(reminding.due_at(session.starts_at, "2d") - timedelta(minutes=1)) as travelled:
        await cancelling.cancel(session_id=session.id, reason="The heating has broken down", by=None, undo_minutes=10)
        for _ in range(20):
            travelled.shift(60)
            await run_the_jobs(settings)
    texts = [message["body"] for message in twilio.accepted]
    assert len(texts) == 2 and "is off: The heating has broken down" in texts[1]
    (put, uid, first), (taken, same_uid, second) = entries(host)
    assert (put, taken, uid == same_uid) == ("REQUEST", "CANCEL", True) and second > first


async def test_cancelled_with_the_reminder_already_queued(sending, twilio):
    session = await session_in(7)
    await book(session)
    with time_machine.travel(reminding.due_at(session.starts_at, "2d")):
        await reminding.queue_due()
        await cancelling.cancel(session_id=session.id, reason="Snow", by=None, undo_minutes=10)
        await deliver_due(sending(twilio), "w")
    assert not any("Can't come" in message["body"] for message in twilio.accepted)


async def test_undone_in_time_nobody_hears_of_it_and_the_reminder_comes_after_all(sending, twilio, host):
    settings = sending(twilio, host)
    session = await session_in(7)
    await book(session)
    await run_the_jobs(settings)
    with time_machine.travel(reminding.due_at(session.starts_at, "2d")) as travelled:
        await reminding.queue_due()
        done = await cancelling.cancel(session_id=session.id, reason="Snow", by=None, undo_minutes=10)
        await undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=None)
        for _ in range(15):
            travelled.shift(60)
            await run_the_jobs(settings)
    texts = [message["body"] for message in twilio.accepted]
    assert len(texts) == 2 and "Can't come? Reply NO" in texts[1]
    assert [method for method, _, _ in entries(host)] == ["REQUEST"]


async def test_given_up_before_anything_left_takes_back_what_waits(sending, twilio):
    booking = await book(await session_in(7))
    await giving_up.give_up(booking_id=booking.id)
    await deliver_due(sending(twilio), "w")
    [text] = [message["body"] for message in twilio.accepted]
    assert "you gave up your place" in text


@pytest.mark.parametrize("now", ["2027-03-22T12:00Z", "2026-10-19T12:00Z"])
async def test_the_day_reminder_keeps_its_wall_time_over_the_clock_change(sending, twilio, now):
    """Booked before the change for a Monday or Tuesday after it: due at 10:00 on the wall, two days before."""
    with time_machine.travel(now) as travelled:
        session = await session_in(7)
        await book(session)
        await deliver_due(sending(twilio), "w")
        while len(twilio.accepted) < 2 and clock.now() < session.starts_at:
            travelled.shift(600)
            await run_the_jobs(sending(twilio))
        wall = clock.local(clock.now())
        assert (wall.hour, wall.minute, (session.date - wall.date()).days) == (10, 0, 2)


async def test_restricted_sessions_leak_into_no_message(sending, twilio, host):
    settings = sending(twilio, host)
    secret = await make.location(name="Secret House", address="1 Hidden Lane", postcode="ZZ1 1ZZ")
    programme = await make.programme(title="Freedom Programme", is_discreet=True)
    session = await session_in(7, location=secret, programme=programme, is_restricted=True, host="Kim Hidden")
    await db.execute("UPDATE run SET title = 'Freedom Programme'")
    people = [
        await make.person(phone="+447700900001", email="a@mail.example", channel="sms"),
        await make.person(phone="+447700900002", email="b@mail.example", channel="email"),
    ]
    for person in people:
        booking = await make.booking(session, person)
        dates = await booking_places.coming_dates(Target(session.run_id, session.id))
        await booking_places.confirm(booking, person, Party(("Sam",)), dates)
    with time_machine.travel(clock.now()) as travelled:
        while clock.now() < session.starts_at - timedelta(hours=1):
            await run_the_jobs(settings)
            travelled.shift(3600)
        await cancelling.cancel(session_id=session.id, reason="Kim Hidden is ill", by=None, undo_minutes=0)
        travelled.shift(60)
        await deliver_due(settings, "w")
    left = [str(message) for message in twilio.accepted]
    left += [
        str(part.get_payload(decode=True)) + str(mail.read.items())
        for mail in host.accepted
        for part in mail.read.walk()
    ]
    stored = [str(line) for line in await db.rows("SELECT address, subject, body, html, calendar FROM message")]
    assert len(twilio.accepted) >= 3 and len(host.accepted) >= 3
    for secret_word in ("Freedom", "Messy", "Secret", "Hidden", "ZZ1", "Kim", str(session.id)):
        assert [text for text in left + stored if secret_word in text] == []
