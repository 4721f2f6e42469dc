"""Notices to many: `python -m benchmarks.notices [--database sqlite | URL] [--families 2000]`.

Everybody at a hub is written to: the preview and the act as the page calls them (seconds, statements), then the job that makes the
messages (queued per second, the longest transaction). Aims: preview and act under a second for 2,000 families and the same
number of statements for 20 as for 2,000; 300 messages a second; no transaction over a second.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import patch

from benchmarks import running
from booking import db, migrating, settings
from booking.messages import sender
from booking.programmes.notices import queueing_notices, sending_notices
from booking.programmes.notices.finding_about import About, find_about
from booking.programmes.notices.notice_words import Typed
from tests.programmes.test_notices_audience import who
from tests.programmes.test_notices_rush import audience_of

ADMIN = who("county_admin")
WORDS = Typed("The car park is closed on Tuesday. Please park at the library, three minutes away.")


async def main(options: argparse.Namespace) -> None:
    async with running.new_database(options.database, "bench_notices") as url:
        sender.use(settings.load(environment={**running.SECRETS, "BOOKING_DATABASE_URL": url}))
        await migrating.migrate(settings.Database(url=url, pool=2))
        await db.open_database(settings.Database(url=url, pool=2))
        try:
            for families in (20, options.families):
                await _measure(families)
        finally:
            await db.close_database()


async def _measure(families: int) -> None:
    await db.execute("UPDATE booking SET state = 'given_up'")
    session = await audience_of(families, first=await db.value("SELECT COUNT(*) AS n FROM person"))
    about = await find_about(ADMIN, "hub", session.hub_id)
    assert about
    print(f"{families:,} families")
    await _timed("preview", lambda: sending_notices.preview(about, about.audience(), WORDS, by=ADMIN))
    await _timed("act", lambda: _send(about, f"{families} families"))
    before, longest = time.perf_counter(), await _queue()
    took = time.perf_counter() - before
    print(f"  messages  {families / took:8.0f} a second, longest transaction {longest * 1000:.0f} ms")


async def _send(about: About, token: str) -> Any:
    return await sending_notices.send(about, about.audience(), WORDS, form_token=token, by=ADMIN, undo_minutes=0)


async def _queue() -> float:
    """Works off what is due; the seconds of its longest chunk."""
    chunk, seconds = queueing_notices._chunk, [0.0]

    async def timed(*arguments: Any) -> int:
        before = time.perf_counter()
        dealt = await chunk(*arguments)
        seconds.append(time.perf_counter() - before)
        return dealt

    with patch.object(queueing_notices, "_chunk", timed):
        await queueing_notices.queue_due()
    return max(seconds)


async def _timed(words: str, act: Callable[[], Awaitable[Any]]) -> None:
    rows, statements = db.rows, 0

    async def counted(sql: str, *parameters: Any) -> list[dict[str, Any]]:
        nonlocal statements
        statements += 1
        return await rows(sql, *parameters)

    before = time.perf_counter()
    with patch.object(db, "rows", counted):
        await act()
    print(f"  {words:9} {time.perf_counter() - before:8.3f} s, {statements} statements")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--families", type=int, default=2000)
    asyncio.run(main(parser.parse_args()))
