"""The draft in a second: `python -m benchmarks.rota_greedy [--database URL] [--without-lag]`.

Prints, for three counties made from the demo's places, CPU seconds of a draft a week, what it leaves open, what it costs, how many
hard rules it breaks (none), and milliseconds to explain a gap; then, on the demo county itself, how long the event loop of a web
process is held up while its whole rota is planned in a process of its own, as a draft and thoroughly.
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from statistics import quantiles
from types import SimpleNamespace
from typing import Any, cast

from benchmarks import running as bench
from benchmarks.rota_instances import LARGE, MIDDLE, SMALL, Size, at_times, make
from booking import clock, db, migrating, settings
from booking.demo import county
from booking.messages import sender
from booking.people.signing_in import Who
from booking.rotas import rules
from booking.rotas.planner import greedy, running
from booking.rotas.planner.explaining import Explainer
from booking.rotas.planner.planned import whole

EVERY = 0.005


def draft(size: Size) -> None:
    plan = make(size)
    began = time.process_time()
    planned = greedy.plan(plan)
    seconds = (time.process_time() - began) / size.weeks
    after, given = replace(plan, duties=at_times(plan, planned)), whole(plan, planned.given)
    broken = sum(one.level != "soft" for one in rules.check(after, given))
    explainer = Explainer(after, given)
    gaps = explainer.gaps()[:200]
    began = time.process_time()
    for gap in gaps:
        explainer.explain(gap.id)
    each = 1000 * (time.process_time() - began) / max(1, len(gaps))
    print(
        f"{size.people} people, {size.hubs} hubs, {size.sites} sites, {size.weeks} weeks: {seconds:.2f} CPU-s a week,"
        f" {len(planned.given)} of {len(plan.duties)} duties filled, cost {planned.cost.total:,.0f}, {broken} hard rules broken,"
        f" {each:.1f} ms to explain a gap"
    )


async def lag(database: settings.Database) -> None:
    """The demo county's rota from next Monday, four weeks, all hubs."""
    sender.use(settings.load(environment=bench.SECRETS))
    await migrating.migrate(database)
    await db.open_database(database)
    try:
        await county.load(clock.today())
        hubs = [row["id"] for row in await db.rows("SELECT id FROM location WHERE kind = 'hub'")]
        first = clock.today() + timedelta(days=7 - clock.today().weekday())
        for engine in ("greedy", "solver") if running.is_solver_there() else ("greedy",):
            await _one(engine, hubs, first)
    finally:
        await db.close_database()


async def _one(engine: str, hubs: Sequence[Any], first: Any) -> None:
    by = cast(Who, SimpleNamespace(id=None, name="benchmark", is_manager=True, may_act_at=lambda hub: True))
    held: list[tuple[float, float]] = []
    watching = asyncio.ensure_future(_watch(held))
    began = time.monotonic()
    await running.ask(hubs, first, first + timedelta(days=27), engine=engine, by=by, keep=False)
    said = await running.work_next(engine)
    watching.cancel()
    late, own = ([each[n] for each in held] for n in (0, 1))
    print(
        f"demo county, {engine}: {time.monotonic() - began:.0f} s by the clock ({said.split(': ')[-1]}); the event loop was late by"
        f" p99 {quantiles(late, n=100)[98]:.1f}, most {max(late):.1f} ms; of CPU it was held up by"
        f" p99 {quantiles(own, n=100)[98]:.1f}, most {max(own):.1f} ms at a time"
    )


async def _watch(held: list[tuple[float, float]]) -> None:
    """How late each wake-up is by the clock, which a busy machine makes late too, and what the loop's own thread did meanwhile."""
    while True:
        began, worked = time.monotonic(), time.thread_time()
        await asyncio.sleep(EVERY)
        held.append((1000 * (time.monotonic() - began - EVERY), 1000 * (time.thread_time() - worked)))


async def main(options: argparse.Namespace) -> None:
    for size in (SMALL, MIDDLE, LARGE):
        draft(size)
    if not options.without_lag:
        async with bench.new_database(options.database, "bench_rota_greedy") as url:
            await lag(settings.Database(url=url, pool=4))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--without-lag", action="store_true")
    asyncio.run(main(parser.parse_args()))
