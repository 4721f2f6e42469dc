"""Cancelling one date: who is told, what is freed, undone as if it had not been; and two people at once."""

import asyncio
import re
from datetime import timedelta

import pytest

from booking import audit, clock, db
from booking.messages.models import Message
from booking.places.models import RoomBooking, RoomHold
from booking.problems import Refused
from booking.programmes.bookings import booking_places, leasing
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import cancelling, ringing, undoing_cancelling
from booking.programmes.models import Booking, MissedDate, Session, WaitingEntry
from tests import make
from tests.staff import rows
from tests.staff.conftest import who_is


@pytest.fixture
async def session(hub):
    return await make.session(await make.run(location=hub, title="Messy play"))


async def cancel(session, who, reason="The building is closed"):
    return await cancelling.cancel(session_id=session.id, reason=reason, by=who, undo_minutes=10)


async def undo(session, done, who):
    await undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=who)


async def snapshot(session):
    """Everything that cancelling touches and undoing must bring back."""
    return [
        await Session.filter(id=session.id).values_list("state", "why_cancelled", "taken"),
        await Booking.all().order_by("id").values_list("id", "state", "ended_at"),
        await WaitingEntry.all().order_by("id").values_list("id", "state", "ended_at"),
        await RoomBooking.all().values_list("state", flat=True),
        await RoomHold.all().values_list("room_id", "starts_at", "ends_at"),
    ]


async def test_families_of_the_date_are_told_by_their_channel_after_ten_minutes(session, maya):
    await make.booking(session, await make.person(channel="sms"))
    await make.booking(session, await make.person(channel="email", email="jo@home.example"))
    await make.booking(session, await make.person(channel="sms", email="both@home.example"))
    done = await cancel(session, maya)
    assert (done.sms_count, done.mail_count, len(done.told), done.to_ring) == (2, 2, 3, [])
    messages = await Message.filter(batch_id=done.event_id)
    assert {m.state for m in messages} == {"queued"} and {m.due_at for m in messages} == {done.messages_leave_at}
    assert {m.kind for m in messages} == {"cancellation"} and {m.hub_id for m in messages} == {session.hub_id}
    assert all("The building is closed" in m.body for m in messages)


async def test_bookings_of_the_date_end_and_those_of_the_whole_run_stay(hub, maya):
    run = await make.run(location=hub, booking_mode="run")
    session = await make.session(run)
    comes, misses = await make.booking(run), await make.booking(run)
    await MissedDate.create(booking=misses, session=session, created_at=clock.now())
    done = await cancel(session, maya)
    assert (done.kept_bookings, done.will_miss, done.ended_bookings) == (1, 1, 0)
    assert [told.booking_id for told in done.told] == [comes.id]
    assert set(await Booking.all().values_list("state", flat=True)) == {"booked"}


async def test_who_is_on_the_course_hears_that_this_date_only_is_off(hub, maya):
    run = await make.run(location=hub, booking_mode="run")
    first = await make.session(run)
    last = await make.session(run, date=run.first_date + timedelta(weeks=1), number=2)
    await make.booking(run, await make.person(channel="sms", email="jo@home.example"))
    done = await cancel(first, maya)
    bodies = await Message.filter(batch_id=done.event_id).values_list("body", flat=True)
    assert len(bodies) == 2 and all("This date only; the other dates go on" in body for body in bodies)
    done = await cancel(last, maya)  # nothing goes on any more
    bodies = await Message.filter(batch_id=done.event_id).values_list("body", flat=True)
    assert len(bodies) == 2 and not any("go on" in body for body in bodies)


async def test_places_room_and_reminders_are_freed_and_the_date_stays_visible(session, maya):
    booking = await make.booking(session, places=3)
    await rows.hold_room(session)
    reminder = await rows.message(session_id=session.id, about_id=booking.id)
    other = await rows.message(session_id=db.new_id(), about_id=booking.id)
    done = await cancel(session, maya)
    after = await Session.get(id=session.id)
    assert (after.state, after.taken, after.sequence, after.why_cancelled) == (
        "cancelled",
        0,
        1,
        "The building is closed",
    )
    assert (await Booking.get(id=booking.id)).state == "cancelled"
    assert done.is_room_freed and await RoomHold.all().count() == 0
    assert await RoomBooking.all().values_list("state", flat=True) == ["cancelled"]
    assert [(await Message.get(id=m.id)).state for m in (reminder, other)] == ["void", "queued"]


