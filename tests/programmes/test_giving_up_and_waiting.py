"""Places given up are free at once; a missed date keeps the course; the waiting list is joined and left."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock
from booking.audit import AuditEvent
from booking.messages.models import Invite, Message
from booking.problems import Refused
from booking.programmes.bookings import booking_places, changing_who, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import ChildComing, Offered, Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import cancelling, undoing_cancelling
from booking.programmes.models import Attendance, Attendee, Booking, MissedDate, Run, Session, WaitingEntry
from booking.programmes.waiting import waiting
from tests import make

pytestmark = pytest.mark.usefixtures("database")
SAM = Contact("Sam Carter", "+447700900123", "sam@example.com", "sms")
FAMILIES = Offered(6, 60, "child", "families")
ADULTS = Offered(None, None, "adult", "adults")


async def booked(session: Session) -> Booking:
    lease = await leasing.lease(Target(session.run_id, session.id))
    return await booking_places.book(lease_id=lease, contact=SAM, party=Party(("Sam Carter",)))


async def test_a_place_given_up_is_free_at_once_and_said_once():
    session = await make.session(places=1)
    booking = await booked(session)
    await giving_up.give_up(booking_id=booking.id)
    assert (await Session.get(id=session.id)).taken == 0
    assert (await Booking.get(id=booking.id)).state == "given_up"
    states = dict(await Message.filter(about_id=booking.id, channel="sms").values_list("kind", "state"))
    assert states == {"confirmation": "void", "given_up": "queued"}
    with pytest.raises(Refused) as refused:
        await giving_up.give_up(booking_id=booking.id)
    assert refused.value.rules == {"not booked"}
    assert (await Session.get(id=session.id)).taken == 0


async def test_what_is_over_cannot_be_given_up():
    session = await make.session()
    booking = await booked(session)
    with time_machine.travel(session.ends_at, tick=False), pytest.raises(Refused) as refused:
        await giving_up.give_up(booking_id=booking.id)
    assert refused.value.rules == {"over"}
    assert (await Booking.get(id=booking.id)).state == "booked"


async def course_of(weeks: int) -> tuple[Run, list[Session]]:
    run = await make.run(booking_mode="run", places=8)
    dates = [run.first_date + timedelta(weeks=n) for n in range(weeks)]
    return run, [await make.session(run, date=day, number=n + 1) for n, day in enumerate(dates)]


async def test_one_date_of_a_course_is_missed_and_the_place_stays():
    run, sessions = await course_of(3)
    lease = await leasing.lease(Target(run.id))
    booking = await booking_places.book(lease_id=lease, contact=SAM, party=Party(("Sam Carter",)))
    await giving_up.miss_date(booking_id=booking.id, session_id=sessions[1].id)
    await giving_up.miss_date(booking_id=booking.id, session_id=sessions[1].id)
    assert await MissedDate.filter(booking=booking).count() == 1
    assert (await Run.get(id=run.id)).taken == 1
    await giving_up.come_after_all(booking_id=booking.id, session_id=sessions[1].id)
    assert await MissedDate.filter(booking=booking).count() == 0


async def on_course(run: Run) -> Booking:
    lease = await leasing.lease(Target(run.id))
    by_mail = Contact("Sam Carter", "+447700900123", "sam@example.com", "email")
    return await booking_places.book(lease_id=lease, contact=by_mail, party=Party(("Sam Carter",)))


async def calendars(session: Session) -> list[str]:
    """What has been sent of this date's calendar entry, oldest first."""
    found = Message.filter(session_id=session.id, state="queued").exclude(calendar="").order_by("id")
    return await found.values_list("calendar_method", flat=True)


async def test_each_time_a_date_is_missed_or_taken_up_again_the_calendar_follows_once():
    run, sessions = await course_of(3)
    booking, second = await on_course(run), sessions[1]
    for _ in range(2):
        for verb in (giving_up.miss_date, giving_up.miss_date, giving_up.come_after_all, giving_up.come_after_all):
            await verb(booking_id=booking.id, session_id=second.id)
    assert await calendars(second) == ["REQUEST", "CANCEL", "REQUEST", "CANCEL", "REQUEST"]
    verbs = await AuditEvent.filter(about_id=booking.id).order_by("id").values_list("verb", flat=True)
    assert verbs == ["book", *["miss date", "come after all"] * 2]


async def test_who_will_miss_one_date_hears_that_the_place_stays():
    run, sessions = await course_of(3)
    booking = await on_course(run)
    await giving_up.miss_date(booking_id=booking.id, session_id=sessions[1].id)
    told = await Message.get(kind="missed")
    assert "Your place on the course stays" in told.body and "given up" not in told.body
    assert (told.calendar_method, told.session_id) == ("CANCEL", sessions[1].id)


