"""A draft is opened again, changed date by date, published and, for ten minutes, taken back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from booking import clock, db
from booking.people.signing_in import Who
from booking.places.asking import Choice
from booking.places.models import RoomBooking, RoomHold
from booking.problems import Refused
from booking.programmes.changes import cancelling, undoing_cancelling
from booking.programmes.changes.date_choices import DateChoice
from booking.programmes.models import Run, Session, Skip
from booking.programmes.plans import drafts, planning, publishing
from booking.programmes.plans.publishing import Terms
from tests import make
from tests.places.who import staff_who
from tests.programmes import planning_calls
from tests.programmes.planning_calls import asked

FIRST, SECOND, THIRD = date(2027, 1, 12), date(2027, 1, 19), date(2027, 1, 26)


@pytest.fixture(autouse=True)
def early(monkeypatch):
    """It is November 2026, whenever the tests run; returns how to move on."""
    now = [datetime(2026, 11, 2, 9, 0, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    return lambda **later: now.__setitem__(0, now[0] + timedelta(**later))


@pytest.fixture
async def desk(database):
    await planning_calls.dorset_terms()
    return await planning_calls.desk()


@pytest.fixture
async def draft_id(desk):
    return await planning.save(asked(desk), by=desk.by)


def changes(desk, **values):
    return replace(asked(desk), **values)


async def held(run_id):
    return [row["date"] for row in await db.rows("SELECT date FROM session WHERE run_id = $1 ORDER BY date", run_id)]


async def test_opened_again_it_has_the_dates_that_were_saved_whatever_the_calendar_says_now(desk, draft_id):
    await make.TermDate.all().delete()
    _, found = await drafts.preview(draft_id, None, by=desk.by)
    assert [each.want.day for each in found.held] == await held(draft_id)
    assert {line.state for each in found.held for line in each.lines} == {"free"}
    assert len(found.dates) == 15


async def test_one_date_is_moved_one_left_out_one_put_back_and_one_added(desk, draft_id):
    ids = {row.date: row.id for row in await Session.filter(run_id=draft_id)}
    choices = {
        SECOND: DateChoice(do="skip"),
        THIRD: DateChoice(use=Choice("use", start="13:00", end="15:00")),
        date(2027, 2, 16): DateChoice(do="back"),
    }
    await drafts.change(draft_id, changes(desk, choices=choices, added=(date(2027, 4, 27),)), by=desk.by)
    days = await held(draft_id)
    assert SECOND not in days
    assert {date(2027, 2, 16), date(2027, 4, 27)} <= set(days)
    moved = await Session.get(run_id=draft_id, date=THIRD)
    assert (moved.start_time, moved.edited, moved.id) == ("13:00", "time", ids[THIRD])
    assert [row.number for row in await Session.filter(run_id=draft_id).order_by("date")] == list(range(1, 14))
    assert await RoomHold.filter(room=desk.room).count() == 13
    assert await RoomHold.filter(room=desk.creche_room, starts_at=clock.at(THIRD, "13:00")).exists()
    assert [row.reason for row in await Skip.filter(run_id=draft_id, date=SECOND)] == ["Left out"]
    assert (await Run.get(id=draft_id)).last_date == date(2027, 4, 27)


async def test_of_a_change_that_clashes_nothing_is_saved(desk, draft_id):
    other = await make.room(desk.hub, name="Green room")
    await make.room_booking(other, day=(THIRD - clock.today()).days)
    choices = {THIRD: DateChoice(use=Choice("use", room_id=other.id)), SECOND: DateChoice(do="skip")}
    before = await held(draft_id)
    with pytest.raises(Refused, match="Green room is taken"):
        await drafts.change(draft_id, changes(desk, choices=choices), by=desk.by)
    assert await held(draft_id) == before
    assert await RoomHold.filter(room=desk.room).count() == 12


async def test_discarded_it_is_gone_and_its_rooms_are_free(desk, draft_id):
    await drafts.discard(draft_id, by=desk.by)
    for table in (Run, Session, Skip, RoomHold, RoomBooking):
        assert not await table.all().count()
    with pytest.raises(Refused, match="no such draft"):
        await drafts.discard(draft_id, by=desk.by)


async def test_published_families_find_it_and_its_sessions_are_the_same(desk, draft_id):
    before = {row.id for row in await Session.all()}
    terms = Terms(min_places=6, decide_by=date(2027, 1, 5), reserved=2, reserved_until=date(2027, 1, 1))
    await publishing.publish(draft_id, terms, by=desk.by, undo_minutes=10)
    run = await Run.get(id=draft_id)
    assert (run.state, run.is_listed, run.reserved, run.min_places) == ("published", True, 2, 6)
    assert "incredible" in run.search_words
    assert {row.id for row in await Session.all()} == before
    assert {row.state for row in await Session.all()} == {"planned"}
    assert {row.is_listed for row in await Session.filter(run_id=draft_id)} == {True}
    assert {row.is_listed for row in await Session.filter(run_id=run.creche_run_id)} == {False}


async def test_taken_back_it_is_a_draft_again(desk, draft_id):
    event_id = await publishing.publish(draft_id, Terms(), by=desk.by, undo_minutes=10)
    await publishing.unpublish(draft_id, event_id, by=desk.by)
    run = await Run.get(id=draft_id)
    assert (run.state, run.is_listed, run.published_at) == ("draft", False, None)
    assert {(row.state, row.is_listed) for row in await Session.all()} == {("draft", False)}
    await publishing.publish(draft_id, Terms(), by=desk.by, undo_minutes=10)
    assert (await Run.get(id=draft_id)).slug == run.slug


async def test_taken_back_nothing_of_its_terms_is_left(desk, draft_id):
    before = (await Run.all().order_by("id").values(), await Session.all().order_by("id").values())
    terms = Terms(
        is_restricted=True, min_places=6, decide_by=date(2027, 1, 5), reserved=2, reserved_until=date(2027, 1, 1)
    )
    event_id = await publishing.publish(draft_id, terms, by=desk.by, undo_minutes=10)
    await publishing.unpublish(draft_id, event_id, by=desk.by)
    assert (await Run.all().order_by("id").values(), await Session.all().order_by("id").values()) == before
    with pytest.raises(Refused):
        await publishing.unpublish(draft_id, event_id, by=desk.by)


async def test_after_ten_minutes_or_a_booking_it_stays_published(desk, draft_id, early):
    event_id = await publishing.publish(draft_id, Terms(), by=desk.by, undo_minutes=10)
    await Run.filter(id=draft_id).update(taken=1)
    with pytest.raises(Refused, match="booked"):
        await publishing.unpublish(draft_id, event_id, by=desk.by)
    await Run.filter(id=draft_id).update(taken=0)
    early(minutes=11)
    with pytest.raises(Refused, match="time to undo"):
        await publishing.unpublish(draft_id, event_id, by=desk.by)


async def test_with_a_date_cancelled_since_it_is_not_taken_back_for_that_date_has_no_room_any_more(desk, draft_id):
    event_id = await publishing.publish(draft_id, Terms(), by=desk.by, undo_minutes=10)
    date = await Session.filter(run_id=draft_id).order_by("date").first()
    done = await cancelling.cancel(session_id=date.id, reason="Snow", by=desk.by, undo_minutes=10)
    with pytest.raises(Refused, match="cancelled since"):
        await publishing.unpublish(draft_id, event_id, by=desk.by)
    await undoing_cancelling.undo(session_id=date.id, event_id=done.event_id, by=desk.by)
    await publishing.unpublish(draft_id, event_id, by=desk.by)
    assert await Session.filter(run_id=draft_id).exclude(state="draft").count() == 0


async def test_a_course_by_referral_is_not_listed_and_gets_a_code(desk):
    await db.execute("UPDATE programme SET booking_mode = 'referral' WHERE id = $1", desk.programme.id)
    run_id = await planning.save(asked(desk), by=desk.by)
    await publishing.publish(run_id, Terms(is_listed=True), by=desk.by, undo_minutes=10)
    run = await Run.get(id=run_id)
    assert (run.is_listed, run.booking_mode, len(run.referral_code)) == (False, "referral", 8)


async def test_a_restricted_programme_leaves_no_words_to_find_it_by(desk):
    await db.execute("UPDATE programme SET is_restricted = $2 WHERE id = $1", desk.programme.id, True)
    run_id = await planning.save(asked(desk), by=desk.by)
    await publishing.publish(run_id, Terms(is_listed=True, is_restricted=True), by=desk.by, undo_minutes=10)
    run = await Run.get(id=run_id)
    assert (run.is_listed, run.search_words, run.slug[:8]) == (False, "", "private-")


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (Terms(min_places=13, decide_by=SECOND), "least number"),
        (Terms(min_places=6, decide_by=FIRST), "by when"),
        (Terms(reserved=12), "Keep fewer"),
        (Terms(reserved=2), "until when"),
    ],
)
async def test_what_is_wrong_with_its_terms_is_said_and_nothing_is_published(desk, draft_id, terms, words):
    with pytest.raises(Refused, match=words):
        await publishing.publish(draft_id, terms, by=desk.by, undo_minutes=10)
    assert (await Run.get(id=draft_id)).state == "draft"


async def test_staff_of_another_hub_find_no_draft_and_change_nothing(desk, draft_id):
    elsewhere = await make.location()
    stranger: Who = staff_who(await make.staff("hub_manager", elsewhere.id), {elsewhere.id})
    for act in (
        lambda: drafts.preview(draft_id, None, by=stranger),
        lambda: drafts.change(draft_id, changes(desk), by=stranger),
        lambda: drafts.discard(draft_id, by=stranger),
        lambda: publishing.publish(draft_id, Terms(), by=stranger, undo_minutes=10),
    ):
        with pytest.raises(Refused, match="no such draft"):
            await act()
    with pytest.raises(Refused, match="Choose a room"):
        await planning.save(asked(desk), by=stranger)
