"""A snow day: `python -m benchmarks.snow_day [--database sqlite | URL] [--bookings 20000]`.

The preview of closing a hub with nine sessions, four bookings of partners, six staff and eighty families, in a county with that many
room bookings beside it: the page as a county admin gets it from a real server, with its answers chosen (four sessions are off, the
others move, go online or are kept), every message composed and rolled back again. Prints seconds of wall time, CPU milliseconds of
all server processes, and the number of statements. Aim: under two seconds.
"""

import argparse
import asyncio
import time
from urllib.parse import urlencode
from uuid import UUID

from benchmarks import limits, make_room_bookings, running
from benchmarks.diary import count_queries
from benchmarks.figures import Figures
from benchmarks.find_room import _admin as admin_of
from benchmarks.visitor import Visitor
from booking import clock, db, settings
from booking.messages import sender
from tests.programmes import snow_day

AIM = 2.0


async def main(options: argparse.Namespace) -> None:
    async with running.new_database(options.database, "bench_snow_day") as url:
        await make_room_bookings.make(url, options.bookings)
        path = await _made(url)
        cookie = await admin_of(url)
        figures = Figures(f"{options.bookings:,} bookings")
        async with running.serving(url) as site:
            visitor = site.visitor()
            visitor.cookies["hub"] = cookie
            for words, asked in _pages(path):
                await _each(visitor, asked, 2)  # plans and templates are made once
                seconds = []

                async def looked(times: int, asked: str = asked, seconds: list[float] = seconds) -> None:
                    for _ in range(times):
                        before = time.perf_counter()
                        await _each(visitor, asked, 1)
                        seconds.append(time.perf_counter() - before)

                await figures.best(site, words, options.times, looked)
                queries = await count_queries(visitor, site.url, asked)
                slowest, best = max(seconds), min(seconds)
                figures.note(f"{queries} statements; {best:.2f} to {slowest:.2f} s each; aim {AIM:.0f} s")
            await visitor.close()
    await limits.page(Figures(), options.times * 5)


async def _made(url: str) -> tuple[str, list[tuple[UUID, str]]]:
    """The snow day in this database: the hub's id, and an answer for each session."""
    clock.use_zone("Europe/London")
    sender.use(settings.load(environment={**running.SECRETS, "BOOKING_DATABASE_URL": url}))
    await db.open_database(settings.Database(url=url, pool=2))
    try:
        day = await snow_day.make_it()
    finally:
        await db.close_database()
    kinds = ("cancel", "cancel", "online", "cancel", "cancel", "cancel", "online", "cancel", "keep")
    used = [session.room_booking_id for session in day.sessions]
    return str(day.hub.id), [(id, kind) for id, kind in zip(used, kinds, strict=True) if id]


def _pages(made: tuple[str, list[tuple[UUID, str]]]) -> list[tuple[str, str]]:
    place, answers = made
    asked = {"place": place, "first": snow_day.DAY.isoformat(), "all_day": "yes"}
    chosen = {f"answer-{id}": kind for id, kind in answers} | {"join_url": "https://meet.example/snow"}
    return [
        ("first look, snow", f"/staff/close?{urlencode(asked | {'reason': 'weather'})}"),
        ("first look, no heating: rooms move", f"/staff/close?{urlencode(asked | {'reason': 'heating'})}"),
        ("with answers chosen", f"/staff/close?{urlencode(asked | chosen | {'reason': 'weather', 'answered': 'yes'})}"),
    ]


async def _each(visitor: Visitor, path: str, times: int) -> None:
    for _ in range(times):
        answer = await visitor.get(path)
        assert answer.status == 200, answer.text[answer.text.find("govuk-error-summary") :][:800]
        assert "80 families" in answer.text or "families are told" in answer.text


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--bookings", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=10)
    asyncio.run(main(parser.parse_args()))
