"""One more date: its room and the creche's are held, families of a course have it, and undone it is gone."""

from datetime import timedelta

import pytest

from booking.messages.models import Message
from booking.places.models import RoomHold
from booking.problems import Refused
from booking.programmes.changes import adding_dates, cancelling, undoing_adding
from booking.programmes.models import Booking, CrechePlace, Run, Session
from tests import make
from tests.programmes.changing_calls import course, everything, family


async def add(run_id, day, who, **values):
    return await adding_dates.add(run_id=run_id, day=day, by=who, undo_minutes=10, **values)


@pytest.fixture
async def sessions(hub, room):
    return await course(hub, room)


async def test_it_holds_the_runs_room_at_its_time(sessions, room, maya):
    day = sessions[-1].date + timedelta(weeks=1)
    done = await add(sessions[0].run_id, day, maya)
    new = await Session.get(id=done.session_id)
    assert (new.number, new.room_id, new.start_time, new.state, new.edited) == (5, room.id, "10:00", "planned", "added")
    assert await RoomHold.filter(room_booking_id=new.room_booking_id, starts_at=new.starts_at).count() == 1
    assert (await Run.get(id=new.run_id)).last_date == day


async def test_families_of_the_course_are_told_once_with_a_calendar_entry(sessions, maya):
    await family(await sessions[0].run)
    done = await add(sessions[0].run_id, sessions[-1].date + timedelta(weeks=1), maya)
    messages = await Message.filter(batch_id=done.event_id).order_by("-channel")
    assert [(m.kind, m.channel, m.calendar_method) for m in messages] == [
        ("date_added", "sms", ""),
        ("date_added", "email", "REQUEST"),
    ]
    assert messages[0].due_at == done.messages_leave_at and done.calendar_entries == 1


async def test_nobody_is_told_where_that_is_not_wanted(sessions, maya):
    await family(await sessions[0].run)
    done = await add(sessions[0].run_id, sessions[-1].date + timedelta(weeks=1), maya, is_told=False)
    assert done.told == [] and await Message.all().count() == 0


async def test_it_makes_up_for_a_cancelled_date_and_has_its_number(sessions, maya):
    await family(await sessions[0].run)
    await cancelling.cancel(session_id=sessions[1].id, reason="Snow", by=maya, undo_minutes=10)
    done = await add(sessions[0].run_id, sessions[-1].date + timedelta(weeks=1), maya, makes_up_for_id=sessions[1].id)
    new = await Session.get(id=done.session_id)
    assert (new.number, new.makes_up_for_id) == (2, sessions[1].id)
    assert "instead of one we cancelled" in done.texts[0].body


async def test_it_makes_up_for_no_date_that_takes_place(sessions, maya):
    with pytest.raises(Refused) as refused:
        await add(sessions[0].run_id, sessions[-1].date + timedelta(weeks=1), maya, makes_up_for_id=sessions[1].id)
    assert refused.value.rules == {"make up"}


@pytest.mark.parametrize(
    ("days", "values", "rule"),
    [(0, {}, "same run"), (1, {"start": "12:00", "end": "11:00"}, "time"), (-90, {}, "past")],
)
async def test_what_makes_no_sense_is_refused(sessions, maya, days, values, rule):
    with pytest.raises(Refused) as refused:
        await add(sessions[0].run_id, sessions[0].date + timedelta(days=days), maya, **values)
    assert rule in refused.value.rules


async def test_a_room_that_is_taken_is_refused_and_nothing_is_saved(sessions, room, hub, maya):
    other = (await course(hub, await make.room(hub), 1, booking_mode="session"))[0]
    before = await everything()
    with pytest.raises(Refused) as refused:
        await add(other.run_id, sessions[0].date, maya, room_id=room.id, start="10:30", end="11:00")
    assert "taken" in refused.value.problems[0].words and await everything() == before


async def test_the_creche_has_the_date_too_with_its_room_and_the_childrens_places(sessions, hub, maya):
    creche_room = await make.room(hub, name="Creche")
    beside = await course(hub, creche_room, booking_mode="linked", is_listed=False, places=8)
    await Run.filter(id=sessions[0].run_id).update(creche_run_id=beside[0].run_id)
    await family(await sessions[0].run)
    await Booking.all().update(creche_children=2)
    before = await everything()
    done = await add(sessions[0].run_id, sessions[-1].date + timedelta(weeks=1), maya)
    creche = await Session.get(id=done.creche_session_id)
    assert (creche.room_id, creche.taken, creche.places) == (creche_room.id, 2, 8)
    assert await RoomHold.filter(room=creche_room).count() == 5 and await CrechePlace.all().count() == 1
    await undoing_adding.undo(session_id=done.session_id, event_id=done.event_id, by=maya)
    assert await everything() == before and await CrechePlace.all().count() == 0


async def test_undone_it_is_gone_and_nobody_hears(sessions, maya):
    await family(await sessions[0].run)
    before = await everything()
    done = await add(sessions[0].run_id, sessions[-1].date + timedelta(weeks=1), maya)
    await undoing_adding.undo(session_id=done.session_id, event_id=done.event_id, by=maya)
    assert await everything() == before
    assert set(await Message.all().values_list("state", flat=True)) == {"void"}


async def test_it_is_not_undone_once_somebody_has_booked_it(hub, room, maya):
    first = (await course(hub, room, 1, booking_mode="session"))[0]
    done = await add(first.run_id, first.date + timedelta(weeks=1), maya)
    await make.booking(await Session.get(id=done.session_id))
    with pytest.raises(Refused) as refused:
        await undoing_adding.undo(session_id=done.session_id, event_id=done.event_id, by=maya)
    assert refused.value.rules == {"booked"}


async def test_a_draft_or_cancelled_run_gets_no_dates(sessions, maya):
    await Run.all().update(state="draft")
    with pytest.raises(Refused):
        await add(sessions[0].run_id, sessions[-1].date + timedelta(weeks=1), maya)


async def test_it_is_not_undone_once_a_family_has_booked_the_course_with_it(sessions, maya):
    done = await add(sessions[0].run_id, sessions[-1].date + timedelta(weeks=1), maya)
    await family(await sessions[0].run)
    with pytest.raises(Refused) as refused:
        await undoing_adding.undo(session_id=done.session_id, event_id=done.event_id, by=maya)
    assert refused.value.rules == {"booked"}


async def test_an_open_course_gets_no_date_in_a_restricted_room(sessions, hub, maya):
    refuge = await make.location(name="Hidden House", hub_id=hub.id, kind="restricted", is_restricted=True)
    with pytest.raises(Refused) as refused:
        await add(
            sessions[0].run_id,
            sessions[-1].date,
            maya,
            room_id=(await make.room(refuge)).id,
            start="15:00",
            end="16:00",
        )
    assert refused.value.rules == {"restricted"}
