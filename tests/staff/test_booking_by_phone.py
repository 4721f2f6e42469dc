"""A family rings: staff find it, book for it, put it in line, give its place up."""

import asyncio
import re

import pytest

from booking import clock
from booking.audit import AuditEvent
from booking.messages.models import Message
from booking.programmes.models import Attendee, Booking, MissedDate, Session, WaitingEntry
from tests import make
from tests.staff import rows


@pytest.fixture
async def session(hub):
    return await make.session(await make.run(location=hub, places=2))


def form(**values):
    year = clock.today().year - 2
    return {
        "adult-0": "Sam Carter", "child-0-first_name": "Ada", "child-0-month": "3", "child-0-year": str(year),
        "channel": "sms", "phone": "07700 900123", "email": "", "needs": "", "language": "en", "act": "book",
    } | values  # fmt: skip


async def test_a_booking_by_phone_is_like_a_parents_but_says_who_made_it(desk, session):
    answer = await desk.post(f"/staff/sessions/{session.id}/book", data=form())
    booking = await Booking.get(session_id=session.id)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/sessions/{session.id}#party-{booking.id}")
    assert (booking.source, booking.state) == ("phone", "booked") and booking.by_id
    assert (await Session.get(id=session.id)).taken == 1
    assert await Attendee.filter(booking_id=booking.id).count() == 2
    assert await Message.filter(kind="confirmation").count() == 1
    assert (await AuditEvent.get(verb="book")).by_name == "Maya Okafor"
    page = (await desk.get(f"/staff/sessions/{session.id}")).text
    assert f"Reference {booking.reference}" in page and "They get a text message" in page


async def test_who_gets_no_message_is_to_be_told_the_reference(desk, session):
    await desk.post(f"/staff/sessions/{session.id}/book", data=form(channel="call"))
    assert "tell them the reference now" in (await desk.get(f"/staff/sessions/{session.id}")).text


async def test_whose_number_takes_no_messages_is_to_be_told_the_reference_too(desk, hub, session):
    sam = await make.person(phone="+447700900123", phone_state="opted_out")
    await make.booking(await make.session(await make.run(location=hub)), sam)
    await desk.post(f"/staff/sessions/{session.id}/book", data=form(person=str(sam.id)))
    assert (await Booking.get(session_id=session.id)).person_id == sam.id
    assert await Message.all().count() == 0
    assert "tell them the reference now" in (await desk.get(f"/staff/sessions/{session.id}")).text


@pytest.mark.parametrize(
    ("is_discreet", "words"), [(False, "They get an email"), (True, "tell them the reference now")]
)
async def test_a_discreet_person_is_promised_no_other_way_than_the_chosen_one(desk, hub, session, is_discreet, words):
    known = {"phone": "+447700900123", "phone_state": "opted_out", "email": "sam@home.example"}
    sam = await make.person(**known, is_discreet=is_discreet)
    await make.booking(await make.session(await make.run(location=hub)), sam)
    await desk.post(f"/staff/sessions/{session.id}/book", data=form(person=str(sam.id), email="sam@home.example"))
    assert await Message.filter(kind="confirmation").count() == (not is_discreet)
    assert words in (await desk.get(f"/staff/sessions/{session.id}")).text


async def test_the_same_form_sent_twice_books_once(desk, session):
    token = re.search(r'name="form_token" value="([^"]+)"', (await desk.get(f"/staff/sessions/{session.id}/book")).text)
    for _ in range(2):
        answer = await desk.post(f"/staff/sessions/{session.id}/book", data=form(form_token=token.group(1)))
        assert answer.status_code == 303
    assert await Booking.all().count() == 1


async def test_wrong_fields_are_said_and_everything_typed_is_kept(desk, session):
    data = form(phone="12", **{"child-0-month": "14"})
    answer = await desk.post(f"/staff/sessions/{session.id}/book", data=data)
    assert answer.status_code == 422
    assert "Enter a phone number" in answer.text and "Enter the month of birth" in answer.text
    assert 'value="Sam Carter"' in answer.text and 'value="14"' in answer.text
    assert await Booking.all().count() == 0


async def test_more_children_are_asked_for_without_losing_what_was_typed(desk, session):
    page = (await desk.post(f"/staff/sessions/{session.id}/book", data=form(add="child"))).text
    assert 'id="child-1-first_name"' in page and 'value="Sam Carter"' in page


