"""An offer is taken or passed by link, by text or on the telephone; a dead link never takes a place."""

import pytest
import time_machine

from booking import db
from booking.messages import inbox
from booking.messages.models import InboundMessage, Message
from booking.people.models import Person
from booking.problems import Refused
from booking.programmes import reconciling
from booking.programmes.bookings import booking_by_phone, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import Party
from booking.programmes.changes import cancelling, undoing_cancelling
from booking.programmes.models import Attendee, Booking, Offer
from booking.programmes.texts import answering_texts
from booking.programmes.waiting import answering_offers, ending_offers, offering, waiting
from tests import make
from tests.programmes.lines_of import TEN, at, full_course, full_session, open_offer, state_of, taken, target, waits

pytestmark = pytest.mark.usefixtures("database", "ten")
SAM = {"phone": "+447700900777", "email": "sam@families.example"}


@pytest.fixture
def ten():
    with time_machine.travel(TEN, tick=False):
        yield


async def offered(**values):
    """A session whose one place is kept for a family in line: session, entry, offer."""
    session, (booking,) = await full_session()
    entry = await waits(session, person=await make.person(**SAM), **values)
    await giving_up.give_up(booking_id=booking.id)
    await offering.offer_free_places()
    return session, entry, await open_offer(entry)


async def token_of(offer_id) -> str:
    return (await Offer.get(id=offer_id)).token


async def test_taking_it_books_everybody_who_was_to_come():
    child = {"kind": "child", "first_name": "Ada", "birth_year": 2025, "birth_month": 3}
    session, entry, offer = await offered(who=[{"kind": "adult", "name": "Sam Carter"}, child], needs="A ramp")
    booking = await answering_offers.take(offer_id=offer)
    assert (await state_of(entry), await taken(session), booking.needs) == ("booked", 1, "A ramp")
    assert await Attendee.filter(booking=booking).order_by("kind").values_list("name", flat=True) == [
        "Sam Carter",
        "Ada",
    ]
    told = await Message.filter(kind="confirmation", about_id=booking.id)
    assert {each.channel for each in told} == {"sms", "email"} and any(
        each.calendar_method == "REQUEST" for each in told
    )
    assert (await answering_offers.take(offer_id=offer)).id == booking.id
    assert await Message.filter(kind="confirmation", about_id=booking.id).count() == len(told)
    assert await reconciling.reconcile() == 0


async def test_of_a_course_every_date_is_confirmed():
    course, (booking,) = await full_course(weeks=3)
    entry = await waits(course, person=await make.person(**SAM))
    await giving_up.give_up(booking_id=booking.id)
    await offering.offer_free_places()
    made = await answering_offers.take(offer_id=await open_offer(entry))
    assert (made.run_id, made.session_id, await taken(course)) == (course.id, None, 1)
    assert await Message.filter(about_id=made.id, calendar_method="REQUEST").count() == 3


async def test_passing_it_asks_the_next():
    session, entry, offer = await offered()
    second = await waits(session, 9)
    await answering_offers.pass_on(offer_id=offer)
    assert (await state_of(entry), await taken(session)) == ("left", 0)
    await offering.offer_free_places()
    assert await state_of(second) == "offered"
    with pytest.raises(Refused):
        await answering_offers.take(offer_id=offer)


async def test_who_passed_may_wait_again_at_the_end_of_the_line():
    session, entry, offer = await offered()
    second = await waits(session, 9)
    await answering_offers.pass_on(offer_id=offer)
    await answering_offers.wait_again(offer_id=offer)
    await offering.offer_free_places()
    assert (await state_of(entry), await state_of(second)) == ("waiting", "offered")
    with pytest.raises(Refused) as refused:
        await answering_offers.wait_again(offer_id=offer)
    assert refused.value.rules == {"already waiting"}


async def test_a_link_whose_time_is_over_takes_nothing_even_before_the_job_has_seen_it():
    _session, _entry, offer = await offered()
    with time_machine.travel(at(hours=48), tick=False):
        with pytest.raises(Refused):
            await answering_offers.take(offer_id=offer)
        asked = await answering_offers.by_token(await token_of(offer))
        assert asked and asked.state == "expired"
        await ending_offers.expire_due()
        with pytest.raises(Refused):
            await answering_offers.take(offer_id=offer)
        asked = await answering_offers.by_token(await token_of(offer))
        assert asked and (asked.state, asked.may_wait_again) == ("expired", True)


async def test_the_link_of_a_family_that_took_the_place_and_gave_it_up_since_takes_it_not_again():
    session, _entry, offer = await offered()
    booking = await answering_offers.take(offer_id=offer)
    await giving_up.give_up(booking_id=booking.id)
    with pytest.raises(Refused):
        await answering_offers.take(offer_id=offer)
    asked = await answering_offers.by_token(await token_of(offer))
    assert asked and asked.state == "given_up" and await taken(session) == 0


