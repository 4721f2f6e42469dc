"""Slots of clinics in the database: made once, opened and closed, taken along, and given to no two families."""

import asyncio
from datetime import timedelta

import pytest

from booking import clock, db
from booking.messages.models import Message
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes import reminding
from booking.programmes.appointments import changing_slots, finding_slots, keeping_slots, steering_slots
from booking.programmes.bookings import booking_places, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import cancelling, moving, undoing_cancelling, undoing_change
from booking.programmes.models import Booking, Session, Slot
from tests import make
from tests.programmes.clinics import clinic, slots_at

MAYA = Contact("Maya Ford", phone="+447700900301", email="maya@families.example", channel="email")


def staff(hub_id) -> Who:
    return Who(db.new_id(), "Tom", None, "", "", "", frozenset({"hub_staff"}), frozenset({hub_id}))


async def booked(session: Session, time: str, contact: Contact = MAYA) -> Booking:
    slot = (await slots_at(session))[time]
    lease = await leasing.lease(Target(session.run_id, session.id, slot.id))
    return await booking_places.book(lease_id=lease, contact=contact, party=Party((contact.name,)))


async def state_of(session: Session) -> tuple[int, int, dict[str, tuple[str, int]]]:
    await session.refresh_from_db()
    found = await slots_at(session)
    return session.places, session.taken, {time: (slot.state, slot.taken) for time, slot in sorted(found.items())}


async def test_a_date_has_as_many_places_as_open_slots(database):
    _, (session,) = await clinic()
    assert (session.places, sorted(await slots_at(session))) == (4, ["10:00", "10:30", "11:00", "11:30"])
    assert await keeping_slots.make_missing() == 0


async def test_workers_side_by_side_are_facilitators_by_name(database):
    _, (session,) = await clinic(places=12, facilitator_1="Ana", facilitator_2="Bea")
    assert {each.worker for each in await Slot.filter(session_id=session.id)} == {"Ana", "Bea", "Worker 3"}
    assert session.places == 12


async def test_staff_close_and_open_a_time(database):
    run, (session,) = await clinic()
    by = staff(run.hub_id)
    slot = (await slots_at(session))["11:00"]
    await steering_slots.close_slot(session_id=session.id, slot_id=slot.id, by=by)
    assert (await state_of(session))[0] == 3
    with pytest.raises(Refused) as refused:
        await leasing.lease(Target(run.id, session.id, slot.id))
    assert refused.value.rules == {"cancelled"}
    await steering_slots.open_slot(session_id=session.id, slot_id=slot.id, by=by)
    assert (await state_of(session))[0] == 4


async def test_a_time_that_a_family_has_is_not_closed(database):
    run, (session,) = await clinic()
    await booked(session, "11:00")
    slot = (await slots_at(session))["11:00"]
    with pytest.raises(Refused) as refused:
        await steering_slots.close_slot(session_id=session.id, slot_id=slot.id, by=staff(run.hub_id))
    assert refused.value.rules == {"taken"}
    with pytest.raises(Refused):
        await steering_slots.close_time(session_id=session.id, start="10:45", end="11:15", by=staff(run.hub_id))


async def test_a_break_closes_what_lies_in_it(database):
    run, (session,) = await clinic()
    assert await steering_slots.close_time(session_id=session.id, start="10:45", end="11:15", by=staff(run.hub_id)) == 2
    assert (await state_of(session))[0] == 2


async def test_one_more_worker_doubles_the_times(database):
    run, (session,) = await clinic()
    assert await steering_slots.add_worker(session_id=session.id, worker=" Bea  Moss ", by=staff(run.hub_id)) == 4
    assert (await state_of(session))[0] == 8
    for wrong in ("", "bea moss", "x" * 61):
        with pytest.raises(Refused):
            await steering_slots.add_worker(session_id=session.id, worker=wrong, by=staff(run.hub_id))


