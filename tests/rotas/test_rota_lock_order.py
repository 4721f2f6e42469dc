"""Whoever does something to the same duties at once waits for the other, and PostgreSQL never has to end one of them: every pair of
verbs of the rota, started a moment apart, with nothing tried again."""

import asyncio
import itertools
import os
import random
from datetime import timedelta

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.problems import Refused
from booking.programmes.changes import cancelling, moving
from booking.rotas import assigning, following, publishing, reminding, undoing_publishing
from booking.rotas.duties import answering as duty_answers
from booking.rotas.duties import swaps
from booking.rotas.models import Assignment, CoverAsk, CoverNeed, Leave, Publication, Shift, SwapRequest
from booking.rotas.needs import extra, keeping
from booking.rotas.needs import moving as moved
from booking.rotas.people_who_work import leave
from booking.rotas.planner import applying, running
from booking.rotas.repair import accepting, answering, asking, closing_asks, ill
from tests import make
from tests.conftest import SERVER
from tests.rotas.making import who_of

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.slow,
    pytest.mark.skipif(SERVER == "sqlite", reason="SQLite has one writer"),
]
WHY, WEEKS = "It is a test", 2
PAIRS = int(os.environ.get("BOOKING_LOCK_PAIRS", "60"))
"""Of all pairs of verbs so many, others each time; 210 are all."""


class Rota:
    """One hub, two days, three people; each has a duty on both days, with asks, swaps and leave about them."""

    @classmethod
    async def make(cls):
        self = cls()
        clock.use_zone("Europe/London")
        self.days = [clock.today() + timedelta(days=n) for n in (8, 9)]
        self.hub = await make.location(needs_two=False)
        await make.opening_hours(self.hub, "08:00", "20:00", "0123456")
        self.need = await CoverNeed.create(
            location=self.hub, name="Day", weekdays="0123456", start="08:30", end="10:00", people=1
        )
        self.by = who_of(await make.staff("hub_manager", self.hub.id), self.hub.id)
        self.people = [await make.worker(self.hub) for _ in range(3)]
        room = await make.room(self.hub, capacity=30)
        programme = await make.programme(facilitators=1, prepare_minutes=30)
        run = await make.run(programme=programme, location=self.hub, first_date=self.days[0], room_id=room.id)
        self.sessions = [
            await make.session(run, date=day, number=n, room_id=room.id, start_time="18:00", end_time="19:00")
            for n, day in enumerate(self.days, start=1)
        ]
        times = (("11:00", "13:00"), ("13:00", "15:00"), ("15:00", "17:00"))
        self.shifts = [
            await make.shift(self.hub, date=day, start=start, end=end) for day in self.days for start, end in times
        ]
        await following.follow(weeks_ahead=WEEKS, tells=False)
        await Person.all().update(channel="email")
        return self

    async def again(self):
        """Everybody in both layers, a swap agreed, four asked, one ill, a plan ready and a publication that can be undone."""
        for each in (SwapRequest, CoverAsk, Leave, Assignment, Publication):
            await each.all().delete()
        await db.execute("UPDATE plan_run SET state = 'failed'")
        await Shift.all().update(state="open")
        await db.execute("UPDATE session SET state = 'planned'")
        a, b, c = self.people
        self.mine, self.theirs, self.free = self.shifts[0], self.shifts[4], self.shifts[2]
        facilitators = await Shift.filter(kind="facilitator").order_by("starts_at").limit(1)
        for shift, who in (
            (self.mine, a),
            (self.shifts[1], b),
            (self.shifts[3], a),
            (self.theirs, b),
            *((each, c) for each in facilitators),
        ):
            await make.assignment(await Shift.get(id=shift.id), who, "draft")
        self.publication = (await publishing.publish(self.hub.id, *self.days, by=self.by, reason=WHY)).id
        self.swap = await swaps.ask(
            shift_id=self.mine.id, from_staff_id=a.id, to_staff_id=b.id, in_return_id=self.theirs.id, words="", by=None
        )
        if not random.getrandbits(1):
            await swaps.agree(swap_id=self.swap, staff_id=b.id, by=None)
        await asking.ask(shift_id=self.free.id, staff_ids=[c.id, b.id], by=self.by)
        self.asks = [each["id"] for each in await db.rows("SELECT id FROM cover_ask")]
        self.leave = await leave.ask_for_leave(c.id, self.days[1], self.days[1], by=None)
        self.plan = await running.ask([self.hub.id], *self.days, engine="greedy", by=self.by)
        await self.plan_is_done()
        await assigning.unassign(self.shifts[3].id, by=self.by)
        await assigning.assign(self.shifts[5].id, c.id, by=self.by, reason=WHY)

    async def plan_is_done(self):
        """A plan of all duties, as a planner leaves it."""
        row = await db.row("SELECT * FROM plan_run WHERE id = $1", self.plan)
        plan = await running.loaded(running.read(row))
        given = {str(each.id): str(random.choice(self.people).id) for each in plan.duties}
        found = {"input": running.snapshot(plan), "free": list(given), "moved": {}, "given": given}
        await db.execute(
            "UPDATE plan_run SET state = 'done', result = $2, found = $3 WHERE id = $1", self.plan, running.passing.text(given),
            running.passing.text(found),
        )  # fmt: skip


