"""One process of tests/rotas/test_rota_history.py: does things to one rota at random, for some seconds, and says what it did.

`python -m tests.rotas.history_worker URL ROLE COUNTY SEED SECONDS`; COUNTY is JSON as County.facts() gives it.
"""

import asyncio
import json
import random
import sys
import time
import traceback
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db, settings
from booking.messages import digests, sender
from booking.people.models import Person
from booking.places.models import Closure
from booking.problems import Refused
from booking.programmes.changes import acts_to_undo, cancelling, moving
from booking.rotas import assigning, following, publishing, reminding, undoing_publishing
from booking.rotas.duties import answering as duty_answers
from booking.rotas.duties import overtaken, swaps, willing
from booking.rotas.needs import extra, keeping
from booking.rotas.people_who_work import leave
from booking.rotas.planner import applying, running
from booking.rotas.repair import accepting, answering, asking, closing_asks, ill
from tests.rotas.making import who_of

OWN_HOSTS = following.OWN_HOSTS
WEEKS = 2
WHY = "It is a test"


class County:
    """What the process knows of the rota: hubs, people and dates; and draws from what stands there now."""

    def __init__(self, facts: dict[str, Any], seed: int) -> None:
        self.chance = random.Random(seed)
        self.hubs = [UUID(each) for each in facts["hubs"]]
        self.people = [UUID(each) for each in facts["people"]]
        self.days = [clock.today() + timedelta(days=n) for n in range(3, 3 + facts["days"])]
        self.by: Any = None

    def day(self) -> Any:
        return self.chance.choice(self.days)

    def hub(self) -> UUID:
        return self.chance.choice(self.hubs)

    def person(self) -> UUID:
        return self.chance.choice(self.people)

    async def one(self, sql: str, *parameters: Any) -> dict[str, Any] | None:
        rows = await db.rows(sql, *parameters)
        return self.chance.choice(rows) if rows else None

    async def shift(self) -> UUID:
        row = await self.one("SELECT id FROM shift WHERE state = 'open' AND date <= $1", self.days[-1])
        assert row is not None
        return row["id"]

    async def published(self) -> dict[str, Any] | None:
        return await self.one("SELECT shift_id, staff_id FROM assignment WHERE layer = 'published'")


async def assign(it: County) -> None:
    await assigning.assign(await it.shift(), it.person(), by=it.by, reason=WHY)


async def unassign(it: County) -> None:
    await assigning.unassign(await it.shift(), by=it.by, why=WHY)


async def exchange(it: County) -> None:
    await assigning.exchange(await it.shift(), await it.shift(), by=it.by, reason=WHY)


async def pin(it: County) -> None:
    await assigning.pin(await it.shift(), it.chance.random() < 0.5, by=it.by)


async def publish(it: County) -> None:
    first = it.day()
    last = first + timedelta(days=it.chance.randrange(4))
    await publishing.publish(it.hub(), first, last, by=it.by, reason=WHY)


async def undo_publishing(it: County) -> None:
    row = await it.one("SELECT id FROM (SELECT id FROM publication ORDER BY id DESC LIMIT 3) p")
    if row:
        await undoing_publishing.undo(publication_id=row["id"], by=it.by)


async def send_now(it: County) -> None:
    row = await it.one("SELECT id FROM publication WHERE state = 'waits'")
    if row and it.chance.random() < 0.2:
        await undoing_publishing.send_now(publication_id=row["id"], by=it.by)


async def add_shift(it: County) -> None:
    start = it.chance.randrange(9, 16)
    facts = {
        "title": "Open day",
        "date": it.day(),
        "start": f"{start:02}:00",
        "end": f"{start + 2:02}:00",
        "people": 1,
        "skills": "",
    }
    await extra.add(facts, location_id=it.hub(), by=it.by)


async def cancel_shift(it: County) -> None:
    row = await it.one("SELECT id FROM shift WHERE kind = 'extra' AND state = 'open'")
    if row:
        await extra.cancel(row["id"], by=it.by)