async def test_another_age_is_a_warning_that_staff_may_pass(desk, session):
    data = form(**{"child-0-year": str(clock.today().year - 9)})
    answer = await desk.post(f"/staff/sessions/{session.id}/book", data=data)
    assert answer.status_code == 422 and "will not be the right age" in answer.text and "all the same" in answer.text
    assert (
        await desk.post(f"/staff/sessions/{session.id}/book", data=data | {"act": "all the same"})
    ).status_code == 303


async def test_a_full_session_offers_the_waiting_list(desk, session):
    await make.booking(session, places=2)
    answer = await desk.post(f"/staff/sessions/{session.id}/book", data=form())
    assert answer.status_code == 422 and 'value="wait"' in answer.text
    await desk.post(f"/staff/sessions/{session.id}/book", data=form(act="wait"))
    assert await WaitingEntry.filter(session_id=session.id, state="waiting").count() == 1
    assert await Booking.all().count() == 1


@pytest.mark.parametrize("mode", ["run", "referral"])
async def test_a_whole_course_is_booked_as_one(desk, hub, mode):
    session = await make.session(await make.run(location=hub, booking_mode=mode))
    assert "all its dates" in (await desk.get(f"/staff/sessions/{session.id}/book")).text
    await desk.post(f"/staff/sessions/{session.id}/book", data=form())
    booking = await Booking.get(run_id=session.run_id)
    assert booking.session_id is None


async def test_a_creche_is_booked_with_its_course_alone(desk, hub):
    session = await make.session(await make.run(location=hub, booking_mode="linked"))
    answer = await desk.post(f"/staff/sessions/{session.id}/book", data=form())
    assert answer.status_code == 303 and await Booking.all().count() == 0


async def test_somebody_in_line_is_booked_in_with_what_they_told_before(desk, session):
    parent = await make.person(name="Wanda Waits")
    child = {"kind": "child", "first_name": "Ola", "birth_year": clock.today().year - 2, "birth_month": 4}
    entry = await rows.waiting(session, person=parent, who=[{"kind": "adult", "name": "Wanda Waits"}, child])
    page = (await desk.get(f"/staff/sessions/{session.id}/book?entry={entry.id}")).text
    assert 'value="Wanda Waits"' in page and 'value="Ola"' in page
    await desk.post(f"/staff/sessions/{session.id}/book", data=form(entry=str(entry.id)))
    assert (await WaitingEntry.get(id=entry.id)).state == "booked"
    assert (await Booking.get(session_id=session.id)).family_id == parent.family_id


async def test_earlier_families_are_found_by_name_and_by_phone_and_filled_in(desk, session, hub):
    parent = await make.person(name="Priya Shah", phone="+447700900456")
    child = await make.child(parent, first_name="Anya")
    await make.booking(await make.session(await make.run(location=hub)), parent)
    for words in ("priya", "SHAH", "07700 900 456", "900456"):
        page = (await desk.get(f"/staff/sessions/{session.id}/book", params={"q": words})).text
        assert f"person={parent.id}" in page, words
    page = (await desk.get(f"/staff/sessions/{session.id}/book?person={parent.id}")).text
    assert 'value="Priya Shah"' in page and "Anya" in page and str(child.id) in page
    data = form(person=str(parent.id), known=str(child.id)) | {
        "child-0-first_name": "",
        "child-0-month": "",
        "child-0-year": "",
    }
    await desk.post(f"/staff/sessions/{session.id}/book", data=data)
    assert (await Booking.get(session_id=session.id)).family_id == parent.family_id


async def test_families_of_other_hubs_and_of_restricted_sessions_are_not_found(client, hub, session):
    elsewhere = await make.person(name="Priya Elsewhere")
    await make.booking(await make.session(), elsewhere)
    hidden = await make.person(name="Priya Hidden")
    await make.booking(await make.session(await make.run(location=hub, is_restricted=True)), hidden)
    await make.sign_in_staff(client, await make.staff("county_admin"))
    page = (await client.get(f"/staff/sessions/{session.id}/book?q=priya")).text
    assert "Nobody found" in page and "Hidden" not in page
    for person in (elsewhere, hidden):
        page = (await client.get(f"/staff/sessions/{session.id}/book?person={person.id}")).text
        assert person.name not in page


