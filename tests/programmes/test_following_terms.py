"""A calendar is changed: what that means for runs is shown first, and those that are ticked follow, as one act."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from booking import audit, clock, db
from booking.places import keeping_terms
from booking.places.models import BankHoliday, RoomHold
from booking.places.term_lines import TermLine
from booking.problems import Refused
from booking.programmes.changes import following_terms, undoing_terms
from booking.programmes.changes.calendar_changes import NewHoliday, NoHoliday, TermDates
from booking.programmes.models import Run, Session
from booking.programmes.plans import planning, publishing
from booking.programmes.plans.publishing import Terms
from tests import make
from tests.places.who import staff_who
from tests.programmes import planning_calls
from tests.programmes.planning_calls import asked

D = date.fromisoformat
HALF_TERM, LATER = D("2027-02-16"), D("2027-02-23")
ELECTION = TermLine("2026-27", "election", "spring", D("2027-01-26"), D("2027-01-26"))


@pytest.fixture(autouse=True)
def early(monkeypatch):
    now = [datetime(2026, 11, 2, 9, 0, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    return lambda **later: now.__setitem__(0, now[0] + timedelta(**later))


@pytest.fixture
async def desk(database):
    year = "2026-27"
    for kind, part, first, last in (
        ("term", "spring", "2027-01-04", "2027-03-25"),
        ("half_term", "spring", "2027-02-15", "2027-02-19"),
        ("holiday", "easter", "2027-03-26", "2027-04-09"),
        ("term", "summer", "2027-04-12", "2027-07-21"),
    ):
        await make.TermDate.create(
            area="Dorset", kind=kind, part=part, start_date=D(first), end_date=D(last), academic_year=year
        )
    return await planning_calls.desk()


@pytest.fixture
async def ruth(desk):
    member = await make.staff("county_admin")
    return replace(staff_who(member, set()), kinds=frozenset({"county_admin"}))


@pytest.fixture
async def course(desk):
    """Twelve Tuesdays with a creche, published."""
    run_id = await planning.save(asked(desk), by=desk.by)
    await publishing.publish(run_id, Terms(), by=desk.by, undo_minutes=10)
    return await Run.get(id=run_id)


@pytest.fixture
async def draft(desk):
    run_id = await planning.save(asked(desk, start="14:00", end="16:00"), by=desk.by)
    return await Run.get(id=run_id)


async def change(*more: TermLine, without: str = "") -> TermDates:
    lines = [line for line in await keeping_terms.lines_of("Dorset") if line.kind != without]
    return TermDates("Dorset", (*lines, *more), await keeping_terms.current_number("Dorset"), "As the council says")


async def half_term_moved() -> TermDates:
    later = TermLine("2026-27", "half_term", "spring", D("2027-02-22"), D("2027-02-26"))
    return await change(later, without="half_term")


async def look(wanted, ticked=(), *, by):
    return await following_terms.preview(wanted, ticked, by=by, undo_minutes=10)


async def act(wanted, ruth, *states):
    """Done with every run of these states ticked."""
    seen = await look(wanted, by=ruth)
    ticked = [each.mark for each in seen.effects.runs if each.run["run_state"] in states]
    return await following_terms.apply(wanted, ticked, by=ruth, undo_minutes=10)


async def dates_of(run, *states):
    rows = await Session.filter(run_id=run.id, state__in=states or ("planned", "draft")).order_by("date")
    return [row.date for row in rows]


async def test_every_run_is_shown_with_what_it_loses_and_what_becomes_possible(desk, ruth, course, draft):
    parent = await make.person()
    await make.booking(course, parent)
    found = (await look(await half_term_moved(), by=ruth)).effects
    assert [(each.id, each.is_draft) for each in found.runs] == [(course.id, False), (draft.id, True)]
    shown = found.runs[0]
    assert [(each.day, each.why) for each in shown.lost] == [(LATER, "Half term")]
    assert shown.again == ((HALF_TERM, "Half term"),)
    assert (shown.families, shown.counts_held) == (1, True)
    assert found.runs[1].families == 0


async def test_looking_changes_nothing(desk, ruth, course):
    before = await dates_of(course)
    seen = await look(await half_term_moved(), by=ruth)
    seen = await look(await half_term_moved(), [each.mark for each in seen.effects.runs], by=ruth)
    assert seen.followed[0].added == (D("2027-04-27"),)
    assert await dates_of(course) == before
    assert await keeping_terms.current_number("Dorset") == 0
    assert await Session.filter(state="cancelled").count() == 0


async def test_a_run_that_is_not_ticked_stays_as_it_is(desk, ruth, course, draft):
    before = await dates_of(course), await dates_of(draft)
    await following_terms.apply(await half_term_moved(), (), by=ruth, undo_minutes=10)
    assert (await dates_of(course), await dates_of(draft)) == before
    lines = await keeping_terms.lines_of("Dorset")
    assert [line.first for line in lines if line.kind == "half_term"] == [D("2027-02-22")]


async def test_a_ticked_course_loses_the_date_with_its_creche_gains_one_at_its_end_and_families_are_told(
    desk, ruth, course
):
    parent = await make.person()
    await make.booking(course, parent)
    done = await act(await half_term_moved(), ruth, "published")
    assert (done.followed[0].told, done.followed[0].added, done.followed[0].missing) == (1, (D("2027-04-27"),), 0)
    assert LATER not in await dates_of(course, "planned")
    assert D("2027-04-27") in await dates_of(course, "planned")
    assert len(await dates_of(course, "planned")) == 12
    creche = await Run.get(id=course.creche_run_id)
    assert await dates_of(creche, "planned") == await dates_of(course, "planned")
    assert (await Session.get(run_id=course.id, date=LATER)).why_cancelled == "Half term"
    texts = await db.rows("SELECT body, due_at FROM message WHERE channel = 'sms' AND state = 'queued'")
    assert done.sms == len(texts) == 2
    assert {row["due_at"] for row in texts} == {done.undo_until}
    assert any("Tue 23 Feb 10am, is off" in row["body"] for row in texts)


async def test_a_ticked_draft_follows_without_a_message(desk, ruth, draft):
    done = await act(await half_term_moved(), ruth, "draft")
    assert done.followed[0].added == (D("2027-04-27"),)
    held = await dates_of(draft)
    assert len(held) == 12 and LATER not in held and held[-1] == D("2027-04-27")
    skips = await db.rows("SELECT date, reason FROM skip WHERE run_id = $1", draft.id)
    assert {row["date"]: row["reason"] for row in skips}[LATER] == "Half term"
    assert await db.value("SELECT COUNT(*) AS n FROM message") == 0


async def test_on_election_day_nothing_is_held_also_in_what_goes_on_all_year(desk, ruth):
    all_year = await make.run(location=desk.hub, first_date=D("2027-01-12"))
    lost = await make.session(all_year, date=ELECTION.first)
    done = await act(await change(ELECTION), ruth, "published")
    assert [(each.session_id, each.why) for each in done.effects.runs[0].lost] == [(lost.id, "Election day")]
    assert done.followed[0].added == ()
    assert (await Session.get(id=lost.id)).state == "cancelled"


async def test_undone_everything_is_as_it_was_and_nobody_hears(desk, ruth, course, draft):
    await make.booking(course, await make.person())
    before = await dates_of(course), await dates_of(draft), await db.value("SELECT COUNT(*) AS n FROM room_hold")
    lines = await keeping_terms.lines_of("Dorset")
    done = await act(await half_term_moved(), ruth, "published", "draft")
    assert (await dates_of(course), await dates_of(draft)) != before[:2]
    await undoing_terms.undo(event_id=done.event_id, by=ruth)
    after = await dates_of(course), await dates_of(draft), await db.value("SELECT COUNT(*) AS n FROM room_hold")
    assert after == before
    assert await keeping_terms.lines_of("Dorset") == lines
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE state <> 'void'") == 0
    skips = await db.rows("SELECT date FROM skip WHERE run_id = $1 ORDER BY date", draft.id)
    assert LATER not in [row["date"] for row in skips]
    with pytest.raises(Refused, match="undone already"):
        await undoing_terms.undo(event_id=done.event_id, by=ruth)


async def test_sent_now_it_can_no_longer_be_undone(desk, ruth, course):
    await make.booking(course, await make.person())
    done = await act(await half_term_moved(), ruth, "published")
    assert len(await undoing_terms.latest(keeping_terms.id_of("Dorset"))) == 1
    assert await undoing_terms.send_now(event_id=done.event_id, by=ruth) > 0
    assert await undoing_terms.latest() == []
    for late in (undoing_terms.undo, undoing_terms.send_now):
        with pytest.raises(Refused, match="can no longer be undone"):
            await late(event_id=done.event_id, by=ruth)


async def test_after_ten_minutes_it_stays(desk, ruth, course, early):
    done = await act(await half_term_moved(), ruth, "published")
    early(minutes=11)
    with pytest.raises(Refused):
        await undoing_terms.undo(event_id=done.event_id, by=ruth)
    assert LATER not in await dates_of(course, "planned")


async def test_a_calendar_that_somebody_changed_since_is_not_undone(desk, ruth, course):
    done = await act(await half_term_moved(), ruth, "published")
    await following_terms.apply(await change(ELECTION), (), by=ruth, undo_minutes=10)
    with pytest.raises(Refused, match="Somebody else"):
        await undoing_terms.undo(event_id=done.event_id, by=ruth)


async def test_a_run_with_other_dates_than_were_seen_is_not_touched(desk, ruth, course):
    wanted = await half_term_moved()
    seen = await look(wanted, by=ruth)
    await make.session(course, date=D("2027-02-24"), start_time="10:00", end_time="12:00", number=20)
    with pytest.raises(Refused, match="changed meanwhile"):
        await look(wanted, [each.mark for each in seen.effects.runs], by=ruth)


async def test_where_the_room_is_taken_at_the_end_the_next_free_week_is_taken(desk, ruth, course):
    other = await make.room_booking(desk.room, day=1)
    await RoomHold.filter(room_booking_id=other.id).delete()
    starts, ends = clock.at(D("2027-04-27"), "09:00"), clock.at(D("2027-04-27"), "13:00")
    await RoomHold.create(room_booking=other, room=desk.room, starts_at=starts, ends_at=ends)
    done = await act(await half_term_moved(), ruth, "published")
    assert done.followed[0].added == (D("2027-05-04"),)


async def test_what_is_restricted_is_counted_and_not_named_to_the_county(desk, ruth, course):
    await Run.filter(id=course.id).update(is_restricted=True)
    found = (await look(await half_term_moved(), by=ruth)).effects
    assert (found.runs, found.hidden) == ((), 1)


async def test_another_area_is_none_of_its_business(desk, ruth, course):
    elsewhere = await make.location(area="Essex")
    theirs = await make.run(location=elsewhere, first_date=D("2027-02-23"))
    await make.session(theirs)
    found = (await look(await half_term_moved(), by=ruth)).effects
    assert [each.id for each in found.runs] == [course.id]


async def test_a_bank_holiday_more_touches_every_area_and_one_less_gives_dates_back(desk, ruth, course):
    elsewhere = await make.run(location=await make.location(area="Essex"), first_date=D("2027-03-02"))
    await make.session(elsewhere)
    funeral = NewHoliday(D("2027-03-02"), "State funeral")
    done = await act(funeral, ruth, "published")
    assert {each.id for each in done.effects.runs} == {course.id, elsewhere.id}
    assert {each.why for run in done.effects.runs for each in run.lost} == {"State funeral (bank holiday)"}
    await undoing_terms.undo(event_id=done.event_id, by=ruth)
    assert D("2027-03-02") in await dates_of(course, "planned")
    assert (await BankHoliday.get(date=D("2027-03-02"))).is_removed


async def test_a_bank_holiday_less_makes_a_date_possible(desk, ruth):
    await BankHoliday.create(date=D("2027-05-03"), title="Early May bank holiday")
    run_id = await planning.save(asked(desk, weekday=("0",), first="2027-04-26", sessions="4"), by=desk.by)
    found = (await look(NoHoliday(D("2027-05-03")), by=ruth)).effects
    assert [(each.id, each.again) for each in found.runs] == [(run_id, ((D("2027-05-03"), "Early May bank holiday"),))]


async def test_the_act_says_who_why_and_what_it_touched(desk, ruth, course):
    done = await act(await half_term_moved(), ruth, "published")
    event = await audit.AuditEvent.get(id=done.event_id)
    assert (event.by_id, event.why, event.about_id) == (ruth.id, "As the council says", keeping_terms.id_of("Dorset"))
    assert (event.after["runs"], event.after["cancelled"], event.after["added"]) == (1, 1, 1)


async def test_what_it_means_is_asked_in_a_fixed_number_of_queries(desk, ruth, course, monkeypatch):
    counted, plain = [], db.rows

    async def rows(sql, *parameters):
        counted.append(sql)
        return await plain(sql, *parameters)

    monkeypatch.setattr(db, "rows", rows)
    await look(await half_term_moved(), by=ruth)
    first = len(counted)
    for n in range(6):
        other = await make.run(
            location=desk.hub,
            first_date=D("2027-02-23"),
            start_time=f"1{n}:00",
            end_time=f"1{n}:30",
            is_term_time_only=True,
        )
        await make.session(other)
    counted.clear()
    seen = await look(await half_term_moved(), by=ruth)
    assert len(seen.effects.runs) == 7
    assert len(counted) <= first
