"""Snow at seven in the morning: nine sessions, four partners, six staff and eighty families, closed in one act and undone."""

import asyncio
import sys
from collections import Counter, defaultdict
from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages.models import Message
from booking.places import answering_swaps, holding
from booking.places.holding import Hold
from booking.places.models import Closure, RoomBooking, RoomHold, RoomSwap
from booking.problems import Refused
from booking.programmes.bookings import booking_places, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.closures import closing_places, closing_proposals, making_up, undoing_closing
from booking.programmes.closures.closing_answers import CANCEL, KEEP, Answer, sensible
from booking.programmes.closures.closing_lists import asked, in_the_way
from booking.programmes.closures.closing_wanted import Closing, How, Place, leaves_of
from booking.programmes.models import Booking, Lease, Session
from tests import make
from tests.programmes import snow_day
from tests.staff.conftest import count_queries, who_is

SPAN = (clock.at(snow_day.DAY, "00:00"), clock.at(snow_day.DAY + timedelta(days=1), "00:00"))
NOT_COMPARED = ("audit_event", "message", "invite", "signed_in", "tick", "instance", "reminder")
__all__ = ["count_queries"]
LINK = "https://meet.example/snow"


@pytest.fixture(autouse=True)
def at_seven():
    with time_machine.travel(snow_day.SEVEN, tick=False):
        yield


@pytest.fixture
async def day(database):
    made = await snow_day.make_it()
    await Message.all().update(state="sent", sent_at=clock.now())
    return made


def manager(day):
    """She works at both hubs, so she may move things to the other one."""
    return who_is(day.staff[0], kind="hub_manager", hubs={day.hub.id, day.near.id})


def wanted(day) -> Closing:
    return Closing((Place(day.hub.id),), (SPAN,), "Bad weather")


async def considered(day, by):
    leaves = sorted({leaf for some in (await leaves_of(wanted(day))).values() for leaf in some})
    found = await in_the_way(leaves, [SPAN], by)
    options = await closing_proposals.options_for(found, closed=leaves, who=by)
    return found, options, await making_up.dates_for(asked(found))


async def mixed(day, by) -> How:
    """Four are off (the course among them, made up for), two move, two go online, one is kept; partners as is sensible."""
    found, options, make_ups = await considered(day, by)
    answers: dict = {each.id: sensible(each, options.get(each.id, ()), is_weather=True) for each in asked(found)}
    used = [day.sessions[n].room_booking_id for n in range(9)]
    for n in (0, 3, 4, 5):
        answers[used[n]] = CANCEL
    for n in (2, 6):
        answers[used[n]] = Answer("online")
    for n in (1, 7):
        best = options[used[n]][0]
        answers[used[n]] = Answer("move", best.room_id, best.creche_room_id)
    answers[used[8]] = KEEP
    ups = {session_id: each.day for session_id, each in make_ups.items()}
    return How(answers, ups, LINK, is_told_now=True)


