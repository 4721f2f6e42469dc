"""Closing a place with families, partners and requests in it: what is cancelled, who is told, and undone as if it had not been."""

import asyncio
from datetime import date, timedelta

import pytest
import time_machine

from booking import audit, clock, db
from booking.messages.models import Message
from booking.places import closing, dividing, holding
from booking.places.models import Closure, RoomBooking, RoomPart
from booking.places.rooms import facts_of_one
from booking.problems import Refused
from booking.programmes.changes import cancelling, moving, undoing_cancelling, undoing_change
from booking.programmes.changes.moving import Target
from booking.programmes.closures import closing_places, undoing_closing
from booking.programmes.closures.closing_answers import CANCEL as OFF
from booking.programmes.closures.closing_answers import KEEP as STAYS
from booking.programmes.closures.closing_lists import grouped, in_the_way
from booking.programmes.closures.closing_wanted import Closing, How, Place
from booking.programmes.models import Booking, Session
from tests import make
from tests.staff.conftest import who_is

MAY = date(2027, 5, 6)
CANCEL = dict.fromkeys(("sessions", "partners", "requests", "hub"), OFF)
KEEP = dict.fromkeys(CANCEL, STAYS)
DAY = (clock.at(MAY, "00:00"), clock.at(MAY + timedelta(1), "00:00"))


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel("2027-04-01 09:00:00Z", tick=False):
        yield


async def booked(room, start, end, kind="partner", **values) -> RoomBooking:
    starts_at, ends_at = clock.at(MAY, start), clock.at(MAY, end)
    facts = await facts_of_one(room.id)
    await holding.lock_rooms(facts.leaves)
    booking = await RoomBooking.create(room=room, kind=kind, starts_at=starts_at, ends_at=ends_at, **values)
    await holding.hold([holding.hold_for(booking.id, facts, starts_at, ends_at)])
    return booking


async def partners(room, start, end, **values) -> RoomBooking:
    partner = await make.organisation()
    member = await make.booker(partner)
    return await booked(room, start, end, organisation_id=partner.id, booked_by_id=member.id, title="Clinic", **values)


async def session_in(room, start="10:00", end="11:30", **values) -> Session:
    run = await make.run(location=await room.location, first_date=MAY, start_time=start, end_time=end, **values)
    use = await booked(room, start, end, kind="session")
    return await make.session(run, room_id=room.id, room_booking_id=use.id)


async def manager(place):
    return who_is(await make.staff("hub_manager", place.hub_id), kind="hub_manager", hubs={place.hub_id})


@pytest.fixture
async def full(database):
    """A hub with a session for two families, a partner's booking, a request, and staff's own meeting on one day."""
    place = await make.location()
    hall, small = await make.room(place, name="Hall"), await make.room(place, name="Small room")
    session = await session_in(hall)
    for n in range(2):
        await make.booking(session, await make.person(channel="email", email=f"a{n}@families.example"))
    clinic = await partners(small, "10:00", "12:00", decided_at=clock.now(), decided_by_id=db.new_id())
    request = await partners(small, "13:00", "14:00", state="requested")
    meeting = await booked(hall, "15:00", "16:00", kind="hub", title="Team meeting")
    return place, session, clinic, request, meeting, await manager(place)


def of(place, room=None, spans=(DAY,), reason="Election day"):
    return Closing((Place(place.id, room.id if room else None),), tuple(spans), reason)


async def close(place, by, answers=CANCEL, **values):
    wanted = {name: values.pop(name) for name in ("room", "spans", "reason") if name in values}
    return await closing_places.close(of(place, **wanted), How(answers), by=by, **({"seen": None} | values))


async def holds(kind="closure") -> timedelta:
    found = await db.rows(
        "SELECT h.starts_at, h.ends_at FROM room_hold h JOIN room_booking b ON b.id = h.room_booking_id"
        " WHERE b.kind = $1",
        kind,
    )
    return sum((row["ends_at"] - row["starts_at"] for row in found), timedelta())