async def test_who_chose_no_message_has_to_be_rung(session, maya):
    await make.booking(session, await make.person(name="Carla Call", channel="call"))
    done = await cancel(session, maya)
    assert [told.name for told in done.to_ring] == ["Carla Call"]
    assert await Message.filter(batch_id=done.event_id).values_list("channel", flat=True) == ["call"]


async def test_who_waited_is_not_told_of_a_booking_they_never_had(session, maya):
    await rows.waiting(session, person=await make.person(channel="email", email="cleo@home.example"))
    done = await cancel(session, maya)
    mail = await Message.get(batch_id=done.event_id, channel="email")
    assert "You were on the waiting list for it" in mail.body and "out of your bookings" not in mail.body


async def test_the_waiting_list_of_the_date_ends_and_is_told(session, maya):
    entry = await rows.waiting(session)
    done = await cancel(session, maya)
    assert done.waiting == 1 and (await WaitingEntry.get(id=entry.id)).state == "cancelled"
    assert await Message.filter(batch_id=done.event_id, about_id=entry.id).count() == 1


async def test_calendar_entries_that_were_sent_are_taken_out(session, maya):
    parent = await make.person(channel="email", email="jo@home.example")
    lease = await leasing.lease(Target(session.run_id, session.id))
    contact = booking_places.Contact(name=parent.name, email="jo@home.example", channel="email")
    await booking_places.book(lease_id=lease, contact=contact, party=Party(adults=("Jo",)))
    done = await cancel(session, maya)
    assert done.calendar_entries == 1
    mail = await Message.get(batch_id=done.event_id)
    assert mail.calendar_method == "CANCEL" and "STATUS:CANCELLED" in mail.calendar


async def test_the_preview_is_the_act_and_leaves_nothing_behind(session, maya):
    await make.booking(session)
    await rows.waiting(session)
    await rows.hold_room(session)
    before = await snapshot(session)
    seen = await cancelling.preview(session_id=session.id, reason="Snow", by=maya, undo_minutes=10)
    assert await snapshot(session) == before
    assert await Message.all().count() == 0 and await audit.AuditEvent.all().count() == 0
    done = await cancel(session, maya, "Snow")
    same = ("waiting", "will_miss", "ended_bookings", "kept_bookings", "is_room_freed", "sms_count", "mail_count")
    assert [getattr(seen, name) for name in same] == [getattr(done, name) for name in same]
    assert "Snow" in seen.example_sms and seen.told == done.told


async def test_undone_it_is_as_if_it_had_not_been(session, maya):
    for _ in range(2):
        await make.booking(session, places=2)
    await make.booking(session, state="given_up")
    await rows.waiting(session)
    await rows.hold_room(session)
    before = await snapshot(session)
    done = await cancel(session, maya)
    await undo(session, done, maya)
    assert await snapshot(session) == before
    assert (await Session.get(id=session.id)).sequence == 2
    assert set(await Message.all().values_list("state", flat=True)) == {"void"}


async def test_reminders_can_be_queued_again_after_an_undo(session, maya):
    booking = await make.booking(session)
    await db.execute(
        "INSERT INTO reminder (id, booking_id, session_id, lead, queued_at) VALUES ($1, $2, $3, '2d', $4)",
        db.new_id(), booking.id, session.id, clock.now(),
    )  # fmt: skip
    await undo(session, await cancel(session, maya), maya)
    assert await db.value("SELECT COUNT(*) AS n FROM reminder") == 0


async def test_cancelled_undone_and_cancelled_again_tells_everybody_once(session, maya):
    await make.booking(session)
    await undo(session, await cancel(session, maya), maya)
    done = await cancel(session, maya, "Snow")
    messages = await Message.filter(state="queued")
    assert [m.batch_id for m in messages] == [done.event_id] and "Snow" in messages[0].body
    await undo(session, done, maya)
    assert (await Session.get(id=session.id)).state == "planned"


