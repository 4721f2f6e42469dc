"""A leased place becomes a booking, with its confirmation, in one transaction."""

import asyncio
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError

from booking import db
from booking.audit import AuditEvent
from booking.messages.models import Message
from booking.people.models import Child, Person
from booking.problems import Refused
from booking.programmes.bookings import booking_places, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import ChildComing, Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.models import Attendee, Booking, Lease, Session
from tests import make

SAM = Contact("Sam Carter", "+447700900123", "sam@example.com", "sms")
SAM_AND_ADA = Party(("Sam Carter",), (ChildComing("Ada", 2024, 3),), "Peanut allergy")


async def lease_on(session: Session, places: int = 1) -> UUID:
    return await leasing.lease(Target(session.run_id, session.id), places=places)


async def test_it_writes_the_family_the_booking_and_the_confirmation(database):
    session = await make.session()
    booking = await booking_places.book(lease_id=await lease_on(session), contact=SAM, party=SAM_AND_ADA)
    assert (booking.state, booking.places, booking.session_id) == ("booked", 1, session.id)
    people = await Attendee.filter(booking=booking).order_by("kind").values_list("kind", "name")
    assert people == [("adult", "Sam Carter"), ("child", "Ada")]
    assert await Child.filter(family_id=booking.family_id).count() == 1
    messages = await Message.filter(about_id=booking.id).order_by("channel")
    assert [(m.channel, m.kind) for m in messages] == [("email", "confirmation"), ("sms", "confirmation")]
    assert "BEGIN:VEVENT" in messages[0].calendar
    assert await AuditEvent.filter(verb="book", about_id=booking.id).count() == 1


async def test_the_place_was_counted_by_the_lease_and_is_counted_once(database):
    session = await make.session()
    await booking_places.book(lease_id=await lease_on(session), contact=SAM, party=SAM_AND_ADA)
    assert (await Session.get(id=session.id)).taken == 1
    assert await Lease.all().count() == 0


async def test_pressing_twice_gives_the_first_booking(database):
    lease = await lease_on(await make.session())
    first = await booking_places.book(lease_id=lease, contact=SAM, party=SAM_AND_ADA)
    again = await booking_places.book(lease_id=lease, contact=SAM, party=SAM_AND_ADA)
    assert again.id == first.id
    assert await Message.filter(kind="confirmation", channel="sms").count() == 1


async def test_a_whole_course_takes_one_place_of_the_run_and_confirms_every_date(database):
    run = await make.run(booking_mode="run", places=8)
    for week in range(3):
        await make.session(run, date=run.first_date.fromordinal(run.first_date.toordinal() + 7 * week), number=week + 1)
    lease = await leasing.lease(Target(run.id))
    booking = await booking_places.book(lease_id=lease, contact=SAM, party=SAM_AND_ADA)
    assert booking.session_id is None
    await run.refresh_from_db()
    assert run.taken == 1
    mails = await Message.filter(about_id=booking.id, channel="email")
    assert sum(m.calendar.count("BEGIN:VEVENT") for m in mails) == 3


async def test_a_session_cancelled_while_the_form_was_filled_in_is_refused_and_nothing_is_left(database):
    session = await make.session()
    lease = await lease_on(session)
    await Session.filter(id=session.id).update(state="cancelled")
    with pytest.raises(Refused) as refused:
        await booking_places.book(lease_id=lease, contact=SAM, party=SAM_AND_ADA)
    assert refused.value.rules == {"cancelled"}
    assert (await Booking.all().count(), await Person.all().count(), await Message.all().count()) == (0, 0, 0)


async def test_a_family_has_one_booking_on_a_session(database):
    session, sam = await make.session(), await make.person()
    await make.booking(session, sam)
    lease = await lease_on(session)
    with pytest.raises(Refused) as refused:
        await booking_places.book(
            lease_id=lease, contact=SAM, party=SAM_AND_ADA, family_id=sam.family_id, person_id=sam.id
        )
    assert refused.value.rules == {"already booked"}
    assert (await Session.get(id=session.id)).taken == 1


async def test_typing_somebody_elses_number_does_not_open_their_family(database):
    sam = await make.person(phone=SAM.phone)
    booking = await booking_places.book(lease_id=await lease_on(await make.session()), contact=SAM, party=SAM_AND_ADA)
    assert booking.family_id != sam.family_id


