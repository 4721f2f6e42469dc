"""What others do between an act and its undoing, or beside it, is neither lost nor doubled, and they hear what is true."""

from datetime import timedelta

import pytest

from booking import clock, db
from booking.messages.models import Message
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes import reconciling
from booking.programmes.appointments import steering_slots
from booking.programmes.bookings import booking_by_phone, booking_places, catching_up, changing_who, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import ChildComing, Offered, Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import (
    cancelling,
    cancelling_dates,
    changing_dates,
    undoing_cancelling,
    undoing_change,
    undoing_dates,
)
from booking.programmes.changes.dates_in_scope import Wish
from booking.programmes.models import Booking, CrechePlace, Offer, Run, Session, Slot
from booking.programmes.waiting import keeping_lines
from tests import make
from tests.programmes.clinics import clinic, slots_at

pytestmark = pytest.mark.usefixtures("database")
UNDO = {"by": None, "undo_minutes": 10}


def staff(hub_id) -> Who:
    at = frozenset({hub_id})
    return Who(db.new_id(), "Maya", None, "", "", "", frozenset({"hub_manager"}), at, managed_hubs=at)


async def book(run: Run, *, with_creche: bool = False) -> Booking:
    ada = ChildComing("Ada", clock.today().year - 2, 3)
    lease_id = await leasing.lease(Target(run.id))
    party = Party(("Sam Carter",), (ada,), creche=(ada,) if with_creche else ())
    return await booking_places.book(lease_id=lease_id, contact=Contact("Sam Carter", "+447700900123"), party=party)


@pytest.mark.parametrize("scope", ["date", "later"])
async def test_who_books_while_a_date_is_cancelled_hears_that_it_is_on_and_has_its_creche(scope):
    run, dates, beside = await make.course_with_creche(places=2)
    before = await make.booking(run, await make.person(channel="sms"))
    if scope == "date":
        done = await cancelling.cancel(session_id=dates[1].id, reason="Snow", **UNDO)
    else:
        done = await cancelling_dates.cancel(session_id=dates[1].id, scope="later", reason="Snow", **UNDO)
    booking = await book(run, with_creche=True)
    undo = undoing_cancelling.undo if scope == "date" else undoing_dates.undo
    await undo(session_id=dates[1].id, event_id=done.event_id, by=None)
    assert await Message.filter(kind="date_added", about_id=booking.id).count() == (1 if scope == "date" else 2)
    assert not await Message.filter(kind="date_added", about_id=before.id).exists()
    held = await CrechePlace.filter(booking_id=booking.id, released_at=None).values_list("session_id", flat=True)
    assert set(held) == {each.id for each in beside}
    assert await reconciling.reconcile() == 0


async def test_what_staff_set_since_stays_when_a_change_of_something_else_is_undone():
    session = await make.session(await make.run(places=5))
    who = staff(session.hub_id)
    wish = Wish(start="13:00", end="14:30")
    done = await changing_dates.change(session_id=session.id, scope="all", wish=wish, by=who, undo_minutes=10)
    await keeping_lines.set_places(target=Target(session.run_id, session.id), places=9, by=who)
    await undoing_change.undo(session_id=session.id, event_id=done.event_id, by=who)
    await session.refresh_from_db()
    assert (session.places, session.edited, session.start_time) == (9, "places", "10:00")


async def test_a_clinic_keeps_the_places_of_its_slots_when_a_change_is_undone():
    _, (session,) = await clinic()
    who = staff(session.hub_id)
    done = await changing_dates.change(
        session_id=session.id, scope="date", wish=Wish(facilitator_1="Ana"), by=who, undo_minutes=10
    )
    await steering_slots.add_worker(session_id=session.id, worker="Bea", by=who)
    await undoing_change.undo(session_id=session.id, event_id=done.event_id, by=who)
    await session.refresh_from_db()
    assert session.places == 8
    await changing_dates.change(session_id=session.id, scope="date", wish=Wish(places=3), by=who, undo_minutes=10)
    await session.refresh_from_db()
    assert session.places == 8


async def test_a_clinic_moves_onto_times_that_were_given_up_before():
    _, (session,) = await clinic()
    who = staff(session.hub_id)
    for start, end in (("10:00", "11:00"), ("11:00", "12:00")):
        await changing_dates.change(
            session_id=session.id, scope="date", wish=Wish(start=start, end=end), by=who, undo_minutes=0
        )
    found = await Slot.filter(session_id=session.id, state="open").order_by("starts_at")
    assert [clock.local(each.starts_at).strftime("%H:%M:%S") for each in found] == ["11:00:00", "11:30:00"]