async def test_what_a_family_hears_is_its_own_time(database):
    _, (session,) = await clinic()
    booking = await booked(session, "11:00")
    message = await Message.get(about_id=booking.id, kind="confirmation")
    assert "11am to 11:30am" in message.body
    assert "10am" not in message.body + message.subject
    assert f"DTSTART;TZID=Europe/London:{session.date:%Y%m%d}T110000" in message.calendar


async def test_reminders_are_reckoned_from_the_appointment(database):
    """Two hours before 11:30, when the clinic has run for half an hour already two hours before 10:30."""
    import time_machine

    _, (session,) = await clinic()
    booking = await booked(session, "11:30")
    early = clock.at(session.date, "09:00")
    with time_machine.travel(early, tick=False):
        await reminding.queue_due()
        assert not await Message.filter(about_id=booking.id, kind="reminder_hours").exists()
    with time_machine.travel(early + timedelta(minutes=31), tick=False):
        await reminding.queue_due()
    message = await Message.get(about_id=booking.id, kind="reminder_hours")
    assert "11:30am" in message.body


async def test_a_clinic_that_has_begun_can_be_booked_for_later(database):
    import time_machine

    _, (session,) = await clinic()
    with time_machine.travel(clock.at(session.date, "10:40"), tick=False):
        booking = await booked(session, "11:00")
        with pytest.raises(Refused) as refused:
            await booked(session, "10:30", Contact("Ida", phone="+447700900302"))
        await giving_up.give_up(booking_id=booking.id)
    assert refused.value.rules == {"begun"}


async def test_another_time_of_the_same_day(database):
    _, (session,) = await clinic()
    booking = await booked(session, "10:00")
    await changing_slots.change_slot(booking_id=booking.id, slot_id=(await slots_at(session))["11:30"].id)
    places, taken, found = await state_of(session)
    assert (places, taken, found["10:00"], found["11:30"]) == (4, 1, ("open", 0), ("open", 1))
    message = await Message.get(about_id=booking.id, kind="changed")
    assert "11:30am" in message.body
    assert message.calendar_method == "REQUEST"


async def test_another_date_takes_the_old_entry_out_of_the_calendar(database):
    _, (first, second) = await clinic(dates=2)
    booking = await booked(first, "10:00")
    await changing_slots.change_slot(booking_id=booking.id, slot_id=(await slots_at(second))["11:00"].id)
    assert ((await state_of(first))[1], (await state_of(second))[1]) == (0, 1)
    methods = {row.kind: row.calendar_method for row in await Message.filter(about_id=booking.id)}
    assert (methods["changed"], methods["invite"]) == ("REQUEST", "CANCEL")


async def test_a_full_clinic_can_still_be_changed_only_to_what_is_free(database):
    _, (session,) = await clinic(end_time="11:00", places=2)
    mine = await booked(session, "10:00")
    await booked(session, "10:30", Contact("Ida", phone="+447700900302"))
    with pytest.raises(Refused) as refused:
        await changing_slots.change_slot(booking_id=mine.id, slot_id=(await slots_at(session))["10:30"].id)
    assert refused.value.rules == {"full"}
    assert (await state_of(session))[1] == 2


async def test_cancelling_tells_each_its_own_time_and_can_be_undone(database):
    run, (session,) = await clinic()
    await booked(session, "11:00")
    by = await make.staff("hub_staff", run.hub_id)
    done = await cancelling.cancel(session_id=session.id, reason="Bad weather", by=by, undo_minutes=10)
    assert "11am" in done.example_mail
    assert (await state_of(session))[1:] == (0, dict.fromkeys(("10:00", "10:30", "11:00", "11:30"), ("open", 0)))
    await undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=by)
    assert (await state_of(session))[2]["11:00"] == ("open", 1)


