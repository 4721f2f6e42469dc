"""One of several processes that change, switch, cancel and claim the same dates; started by test_changing_rush.py.

python -m tests.programmes.changing_worker URL rush START SEED STAFF RUNS ROOMS
python -m tests.programmes.changing_worker URL STEP STAFF SESSION
    stops at a step of one change and says "here", to be killed there
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import db, settings
from booking.messages import sender
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes.bookings import leasing
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import (
    acts_to_undo,
    cancelling_dates,
    changing_dates,
    moving,
    rooms_of_dates,
    run_follows,
    switching_online,
)
from booking.programmes.changes.dates_in_scope import Wish

OPERATIONS = 14
LINK = "https://meet.example/x"
STEPS = {
    "run follows": (run_follows, "follow"),
    "rooms let go": (rooms_of_dates, "take"),
    "rooms taken": (changing_dates, "_make_way"),
    "dates written": (changing_dates, "tell"),
    "families told": (changing_dates, "summary"),
}


async def open_it(url: str) -> None:
    sender.use(settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"}))
    await db.open_database(settings.Database(url=url, pool=6))


async def rush(url: str, start: str, seed: str, who: Who, runs: list[UUID], rooms: list[UUID]) -> None:
    await open_it(url)
    await asyncio.sleep(max(float(start) - time.monotonic(), 0))
    said: Counter[str] = Counter()
    await asyncio.gather(*(_some(random.Random(int(seed) + n), who, runs, rooms, said) for n in range(2)))
    await db.close_database()
    print(json.dumps(said))


async def _some(chance: random.Random, who: Who, runs: list[UUID], rooms: list[UUID], said: Counter[str]) -> None:
    done: list[tuple[UUID, UUID]] = []
    leases: list[UUID] = []
    for _ in range(OPERATIONS):
        verb = chance.choice((_change, _change, _move, _switch, _cancel, _undo, _lease, _lease, _places))
        try:
            await verb(chance, who, await _any_session(chance, runs), rooms, done, leases)
            said[verb.__name__] += 1
        except Refused as refused:
            said[f"refused {refused.problems[0].rule or refused.problems[0].words}"] += 1


async def _any_session(chance: random.Random, runs: list[UUID]) -> dict[str, Any]:
    found = await db.rows("SELECT id, run_id, date FROM session WHERE run_id = $1 ORDER BY id", chance.choice(runs))
    return chance.choice(found)


async def _change(chance: Any, who: Any, session: Any, rooms: Any, done: Any, leases: Any) -> None:
    start = chance.choice(("09:00", "10:00", "10:30", "13:00"))
    wish = Wish(
        start=start, end=f"{int(start[:2]) + 1:02}{start[2:]}", room_id=chance.choice(rooms),
        day=session["date"] + timedelta(days=chance.choice((0, 0, 1, 7))), changes_edited=chance.random() < 0.5,
    )  # fmt: skip
    scope = chance.choice(("date", "later", "all"))
    act = await changing_dates.change(session_id=session["id"], scope=scope, wish=wish, by=who, undo_minutes=10)
    done.append((session["id"], act.event_id))


async def _move(chance: Any, who: Any, session: Any, rooms: Any, done: Any, leases: Any) -> None:
    act = await moving.move(
        session_id=session["id"], target=Wish(room_id=chance.choice(rooms), start="15:00", end="16:00"), by=who,
        undo_minutes=10,
    )  # fmt: skip
    done.append((session["id"], act.event_id))


async def _switch(chance: Any, who: Any, session: Any, rooms: Any, done: Any, leases: Any) -> None:
    to = chance.choice(("online", "in_person"))
    act = await switching_online.switch(
        session_id=session["id"], scope=chance.choice(("date", "all")), to=to, join_url=LINK if to == "online" else "",
        by=who, undo_minutes=10,
    )  # fmt: skip
    done.append((session["id"], act.event_id))


async def _cancel(chance: Any, who: Any, session: Any, rooms: Any, done: Any, leases: Any) -> None:
    act = await cancelling_dates.cancel(
        session_id=session["id"], scope=chance.choice(("date", "later")), reason="Snow", by=who, undo_minutes=10
    )
    done.append((session["id"], act.event_id))
    await acts_to_undo.undo(session_id=session["id"], event_id=act.event_id, by=who)


async def _undo(chance: Any, who: Any, session: Any, rooms: Any, done: Any, leases: Any) -> None:
    if done:
        session_id, event_id = done.pop(chance.randrange(len(done)))
        await acts_to_undo.undo(session_id=session_id, event_id=event_id, by=who)


async def _lease(chance: Any, who: Any, session: Any, rooms: Any, done: Any, leases: Any) -> None:
    if leases and chance.random() < 0.4:
        await leasing.release(leases.pop())
    else:
        leases.append(await leasing.lease(Target(session["run_id"], session["id"])))


async def _places(chance: Any, who: Any, session: Any, rooms: Any, done: Any, leases: Any) -> None:
    await changing_dates.change(
        session_id=session["id"], scope=chance.choice(("date", "all")), wish=Wish(places=chance.randrange(1, 6)), by=who,
        undo_minutes=10,
    )  # fmt: skip


async def stop_at(url: str, step: str, who: Who, session_id: UUID) -> None:
    """One change of all dates, which stops before this step."""
    await open_it(url)

    async def stop(*_: Any, **__: Any) -> None:
        print("here", flush=True)
        await asyncio.sleep(600)

    setattr(*STEPS[step], stop)
    await changing_dates.change(
        session_id=session_id, scope="all", wish=Wish(start="13:00", end="14:30"), by=who, undo_minutes=10
    )


def staff(text: str) -> Who:
    person, hub = (UUID(each) for each in text.split(","))
    at = frozenset({hub})
    return Who(person, "Maya", None, "", "", "", frozenset({"hub_manager"}), at, managed_hubs=at)


def ids(text: str) -> list[UUID]:
    return [UUID(each) for each in text.split(",")]


if __name__ == "__main__":
    url, what, *rest = sys.argv[1:]
    if what == "rush":
        start, seed, who, runs, rooms = rest
        asyncio.run(rush(url, start, seed, staff(who), ids(runs), ids(rooms)))
    else:
        asyncio.run(stop_at(url, what, staff(rest[0]), UUID(rest[1])))
