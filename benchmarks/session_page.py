"""The page of a session: `python -m benchmarks.session_page [--database URL] [--sessions 20000]`.

Prints CPU milliseconds of all server processes a page: pages of different sessions, none of them made before, and one page
again and again. Beside them a plain Starlette page.
"""

import argparse
import asyncio
import itertools
from functools import partial

from benchmarks import limits, make_county, parents, running
from benchmarks.figures import Figures
from benchmarks.parents import Bookable
from benchmarks.visitor import Visitor


async def main(options: argparse.Namespace) -> None:
    async with running.new_database(options.database, "bench_session") as url:
        await make_county.make(url, options.sessions)
        await measure(url, options.times)


async def measure(url: str, times: int) -> None:
    sessions = await parents.bookable(url, 100)
    figures = Figures("the page of a session")
    async with running.serving(url) as site:
        visitor = site.visitor()
        await _each(visitor, sessions, 20)
        await figures.best(site, "not made before", times, partial(_each, visitor, sessions))
        await figures.best(site, "again", times * 5, partial(_again, visitor, sessions[0]))
        await visitor.close()
    await limits.page(figures, times * 5)


async def _each(visitor: Visitor, sessions: list[Bookable], times: int) -> None:
    for n in range(times):
        answer = await visitor.get(f"{sessions[n % len(sessions)].path}?n={next(_fresh)}")
        assert answer.status == 200, answer.status


async def _again(visitor: Visitor, session: Bookable, times: int) -> None:
    for _ in range(times):
        await visitor.get(session.path)


_fresh = itertools.count()

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--sessions", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=300)
    asyncio.run(main(parser.parse_args()))