async def approve(it: County) -> None:
    row = await it.one("SELECT id FROM swap_request WHERE state = 'agreed'")
    if row and it.chance.random() < 0.8:
        await swaps.approve(swap_id=row["id"], by=it.by, reason=WHY)
    elif row:
        await swaps.refuse(swap_id=row["id"], by=it.by, why="No")


async def ask_swap(it: County) -> None:
    mine, theirs = await it.published(), await it.published()
    if not mine or not theirs or mine["staff_id"] == theirs["staff_id"]:
        return
    back = theirs["shift_id"] if it.chance.random() < 0.5 else None
    await swaps.ask(
        shift_id=mine["shift_id"], from_staff_id=mine["staff_id"], to_staff_id=theirs["staff_id"], in_return_id=back, words="", by=None
    )  # fmt: skip


async def answer_swap(it: County) -> None:
    row = await it.one(
        "SELECT id, from_staff_id, to_staff_id, state FROM swap_request WHERE state IN ('asked', 'agreed')"
    )
    if row is None:
        return
    lot = it.chance.random()
    if lot < 0.8:
        await swaps.agree(swap_id=row["id"], staff_id=row["to_staff_id"], by=None)
    elif lot < 0.9:
        await swaps.decline(swap_id=row["id"], staff_id=row["to_staff_id"], words="", by=None)
    else:
        await swaps.withdraw(swap_id=row["id"], staff_id=row["from_staff_id"], by=None)


async def answer_duty(it: County) -> None:
    row = await it.published()
    if row and it.chance.random() < 0.5:
        await duty_answers.decline(shift_id=row["shift_id"], staff_id=row["staff_id"], words="Dentist", by=None)
    elif row:
        await duty_answers.accept(shift_id=row["shift_id"], staff_id=row["staff_id"], by=None)


async def ask_cover(it: County) -> None:
    row = await it.one(
        "SELECT s.id FROM shift s LEFT JOIN assignment a ON a.shift_id = s.id AND a.layer = 'published' WHERE s.state = 'open' AND"
        " s.date <= $1 AND (a.id IS NULL OR a.answer = 'declined')",
        it.days[-1],
    )
    if row:
        await asking.ask(shift_id=row["id"], staff_ids=it.chance.sample(it.people, 4), by=it.by)


async def answer_ask(it: County) -> None:
    row = await it.one("SELECT id FROM cover_ask WHERE state <> 'yes'")
    if row and it.chance.random() < 0.8:
        await answering.take(row["id"])
    elif row:
        await answering.decline(row["id"])


async def give_at_once(it: County) -> None:
    """As a manager on the cover board, who gives an open duty away."""
    id = await it.shift()
    was = await db.value("SELECT staff_id FROM assignment WHERE shift_id = $1 AND layer = 'draft'", id)
    await accepting.accept({id: (was, it.person())}, by=it.by)


async def fall_ill(it: County) -> None:
    day = it.day()
    await ill.report_ill(it.person(), day, day + timedelta(days=it.chance.randrange(2)), it.by)


async def get_well(it: County) -> None:
    row = await it.one("SELECT id FROM audit_event WHERE verb = 'report ill' AND undone_at IS NULL")
    if row:
        await ill.undo(event_id=row["id"], by=it.by)


async def want_leave(it: County) -> None:
    day = it.day()
    await leave.ask_for_leave(it.person(), day, day, by=None)


async def decide_leave(it: County) -> None:
    row = await it.one("SELECT id FROM leave WHERE state = 'requested'")
    if row:
        await leave.decide_leave(row["id"], it.chance.random() < 0.3, "We are too few", it.by)


async def be_willing(it: County) -> None:
    await willing.say_willing(shift_id=await it.shift(), staff_id=it.person())


async def plan(it: County) -> None:
    first = it.day()
    run = await running.ask([it.hub()], first, first + timedelta(days=2), engine="greedy", by=it.by, wishes={"keep": 0})
    await running.work_next("greedy")
    await applying.apply(run, by=it.by)
    if it.chance.random() < 0.5:
        await asyncio.sleep(it.chance.random() * 0.1)
        await applying.undo(run, by=it.by)


