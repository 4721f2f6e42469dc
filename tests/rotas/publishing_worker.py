"""Publishes a rota in a process of its own and stands still before it is done: `python -m tests.rotas.publishing_worker URL HUB PERSON
FIRST LAST`."""

import asyncio
import sys
from datetime import date
from typing import Any
from uuid import UUID

from booking import clock, db, settings
from booking.messages import sender
from booking.people.models import Person
from booking.rotas import publishing, telling
from tests.rotas.making import who_of

before = telling.tell


async def stand(*arguments: Any, **values: Any) -> Any:
    """The rota is written and everybody's message queued; the transaction is not over."""
    told = await before(*arguments, **values)
    print("here", flush=True)
    await asyncio.sleep(90)
    return told


async def main(url: str, hub: str, person: str, first: str, last: str) -> None:
    clock.use_zone("Europe/London")
    sender.use(settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"}))
    await db.open_database(settings.Database(url=url, pool=2))
    telling.tell = stand
    by = who_of(await Person.get(id=UUID(person)), UUID(hub))
    await publishing.publish(UUID(hub), date.fromisoformat(first), date.fromisoformat(last), by=by)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
