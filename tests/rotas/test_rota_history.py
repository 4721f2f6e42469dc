"""Promise P3 over all the pieces at once: managers, people who work, the timetable and planners do everything to one rota in several
processes. Afterwards nobody is on two duties, what people were told is so, nothing is half done, and nobody saw a deadlock."""

import asyncio
import json
import os
import sys
from collections import Counter
from datetime import timedelta

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.rotas import following, publishing
from booking.rotas.duties import overtaken
from booking.rotas.models import CoverNeed
from booking.rotas.repair import closing_asks
from booking.settings import ROOT
from tests import make
from tests.rotas import history_judge
from tests.rotas.making import who_of

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
SECONDS = os.environ.get("BOOKING_RUSH_SECONDS", "5")
DAYS = 7
ROLES = ("managers", "people", "timetable", "plans")


class County:
    """Two hubs with cover, sessions and extra work, eight people, and a rota that is planned and published in parts."""

    @classmethod
    async def make(cls):
        self = cls()
        clock.use_zone("Europe/London")
        self.hubs = [await make.location(needs_two=False) for _ in range(2)]
        member = await make.staff("hub_manager", self.hubs[0].id, name="Tom Field")
        self.manager, self.by = member, who_of(member, *(each.id for each in self.hubs))
        self.people = [await make.worker(self.hubs[n % 2], known_as=f"Worker {n}", gets_invites=True) for n in range(8)]
        offered = await make.programme(facilitators=1, prepare_minutes=30)
        for n, hub in enumerate(self.hubs):
            await make.opening_hours(hub, "09:00", "17:00", "0123456")
            await CoverNeed.create(location=hub, name="Day", weekdays="0123456", start="09:00", end="13:00", people=1)
            room = await make.room(hub, capacity=30)
            run = await make.run(programme=offered, location=hub, first_date=self.day(n), room_id=room.id)
            for k in range(3):
                await make.session(
                    run, date=self.day(k * 2 + n), number=k + 1, room_id=room.id, start_time="14:00", end_time="15:30"
                )
            for k in range(3):
                await make.shift(hub, date=self.day(k), start="15:00", end="17:00")
        await following.follow(weeks_ahead=2, tells=False)
        await self.fill()
        await Person.all().update(channel="email")
        for hub in self.hubs:
            await publishing.publish(hub.id, self.day(0), self.day(DAYS), by=self.by, reason="It is a test")
        return self

    @staticmethod
    def day(n):
        return clock.today() + timedelta(days=3 + n)

    async def fill(self):
        """Each person who is free then, in turn, in the draft."""
        rows = await db.rows("SELECT id FROM shift WHERE date <= $1 ORDER BY starts_at, id", self.day(DAYS))
        for n, row in enumerate(rows):
            shift = await make.Shift.get(id=row["id"])
            own = {"draft"} if n % 4 else set()
            busy = {
                each["staff_id"]
                for each in await db.rows(
                    "SELECT staff_id FROM assignment WHERE starts_at < $1 AND ends_at > $2",
                    shift.ends_at,
                    shift.starts_at,
                )
            }
            free = next(each for each in self.people[n % 8 :] + self.people if each.id not in busy)
            if own:
                await make.assignment(shift, free, "draft")

    def facts(self):
        own = {"hubs": self.hubs, "people": self.people, "manager": [self.manager]}
        ids = {name: [str(each.id) for each in some] for name, some in own.items()}
        return json.dumps(ids | {"manager": ids["manager"][0], "days": DAYS})


async def start(url, role, county, seed):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.rotas.history_worker", url, role, county.facts(), str(seed), SECONDS, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0, f"{role} died"
    return json.loads(said)


async def deadlocks():
    """How often the server has ended a transaction because two waited for each other, tried again or not."""
    if not db.is_postgres():
        return 0
    return await db.value("SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()")


async def test_whatever_happens_nobody_is_on_two_duties_and_everybody_knows_theirs(real_database):
    county = await County.make()
    said = await asyncio.gather(*(start(real_database.url, role, county, n) for n, role in enumerate(ROLES)))
    done = sum((Counter(one["done"]) for one in said), Counter())
    print(*(f"{n:5} {what}" for what, n in sorted(done.items())), sep="\n")
    trouble = [each for one in said for each in one["wrong"]]
    assert not trouble, "\n".join(f"{n} times {each}" for each, n in Counter(trouble).most_common())
    await following.follow(weeks_ahead=2)
    await closing_asks.settle()
    await overtaken.settle()
    wrong = await history_judge.judged(clock.now())
    assert not wrong, "\n".join(wrong)
    assert await deadlocks() == 0
    wanted = ("assign", "publish", "ask_swap", "answer_ask", "follow", "move_session")
    assert {each for each in wanted if not done[each]} == set()
