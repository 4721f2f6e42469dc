"""One of several processes that answer texts while others give up, cancel and book; by test_texts_rush.py.

python -m tests.programmes.texts_rush_worker URL VERB
"""

import asyncio
import json
import sys
from collections import Counter
from typing import Any

import time_machine
from asyncpg import PostgresError
from tortoise.exceptions import OperationalError

from booking import clock, db, settings
from booking.messages import sender
from booking.problems import Refused
from booking.programmes.bookings import booking_places, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.claiming import Target
from booking.programmes.bookings.coming import Party
from booking.programmes.changes import cancelling
from booking.programmes.texts import answering_texts
from tests import side_by_side
from tests.programmes.lines_of import TEN


async def answer(row: dict[str, Any]) -> None:
    await answering_texts.answer_new()


async def link(row: dict[str, Any]) -> None:
    await giving_up.give_up(booking_id=row["id"])


async def cancel(row: dict[str, Any]) -> None:
    await cancelling.cancel(session_id=row["session_id"], reason="Snow", by=None, undo_minutes=0)


async def book(row: dict[str, Any]) -> None:
    lease_id = await leasing.lease(Target(row["run_id"], row["session_id"]))
    name = f"Rush {row['id']}"
    await booking_places.book(lease_id=lease_id, contact=Contact(name, channel="none"), party=Party((name,)))


VERBS = {"answer": answer, "link": link, "cancel": cancel, "book": book}


async def run(url: str, verb: str) -> None:
    clock.use_zone("Europe/London")
    sender.use(settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"}))
    await db.open_database(settings.Database(url=url, pool=2))
    said = Counter[str]()
    with time_machine.travel(TEN, tick=True):
        rows = await db.rows("SELECT id, run_id, session_id FROM booking WHERE source = 'online' ORDER BY id")
        await side_by_side.all_are_there()
        for row in rows:
            try:
                await VERBS[verb](row)
            except Refused as refused:
                said[f"refused: {sorted(refused.rules)}"] += 1
            except (OperationalError, PostgresError) as error:  # a deadlock would be one
                said[f"TROUBLE: {error}"[:200]] += 1
            else:
                said[verb] += 1
    await db.close_database()
    print(json.dumps(said))


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