async def move_session(it: County) -> None:
    row = await it.one("SELECT id FROM session WHERE state = 'planned' AND date > $1", clock.today())
    if row:
        start = it.chance.randrange(9, 16)
        target = moving.Target(day=it.day(), start=f"{start:02}:00", end=f"{start + 1:02}:30")
        await moving.move(session_id=row["id"], target=target, by=it.by, undo_minutes=10)


async def cancel_session(it: County) -> None:
    row = await it.one("SELECT id FROM session WHERE state = 'planned' AND date > $1", clock.today())
    if row:
        await cancelling.cancel(session_id=row["id"], reason="Snow", by=it.by, undo_minutes=10)


async def undo_session(it: County) -> None:
    row = await it.one(
        "SELECT id, about_id FROM audit_event WHERE verb IN ('move session', 'cancel session') AND undone_at IS NULL AND undo_until > $1",
        clock.now(),
    )
    if row:
        await acts_to_undo.undo(session_id=row["about_id"], event_id=row["id"], by=it.by)


async def close_a_day(it: County) -> None:
    day = it.day()
    if it.chance.random() < 0.5:
        await Closure.all().delete()
    else:
        at = {"starts_at": clock.at(day, "00:00"), "ends_at": clock.at(day, "23:00")}
        await Closure.create(location_id=it.hub(), reason="Snow", **at)


async def change_need(it: County) -> None:
    row = await it.one('SELECT *, "start" AS from_time, "end" AS to_time FROM cover_need WHERE ended_at IS NULL')
    if row:
        facts = {name: row[name] for name in ("name", "weekdays", "skills", "skilled", "first_date", "last_date")}
        facts |= {
            "people": it.chance.randrange(1, 4),
            "start": "09:00",
            "end": it.chance.choice(("12:00", "13:00", "14:00")),
        }
        terms = keeping.terms_of(WEEKS, 10)
        await keeping.save(facts, location_id=row["location_id"], by=it.by, terms=terms, need_id=row["id"])


async def follow(_: County) -> None:
    await following.follow(weeks_ahead=WEEKS)


async def settle(_: County) -> None:
    await closing_asks.settle()
    await overtaken.settle()
    await reminding.remind()
    await digests.gather()


ACTS = {
    "managers": [*[assign] * 6, unassign, *[exchange] * 2, pin, *[publish] * 4, undo_publishing, send_now, add_shift, cancel_shift,
                 *[approve] * 3, *[give_at_once] * 3, *[ask_cover] * 3, decide_leave],
    "people": [*[ask_swap] * 6, *[answer_swap] * 6, *[answer_duty] * 2, *[answer_ask] * 6, fall_ill, get_well, want_leave, be_willing,
               *[approve] * 2, assign, publish],
    "timetable": [*[move_session] * 2, cancel_session, undo_session, close_a_day, change_need, *[follow] * 5, settle, get_well],
    "plans": [plan, plan, follow],
}  # fmt: skip


async def acts(it: County, role: str, until: float, done: Counter[str], wrong: list[str]) -> None:
    while time.monotonic() < until:
        act = it.chance.choice(ACTS[role])
        try:
            await act(it)
            done[act.__name__] += 1
        except Refused as refused:
            done[f"{act.__name__} refused {' '.join(sorted(refused.rules))}"] += 1
        except LookupError as gone:  # what was read before has changed hands, as a page answers with "not there"
            if type(gone) is not LookupError:
                wrong.append(traceback.format_exc())
            done[f"{act.__name__} gone"] += 1
        except Exception:
            wrong.append(f"{act.__name__}: {traceback.format_exc()}")
        await asyncio.sleep(0.002)


async def main(url: str, role: str, county: str, seed: str, seconds: str) -> None:
    clock.use_zone("Europe/London")
    sender.use(settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"}))
    await db.open_database(settings.Database(url=url, pool=6))
    facts, done, wrong = json.loads(county), Counter[str](), list[str]()
    until = time.monotonic() + float(seconds)
    both = [County(facts, int(seed) * 10 + n) for n in range(2)]
    manager = await Person.get(id=UUID(facts["manager"]))
    for each in both:
        each.by = who_of(manager, *each.hubs)
    await asyncio.gather(*(acts(each, role, until, done, wrong) for each in both))
    await db.close_database()
    print(json.dumps({"done": done, "wrong": wrong}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
