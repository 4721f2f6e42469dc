"""Moving one date: the room goes with it, families hear of it after ten minutes, and undone it is as it was."""

import asyncio
from datetime import date, timedelta

import pytest

from booking import audit, clock, db
from booking.messages import invites
from booking.messages.models import Message
from booking.places.models import Keyholder, RoomBooking, RoomHold
from booking.problems import Refused
from booking.programmes import disclosure
from booking.programmes.changes import changing_dates, moving, undoing_cancelling, undoing_change
from booking.programmes.changes.dates_in_scope import WHEN_AND_WHERE
from booking.programmes.changes.moving import Target
from booking.programmes.models import MissedDate, Reminder, Session
from tests import make
from tests.places.who import staff_who
from tests.staff import rows


@pytest.fixture
async def hub(database):
    hub = await make.location(name="Ferndown Family Hub")
    await make.opening_hours(hub, weekdays="0123456")
    return hub


@pytest.fixture
async def maya(hub):
    return staff_who(await make.staff("hub_staff", hub.id), {hub.id})


@pytest.fixture
async def session(hub):
    session = await make.session(await make.run(location=hub, title="Messy play"))
    await rows.hold_room(session)
    return await Session.get(id=session.id)


async def move(session, who, **target):
    return await moving.move(session_id=session.id, target=Target(**target), by=who, undo_minutes=10)


async def undo(session, done, who):
    await undoing_change.undo(session_id=session.id, event_id=done.event_id, by=who)


async def held():
    return await RoomHold.all().order_by("starts_at").values_list("room_id", "starts_at", "ends_at")


async def taken(room, day, start, end):
    times = {"starts_at": clock.at(day, start), "ends_at": clock.at(day, end)}
    booking = await RoomBooking.create(room=room, kind="hub", **times)
    await RoomHold.create(room=room, room_booking=booking, **times)


async def test_it_takes_its_room_along_set_up_and_clearing_included(session, hub, maya):
    room = await make.room(hub, setup_minutes=15, clear_minutes=10)
    await move(session, maya, room_id=room.id, start="13:00", end="14:00")
    moved = await Session.get(id=session.id)
    assert (moved.room_id, moved.start_time, moved.sequence) == (room.id, "13:00", session.sequence + 1)
    day = session.date
    assert await held() == [(room.id, clock.at(day, "12:45"), clock.at(day, "14:10"))]
    booking = await RoomBooking.get(id=moved.room_booking_id)
    assert (booking.room_id, booking.starts_at, booking.sequence) == (room.id, moved.starts_at, 1)


async def test_only_this_date_moves(session, maya):
    other = await make.session(await session.run, date=session.date + timedelta(weeks=1), number=2)
    await move(session, maya, start="11:00", end="12:00")
    assert (await Session.get(id=other.id)).start_time == "10:00"


async def test_families_hear_the_new_time_and_their_calendar_follows(session, maya):
    parent = await make.person(channel="sms", email="jo@home.example")
    await make.booking(session, parent)
    facts = await db.row(f"SELECT {disclosure.FACTS} FROM session s {disclosure.JOINS} WHERE s.id = $1", session.id)
    await invites.next_invite(parent, disclosure.said(facts), "REQUEST", clock.now())
    done = await move(session, maya, start="11:00", end="12:30")
    text, mail = await Message.filter(batch_id=done.event_id).order_by("-channel")
    assert (text.kind, text.channel, mail.channel) == ("changed", "sms", "email")
    assert "11am" in text.body and text.due_at == done.messages_leave_at > clock.now() + timedelta(minutes=9)
    assert mail.calendar_method == "REQUEST" and "SEQUENCE:1" in mail.calendar and "T110000" in mail.calendar
    assert invites.uid(session.id, parent.id) in mail.calendar.replace("\r\n ", "")


async def test_whole_courses_hear_too_but_not_who_misses_that_date(hub, maya):
    run = await make.run(location=hub, booking_mode="run")
    session = await make.session(run)
    comes, misses = await make.booking(run), await make.booking(run)
    await MissedDate.create(booking=misses, session=session, created_at=clock.now())
    done = await move(session, maya, start="11:00", end="12:00")
    assert [told.booking_id for told in done.told] == [comes.id]


