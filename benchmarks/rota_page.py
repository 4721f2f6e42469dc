"""The rota page: `python -m benchmarks.rota_page [--database URL] [--people 120] [--places 37] [--times 30]`.

Prints CPU milliseconds of all server processes (web and PostgreSQL) a page and its number of queries: four weeks and one week of one
hub and of all hubs, as a county admin sees them, every rule judged anew each time.
"""

import argparse
import asyncio
import base64
import json
from datetime import timedelta
from functools import partial

import itsdangerous

from benchmarks import make_rota, running
from benchmarks.diary import count_queries
from benchmarks.figures import Figures
from benchmarks.visitor import Visitor
from booking import clock, db, migrating, settings
from booking.people.models import Person, Role
from booking.people.signing_in import sign_in

PAGES = (
    ("a hub, four weeks", "&weeks=4"),
    ("a hub, a week", ""),
    ("all hubs, four weeks", "&hub=all&weeks=4"),
    ("all hubs, a week", "&hub=all"),
)


async def main(options: argparse.Namespace) -> None:
    async with running.new_database(options.database, "bench_rota_page") as url:
        first, cookie = await _set_up(url, options.people, options.places)
        figures = Figures(f"{options.people} people, {options.places} places, from {first}")
        async with running.serving(url) as site:
            for name, more in PAGES:
                path, visitor = f"/staff/rota?date={first}{more}", site.visitor()
                visitor.cookies["hub"] = cookie
                queries = await count_queries(visitor, site.url, path)
                page = await visitor.get(path)
                await _each(visitor, path, 3)  # plans and templates are made once
                await figures.best(site, name, options.times, partial(_each, visitor, path))
                await visitor.close()
                duties = page.text.count('class="duty ')
                figures.note(f"{queries} queries; {duties} duties, {len(page.text) // 1024} kB")


async def _each(visitor: Visitor, path: str, times: int) -> None:
    for _ in range(times):
        answer = await visitor.get(path)
        assert answer.status == 200, answer.status


async def _set_up(url: str, people: int, places: int) -> tuple[str, str]:
    """The first day of the four weeks, and the cookie of a county admin."""
    clock.use_zone("Europe/London")
    database = settings.Database(url=url, pool=2)
    await migrating.migrate(database)
    await db.open_database(database)
    try:
        today = clock.today()
        monday = today + timedelta(days=7 - today.weekday())
        await make_rota.make(people, places, monday)
        staff = await Person.create(name="Bench", email=f"{db.new_id()}@bench.example", created_at=clock.now())
        await Role.create(person=staff, kind="county_admin", hub_id=None)
        token = await sign_in(person_id=staff.id, purpose="staff")
    finally:
        await db.close_database()
    signer = itsdangerous.TimestampSigner(running.SECRETS["BOOKING_SECRET_KEY"])
    return str(monday), signer.sign(base64.b64encode(json.dumps({"staff": token}).encode())).decode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--people", type=int, default=120)
    parser.add_argument("--places", type=int, default=37)
    parser.add_argument("--times", type=int, default=30)
    asyncio.run(main(parser.parse_args()))
