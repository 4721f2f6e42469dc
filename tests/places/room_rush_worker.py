"""One of several processes that want the same rooms at the same moment; started by test_room_rush.py.

    python -m tests.places.room_rush_worker URL guarded|unguarded series|random ROOMS PEOPLE SEED

`unguarded` takes locks and looks away, to show that the test would find overlaps if they could happen.
"""

import asyncio
import json
import random
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from booking import clock, db, settings
from booking.messages import sender
from booking.people.signing_in import Who
from booking.places import booking_rooms, cancelling_rooms, changing_rooms, holding
from booking.places.asking import Ask
from booking.places.changing_rooms import Wish
from booking.places.recurrence import Rule
from booking.problems import Refused
from tests import side_by_side

FIRST = date(2027, 9, 7)
OPERATIONS = 12


async def _nothing(*_: Any, **__: Any) -> Any:
    return {}


def take_guards_away() -> None:
    holding.lock_rooms = _nothing
    holding.in_the_way = _nothing
    booking_rooms.holding.lock_rooms = _nothing
    for module in (booking_rooms, changing_rooms):
        module.work_out.__globals__["in_the_way"] = _nothing


async def run(url: str, is_guarded: bool, what: str, rooms: list[UUID], people: list[Who], seed: int) -> None:
    sender.use(settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"}))
    await db.open_database(settings.Database(url=url, pool=len(people) + 2))
    if not is_guarded:
        take_guards_away()
    await side_by_side.all_are_there()
    verb = save_series if what == "series" else do_things
    said = await asyncio.gather(*(verb(rooms, who, seed + n) for n, who in enumerate(people)))
    await db.close_database()
    print(json.dumps(said))


async def save_series(rooms: Sequence[UUID], who: Who, _: int) -> list[str]:
    rule = Rule(FIRST.weekday(), "10:00", "12:00", FIRST, held_sessions=12)
    ask = Ask(
        rooms[0], "10:00", "12:00", rule=rule, as_partner=True, organisation_id=who.organisation_ids[0], title="Clinic"
    )
    return [await told(booking_rooms.book(ask, by=who))]


async def do_things(rooms: Sequence[UUID], who: Who, seed: int) -> list[str]:
    """Books, moves and cancels at random, on few rooms and days, so that most of it collides."""
    chance = random.Random(seed)
    own: list[UUID] = []
    said = []
    for _ in range(OPERATIONS):
        if own and chance.random() < 0.5:
            said.append(await change_something(chance, chance.choice(own), rooms, who))
        else:
            said.append(await book_something(chance, own, rooms, who))
    return said


async def book_something(chance: random.Random, own: list[UUID], rooms: Sequence[UUID], who: Who) -> str:
    hour, weeks = chance.randint(9, 14), chance.choice([1, 1, 3])
    rule = Rule(chance.randint(0, 2), "00:00", "23:59", FIRST, held_sessions=weeks)
    start, end = f"{hour:02}:00", f"{hour + chance.randint(1, 2):02}:{chance.choice(['00', '30'])}"
    ask = Ask(
        chance.choice(rooms),
        start,
        end,
        rule=rule,
        as_partner=True,
        organisation_id=who.organisation_ids[0],
        title="Any",
    )
    try:
        own += (await booking_rooms.book(ask, by=who)).booking_ids
    except Refused as refused:
        return ",".join(sorted(refused.rules))
    return "done"


async def change_something(chance: random.Random, booking: UUID, rooms: Sequence[UUID], who: Who) -> str:
    scope: Any = chance.choice(["this", "later", "all"])
    if chance.random() < 0.3:
        return await told(cancelling_rooms.cancel(room_booking_id=booking, scope=scope, by=who, as_partner=True))
    hour = chance.randint(9, 14)
    wish = Wish(room_id=chance.choice(rooms), start=f"{hour:02}:00", end=f"{hour + 2:02}:00")
    return await told(
        changing_rooms.change(
            room_booking_id=booking, scope=scope, wish=wish, by=who, as_partner=True, leave_clashing=True
        )
    )


async def told(work: Any) -> str:
    try:
        await work
    except Refused as refused:
        return ",".join(sorted(refused.rules))
    return "done"


def who_are(text: str) -> list[Who]:
    found = []
    for each in json.loads(text):
        person, organisation = UUID(each[0]), UUID(each[1])
        found.append(Who(person, "Rush", None, "", "", "", frozenset({"partner"}), frozenset(), (organisation,)))
    return found


if __name__ == "__main__":
    url, guarded, what, rooms, people, seed = sys.argv[1:]
    clock.use_zone("Europe/London")
    asyncio.run(
        run(
            url,
            guarded == "guarded",
            what,
            [UUID(r) for r in rooms.split(",")],
            who_are(people),
            int(seed),
        )
    )
