"""A place that comes free is offered to the next in line by itself, and to nobody else."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages.models import Message
from booking.people.models import Person
from booking.problems import Refused
from booking.programmes import reconciling
from booking.programmes.bookings import giving_up, leasing
from booking.programmes.models import Offer, Run, Session
from booking.programmes.waiting import ending_offers, offering
from tests import make
from tests.programmes.lines_of import (
    TEN,
    at,
    days_on,
    full_course,
    full_session,
    offers,
    open_offer,
    state_of,
    taken,
    target,
    waits,
)
from tests.staff.conftest import who_is

pytestmark = pytest.mark.usefixtures("database", "ten")


@pytest.fixture
def ten():
    with time_machine.travel(TEN, tick=False):
        yield


async def test_a_place_given_up_is_offered_to_who_waits_longest_and_counts_as_taken():
    session, (booking,) = await full_session()
    later, first = await waits(session, 5), await waits(session, 1)
    assert await offering.offer_free_places() == 0
    await giving_up.give_up(booking_id=booking.id)
    assert await offering.offer_free_places() == 1
    assert (await state_of(first), await state_of(later), await taken(session)) == ("offered", "waiting", 1)
    offer = await Offer.get(waiting_entry_id=first.id)
    assert offer.expires_at == TEN + timedelta(hours=48)
    told = await Message.get(kind="offer")
    assert (
        told.person_id == first.person_id and f"/o/{offer.token}." in told.body and told.expires_at == offer.expires_at
    )
    assert await offering.offer_free_places() == 0
    assert await reconciling.reconcile() == 0


async def test_priority_comes_first_and_the_family_is_not_told_so():
    session, (booking,) = await full_session()
    first = await waits(session, 1)
    urgent = await waits(session, 9, priority=2, priority_reason="Referred by the health visitor")
    await giving_up.give_up(booking_id=booking.id)
    await offering.offer_free_places()
    assert (await state_of(urgent), await state_of(first)) == ("offered", "waiting")
    told = await Message.get(kind="offer")
    assert "priority" not in (told.body + told.html).lower() and "visitor" not in told.body


async def test_nobody_else_can_take_a_place_while_families_who_fit_wait():
    session, (booking,) = await full_session()
    entry = await waits(session)
    await giving_up.give_up(booking_id=booking.id)
    with pytest.raises(Refused) as refused:
        await leasing.lease(target(session))
    assert refused.value.rules == {"full"} and "waiting list" in str(refused.value)
    await leasing.release(await leasing.lease(target(session), is_from_line=True))
    await giving_up_line(entry)
    assert await leasing.lease(target(session))


async def giving_up_line(entry):
    await db.execute("UPDATE waiting_entry SET state = 'left' WHERE id = $1", entry.id)


async def test_who_needs_more_than_is_left_is_passed_by_smaller_families_and_keeps_others_out_of_nothing():
    session, (booking, _, _) = await full_session(places=3)
    large, small = await waits(session, 1, places=3), await waits(session, 2)
    await giving_up.give_up(booking_id=booking.id)
    await offering.offer_free_places()
    assert (await state_of(large), await state_of(small)) == ("waiting", "offered")
    other, _ = await full_session(places=2)
    await db.execute("UPDATE session SET taken = 1 WHERE id = $1", other.id)
    await waits(other, places=2)
    assert await leasing.lease(target(other))


async def test_where_nobody_may_pass_the_line_waits_for_its_first(monkeypatch):
    session, (booking, _, _) = await full_session(places=3)
    await waits(session, 1, places=3)
    await waits(session, 2)
    strict = offering.offer_times.OfferRules(smaller_may_pass=False)
    monkeypatch.setattr(offering.offer_times, "_rules", strict)
    await giving_up.give_up(booking_id=booking.id)
    assert await offering.offer_free_places() == 0


async def test_no_answer_in_time_and_the_next_is_asked():
    session, (booking,) = await full_session()
    first, second = await waits(session, 1), await waits(session, 2)
    await giving_up.give_up(booking_id=booking.id)
    await offering.offer_free_places()
    with time_machine.travel(at(hours=48), tick=False):
        assert await ending_offers.expire_due() == 1 and await ending_offers.expire_due() == 0
        assert await taken(session) == 0
        await offering.offer_free_places()
    assert (await state_of(first), await state_of(second), await taken(session)) == ("left", "offered", 1)
    assert await Message.filter(kind="offer_gone", person_id=first.person_id).count() == 1
    assert (await Message.get(kind="offer", person_id=first.person_id)).state == "void"


async def test_nothing_is_offered_in_the_quiet_hours_and_it_is_in_the_morning():
    session, (booking,) = await full_session()
    entry = await waits(session)
    await giving_up.give_up(booking_id=booking.id)
    with time_machine.travel(at(hours=11), tick=False):
        assert await offering.offer_free_places() == 0
        with pytest.raises(Refused):
            await leasing.lease(target(session))
    with time_machine.travel(at(hours=22), tick=False):
        assert await offering.offer_free_places() == 1
    assert await state_of(entry) == "offered"


async def test_nothing_is_offered_so_late_that_nobody_could_answer_and_then_everybody_may_book():
    session, (booking,) = await full_session(days=1)
    await waits(session)
    await giving_up.give_up(booking_id=booking.id)
    with time_machine.travel(session.starts_at - timedelta(minutes=59), tick=False):
        assert await offering.offer_free_places() == 0
        assert await leasing.lease(target(session))


async def test_a_course_is_offered_until_it_can_no_longer_be_joined():
    course, (booking,) = await full_course()
    entry = await waits(course)
    await giving_up.give_up(booking_id=booking.id)
    second = await Session.get(run_id=course.id, number=2)
    with time_machine.travel(second.starts_at - timedelta(minutes=50), tick=False):
        assert await offering.offer_free_places() == 0
    with time_machine.travel(second.starts_at - timedelta(hours=26), tick=False):
        assert await offering.offer_free_places() == 1
        offer = await Offer.get(waiting_entry_id=entry.id)
        assert clock.now() < offer.expires_at < second.starts_at
    assert await taken(course) == 1


async def test_reserved_places_go_to_priority_first_and_to_all_when_their_time_is_over():
    course, (booking, _) = await full_course(places=2)
    anybody = await waits(course, 1)
    await Run.filter(id=course.id).update(reserved=1, reserved_until_at=at(days=3))
    await giving_up.give_up(booking_id=booking.id)
    assert await offering.offer_free_places() == 0
    urgent = await waits(course, 9, priority=1)
    assert await offering.offer_free_places() == 1 and await state_of(urgent) == "offered"
    assert (await Run.get(id=course.id)).reserved_taken == 1
    with time_machine.travel(at(days=2), tick=False):
        await ending_offers.expire_due()
    assert (await Run.get(id=course.id)).reserved_taken == 0
    with time_machine.travel(at(days=3, minutes=1), tick=False):
        assert await offering.offer_free_places() == 1
    assert await state_of(anybody) == "offered"


async def test_a_family_that_has_a_place_by_now_leaves_the_line_and_the_next_is_asked():
    session, (booking, other) = await full_session(places=2)
    sam = await make.person()
    has, next_ = await waits(session, 1, person=sam), await waits(session, 2)
    await giving_up.give_up(booking_id=booking.id)
    await make.booking(session, sam)
    await giving_up.give_up(booking_id=other.id)
    await offering.offer_free_places()
    assert (await state_of(has), await state_of(next_)) == ("booked", "offered")


async def test_staff_offer_out_of_turn_only_with_a_reason():
    session, (booking,) = await full_session()
    first, second = await waits(session, 1), await waits(session, 2)
    maya = who_is(await make.staff(), hubs={session.hub_id})
    with pytest.raises(Refused) as refused:
        await offering.offer_by_hand(entry_id=second.id, by=maya)
    assert refused.value.rules == {"too few"}
    await giving_up.give_up(booking_id=booking.id)
    with pytest.raises(Refused) as refused:
        await offering.offer_by_hand(entry_id=second.id, by=maya)
    assert refused.value.rules == {"missing"}
    await offering.offer_by_hand(entry_id=second.id, by=maya, why="Moves away next month")
    assert (await state_of(first), await state_of(second)) == ("waiting", "offered")
    assert (await Offer.get(waiting_entry_id=second.id)).by_id == maya.id


@pytest.mark.parametrize(("then", "state"), [("keep", "waiting"), ("last", "waiting"), ("off", "left")])
async def test_staff_take_an_offer_back(then, state):
    session, (booking,) = await full_session()
    entry = await waits(session)
    maya = who_is(await make.staff(), hubs={session.hub_id})
    await giving_up.give_up(booking_id=booking.id)
    await offering.offer_free_places()
    offer = await open_offer(entry)
    await ending_offers.withdraw(offer_id=offer, then=then, why="The room is smaller", by=maya)
    assert (await state_of(entry), await offers(entry), await taken(session)) == (state, ["withdrawn"], 0)
    assert await Message.filter(kind="offer_withdrawn").count() == 1
    with pytest.raises(Refused):
        await ending_offers.withdraw(offer_id=offer, then=then, why="Again", by=maya)


async def test_a_cancelled_session_or_unpublished_course_offers_nothing():
    session, _ = await full_session()
    await waits(session)
    await Session.filter(id=session.id).update(taken=0, state="cancelled")
    course, _ = await full_course()
    await waits(course)
    await Run.filter(id=course.id).update(taken=0, state="cancelled")
    assert await offering.offer_free_places() == 0


async def test_who_cannot_be_written_to_is_offered_a_place_all_the_same_for_staff_to_ring():
    session, (booking,) = await full_session()
    entry = await waits(session, person=await make.person(channel="call"))
    await giving_up.give_up(booking_id=booking.id)
    assert await offering.offer_free_places() == 1 and await state_of(entry) == "offered"
    assert (await Message.get(kind="offer")).channel == "call" and await Person.get(id=entry.person_id)
    assert days_on(0) == TEN.date()
