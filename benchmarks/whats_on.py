"""The what's-on page of 50 sessions: `python -m benchmarks.whats_on [--database URL] [--sessions 500 20000 1000000]`.

Prints CPU milliseconds of all server processes (web and PostgreSQL) a page: not made before (each address is new), the
same page again and again, and asked for with the ETag of the last answer. Beside them a plain Starlette page.
"""

import argparse
import asyncio
import itertools
from functools import partial

from benchmarks import limits, make_county, running
from benchmarks.figures import Figures
from benchmarks.running import Site
from benchmarks.visitor import Visitor

KINDS = {  # what is asked: the query
    "everything": "when=14",
    "near a postcode": "near=BH22+9TH",
    "near, nearest first": "near=BH22+9TH&within=20&sort=near&when=28",
    "for a child of 2, to book": "age=24&booked=book",
    "words": "words=baby+massage&when=84",
    "all filters": "near=CO1+1UG&within=any&age=12&day=1&day=3&time=morning&how=in_person&booked=drop_in&words=play&when=28",
    "a week": "view=week&near=BH22+9TH",
}
_fresh = itertools.count()


async def main(options: argparse.Namespace) -> None:
    for sessions in options.sessions:
        async with running.new_database(options.database, f"bench_{sessions}") as url:
            await make_county.make(url, sessions)
            await measure(url, sessions, options.times)
    await limits.page(Figures(), options.times * 5)


async def measure(url: str, sessions: int, times: int) -> None:
    figures = Figures(f"{sessions:,} sessions")
    async with running.serving(url, BOOKING_SERVER_PUBLIC_PAGE_SECONDS="1") as site:
        visitor = site.visitor()
        for words, query in KINDS.items():
            await _each(visitor, 20, query)  # plans and templates are made once
            await figures.best(site, words, times, partial(_each, visitor, query=query))
        await _again(site, visitor, figures, times * 5)
        await visitor.close()


async def _each(visitor: Visitor, times: int, query: str) -> None:
    for _ in range(times):
        answer = await visitor.get(f"/?{query}&n={next(_fresh)}")
        assert answer.status == 200, answer.status


async def _again(site: Site, visitor: Visitor, figures: Figures, times: int) -> None:
    """The same page within its second, made anew in between as it would be; and when the browser has it already."""
    known = {"If-None-Match": (await visitor.get("/")).headers["etag"]}
    await figures.best(site, "everything, again", times, partial(_same, visitor))
    await figures.best(site, "everything, unchanged (304)", times, partial(_same, visitor, headers=known))


async def _same(visitor: Visitor, times: int, headers: dict[str, str] | None = None) -> None:
    for _ in range(times):
        await visitor.get("/", **headers or {})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--sessions", type=int, nargs="+", default=[500, 20_000, 50_000])
    parser.add_argument("--times", type=int, default=300)
    asyncio.run(main(parser.parse_args()))
