"""A missed date is caught up in another run: offered near first, counted beside its bookings, given up again."""

from datetime import timedelta

import pytest
import time_machine

from booking import db
from booking.audit import AuditEvent
from booking.messages.models import Message
from booking.problems import Refused
from booking.programmes.bookings import catch_ups, catching_up, changing_who, giving_up, guests, leasing
from booking.programmes.bookings.coming import ChildComing, Offered, Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import cancelling, undoing_cancelling
from booking.programmes.creche import creche_places
from booking.programmes.models import Attendee, Booking, CrechePlace, MissedDate, Run, Session
from tests import make

pytestmark = pytest.mark.usefixtures("database")


async def two_courses(**values) -> tuple[Run, list[Session], Run, list[Session]]:
    """The same programme twice at one hub, a day apart, three dates each."""
    offered, place = await make.programme(), await make.location()
    run, dates = await make.course(programme=offered, location=place)
    other, others = await make.course(
        programme=offered, location=place, first_date=run.first_date + timedelta(days=1), **values
    )
    return run, dates, other, others


async def missing(run: Run, date: Session) -> Booking:
    booking = await make.booking(run, await make.person(email="sam@example.com", channel="email"))
    await giving_up.miss_date(booking_id=booking.id, session_id=date.id)
    return booking


async def catch_up(booking: Booking, missed: Session, on: Session) -> Booking:
    return await catching_up.catch_up(booking_id=booking.id, missed_id=missed.id, session_id=on.id)


async def test_the_same_session_number_in_another_run_is_offered():
    run, dates, _, others = await two_courses()
    await missing(run, dates[1])
    assert [each.session_id for each in await catch_ups.find(dates[1].id)] == [others[1].id]
    told = await Message.get(kind="missed")
    assert "You can catch up on this session in another group:" in told.body and "10am to 11:30am" in told.body


async def test_the_same_hub_comes_first_then_the_nearest_then_online_and_nothing_far():
    run, dates, _, others = await two_courses()
    places = {
        "near": await make.location(lat=50.85, lon=-1.89),
        "nearer": await make.location(lat=50.81, lon=-1.89),
        "far": await make.location(lat=53.0, lon=-1.89),
    }
    made, later = {}, {"first_date": run.first_date + timedelta(days=2)}
    for name, place in places.items():
        made[name] = (await make.course(programme=await run.programme, location=place, **later))[1][0].id
    made["online"] = (
        await make.course(programme=await run.programme, location=places["far"], delivery="online", **later)
    )[1][0].id
    found = [each.session_id for each in await catch_ups.find(dates[0].id)]
    assert found == [others[0].id, made["nearer"], made["near"], made["online"]]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE session SET state = 'cancelled' WHERE id = $1",
        "UPDATE session SET is_listed = false WHERE id = $1",
        "UPDATE run SET state = 'draft' WHERE id = (SELECT run_id FROM session WHERE id = $1)",
        "UPDATE run SET is_restricted = true WHERE id = (SELECT run_id FROM session WHERE id = $1)",
        "UPDATE run SET taken = places WHERE id = (SELECT run_id FROM session WHERE id = $1)",
        "UPDATE session SET kind = 'call' WHERE id = $1",
        "UPDATE session SET number = 9 WHERE id = $1",
        "UPDATE session SET starts_at = (SELECT MIN(m.starts_at) FROM session m) WHERE id = $1",
    ],
)
async def test_what_cannot_be_caught_up_is_not_offered_and_refused(change):
    run, dates, _, others = await two_courses()
    booking = await missing(run, dates[0])
    await db.execute(change, others[0].id)
    assert await catch_ups.find(dates[0].id) == []
    with pytest.raises(Refused):
        await catch_up(booking, dates[0], others[0])


async def test_a_guest_takes_a_place_of_that_date_and_of_no_other():
    run, dates, other, others = await two_courses(places=3)
    booking = await missing(run, dates[0])
    guest = await catch_up(booking, dates[0], others[0])
    assert (guest.session_id, guest.catches_up_id, guest.places) == (others[0].id, dates[0].id, 1)
    assert [each.name for each in await Attendee.filter(booking=guest)] == [
        each.name for each in await Attendee.filter(booking=booking)
    ]
    assert [(await Session.get(id=each.id)).taken for each in others] == [1, 0, 0]
    assert (await Run.get(id=other.id)).guest_places == 1 and (await Run.get(id=run.id)).taken == 1
    told = await Message.get(about_id=guest.id)
    assert (told.kind, told.calendar_method) == ("catch_up", "REQUEST") and "to catch up on" in told.body
    assert await AuditEvent.filter(verb="catch up", about_id=guest.id).count() == 1


