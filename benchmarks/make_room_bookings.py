"""A county whose rooms are booked, as many times as wanted: partners, the hubs themselves, requests.

    python -m benchmarks.make_room_bookings postgres://postgres@127.0.0.1:5432/bench_rooms --bookings 1000000

The demo county with its sessions comes first, then four uses a day in each of its 284 rooms, every week at the same hours: a
fortnight around today first, then further and further away, so that today is as busy with a thousand bookings as with a
million (these are two years and a half). Few bookings fill few rooms: those of the hubs with the most rooms come first. Every
row passes the database's guards.
"""

import argparse
import asyncio
import random
import sqlite3
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg

from benchmarks import make_county
from booking import clock, db, settings
from booking.people.models import Organisation
from booking.places.holding import LONGEST

SESSIONS = 6_500
HOURS = (8, 10, 12, 14, 16, 18)
A_DAY = 4
FORTNIGHT = 14
ORGANISATIONS = 40
CHUNK = 50_000
TITLES = (
    "Baby weigh clinic",
    "Midwife appointments",
    "Benefits advice",
    "Speech and language",
    "Team meeting",
    "Choir",
)
KINDS = ("partner",) * 7 + ("hub",) * 2 + ("request",)
BOOKING = (
    "id", "room_id", "kind", "organisation_id", "starts_at", "ends_at", "state", "title", "notes", "is_private", "people",
    "layout", "cost_code", "rate_pence", "created_at", "why", "is_out_of_hours", "second_person", "use", "sequence",
)  # fmt: skip
HOLD = ("id", "room_booking_id", "room_id", "starts_at", "ends_at")
Row = dict[str, Any]
Lines = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]


async def make(url: str, bookings: int) -> None:
    """Fills an empty database with the demo county and so many room bookings beside its sessions."""
    await make_county.make(url, SESSIONS)
    await add(url, bookings)


async def add(url: str, bookings: int) -> None:
    """So many room bookings more, in a database that has a county."""
    await db.open_database(settings.Database(url=url, pool=2))
    try:
        rooms, organisations = await _rooms(), await _make_organisations()
        taken = await _taken()
        written = _wanted(rooms, organisations, taken, bookings)
        await (_copy(url, written) if db.is_postgres() else _insert(url, written))
        await db.execute("VACUUM ANALYZE" if db.is_postgres() else "ANALYZE")
    finally:
        await db.close_database()


async def _rooms() -> list[Row]:
    """Rooms without parts, those of the hubs with the most rooms first."""
    return await db.rows(
        "SELECT o.id, o.setup_minutes, o.clear_minutes FROM room o JOIN location l ON l.id = o.location_id"
        " WHERE NOT EXISTS (SELECT 1 FROM room_part WHERE whole_id = o.id)"
        " ORDER BY (SELECT COUNT(*) FROM room a JOIN location b ON b.id = a.location_id WHERE b.hub_id = l.hub_id) DESC,"
        " l.hub_id, l.code, o.code"
    )


async def _make_organisations() -> list[UUID]:
    later = clock.today() + timedelta(days=400)
    made = [
        Organisation(
            name=f"Partner {n + 1}", agreement_to_date=later, insurance_to_date=later, terms_accepted_at=clock.now()
        )
        for n in range(ORGANISATIONS)
    ]
    await Organisation.bulk_create(made)
    return [each.id for each in made]


class Taken:
    """Which times of each room are held already."""

    def __init__(self) -> None:
        self._times: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)

    def add(self, room_id: UUID, starts_at: datetime, ends_at: datetime) -> None:
        insort(self._times[room_id], (starts_at, ends_at))

    def is_free(self, room_id: UUID, starts_at: datetime, ends_at: datetime) -> bool:
        times = self._times[room_id]
        near = times[max(bisect_right(times, (starts_at - LONGEST,)) - 1, 0) : bisect_right(times, (ends_at,))]
        return all(end <= starts_at or ends_at <= start for start, end in near)


async def _taken() -> Taken:
    taken = Taken()
    for line in await db.rows("SELECT room_id, starts_at, ends_at FROM room_hold ORDER BY room_id, starts_at"):
        taken.add(line["room_id"], line["starts_at"], line["ends_at"])
    return taken