async def test_another_room_of_the_building_is_no_news_for_families(session, hub, maya):
    await make.booking(session)
    done = await move(session, maya, room_id=(await make.room(hub)).id)
    assert done.told == [] and await Message.all().count() == 0


async def test_another_building_is(session, hub, maya):
    annexe = await make.location(kind="delivery_site", hub_id=hub.id, name="Village hall")
    await make.booking(session, await make.person(channel="sms"))
    await move(session, maya, room_id=(await make.room(annexe)).id)
    assert (await Session.get(id=session.id)).location_id == annexe.id
    assert "Village hall" in (await Message.get()).body


async def test_reminders_are_taken_back_so_that_the_job_looks_anew(session, maya):
    booking = await make.booking(session)
    reminder = await rows.message(session_id=session.id, about_id=booking.id)
    await Reminder.create(booking_id=booking.id, session_id=session.id, lead="2d", queued_at=clock.now())
    done = await move(session, maya, start="11:00", end="12:00")
    assert (await Message.get(id=reminder.id)).state == "void"
    assert done.reminders == 1 and await Reminder.all().count() == 0


async def test_a_room_that_is_taken_is_refused_and_nothing_changes(session, hub, maya):
    room = await make.room(hub)
    await taken(room, session.date, "11:00", "12:00")
    before = await held()
    with pytest.raises(Refused) as refused:
        await move(session, maya, room_id=room.id)
    assert refused.value.rules == {"room taken"}
    assert await held() == before and (await Session.get(id=session.id)).room_id == session.room_id


async def test_its_own_room_is_not_in_its_way(session, maya):
    await move(session, maya, start="10:30", end="12:00")
    assert (await held())[0][1] == clock.at(session.date, "10:30")


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        ({}, "same"),
        ({"start": "12:00"}, "time"),
        ({"day": clock.today() - timedelta(days=1)}, "past"),
        ({"start": "20:00", "end": "21:00"}, "opening hours"),
        ({"room_id": db.new_id()}, "room"),
    ],
)
async def test_what_cannot_be_says_which_rule(session, maya, target, rule):
    with pytest.raises(Refused) as refused:
        await move(session, maya, **target)
    assert rule in refused.value.rules


async def test_out_of_hours_needs_a_reason_and_a_keyholder_and_warns_of_lone_working(session, hub, maya):
    keyholder = await Keyholder.create(location=hub, name="Ann Hall")
    evening = {"start": "19:00", "end": "20:00"}
    with pytest.raises(Refused) as refused:
        await move(session, maya, **evening, override="Open evening")
    assert refused.value.rules == {"keyholder"}
    done = await move(session, maya, **evening, override="Open evening", keyholder_id=keyholder.id)
    assert {problem.rule for problem in done.warnings} == {"opening hours", "lone working"}
    booking = await RoomBooking.get(kind="session")
    assert (booking.is_out_of_hours, booking.keyholder_id) == (True, keyholder.id)
    await undo(session, done, maya)
    booking = await RoomBooking.get(kind="session")
    assert (booking.is_out_of_hours, booking.keyholder_id) == (False, None)


async def test_it_never_goes_where_the_course_meets_already(hub, maya):
    run = await make.run(location=hub)
    first = await make.session(run)
    await make.session(run, date=run.first_date + timedelta(days=1), number=2)
    with pytest.raises(Refused) as refused:
        await move(first, maya, day=run.first_date + timedelta(days=1))
    assert refused.value.rules == {"same run"}


async def test_a_room_of_another_hub_or_of_a_refuge_is_none_to_choose(session, maya, hub):
    refuge = await make.location(kind="restricted", is_restricted=True, hub_id=hub.id)
    for room, rule in [(await make.room(), "room"), (await make.room(refuge), "restricted")]:
        with pytest.raises(Refused) as refused:
            await move(session, maya, room_id=room.id)
        assert refused.value.rules == {rule}


async def test_what_is_cancelled_or_begun_does_not_move(session, hub, maya):
    begun = await make.session(
        await make.run(location=hub),
        starts_at=clock.now() - timedelta(minutes=5),
        ends_at=clock.now() + timedelta(hours=1),
    )
    await Session.filter(id=session.id).update(state="cancelled")
    for each, rule in [(session, "cancelled"), (begun, "over")]:
        with pytest.raises(Refused) as refused:
            await move(each, maya, start="11:00", end="12:00")
        assert refused.value.rules == {rule}


