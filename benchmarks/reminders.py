"""Reminders queued and delivered per second against a stand-in for the provider, with 1, 2 and 4 workers.

    python -m benchmarks.reminders [--database postgres://postgres@127.0.0.1:5432] [--messages 2000] [--workers 1 2 4]
        [--provider twilio | notify] [--pace 3000]

Without --pace as fast as it goes; with it at most so many a minute by all workers together (messages.sms_a_minute). Prints messages a second and CPU milliseconds of the worker processes per message, and beside them what the machine can
do at all: one committed UPDATE, and one bare HTTP request to the stand-in. The stand-in runs in a process of its own.
"""

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
import uuid
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx

from booking import clock, db, migrating, settings
from booking.messages import claims, delivery, sender
from tests import make
from tests.messages.queueing import queue_reminder
from tests.standins import keys
from tests.standins.notify import NotifyStandIn
from tests.standins.twilio import TwilioStandIn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--provider", default="twilio", choices=["twilio", "notify"])
    parser.add_argument("--pace", type=int, default=1_000_000, help="messages.sms_a_minute")
    parser.add_argument("--as", dest="role", default="bench", choices=["bench", "stand-in", "worker"])
    parser.add_argument("--url", default="")
    parser.add_argument("--sms", default="{}", help="settings that lead to the stand-in")
    options = parser.parse_args()
    asyncio.run({"bench": bench, "stand-in": stand_in, "worker": worker}[options.role](options))


NO_LIMIT = dict.fromkeys(("sms_an_hour", "sms_a_day", "sms_an_hour_to_one", "sms_a_day_to_one"), 10**9)
NEVER_QUIET = {"quiet_from_hour": 8, "quiet_to_hour": 8}


def configured(url: str, options: argparse.Namespace, sms: str) -> settings.Settings:
    loaded = settings.load(environment=keys.ENVIRONMENT)
    loaded = replace(loaded, database=settings.Database(url=url, pool=20))
    loaded = loaded.with_("site", base_url="https://hubs.dorset.example")
    loaded = loaded.with_("messages", sms_a_minute=options.pace, **NO_LIMIT, **NEVER_QUIET, **json.loads(sms))
    sender.use(loaded)
    clock.use_zone("Europe/London")
    return loaded


async def stand_in(options: argparse.Namespace) -> None:
    """Its own process; says what leads to it, and at the end of stdin how many SMS it took and how many twice."""
    async with {"twilio": TwilioStandIn, "notify": NotifyStandIn}[options.provider]() as provider:
        print(json.dumps(provider.settings()), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        print(json.dumps({"accepted": len(provider.accepted), "doubled": len(provider.doubled)}), flush=True)


async def worker(options: argparse.Namespace) -> None:
    """Delivers until nothing is due; prints how many it sent and its CPU seconds."""
    loaded = configured(options.url, options, options.sms)
    await db.open_database(loaded.database)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    before, sent = cpu_seconds(), 0
    while await claims.due("sms", 1):
        sent += (await delivery.deliver_due(loaded, f"bench-{uuid.uuid4()}", limit=100)).sent
    print(json.dumps({"sent": sent, "cpu": cpu_seconds() - before}), flush=True)
    await db.close_database()


async def bench(options: argparse.Namespace) -> None:
    process = await start("stand-in", options)
    sms = (await process.stdout.readline()).decode().strip()
    with tempfile.TemporaryDirectory() as folder:
        url, drop = await new_database(options.database, Path(folder))
        try:
            await measure(options, url, sms)
        finally:
            await db.close_database()
            await drop()
    process.stdin.close()
    print("stand-in:", (await process.stdout.readline()).decode().strip())
    await process.wait()


async def measure(options: argparse.Namespace, url: str, sms: str) -> None:
    loaded = configured(url, options, sms)
    await migrating.migrate(loaded.database)
    await db.open_database(loaded.database)
    print(f"{options.database.split('@')[0]}, {options.messages} messages by {options.provider}")
    people = [await make.person() for _ in range(50)]
    await the_machine(sms, people[0].id)
    for count in options.workers:
        await queue(options.messages, people)
        await deliver(options, url, sms, count)


async def the_machine(sms: str, person_id: uuid.UUID) -> None:
    """What stands beside our figures: one committed UPDATE, one bare request."""
    began, before, times = time.perf_counter(), cpu_seconds(), 300
    for number in range(times):
        await db.execute("UPDATE person SET name = $2 WHERE id = $1", person_id, f"Sam {number}")
    report("one UPDATE, committed, one after the other", times, began, before)
    if "sms_base_url" not in (known := json.loads(sms)):
        return  # Notify wants a signed token with each
    began, before = time.perf_counter(), cpu_seconds()
    form = {"To": "+447700900001", "From": "FamilyHubs", "Body": "bare"}
    async with httpx.AsyncClient(auth=("ACtest", "secret"), trust_env=False) as client:
        target = f"{known['sms_base_url']}/2010-04-01/Accounts/ACtest/Messages.json"
        for start_ in range(0, times, 16):
            await asyncio.gather(*(client.post(target, data=form | {"Body": f"bare {start_ + n}"}) for n in range(16)))
    report("one bare HTTP request to the stand-in, 16 at once", times, began, before)


async def queue(count: int, people: list) -> None:
    """As the reminder job does: one transaction each, words and all."""
    began, before = time.perf_counter(), cpu_seconds()
    for number in range(count):
        await db.run_tx(lambda number=number: queue_reminder(people[number % len(people)]))
    report("queued, one transaction each", count, began, before)


async def deliver(options: argparse.Namespace, url: str, sms: str, count: int) -> None:
    workers = [await start("worker", options, "--url", url, "--sms", sms) for _ in range(count)]
    for process in workers:
        await process.stdout.readline()
    began = time.perf_counter()
    for process in workers:
        process.stdin.write(b"go\n")
    told = [json.loads(await process.stdout.readline()) for process in workers]
    took = time.perf_counter() - began
    sent, cpu = sum(each["sent"] for each in told), sum(each["cpu"] for each in told)
    words = f"delivered by {count} worker{'s' if count > 1 else ''}"
    print(
        f"{words:<52} {sent / took:8.0f} /s {1000 * cpu / max(sent, 1):8.2f} ms CPU each, {sent / took * 60:6.0f} a minute"
    )
    for process in workers:
        await process.wait()


async def start(role: str, options: argparse.Namespace, *more: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.reminders", "--as", role, "--database", options.database, *more),
        *("--provider", options.provider, "--pace", str(options.pace)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def new_database(server: str, folder: Path):
    """A new database's URL, and what drops it."""
    if server == "sqlite":

        async def nothing() -> None:
            pass

        return f"sqlite://{folder}/bench.sqlite3", nothing
    name = f"booking_bench_{uuid.uuid4().hex[:8]}"

    async def run(sql: str) -> None:
        connection = await asyncpg.connect(f"{server}/postgres")
        await connection.execute(sql)
        await connection.close()

    await run(f"CREATE DATABASE {name}")
    return f"{server}/{name}", lambda: run(f"DROP DATABASE {name} WITH (FORCE)")


def report(words: str, count: int, began: float, cpu_before: float) -> None:
    took, cpu = time.perf_counter() - began, cpu_seconds() - cpu_before
    print(f"{words:<52} {count / took:8.0f} /s {1000 * cpu / count:8.2f} ms CPU each")


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