async def test_a_family_booked_by_phone_that_cancels_gets_nothing_by_the_old_link():
    session, entry, offer = await offered()
    person = await Person.get(id=entry.person_id)
    contact = Contact("Sam Carter", SAM["phone"], SAM["email"], "sms")
    maya = await make.staff()
    booking = await booking_by_phone.book_for(
        target=target(session), contact=contact, party=Party(("Sam Carter",)), places=1, by=maya, person=person,
        entry_id=entry.id,
    )  # fmt: skip
    assert (await state_of(entry), await taken(session)) == ("booked", 1)
    with pytest.raises(Refused):
        await answering_offers.take(offer_id=offer)
    await giving_up.give_up(booking_id=booking.id)
    with pytest.raises(Refused):
        await answering_offers.take(offer_id=offer)
    assert await taken(session) == 0 and await reconciling.reconcile() == 0


async def test_a_family_with_a_place_from_elsewhere_keeps_it_and_the_offer_goes_on():
    session, entry, offer = await offered()
    await db.execute("UPDATE session SET places = 2 WHERE id = $1", session.id)
    await make.booking(session, await Person.get(id=entry.person_id))
    with pytest.raises(Refused) as refused:
        await answering_offers.take(offer_id=offer)
    assert refused.value.rules == {"already booked"}
    assert (await state_of(entry), await taken(session)) == ("booked", 1)


async def test_a_session_that_is_cancelled_takes_its_offers_along_and_undoing_puts_the_line_back():
    session, entry, offer = await offered()
    done = await cancelling.cancel(session_id=session.id, reason="Snow", by=None, undo_minutes=10)
    assert (await state_of(entry), await taken(session)) == ("cancelled", 0)
    with pytest.raises(Refused):
        await answering_offers.take(offer_id=offer)
    asked = await answering_offers.by_token(await token_of(offer))
    assert asked and asked.state == "over" and not asked.may_wait_again
    await undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=None)
    assert await state_of(entry) == "waiting" and await offering.offer_free_places() == 1


async def test_leaving_the_list_with_an_open_offer_frees_the_place():
    session, entry, _offer = await offered()
    await waiting.leave(entry_id=entry.id)
    assert (await state_of(entry), await taken(session)) == ("left", 0)
    assert await leasing.lease(target(session))


async def text(body: str, sid: str = "SM1") -> InboundMessage:
    await inbox.keep(provider_reference=sid, sender=SAM["phone"], receiver="+447700900000", body=body)
    await answering_texts.answer_new()
    return await InboundMessage.get(provider_reference=sid)


async def test_yes_by_text_books_once():
    session, _entry, offer = await offered()
    said = await text("Yes please")
    booking = await Booking.get(form_token=f"offer:{offer}")
    assert (said.state, said.about_id, booking.source) == ("answered", offer, "text")
    assert (await text("yes", "SM2")).said_back == "Had answered before"
    assert await Booking.filter(form_token=f"offer:{offer}").count() == 1 and await taken(session) == 1


async def test_no_by_text_passes_and_says_so():
    session, entry, _ = await offered()
    assert (await text("No")).state == "answered"
    assert (await state_of(entry), await taken(session)) == ("left", 0)
    assert await Message.filter(kind="offer_passed", state="queued").count() == 1


async def test_yes_after_the_time_is_over_takes_nothing_and_is_told_so():
    session, _entry, _ = await offered()
    with time_machine.travel(at(hours=49), tick=False):
        await ending_offers.expire_due()
        assert (await text("YES")).said_back == "The offer had ended; told so"
    assert await Message.filter(kind="offer_gone").count() == 2 and await taken(session) == 0


async def test_with_two_open_offers_a_yes_asks_which():
    await offered()
    await offered()
    assert (await text("Yes")).said_back == "Asked which of several places they mean"
    asked = await Message.get(kind="text_choose")
    assert "1 Messy play" in asked.body and "; 2 Messy play" in asked.body
    assert await Offer.filter(state="open").count() == 2


async def test_stop_is_kept_as_the_provider_keeps_it_and_start_takes_it_back():
    _, entry, _ = await offered()
    await text("STOP")
    assert (await Person.get(id=entry.person_id)).phone_state == "opted_out"
    await text("Start", "SM2")
    assert (await Person.get(id=entry.person_id)).phone_state == "ok"
    assert await state_of(entry) == "offered"


async def test_what_is_unclear_goes_to_a_person_and_is_answered_once_a_day():
    session, entry, _ = await offered()
    assert (await text("Can I bring my sister?")).state == "unclear"
    second = await text("And my mum", "SM2")
    assert (second.state, second.hub_id) == ("unclear", session.hub_id)
    assert await Message.filter(kind="text_read").count() == 1 and await state_of(entry) == "offered"


async def test_a_yes_from_a_number_that_nobody_has_is_for_a_person():
    await offered()
    await inbox.keep(provider_reference="SM9", sender="+447700900999", receiver="", body="Yes")
    await answering_texts.answer_new()
    assert (await InboundMessage.get()).state == "unclear" and await Offer.filter(state="open").count() == 1
