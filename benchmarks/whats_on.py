"""The what's-on page of 50 sessions: `python -m benchmarks.whats_on [--database URL] [--sessions 500 20000 1000000]`.

Prints CPU milliseconds of all server processes (web and PostgreSQL) a page: not made before (each address is new), the
same page again and again, and asked for with the ETag of the last answer. Beside them a plain Starlette page.
"""

import argparse
import asyncio
import itertools
import time

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
            await visitor.get(f"/?{query}")  # words and templates are read once
            await _each(site, visitor, times // 10, query)
            with figures.of(site, words, times):
                await _each(site, visitor, times, query)
        await _again(site, visitor, figures, times * 5)
        await visitor.close()


async def _each(site: Site, visitor: Visitor, times: int, query: str) -> None:
    for _ in range(times):
        answer = await visitor.get(f"/?{query}&n={next(_fresh)}")
        assert answer.status == 200, answer.status


async def _again(site: Site, visitor: Visitor, figures: Figures, times: int) -> None:
    """The same page within its second, made anew a few times in between as it would be."""
    began = time.perf_counter()
    with figures.of(site, "everything, again", times):
        for _ in range(times):
            answer = await visitor.get("/")
    figures.note(f"made anew about {time.perf_counter() - began:.0f} times of {times}; {len(answer.body):,} bytes sent")
    with figures.of(site, "everything, unchanged (304)", times):
        for _ in range(times):
            answer = await visitor.get("/", **{"If-None-Match": answer.headers.get("etag", "")})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--sessions", type=int, nargs="+", default=[500, 20_000, 50_000])
    parser.add_argument("--times", type=int, default=300)
    asyncio.run(main(parser.parse_args()))
