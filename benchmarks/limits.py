"""What this machine can do at all, to stand beside our figures: a plain page, a bare transaction."""

import os

from benchmarks import running
from benchmarks.figures import Figures
from benchmarks.running import Site
from booking import db, settings


async def page(figures: Figures, times: int) -> None:
    """The same number of plain Starlette pages from the same server."""
    async with running.serving_plain() as site:
        visitor = site.visitor()
        await visitor.get("/")

        async def pages(count: int) -> None:
            for _ in range(count):
                await visitor.get("/")

        await figures.best(site, "limit: a plain Starlette page", times, pages)
        await visitor.close()


async def transaction(url: str, figures: Figures, times: int) -> None:
    """One row written and committed, from this process."""
    await db.open_database(settings.Database(url=url, pool=1))
    try:
        await db.execute("CREATE TABLE IF NOT EXISTS limit_of_machine (n INTEGER)")

        async def written(count: int) -> None:
            for n in range(count):
                await db.run_tx(lambda n=n: db.execute("INSERT INTO limit_of_machine VALUES ($1)", n))

        await figures.best(Site(url, [], [_ThisProcess]), "limit: a bare transaction", times, written)
    finally:
        await db.close_database()


class _ThisProcess:
    pid = os.getpid()
