"""The rush: `python -m benchmarks.rush [--database URL] [--parents 200] [--places 30]`.

So many parents press Book at the same moment for the last places of one date, each from a network of their own; on PostgreSQL
four server processes share them, on SQLite there is one. Those who got a place then all fill in the form and confirm at the
same moment. Every answer must be a place (303) or a clear no with the way to the waiting list (409).
"""

import argparse
import asyncio
import time
from collections import Counter
from typing import Any

from benchmarks import limits, make_county, parents, running
from benchmarks.figures import Figures
from benchmarks.parents import Bookable
from benchmarks.running import Site
from benchmarks.visitor import Visitor


async def main(options: argparse.Namespace) -> None:
    async with running.new_database(options.database, "bench_rush") as url:
        await make_county.make(url, options.sessions)
        processes = 1 if options.database == "sqlite" else 4
        for _ in range(options.rounds):
            other, session = await parents.bookable(url, 2, options.places)
            async with running.serving(url, processes=processes) as site:
                await measure(site, session, other, options.parents)
        await limits.transaction(url, Figures(), options.parents)


async def measure(site: Site, session: Bookable, other: Bookable, count: int) -> Counter[int]:
    """One rush; prints its figures and returns how many got which answer."""
    visitors = [site.visitor(n) for n in range(count)]
    await _warm(site, session, other)
    await asyncio.gather(*(visitor.connect() for visitor in visitors))
    figures = Figures(f"{count} parents, {len(site.ports)} server processes")
    began = time.perf_counter()
    with figures.of(site, "press Book", count):
        pressed = await asyncio.gather(*(_timed(parents.press_book(visitor, session)) for visitor in visitors))
    _say(figures, began, [seconds for _, seconds in pressed], Counter(answer.status for answer, _ in pressed))
    assert all("waiting list" in answer.text for answer, _ in pressed if answer.status == 409)
    lucky = [(visitors[n], answer, n) for n, (answer, _) in enumerate(pressed) if answer.status == 303]
    began = time.perf_counter()
    with figures.of(site, "fill in and confirm", max(len(lucky), 1)):
        made = await asyncio.gather(*(_timed(parents.fill_in(who, answer, session, n)) for who, answer, n in lucky))
    _say(figures, began, [seconds for _, seconds in made], Counter({200: len(made)}))
    await asyncio.gather(*(visitor.close() for visitor in visitors))
    return Counter(answer.status for answer, _ in pressed)


async def _warm(site: Site, session: Bookable, other: Bookable) -> None:
    """Every process has taken a booking before, as after the first minutes of any day."""
    for port in site.ports:
        visitor = Visitor([port], f"198.51.100.{port % 250}")
        await visitor.get(session.path)
        await parents.fill_in(visitor, await parents.press_book(visitor, other), other, port)
        await visitor.close()


async def _timed(answer: Any) -> tuple[Any, float]:
    began = time.perf_counter()
    return await answer, time.perf_counter() - began


def _say(figures: Figures, began: float, seconds: list[float], counts: Counter[int]) -> None:
    told = ", ".join(f"{count} x {status}" for status, count in sorted(counts.items()))
    slowest = max(seconds, default=0.0)
    figures.note(f"{time.perf_counter() - began:.2f} s in all, slowest {slowest:.2f} s: {told}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--sessions", type=int, default=20_000)
    parser.add_argument("--parents", type=int, default=200)
    parser.add_argument("--places", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=2)
    asyncio.run(main(parser.parse_args()))