def _wanted(rooms: list[Row], organisations: list[UUID], taken: Taken, count: int) -> Iterator[Lines]:
    """The rows of both tables, a chunk at a time."""
    dice, now = random.Random(1), clock.now()
    bookings: list[tuple[Any, ...]] = []
    holds: list[tuple[Any, ...]] = []
    for room, starts_at in _times(rooms, count):
        ends_at = starts_at + timedelta(minutes=90)
        held = (starts_at - _at_most(room["setup_minutes"]), ends_at + _at_most(room["clear_minutes"]))
        if not taken.is_free(room["id"], *held):
            continue
        kind, key = dice.choice(KINDS), db.new_id()
        bookings.append(_booking(key, room["id"], kind, dice, organisations, (starts_at, ends_at), now))
        holds.append((db.new_id(), key, room["id"], *held))
        count -= 1
        if len(bookings) == CHUNK or not count:
            yield bookings, holds
            bookings, holds = [], []
        if not count:
            return


def _at_most(minutes: int) -> timedelta:
    """Set-up or clearing, as far as two hours have room for it."""
    return timedelta(minutes=min(minutes, 15))


def _times(rooms: list[Row], count: int) -> Iterator[tuple[Row, datetime]]:
    """Room by room for a fortnight around today; when every room has that, the days before and after it."""
    today, days = clock.today(), FORTNIGHT // 2
    hours = [[sorted(_dice(n).sample(HOURS, A_DAY)) for _ in range(7)] for n in range(len(rooms))]

    def on(n: int, day: int) -> Iterator[tuple[Row, datetime]]:
        at = datetime.combine(today + timedelta(days=day), time(0, 15), UTC)
        return ((rooms[n], at + timedelta(hours=hour)) for hour in hours[n][at.weekday()])

    for n in range(len(rooms)):
        yield from (each for day in range(-days, days) for each in on(n, day))
    for further in range(days, 2000):
        for n in range(len(rooms)):
            yield from (each for day in (further, -1 - further) for each in on(n, day))
    raise ValueError(f"{count} bookings more do not fit into eleven years")


@cache
def _dice(n: int) -> random.Random:
    return random.Random(n)


def _booking(
    key: UUID, room_id: UUID, kind: str, dice: random.Random, organisations: list[UUID],
    times: tuple[datetime, datetime], now: datetime,
) -> tuple[Any, ...]:  # fmt: skip
    organisation_id = None if kind == "hub" else dice.choice(organisations)
    kind, state = ("partner", "requested") if kind == "request" else (kind, "confirmed")
    title = dice.choice(TITLES)
    return (
        key, room_id, kind, organisation_id, *times, state, title, "", dice.random() < 0.02, dice.randrange(2, 30),
        "", "", 1200, now, "", False, "", "", 0,
    )  # fmt: skip


async def _copy(url: str, written: Iterable[Lines]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for bookings, holds in written:
            async with connection.transaction():
                await connection.copy_records_to_table("room_booking", columns=BOOKING, records=bookings)
                await connection.copy_records_to_table("room_hold", columns=HOLD, records=holds)
    finally:
        await connection.close()


async def _insert(url: str, written: Iterable[Lines]) -> None:
    """Through a connection of its own: the application's passes every value through another thread."""
    connection = sqlite3.connect(db.sqlite_path(url))
    for bookings, holds in written:
        with connection:
            for table, columns, lines in (("room_booking", BOOKING, bookings), ("room_hold", HOLD, holds)):
                names, places = ",".join(f'"{name}"' for name in columns), ",".join("?" * len(columns))
                texts = (tuple(_as_text(value) for value in line) for line in lines)
                connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', texts)
    connection.close()


def _as_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return str(value) if isinstance(value, UUID) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="of an empty database, sqlite:// or postgres://")
    parser.add_argument("--bookings", type=int, default=100_000)
    options = parser.parse_args()
    asyncio.run(make(options.url, options.bookings))


if __name__ == "__main__":
    main()