def some(it):
    return random.choice(it.people).id


async def assign(it):
    await assigning.assign(
        random.choice(it.shifts).id, some(it), by=it.by, reason=WHY, layers=random.choice((("draft",), assigning.BOTH))
    )


async def exchange(it):
    await assigning.exchange(it.theirs.id, it.mine.id, by=it.by, reason=WHY)


async def publish(it):
    await publishing.publish(it.hub.id, *it.days, by=it.by, reason=WHY)


async def undo_publishing(it):
    await undoing_publishing.undo(publication_id=it.publication, by=it.by)


async def send_now(it):
    await undoing_publishing.send_now(publication_id=it.publication, by=it.by)


async def approve(it):
    await swaps.agree(swap_id=it.swap, staff_id=it.people[1].id, by=None)
    await swaps.approve(swap_id=it.swap, by=it.by, reason=WHY)


async def withdraw(it):
    await swaps.withdraw(swap_id=it.swap, staff_id=it.people[0].id, by=None)


async def accept_duty(it):
    await duty_answers.accept_all(staff_id=some(it), by=None)


async def take(it):
    await answering.take(random.choice(it.asks))


async def ask_more(it):
    await asking.ask(shift_id=it.free.id, staff_ids=[each.id for each in it.people], by=it.by)


async def give(it):
    await accepting.accept({it.free.id: (None, some(it)), it.shifts[3].id: (None, some(it))}, by=it.by)


async def fall_ill(it):
    await ill.report_ill(some(it), *it.days, it.by)


async def ill_and_well(it):
    done = await ill.report_ill(some(it), *it.days, it.by)
    await ill.undo(event_id=done.id, by=it.by)


async def decide_leave(it):
    await leave.decide_leave(it.leave, True, "", it.by)


async def apply_and_undo(it):
    try:
        await applying.apply(it.plan, by=it.by)
    finally:
        await applying.undo(it.plan, by=it.by)


async def move(it):
    session = random.choice(it.sessions)
    hour = random.randrange(9, 17)
    target = moving.Target(day=random.choice(it.days), start=f"{hour:02}:00", end=f"{hour + 1:02}:00")
    await moving.move(session_id=session.id, target=target, by=it.by, undo_minutes=10)


async def move_and_follow(it):
    try:
        await move(it)
    finally:
        await following.follow(weeks_ahead=WEEKS)


async def cancel_and_follow(it):
    try:
        await cancelling.cancel(session_id=it.sessions[1].id, reason="Snow", by=it.by, undo_minutes=10)
    finally:
        await following.follow(weeks_ahead=WEEKS)


async def need_more(it):
    facts = {"name": "Day", "weekdays": "0123456", "start": "08:30", "end": random.choice(("10:00", "10:30")), "people": random.randrange(1, 4),
             "skills": "", "skilled": 1, "first_date": None, "last_date": None}  # fmt: skip
    await keeping.save(facts, location_id=it.hub.id, by=it.by, terms=keeping.terms_of(WEEKS, 10), need_id=it.need.id)


async def cancel_extra(it):
    await extra.cancel(random.choice(it.shifts).id, by=it.by)


async def settle(it):
    await closing_asks.settle()
    await reminding.remind()
    await moved.mark_seen(it.hub.id, clock.now(), by=it.by)


VERBS = (
    assign, exchange, publish, undo_publishing, send_now, approve, withdraw, accept_duty, take, ask_more, give, fall_ill, ill_and_well,
    decide_leave, apply_and_undo, move_and_follow, cancel_and_follow, need_more, cancel_extra, settle,
)  # fmt: skip


async def a_little_later(act, it):
    await asyncio.sleep(random.random() * 0.01)
    await act(it)


async def at_once(it, *acts):
    """Does these at once; why one of them broke, with their names."""
    ended = await asyncio.gather(*(a_little_later(act, it) for act in acts), return_exceptions=True)
    names = " and ".join(act.__name__ for act in acts)
    return [
        f"{names}: {type(each).__name__}: {each}"
        for each in ended
        if isinstance(each, BaseException) and not isinstance(each, Refused) and type(each) is not LookupError
    ]


async def test_no_two_verbs_wait_for_each_other(real_database, monkeypatch):
    monkeypatch.setattr(db, "DEADLOCK_TRIES", 1)
    it, wrong = await Rota.make(), []
    pairs = list(itertools.combinations_with_replacement(VERBS, 2))
    for one, other in random.sample(pairs, min(len(pairs), PAIRS)):
        await it.again()
        wrong += await at_once(it, one, other, *random.sample((one, other), 1))
    assert not wrong, "\n".join(wrong)
