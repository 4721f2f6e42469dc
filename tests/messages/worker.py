"""A worker process for tests that kill it: python -m tests.messages.worker URL STEP SMS_URL MAIL_PORT BATCHES

STEP is where it stops for ever, after saying so on stdout, to be killed there; "none" lets it work to the end.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from booking import clock, db, settings
from booking.messages import claims, delivery, sender

STEPS = {
    "before the claim": ("claim", "before"),
    "after the claim": ("claim", "after"),
    "before the last look": ("begin", "before"),
    "after the last look": ("begin", "after"),
    "before the record": ("record_sent", "before"),
    "after the record": ("record_sent", "after"),
}


def stop_at(step: str) -> None:
    """Replaces one of the claims' functions with one that says where it is and goes no further."""
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


async def work(url: str, step: str, sms_url: str, mail_port: str, batches: str) -> None:
    loaded = settings.load(environment={"BOOKING_SMS_AUTH_TOKEN": "secret"})
    loaded = replace(loaded, database=settings.Database(url=url, pool=5))
    loaded = loaded.with_("site", base_url="https://hubs.dorset.example")
    loaded = loaded.with_("messages", timeout_seconds=60, mail_from="hubs@dorset.example")
    if sms_url != "-":
        loaded = loaded.with_("messages", sms_base_url=sms_url, sms_account_sid="ACtest", sms_sender="FamilyHubs")
    if mail_port != "-":
        loaded = loaded.with_("messages", mail_host="127.0.0.1", mail_port=int(mail_port), mail_security="none")
    sender.use(loaded)
    clock.use_zone("Europe/London")
    await db.open_database(loaded.database)
    stop_at(step)
    print("ready", flush=True)
    for _ in range(int(batches)):
        await delivery.deliver_due(loaded, f"worker-{step}", limit=20)
        await asyncio.sleep(0.02)
    await db.close_database()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