async def test_a_booking_of_one_session_has_no_date_to_miss_or_take_up_again():
    session = await make.session()
    booking = await booked(session)
    for verb in (giving_up.miss_date, giving_up.come_after_all):
        with pytest.raises(Refused) as refused:
            await verb(booking_id=booking.id, session_id=session.id)
        assert refused.value.rules == {"not booked"}
    assert await Message.filter(kind="changed").count() == 0


async def test_a_date_that_was_just_cancelled_also_leaves_the_calendar_of_who_gives_up():
    run, sessions = await course_of(3)
    booking, second = await on_course(run), sessions[1]
    done = await cancelling.cancel(session_id=second.id, reason="Snow", by=None, undo_minutes=10)
    await giving_up.give_up(booking_id=booking.id)
    assert (await Message.get(kind="cancellation")).state == "void"
    assert [(await calendars(each))[-1] for each in sessions] == ["CANCEL"] * 3
    given_up = await Message.get(kind="given_up")
    assert given_up.body.count("\n- ") == 2  # the cancelled date was not theirs to give up
    await undoing_cancelling.undo(session_id=second.id, event_id=done.event_id, by=None)
    invites = await Invite.filter(session_id__in=[each.id for each in sessions]).values_list("last_method", flat=True)
    assert set(invites) == {"CANCEL"}


async def test_a_date_of_another_course_cannot_be_missed():
    run, _ = await course_of(2)
    _, others = await course_of(2)
    lease = await leasing.lease(Target(run.id))
    booking = await booking_places.book(lease_id=lease, contact=SAM, party=Party(("Sam Carter",)))
    with pytest.raises(Refused):
        await giving_up.miss_date(booking_id=booking.id, session_id=others[0].id)


async def test_the_waiting_list_is_joined_once_and_left_once():
    session = await make.session(places=1)
    sam = await make.person()
    family = {"family_id": sam.family_id, "person_id": sam.id}
    draft = await leasing.start_waiting_draft(Target(session.run_id, session.id))
    entry = await waiting.join(lease_id=draft, contact=SAM, party=Party(("Sam Carter",)), places=1, **family)
    again = await waiting.join(lease_id=draft, contact=SAM, party=Party(("Sam Carter",)), places=1, **family)
    assert again.id == entry.id
    second = await leasing.start_waiting_draft(Target(session.run_id, session.id))
    with pytest.raises(Refused) as refused:
        await waiting.join(lease_id=second, contact=SAM, party=Party(("Sam Carter",)), places=1, **family)
    assert refused.value.rules == {"already waiting"}
    assert await Message.filter(kind="waiting_joined").count() == 1
    await waiting.leave(entry_id=entry.id)
    assert (await WaitingEntry.get(id=entry.id)).state == "left"
    with pytest.raises(Refused):
        await waiting.leave(entry_id=entry.id)


async def test_adults_more_or_fewer_take_and_give_back_places():
    session = await make.session(places=3)
    booking = await booked(session)
    await changing_who.change_who(booking_id=booking.id, party=Party(("Sam Carter", "Jo Reed")), offered=ADULTS)
    assert (await Session.get(id=session.id)).taken == 2
    with pytest.raises(Refused) as refused:
        party = Party(("Sam Carter", "Jo Reed", "Al Moss", "Bo Lane"))
        await changing_who.change_who(booking_id=booking.id, party=party, offered=ADULTS)
    assert refused.value.rules == {"too few"}
    assert await Attendee.filter(booking=booking).count() == 2
    await changing_who.change_who(booking_id=booking.id, party=Party(("Jo Reed",)), offered=ADULTS)
    assert (await Session.get(id=session.id)).taken == 1


async def test_a_child_of_the_wrong_age_cannot_be_put_in_later():
    session = await make.session()
    booking = await booked(session)
    party = Party(("Sam Carter",), (ChildComing("Max", session.date.year - 9, 1),))
    with pytest.raises(Refused) as refused:
        await changing_who.change_who(booking_id=booking.id, party=party, offered=FAMILIES)
    assert refused.value.rules == {"age"}


async def test_who_is_on_a_register_stays_on_it():
    session = await make.session()
    booking = await booked(session)
    sam = await Attendee.get(booking=booking)
    await Attendance.create(session=session, attendee=sam, state="attended", at=clock.now())
    await changing_who.change_who(booking_id=booking.id, party=Party(("Jo Reed",)), offered=ADULTS)
    assert await Attendee.filter(booking=booking).count() == 2
