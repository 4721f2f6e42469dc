"""Managers who publish at the same moment, somebody who plans meanwhile, and a process that dies half-way: on both engines."""

import asyncio
import sys
from datetime import timedelta

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.problems import Refused
from booking.rotas import assigning, publishing, undoing_publishing
from booking.rotas.publishing import Published
from booking.settings import ROOT
from tests import make
from tests.rotas.making import who_of

pytestmark = [pytest.mark.anyio]


class County:
    """A hub with twelve duties to come, all planned for three people and none published; Tom and Ruth manage it."""

    @classmethod
    async def make(cls):
        self = cls()
        self.first = clock.today() + timedelta(days=7)
        self.last = self.first + timedelta(days=12)
        self.at = await make.location(name="Ferndown Family Hub", needs_two=False)
        self.managers = [await make.staff("hub_manager", self.at.id, name=name) for name in ("Tom Field", "Ruth Hall")]
        self.tom, self.ruth = [who_of(each, self.at.id) for each in self.managers]
        self.people = [await make.worker(self.at, gets_invites=True) for _ in range(3)]
        self.shifts = [await make.shift(self.at, date=self.first + timedelta(days=n)) for n in range(12)]
        for n, shift in enumerate(self.shifts):
            await make.assignment(shift, self.people[n % 3], "draft", overridden="pattern days_in_row saturdays")
        await Person.all().update(channel="email")
        return self

    def publish(self, by, **values):
        first, last = values.pop("first", self.first), values.pop("last", self.last)
        return publishing.publish(self.at.id, first, last, by=by, **{"reason": "It is a test"} | values)


@pytest.fixture
async def county(real_database):
    return await County.make()


async def layer(name):
    rows = await db.rows("SELECT shift_id, staff_id FROM assignment WHERE layer = $1", name)
    return {row["shift_id"]: row["staff_id"] for row in rows}


async def entries():
    """(person, shift) of every calendar mail that waits, sorted."""
    rows = await db.rows("SELECT person_id, session_id FROM message WHERE kind = 'duty_invite' AND state <> 'void'")
    return sorted((row["person_id"], row["session_id"]) for row in rows)


async def all_at_once(*acts):
    found = await asyncio.gather(*acts, return_exceptions=True)
    assert all(isinstance(each, (Published, Refused, list, int)) for each in found), found
    return found


async def test_of_two_managers_one_publishes_and_the_other_is_told_who_did(county):
    seen = (await publishing.preview(county.at.id, county.first, county.last, by=county.tom)).seen
    found = await all_at_once(county.publish(county.tom, seen=seen), county.publish(county.ruth, seen=seen))
    (won,) = [each for each in found if isinstance(each, Published)]
    (lost,) = [each for each in found if isinstance(each, Refused)]
    assert len(won.told) == 3
    assert lost.rules == {"meanwhile"} and "published this rota at" in str(lost)
    assert await layer("published") == await layer("draft") and len(await entries()) == 12
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE kind = 'rota_published'") == 3
    assert await db.value("SELECT COUNT(*) AS n FROM publication") == 1


async def test_two_overlapping_periods_at_once_tell_everybody_of_each_duty_once(county):
    half = county.first + timedelta(days=7)
    await all_at_once(
        county.publish(county.tom, last=half), county.publish(county.ruth, first=county.first + timedelta(days=3))
    )
    assert await layer("published") == await layer("draft")
    found = await entries()
    assert len(found) == len(set(found)) == 12


async def test_whoever_plans_while_it_is_published_is_before_or_after_and_never_between(county):
    for n in range(4):
        other = [county.people[(k + 1 + n) % 3].id for k in range(3)]
        moves = [
            assigning.assign(county.shifts[k].id, other[k], by=county.ruth, reason="A test", layers=assigning.DRAFT)
            for k in range(3)
        ]
        await all_at_once(county.publish(county.tom), *moves)
        published = await layer("published")
        latest = await db.rows("SELECT changes FROM publication ORDER BY id DESC LIMIT 1")
        assert latest and set(published) <= {each.id for each in county.shifts}
    try:
        await county.publish(county.tom)
    except Refused as refused:
        assert refused.rules == {"nothing"}
    assert await layer("published") == await layer("draft")
    stands = {
        (row["person_id"], row["session_id"]): row["last_method"]
        for row in await db.rows("SELECT person_id, session_id, last_method FROM invite")
    }
    now = {
        (row.person_id, shift)
        for shift, staff in (await layer("published")).items()
        for row in county.people
        if row.id == staff
    }
    assert {key for key, method in stands.items() if method == "REQUEST"} == now


async def test_of_two_who_undo_one_does(county):
    done = await county.publish(county.tom)
    found = await all_at_once(
        undoing_publishing.undo(publication_id=done.id, by=county.tom),
        undoing_publishing.undo(publication_id=done.id, by=county.ruth),
    )
    assert sorted(type(each).__name__ for each in found) == ["Refused", "int"]
    assert await layer("published") == {} and await entries() == []


@pytest.mark.slow
async def test_killed_half_way_nothing_of_it_stays_and_the_next_one_publishes(county, real_database):
    command = (
        sys.executable, "-m", "tests.rotas.publishing_worker", real_database.url, str(county.at.id),
        str(county.managers[0].id), county.first.isoformat(), county.last.isoformat(),
    )  # fmt: skip
    await db.execute("UPDATE location SET needs_two = $1 WHERE id = $2", False, county.at.id)
    running = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert running.stdout
    async with asyncio.timeout(60):
        assert (await running.stdout.readline()).strip() == b"here"
    running.kill()
    await running.wait()
    assert await layer("published") == {}
    assert await db.value("SELECT COUNT(*) AS n FROM message") == 0 and await entries() == []
    assert len((await county.publish(county.ruth)).told) == 3
