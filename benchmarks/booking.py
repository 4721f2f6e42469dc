"""A booking with every request a browser makes: `python -m benchmarks.booking [--database URL] [--times 200]`.

The session's page, Book, the form and its answer, the check and its answer, the confirmation: seven requests. Prints CPU
milliseconds of all server processes a booking confirmed by text: its seven requests, the same with the files of a first
visit, and with a mail address, to which an invite for the calendar goes. Beside them one bare transaction, committed.
"""

import argparse
import asyncio
import itertools
from functools import partial

from benchmarks import limits, make_county, parents, running
from benchmarks.figures import Figures
from benchmarks.parents import Bookable
from benchmarks.running import Site


async def main(options: argparse.Namespace) -> None:
    async with running.new_database(options.database, "bench_booking") as url:
        await make_county.make(url, options.sessions)
        await measure(url, options.times)


async def measure(url: str, times: int) -> None:
    sessions = await parents.bookable(url, 20)
    figures = Figures("a booking")
    async with running.serving(url) as site:
        book = partial(_book, site, sessions)
        await book(20, is_first=True, by_mail=True)  # plans and templates are made once
        await figures.best(site, "every page and form", times, book)
        await figures.best(site, "with the files of a first visit", times, partial(book, is_first=True))
        await figures.best(site, "with an invite by mail", times, partial(book, by_mail=True))
    await limits.transaction(url, figures, times)


async def _book(
    site: Site, sessions: list[Bookable], times: int, *, is_first: bool = False, by_mail: bool = False
) -> None:
    for n in itertools.islice(_parents, times):
        session, visitor = sessions[n % len(sessions)], site.visitor(n)
        if is_first:
            await parents.first_visit(visitor, session.path)
        else:
            await visitor.get(session.path)
        await parents.fill_in(visitor, await parents.press_book(visitor, session), session, n, by_mail=by_mail)
        await visitor.close()


_parents = itertools.count(1)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--sessions", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=200)
    asyncio.run(main(parser.parse_args()))
