"""A booking with every request a browser makes: `python -m benchmarks.booking [--database URL] [--times 200]`.

The session's page, Book, the form and its answer, the check and its answer, the confirmation: seven requests. Prints CPU
milliseconds of all server processes a booking confirmed by text: its seven requests, the same with the files of a first
visit, and with a mail address, to which an invite for the calendar goes. Beside them one bare transaction, committed.
"""

import argparse
import asyncio

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
        await _book(site, sessions, range(20), is_first=True, by_mail=True)  # words and templates are read once
        with figures.of(site, "every page and form", times):
            await _book(site, sessions, range(100, 100 + times))
        with figures.of(site, "with the files of a first visit", times):
            await _book(site, sessions, range(100 + times, 100 + 2 * times), is_first=True)
        with figures.of(site, "with an invite by mail", times):
            await _book(site, sessions, range(100 + 2 * times, 100 + 3 * times), by_mail=True)
    await limits.transaction(url, figures, times)


async def _book(
    site: Site, sessions: list[Bookable], numbers: range, *, is_first: bool = False, by_mail: bool = False
) -> None:
    for n in numbers:
        session, visitor = sessions[n % len(sessions)], site.visitor(n)
        if is_first:
            await parents.first_visit(visitor, session.path)
        else:
            await visitor.get(session.path)
        await parents.fill_in(visitor, await parents.press_book(visitor, session), session, n, by_mail=by_mail)
        await visitor.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--sessions", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=200)
    asyncio.run(main(parser.parse_args()))
