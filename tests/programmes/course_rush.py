"""Families and staff who do everything about two courses at once, and what must hold whatever they did.

Alone it is a process to be killed: python -m tests.programmes.course_rush URL
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from booking import clock, db, settings
from booking.messages import sender
from booking.problems import Refused
from booking.programmes.bookings import booking_places, catch_ups, catching_up, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import ChildComing, Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import cancelling, undoing_cancelling

Act = Callable[[random.Random], Awaitable[Any]]


async def join(chance: random.Random) -> None:
    """Books a course, one family in two with a child in its creche."""
    run_id = chance.choice(await _ids("SELECT id FROM run WHERE booking_mode = 'run' ORDER BY id"))
    ada = ChildComing("Ada", clock.today().year - 2, 3)
    lease_id = await leasing.lease(Target(run_id))
    contact = Contact(f"Family {chance.random()}", f"+4477009{chance.randrange(100000):05}")
    party = Party(("Sam Carter",), (ada,), creche=(ada,) if chance.random() < 0.5 else ())
    try:
        await booking_places.book(lease_id=lease_id, contact=contact, party=party)
    except Refused:
        await leasing.release(lease_id)
        raise


async def miss(chance: random.Random) -> None:
    booking, date = await _booking_and_date(chance)
    await giving_up.miss_date(booking_id=booking, session_id=date)


async def come(chance: random.Random) -> None:
    missed = await db.rows("SELECT booking_id, session_id FROM missed_date ORDER BY id")
    if missed:
        await giving_up.come_after_all(**chance.choice(missed))


async def catch_up(chance: random.Random) -> None:
    missed = await db.rows("SELECT booking_id, session_id FROM missed_date ORDER BY id")
    if not missed:
        return
    one = chance.choice(missed)
    found = await catch_ups.find(one["session_id"])
    if found:
        await catching_up.catch_up(
            booking_id=one["booking_id"], missed_id=one["session_id"], session_id=chance.choice(found).session_id
        )


async def give_up(chance: random.Random) -> None:
    found = await _ids("SELECT id FROM booking WHERE state = 'booked' ORDER BY id")
    if found:
        await giving_up.give_up(booking_id=chance.choice(found))


async def cancel(chance: random.Random) -> None:
    """A date goes, and one time in two comes back."""
    dates = await _ids(
        "SELECT s.id FROM session s JOIN run r ON r.id = s.run_id WHERE r.booking_mode = 'run' AND s.state = 'planned'"
        " ORDER BY s.id"
    )
    if len(dates) < 4:
        return
    date = chance.choice(dates)
    done = await cancelling.cancel(session_id=date, reason="Snow", by=None, undo_minutes=10)
    if chance.random() < 0.7:
        await undoing_cancelling.undo(session_id=date, event_id=done.event_id, by=None)


ACTS: list[Act] = [*[join] * 5, *[miss] * 5, come, *[catch_up] * 5, give_up, cancel]


async def _ids(sql: str) -> list[Any]:
    return [row["id"] for row in await db.rows(sql)]


async def _booking_and_date(chance: random.Random) -> tuple[Any, Any]:
    found = await db.rows(
        "SELECT b.id AS booking_id, s.id AS session_id FROM booking b JOIN session s ON s.run_id = b.run_id"
        " WHERE b.session_id IS NULL AND b.state = 'booked' ORDER BY b.id, s.id"
    )
    if not found:
        raise Refused([giving_up.NOT_BOOKED])
    one = chance.choice(found)
    return one["booking_id"], one["session_id"]


async def act(seed: int) -> Exception | None:
    """One random act; what it raised, if that was no refusal."""
    chance = random.Random(seed)
    try:
        await chance.choice(ACTS)(chance)
    except Refused:
        return None
    except Exception as trouble:
        return trouble
    return None


async def too_many() -> list[Any]:
    """Dates on which guests beside the bookings, or the creche, pass the places, and runs that do."""
    return await db.rows(
        "SELECT s.id FROM session s JOIN run r ON r.id = s.run_id WHERE s.taken > s.places OR (r.booking_mode = 'run'"
        " AND s.state = 'planned' AND s.taken > 0 AND r.taken + s.taken > CASE WHEN s.places < r.places THEN s.places ELSE r.places END)"
        " UNION ALL SELECT r.id FROM run r WHERE r.taken + r.guest_places > r.places"
    )


async def _for_ever(url: str) -> None:
    sender.use(settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"}))
    await db.open_database(settings.Database(url=url, pool=6))
    clock.use_zone("Europe/London")
    print("begun", flush=True)
    while True:
        for trouble in await asyncio.gather(*(act(random.randrange(10**9)) for _ in range(6))):
            if trouble:
                raise trouble


if __name__ == "__main__":
    asyncio.run(_for_ever(sys.argv[1]))