async def dump() -> dict[str, list]:
    """Every table but the trail and the messages; numbers of calendars aside, and rooms that are held for nothing any more."""
    tables = await db.rows(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
        if db.is_postgres()
        else "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    found = {}
    for name in sorted(row["name"] for row in tables):
        if name not in NOT_COMPARED and "migration" not in name and "tortoise" not in name:
            rows = [
                {
                    column: value
                    for column, value in row.items()
                    if column not in ("sequence", "id" if name == "room_hold" else "")
                }
                for row in await db.rows(f"SELECT * FROM {name}")
            ]
            of_nothing = (
                row
                for row in rows
                if not (name == "room_booking" and row["kind"] == "session" and row["state"] == "cancelled")
            )
            found[name] = sorted(map(str, of_nothing))
    return found


def differences(before, after) -> dict:
    return {
        name: (sorted(set(before[name]) - set(after[name])), sorted(set(after[name]) - set(before[name])))
        for name in before
        if before[name] != after[name]
    }


async def queued():
    return await Message.filter(state="queued").order_by("created_at")


def by_person(messages, *kinds) -> dict:
    found = defaultdict(list)
    for each in messages:
        if each.kind in kinds:
            found[each.person_id].append(each)
    return found


async def test_sensible_answers_need_no_more_than_a_press(day):
    by = manager(day)
    found, options, make_ups = await considered(day, by)
    assert sum(1 for each in asked(found) if each.session_id) == 9
    answers = {each.id: sensible(each, options.get(each.id, ()), is_weather=True) for each in asked(found)}
    kinds = Counter(answers[session.room_booking_id].kind for session in day.sessions)
    assert kinds == {"cancel": 8, "online": 1}
    assert [answers[booking.id].kind for booking in day.partners] == ["move", "move", "move", "cancel"]
    otherwise = [
        sensible(each, options.get(each.id, ()), is_weather=False).kind for each in asked(found) if each.session_id
    ]
    assert Counter(otherwise)["move"] >= 6
    course = day.sessions[0]
    assert list(make_ups) == [course.id] and make_ups[course.id].day == snow_day.DAY + timedelta(weeks=2)
    assert options[course.room_booking_id][0].creche_room_id


async def test_the_first_rooms_proposed_can_all_be_taken_together(day):
    by = manager(day)
    _, options, _ = await considered(day, by)
    assert all(options[session.room_booking_id] for session in day.sessions)
    assert len({options[session.room_booking_id][0].room_id for session in day.sessions[:4]}) == 4
    course = options[day.sessions[0].room_booking_id][0]
    assert course.creche_words == "Studio 4" and course.creche_room_id not in {
        options[session.room_booking_id][0].room_id for session in day.sessions[:4]
    }


async def test_every_family_partner_and_member_of_staff_hears_exactly_once_in_their_own_channel(day):
    by = manager(day)
    how = await mixed(day, by)
    done = await closing_places.close(wanted(day), how, seen=None, by=by)
    assert [each.id for each in done.kept] == [day.sessions[8].room_booking_id]
    messages = await queued()
    assert all(message.due_at <= clock.now() for message in messages)
    told = by_person(messages, "cancellation", "changed", "dates_changed")
    for session, families in ((day.sessions[n], day.families[day.sessions[n].id]) for n in range(9)):
        for parent in families:
            expected = [] if session is day.sessions[8] else [parent.channel]
            if parent.channel == "sms" and parent.email and expected:
                expected = ["email", "sms"]
            got = sorted(message.channel for message in told[parent.id])
            assert got == sorted(expected), (session.run_id, parent.name, got)
    added = by_person(messages, "date_added")
    assert set(added) == {each.id for each in day.families[day.sessions[0].id]}
    partners = by_person(messages, "room_displaced")
    assert {each.id: len(partners[each.id]) for each in day.bookers} == {each.id: 1 for each in day.bookers}
    assert "We keep another room for you" in partners[day.bookers[0].id][0].body
    assert "no other room for you" in partners[day.bookers[3].id][0].body
    staff = by_person(messages, "staff_stood_down")
    assert {id: [each.channel for each in some] for id, some in staff.items()} == {
        each.id: [each.channel] for each in [*day.staff[1:], day.leader]
    }
    assert len(done.to_ring) == sum(
        1 for n in range(8) for each in day.families[day.sessions[n].id] if each.channel == "call"
    )
    mail = next(each.body for each in messages if each.kind == "staff_stood_down" and each.person_id == day.staff[2].id)
    assert "10am: Toddlers’ course" in mail and "Talking tots: now in Studio" in mail and "Solihull online" in mail
    own = next(each.body for each in messages if each.kind == "staff_stood_down" and each.person_id == day.leader.id)
    assert "Toddlers’ course" in own and "Messy play" not in own


async def test_rooms_are_free_or_held_rightly_and_calendars_right(day):
    by = manager(day)
    await closing_places.close(wanted(day), await mixed(day, by), seen=None, by=by)
    sessions = {each.id: each for each in await Session.all()}
    states = [sessions[each.id].state for each in day.sessions]
    assert states == ["cancelled", "planned", "planned", "cancelled", "cancelled", "cancelled", *["planned"] * 3]
    assert [sessions[day.sessions[n].id].location_id for n in (1, 7, 8)] == [day.near.id, day.near.id, day.hub.id]
    assert [sessions[day.sessions[n].id].delivery for n in (2, 6)] == ["online", "online"]
    assert sessions[day.sessions[6].id].join_url == LINK and sessions[day.creche.id].state == "cancelled"
    held = {row.room_booking_id for row in await RoomHold.all()}
    gone = [day.sessions[n].room_booking_id for n in (0, 2, 3, 4, 5, 6)] + [each.id for each in day.partners]
    assert not held & set(gone)
    assert {day.sessions[n].room_booking_id for n in (1, 7, 8)} <= held
    kept = await RoomBooking.filter(kind="swap", state="confirmed")
    assert len(kept) == 3 and {each.id for each in kept} <= held
    made_up = next(each for each in sessions.values() if each.makes_up_for_id == day.sessions[0].id)
    assert made_up.date == snow_day.DAY + timedelta(weeks=2) and made_up.room_booking_id in held
    methods = Counter((each.session_id, each.calendar_method) for each in await queued() if each.calendar_method)
    mails = {each.id: sum(1 for it in day.families[each.id] if it.email) for each in day.sessions}
    for n, method in enumerate(("CANCEL", "REQUEST", "REQUEST", "CANCEL", "CANCEL", "CANCEL", "REQUEST", "REQUEST")):
        assert methods[day.sessions[n].id, method] == mails[day.sessions[n].id], n
    assert all(
        "SEQUENCE:1" in each.calendar
        for each in await queued()
        if each.session_id == day.sessions[1].id and each.calendar
    )


@pytest.mark.parametrize("has_left", [False, True])
async def test_undone_everything_is_as_it_was(day, has_left):
    by = manager(day)
    before = await dump()
    how = await mixed(day, by)
    done = await closing_places.close(wanted(day), how, seen=None, by=by)
    assert differences(before, await dump())
    told = {each.person_id for each in await queued() if each.kind not in ("invite",)}
    if has_left:
        await Message.filter(state="queued").update(state="sent", sent_at=clock.now())
    heard = await undoing_closing.undo(event_id=done.event_id, by=by)
    after = await dump()
    if has_left:
        assert await RoomSwap.filter(state="withdrawn").count() == 3
        kept = {str(each.kept_booking_id) for each in await RoomSwap.all()}
        after["room_swap"] = before["room_swap"]
        after["room_booking"] = [row for row in after["room_booking"] if not any(id in row for id in kept)]
    assert not differences(before, after)
    messages = await queued()
    assert heard == (len(told) if has_left else 0) and bool(messages) is has_left
    if not has_left:
        return
    back = by_person(messages, "goes_on")
    families = [each for n in range(8) for each in day.families[day.sessions[n].id]]
    assert set(back) == {each.id for each in families}
    assert all(len({message.channel for message in some}) == len(some) for some in back.values())
    assert {each.person_id for each in messages} == told
    assert set(by_person(messages, "room_changed")) == {each.id for each in day.bookers}
    assert set(by_person(messages, "staff_stood_down")) == {each.id for each in [*day.staff[1:], day.leader]}
    entries = {each.id: each.calendar for each in messages if each.kind == "goes_on" and each.calendar}
    assert entries and all("METHOD:REQUEST" in text and "SEQUENCE:2" in text for text in entries.values())
    out = [each for each in messages if each.kind == "invite"]
    assert len(out) == sum(1 for each in day.families[day.sessions[0].id] if each.email and each.channel != "call")
    assert all(each.calendar_method == "CANCEL" for each in out)


async def test_a_message_that_is_just_leaving_counts_as_heard(day):
    by = manager(day)
    done = await closing_places.close(wanted(day), await mixed(day, by), seen=None, by=by)
    one = next(each for each in await queued() if each.kind == "cancellation" and each.channel == "sms")
    await Message.filter(id=one.id).update(state="claimed", may_have_left=True, attempts=1)
    assert await undoing_closing.undo(event_id=done.event_id, by=by) == 1
    assert {each.person_id for each in await queued()} == {one.person_id}


async def test_a_partner_takes_the_other_room_with_one_click_and_keeps_it_when_all_is_undone(day):
    by = manager(day)
    done = await closing_places.close(wanted(day), await mixed(day, by), seen=None, by=by)
    swap = await RoomSwap.get(room_booking_id=day.partners[0].id)
    await answering_swaps.answer(token=swap.token, accepts=True)
    booking = await RoomBooking.get(id=day.partners[0].id)
    assert booking.state == "confirmed" and (await booking.room).location_id == day.near.id
    other = await RoomSwap.get(room_booking_id=day.partners[1].id)
    await answering_swaps.answer(token=other.token, accepts=False)
    assert (await RoomBooking.get(id=other.kept_booking_id)).state == "cancelled"
    await Message.filter(state="queued").update(state="sent", sent_at=clock.now())
    await undoing_closing.undo(event_id=done.event_id, by=by)
    booking = await RoomBooking.get(id=day.partners[0].id)
    assert booking.state == "confirmed" and (await booking.room).location_id == day.near.id
    assert (await RoomBooking.get(id=day.partners[1].id)).room_id == day.partners[1].room_id


async def test_rooms_kept_for_partners_are_free_again_when_they_would_begin(day):
    by = manager(day)
    await closing_places.close(wanted(day), await mixed(day, by), seen=None, by=by)
    with time_machine.travel("2027-01-12 17:30:00Z", tick=False):
        assert await answering_swaps.lapse_swaps() == 3
    assert await RoomBooking.filter(kind="swap", state="confirmed").count() == 0


async def test_a_room_that_was_taken_since_the_look_refuses_all_of_it(day):
    by = manager(day)
    how = await mixed(day, by)
    before = await dump()
    room_id = how.answers[day.sessions[1].room_booking_id].room_id
    room = await (await RoomBooking.get(id=day.sessions[1].room_booking_id)).room.model.get(id=room_id)
    late = await snow_day.use(room, snow_day.DAY, "10:30", "11:00", "hub")
    with pytest.raises(Refused, match="Talking tots"):
        await closing_places.close(wanted(day), how, seen=None, by=by)
    await RoomHold.filter(room_booking_id=late.id).delete()
    await late.delete()
    assert not differences(before, await dump())


async def test_the_queries_do_not_grow_with_the_rooms_and_sessions_looked_at(day, count_queries):
    by = manager(day)
    leaves = sorted({leaf for some in (await leaves_of(wanted(day))).values() for leaf in some})
    found = await in_the_way(leaves, [SPAN], by)
    with count_queries() as few:
        await closing_proposals.options_for(found[:2], closed=leaves, who=by)
    with count_queries() as many:
        await closing_proposals.options_for(found, closed=leaves, who=by)
    assert many.count == few.count <= 7


async def test_bookings_at_the_same_moment_are_either_seen_or_not_there(real_database):
    made = await snow_day.make_it()
    by = manager(made)
    how = await mixed(made, by)
    room = await (await RoomBooking.get(id=made.partners[0].id)).room

    async def book(n):
        async def body():
            return await snow_day.use(
                room, snow_day.DAY, f"{17 + n // 4}:{n % 4 * 15:02}", f"{17 + n // 4}:{n % 4 * 15 + 14:02}", "hub"
            )

        return await db.run_tx(lambda: _locked(room, body))

    results = await asyncio.gather(
        *(book(n) for n in range(4)), closing_places.close(wanted(made), how, seen={each.id for each in (await considered(made, by))[0]}, by=by),
        *(book(n) for n in range(4, 8)), return_exceptions=True,
    )  # fmt: skip
    assert not [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)], results
    assert await db.value(
        "SELECT COUNT(*) AS n FROM room_hold a JOIN room_hold b ON a.room_id = b.room_id AND a.id < b.id"
        " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    ) == 0  # fmt: skip
    is_closed = not isinstance(results[4], Refused)
    assert await Closure.all().count() == (1 if is_closed else 0)
    states = set(
        await Session.filter(id__in=[made.sessions[n].id for n in (0, 3, 4, 5)]).values_list("state", flat=True)
    )
    assert states == ({"cancelled"} if is_closed else {"planned"})


async def _locked(room, body):
    await holding.lock_rooms([room.id])
    taken = await holding.in_the_way([Hold(db.new_id(), (room.id,), *SPAN)])
    if any(each.kind == "closure" for some in taken.values() for each in some):
        raise Refused([])
    return await body()


async def test_who_works_elsewhere_reads_nothing_of_a_restricted_session(day):
    elsewhere = await make.location()
    run = await make.run(
        location=elsewhere,
        title="Freedom",
        is_restricted=True,
        first_date=snow_day.DAY,
        start_time="18:00",
        end_time="19:00",
        host="Kim Secret",
    )
    room = await (await RoomBooking.get(id=day.partners[0].id)).room
    booked = await snow_day.use(room, snow_day.DAY, "18:00", "19:00", "session")
    await make.session(run, room_id=room.id, room_booking_id=booked.id, location_id=day.hub.id)
    by = manager(day)
    how = await mixed(day, by)
    assert how.answers[booked.id] == CANCEL
    done = await closing_places.close(wanted(day), how, seen=None, by=by)
    assert "Freedom" not in str(done) and "Kim Secret" not in str(done)
    assert not [each for each in await queued() if "Freedom" in each.body or "Kim Secret" in each.body]
    _, options, _ = await considered(day, by)
    assert booked.id not in options


async def test_killed_in_the_middle_nothing_is_half_done(real_database):
    made = await snow_day.make_it()
    before, messages = await dump(), await Message.all().count()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.programmes.closing_worker", real_database.url),
        *(str(each) for each in (made.staff[0].id, made.hub.id, made.near.id)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout and await asyncio.wait_for(child.stdout.readline(), 60) == b"here\n"
    child.kill()
    await child.wait()
    assert not differences(before, await dump())
    assert await Message.all().count() == messages and await db.value("SELECT COUNT(*) AS n FROM audit_event") == 0
    by = manager(made)
    await closing_places.close(wanted(made), await mixed(made, by), seen=None, by=by)
    assert await Closure.all().count() == 1


async def test_families_who_book_and_give_up_while_it_closes_are_told_or_never_had_it(real_database):
    made = await snow_day.make_it()
    by = manager(made)
    how = await mixed(made, by)
    await Message.all().update(state="sent", sent_at=clock.now())
    session = made.sessions[3]
    bookings = await Booking.filter(session_id=session.id).order_by("id")

    async def book(n):
        lease = await leasing.lease(Target(session.run_id, session.id))
        contact = Contact(f"Late {n}", f"+4477009{n:05}")
        return await booking_places.book(lease_id=lease, contact=contact, party=Party((contact.name,)))

    results = await asyncio.gather(
        *(book(n) for n in range(5)), closing_places.close(wanted(made), how, seen=None, by=by),
        *(giving_up.give_up(booking_id=each.id) for each in bookings[:3]), return_exceptions=True,
    )  # fmt: skip
    assert not [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)], results
    assert not isinstance(results[5], Exception), results[5]
    row = await Session.get(id=session.id)
    assert row.state == "cancelled" and await Booking.filter(session_id=session.id, state="booked").count() == 0
    left = await Lease.filter(session_id=session.id, released_at=None).count()
    assert row.taken == left
    off = await Booking.filter(session_id=session.id, state="cancelled").prefetch_related("person")
    told = Counter(
        [each.about_id for each in await Message.filter(kind="cancellation", session_id=session.id, channel="sms")]
    )
    assert all(told[each.id] == 1 for each in off if each.person.channel == "sms")
    gave_up = await Booking.filter(session_id=session.id, state="given_up")
    assert not [each for each in gave_up if told[each.id]]