async def test_times_of_a_cancelled_clinic_stay_as_they_are():
    _, (session,) = await clinic()
    slot = (await slots_at(session))["10:00"]
    lease = await leasing.lease(Target(session.run_id, session.id, slot.id))
    await booking_places.book(lease_id=lease, contact=Contact("Sam", "+447700900123"), party=Party(("Sam",)))
    done = await cancelling.cancel(session_id=session.id, reason="Snow", **UNDO)
    with pytest.raises(Refused, match="cancelled"):
        await steering_slots.close_slot(session_id=session.id, slot_id=slot.id, by=staff(session.hub_id))
    await undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=None)
    assert await reconciling.reconcile() == 0


async def test_an_appointment_of_a_family_with_priority_is_counted_and_given_back_as_one():
    _, (session,) = await clinic()
    slot = (await slots_at(session))["10:00"]
    lease = await leasing.lease(Target(session.run_id, session.id, slot.id), is_priority=True)
    made = await booking_places.book(lease_id=lease, contact=Contact("Sam", "+447700900123"), party=Party(("Sam",)))
    assert await reconciling.reconcile() == 0
    await giving_up.give_up(booking_id=made.id)
    assert await reconciling.reconcile() == 0


async def guests_on_a_smaller_date() -> tuple[Run, Session, Booking]:
    """A run of ten places with a date of five, and a family of another run that catches up on that date."""
    offered, place = await make.programme(), await make.location()
    run, dates = await make.course(programme=offered, location=place, places=10)
    other, others = await make.course(
        programme=offered, location=place, places=10, first_date=run.first_date + timedelta(days=1)
    )
    await db.execute("UPDATE session SET places = 5, edited = 'places' WHERE id = $1", others[1].id)
    booking = await make.booking(run)
    await giving_up.miss_date(booking_id=booking.id, session_id=dates[1].id)
    guest = await catching_up.catch_up(booking_id=booking.id, missed_id=dates[1].id, session_id=others[1].id)
    return other, others[1], guest


@pytest.mark.parametrize("places", [8, 14])
@pytest.mark.parametrize("way", ["waiting list", "all dates", "undone"])
async def test_guests_count_for_as_much_when_a_run_has_other_places(places, way):
    run, date, _ = await guests_on_a_smaller_date()
    who = staff(run.hub_id)
    if way == "waiting list":
        await keeping_lines.set_places(target=Target(run.id), places=places, by=who)
    else:
        done = await changing_dates.change(
            session_id=date.id, scope="all", wish=Wish(places=places), by=who, undo_minutes=10
        )
        if way == "undone":
            await undoing_change.undo(session_id=date.id, event_id=done.event_id, by=who)
            places = 10
    await run.refresh_from_db()
    await date.refresh_from_db()
    assert (run.places, run.guest_places, date.places) == (places, 1 + places - 5, 5)


async def test_a_guest_who_brings_more_is_counted_on_the_run_too():
    run, _, guest = await guests_on_a_smaller_date()
    offered = Offered(6, 60, "child", "people")
    party = Party(("Sam Carter",), (ChildComing("Ada", clock.today().year - 2, 3),))
    await changing_who.change_who(booking_id=guest.id, party=party, offered=offered)
    await run.refresh_from_db()
    assert (await Booking.get(id=guest.id)).places == 2 and run.guest_places == 7
    assert await reconciling.reconcile() == 0


async def test_a_family_with_priority_that_staff_book_from_the_line_has_its_reserved_place():
    run = await make.run(places=1)
    session = await make.session(run, reserved=1, reserved_until_at=clock.now() + timedelta(days=3))
    entry = await make.waiting(session, priority=1, priority_reason="Referred")
    made = await booking_by_phone.book_for(
        target=Target(run.id, session.id), contact=Contact("Sam", "+447700900123"), party=Party(("Sam",)), places=1,
        by=staff(run.hub_id), person=await entry.person, entry_id=entry.id,
    )  # fmt: skip
    assert made.is_priority and await reconciling.reconcile() == 0


async def test_an_offer_ends_before_its_session_that_has_moved_begins():
    session = await make.session(await make.run(places=1), date=clock.today() + timedelta(days=20))
    entry = await make.waiting(session, state="offered")
    await db.execute("UPDATE session SET taken = 1 WHERE id = $1", session.id)
    offer = await Offer.create(
        waiting_entry_id=entry.id, places=1, token="moved", created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=6),
    )  # fmt: skip
    wish = Wish(day=clock.today() + timedelta(days=2))
    await changing_dates.change(
        session_id=session.id, scope="date", wish=wish, by=staff(session.hub_id), undo_minutes=10
    )
    await offer.refresh_from_db()
    await session.refresh_from_db()
    assert offer.state == "open" and offer.expires_at < session.starts_at
