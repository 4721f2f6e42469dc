"""Swaps that the rota has overtaken: they end, and both who asked and who was asked hear so, once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.rotas.duties import swap_messages

WORDS = "The rota has changed meanwhile, so this swap cannot go on. Nothing was changed."
OPEN = "w.state IN ('asked', 'agreed')"
# the duty is no longer of who asked, or the one in return of who was asked; it has begun, or is off
IS_OVERTAKEN = (
    "(NOT EXISTS (SELECT 1 FROM assignment a JOIN shift s ON s.id = a.shift_id WHERE a.shift_id = w.shift_id AND"
    " a.layer = 'published' AND a.staff_id = w.from_staff_id AND s.state = 'open' AND s.starts_at > $1)"
    " OR (w.in_return_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assignment b JOIN shift t ON t.id = b.shift_id WHERE"
    " b.shift_id = w.in_return_id AND b.layer = 'published' AND b.staff_id = w.to_staff_id AND t.state = 'open'"
    " AND t.starts_at > $1)))"
)


async def settle() -> int:
    """Ends what publishing, a manager, sickness or time has overtaken; safe to run twice or late. Returns how many."""
    return await db.run_tx(lambda: _end(IS_OVERTAKEN, clock.now()))


async def end_of_shift(shift_id: UUID) -> None:
    """The same for one duty, before somebody asks anew. In the caller's transaction."""
    await _end(f"{IS_OVERTAKEN} AND w.shift_id = $2", clock.now(), shift_id)


async def end_all(shift_ids: Sequence[UUID], *, but: UUID | None = None) -> None:
    """Ends every swap of these duties but one: they have moved, or went by that one. In the caller's transaction."""
    ids = sorted(shift_ids)
    if ids:
        some = db.in_list(ids, 2)
        await _end(f"w.id <> $1 AND (w.shift_id IN {some} OR w.in_return_id IN {some})", but or db.new_id(), *ids)


async def _end(condition: str, *parameters: Any) -> int:
    """In the order of their ids, so that two who end several never wait for each other."""
    found = await db.rows(
        f"SELECT w.id FROM swap_request w WHERE {OPEN} AND {condition} ORDER BY w.id"
        + (" FOR UPDATE" if db.is_postgres() else ""),
        *parameters,
    )
    for row in found:
        await db.execute(
            "UPDATE swap_request SET state = 'void', decided_at = $2, why = $3 WHERE id = $1",
            row["id"],
            clock.now(),
            WORDS,
        )
        await swap_messages.off(row["id"])
    return len(found)