async def test_it_cannot_be_undone_after_ten_minutes(session, maya, time_machine):
    done = await cancel(session, maya)
    time_machine.move_to(clock.now() + timedelta(minutes=10, seconds=1))
    with pytest.raises(Refused, match="messages have left"):
        await undo(session, done, maya)


async def test_it_cannot_be_undone_once_one_message_has_left(session, maya):
    await make.booking(session)
    await make.booking(session)
    done = await cancel(session, maya)
    first = await Message.filter(batch_id=done.event_id).first()
    await Message.filter(id=first.id).update(state="sent")
    before = await snapshot(session)
    with pytest.raises(Refused, match="messages have left"):
        await undo(session, done, maya)
    assert await snapshot(session) == before
    assert await Message.filter(batch_id=done.event_id, state="queued").count() == 1


async def test_sent_now_it_cannot_be_undone(session, maya):
    await make.booking(session)
    done = await cancel(session, maya)
    assert await undoing_cancelling.send_now(session_id=session.id, event_id=done.event_id, by=maya) == 1
    assert (await Message.get(batch_id=done.event_id)).due_at <= clock.now()
    for act in (
        undo(session, done, maya),
        undoing_cancelling.send_now(session_id=session.id, event_id=done.event_id, by=maya),
    ):
        with pytest.raises(Refused, match="messages have left"):
            await act


async def test_it_cannot_be_undone_when_the_room_was_taken_meanwhile(session, maya):
    await make.booking(session)
    await rows.hold_room(session)
    room = (await RoomHold.first()).room_id
    done = await cancel(session, maya)
    other = await RoomBooking.create(room_id=room, kind="partner", starts_at=session.starts_at, ends_at=session.ends_at)
    await RoomHold.create(room_booking=other, room_id=room, starts_at=session.starts_at, ends_at=session.ends_at)
    before = await snapshot(session)
    with pytest.raises(Refused, match="room has been taken"):
        await undo(session, done, maya)
    assert await snapshot(session) == before
    assert (await audit.AuditEvent.get(id=done.event_id)).undone_at is None
    assert await Message.filter(batch_id=done.event_id, state="queued").count() == 1


async def test_a_family_that_gave_up_while_it_was_cancelled_is_not_brought_back(session, maya):
    booking = await make.booking(session)
    done = await cancel(session, maya)
    await Booking.filter(id=booking.id).update(state="given_up")
    await undo(session, done, maya)
    assert (await Session.get(id=session.id)).taken == 0


async def test_cancelling_twice_undoing_twice_and_what_is_over_are_refused(session, maya, hub):
    done = await cancel(session, maya)
    with pytest.raises(Refused, match="cancelled already"):
        await cancel(session, maya)
    await undo(session, done, maya)
    with pytest.raises(Refused, match="undone already"):
        await undo(session, done, maya)
    over = await make.session(await make.run(location=hub, first_date=clock.today() - timedelta(days=1)))
    with pytest.raises(Refused, match="is over"):
        await cancel(over, maya)


async def test_an_event_of_another_session_undoes_nothing(session, maya, hub):
    other = await make.session(await make.run(location=hub))
    done = await cancel(other, maya)
    with pytest.raises(Refused):
        await undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=maya)
    assert (await Session.get(id=other.id)).state == "cancelled"


async def test_nothing_of_a_restricted_session_is_in_what_is_sent(database):
    secret = await make.location(
        name="Undisclosed house", kind="restricted", is_restricted=True, address="1 Quiet Lane"
    )
    run = await make.run(location=secret, is_restricted=True, title="Freedom course", host="Quiet charity")
    session = await make.session(run)
    nadia = who_is(await make.staff("hub_staff", secret.id), hubs={secret.id})
    await make.booking(session, await make.person(channel="email", email="jo@home.example"))
    await make.booking(session, await make.person(channel="sms"))
    done = await cancel(session, nadia, "Leader of the Freedom course is ill")
    for message in await Message.filter(batch_id=done.event_id):
        text = " ".join((message.subject, message.body, message.html, message.calendar))
        for leak in ("Freedom", "Undisclosed", "Quiet", "Leader"):
            assert leak not in text