async def test_one_letter_does_not_list_the_county(desk, session, hub):
    await make.booking(await make.session(await make.run(location=hub)), await make.person(name="Anna"))
    for words in ("a", "%", "%%%", "___"):
        assert "person=" not in (await desk.get(f"/staff/sessions/{session.id}/book", params={"q": words})).text


async def test_a_stranger_a_drop_in_and_a_cancelled_date_have_no_form(client, desk, session, hub):
    drop_in = await make.session(await make.run(location=hub, booking_mode="drop_in"))
    assert (await desk.get(f"/staff/sessions/{drop_in.id}/book")).status_code == 303
    assert "Nobody needs to book a drop-in" in (await desk.get(f"/staff/sessions/{drop_in.id}")).text
    await Session.filter(id=session.id).update(state="cancelled")
    assert (await desk.post(f"/staff/sessions/{session.id}/book", data=form())).status_code == 303
    assert "This date is cancelled" in (await desk.get(f"/staff/sessions/{session.id}")).text
    assert await Booking.all().count() == 0
    await Session.filter(id=session.id).update(state="planned")
    booking = await make.booking(session)
    client.cookies.clear()
    await make.sign_in_staff(client, await make.staff("hub_staff", (await make.location()).id))
    for path in ("book", f"bookings/{booking.id}/give-up"):
        assert (await client.get(f"/staff/sessions/{session.id}/{path}")).status_code == 404
        assert (await client.post(f"/staff/sessions/{session.id}/{path}", data=form())).status_code == 404
    assert (await Booking.get(id=booking.id)).state == "booked"


async def test_a_place_is_given_up_after_asking(desk, session):
    booking = await make.booking(session)
    path = f"/staff/sessions/{session.id}/bookings/{booking.id}/give-up"
    assert "Keep the place" in (await desk.get(path)).text
    assert (await Booking.get(id=booking.id)).state == "booked"
    await desk.post(path)
    assert (await Booking.get(id=booking.id)).state == "given_up"
    assert (await Session.get(id=session.id)).taken == 0
    assert (await AuditEvent.get(verb="give up")).by_name == "Maya Okafor"


async def test_of_a_course_only_this_date_is_given_up_unless_all_is_meant(desk, hub):
    session = await make.session(await make.run(location=hub, booking_mode="run"))
    booking = await make.booking(await session.run)
    path = f"/staff/sessions/{session.id}/bookings/{booking.id}/give-up"
    await desk.post(path)
    assert await MissedDate.filter(booking_id=booking.id).count() == 1
    assert (await Booking.get(id=booking.id)).state == "booked"
    await desk.post(path, data={"which": "all"})
    assert (await Booking.get(id=booking.id)).state == "given_up"


async def test_a_booking_of_another_session_is_not_given_up_here(desk, session, hub):
    other = await make.booking(await make.session(await make.run(location=hub)))
    answer = await desk.post(f"/staff/sessions/{session.id}/bookings/{other.id}/give-up")
    assert answer.status_code == 404


async def test_somebody_is_taken_off_the_waiting_list(desk, session):
    entry = await rows.waiting(session)
    await desk.post(f"/staff/sessions/{session.id}/waiting/{entry.id}/leave")
    assert (await WaitingEntry.get(id=entry.id)).state == "left"


async def test_two_calls_for_the_last_place_give_one_place(real_database):
    from booking.people.contacts import read_phone
    from booking.problems import Refused
    from booking.programmes.bookings.booking_by_phone import book_for
    from booking.programmes.bookings.booking_places import Contact
    from booking.programmes.bookings.coming import Party
    from booking.programmes.bookings.leasing import Target

    session = await make.session(await make.run(places=1))

    async def call(n):
        contact = Contact(f"Family {n}", read_phone(f"0770090{n:04}")[0])
        target = Target(session.run_id, session.id)
        await book_for(
            target=target, contact=contact, party=Party(adults=("Jo",)), places=1, by=None, person=None, entry_id=None
        )

    results = await asyncio.gather(*(call(n) for n in range(6)), return_exceptions=True)
    assert results.count(None) == 1
    assert all(isinstance(r, Refused) for r in results if r is not None), results
    assert await Booking.filter(state="booked").count() == 1
