"""The job behind notices: what is due gets its messages, a hundred people at a time, each in a transaction of its own.

Killed at any moment nothing is lost or doubled: who has no message yet is still open, and a message's key is the notice and the
person. Any number of these jobs may run at once. Who no longer comes is left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.models import Person
from booking.programmes.notices import audience, notice_messages

CHUNK = 100


@dataclass(slots=True)
class Dealt:
    """What one run did."""

    queued: int = 0
    left_out: int = 0
    finished: int = 0

    def __str__(self) -> str:
        return f"{self.queued} notices queued, {self.left_out} left out, {self.finished} finished"


def never() -> bool:
    return False


async def queue_due(is_stopping: Callable[[], bool] = never) -> Dealt:
    """Works off every notice that is due, the first due first. Raises what went wrong with one, after all the others."""
    dealt, troubles = Dealt(), []
    for notice_id in await _due():
        try:
            while not is_stopping() and await _chunk(notice_id, dealt):
                pass
            dealt.finished += await _finish(notice_id)
        except Exception as trouble:  # one that cannot leave does not keep the others back
            troubles.append(trouble)
    if troubles:
        raise troubles[0]
    return dealt


async def _due() -> list[UUID]:
    """Those that are due, from now on leaving; and those that another run did not finish."""
    found = await db.rows(
        "SELECT id, state FROM notice WHERE state IN ('waits', 'sending') AND due_at <= $1 ORDER BY due_at, id",
        clock.now(),
    )
    if any(row["state"] == "waits" for row in found):
        await db.execute("UPDATE notice SET state = 'sending' WHERE state = 'waits' AND due_at <= $1", clock.now())
    return [row["id"] for row in found]


async def _chunk(notice_id: UUID, dealt: Dealt) -> int:
    """The messages of the next people; returns how many people were dealt with."""

    async def body() -> dict[UUID, str]:
        # whoever takes the notice back waits for this chunk, and then finds its messages
        notice = await db.row(
            "SELECT * FROM notice WHERE id = $1 AND state = 'sending'" + (" FOR SHARE" if db.is_postgres() else ""),
            notice_id,
        )
        some = await _open(notice_id) if notice else []
        outcomes = await _deal(notice, some) if notice and some else {}
        await _note(notice_id, outcomes)
        return outcomes

    outcomes = await db.run_tx(body)
    dealt.queued += sum(1 for outcome in outcomes.values() if outcome == "queued")
    dealt.left_out += sum(1 for outcome in outcomes.values() if outcome != "queued")
    return len(outcomes)


async def _open(notice_id: UUID) -> list[UUID]:
    """The next people with whom nobody else is dealing."""
    rows = await db.rows(
        f"SELECT person_id FROM notice_recipient WHERE notice_id = $1 AND queued_at IS NULL ORDER BY person_id LIMIT {CHUNK}"
        + db.skip_locked(),
        notice_id,
    )
    return [row["person_id"] for row in rows]


async def _deal(notice: dict[str, Any], some: Sequence[UUID]) -> dict[UUID, str]:
    """What becomes of each: queued, nothing (they want no message) or gone (they are in the audience no more)."""
    ways = {row["person_id"]: row for row in await audience.find(audience.of_notice(notice), only=some)}
    people = await Person.in_bulk(list(ways), "id")
    outcomes = {}
    for id in some:
        if id not in ways:
            outcomes[id] = "gone"
        else:
            outcomes[id] = "queued" if await notice_messages.queue(notice, people[id], ways[id]) else "nothing"
    return outcomes


async def _note(notice_id: UUID, outcomes: dict[UUID, str]) -> None:
    now = clock.now()
    for outcome in sorted(set(outcomes.values())):
        ids = [id for id, its in outcomes.items() if its == outcome]
        await db.execute(
            f"UPDATE notice_recipient SET queued_at = $1, outcome = $2 WHERE notice_id = $3"
            f" AND person_id IN {db.in_list(ids, 4)}",
            now, outcome, notice_id, *ids,
        )  # fmt: skip


async def _finish(notice_id: UUID) -> int:
    """1 where nobody is open any more."""
    done = await db.row(
        "UPDATE notice SET state = 'sent' WHERE id = $1 AND state = 'sending' AND NOT EXISTS"
        " (SELECT 1 FROM notice_recipient WHERE notice_id = $1 AND queued_at IS NULL) RETURNING id",
        notice_id,
    )
    return 1 if done else 0