async def test_pressed_twice_it_is_one_booking_and_another_date_replaces_it():
    run, dates, _, others = await two_courses()
    third, thirds = await make.course(
        programme=await run.programme,
        location=await run.location,
        places=1,
        first_date=run.first_date + timedelta(days=2),
    )
    booking = await missing(run, dates[0])
    first = await catch_up(booking, dates[0], others[0])
    assert (await catch_up(booking, dates[0], others[0])).id == first.id
    await catch_up(booking, dates[0], thirds[0])
    assert (await Booking.get(id=first.id)).state == "given_up"
    assert [(await Session.get(id=each.id)).taken for each in (others[0], thirds[0])] == [0, 1]
    assert (await Run.get(id=third.id)).guest_places == 1


async def test_guests_and_bookings_together_never_pass_the_places():
    run, dates, other, others = await two_courses(places=2)
    first, second = await missing(run, dates[0]), await missing(run, dates[1])
    await make.booking(other)
    await catch_up(first, dates[0], others[0])
    await catch_up(second, dates[1], others[1])  # another date of the same run: no more of the run's places
    assert (await Run.get(id=other.id)).guest_places == 1
    with pytest.raises(Refused):
        await leasing.lease(Target(other.id))
    third = await missing(run, dates[0])
    with pytest.raises(Refused):
        await catch_up(third, dates[0], others[0])


async def test_a_date_with_fewer_places_has_fewer_guests():
    run, dates, other, others = await two_courses(places=3)
    await db.execute("UPDATE session SET places = 2 WHERE id = $1", others[0].id)
    await make.booking(other)
    await catch_up(await missing(run, dates[0]), dates[0], others[0])
    assert (await Run.get(id=other.id)).guest_places == 2
    with pytest.raises(Refused):
        await catch_up(await missing(run, dates[0]), dates[0], others[0])


async def test_families_in_line_for_the_course_come_before_guests():
    run, dates, other, others = await two_courses(places=1)
    await make.waiting(other)
    assert await catch_ups.find(dates[0].id) == []
    booking = await missing(run, dates[0])
    with pytest.raises(Refused):
        await catch_up(booking, dates[0], others[0])


async def test_given_up_the_date_is_free_again():
    run, dates, other, others = await two_courses(places=1)
    booking = await missing(run, dates[0])
    guest = await catch_up(booking, dates[0], others[0])
    await giving_up.give_up(booking_id=guest.id)
    assert (await Run.get(id=other.id)).guest_places == 0 and (await Session.get(id=others[0].id)).taken == 0
    assert await MissedDate.filter(booking=booking).count() == 1
    await leasing.lease(Target(other.id))


@pytest.mark.parametrize("verb", ["come after all", "give up"])
async def test_who_comes_after_all_or_gives_the_course_up_needs_no_other_date(verb):
    run, dates, other, others = await two_courses()
    booking = await missing(run, dates[0])
    guest = await catch_up(booking, dates[0], others[0])
    if verb == "give up":
        await giving_up.give_up(booking_id=booking.id)
    else:
        await giving_up.come_after_all(booking_id=booking.id, session_id=dates[0].id)
    assert (await Booking.get(id=guest.id)).state == "given_up"
    assert (await Run.get(id=other.id)).guest_places == 0


async def test_what_is_over_frees_the_course_for_others():
    run, dates, other, others = await two_courses(places=1)
    await catch_up(await missing(run, dates[0]), dates[0], others[0])
    assert await guests.tidy() == 0
    with time_machine.travel(others[0].ends_at + timedelta(minutes=1), tick=False):
        assert await guests.tidy() == 1
    assert (await Run.get(id=other.id)).guest_places == 0


async def test_the_creche_place_of_a_missed_day_is_free_and_taken_again():
    run, dates, beside = await make.course_with_creche(places=1)
    booking = await make.booking(run, creche_children=1)
    await creche_places.take(booking, run.id, 1)
    assert await giving_up.miss_date(booking_id=booking.id, session_id=dates[0].id) is True
    assert (await Session.get(id=beside[0].id)).taken == 0
    assert await giving_up.come_after_all(booking_id=booking.id, session_id=dates[0].id) is True
    assert (await Session.get(id=beside[0].id)).taken == 1
    await giving_up.miss_date(booking_id=booking.id, session_id=dates[0].id)
    await db.execute("UPDATE session SET taken = 1 WHERE id = $1", beside[0].id)
    assert await giving_up.come_after_all(booking_id=booking.id, session_id=dates[0].id) is False


