"""One verb of the rota in a process of its own, which stands still in the middle to be killed there: `python -m
tests.rotas.killed_worker URL VERB ID HUB PERSON STEP`; STEP is after so many writes, or "end": all is written, and not yet kept."""

import asyncio
import re
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db, settings
from booking.messages import sender
from booking.people.models import Person
from booking.rotas import publishing
from booking.rotas.duties import swaps
from booking.rotas.repair import answering, ill
from tests.rotas.making import who_of

rows, run_tx = db.rows, db.run_tx
written = 0


async def stand() -> None:
    print("here", flush=True)
    await asyncio.sleep(90)


def stop_after(count: int) -> None:
    async def counting(sql: str, *parameters: Any) -> Any:
        global written
        found = await rows(sql, *parameters)
        written += bool(re.match("INSERT|UPDATE|DELETE|WITH", sql))
        if written == count:
            await stand()
        return found

    db.rows = counting


def stop_at_the_end() -> None:
    """The outermost transaction's work is done."""
    depth = 0

    async def standing(body: Any) -> Any:
        nonlocal depth
        depth += 1
        is_whole = depth == 1

        async def and_stand() -> Any:
            done = await body()
            if is_whole:
                await stand()
            return done

        try:
            return await run_tx(and_stand)
        finally:
            depth -= 1

    db.run_tx = standing  # type: ignore[assignment]


async def do(verb: str, id: UUID, by: Any, hub: UUID) -> None:
    """The verb; its id is the swap's, the question's or the ill person's."""
    first = clock.today() + timedelta(days=7)
    if verb == "publish":
        await publishing.publish(hub, first, first + timedelta(days=7), by=by, reason="A test")
    elif verb == "approve":
        await swaps.approve(swap_id=id, by=by, reason="A test")
    elif verb == "take":
        await answering.take(id)
    else:
        await ill.report_ill(id, first, first + timedelta(days=7), by)


async def main(url: str, verb: str, id: str, hub: str, person: str, step: str) -> None:
    clock.use_zone("Europe/London")
    sender.use(settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"}))
    await db.open_database(settings.Database(url=url, pool=2))
    by = who_of(await Person.get(id=UUID(person)), UUID(hub))
    stop_at_the_end() if step == "end" else stop_after(int(step))
    await do(verb, UUID(id), by, UUID(hub))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
