"""A course with too few bookings: managers are warned once, and it is let run or cancelled as a whole."""

from datetime import date, timedelta

import pytest
import time_machine

from booking import clock
from booking.messages.models import Message
from booking.problems import Refused
from booking.programmes.changes import undoing_dates
from booking.programmes.creche import creche_places
from booking.programmes.models import Run, Session, WaitingEntry
from booking.programmes.plans import deciding_numbers
from tests import make

pytestmark = pytest.mark.usefixtures("database")
MORNING = "10:00"


async def short_course(booked: int = 2, **values) -> tuple[Run, list[Session]]:
    """Six are needed; decided three days before it begins, which is in ten days."""
    first = clock.today() + timedelta(days=10)
    run, dates = await make.course(first_date=first, min_places=6, decide_by_date=first - timedelta(days=3), **values)
    for _ in range(booked):
        await make.booking(run, await make.person(email="sam@example.com"))
    return run, dates


def at(day: date, time: str = MORNING):
    return time_machine.travel(clock.at(day, time), tick=False)


async def test_managers_are_warned_once_and_in_time():
    run, _ = await short_course()
    manager = await make.staff("hub_manager", run.hub_id)
    await make.staff("hub_staff", run.hub_id)
    with at(run.decide_by_date - timedelta(days=5)):
        assert await deciding_numbers.warn_due() == 0
    with at(run.decide_by_date - timedelta(days=4), "06:00"):
        assert await deciding_numbers.warn_due() == 0
    with at(run.decide_by_date - timedelta(days=4)):
        assert await deciding_numbers.warn_due() == 1
        assert await deciding_numbers.warn_due() == 0
    told = await Message.get(kind="staff_decide")
    assert told.person_id == manager.id and "2 of the 6 bookings" in told.body
    assert f"/staff/runs/{run.id}/decide" in told.body


@pytest.mark.parametrize(
    "change",
    [{"min_places": 2}, {"min_places": None}, {"state": "draft"}, {"decided_at": "now"}, {"state": "cancelled"}],
)
async def test_nobody_is_warned_of_what_needs_no_decision(change):
    run, _ = await short_course()
    await make.staff("hub_manager", run.hub_id)
    await Run.filter(id=run.id).update(**{k: clock.now() if v == "now" else v for k, v in change.items()})
    with at(run.decide_by_date - timedelta(days=1)):
        assert await deciding_numbers.warn_due() == 0


async def test_a_hub_without_a_manager_has_its_staff_warned():
    run, _ = await short_course()
    member = await make.staff("hub_staff", run.hub_id)
    with at(run.decide_by_date):
        await deciding_numbers.warn_due()
    assert (await Message.get(kind="staff_decide")).person_id == member.id


async def test_it_is_let_run_once_and_can_be_decided_again():
    run, _ = await short_course()
    await make.staff("hub_manager", run.hub_id)
    with at(run.decide_by_date - timedelta(days=1)):
        await deciding_numbers.warn_due()
        await deciding_numbers.let_run(run_id=run.id, by=None)
        assert (await Message.get(kind="staff_decide")).state == "void"
        with pytest.raises(Refused) as refused:
            await deciding_numbers.let_run(run_id=run.id, by=None)
        assert refused.value.rules == {"decided"}
        await deciding_numbers.ask_again(run_id=run.id, by=None)
    assert (await Run.get(id=run.id)).decided_at is None


async def test_a_least_number_must_fit_and_its_day_be_to_come():
    run, _ = await short_course()
    with pytest.raises(Refused) as refused:
        await deciding_numbers.set_numbers(run_id=run.id, needed=13, decide_by=run.first_date, by=None)
    assert refused.value.rules == {"places", "date"}
    await deciding_numbers.set_numbers(run_id=run.id, needed=None, decide_by=None, by=None)
    assert (await Run.get(id=run.id)).min_places is None


async def test_a_course_is_cancelled_as_one_act_and_each_family_told_once():
    run, dates = await short_course(booked=1)
    await make.waiting(run, await make.person(email="jo@example.com"))
    seen = await deciding_numbers.preview(run_id=run.id, reason="Too few families", by=None, undo_minutes=10)
    assert len(seen.dates) == 3 and len(seen.told) == 2
    assert (await Run.get(id=run.id)).state == "published" and await Message.all().count() == 0
    done = await deciding_numbers.cancel_run(run_id=run.id, reason="Too few families", by=None, undo_minutes=10)
    assert (await Run.get(id=run.id)).state == "cancelled"
    assert {each.state for each in await Session.filter(run=run)} == {"cancelled"}
    assert (await WaitingEntry.get(run=run)).state == "cancelled"
    assert await Message.filter(kind="cancellation", channel="sms").count() == 2
    await undoing_dates.undo(session_id=dates[0].id, event_id=done.event_id, by=None)
    assert (await Run.get(id=run.id)).state == "published"
    assert {each.state for each in await Session.filter(run=run)} == {"planned"}
    assert (await WaitingEntry.get(run=run)).state == "waiting"
    assert await Message.filter(kind="cancellation", state="queued").count() == 0


async def test_the_creche_is_cancelled_with_its_course_and_comes_back_with_it():
    run, dates, beside = await make.course_with_creche(min_places=6)
    booking = await make.booking(run, creche_children=1)
    await creche_places.take(booking, run.id, 1)
    done = await deciding_numbers.cancel_run(run_id=run.id, reason="Too few", by=None, undo_minutes=10)
    assert {(await Session.get(id=each.id)).state for each in beside} == {"cancelled"}
    await undoing_dates.undo(session_id=dates[0].id, event_id=done.event_id, by=None)
    assert [(await Session.get(id=each.id)).taken for each in beside] == [1, 1, 1]


async def test_what_is_cancelled_or_over_is_not_cancelled_again():
    run, _ = await short_course()
    await deciding_numbers.cancel_run(run_id=run.id, reason="Too few", by=None, undo_minutes=10)
    for verb in (deciding_numbers.preview, deciding_numbers.cancel_run):
        with pytest.raises(Refused) as refused:
            await verb(run_id=run.id, reason="Too few", by=None, undo_minutes=10)
        assert refused.value.rules == {"cancelled"}