async def test_moving_takes_the_appointments_along_and_undoing_back(database):
    run, (session,) = await clinic()
    booking = await booked(session, "11:00")
    by = staff(run.hub_id)
    target = moving.Target(start="13:00", end="15:00")
    done = await moving.move(session_id=session.id, target=target, by=by, undo_minutes=10)
    assert sorted((await state_of(session))[2]) == ["13:00", "13:30", "14:00", "14:30"]
    assert "2pm to 2:30pm" in done.example_mail
    await undoing_change.undo(session_id=session.id, event_id=done.event_id, by=by)
    assert (await state_of(session))[2]["11:00"] == ("open", 1)
    assert (await Booking.get(id=booking.id)).state == "booked"


async def test_a_clinic_is_not_made_shorter_than_what_families_have(database):
    run, (session,) = await clinic()
    await booked(session, "11:30")
    with pytest.raises(Refused) as refused:
        await moving.move(
            session_id=session.id, target=moving.Target(end="11:30"), by=staff(run.hub_id), undo_minutes=10
        )
    assert "11:30am" in refused.value.problems[0].words


async def test_who_keeps_their_time_hears_nothing_when_the_clinic_ends_later(database):
    run, (session,) = await clinic()
    await booked(session, "11:00")
    done = await moving.move(
        session_id=session.id, target=moving.Target(end="13:00"), by=staff(run.hub_id), undo_minutes=10
    )
    assert done.told == []
    assert (await state_of(session))[0] == 6


@pytest.mark.slow
async def test_of_fifty_parents_as_many_get_a_time_as_there_are(real_database):
    """Each taps one of eight times of two workers, all at once: eight are booked, the others hear why."""
    run, (session,) = await clinic(places=8)
    free = await finding_slots.free_times(run.id)
    assert len(free) == 8

    async def tap(n: int) -> Booking:
        slot = free[n % 8]
        lease = await leasing.lease(Target(run.id, session.id, slot["id"]))
        contact = Contact(f"Parent {n}", phone=f"+447700900{n:03}", channel="call")
        return await booking_places.book(lease_id=lease, contact=contact, party=Party((contact.name,)))

    answers = await asyncio.gather(*(tap(n) for n in range(50)), return_exceptions=True)
    assert sum(isinstance(each, Booking) for each in answers) == 8
    assert all(each.rules == {"full"} for each in answers if not isinstance(each, Booking))
    places, taken, _ = await state_of(session)
    assert (places, taken) == (8, 8)
    assert await Booking.filter(session_id=session.id, state="booked").count() == 8
    assert len({each.slot_id for each in await Booking.filter(session_id=session.id, state="booked")}) == 8


@pytest.mark.slow
async def test_changing_booking_giving_up_and_closing_at_once_lose_no_time(real_database):
    run, (session,) = await clinic(places=8, end_time="12:00")
    free = await finding_slots.free_times(run.id)
    by = staff(run.hub_id)
    firsts = [
        await booked(session, time, Contact(time, phone=f"+4477009004{n:02}"))
        for n, time in enumerate(("10:00", "10:30"))
    ]

    async def book(n: int):
        lease = await leasing.lease(Target(run.id, session.id, free[n]["id"]))
        return await booking_places.book(
            lease_id=lease, contact=Contact(f"P{n}", phone=f"+44770090050{n}"), party=Party(("P",))
        )

    await asyncio.gather(
        *(book(n) for n in range(8)),
        *(changing_slots.change_slot(booking_id=one.id, slot_id=free[6]["id"]) for one in firsts),
        *(giving_up.give_up(booking_id=one.id) for one in firsts),
        *(steering_slots.close_slot(session_id=session.id, slot_id=free[n]["id"], by=by) for n in (3, 5)),
        return_exceptions=True,
    )
    slots = await Slot.filter(session_id=session.id)
    live = await Booking.filter(session_id=session.id, state="booked")
    places, taken, _ = await state_of(session)
    assert taken == len(live) == sum(each.taken for each in slots)
    assert {each.slot_id for each in live} == {each.id for each in slots if each.taken}
    assert places == sum(each.state == "open" for each in slots)