async def snapshot() -> list:
    """What closing touches and undoing must bring back; the calendar's numbers rise."""
    return [
        await Session.all().order_by("id").values_list("id", "state", "taken", "why_cancelled"),
        await Booking.all().order_by("id").values_list("id", "state"),
        await RoomBooking.all().order_by("id").values_list("id", "state", "why", "kind", "decided_at", "decided_by_id"),
        sorted(
            [tuple(row.values()) for row in await db.rows(
                "SELECT room_booking_id, room_id, starts_at, ends_at FROM room_hold")]
        ),
        await Closure.all().count(),
    ]  # fmt: skip


async def states(*bookings) -> list[str]:
    return [(await RoomBooking.get(id=each.id)).state for each in bookings]


async def test_what_is_in_the_way_is_listed_by_kind_with_its_families(full):
    place, session, clinic, request, meeting, by = full
    groups = grouped(await in_the_way(await closing.leaves_of(place.id, None), [DAY], by))
    assert {group: [each.id for each in those] for group, those in groups.items()} == {
        "sessions": [session.room_booking_id], "partners": [clinic.id], "requests": [request.id], "hub": [meeting.id],
    }  # fmt: skip
    first = groups["sessions"][0]
    assert (first.families, first.href, first.room) == (2, f"/staff/sessions/{session.id}", "Hall")
    assert groups["partners"][0].what == "Clinic" and groups["partners"][0].who.startswith("Partner")


async def test_everything_is_cancelled_and_everybody_told_once_after_ten_minutes(full):
    place, session, clinic, request, meeting, by = full
    done = await close(place, by)
    assert (await Session.get(id=session.id)).state == "cancelled"
    assert await states(clinic, request, meeting) == ["displaced", "declined", "cancelled"]
    assert len(done.cancelled) == 4 and done.kept == () and len(done.told) == 2
    assert (done.family_messages, done.partner_messages) == (2, 2)
    messages = await Message.filter(state="queued")
    assert sorted(message.kind for message in messages) == [
        "cancellation", "cancellation", "room_declined", "room_displaced",
    ]  # fmt: skip
    assert all(message.due_at >= done.undo_until for message in messages)
    assert all("Election day" in message.body for message in messages)
    assert await holds() == timedelta(hours=48)


async def test_what_is_kept_stays_and_the_closure_goes_around_it(full):
    place, session, clinic, request, meeting, by = full
    done = await close(place, by, KEEP)
    assert done.cancelled == () and len(done.kept) == 4 and done.told == []
    assert (await Session.get(id=session.id)).state == "planned"
    assert await states(clinic, request, meeting) == ["confirmed", "requested", "confirmed"]
    assert await Message.all().count() == 0
    assert await holds() == timedelta(hours=48 - 1.5 - 2 - 1 - 1)


async def test_kinds_are_answered_apart_and_one_booking_may_be_kept(full):
    place, session, clinic, request, meeting, by = full
    await close(place, by, CANCEL | {"sessions": STAYS, clinic.id: STAYS})
    assert (await Session.get(id=session.id)).state == "planned"
    assert await states(clinic, request, meeting) == ["confirmed", "declined", "cancelled"]


async def test_an_answer_is_needed_for_each_kind_and_nothing_unseen_is_cancelled(full):
    place, _, clinic, *_, by = full
    with pytest.raises(Refused, match="Say what becomes of this: Bookings by partners"):
        await close(place, by, {name: STAYS for name in CANCEL if name != "partners"})
    with pytest.raises(Refused, match="booked meanwhile"):
        await close(place, by, seen={clinic.id})
    with pytest.raises(Refused, match="Say why"):
        await close(place, by, reason="")
    assert await Closure.all().count() == 0


async def test_the_preview_says_what_the_act_does_and_changes_nothing(full):
    place, *_, by = full
    before = await snapshot()
    seen = await closing_places.preview(of(place), How(CANCEL), by=by)
    assert await snapshot() == before and await Message.all().count() == 0
    done = await close(place, by, seen={each.id for each in seen.cancelled})
    assert (seen.cancelled, seen.family_messages, seen.partner_messages) == (
        done.cancelled, done.family_messages, done.partner_messages,
    )  # fmt: skip