async def test_a_known_family_keeps_its_rows_and_its_children(database):
    sam = await make.person(name=SAM.name)
    ada = await make.child(sam, first_name="Ada", birth_year=2024, birth_month=3)
    booking = await booking_places.book(
        lease_id=await lease_on(await make.session()),
        contact=SAM, party=SAM_AND_ADA, family_id=sam.family_id, person_id=sam.id,
    )  # fmt: skip
    assert (booking.family_id, booking.person_id) == (sam.family_id, sam.id)
    assert (await Attendee.get(booking=booking, kind="child")).child_id == ada.id
    assert await Child.filter(family_id=sam.family_id).count() == 1


async def test_the_database_itself_refuses_more_places_than_there_are(database):
    session = await make.session(places=1)
    with pytest.raises(IntegrityError) as error:
        await db.run_tx(lambda: db.execute("UPDATE session SET taken = 2 WHERE id = $1", session.id))
    assert "ck_session_places" in db.broken_guard(error.value)


@pytest.mark.slow
async def test_many_at_once_get_exactly_the_places_there_are(real_database):
    session = await make.session(places=7)

    async def one(n: int) -> bool:
        try:
            lease = await leasing.lease(Target(session.run_id, session.id))
        except Refused as refused:
            assert refused.rules == {"full"}
            return False
        contact = Contact(f"Parent {n}", f"+4477009{n:05}")
        await booking_places.book(lease_id=lease, contact=contact, party=Party((contact.name,)))
        return True

    got = await asyncio.gather(*(one(n) for n in range(40)))
    assert sum(got) == 7
    assert (await Session.get(id=session.id)).taken == 7
    assert await Booking.filter(state="booked").count() == 7


@pytest.mark.slow
async def test_the_same_form_sent_ten_times_at_once_books_once(real_database):
    lease = await lease_on(await make.session(places=5))
    made = await asyncio.gather(
        *(booking_places.book(lease_id=lease, contact=SAM, party=SAM_AND_ADA) for _ in range(10))
    )
    assert len({booking.id for booking in made}) == 1
    assert await Booking.all().count() == 1


@pytest.mark.slow
async def test_a_request_cut_off_while_booking_leaves_all_or_nothing_and_the_database_usable(real_database):
    session = await make.session(places=60)
    for n in range(40):
        lease = await leasing.lease(Target(session.run_id, session.id))
        task = asyncio.ensure_future(booking_places.book(lease_id=lease, contact=SAM, party=SAM_AND_ADA))
        await asyncio.sleep(0.0004 * n)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    while under_way := [each for each in asyncio.all_tasks() if each.get_coro().__name__ == "_in_transaction"]:
        await asyncio.wait(under_way)
    booked = await Booking.filter(session=session).count()
    kept = await Lease.filter(session_id=session.id).count()
    assert booked + kept == 40
    assert await Message.filter(kind="confirmation", channel="sms").count() == booked
    assert (await Session.get(id=session.id)).taken == 40


@pytest.mark.parametrize(
    ("name", "phone", "email", "is_same"),
    [
        ("mum one", "+447700900001", "mum@home.example", True),
        ("Mum One", "+447700900009", "", True),  # a new number
        ("Mum Two", "+447700900001", "mum@home.example", True),  # the name put right
        ("Dad Two", "+447700900001", "dad@home.example", False),  # the family's phone, his own mailbox
        ("Dad Two", "+447700900009", "", False),
    ],
)
async def test_another_adult_on_the_same_tablet_does_not_take_over_the_first_ones_messages(
    database, name, phone, email, is_same
):
    mum = await make.person(name="Mum One", phone="+447700900001", email="mum@home.example", channel="email")
    booking = await booking_places.book(
        lease_id=await lease_on(await make.session()),
        contact=Contact(name, phone, email, "sms"),
        party=Party((name,)), family_id=mum.family_id, person_id=mum.id,
    )  # fmt: skip
    assert (booking.person_id == mum.id) is is_same
    assert booking.family_id == mum.family_id
    if not is_same:
        await mum.refresh_from_db()
        assert (mum.name, mum.email) == ("Mum One", "mum@home.example")