async def open_place(places=30):
    run = await make.run(places=places)
    return await make.session(run), who_is(await make.staff("hub_staff", run.hub_id), hubs={run.hub_id})


async def outcomes(*acts):
    return await asyncio.gather(*acts, return_exceptions=True)


async def test_two_who_cancel_at_once_and_two_who_undo_at_once_do_it_once(real_database):
    session, who = await open_place()
    for _ in range(3):
        await make.booking(session)
    results = await outcomes(*(cancel(session, who) for _ in range(4)))
    done = [r for r in results if not isinstance(r, Exception)]
    assert len(done) == 1 and all(isinstance(r, Refused) for r in results if isinstance(r, Exception))
    assert await Message.all().count() == 3
    results = await outcomes(*(undo(session, done[0], who) for _ in range(4)))
    assert [type(r) for r in results].count(type(None)) == 1
    assert all(isinstance(r, Refused) for r in results if r is not None)
    after = await Session.get(id=session.id)
    assert (after.state, after.taken) == ("planned", 3)


async def test_a_family_that_books_at_that_moment_is_told_or_refused(real_database):
    """P2 and P10 under a stampede: nobody keeps a place on a cancelled date without a message."""
    session, who = await open_place()
    leases = [await leasing.lease(Target(session.run_id, session.id)) for _ in range(12)]

    async def book(n):
        contact = booking_places.Contact(name=f"Family {n}", phone=f"+44770090{n:04}")
        await booking_places.book(lease_id=leases[n], contact=contact, party=Party(adults=("Jo",)))

    results = await outcomes(*(book(n) for n in range(6)), cancel(session, who), *(book(n) for n in range(6, 12)))
    assert all(r is None or isinstance(r, Refused | cancelling.Cancelled) for r in results), results
    done = next(r for r in results if isinstance(r, cancelling.Cancelled))
    assert await Booking.filter(state="booked").count() == 0
    told = set(await Message.filter(batch_id=done.event_id).values_list("about_id", flat=True))
    assert told == set(await Booking.filter(state="cancelled").values_list("id", flat=True))


async def test_giving_up_and_cancelling_at_once_neither_hang_nor_count_twice(real_database):
    from booking.programmes.bookings.giving_up import give_up

    session, who = await open_place()
    bookings = [await make.booking(session) for _ in range(8)]
    results = await outcomes(*(give_up(booking_id=b.id) for b in bookings[:4]), cancel(session, who))
    assert not [r for r in results if isinstance(r, Exception) and not isinstance(r, Refused)], results
    assert (await Session.get(id=session.id)).taken == 0


async def test_an_undo_against_delivery_sends_all_or_nothing(real_database):
    session, who = await open_place()
    for _ in range(6):
        await make.booking(session)
    done = await cancel(session, who)

    async def deliver():
        await db.execute("UPDATE message SET state = 'sent', sent_at = $1 WHERE state = 'queued'", clock.now())

    results = await outcomes(undo(session, done, who), deliver())
    states = set(await Message.all().values_list("state", flat=True))
    assert states == ({"sent"} if isinstance(results[0], Refused) else {"void"})
    assert (await Session.get(id=session.id)).state == ("cancelled" if states == {"sent"} else "planned")


# the pages


async def test_the_pages_show_first_what_will_happen_and_then_do_it(desk, session):
    await make.booking(session, await make.person(name="Sam Carter"))
    path = f"/staff/sessions/{session.id}"
    assert "Why is it cancelled?" in (await desk.get(f"{path}/cancel")).text
    page = (await desk.get(f"{path}/cancel", params={"reason": "weather", "words": "Snow on the roads"})).text
    assert "/m/..." in page and "/m/token" not in page
    assert "1 family is told" in page and "Bad weather. Snow on the roads" in page and "Sam Carter" in page
    assert (await Session.get(id=session.id)).state == "planned"
    answer = await desk.post(f"{path}/cancel", data={"reason": "weather", "words": "Snow on the roads"})
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = (await desk.get(path)).text
    assert "Messages to 1 family leave at" in page and "Bad weather. Snow on the roads" in page
    event = re.search(r'name="event" value="([^"]+)"', page).group(1)
    await desk.post(f"{path}/cancel/undo", data={"event": event})
    page = (await desk.get(path)).text
    assert "It takes place after all" in page and 'id="register"' in page


