"""Several dates cancelled at once: one message to each family, rooms free, and undone as one."""

import pytest

from booking.messages.models import Message
from booking.places.models import RoomHold
from booking.problems import Refused
from booking.programmes.changes import cancelling, cancelling_dates, ringing, undoing_cancelling, undoing_dates
from booking.programmes.models import Run, Session
from tests import make
from tests.programmes.changing_calls import course, everything, family


@pytest.fixture
async def sessions(hub, room):
    return await course(hub, room)


async def cancel(session, who, scope):
    return await cancelling_dates.cancel(session_id=session.id, scope=scope, reason="Snow", by=who, undo_minutes=10)


async def states():
    return await Session.filter(run__booking_mode="run").order_by("number").values_list("state", flat=True)


async def test_the_rest_of_the_course_is_cancelled_and_the_run_with_it(sessions, maya):
    done = await cancel(sessions[1], maya, "later")
    assert await states() == ["planned", "cancelled", "cancelled", "cancelled"] and not done.is_run_over
    assert await RoomHold.all().count() == 1
    done = await cancel(sessions[0], maya, "all")
    assert done.is_run_over and (await Run.get(id=sessions[0].run_id)).state == "cancelled"


async def test_a_family_hears_once_and_every_date_is_taken_out_of_its_calendar(sessions, maya):
    from booking import clock, db
    from booking.messages import invites
    from booking.programmes import disclosure

    parent = await family(await sessions[0].run)
    for session in sessions:
        facts = await db.row(f"SELECT {disclosure.FACTS} FROM session s {disclosure.JOINS} WHERE s.id = $1", session.id)
        await invites.next_invite(parent, disclosure.said(facts), "REQUEST", clock.now())
    done = await cancel(sessions[1], maya, "later")
    own = await Message.filter(batch_id=done.event_id).exclude(kind="invite")
    assert sorted(m.channel for m in own) == ["email", "sms"] and all("3 dates" in m.body + m.subject for m in own)
    entries = await Message.filter(batch_id=done.event_id, calendar_method="CANCEL")
    assert len(entries) == 3 == done.calendar_entries and all("STATUS:CANCELLED" in m.calendar for m in entries)


async def test_each_date_lists_who_must_be_rung_and_nobody_who_was_written_to(sessions, maya):
    await family(await sessions[0].run, name="Ann Able")
    await family(await sessions[0].run, name="Cal Call", channel="call")
    await cancel(sessions[1], maya, "later")
    for session in sessions[1:]:
        assert [each["name"] for each in await ringing.to_ring(session.id)] == ["Cal Call"]


@pytest.mark.parametrize("scope", ["later", "all"])
async def test_undone_all_is_as_it_was_and_nobody_hears(hub, room, maya, scope):
    sessions = await course(hub, room)
    await family(await sessions[0].run)
    before = await everything()
    done = await cancel(sessions[1], maya, scope)
    await undoing_dates.undo(session_id=sessions[1].id, event_id=done.event_id, by=maya)
    assert await everything() == before
    assert await Message.exclude(state="void").count() == 0


async def test_its_creche_does_not_take_place_either(sessions, hub, maya):
    creche_room = await make.room(hub, name="Creche")
    beside = await course(hub, creche_room, booking_mode="linked", is_listed=False)
    await Run.filter(id=sessions[0].run_id).update(creche_run_id=beside[0].run_id)
    before = await everything()
    done = await cancel(sessions[1], maya, "later")
    assert await RoomHold.filter(room=creche_room).count() == 1
    await undoing_dates.undo(session_id=sessions[1].id, event_id=done.event_id, by=maya)
    assert await everything() == before
    one = await cancelling.cancel(session_id=sessions[0].id, reason="Snow", by=maya, undo_minutes=10)
    assert (await Session.get(id=beside[0].id)).state == "cancelled" and await RoomHold.all().count() == 6
    await undoing_cancelling.undo(session_id=sessions[0].id, event_id=one.event_id, by=maya)
    assert await everything() == before


async def test_without_a_reason_or_a_date_to_come_it_is_refused(sessions, maya):
    with pytest.raises(Refused):
        await cancelling_dates.cancel(session_id=sessions[0].id, scope="all", reason="", by=maya, undo_minutes=10)
    await cancel(sessions[0], maya, "all")
    with pytest.raises(Refused):
        await cancel(sessions[0], maya, "all")