async def test_undone_it_is_as_if_it_had_never_been_and_nobody_hears(full):
    place, *_, by = full
    before = await snapshot()
    done = await close(place, by)
    assert await snapshot() != before
    assert (await undoing_closing.latest(by, place.id))["id"] == done.event_id
    await undoing_closing.undo(event_id=done.event_id, by=by)
    assert await snapshot() == before
    assert set(await Message.all().values_list("state", flat=True)) == {"void"}
    assert await undoing_closing.latest(by, place.id) is None
    with pytest.raises(Refused, match="undone already"):
        await undoing_closing.undo(event_id=done.event_id, by=by)


async def test_what_was_under_another_closure_comes_back_under_it(full):
    place, session, *_, by = full
    await close(place, by, KEEP, spans=[(clock.at(MAY, "08:00"), clock.at(MAY, "18:00"))], reason="Heating")
    before = await snapshot()
    done = await close(place, by)
    assert (await Session.get(id=session.id)).state == "cancelled"
    await undoing_closing.undo(event_id=done.event_id, by=by)
    assert await snapshot() == before


async def test_a_session_brought_back_alone_stays_in_the_closure(full):
    place, session, *_, by = full
    done = await close(place, by)
    event = await audit.AuditEvent.get(verb=cancelling.VERB)
    await undoing_cancelling.undo(session_id=session.id, event_id=event.id, by=by)
    assert (await Session.get(id=session.id)).state == "planned"
    assert await holds() == timedelta(hours=48 - 1.5) and await holds("session") == timedelta(hours=1.5)
    await undoing_closing.undo(event_id=done.event_id, by=by)
    assert await Closure.all().count() == 0 and (await Session.get(id=session.id)).state == "planned"


async def test_a_kept_session_that_is_cancelled_later_leaves_no_hole(full):
    place, session, *_, by = full
    await close(place, by, CANCEL | {"sessions": STAYS})
    done = await cancelling.cancel(session_id=session.id, reason="Ill", by=by, undo_minutes=10)
    assert await holds() == timedelta(hours=48)
    await undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=by)
    assert await holds() == timedelta(hours=48 - 1.5)


async def test_messages_sent_at_once_can_still_be_undone_until_ten_minutes_are_over(full):
    place, *_, by = full
    before = await snapshot()
    done = await close(place, by)
    assert await undoing_closing.send_now(event_id=done.event_id, by=by) == 4
    assert all(message.due_at <= clock.now() for message in await Message.all())
    await Message.filter(state="queued").update(state="sent", sent_at=clock.now())
    assert await undoing_closing.undo(event_id=done.event_id, by=by) == 4
    assert await snapshot() == before
    told = await Message.filter(state="queued").order_by("kind").values_list("kind", flat=True)
    assert sorted(told) == ["goes_on", "goes_on", "room_changed", "room_requested"]


async def test_it_cannot_be_undone_when_ten_minutes_are_over(full):
    place, *_, by = full
    done = await close(place, by)
    with time_machine.travel("2027-04-01 09:11:00Z", tick=False):
        for act in (undoing_closing.undo, undoing_closing.send_now):
            with pytest.raises(Refused, match="messages have left"):
                await act(event_id=done.event_id, by=by)


async def test_one_half_is_closed_and_the_hall_with_it(database):
    place = await make.location()
    hall, east, west = [await make.room(place) for _ in range(3)]
    for part in (east, west):
        await RoomPart.create(whole=hall, part=part)
    clinic, other = await partners(hall, "10:00", "12:00"), await partners(west, "13:00", "14:00")
    done = await close(place, await manager(place), room=east)
    assert [each.id for each in done.cancelled] == [clinic.id] and await states(other) == ["confirmed"]
    assert await holds() == timedelta(hours=24)


async def test_several_dates_are_closed_in_one_act(full):
    place, *_, by = full
    later = tuple(instant + timedelta(days=28) for instant in DAY)
    done = await close(place, by, spans=(DAY, later))
    assert len(done.closure_ids) == 2 and await holds() == timedelta(hours=96)
    assert (await audit.AuditEvent.get(id=done.event_id)).after["closed"] == (
        "Thursday 6 May, all day; Thursday 3 June, all day"
    )


async def test_the_same_time_is_not_closed_twice_and_not_by_strangers(full):
    place, *_, by = full
    await close(place, by)
    with pytest.raises(Refused, match="closed then already: Thursday 6 May, all day, Election day"):
        await close(place, by)
    with pytest.raises(Refused, match="no such place"):
        await close(place, await manager(await make.location()))


