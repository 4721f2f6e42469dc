"""The register as a verb: every tap by itself, atomic counts, everyone with undo."""

import pytest

from booking import audit, clock, db
from booking.problems import Refused
from booking.programmes.models import Attendance, Attendee, MissedDate, Session
from booking.programmes.registers import registering
from booking.programmes.registers.register_lists import age_words, find_session, register_of
from tests import make


async def of(session, who):
    return await register_of(await find_session(who, session.id))


@pytest.fixture
async def session(hub):
    return await make.session(await make.run(location=hub))


async def attendee_of(booking):
    return await Attendee.get(booking_id=booking.id)


async def test_a_tap_is_saved_with_who_and_when(session, maya):
    person = await attendee_of(await make.booking(session))
    await registering.mark(session_id=session.id, attendee_id=person.id, status="attended", by=maya)
    saved = await Attendance.get(attendee_id=person.id)
    assert (saved.state, saved.by_id) == ("attended", maya.id)
    assert await audit.AuditEvent.all().count() == 0


async def test_a_mark_can_be_changed_and_taken_back_and_both_are_in_the_trail(session, maya):
    person = await attendee_of(await make.booking(session))
    for status in ("attended", "absent", ""):
        await registering.mark(session_id=session.id, attendee_id=person.id, status=status, by=maya)
    assert await Attendance.all().count() == 0
    assert await audit.AuditEvent.filter(verb="correct register").count() == 2


async def test_the_last_mark_finishes_the_register_and_taking_it_back_opens_it(session, maya):
    people = [await attendee_of(await make.booking(session)) for _ in range(2)]
    for person in people:
        assert (await Session.get(id=session.id)).register_done_at is None
        await registering.mark(session_id=session.id, attendee_id=person.id, status="absent", by=maya)
    assert (await Session.get(id=session.id)).register_done_at
    await registering.mark(session_id=session.id, attendee_id=people[0].id, status="", by=maya)
    assert (await Session.get(id=session.id)).register_done_at is None


async def test_only_who_is_booked_can_be_marked(session, maya, hub):
    elsewhere = await attendee_of(await make.booking(await make.session(await make.run(location=hub))))
    gone = await attendee_of(await make.booking(session, state="given_up"))
    for person in (elsewhere, gone):
        with pytest.raises(Refused, match="no longer booked"):
            await registering.mark(session_id=session.id, attendee_id=person.id, status="attended", by=maya)


async def test_an_unknown_status_is_refused(session, maya):
    person = await attendee_of(await make.booking(session))
    with pytest.raises(Refused):
        await registering.mark(session_id=session.id, attendee_id=person.id, status="late'; --", by=maya)


async def test_a_cancelled_session_has_no_register(session, maya):
    person = await attendee_of(await make.booking(session))
    await Session.filter(id=session.id).update(state="cancelled")
    for act in (
        registering.mark(session_id=session.id, attendee_id=person.id, status="attended", by=maya),
        registering.count(session_id=session.id, adults=1),
        registering.walk_in(session_id=session.id, name="", adults=1, children=0, by=maya),
        registering.everyone_attended(session_id=session.id, by=maya),
        registering.finish(session_id=session.id, by=maya),
    ):
        with pytest.raises(Refused, match="cancelled"):
            await act


async def test_a_whole_run_is_on_the_register_of_each_date_and_apologies_are_preset(hub, maya):
    run = await make.run(location=hub, booking_mode="run")
    first = await make.session(run)
    second = await make.session(
        run, date=run.first_date.replace(day=run.first_date.day), start_time="14:00", end_time="15:00"
    )
    misses, comes = await make.booking(run), await make.booking(run)
    await MissedDate.create(booking=misses, session=first, created_at=clock.now())
    register = await of(first, maya)
    assert {p.booking_id: p.people[0].status for p in register.parties} == {misses.id: "apologies", comes.id: None}
    assert (register.unmarked, (await of(second, maya)).unmarked) == (1, 2)
    await registering.everyone_attended(session_id=first.id, by=maya)
    assert (await of(first, maya)).count("attended") == 1
    assert (await Session.get(id=first.id)).register_done_at


async def test_everyone_attended_leaves_marks_alone_and_its_undo_takes_back_only_its_own(session, maya):
    people = [await attendee_of(await make.booking(session)) for _ in range(3)]
    await registering.mark(session_id=session.id, attendee_id=people[0].id, status="absent", by=maya)
    event = await registering.everyone_attended(session_id=session.id, by=maya)
    await registering.mark(session_id=session.id, attendee_id=people[1].id, status="apologies", by=maya)
    assert await registering.undo_everyone_attended(session_id=session.id, event_id=event, by=maya) == 1
    register = await of(session, maya)
    assert {person.id: person.status for person in register.people} == {
        people[0].id: "absent", people[1].id: "apologies", people[2].id: None,
    }  # fmt: skip
    with pytest.raises(Refused, match="undone already"):
        await registering.undo_everyone_attended(session_id=session.id, event_id=event, by=maya)


async def test_the_tally_counts_up_and_never_below_nothing(session):
    await registering.count(session_id=session.id, adults=1, children=1)
    assert await registering.count(session_id=session.id, children=1) == (1, 2)
    for _ in range(3):
        counted = await registering.count(session_id=session.id, adults=-1)
    assert counted == (0, 2)


async def test_walk_ins_are_added_and_removed(session, maya):
    new = await registering.walk_in(session_id=session.id, name="Jo", adults=1, children=2, by=maya)
    assert [(w.name, w.adults, w.children) for w in (await of(session, maya)).walk_ins] == [("Jo", 1, 2)]
    for _ in range(2):
        await registering.remove_walk_in(session_id=session.id, walk_in_id=new, by=maya)
    assert (await of(session, maya)).walk_ins == []


@pytest.mark.parametrize(("adults", "children"), [(0, 0), (-1, 2), (1, -1), (30, 0)])
async def test_a_walk_in_of_nobody_or_a_crowd_is_refused(session, maya, adults, children):
    with pytest.raises(Refused, match="how many"):
        await registering.walk_in(session_id=session.id, name="", adults=adults, children=children, by=maya)


async def test_a_booking_that_was_given_up_is_not_on_the_register(session, maya):
    await make.booking(session, state="given_up")
    await make.booking(session, state="cancelled")
    assert (await of(session, maya)).parties == []


@pytest.mark.parametrize(
    ("born", "words"),
    [((2026, 12), "1 month"), ((2027, 1), "0 months"), ((2027, 2), "not born yet"), ((2026, 1), "1 year"),
     ((2025, 10), "1 year 3 months"), ((2025, 1), "2 years"), ((2020, 3), "6 years")],
)  # fmt: skip
def test_ages_are_said_as_of_the_date(born, words):
    from datetime import date

    assert age_words(*born, date(2027, 1, 12)) == words


async def test_two_doors_count_together(real_database):
    import asyncio

    session = await make.session()
    await asyncio.gather(*(registering.count(session_id=session.id, children=1) for _ in range(20)))
    assert await db.value("SELECT children_counted AS n FROM session WHERE id = $1", session.id) == 20
