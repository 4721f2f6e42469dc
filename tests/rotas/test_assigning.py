"""Giving and taking duties: judged with the person's row locked, and two at once refused by the database (promise P3)."""

import asyncio
from datetime import timedelta

import pytest

from booking import clock, db
from booking.audit import AuditEvent
from booking.guards import DUTY_OVERLAP
from booking.problems import Refused
from booking.rotas import assigning
from booking.rotas.models import Assignment
from tests import make
from tests.rotas.making import who_of

DAY = clock.today() + timedelta(days=14 - clock.today().weekday())  # a Monday


@pytest.fixture
async def hub(database):
    return await make.location(needs_two=False)


async def manager_of(hub, kind="hub_manager"):
    person = await make.staff(kind, hub.id, name="Tom")
    return who_of(person, hub.id, kind=kind)


async def who_in(shift, layer="draft"):
    row = await Assignment.get_or_none(shift_id=shift.id, layer=layer)
    return row and row.staff_id


async def test_somebody_is_given_a_shift_and_the_trail_says_so(hub):
    sam, shift, tom = await make.worker(hub), await make.shift(hub, date=DAY), await manager_of(hub)
    assert await assigning.assign(shift.id, sam.id, by=tom) == []
    assert await who_in(shift) == sam.id
    assert await who_in(shift, "published") is None
    event = await AuditEvent.get(about_id=shift.id, verb="assign duty")
    assert (event.by_id, event.hub_id) == (tom.id, hub.id)
    assert event.after["staff"] == str(sam.id)


async def test_whoever_was_in_it_is_taken_out(hub):
    sam, kim, shift = await make.worker(hub), await make.worker(hub), await make.shift(hub, date=DAY)
    await make.assignment(shift, sam)
    await assigning.assign(shift.id, kim.id, by=None)
    assert await who_in(shift) == kim.id
    assert await who_in(shift, "published") == sam.id
    await assigning.assign(shift.id, kim.id, by=None, layers=assigning.BOTH)
    assert await who_in(shift, "published") == kim.id


async def test_nobody_is_on_two_duties_at_once_whatever_a_manager_says(hub):
    sam, tom = await make.worker(hub), await manager_of(hub)
    one, other = await make.shift(hub, date=DAY), await make.shift(hub, date=DAY, start="12:59", end="15:00")
    await assigning.assign(one.id, sam.id, by=tom)
    with pytest.raises(Refused) as refused:
        await assigning.assign(other.id, sam.id, by=tom, reason="I say so")
    assert refused.value.rules == {"double"}
    assert await who_in(other) is None


async def test_duties_that_touch_are_one_after_the_other(hub):
    sam = await make.worker(hub)
    one, other = await make.shift(hub, date=DAY), await make.shift(hub, date=DAY, start="13:00", end="15:00")
    await assigning.assign(one.id, sam.id, by=None)
    assert not [it for it in await assigning.assign(other.id, sam.id, by=None) if it.level != "soft"]


@pytest.mark.parametrize("is_manager", [True, False])
async def test_a_hard_rule_blocks_unless_a_manager_gives_a_reason(hub, is_manager):
    sam, shift = await make.worker(hub), await make.shift(hub, date=DAY)
    who = await manager_of(hub, "hub_manager" if is_manager else "hub_staff")
    await make.leave(sam, DAY)
    with pytest.raises(Refused) as refused:
        await assigning.assign(shift.id, sam.id, by=who)
    assert [(one.rule, one.level) for one in refused.value.problems] == [("leave", "needs_approval")]
    if not is_manager:
        with pytest.raises(Refused):
            await assigning.assign(shift.id, sam.id, by=who, reason="She offered")
        return
    [leave] = await assigning.assign(shift.id, sam.id, by=who, reason="She offered")
    row = await Assignment.get(shift_id=shift.id)
    assert (leave.rule, row.overridden, row.override_reason, row.override_by_id) == (
        "leave",
        "leave",
        "She offered",
        who.id,
    )


async def test_a_manager_of_another_hub_sets_no_rule_aside(hub):
    sam, shift = await make.worker(hub), await make.shift(hub, date=DAY)
    await make.leave(sam, DAY)
    with pytest.raises(Refused):
        await assigning.assign(shift.id, sam.id, by=await manager_of(await make.location()), reason="Mine now")


async def test_two_people_change_places(hub):
    sam, kim, tom = await make.worker(hub), await make.worker(hub), await manager_of(hub)
    one, other = await make.shift(hub, date=DAY), await make.shift(hub, date=DAY + timedelta(days=1))
    await make.assignment(one, sam, "draft")
    await make.assignment(other, kim, "draft")
    await assigning.exchange(one.id, other.id, by=tom)
    assert (await who_in(one), await who_in(other)) == (kim.id, sam.id)


