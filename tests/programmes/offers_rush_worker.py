"""One of several processes that offer, take, pass, book, give up, cancel and change places at once; by test_offers_rush.py.

    python -m tests.programmes.offers_rush_worker URL FIRST_SECOND SEED TASKS OPERATIONS
    python -m tests.programmes.offers_rush_worker URL hang STEP

`hang` makes one offer and stops at a step, for the test to kill it there.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from typing import Any
from uuid import UUID

import time_machine
from asyncpg import PostgresError
from tortoise.exceptions import OperationalError

from booking import audit, clock, db, settings
from booking.messages import sender
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes.bookings import booking_places, claiming, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.claiming import Target
from booking.programmes.bookings.coming import Party
from booking.programmes.changes import cancelling, undoing_cancelling
from booking.programmes.waiting import answering_offers, ending_offers, keeping_lines, offering, telling_offers
from tests.programmes.lines_of import TEN

MAYA = Who(UUID(int=1), "Maya", None, "", "", "", frozenset({"county_admin"}), frozenset())


async def targets() -> list[Target]:
    found = await db.rows(
        "SELECT r.id AS run_id, s.id AS session_id FROM run r JOIN session s ON s.run_id = r.id WHERE r.booking_mode = 'session'"
        " UNION ALL SELECT r.id, NULL FROM run r WHERE r.booking_mode = 'run' ORDER BY 1"
    )
    return [Target.of(row) for row in found]


async def some(chance: random.Random, sql: str) -> Any:
    found = await db.rows(sql)
    return chance.choice(found)["id"] if found else None


async def offer(chance: random.Random, on: Target) -> None:
    await ending_offers.expire_due()
    await offering.offer_free_places()


async def take(chance: random.Random, on: Target) -> None:
    if id_ := await some(chance, "SELECT id FROM offer WHERE state = 'open'"):
        await answering_offers.take(offer_id=id_)


async def pass_on(chance: random.Random, on: Target) -> None:
    if id_ := await some(chance, "SELECT id FROM offer WHERE state = 'open'"):
        await answering_offers.pass_on(offer_id=id_)


async def wait_again(chance: random.Random, on: Target) -> None:
    if id_ := await some(chance, "SELECT id FROM offer WHERE state IN ('declined', 'expired')"):
        await answering_offers.wait_again(offer_id=id_)


async def withdraw(chance: random.Random, on: Target) -> None:
    if id_ := await some(chance, "SELECT id FROM offer WHERE state = 'open'"):
        then: Any = chance.choice(["keep", "last"])
        await ending_offers.withdraw(offer_id=id_, then=then, why="Rush", by=MAYA)


async def book(chance: random.Random, on: Target) -> None:
    lease_id = await leasing.lease(on, places=chance.choice([1, 1, 2]))
    if chance.random() < 0.3:
        await leasing.release(lease_id)
    else:
        name = f"Rush {chance.random()}"
        await booking_places.book(lease_id=lease_id, contact=Contact(name, channel="none"), party=Party((name,)))


async def give_up(chance: random.Random, on: Target) -> None:
    if id_ := await some(chance, "SELECT id FROM booking WHERE state = 'booked'"):
        await giving_up.give_up(booking_id=id_)


async def change_places(chance: random.Random, on: Target) -> None:
    await keeping_lines.set_places(target=on, places=chance.randint(2, 7), by=MAYA)


async def set_priority(chance: random.Random, on: Target) -> None:
    if id_ := await some(chance, "SELECT id FROM waiting_entry WHERE state = 'waiting'"):
        await keeping_lines.set_priority(entry_id=id_, priority=chance.randint(0, 2), reason="Rush", by=MAYA)


async def cancel_and_undo(chance: random.Random, on: Target) -> None:
    if on.session_id:
        done = await cancelling.cancel(session_id=on.session_id, reason="Snow", by=None, undo_minutes=10)
        await asyncio.sleep(0.05)
        await undoing_cancelling.undo(session_id=on.session_id, event_id=done.event_id, by=None)


VERBS = [offer, offer, offer, take, take, pass_on, wait_again, withdraw, book, book, give_up, give_up, give_up]
VERBS += [change_places, set_priority, cancel_and_undo]


async def rush(seed: int, operations: int) -> Counter[str]:
    chance, said = random.Random(seed), Counter[str]()
    every = await targets()
    for _ in range(operations):
        verb = chance.choice(VERBS)
        try:
            await verb(chance, chance.choice(every))
        except Refused as refused:
            said[f"refused {verb.__name__}: {sorted(refused.rules)}"] += 1
        except (OperationalError, PostgresError) as error:  # a deadlock would be one
            said[f"TROUBLE {verb.__name__}: {error}"[:200]] += 1
        else:
            said[verb.__name__] += 1
    return said


async def run(url: str, start: float, seed: int, tasks: int, operations: int) -> None:
    use(url)
    await db.open_database(settings.Database(url=url, pool=tasks + 1))
    await asyncio.sleep(max(start - time.monotonic(), 0))
    with time_machine.travel(TEN, tick=True):
        counts = await asyncio.gather(*(rush(seed + n, operations) for n in range(tasks)))
    await db.close_database()
    print(json.dumps(sum(counts, Counter())))


def use(url: str) -> None:
    clock.use_zone("Europe/London")
    sender.use(settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"}))


STEPS = {
    "after the claim": (claiming, "claim"),
    "before the message": (telling_offers, "tell_offered"),
    "before the event": (audit, "record"),
}


async def hang(url: str, step: str) -> None:
    """Makes one offer and never gets past the step."""
    use(url)
    await db.open_database(settings.Database(url=url, pool=2))
    module, name = STEPS[step]
    real = getattr(module, name)

    async def stands_still(*given: Any, **named: Any) -> Any:
        if step == "after the claim":
            await real(*given, **named)
        print("here", flush=True)
        await asyncio.sleep(3600)

    setattr(module, name, stands_still)
    with time_machine.travel(TEN, tick=True):
        await offering.offer_free_places()


if __name__ == "__main__":
    if sys.argv[2] == "hang":
        asyncio.run(hang(sys.argv[1], sys.argv[3]))
    else:
        asyncio.run(run(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])))
