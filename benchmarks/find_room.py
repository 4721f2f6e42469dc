"""Find a room: `python -m benchmarks.find_room [--database URL] [--bookings 1000 100000 1000000] [--at URL]`.

Prints CPU milliseconds of all server processes (web and PostgreSQL) a page, and its number of queries: the page of 20 rooms that
a county admin sees who asks for 12 weekly dates, with all 284 rooms of the county looked at. Beside it one date, and 12 dates near
a postcode with a size and a feature. Nothing of these pages is remembered. `--at` takes a database that make_room_bookings has
filled, and leaves it there.
"""

import argparse
import asyncio
import base64
import itertools
import json
from datetime import date, timedelta
from functools import partial

import itsdangerous

from benchmarks import limits, make_room_bookings, running
from benchmarks.diary import count_queries
from benchmarks.figures import Figures
from benchmarks.visitor import Visitor
from booking import clock, db, settings
from booking.people.models import Person, Role
from booking.people.signing_in import sign_in

SERIES = "repeat=weekly&number=12&start=10:00&minutes=120"
KINDS = {  # what is asked: the query after the date
    "12 dates, every room": SERIES,
    "12 dates in term, near, step-free": f"{SERIES}&term=1&people=12&near=BH22+9TH&within=20&feature=step-free",
    "one date, every room": "start=10:00&minutes=120",
}
_fresh = itertools.count()


async def main(options: argparse.Namespace) -> None:
    if options.at:
        await measure(options.at, options.at, options.times)
    else:
        for bookings in options.bookings:
            async with running.new_database(options.database, f"bench_find_{bookings}") as url:
                await make_room_bookings.make(url, bookings)
                await measure(url, f"{bookings:,} bookings", options.times)
    await limits.page(Figures(), options.times * 5)


async def measure(url: str, words: str, times: int) -> None:
    cookie = await _admin(url)
    figures = Figures(words)
    async with running.serving(url) as site:
        for name, query in KINDS.items():
            visitor = site.visitor()
            visitor.cookies["hub"] = cookie
            await _each(visitor, query, 10)  # plans and templates are made once
            await figures.best(site, name, times, partial(_each, visitor, query))
            page = await visitor.get(_path(query))
            await visitor.close()
            queries = await count_queries(visitor, site.url, _path(query))
            figures.note(f"{queries} queries; {_found(page.text)}; {len(page.text) // 1024} kB")


def _path(query: str) -> str:
    """A Tuesday among the next days, so that few bookings are found as well as many."""
    day: date = clock.today() + timedelta(days=1)
    day += timedelta(days=(1 - day.weekday()) % 7)
    return f"/staff/rooms/find?date={day}&{query}&n={next(_fresh)}"


def _found(html: str) -> str:
    start = html.find("data-announce>") + len("data-announce>")
    return html[start : html.find("<", start)]


async def _each(visitor: Visitor, query: str, times: int) -> None:
    for _ in range(times):
        answer = await visitor.get(_path(query))
        assert answer.status == 200, answer.status


async def _admin(url: str) -> str:
    """The cookie of a new county admin."""
    clock.use_zone("Europe/London")
    await db.open_database(settings.Database(url=url, pool=2))
    try:
        admin = await Person.create(name="Bench", email=f"{db.new_id()}@bench.example", created_at=clock.now())
        await Role.create(person=admin, kind="county_admin")
        token = await sign_in(person_id=admin.id, purpose="staff")
    finally:
        await db.close_database()
    signer = itsdangerous.TimestampSigner(running.SECRETS["BOOKING_SECRET_KEY"])
    return signer.sign(base64.b64encode(json.dumps({"staff": token}).encode())).decode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--bookings", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--at", default="", help="measure this database instead of making one")
    parser.add_argument("--times", type=int, default=50)
    asyncio.run(main(parser.parse_args()))
