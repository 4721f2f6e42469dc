"""A series of twelve weeks saved: `python -m benchmarks.room_series [--database URL] [--bookings 1000 100000 1000000] [--at URL]`.

Prints CPU milliseconds of this process and of PostgreSQL's for one series saved and for its preview (the verbs, with outbox
row, calendar entry and audit event, without the pages), and how many queries each takes.
"""

import argparse
import asyncio
import itertools
import os
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from benchmarks import machine, make_room_bookings, running
from booking import clock, db, settings
from booking.messages import sender
from booking.people.models import Organisation, Person, Role
from booking.people.signing_in import Who
from booking.places import booking_rooms
from booking.places.asking import Ask
from booking.places.models import Location, OpeningHours, Room
from booking.places.recurrence import Rule

WEEKS = 12
BATCHES = 5


async def main(options: argparse.Namespace) -> None:
    sender.use(settings.load(environment={"BOOKING_SECRET_KEY": "a key for benchmarks only"}))
    clock.use_zone("Europe/London")
    if options.at:
        await _open_and_measure(options.at, options.times)
    else:
        for bookings in options.bookings:
            async with running.new_database(options.database, f"bench_series_{bookings}") as url:
                await make_room_bookings.make(url, bookings)
                await _open_and_measure(url, options.times)


async def _open_and_measure(url: str, times: int) -> None:
    await db.open_database(settings.Database(url=url, pool=2))
    try:
        await measure(url, times)
    finally:
        await db.close_database()


async def measure(url: str, times: int) -> None:
    who, rooms = await _make_partner(), await _rooms(times)
    asks = itertools.cycle([_ask(room, who) for room in rooms])
    there = await db.value("SELECT COUNT(*) AS n FROM room_booking")
    print(f"\n{WEEKS} weeks of one room, {there:,} room bookings there", flush=True)
    for words, verb in (("preview", booking_rooms.preview), ("saved", booking_rooms.book)):
        costs = [await _cost(url, verb, asks, who, times // BATCHES) for _ in range(BATCHES)]
        best, queries = min(costs)
        print(f"  {words:<10} {best:6.2f} ms CPU   {queries:.0f} queries")


async def _cost(url: str, verb: Any, asks: Any, who: Who, times: int) -> tuple[float, float]:
    counted = 0
    rows = db.rows

    async def counting(sql: str, *parameters: Any) -> list[dict[str, Any]]:
        nonlocal counted
        counted += 1
        return await rows(sql, *parameters)

    db.rows = counting
    began = _cpu(url)
    for _ in range(times):
        await verb(next(asks), by=who)
    db.rows = rows
    return 1000 * (_cpu(url) - began) / times, counted / times


def _cpu(url: str) -> float:
    own = machine.cpu_seconds([os.getpid()])
    return own + (
        machine.cpu_seconds(machine.postgres_pids(url.rsplit("/", 1)[1])) if url.startswith("postgres") else 0
    )


async def _make_partner() -> Who:
    organisation = await Organisation.create(
        name=f"Partner of the benchmark {db.new_id()}", terms_accepted_at=clock.now()
    )
    person = await Person.create(name="Booker", email="b@partner.example", channel="email", created_at=clock.now())
    await Role.create(person=person, kind="partner", organisation=organisation)
    return Who(
        person.id, person.name, None, "", person.email, "", frozenset({"partner"}), frozenset(), (organisation.id,)
    )


async def _rooms(count: int) -> list[UUID]:
    """New rooms at a place of the county, so that every series is free whatever was made before."""
    at = await Location.filter(kind="hub").first()
    assert at is not None
    if not await OpeningHours.exists(location=at):
        for weekday in range(5):
            await OpeningHours.create(location=at, weekday=weekday, opens="09:00", closes="17:00")
    rooms = []
    for _ in range(2 * count):
        name = f"Bench {db.new_id()}"
        room = await Room.create(
            code=name, location=at, name=name, kind="room", capacity=20, is_partner_bookable=True, approval="never"
        )
        rooms.append(room.id)
    return rooms


def _ask(room_id: UUID, who: Who) -> Ask:
    first = clock.today() + timedelta(days=14)
    rule = Rule(2, "10:00", "12:00", first, held_sessions=WEEKS)
    ask = Ask(room_id, "10:00", "12:00", rule=rule, organisation_id=who.organisation_ids[0], as_partner=True)
    return replace(ask, title="Baby clinic", people=8)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--bookings", type=int, nargs="+", default=[1_000])
    parser.add_argument("--at", help="a database that has room bookings already; it keeps what is made here")
    parser.add_argument("--times", type=int, default=100)
    asyncio.run(main(parser.parse_args()))
