"""What stands in calendars as a course goes on: a missed date goes, a catch-up comes and goes, a cancelled course goes whole."""

import re
from datetime import date, timedelta

import pytest
import time_machine

from booking import clock
from booking.messages.models import Message
from booking.programmes.appointments import changing_slots
from booking.programmes.bookings import booking_places, catching_up, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import adding_dates, cancelling, changing_dates, switching_online, undoing_adding
from booking.programmes.changes.dates_in_scope import Wish
from booking.programmes.models import Booking, Run, Session
from booking.programmes.plans import deciding_numbers
from tests import make
from tests.messages.expected_texts import check
from tests.programmes import changing_calls, clinics

pytestmark = pytest.mark.usefixtures("database")
FIRST = date(2027, 3, 16)  # the third date is after the clocks went forward


@pytest.fixture
async def hub(database):
    hub = await make.location(name="Ferndown Family Hub", address="Penny’s Walk")
    await make.opening_hours(hub, weekdays="0123456")
    return hub


async def calendars(**which: str) -> str:
    """The entries that went out, oldest first, with the ids that differ from run to run put aside."""
    found = await entries(**which)
    return "\n".join(re.sub(r"[0-9a-f]{8}-[0-9a-f-]{20,}", "ID", each) for each in found)


async def entries(**which: str) -> list[str]:
    """The same as they are, lines unfolded."""
    named = {f"calendar_{name}" if name == "method" else name: value for name, value in which.items()}
    found = (
        await Message.filter(**named).exclude(calendar=None).order_by("due_at", "id").values_list("calendar", flat=True)
    )
    return [str(each).replace("\r\n ", "") for each in found if each]


async def course() -> tuple[Run, list[Session], Booking]:
    place = await make.location(name="Ferndown Family Hub", address="Penny’s Walk", hub_name="Ferndown")
    offered = await make.programme(title="Incredible Years: Toddlers")
    run, dates = await make.course(first_date=FIRST, programme=offered, location=place, min_places=6)
    return run, dates, await booked(Target(run.id))


async def booked(target: Target) -> Booking:
    lease_id = await leasing.lease(target)
    sam = Contact("Sam Carter", "+447700900123", "sam@example.com", "email")
    return await booking_places.book(lease_id=lease_id, contact=sam, party=Party(("Sam Carter",)))


async def test_a_missed_date_goes_and_a_catch_up_comes_and_goes():
    with time_machine.travel(clock.at(date(2027, 3, 1), "10:00"), tick=False):
        run, dates, booking = await course()
        other, others = await make.course(
            first_date=FIRST + timedelta(days=1), programme=await run.programme, location=await run.location
        )
        await giving_up.miss_date(booking_id=booking.id, session_id=dates[0].id)
        guest = await catching_up.catch_up(booking_id=booking.id, missed_id=dates[0].id, session_id=others[0].id)
        check("catch_up_request.ics", await calendars(method="REQUEST", kind="catch_up"))
        await giving_up.give_up(booking_id=guest.id)
        check("catch_up_cancel.ics", await calendars(method="CANCEL"))
    assert other.id == guest.run_id


async def test_a_cancelled_course_goes_date_by_date():
    with time_machine.travel(clock.at(date(2027, 3, 1), "10:00"), tick=False):
        run, _, _ = await course()
        await deciding_numbers.cancel_run(run_id=run.id, reason="Too few families", by=None, undo_minutes=10)
        check("course_cancel.ics", await calendars(method="CANCEL"))


async def test_a_date_keeps_its_entry_through_every_change(hub, room, maya):
    with time_machine.travel(clock.at(date(2027, 3, 1), "10:00"), tick=False) as now:
        first, *_ = await changing_calls.course(hub, room, 2, first_date=FIRST, last_date=FIRST + timedelta(weeks=1))
        await booked(Target(first.run_id))
        await Message.all().delete()
        asked = {"session_id": first.id, "scope": "date", "by": maya, "undo_minutes": 10}
        await changing_dates.change(**asked, wish=Wish(start="13:00", end="15:00"))
        now.shift(timedelta(minutes=11))
        await Message.all().update(state="sent")
        await switching_online.switch(**asked, to="online", join_url="https://meet.example/iy")
        now.shift(timedelta(minutes=11))
        await cancelling.cancel(session_id=first.id, reason="Staff are ill", by=maya, undo_minutes=10)
        found = await calendars()
        uids = {re.search(r"UID:(\S+)", str(each))[1] for each in await entries()}
    assert len(uids) == 1 and re.findall(r"SEQUENCE:(\d+)", found) == ["1", "2", "3"]
    check("changes_of_a_date.ics", found)


async def test_a_date_that_is_added_is_an_entry_of_its_own(hub, room, maya):
    with time_machine.travel(clock.at(date(2027, 3, 1), "10:00"), tick=False):
        first, *_ = await changing_calls.course(hub, room, 2, first_date=FIRST, last_date=FIRST + timedelta(weeks=1))
        await changing_calls.family(await Run.get(id=first.run_id), email="sam@example.com", name="Sam Carter")
        day = FIRST + timedelta(weeks=3)
        done = await adding_dates.add(run_id=first.run_id, day=day, by=maya, undo_minutes=10)
        check("date_added.ics", await calendars())
        before = await Message.all().count()
        await undoing_adding.undo(session_id=done.session_id, event_id=done.event_id, by=maya)
    assert await Message.filter(state="queued").count() == 0 and await Message.all().count() == before


async def test_an_appointment_is_an_entry_at_its_own_time_and_goes_along_with_another_time(hub):
    with time_machine.travel(clock.at(date(2027, 3, 1), "10:00"), tick=False):
        run, (session,) = await clinics.clinic(first_date=FIRST, last_date=FIRST, location=hub)
        slots = await clinics.slots_at(session)
        booking = await booked(Target(run.id, session.id, slots["10:30"].id))
        await changing_slots.change_slot(booking_id=booking.id, slot_id=slots["11:30"].id)
        await giving_up.give_up(booking_id=booking.id)
        found = await calendars()
        uids = {re.search(r"UID:(\S+)", str(each))[1] for each in await entries()}
    assert len(uids) == 1 and re.findall(r"SEQUENCE:(\d+)", found) == ["0", "1", "2"]
    check("appointment.ics", found)
