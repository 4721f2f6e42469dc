"""Memory of the web process and the worker together: `python -m benchmarks.memory [--database URL]`.

After thousand different pages and a hundred bookings, so that everything that is loaded late or remembered is there. PSS is
each process's own share (memory that two share counts half for each); beside it the server with one plain page.
"""

import argparse
import asyncio

from benchmarks import machine, make_county, parents, running
from benchmarks.running import Site

NOWHERE = {  # a provider that does not answer, so that the worker loads all that it needs to send
    "BOOKING_MESSAGES_SMS_BASE_URL": "http://127.0.0.1:9",
    "BOOKING_MESSAGES_SMS_ACCOUNT_SID": "ACbench",
    "BOOKING_MESSAGES_SMS_SENDER": "FamilyHubs",
    "BOOKING_SMS_AUTH_TOKEN": "not a secret",
}


async def main(options: argparse.Namespace) -> None:
    async with running.new_database(options.database, "bench_memory") as url:
        await make_county.make(url, options.sessions)
        await measure(url, options.pages, options.bookings)


async def measure(url: str, pages: int, bookings: int) -> None:
    sessions = await parents.bookable(url, 20)
    async with running.serving(url, worker=True, **NOWHERE) as site:
        say("started, nothing asked yet", site)
        await _browse(site, pages)
        say(f"after {pages} different pages", site)
        await _book(site, sessions, bookings)
        await asyncio.sleep(5)  # the worker looks at the outbox
        say(f"and {bookings} bookings", site)
    async with running.serving_plain() as site:
        say("limit: a plain Starlette page", site)


async def _browse(site: Site, pages: int) -> None:
    visitor = site.visitor()
    for n in range(pages):
        await visitor.get(f"/?page={n % 20 + 1}&when=84&n={n}")
    await visitor.close()


async def _book(site: Site, sessions: list[parents.Bookable], bookings: int) -> None:
    for n in range(bookings):
        session, visitor = sessions[n % len(sessions)], site.visitor(n)
        await parents.first_visit(visitor, session.path)
        await parents.fill_in(visitor, await parents.press_book(visitor, session), session, n)
        await visitor.close()


def say(words: str, site: Site) -> None:
    each = ["web", "worker"][: len(site.pids)]
    shares = [machine.megabytes(pid) for pid in site.pids]
    split = ", ".join(f"{name} {share:.0f}" for name, share in zip(each, shares, strict=True))
    resident = sum(machine.resident_megabytes(pid) for pid in site.pids)
    print(f"  {words:<32} {sum(shares):6.0f} MB ({split}); resident {resident:.0f} MB", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--sessions", type=int, default=20_000)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--bookings", type=int, default=100)
    asyncio.run(main(parser.parse_args()))
