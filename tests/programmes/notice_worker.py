"""Works off notices in a process of its own: `python -m tests.programmes.notice_worker URL [WHERE COUNT]`; with WHERE it says "here"
and stands still before the COUNTth call of that function: queue, chunk or finish."""

import asyncio
import sys
from typing import Any

from booking import clock, db, settings
from booking.messages import sender
from booking.programmes.notices import notice_messages, queueing_notices

FUNCTIONS = {
    "queue": (notice_messages, "queue"),
    "chunk": (queueing_notices, "_chunk"),
    "finish": (queueing_notices, "_finish"),
}


def stand_before(where: str, count: int) -> None:
    module, name = FUNCTIONS[where]
    called, calls = getattr(module, name), 0

    async def stands(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == count:
            print("here", flush=True)
            await asyncio.sleep(90)
        return await called(*arguments)

    setattr(module, name, stands)


async def main(url: str, where: str = "", count: str = "0") -> None:
    clock.use_zone("Europe/London")
    sender.use(settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"}))
    await db.open_database(settings.Database(url=url, pool=2))
    if where:
        stand_before(where, int(count))
    print(await queueing_notices.queue_due(), flush=True)
    await db.close_database()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
