"""Leave is asked for, decided once, taken back; sickness holds at once; no duty goes by it."""

from datetime import timedelta

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.problems import Refused
from booking.rotas.models import Leave
from booking.rotas.people_who_work import leave
from tests import make
from tests.rotas.test_workers import who

pytestmark = pytest.mark.anyio
DAY = clock.today() + timedelta(days=10)
NEXT = timedelta(days=1)


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown")


@pytest.fixture
async def manager(hub):
    return who(await make.staff("hub_manager", hub.id), hub_id=hub.id)


async def self_of(profile):
    return who(await Person.get(id=profile.person_id), "worker")


async def test_they_ask_a_manager_agrees_and_the_duties_in_the_way_are_named_and_kept(hub, manager):
    profile = await make.worker(hub)
    before, inside, evening = [await make.shift(hub, date=DAY + n * NEXT) for n in (-1, 0, 1)]
    for shift in (before, inside, evening):
        await make.assignment(shift, profile)
    id = await leave.ask_for_leave(profile.id, DAY, DAY + NEXT, by=await self_of(profile))
    assert await leave.decide_leave(id, True, "", manager) == [inside.id, evening.id]
    assert (await Leave.get(id=id)).state == "approved"
    assert await db.value("SELECT COUNT(*) AS n FROM assignment") == 6


@pytest.mark.parametrize(
    ("start", "end", "is_concerned"),
    [("00:00", "09:00", False), ("13:00", "24:00", False), ("12:00", "13:00", True), ("08:00", "09:30", True)],
)
async def test_part_of_a_day_concerns_what_it_touches(hub, manager, start, end, is_concerned):
    profile, shift = await make.worker(hub), await make.shift(hub, date=DAY, start="09:00", end="13:00")
    await make.assignment(shift, profile)
    id = await leave.ask_for_leave(profile.id, DAY, DAY, start, end, by=await self_of(profile))
    assert await leave.decide_leave(id, True, "", manager) == ([shift.id] if is_concerned else [])


@pytest.mark.parametrize(
    ("first", "last", "values", "field"),
    [
        (DAY, DAY - NEXT, {}, "last"),
        (DAY, DAY + 400 * NEXT, {}, "last"),
        (DAY, DAY, {"start": "12:00", "end": "12:00"}, "end"),
        (DAY, DAY, {"kind": "moon"}, "kind"),
        (DAY + 900 * NEXT, DAY + 900 * NEXT, {}, "first"),
    ],
)
async def test_days_that_cannot_be_are_refused_beside_their_field(hub, first, last, values, field):
    profile = await make.worker(hub)
    with pytest.raises(Refused) as refused:
        await leave.ask_for_leave(profile.id, first, last, **values)
    assert [problem.field for problem in refused.value.problems] == [field]


async def test_the_same_days_are_asked_for_once_but_a_morning_leaves_the_afternoon(hub):
    profile = await make.worker(hub)
    await leave.ask_for_leave(profile.id, DAY, DAY, "00:00", "12:00")
    with pytest.raises(Refused):
        await leave.ask_for_leave(profile.id, DAY - NEXT, DAY)
    await leave.ask_for_leave(profile.id, DAY, DAY, "12:00", "24:00")


async def test_sickness_in_the_middle_of_leave_is_written_down(hub):
    profile, shift = await make.worker(hub), await make.shift(hub, date=DAY)
    await make.assignment(shift, profile)
    await make.leave(profile, DAY - NEXT, DAY + NEXT)
    assert await leave.record_sickness(profile.id, DAY, DAY, None) == [shift.id]


async def test_of_two_decisions_the_first_counts(hub, manager):
    profile = await make.worker(hub)
    id = await leave.ask_for_leave(profile.id, DAY, DAY)
    await leave.decide_leave(id, False, "We are short that day.", manager)
    with pytest.raises(Refused) as refused:
        await leave.decide_leave(id, True, "", manager)
    assert refused.value.rules == {"decided"}
    row = await Leave.get(id=id)
    assert (row.state, row.answer) == ("declined", "We are short that day.")


async def test_declining_needs_an_answer(hub, manager):
    id = await leave.ask_for_leave((await make.worker(hub)).id, DAY, DAY)
    with pytest.raises(Refused):
        await leave.decide_leave(id, False, "  ", manager)


