"""A process that is killed while it publishes, approves a swap, takes a question or reports somebody ill: nothing of it is there
afterwards, nobody waits for it, and it can be done again (promises P3 and P9)."""

import asyncio
import sys
from datetime import timedelta

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.rotas.duties import swaps
from booking.rotas.models import Assignment
from booking.rotas.repair import asking
from booking.settings import ROOT
from tests import make
from tests.rotas import killed_worker
from tests.rotas.making import who_of

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
TABLES = ("assignment", "swap_request", "cover_ask", "publication", "leave", "message", "invite", "audit_event")


class Rota:
    """Sam and Kim have a duty each and would swap; a third is asked for; a fourth is planned and not published."""

    @classmethod
    async def make(cls):
        self = cls()
        clock.use_zone("Europe/London")
        self.hub = await make.location(needs_two=False)
        self.member = await make.staff("hub_manager", self.hub.id)
        self.by = who_of(self.member, self.hub.id)
        sam, kim, bo = [await make.worker(self.hub) for _ in range(3)]
        days = [clock.today() + timedelta(days=n) for n in (8, 9, 10, 11)]
        mine, theirs, free, planned = [await make.shift(self.hub, date=day) for day in days]
        await make.assignment(mine, sam)
        await make.assignment(theirs, kim)
        await make.assignment(planned, bo, "draft")
        await Person.all().update(channel="email")
        swap = await swaps.ask(
            shift_id=mine.id, from_staff_id=sam.id, to_staff_id=kim.id, in_return_id=theirs.id, words="", by=None
        )
        await swaps.agree(swap_id=swap, staff_id=kim.id, by=None)
        await asking.ask(shift_id=free.id, staff_ids=[sam.id, bo.id], by=self.by)
        ask = await db.value("SELECT id FROM cover_ask WHERE staff_id = $1", bo.id)
        self.ids = {"publish": self.hub.id, "approve": swap, "take": ask, "ill": kim.id}
        return self


async def everything():
    """All that verbs of the rota write."""
    return {table: await db.rows(f"SELECT * FROM {table} ORDER BY id") for table in TABLES}


async def killed(url, it, verb, step):
    command = (
        *(sys.executable, "-m", "tests.rotas.killed_worker", url, verb, str(it.ids[verb]), str(it.hub.id)),
        *(str(it.member.id), step),
    )
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    async with asyncio.timeout(60):
        assert (await process.stdout.readline()).strip() == b"here", f"{verb} was done before {step}"
    process.kill()
    await process.wait()


@pytest.mark.parametrize("verb", ["publish", "approve", "take", "ill"])
async def test_killed_in_the_middle_nothing_has_happened_and_it_can_be_done_again(real_database, verb):
    it = await Rota.make()
    before = await everything()
    for step in ("3", "end"):
        await killed(real_database.url, it, verb, step)
        assert await everything() == before, f"something of it stayed, after {step}"
    async with asyncio.timeout(30):
        await killed_worker.do(verb, it.ids[verb], it.by, it.hub.id)
    assert await everything() != before
    held = await Assignment.all()
    assert len({(each.shift_id, each.layer) for each in held}) == len(held)
