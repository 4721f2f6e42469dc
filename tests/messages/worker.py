"""A worker process for tests that kill it: python -m tests.messages.worker URL STEP SMS MAIL_PORT BATCHES

SMS are the settings that lead to a provider, as JSON, or "-".

STEP is where it stops for ever, after saying so on stdout, to be killed there; "none" lets it work to the end. "frozen" is a
process that stands still between its last look and the request, for longer than its claim lasts, and then goes on; "frozen
without a deadline" is the same, as it would be if it did not look at the clock.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from booking import clock, db, settings
from booking.messages import claims, delivery, sender
from booking.messages.claims import LEASE
from booking.messages.deadline import Deadline
from tests.standins import keys

STEPS = {
    "before the claim": ("claim", "before"),
    "after the claim": ("claim", "after"),
    "before the last look": ("begin", "before"),
    "after the last look": ("begin", "after"),
    "before the record": ("record_sent", "before"),
    "after the record": ("record_sent", "after"),
}


SHORT_LEASE = timedelta(seconds=4)


def freeze(step: str) -> None:
    """After the last look nothing of the process moves until there is a line to read."""
    original = claims.begin

    async def freezing(*arguments: Any) -> bool:
        is_ours = await original(*arguments)
        print("here", flush=True)
        sys.stdin.readline()  # nothing else may go on either
        return is_ours

    setattr(claims, "begin", freezing)  # noqa: B010  as in stop_at
    if step == "frozen without a deadline":
        setattr(Deadline, "is_past", lambda self: False)  # noqa: B010


def stop_at(step: str) -> None:
    """Replaces one of the claims' functions with one that says where it is and goes no further."""
    if step.startswith("frozen"):
        return freeze(step)
    if step not in STEPS:
        return
    name, when = STEPS[step]
    original: Callable[..., Awaitable[Any]] = getattr(claims, name)

    async def stopping(*arguments: Any) -> Any:
        if when == "after":
            await original(*arguments)
        print("here", flush=True)
        await asyncio.sleep(3600)

    setattr(claims, name, stopping)


NEVER_QUIET = {"quiet_from_hour": 8, "quiet_to_hour": 8}  # these tests run at any time of the day


async def work(url: str, step: str, sms: str, mail_port: str, batches: str) -> None:
    loaded = settings.load(environment=keys.ENVIRONMENT)
    loaded = replace(loaded, database=settings.Database(url=url, pool=5))
    loaded = loaded.with_("site", base_url="https://hubs.dorset.example")
    loaded = loaded.with_("messages", timeout_seconds=60, mail_from="hubs@dorset.example", **NEVER_QUIET)
    if sms != "-":
        loaded = loaded.with_("messages", **json.loads(sms))
    if mail_port != "-":
        loaded = loaded.with_("messages", mail_host="127.0.0.1", mail_port=int(mail_port), mail_security="none")
    sender.use(loaded)
    clock.use_zone("Europe/London")
    await db.open_database(loaded.database)
    stop_at(step)
    lease = SHORT_LEASE if step.startswith("frozen") else LEASE
    print("ready", flush=True)
    for _ in range(int(batches)):
        await delivery.deliver_due(loaded, f"worker-{step}", limit=20, lease=lease)
        await asyncio.sleep(0.02)
    await db.close_database()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
