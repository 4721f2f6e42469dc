"""From a signed reply (NO to a reminder) to the offer of that place at the stand-in for the provider.

    python -m benchmarks.text_replies [--database postgres://postgres@127.0.0.1:5432] [--replies 40]

The real application answers the webhook and the real timetable runs every job as it does in `booking serve`; the replies come one a
second, each of a family whose session has somebody waiting. Prints how long the answer and the offer took, p50, p95 and the slowest.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx

from booking import clock, db, migrating, settings
from booking.app import create_app
from jobs.timetable import Timetable
from tests import make
from tests.programmes.texts_of import heard
from tests.standins import keys
from tests.standins.twilio import TwilioStandIn, signed_text

SITE = "https://hubs.dorset.example"
NEVER_QUIET = {"quiet_from_hour": 8, "quiet_to_hour": 8}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite", help="sqlite, or a PostgreSQL server's URL")
    parser.add_argument("--replies", type=int, default=40)
    asyncio.run(bench(parser.parse_args()))


async def bench(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        name = f"booking_bench_{uuid.uuid4().hex[:8]}"
        server = await asyncpg.connect(f"{options.database}/postgres") if options.database != "sqlite" else None
        if server:
            await server.execute(f"CREATE DATABASE {name}")
        url = f"{options.database}/{name}" if server else f"sqlite://{Path(folder) / name}.sqlite3"
        try:
            async with TwilioStandIn() as twilio:
                await measure(url, twilio, options.replies)
        finally:
            await db.close_database()
            if server:
                await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
                await server.close()


def configured(url: str, twilio: TwilioStandIn) -> settings.Settings:
    loaded = settings.load(environment=keys.ENVIRONMENT)
    loaded = replace(loaded, database=settings.Database(url=url, pool=20))
    return loaded.with_("site", base_url=SITE).with_("messages", **NEVER_QUIET, **twilio.settings())


async def measure(url: str, twilio: TwilioStandIn, replies: int) -> None:
    own = configured(url, twilio)
    await migrating.migrate(own.database)
    await db.open_database(own.database)
    app, timetable = create_app(own), Timetable(own)
    pairs = [await families(n) for n in range(replies)]
    await timetable.start()
    asked: dict[str, float] = {}
    seen: dict[str, float] = {}
    watching = asyncio.create_task(watch(twilio, seen))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        for n, (giver, _) in enumerate(pairs):
            form, headers = signed_text("No", sender=giver, sid=f"SM{n}", address=f"{SITE}/hooks/sms")
            asked[giver] = time.monotonic()
            (await client.post("/hooks/sms", data=form, headers=headers)).raise_for_status()
            await asyncio.sleep(1.07)  # not in step with the jobs
    for _ in range(300):
        if len(seen) < 2 * replies:
            await asyncio.sleep(0.2)
    watching.cancel()
    await timetable.stop()
    report("answer to who gave up", [seen[giver] - asked[giver] for giver, _ in pairs if giver in seen], replies)
    report("offer to the next in line", [seen[heir] - asked[giver] for giver, heir in pairs if heir in seen], replies)
    print(f"sent twice: {len(twilio.doubled)}")


async def families(n: int) -> tuple[str, str]:
    """The numbers of a family with the only place of a session, of which it was reminded, and of one that waits for it."""
    session = await make.session(await make.run(first_date=clock.today() + timedelta(days=10), places=1))
    giver = await make.person(phone=f"+44770090{n:04}")
    heir = await make.person(phone=f"+44770091{n:04}")
    await heard(await make.booking(session, giver), "confirmation")
    await make.waiting(session, heir)
    return giver.phone, heir.phone


async def watch(twilio: TwilioStandIn, seen: dict[str, float]) -> None:
    """When the first SMS to each number is there."""
    while True:
        for message in twilio.accepted:
            seen.setdefault(message["to"], time.monotonic())
        await asyncio.sleep(0.05)


def report(what: str, took: list[float], of: int) -> None:
    if len(took) < 2:
        print(f"{what}: {len(took)} of {of} came")
        return
    p95 = statistics.quantiles(took, n=20)[-1]
    print(
        f"{what}: {len(took)} of {of}, p50 {statistics.median(took):.1f} s, p95 {p95:.1f} s, slowest {max(took):.1f} s"
    )


if __name__ == "__main__":
    main()
