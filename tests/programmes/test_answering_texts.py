"""NO to a reminder gives that place up, YES takes it back; several that may be meant are asked about by number."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages.models import InboundMessage, Message, TextQuestion
from booking.people.models import Person
from booking.problems import Refused
from booking.programmes import reconciling, reminding
from booking.programmes.bookings import giving_up, leasing, taking_back
from booking.programmes.bookings.booking_places import Contact, book
from booking.programmes.bookings.claiming import Target
from booking.programmes.bookings.coming import Party
from booking.programmes.changes import cancelling
from booking.programmes.creche import creche_places
from booking.programmes.models import Booking, CrechePlace, MissedDate
from booking.programmes.texts import acting, answering_texts
from booking.programmes.waiting import offering
from tests import make
from tests.programmes import clinics
from tests.programmes.lines_of import TEN, at, full_session, offers, open_offer, state_of, taken, waits
from tests.programmes.texts_of import comes, heard, said, text

pytestmark = pytest.mark.usefixtures("database", "ten")
SAM = "+447700900777"


@pytest.fixture
def ten():
    with time_machine.travel(TEN, tick=False):
        yield


async def sam(**values) -> Person:
    return await make.person(**{"name": "Sam Carter", "phone": SAM, "email": "sam@families.example"} | values)


async def booked(days: int = 2, person: Person | None = None, **values) -> Booking:
    run = await make.run(first_date=clock.today() + timedelta(days=days), **values)
    return await make.booking(await make.session(run), person or await sam())


async def state(booking: Booking) -> str:
    return (await Booking.get(id=booking.id)).state


async def test_no_to_a_reminder_gives_the_place_up_and_says_how_to_take_it_back():
    booking = await booked()
    await heard(booking)
    came = await text("No sorry, can't make it", SAM)
    assert (came.state, came.about_id, came.said_back) == ("answered", booking.id, "Gave up the place")
    assert await state(booking) == "given_up" and await taken(await booking.session) == 0
    (answer,) = await said("text_gave_up")
    assert "you gave up Messy play" in answer and "Reply YES" in answer and len(answer) <= 160
    mail = await Message.get(kind="text_gave_up", channel="email")
    assert mail.calendar_method == "" or "METHOD:CANCEL" in mail.calendar
    assert await said("given_up") == []


@pytest.mark.parametrize("kind", ["confirmation", "reminder_hours", "changed"])
async def test_no_is_about_the_place_of_which_the_number_heard(kind):
    booking = await booked()
    await heard(booking, kind)
    await text("NO", SAM)
    assert await state(booking) == "given_up"


async def test_yes_within_half_an_hour_takes_the_same_place_back():
    booking = await booked()
    await heard(booking)
    await text("NO", SAM)
    with time_machine.travel(at(minutes=29), tick=False):
        assert (await text("Yes!", SAM)).said_back == "Took the place back"
    again = await Booking.get(id=booking.id)
    assert (again.state, again.ended_at, again.reference) == ("booked", None, booking.reference)
    assert await taken(await booking.session) == 1
    (answer,) = await said("text_took_back")
    assert "your place is yours again" in answer
    assert (await Message.get(kind="text_took_back", channel="email")).calendar_method == "REQUEST"
    assert await reconciling.reconcile() == 0


async def test_it_can_be_given_up_once_more_and_each_time_the_family_hears():
    booking = await booked()
    await heard(booking)
    for minute, body in enumerate(["NO", "YES", "NO", "YES", "NO"]):
        with time_machine.travel(at(minutes=minute), tick=False):
            assert (await text(body, SAM)).state == "answered"
            await db.execute("UPDATE message SET state = 'sent', sent_at = $1 WHERE state = 'queued'", clock.now())
    assert await state(booking) == "given_up"
    assert (len(await said("text_gave_up")), len(await said("text_took_back"))) == (3, 2)


async def test_after_half_an_hour_yes_takes_nothing_back():
    booking = await booked()
    await heard(booking)
    await text("NO", SAM)
    with time_machine.travel(at(minutes=31), tick=False):
        assert (await text("Yes", SAM)).state == "unclear"
    assert await state(booking) == "given_up"


async def test_a_place_that_others_have_by_now_is_not_taken_back_and_the_family_hears_so():
    session, _ = await full_session(places=1)
    await db.execute("UPDATE session SET places = 2 WHERE id = $1", session.id)
    booking = await make.booking(session, await sam())
    await heard(booking)
    await text("NO", SAM)
    other = await leasing.lease(Target(session.run_id, session.id))
    came = await text("YES", SAM)
    assert came.said_back.startswith("Wanted it back.") and await state(booking) == "given_up"
    (answer,) = await said("text_not_free")
    assert "sorry" in answer
    assert await taken(session) == 2 and other


async def test_families_in_line_come_before_who_takes_back():
    session, _ = await full_session(places=1)
    await db.execute("UPDATE session SET places = 2 WHERE id = $1", session.id)
    booking = await make.booking(session, await sam())
    entry = await waits(session)
    await heard(booking)
    await text("NO", SAM)
    assert (await text("YES", SAM)).said_back.startswith("Wanted it back.")
    await offering.offer_free_places()
    assert (await state_of(entry), await state(booking)) == ("offered", "given_up")


async def test_reminders_are_queued_anew_for_a_place_that_was_taken_back():
    booking = await booked(days=1)
    await db.execute("UPDATE booking SET created_at = $2 WHERE id = $1", booking.id, at(days=-9))
    await reminding.queue_due()
    before = await Message.filter(kind="reminder_days", state="queued").count()
    await heard(booking)
    await text("NO", SAM)
    assert await Message.filter(kind="reminder_days", state="queued").count() == 0
    await text("YES", SAM)
    await reminding.queue_due()
    assert before and await Message.filter(kind="reminder_days", state="queued").count() == before


async def test_no_to_a_reminder_of_a_course_misses_that_date_and_yes_comes_after_all():
    course, dates = await make.course(first_date=(TEN + timedelta(days=2)).date())
    booking = await make.booking(course, await sam())
    await heard(booking, session_id=dates[0].id)
    assert (await text("No", SAM)).said_back == "Will miss that date; the place on the course stays"
    assert await state(booking) == "booked" and await MissedDate.filter(session_id=dates[0].id).count() == 1
    assert len(await said("missed")) == 1
    assert (await text("Yes", SAM)).said_back == "Comes after all"
    assert await MissedDate.all().count() == 0


async def test_no_to_the_confirmation_of_a_course_gives_the_course_up_and_back_come_all_dates_and_the_creche():
    course, dates, beside = await make.course_with_creche(first_date=(TEN + timedelta(days=2)).date())
    booking = await make.booking(course, await sam(), creche_children=1)
    await creche_places.take(booking, course.id, 1)
    await heard(booking, "confirmation", session_id=dates[0].id)
    await text("No", SAM)
    assert (await state(booking), await taken(course), await taken(beside[0])) == ("given_up", 0, 0)
    assert (await text("Yes", SAM)).said_back == "Took the place back"
    assert (await state(booking), await taken(course)) == ("booked", 1)
    assert await CrechePlace.filter(booking_id=booking.id, released_at=None).count() == 3
    assert await Message.filter(calendar_method="REQUEST", about_id=booking.id).count() == 3
    assert await reconciling.reconcile() == 0


async def test_where_the_creche_is_full_by_now_nothing_is_taken_back():
    course, _, beside = await make.course_with_creche(places=1, first_date=(TEN + timedelta(days=2)).date())
    booking = await make.booking(course, await sam(), creche_children=1)
    await creche_places.take(booking, course.id, 1)
    await heard(booking, "confirmation")
    await text("No", SAM)
    await db.execute("UPDATE session SET taken = 1 WHERE id = $1", beside[1].id)
    assert "crèche" in (await text("Yes", SAM)).said_back
    assert (await state(booking), await taken(course)) == ("given_up", 0)


async def test_an_appointment_is_given_up_and_taken_back_unless_somebody_has_that_time():
    _, (session, *_) = await clinics.clinic()
    slot = next(iter((await clinics.slots_at(session)).values()))
    target = Target(session.run_id, session.id, slot.id)
    person = await sam()
    booking = await book(
        lease_id=await leasing.lease(target), contact=Contact(person.name, SAM), party=Party((person.name,)),
        family_id=person.family_id, person_id=person.id,
    )  # fmt: skip
    await heard(booking)
    await text("No", SAM)
    assert (await text("Yes", SAM)).said_back == "Took the place back"
    await text("No", SAM)
    await leasing.lease(target)
    assert (await text("Yes", SAM)).said_back.startswith("Wanted it back. Somebody has just taken")
    assert await state(booking) == "given_up"


async def test_several_that_may_be_meant_are_asked_about_and_the_number_picks():
    person = await sam()
    first, second = await booked(2, person), await booked(3, person)
    await heard(first)
    await heard(second)
    assert (await text("No", SAM)).said_back == "Asked which of several places they mean"
    (asked,) = await said("text_choose")
    assert "1 Messy play" in asked and "2 Messy play" in asked and await state(first) == "booked"
    assert (await text("no 2", SAM)).said_back == "Gave up the place"
    assert (await state(first), await state(second)) == ("booked", "given_up")
    assert (await text("Yes", SAM)).said_back == "Took the place back"


async def test_a_number_that_stands_for_nothing_is_for_a_person_and_the_question_stays_open():
    person = await sam()
    for booking in (await booked(2, person), await booked(3, person)):
        await heard(booking)
    assert (await text("2", SAM)).state == "unclear"
    await text("No", SAM)
    assert (await text("7", SAM)).state == "unclear"
    assert (await text("1", SAM)).said_back == "Gave up the place"
    assert (await text("2", SAM)).state == "unclear"


async def test_the_same_no_again_is_for_a_person_instead_of_the_same_question_again():
    person = await sam()
    for booking in (await booked(2, person), await booked(3, person)):
        await heard(booking)
    await text("No", SAM)
    assert (await text("No", SAM)).state == "unclear"
    assert len(await said("text_choose")) == 1


async def test_a_question_is_forgotten_after_a_day_or_when_the_first_of_them_begins():
    person = await sam()
    for booking in (await booked(2, person), await booked(3, person)):
        await heard(booking)
    await text("No", SAM)
    with time_machine.travel(at(hours=25), tick=False):
        assert (await text("2", SAM)).state == "unclear"
    soon = await booked(0, person, start_time="12:00", end_time="13:00")
    await heard(soon)
    await text("No", SAM)
    assert (await TextQuestion.filter(answered_at=None).first()).expires_at == clock.at(clock.today(), "12:00")


async def test_no_twice_gives_up_one_place_alone():
    person = await sam()
    booking, other = await booked(2, person), await booked(9, person)
    await heard(other, at=at(days=-3))
    await heard(booking)
    await text("No", SAM)
    assert (await text("NO", SAM)).said_back == "Had given it up already"
    assert (await state(booking), await state(other)) == ("given_up", "booked")


async def test_what_begins_tomorrow_may_be_meant_too_however_long_ago_they_heard():
    person = await sam()
    tomorrow, later = await booked(1, person), await booked(9, person)
    await heard(tomorrow, at=at(days=-3))
    await heard(later, "confirmation")
    assert (await text("No", SAM)).said_back == "Asked which of several places they mean"


@pytest.mark.parametrize(("language", "word"), [("en", "(offered)"), ("pl", "(propozycja)"), ("ar", "(عرض)")])
async def test_an_offer_and_a_booking_at_once_are_told_apart_in_the_question(language, word):
    person = await sam()
    await Person.filter(id=person.id).update(language=language)
    await heard(await booked(2, person))
    session, (other,) = await full_session()
    entry = await waits(session, person=person)
    await giving_up.give_up(booking_id=other.id)
    await offering.offer_free_places()
    await text("No", SAM)
    (asked,) = await said("text_choose")
    assert asked.count(word) == 1
    assert (await text("2", SAM)).said_back == "Passed the place" and await state_of(entry) == "left"


async def test_yes_with_an_offer_open_and_a_place_just_given_up_asks_which():
    person = await sam()
    booking = await booked(2, person)
    await heard(booking)
    await text("No", SAM)
    session, (other,) = await full_session()
    entry = await waits(session, person=person)
    await giving_up.give_up(booking_id=other.id)
    await offering.offer_free_places()
    await open_offer(entry)
    assert (await text("Yes", SAM)).said_back == "Asked which of several places they mean"
    assert (await text("2", SAM)).said_back == "Took the place back"
    assert await offers(entry) == ["open"]


async def test_several_people_with_one_number_are_asked_whose_place_is_meant():
    session = await make.session(await make.run(first_date=(TEN + timedelta(days=2)).date()))
    mum, dad = await sam(name="Alex Carter"), await sam(name="Kim Lee")
    for person in (mum, dad):
        await heard(await make.booking(session, person))
    await text("No", SAM)
    (asked,) = await said("text_choose")
    assert "(Alex)" in asked and "(Kim)" in asked


async def test_what_another_adult_hears_of_beside_the_family_is_not_theirs_to_give_up():
    booking = await booked(person=await make.person(phone="+447700900111"))
    dad = await sam(name="Kim Lee")
    await heard(booking, address=SAM, person_id=dad.id)
    assert (await text("No", SAM)).state == "unclear" and await state(booking) == "booked"


async def test_who_has_another_number_by_now_gives_nothing_up_with_the_old_one():
    booking = await booked()
    await heard(booking)
    await db.execute("UPDATE person SET phone = '+447700900111'")
    assert (await text("No", SAM)).state == "unclear" and await state(booking) == "booked"


async def test_a_session_that_has_begun_or_is_cancelled_is_no_longer_in_question():
    booking = await booked(days=1)
    await heard(booking)
    with time_machine.travel(at(days=1, hours=1), tick=False):
        assert (await text("No", SAM)).state == "unclear" and await state(booking) == "booked"
    other = await booked(days=3, person=await make.person(phone="+447700900112"))
    await heard(other)
    await cancelling.cancel(session_id=other.session_id, reason="Snow", by=None, undo_minutes=0)
    assert (await text("No", "+447700900112")).state == "unclear"


async def test_yes_and_thanks_to_a_reminder_ask_for_nothing():
    booking = await booked()
    await heard(booking)
    assert (await text("Yes", SAM)).said_back == "Says they come"
    assert (await text("Thank you", SAM)).said_back == "Says thank you"
    assert await state(booking) == "booked" and await Message.filter(about_kind="text").count() == 0


async def test_what_was_heard_a_week_ago_is_not_in_question():
    booking = await booked(days=5)
    await heard(booking, "confirmation", at=at(days=-8))
    assert (await text("No", SAM)).state == "unclear" and await state(booking) == "booked"


async def test_a_message_that_never_left_is_not_in_question():
    booking = await booked()
    await heard(booking, state="queued", may_have_left=False, sent_at=None)
    assert (await text("No", SAM)).state == "unclear"


async def test_a_restricted_place_is_given_up_only_where_nothing_else_can_be_meant():
    person, hub = await sam(), await make.location(is_restricted=True)
    secret = await booked(2, person, location=hub, is_restricted=True)
    await heard(secret)
    await text("No", SAM)
    assert await state(secret) == "given_up"
    (answer,) = await said("text_gave_up")
    assert "Messy play" not in answer
    await text("Yes", SAM)
    await heard(await booked(2, person))
    came = await text("No", SAM)
    assert (came.state, came.hub_id) == ("unclear", hub.id)
    assert await state(secret) == "booked" and await said("text_choose") == []


async def test_discreet_places_are_asked_about_by_their_times_alone():
    person = await sam()
    for days in (2, 3):
        await heard(await booked(days, person, programme=await make.programme(is_discreet=True)))
    await text("No", SAM)
    asked = await Message.get(kind="text_choose", channel="sms")
    assert asked.is_discreet and "1 Wed 3 Feb 10am" in asked.body and "Messy" not in asked.body
    (question,) = await TextQuestion.all()
    assert "Messy" not in str(question.options)


async def test_a_discreet_person_is_asked_by_times_alone_and_answers_by_number():
    person = await sam(is_discreet=True)
    first, second = await booked(2, person), await booked(3, person)
    for booking in (first, second):
        await heard(booking)
    await text("No", SAM)
    (asked,) = await said("text_choose")
    assert "2 Thu 4 Feb 10am" in asked and "Messy" not in asked and "http" not in asked
    await text("2", SAM)
    assert (await state(first), await state(second)) == ("booked", "given_up")
    (answer,) = await said("text_gave_up")
    assert "Messy" not in answer and "Reply YES" in answer


async def test_who_opts_out_is_marked_with_everybody_who_has_the_number_whatever_the_words():
    await sam()
    await sam(name="Kim Lee")
    await text("Please leave me alone", SAM, opt_out_type="STOP")
    assert await Person.filter(phone_state="opted_out").count() == 2
    await text("Hello again", SAM, opt_out_type="START")
    assert await Person.filter(phone_state="opted_out").count() == 0
    assert (await text("HELP", SAM, opt_out_type="HELP")).state == "unclear"


async def test_a_text_that_breaks_something_is_for_a_person_and_the_next_is_answered(monkeypatch):
    booking = await booked()
    await heard(booking)
    bad = await comes("No", "+447700900666")
    good = await comes("No", SAM)
    real = answering_texts._no

    async def breaks(given, besides):
        if given["sender"] != SAM:
            raise ValueError("broken")
        await real(given, besides)

    monkeypatch.setattr(answering_texts, "_no", breaks)
    assert await answering_texts.answer_new() == 2
    assert [(await InboundMessage.get(id=each.id)).state for each in (bad, good)] == ["unclear", "answered"]


async def test_an_option_of_somebody_elses_number_does_nothing():
    booking = await booked(person=await make.person(phone="+447700900111"))
    came = await comes("1", SAM)
    option = {"does": "give_up", "kind": "booking", "id": str(booking.id)}
    assert not await acting.do_option({"id": came.id, "sender": SAM, "received_at": TEN}, option)
    assert await state(booking) == "booked"


async def test_nothing_is_taken_back_that_was_not_given_up_or_is_booked_anew():
    booking = await booked()
    with pytest.raises(Refused, match="nothing to take back"):
        await taking_back.take_back(booking_id=booking.id)
    await giving_up.give_up(booking_id=booking.id)
    person = await Person.get(id=booking.person_id)
    lease_id = await leasing.lease(Target(booking.run_id, booking.session_id))
    await book(
        lease_id=lease_id, contact=Contact(person.name, person.phone, person.email), party=Party((person.name,)),
        family_id=person.family_id, person_id=person.id,
    )  # fmt: skip
    with pytest.raises(Refused, match="already have a place"):
        await taking_back.take_back(booking_id=booking.id)
    assert await taken(await booking.session) == 1