async def test_a_cancelling_without_a_reason_is_asked_for_one(desk, session):
    for answer in (
        await desk.get(f"/staff/sessions/{session.id}/cancel?reason=other&words="),
        await desk.post(f"/staff/sessions/{session.id}/cancel", data={"reason": "other", "words": " "}),
    ):
        assert answer.status_code == 422
        assert "Say why it is cancelled" in answer.text


async def test_send_now_is_said_and_undo_is_then_refused_in_words(desk, session):
    await make.booking(session)
    path = f"/staff/sessions/{session.id}"
    await desk.post(f"{path}/cancel", data={"reason": "weather", "words": ""})
    event = re.search(r'name="event" value="([^"]+)"', (await desk.get(path)).text).group(1)
    await desk.post(f"{path}/cancel/send-now", data={"event": event})
    page = (await desk.get(path)).text
    assert "The messages are leaving now" in page and "Undo" not in page
    await desk.post(f"{path}/cancel/undo", data={"event": event})
    assert "can no longer be undone" in (await desk.get(path)).text


async def test_families_to_ring_stay_on_the_page(desk, session):
    await make.booking(session, await make.person(name="Carla Call", channel="call"))
    path = f"/staff/sessions/{session.id}"
    assert "Somebody has to ring" in (await desk.get(f"{path}/cancel?reason=weather")).text
    await desk.post(f"{path}/cancel", data={"reason": "weather"})
    page = (await desk.get(path)).text
    assert "To ring" in page and "Carla Call" in page
    assert "Calls to make (1)" in (await desk.get("/staff")).text
    booking = await Booking.get(session_id=session.id)
    for _ in range(2):
        await desk.post(f"{path}/rung", data={"about": str(booking.id)})
    assert "Rung" in (await desk.get(path)).text
    assert "Calls to make (1)" not in (await desk.get("/staff")).text
    assert await audit.AuditEvent.filter(verb="rang family", about_id=booking.id).count() == 1


async def test_who_is_not_to_be_rung_is_refused(desk, session, maya):
    told = await make.booking(session)
    await cancel(session, maya)
    await desk.post(f"/staff/sessions/{session.id}/rung", data={"about": str(told.id)})
    assert "not on the list" in (await desk.get(f"/staff/sessions/{session.id}")).text


async def test_families_of_a_course_and_those_who_waited_are_to_be_rung_too(hub, maya):
    session = await make.session(await make.run(location=hub, booking_mode="run"))
    await make.booking(await session.run, await make.person(name="Anna", channel="call"))
    misses = await make.booking(await session.run, await make.person(name="Bea", channel="call"))
    await MissedDate.create(booking=misses, session=session, created_at=clock.now())
    await rows.waiting(session, person=await make.person(name="Cleo", channel="call"))
    await cancel(session, maya)
    assert [(each["name"], each["kind"]) for each in await ringing.to_ring(session.id)] == [
        ("Anna", "booking"), ("Cleo", "waiting"),
    ]  # fmt: skip


async def test_hostile_words_are_text_everywhere(desk, session):
    await make.booking(session, await make.person(channel="email", email="jo@home.example"))
    words = "<script>alert(1)</script>"
    page = (await desk.get(f"/staff/sessions/{session.id}/cancel", params={"reason": "other", "words": words})).text
    assert "<script>alert" not in page
    await desk.post(f"/staff/sessions/{session.id}/cancel", data={"reason": "other", "words": words})
    assert "<script>alert" not in (await desk.get(f"/staff/sessions/{session.id}")).text
    assert "<script>alert" not in (await Message.get(kind="cancellation")).html
