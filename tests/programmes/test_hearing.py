"""Who hears about a booking: other adults too, by their own address and link, and nothing of the family."""

from datetime import date

import pytest
import time_machine

from booking import clock, db
from booking.messages import hours
from booking.messages.models import Message
from booking.people.models import Person
from booking.programmes import reminding
from booking.programmes.bookings import giving_up, hearing
from booking.programmes.changes import cancelling
from booking.programmes.models import AlsoTold, Session
from tests import make

TUESDAY = date(2027, 1, 12)


def at(text: str):
    day, wall = text.split()
    return clock.at(date.fromisoformat(day), wall)


async def also(booking, **values) -> Person:
    adult = await make.person(name="Gran Gale", family=None, **{"phone": "+447700900888"} | values)
    await AlsoTold.create(booking_id=booking.id, person=adult, token=f"gran{adult.id.hex[-8:]}", created_at=clock.now())
    return adult


async def booked(start="10:00", mode="session", booked_at="2027-01-02 09:00", of_run=None, **person):
    with time_machine.travel(at(booked_at), tick=False):
        run = await make.run(
            first_date=TUESDAY, start_time=start, end_time="12:00", booking_mode=mode, **(of_run or {})
        )
        session = await make.session(run)
        return session, await make.booking(run if mode == "run" else session, await make.person(**person))


async def run_at(text: str) -> None:
    with time_machine.travel(at(text), tick=False):
        await reminding.queue_due()


async def texts(kind, **more) -> list[Message]:
    return await Message.filter(kind=kind, channel="sms", **more).order_by("created_at")


@pytest.mark.parametrize("mode", ["session", "run"])
async def test_another_adult_is_reminded_with_a_link_of_their_own_and_once(database, mode):
    _, booking = await booked(mode=mode)
    gran = await also(booking)
    for minute in ("10:00", "10:01"):
        await run_at(f"2027-01-10 {minute}")
    own, theirs = [await texts("reminder_days", person_id=each) for each in (booking.person_id, gran.id)]
    assert len(own) == len(theirs) == 1
    assert "/t/gran" in theirs[0].body and booking.manage_token not in theirs[0].body and "/m/" in own[0].body


async def test_another_adult_hears_of_the_cancellation_and_of_nothing_else_of_the_family(database):
    session, booking = await booked(email="jo@mail.example")
    gran = await also(booking, email="gran@mail.example")
    by = await make.person()
    with time_machine.travel(at("2027-01-05 12:00"), tick=False):
        done = await cancelling.cancel(session_id=session.id, reason="Snow.", by=by, undo_minutes=10)
    found = await Message.filter(person_id=gran.id, kind="cancellation")
    assert {each.channel for each in found} == {"sms", "email"} and len(done.told) == 1
    for each in found:
        assert booking.manage_token not in each.body and booking.reference not in each.body and not each.calendar


async def test_another_adult_hears_when_the_place_is_given_up(database):
    _, booking = await booked()
    gran = await also(booking)
    with time_machine.travel(at("2027-01-05 12:00"), tick=False):
        await giving_up.give_up(booking_id=booking.id)
    [text] = await Message.filter(person_id=gran.id)
    assert text.kind == "given_up" and "you gave up" not in text.body.lower()


@pytest.mark.parametrize("why", ["ended", "restricted", "discreet person"])
async def test_who_is_told_no_more_and_what_is_discreet_is_left_out(database, why):
    session, booking = await booked(of_run={"is_restricted": why == "restricted"}, is_discreet=why == "discreet person")
    gran = await also(booking)
    if why == "ended":
        await AlsoTold.all().update(ended_at=clock.now())
    await run_at("2027-01-10 10:00")
    assert await Message.filter(person_id=gran.id).count() == 0 and session
    assert (await hearing.others_of([booking.id])).get(booking.id, []) == []


async def test_a_reminder_in_the_quiet_hours_goes_the_evening_before_and_once(database, monkeypatch):
    monkeypatch.setattr(hours, "_county", hours.Hours("20:00", "08:00"))
    session, _ = await booked(start="09:00")
    await run_at("2027-01-11 19:43")
    assert await texts("reminder_hours") == []
    await run_at("2027-01-11 19:44")
    for minute in ("19:50", "21:00"):
        await run_at(f"2027-01-11 {minute}")
    await run_at("2027-01-12 07:00")
    [text] = await texts("reminder_hours")
    assert text.due_at == at("2027-01-11 19:44") and text.expires_at == session.starts_at


async def test_mail_is_not_held_by_quiet_hours(database, monkeypatch):
    monkeypatch.setattr(hours, "_county", hours.Hours("20:00", "08:00"))
    await booked(start="09:00", channel="email", email="jo@mail.example")
    await run_at("2027-01-11 19:50")
    assert await Message.filter(kind="reminder_hours").count() == 0
    await run_at("2027-01-12 07:00")
    assert (await Message.get(kind="reminder_hours")).channel == "email"


async def test_who_may_be_contacted_on_one_day_of_the_week_is_reminded_on_it(database):
    await booked(safe_from="09:00", safe_to="10:00", safe_days="5", booked_at="2027-01-02 09:00")  # Saturday 9 January
    await run_at("2027-01-09 09:43")
    assert await texts("reminder_days") == []
    await run_at("2027-01-09 09:44")
    [text] = await texts("reminder_days")
    assert text.due_at == at("2027-01-09 09:44")


async def test_who_booked_after_the_last_safe_moment_is_reminded_when_it_is_due(database, monkeypatch):
    monkeypatch.setattr(hours, "_county", hours.Hours("20:00", "08:00"))
    await booked(start="09:00", booked_at="2027-01-11 21:00")
    await run_at("2027-01-11 21:01")
    assert await texts("reminder_hours") == []
    await run_at("2027-01-12 07:00")
    assert len(await texts("reminder_hours")) == 1


async def test_each_adult_is_reminded_in_their_own_hours(database):
    session, booking = await booked()
    gran = await also(booking, safe_from="08:00", safe_to="09:00")
    await run_at("2027-01-10 08:45")
    due = {each.person_id: each.due_at for each in await texts("reminder_days")}
    assert due == {gran.id: at("2027-01-10 08:45"), booking.person_id: at("2027-01-10 10:00")}
    assert await db.value("SELECT COUNT(*) AS n FROM reminder WHERE session_id = $1", session.id) == 1


async def test_many_with_odd_hours_hide_nobody_who_is_due(database, monkeypatch):
    monkeypatch.setattr(reminding, "BATCH", 5)
    for _ in range(8):
        await booked(safe_from="21:00", safe_to="22:00")
    await booked()
    await run_at("2027-01-10 10:00")
    assert len(await texts("reminder_days")) >= 1
    assert await Session.all().count() == 9
