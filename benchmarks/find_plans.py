"""Find the best plans: `python -m benchmarks.find_plans [--database URL] [--bookings 100000] [--at URL]`.

Prints CPU milliseconds of this process (and of PostgreSQL's) for one search over the whole county: 14 weekly sessions of two hours in
term time, 14 people with a creche for 8, any working day, beginning within 28 days. Beside it the same with near misses, and a wish that
nothing meets, with its blockers and every step back. `--at` takes a database that make_room_bookings has filled, and leaves it there.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from statistics import median

from benchmarks import machine, make_room_bookings, running
from booking import clock, db, settings
from booking.programmes.plans import finding_plans
from booking.programmes.plans.judging_plans import Judge
from booking.programmes.plans.plan_wishes import Wishes
from booking.programmes.plans.writing_plans import near_misses, written

Act = Callable[[], Awaitable[str]]


async def main(options: argparse.Namespace) -> None:
    if options.at:
        await measure(options.at, options.times)
        return
    async with running.new_database(options.database, "bench_plans") as url:
        await make_room_bookings.make(url, options.bookings)
        await measure(url, options.times)


async def measure(url: str, times: int) -> None:
    clock.use_zone("Europe/London")
    await db.open_database(settings.Database(url=url, pool=2))
    try:
        await _measure(url, times)
    finally:
        await db.close_database()


async def _measure(url: str, times: int) -> None:
    bookings, rooms = (
        await db.value("SELECT COUNT(*) AS n FROM room_booking"),
        await db.value("SELECT COUNT(*) AS n FROM room"),
    )
    print(f"{bookings:,} bookings of {rooms} rooms")
    wishes = Wishes(
        minutes=120, sessions=14, first=clock.today() + timedelta(days=7), people=14, creche_people=8
    )  # fmt: skip
    impossible = replace(wishes, weekdays=(4,), earliest="11:00", latest="13:15", people=20)
    plans = {
        "the best plans, 28 days": lambda: _find(wishes),
        "the best plans, 7 days": lambda: _find(replace(wishes, window=7)),
        "with near misses": lambda: _with_misses(wishes),
        "nothing works, with steps back": lambda: _find(impossible),
    }
    for words, act in plans.items():
        await _best(url, words, times, act)


async def _find(wishes: Wishes) -> str:
    answer = (await finding_plans.find(wishes)).answer
    return f"{answer.count} plans, {len(answer.near_misses)} near misses, {len(answer.relaxed)} steps back"


async def _with_misses(wishes: Wishes) -> str:
    world = await finding_plans.read(wishes)
    judge = Judge(wishes, await finding_plans.with_taken(world, [Judge(wishes, world)]))
    plans = [written(judge, one) for one in judge.candidates()[: finding_plans.SHOWN]]
    misses = near_misses(judge)
    await finding_plans.who_has([written(judge, one) for one in misses[: finding_plans.MOST_MISSES]])
    return f"{len(plans)} plans shown, {len(misses)} near misses"


async def _best(url: str, words: str, times: int, act: Act) -> None:
    """The cheapest, which other work disturbed least, and the median."""
    costs, found = [], await act()
    for _ in range(times):
        began = (time.process_time(), _database_cpu(url))
        found = await act()
        costs.append((1000 * (time.process_time() - began[0]), 1000 * (_database_cpu(url) - began[1])))
    web, database = min(costs, key=sum)
    middle = median(sum(cost) for cost in costs)
    split = f"(web {web:5.1f}, database {database:5.1f})"
    print(f"  {words:<32} {web + database:6.1f} ms CPU {split}  median {middle:6.1f}  {found}", flush=True)


def _database_cpu(url: str) -> float:
    if not url.startswith("postgres"):
        return 0.0
    return machine.cpu_seconds(machine.postgres_pids(url.rsplit("/", 1)[1]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--bookings", type=int, default=100_000)
    parser.add_argument("--at", default="", help="measure this database instead of making one")
    parser.add_argument("--times", type=int, default=20)
    asyncio.run(main(parser.parse_args()))
