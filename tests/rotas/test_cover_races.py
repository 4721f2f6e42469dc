"""Ten who say yes at the same moment, a manager who assigns meanwhile, and a process that dies half-way: on both engines."""

import asyncio
from datetime import timedelta

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.problems import Refused
from booking.rotas import assigning
from booking.rotas.models import Assignment, CoverAsk, Leave
from booking.rotas.repair import answering, ask_messages, asking, closing_asks, ill
from tests import make
from tests.rotas.making import who_of

pytestmark = [pytest.mark.anyio]
TEN = 10


class County:
    """An open published duty in a week, and ten who are asked to cover it."""

    @classmethod
    async def make(cls):
        self = cls()
        self.day = clock.today() + timedelta(days=7)
        self.at = await make.location(name="Ferndown Family Hub", needs_two=False)
        self.tom = who_of(await make.staff("hub_manager", self.at.id), self.at.id)
        self.sam = await make.worker(self.at, known_as="Sam Green")
        self.people = [await make.worker(self.at) for _ in range(TEN)]
        self.shift = await make.shift(self.at, date=self.day)
        await make.assignment(self.shift, self.sam)
        await Person.all().update(channel="email")
        return self

    async def ask(self):
        await ill.report_ill(self.sam.id, self.day, self.day, self.tom)
        await asking.ask(shift_id=self.shift.id, staff_ids=[each.id for each in self.people], by=self.tom)
        await db.execute("UPDATE message SET state = 'sent' WHERE kind = 'cover_ask'")
        return await CoverAsk.filter(shift_id=self.shift.id).order_by("id")


@pytest.fixture
async def county(real_database):
    return await County.make()


async def both(*acts):
    """All at once; what they returned, or why they were refused."""
    done = await asyncio.gather(*acts, return_exceptions=True)
    assert all(not isinstance(each, BaseException) or isinstance(each, Refused) for each in done), done
    return done


async def kinds_of(staff_id):
    rows = await db.rows(
        "SELECT m.kind FROM message m JOIN staff_profile f ON f.person_id = m.person_id WHERE f.id = $1 AND m.state <> 'void'"
        " AND m.kind NOT IN ('cover_ask', 'duty_invite')",
        staff_id,
    )
    return [row["kind"] for row in rows]


async def test_of_ten_yes_at_once_one_has_it_and_nine_are_thanked_with_one_message_each(county):
    asks, at = await county.ask(), clock.now()
    done = await both(*(answering.take(each.id, at=at) for each in asks))
    assert sorted(each.outcome for each in done) == ["thanks"] * 9 + ["yours"]
    [winner] = await CoverAsk.filter(state="yes")
    seats = await Assignment.filter(shift_id=county.shift.id)
    assert {each.staff_id for each in seats} == {winner.staff_id} and len(seats) == 2
    assert await kinds_of(winner.staff_id) == ["cover_yours"]
    for each in county.people:
        if each.id != winner.staff_id:
            assert await kinds_of(each.id) == ["cover_thanks"]


async def test_one_yes_twice_at_once_is_one(county):
    asks = await county.ask()
    done = await both(*(answering.take(asks[0].id) for _ in range(4)))
    assert {each.outcome for each in done} == {"yours"}
    assert await kinds_of(asks[0].staff_id) == ["cover_yours"]


async def test_a_yes_and_a_manager_at_once_leave_one_person_in_it(county):
    asks = await county.ask()
    other = next(each for each in county.people if each.id != asks[0].staff_id)
    await both(
        answering.take(asks[0].id),
        assigning.assign(county.shift.id, other.id, by=county.tom, layers=assigning.BOTH),
    )
    seats = {each.layer: each.staff_id for each in await Assignment.filter(shift_id=county.shift.id)}
    assert len(seats) == 2 and len(set(seats.values())) == 1
    await closing_asks.settle()
    assert await CoverAsk.filter(state="asked").count() == 0


async def test_yes_to_two_duties_of_one_time_gives_one_and_says_why_not_the_other(county):
    await county.ask()
    second = await make.shift(county.at, date=county.day, start="10:00", end="12:00")
    kim = county.people[0]
    await make.assignment(second, county.people[1], answer="declined")
    await asking.ask(shift_id=second.id, staff_ids=[kim.id], by=county.tom)
    asks = await CoverAsk.filter(staff_id=kim.id)
    done = await both(*(answering.take(each.id) for each in asks))
    assert sorted(each.outcome for each in done) == ["unfit", "yours"]
    assert await Assignment.filter(staff_id=kim.id, layer="published").count() == 1


async def test_reporting_ill_while_somebody_publishes_or_swaps_does_not_stand_still(county):
    other = await make.shift(county.at, date=county.day, start="14:00", end="16:00")
    await make.assignment(other, county.people[0])
    await both(
        ill.report_ill(county.sam.id, county.day, county.day, county.tom),
        assigning.exchange(county.shift.id, other.id, by=county.tom, layers=assigning.BOTH),
        ill.report_ill(county.people[0].id, county.day, county.day, county.tom),
    )
    away = {each.staff_id for each in await Leave.all()}
    assert away and all(each.staff_id not in away for each in await Assignment.all())


async def test_killed_half_way_nothing_has_happened_and_it_can_be_said_again(county, monkeypatch):
    asks = await county.ask()

    async def dies(*_, **__):
        raise RuntimeError("killed")

    for where, name in ((ask_messages, "yours"), (closing_asks, "close_all"), (ask_messages, "thanks")):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, dies)
            with pytest.raises(RuntimeError):
                await answering.take(asks[0].id)
        assert await Assignment.filter(shift_id=county.shift.id).count() == 0
        assert await CoverAsk.filter(state="asked").count() == TEN and await kinds_of(asks[0].staff_id) == []
    assert (await answering.take(asks[0].id)).outcome == "yours"
    assert await kinds_of(asks[0].staff_id) == ["cover_yours"]