async def test_who_does_not_work_there_reads_nothing_of_private_use(full):
    place, *_ = full
    room = await make.room(place)
    await partners(room, "10:00", "11:00", is_private=True)
    admin = who_is(await make.staff("county_admin"), kind="county_admin")
    found = await in_the_way([room.id], [DAY], admin)
    assert [(each.what, each.who, each.href) for each in found] == [("Private booking", "", "")]


async def test_closing_and_a_new_session_room_at_the_same_moment_never_overlap(real_database):
    with time_machine.travel("2027-04-01 09:00:00Z", tick=True):
        place = await make.location()
        rooms = [await make.room(place) for _ in range(2)]
        by = await manager(place)

        async def one(n):
            return await db.run_tx(lambda: booked(rooms[n % 2], f"{8 + n:02}:00", f"{9 + n:02}:00", kind="hub"))

        results = await asyncio.gather(
            *(one(n) for n in range(5)), close(place, by), *(one(n) for n in range(5, 10)), return_exceptions=True
        )
        assert not [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)], results
        assert await holds() + await holds("hub") == timedelta(hours=48)
        assert await db.value(
            "SELECT COUNT(*) AS n FROM room_hold a JOIN room_hold b ON a.room_id = b.room_id AND a.id < b.id"
            " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
        ) == 0  # fmt: skip


async def test_a_kept_session_that_moves_leaves_no_hole_and_comes_back(full):
    place, session, *_, by = full
    await close(place, by, CANCEL | {"sessions": STAYS})
    target = Target(day=MAY + timedelta(7), override="Agreed with the caretaker", second_person="Ana")
    done = await moving.move(session_id=session.id, target=target, by=by, undo_minutes=10)
    assert await holds() == timedelta(hours=48) and await holds("session") == timedelta(hours=1.5)
    await undoing_change.undo(session_id=session.id, event_id=done.event_id, by=by)
    assert await holds() == timedelta(hours=48 - 1.5) and await holds("session") == timedelta(hours=1.5)


async def test_undoing_the_first_of_two_closings_brings_nothing_back_into_the_second(full):
    place, session, clinic, _, _, by = full
    morning = (clock.at(MAY, "09:00"), clock.at(MAY, "12:30"))
    first = await closing_places.close(of(place, spans=[morning]), How(CANCEL), seen=None, by=by)
    with time_machine.travel("2027-04-01 09:02:00Z", tick=False):
        await closing_places.close(of(place, reason="No heating"), How(CANCEL), seen=None, by=by)
        with pytest.raises(Refused) as refused:
            await undoing_closing.undo(event_id=first.event_id, by=by)
    assert refused.value.rules == {"room taken"}
    assert (await Session.get(id=session.id)).state == "cancelled"
    assert (await RoomBooking.get(id=clinic.id)).state == "displaced"


async def test_a_move_is_not_undone_into_a_place_that_was_closed_since(full):
    place, session, _, _, _, by = full
    week_later = MAY + timedelta(days=7)
    done = await moving.move(session_id=session.id, target=Target(day=week_later), by=by, undo_minutes=10)
    with time_machine.travel("2027-04-01 09:02:00Z", tick=False):
        await closing_places.close(of(place), How(CANCEL), seen=None, by=by)
        with pytest.raises(Refused) as refused:
            await undoing_change.undo(session_id=session.id, event_id=done.event_id, by=by)
    assert refused.value.rules == {"room taken"}
    assert (await Session.get(id=session.id)).date == week_later


async def test_a_session_comes_back_into_its_hall_only_while_that_has_the_same_parts(database):
    place = await make.location()
    hall, *thirds = [await make.room(place) for _ in range(4)]
    for part in thirds[:2]:
        await RoomPart.create(whole=hall, part=part)
    by, session = await manager(place), await session_in(hall)
    done = await cancelling.cancel(session_id=session.id, reason="Snow", by=by, undo_minutes=10)
    await dividing.set_parts(room_id=hall.id, part_ids=[room.id for room in thirds], by=by)
    with pytest.raises(Refused) as refused:
        await undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=by)
    assert refused.value.rules == {"room taken"}
