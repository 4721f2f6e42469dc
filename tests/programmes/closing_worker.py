"""Closes the snow day's hub in a process of its own, and stands still in the middle of it: `python -m tests.programmes.closing_worker
URL MANAGER HUB NEAR`."""

import asyncio
import sys
from typing import Any
from uuid import UUID

from booking import clock, db, settings
from booking.messages import sender
from booking.people.models import Person
from booking.places import displacing
from booking.programmes.closures import closing_places
from booking.programmes.closures.closing_answers import CANCEL
from booking.programmes.closures.closing_wanted import Closing, How, Place
from tests.programmes import snow_day
from tests.staff.conftest import who_is

GROUPS = ("sessions", "partners", "requests", "hub")


async def stand(*_: Any, **__: Any) -> None:
    """Sessions are off, rooms closed, the event written, families' messages queued; partners are not told."""
    print("here", flush=True)
    await asyncio.sleep(90)


async def main(url: str, manager: str, hub: str, near: str) -> None:
    clock.use_zone("Europe/London")
    sender.use(settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"}))
    await db.open_database(settings.Database(url=url, pool=2))
    displacing.tell_all = stand  # type: ignore[assignment]
    person = await Person.get(id=UUID(manager))
    who = who_is(person, kind="hub_manager", hubs={UUID(hub), UUID(near)})
    day = clock.at(snow_day.DAY, "00:00"), clock.at(snow_day.DAY, "23:59")
    how = How(dict.fromkeys(GROUPS, CANCEL), is_told_now=True)
    await closing_places.close(Closing((Place(UUID(hub)),), (day,), "Snow"), how, seen=None, by=who)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