async def test_nobody_decides_about_their_own_leave_but_an_administrator(hub):
    tom = await make.staff("hub_manager", hub.id)
    profile = await make.worker(hub, person=tom)
    id = await leave.ask_for_leave(profile.id, DAY, DAY, by=who(tom, hub_id=hub.id))
    with pytest.raises(Refused) as refused:
        await leave.decide_leave(id, True, "", who(tom, hub_id=hub.id))
    assert refused.value.rules == {"own"}
    assert await leave.decide_leave(id, True, "", who(tom, "county_admin")) == []


async def test_a_decision_can_be_undone_and_taken_again(hub, manager):
    id = await leave.ask_for_leave((await make.worker(hub)).id, DAY, DAY)
    await leave.decide_leave(id, True, "", manager)
    await leave.reopen_leave(id, manager)
    row = await Leave.get(id=id)
    assert (row.state, row.decided_at, row.decided_by_id) == ("requested", None, None)
    await leave.decide_leave(id, False, "Sorry.", manager)


async def test_strangers_ask_decide_and_withdraw_nothing(hub, manager):
    profile, colleague, other = await make.worker(hub), await make.worker(hub), await make.location()
    id = await leave.ask_for_leave(profile.id, DAY, DAY)
    far = who(await make.staff("hub_manager", other.id), hub_id=other.id)
    staff = who(await make.staff("hub_staff", hub.id), "hub_staff", hub.id)
    mate = await self_of(colleague)
    for act in (
        lambda: leave.ask_for_leave(profile.id, DAY + NEXT, DAY + NEXT, by=mate),
        lambda: leave.record_sickness(profile.id, DAY, DAY, far),
        lambda: leave.record_leave(profile.id, DAY + NEXT, DAY + NEXT, by=far),
        lambda: leave.decide_leave(id, True, "", far),
        lambda: leave.decide_leave(id, True, "", staff),
        lambda: leave.decide_leave(id, True, "", mate),
        lambda: leave.withdraw_leave(id, mate),
        lambda: leave.reopen_leave(id, far),
    ):
        with pytest.raises(Refused):
            await act()
    assert (await Leave.get(id=id)).state == "requested"
    assert await Leave.all().count() == 1


async def test_what_nobody_decided_is_withdrawn_by_whoever_asked_what_is_approved_by_a_manager(hub, manager):
    profile = await make.worker(hub)
    mine = await self_of(profile)
    id = await leave.ask_for_leave(profile.id, DAY, DAY, by=mine)
    await leave.withdraw_leave(id, mine)
    agreed = await leave.ask_for_leave(profile.id, DAY, DAY, by=mine)
    await leave.decide_leave(agreed, True, "", manager)
    with pytest.raises(Refused):
        await leave.withdraw_leave(agreed, mine)
    await leave.withdraw_leave(agreed, manager)
    assert {row.state for row in await Leave.all()} == {"withdrawn"}


async def test_whoever_is_back_early_is_ill_no_longer(hub, manager):
    profile = await make.worker(hub)
    await leave.record_sickness(profile.id, DAY, DAY + 4 * NEXT, manager)
    row = await Leave.get(staff_id=profile.id)
    await leave.shorten_sickness(row.id, DAY, manager)
    assert (await Leave.get(id=row.id)).last_date == DAY
    with pytest.raises(Refused):
        await leave.shorten_sickness(
            row.id, DAY, manager
        )  # it ends by then: longer is another report, which opens duties
    await leave.shorten_sickness(row.id, DAY - NEXT, manager)
    assert (await Leave.get(id=row.id)).state == "withdrawn"


async def test_why_somebody_is_away_is_not_in_the_trail(hub, manager):
    profile = await make.worker(hub)
    await leave.ask_for_leave(profile.id, DAY, DAY, reason="An operation")
    assert "operation" not in str(await db.rows("SELECT why, before, after FROM audit_event"))


async def test_they_hear_once_what_was_decided_and_nothing_of_what_was_undone(hub, manager):
    profile = await make.worker(hub)
    id = await leave.ask_for_leave(profile.id, DAY, DAY + NEXT)
    await leave.decide_leave(id, False, "We are short.", manager)
    await leave.reopen_leave(id, manager)
    await leave.decide_leave(id, True, "", manager)
    rows = await db.rows(
        "SELECT kind, state, body, due_at, person_id FROM message WHERE about_kind = 'leave' ORDER BY created_at"
    )
    assert [(row["kind"], row["state"]) for row in rows] == [("leave_declined", "void"), ("leave_approved", "queued")]
    assert rows[1]["person_id"] == profile.person_id
    assert rows[1]["due_at"] > clock.now()
    assert "/duties/leave" in rows[1]["body"]
    assert "short" not in rows[1]["body"]