async def test_two_at_the_same_time_change_places_too(hub):
    sam, kim = await make.worker(hub), await make.worker(hub)
    one, other = await make.shift(hub, date=DAY), await make.shift(hub, date=DAY)
    await make.assignment(one, sam)
    await make.assignment(other, kim)
    await assigning.exchange(one.id, other.id, by=None, layers=assigning.BOTH)
    assert (await who_in(one, "published"), await who_in(other, "published")) == (kim.id, sam.id)


async def test_what_has_begun_or_gone_stays_as_it_is(hub):
    sam = await make.worker(hub)
    past = await make.shift(hub, date=clock.today() - timedelta(days=7))
    gone = await make.shift(hub, date=DAY, state="cancelled")
    for shift, rule in ((past, "begun"), (gone, "gone")):
        with pytest.raises(Refused) as refused:
            await assigning.assign(shift.id, sam.id, by=None)
        assert refused.value.rules == {rule}


async def test_who_would_be_alone_is_said_and_may_be_planned(database):
    hub = await make.location(needs_two=True)
    sam, shift = await make.worker(hub), await make.shift(hub, date=DAY)
    assert [(one.rule, one.level) for one in await assigning.preview(shift.id, sam.id)] == [("alone", "soft")]
    await assigning.assign(shift.id, sam.id, by=None)
    second = await make.shift(hub, date=DAY)
    assert await assigning.preview(second.id, (await make.worker(hub)).id) == []


async def test_a_planners_result_is_taken_whole_or_not_at_all(hub):
    sam, kim = await make.worker(hub), await make.worker(hub)
    shifts = [await make.shift(hub, date=DAY + timedelta(days=n)) for n in range(3)]
    await make.leave(kim, DAY + timedelta(days=2))
    pairs = {shifts[0].id: sam.id, shifts[1].id: sam.id, shifts[2].id: kim.id}
    with pytest.raises(Refused):
        await assigning.assign_many(pairs, by=None, source="solver")
    assert not await Assignment.exists()
    await assigning.assign_many({**pairs, shifts[2].id: None}, by=None, source="solver")
    assert [await who_in(each) for each in shifts] == [sam.id, sam.id, None]


async def test_a_pinned_one_is_moved_by_no_planner(hub):
    sam, kim, tom, shift = await make.worker(hub), await make.worker(hub), await manager_of(hub), await make.shift(hub)
    with pytest.raises(Refused):
        await assigning.pin(shift.id, True, by=tom)
    await assigning.assign(shift.id, sam.id, by=tom)
    await assigning.pin(shift.id, True, by=tom)
    with pytest.raises(Refused):
        await assigning.assign_many({shift.id: kim.id}, by=None, source="solver")
    assert await who_in(shift) == sam.id


async def test_the_database_refuses_two_duties_at_once_by_itself(hub):
    sam = await make.worker(hub)
    one, other = await make.shift(hub, date=DAY), await make.shift(hub, date=DAY, start="12:00", end="14:00")
    await make.assignment(one, sam)
    with pytest.raises(Exception) as error:
        await make.assignment(other, sam, "draft")
    assert DUTY_OVERLAP in db.broken_guard(error.value)


@pytest.mark.slow
async def test_of_many_who_give_one_person_two_duties_at_once_one_wins(real_database):
    hub = await make.location(needs_two=False)
    sam = await make.worker(hub)
    shifts = [await make.shift(hub, date=DAY, start=f"{9 + n % 3}:00".zfill(5), end="13:00") for n in range(12)]

    async def one(shift):
        try:
            await assigning.assign(shift.id, sam.id, by=None, layers=assigning.BOTH)
        except Refused as refused:
            return refused.rules
        return {"won"}

    answers = await asyncio.gather(*(one(shift) for shift in shifts))
    assert sorted(map(sorted, answers)) == [["double"]] * 11 + [["won"]]
    assert await Assignment.filter(staff_id=sam.id).count() == 2


@pytest.mark.slow
async def test_two_managers_cannot_together_pass_the_agreed_hours(real_database):
    hub = await make.location(needs_two=False)
    sam = await make.worker(hub, weekly_minutes=8 * 60, over_minutes=0)
    shifts = [await make.shift(hub, date=DAY + timedelta(days=n)) for n in range(5)]

    async def one(shift):
        try:
            await assigning.assign(shift.id, sam.id, by=None)
        except Refused as refused:
            return refused.rules
        return {"won"}

    answers = await asyncio.gather(*(one(shift) for shift in shifts))
    assert sorted(map(sorted, answers)) == [["hours"]] * 3 + [["won"]] * 2
