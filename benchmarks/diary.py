"""The diary: `python -m benchmarks.diary [--database URL] [--bookings 1000 100000 1000000] [--at URL]`.

Prints CPU milliseconds of all server processes (web and PostgreSQL) a page and its number of queries: the day and the week of a
place with 20 rooms, the day of one with 40, as staff of its hub see them, each room used four times a day. Nothing of these
pages is remembered. `--at` takes a database that make_room_bookings has filled, and leaves it there.
"""

import argparse
import asyncio
import base64
import json
import logging
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import itsdangerous

from benchmarks import limits, make_room_bookings, running
from benchmarks.figures import Figures
from benchmarks.visitor import Visitor
from booking import clock, db, settings
from booking.people.models import Person, Role
from booking.people.signing_in import sign_in
from booking.places.models import Location, OpeningHours

PAGES = (("day, 20 rooms", 20, "day"), ("day, 40 rooms", 40, "day"), ("week, 20 rooms", 20, "week"))


async def main(options: argparse.Namespace) -> None:
    if options.at:
        await measure(options.at, options.at, options.times)
    else:
        for bookings in options.bookings:
            async with running.new_database(options.database, f"bench_diary_{bookings}") as url:
                await make_room_bookings.make(url, bookings)
                await measure(url, f"{bookings:,} bookings", options.times)
    await limits.page(Figures(), options.times * 5)


async def measure(url: str, words: str, times: int) -> None:
    places, cookie = await _set_up(url)
    figures = Figures(words)
    async with running.serving(url) as site:
        for name, rooms, view in PAGES:
            paths = _paths(places[rooms], view)
            visitor = site.visitor()
            visitor.cookies["hub"] = cookie
            queries = await count_queries(
                visitor, site.url, paths[0]
            )  # first: a line is not kept for as long as that takes
            page = await visitor.get(paths[0])
            await _each(visitor, paths, 20)  # plans and templates are made once
            await figures.best(site, name, times, partial(_each, visitor, paths))
            await visitor.close()
            uses, free = page.text.count('class="use '), page.text.count('class="free ')
            figures.note(f"{queries} queries; {uses} uses, {free} free stretches, {len(page.text) // 1024} kB")


def _paths(place: UUID, view: str) -> list[str]:
    """The next seven days, or the week they begin in; they are full however few bookings there are."""
    days = [clock.today() + timedelta(days=n) for n in (range(7) if view == "day" else (1,))]
    return [f"/staff/diary?location={place}&view={view}&date={day}" for day in days]


async def _each(visitor: Visitor, paths: list[str], times: int) -> None:
    for n in range(times):
        answer = await visitor.get(paths[n % len(paths)])
        assert answer.status == 200, answer.status


async def _set_up(url: str) -> tuple[dict[int, UUID], str]:
    """Places with 20 and 40 of the rooms that are used most, and the cookie of staff there."""
    clock.use_zone("Europe/London")
    await db.open_database(settings.Database(url=url, pool=2))
    try:
        busiest = await _busiest()
        places = {count: await _place(count) for count in (20, 40)}
        for count, (first, last) in ((20, (0, 20)), (40, (20, 60))):
            some = busiest[first:last]
            await db.execute(
                f"UPDATE room SET location_id = $1 WHERE id IN {db.in_list(some, 2)}", places[count], *some
            )
        staff = await Person.create(name="Bench", email=f"{db.new_id()}@bench.example", created_at=clock.now())
        for place in places.values():
            await Role.create(person=staff, kind="hub_staff", hub_id=place)
        token = await sign_in(person_id=staff.id, purpose="staff")
        await db.execute("ANALYZE")
    finally:
        await db.close_database()
    signer = itsdangerous.TimestampSigner(running.SECRETS["BOOKING_SECRET_KEY"])
    return places, signer.sign(base64.b64encode(json.dumps({"staff": token}).encode())).decode()


async def _busiest() -> list[Any]:
    today: date = clock.today()
    found = await db.rows(
        "SELECT room_id FROM room_hold WHERE starts_at >= $1 AND starts_at < $2 GROUP BY room_id ORDER BY COUNT(*) DESC, room_id"
        " LIMIT 60",
        clock.at(today, "00:00"),
        clock.at(today + timedelta(days=7), "00:00"),
    )
    return [row["room_id"] for row in found]


async def _place(count: int) -> UUID:
    key = db.new_id()
    name = f"Place with {count} rooms {key.hex[-6:]}"
    place = await Location.create(
        id=key,
        hub_id=key,
        code=name[-20:],
        slug=name.replace(" ", "-").lower(),
        kind="hub",
        name=name,
        hub_name=name,
        area="X",
    )
    for weekday in range(7):
        await OpeningHours.create(location=place, weekday=weekday, opens="08:00", closes="20:00")
    return key


async def count_queries(visitor: Visitor, url: str, path: str) -> int:
    """How many statements the page sends: counted in this process, by the database client's own log."""
    import httpx

    from booking.app import create_app

    lines: list[logging.LogRecord] = []
    counter = logging.Handler()
    counter.emit = lines.append  # type: ignore[method-assign]
    log = logging.getLogger("tortoise.db_client")
    app = create_app(settings.load(environment={**running.SECRETS, "BOOKING_DATABASE_URL": url}))
    await db.open_database(settings.Database(url=url, pool=2))
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as browser:
            browser.cookies.set("hub", visitor.cookies["hub"])
            await browser.get(path)
            log.setLevel(logging.DEBUG)
            log.addHandler(counter)
            log.propagate = False
            assert (await browser.get(path)).status_code == 200
    finally:
        log.removeHandler(counter)
        log.setLevel(logging.INFO)
        await db.close_database()
    return len(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--bookings", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--at", default="", help="measure this database instead of making one")
    parser.add_argument("--times", type=int, default=200)
    asyncio.run(main(parser.parse_args()))