async def test_the_preview_is_the_act_and_leaves_nothing_behind(session, maya):
    await make.booking(session)
    await rows.waiting(session)
    before = [await held(), await Session.all().values(), await RoomBooking.all().values()]
    target = Target(start="11:00", end="12:00")
    seen = await changing_dates.preview(session_id=session.id, scope="date", wish=target, by=maya, undo_minutes=10)
    assert [await held(), await Session.all().values(), await RoomBooking.all().values()] == before
    assert await Message.all().count() == 0 and await audit.AuditEvent.all().count() == 0
    done = await move(session, maya, start="11:00", end="12:00")
    assert (seen.told, seen.sms_count, seen.waiting) == (done.told, done.sms_count, 1)
    assert "11am" in seen.example_sms


async def test_undone_it_is_as_it_was_and_nobody_hears(session, hub, maya):
    await make.booking(session)
    holds, booking = await held(), await RoomBooking.get(kind="session")
    done = await move(session, maya, room_id=(await make.room(hub)).id, day=session.date + timedelta(days=1))
    await undo(session, done, maya)
    back = await Session.get(id=session.id)
    same = (*WHEN_AND_WHERE, "room_booking_id", "state")
    assert [getattr(back, name) for name in same] == [getattr(session, name) for name in same]
    assert back.sequence == session.sequence + 2 and await held() == holds
    assert (await RoomBooking.get(kind="session")).room_id == booking.room_id
    assert set(await Message.all().values_list("state", flat=True)) == {"void"}


async def test_two_who_undo_at_once_undo_it_once(session, maya):
    done = await move(session, maya, start="11:00", end="12:00")
    await undo(session, done, maya)
    with pytest.raises(Refused) as refused:
        await undo(session, done, maya)
    assert refused.value.rules == {"undone"}


async def test_it_cannot_be_undone_when_the_old_room_is_taken_or_messages_left(session, maya):
    await make.booking(session)
    done = await move(session, maya, start="14:00", end="15:00")
    await taken(await session.room, session.date, "10:00", "11:00")
    with pytest.raises(Refused) as refused:
        await undo(session, done, maya)
    assert refused.value.rules == {"room taken"}
    await undoing_cancelling.send_now(session_id=session.id, event_id=done.event_id, by=maya, verb=moving.VERB)
    with pytest.raises(Refused) as refused:
        await undo(session, done, maya)
    assert refused.value.rules == {"too late"}


async def test_while_families_have_not_heard_it_moves_no_second_time(session, maya):
    await make.booking(session)
    done = await move(session, maya, start="11:00", end="12:00")
    with pytest.raises(Refused) as refused:
        await move(session, maya, start="12:00", end="13:00")
    assert refused.value.rules == {"moved"}
    await undo(session, done, maya)
    await move(session, maya, start="12:00", end="13:00")
    assert await Message.filter(state="queued").count() == 1


async def test_a_session_without_a_room_gets_one_and_loses_it_when_undone(hub, maya):
    session = await make.session(await make.run(location=hub))
    done = await move(session, maya, room_id=(await make.room(hub)).id)
    assert await RoomHold.all().count() == 1
    await undo(session, done, maya)
    assert await RoomHold.all().count() == 0 and (await Session.get(id=session.id)).room_booking_id is None


@pytest.mark.slow
async def test_two_sessions_that_want_one_room_at_once_get_it_once(real_database):
    hub = await make.location()
    maya, room = staff_who(await make.staff("hub_staff", hub.id), {hub.id}), await make.room(hub)
    sessions = [await make.session(await make.run(location=hub)) for _ in range(6)]
    for each in sessions:
        await rows.hold_room(each)
    tries = await asyncio.gather(*(move(each, maya, room_id=room.id) for each in sessions), return_exceptions=True)
    refused = [each for each in tries if isinstance(each, Refused)]
    assert len(refused) == 5 and all(each.rules == {"room taken"} for each in refused)
    assert await RoomHold.filter(room_id=room.id).count() == 1
    assert await RoomHold.all().count() == 6


async def test_times_that_the_spring_night_turns_round_are_refused(session, maya):
    with pytest.raises(Refused) as refused:
        await move(session, maya, day=date(2027, 3, 28), start="01:30", end="02:15", override="Night walk")
    assert refused.value.rules == {"time"}