async def test_giving_the_course_up_and_changing_who_comes_changes_the_creche():
    run, _, beside = await make.course_with_creche(places=2)
    booking = await make.booking(run, await make.person(name="Sam Carter"))
    ada = ChildComing("Ada", run.first_date.year - 2, 3)
    party = Party(("Sam Carter",), (ada,), creche=(ada,))
    offered = Offered(6, 60, "child", "families")
    await changing_who.change_who(booking_id=booking.id, party=party, offered=offered)
    assert [(await Session.get(id=each.id)).taken for each in beside] == [1, 1, 1]
    assert (await Booking.get(id=booking.id)).creche_children == 1
    without = Party(("Sam Carter",), (ada,))
    await changing_who.change_who(booking_id=booking.id, party=without, offered=offered)
    assert not (await Attendee.get(booking=booking, kind="child")).in_creche
    await changing_who.change_who(booking_id=booking.id, party=party, offered=offered)
    await giving_up.give_up(booking_id=booking.id)
    assert [(await Session.get(id=each.id)).taken for each in beside] == [0, 0, 0]
    assert await CrechePlace.filter(released_at=None).count() == 0


async def test_a_catch_up_has_a_creche_place_where_one_is_left():
    run, dates, _ = await make.course_with_creche(places=2)
    other, others, beside = await make.course_with_creche(
        places=1,
        programme=await run.programme,
        location=await run.location,
        first_date=run.first_date + timedelta(days=1),
    )
    parent = await make.person(email="sam@example.com", channel="email")
    booking = await make.booking(run, parent, creche_children=1)
    await Attendee.create(booking=booking, kind="child", name="Ada", in_creche=True)
    await giving_up.miss_date(booking_id=booking.id, session_id=dates[0].id)
    guest = await catch_up(booking, dates[0], others[0])
    assert guest.creche_children == 0 or (await Session.get(id=beside[0].id)).taken == 1
    assert "In the crèche: Ada" in (await Message.get(about_id=guest.id)).body
    assert other.id == guest.run_id


async def test_a_cancelled_date_ends_its_guests_and_undone_they_are_back():
    run, dates, other, others = await two_courses(places=2)
    booking = await missing(run, dates[0])
    guest = await catch_up(booking, dates[0], others[0])
    done = await cancelling.cancel(session_id=others[0].id, reason="Snow", by=None, undo_minutes=10)
    assert (await Booking.get(id=guest.id)).state == "cancelled"
    assert (await Run.get(id=other.id)).guest_places == 0
    await undoing_cancelling.undo(session_id=others[0].id, event_id=done.event_id, by=None)
    assert (await Booking.get(id=guest.id)).state == "booked"
    assert ((await Run.get(id=other.id)).guest_places, (await Session.get(id=others[0].id)).taken) == (1, 1)


async def test_a_cancelled_date_is_not_undone_into_places_that_others_have():
    run, dates, other, others = await two_courses(places=1)
    await catch_up(await missing(run, dates[0]), dates[0], others[0])
    done = await cancelling.cancel(session_id=others[0].id, reason="Snow", by=None, undo_minutes=10)
    await make.booking(other)
    with pytest.raises(Refused):
        await undoing_cancelling.undo(session_id=others[0].id, event_id=done.event_id, by=None)


async def test_a_cancelled_date_of_the_course_cancels_its_creche_and_undone_both_are_back():
    run, dates, beside = await make.course_with_creche()
    booking = await make.booking(run, creche_children=1)
    await creche_places.take(booking, run.id, 1)
    done = await cancelling.cancel(session_id=dates[0].id, reason="Snow", by=None, undo_minutes=10)
    assert [(await Session.get(id=each.id)).state for each in beside] == ["cancelled", "planned", "planned"]
    await undoing_cancelling.undo(session_id=dates[0].id, event_id=done.event_id, by=None)
    assert (await Session.get(id=beside[0].id)).state == "planned"
    assert [(await Session.get(id=each.id)).taken for each in beside] == [1, 1, 1]
