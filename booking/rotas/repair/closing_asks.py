"""Nobody is asked any more for what is taken, has moved or is off: who has heard of it is thanked, once."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.rotas.assigning import Change
from booking.rotas.repair import ask_messages

LONG = timedelta(days=2)


async def close_all(shift_ids: Collection[UUID], *, why: str, is_taken: bool = False) -> list[dict[str, Any]]:
    """Closes what is still asked for these shifts and returns it. Who has been asked already is thanked where somebody else has
    taken it, and else told that it is not free any more; a question that has not left is taken back. In the transaction of the act."""
    ids = sorted(shift_ids)
    if not ids:
        return []
    rows = await db.rows(
        f"UPDATE cover_ask SET state = 'closed', answered_at = $1 WHERE state = 'asked' AND shift_id IN {db.in_list(ids, 2)}"
        " RETURNING id, shift_id, staff_id, token",
        clock.now(),
        *ids,
    )
    for row in sorted(rows, key=lambda each: each["staff_id"]):
        await tell_one(row, why=why, is_taken=is_taken)
    return rows


async def mark_theirs(changes: Collection[Change]) -> None:
    """Whoever was asked for what they have now by another way has said yes: they are not thanked as if it were somebody else's."""
    for each in changes:
        rows = await db.rows(
            "UPDATE cover_ask SET state = 'yes', answered_at = $3 WHERE state = 'asked' AND shift_id = $1 AND staff_id = $2 RETURNING id",
            each.shift_id,
            each.after,
            clock.now(),
        )
        for row in rows:
            await ask_messages.take_back(row["id"], "They have it.")


async def tell_one(row: dict[str, Any], *, why: str, is_taken: bool) -> None:
    if not await ask_messages.take_back(row["id"], why):
        await (ask_messages.thanks(row) if is_taken else ask_messages.gone(row))


async def settle() -> int:
    """Closes questions about what somebody else has by now, by a manager or a swap, and of what following has cancelled: safe to
    run twice or late. Returns how many."""
    filled = await db.rows(
        "SELECT k.shift_id FROM cover_ask k JOIN shift s ON s.id = k.shift_id LEFT JOIN assignment p ON p.shift_id = s.id AND"
        " p.layer = 'published' WHERE k.state = 'asked' AND (s.state <> 'open' OR s.starts_at <= $1 OR (p.staff_id IS NOT NULL"
        " AND (k.instead_of_id IS NULL OR p.staff_id <> k.instead_of_id)))",
        clock.now(),
    )
    total = 0
    for id in sorted({row["shift_id"] for row in filled}):
        total += await db.run_tx(lambda id=id: _settle_one(id))
    return total + await db.run_tx(_tell_of_cancelled)


async def _settle_one(shift_id: UUID) -> int:
    """The shift is locked, and looked at again: of two who settle at once one does."""
    lock = " FOR NO KEY UPDATE" if db.is_postgres() else ""
    shift = await db.row(f"SELECT state, starts_at FROM shift WHERE id = $1{lock}", shift_id)
    if shift is None:
        return 0
    who = await db.value("SELECT staff_id FROM assignment WHERE shift_id = $1 AND layer = 'published'", shift_id)
    is_off = shift["state"] != "open" or shift["starts_at"] <= clock.now()
    asks = await db.rows("SELECT instead_of_id FROM cover_ask WHERE shift_id = $1 AND state = 'asked'", shift_id)
    if not is_off and (who is None or all(row["instead_of_id"] == who for row in asks)):
        return 0
    return len(await close_all([shift_id], why="It is not open any more.", is_taken=not is_off))


async def _tell_of_cancelled() -> int:
    """Following closes what it cancels and says nothing: who was asked hears it here, once."""
    rows = await db.rows(
        "SELECT k.id, k.shift_id, k.staff_id, k.token FROM cover_ask k JOIN shift s ON s.id = k.shift_id WHERE k.state = 'closed'"
        " AND s.state = 'cancelled' AND s.starts_at > $1 AND k.answered_at > $2 AND NOT EXISTS (SELECT 1 FROM message m WHERE"
        " m.about_id = k.id AND m.about_kind = 'cover_ask' AND (m.kind <> 'cover_ask' OR m.state = 'void')) AND EXISTS (SELECT 1"
        " FROM message m WHERE m.about_id = k.id AND m.about_kind = 'cover_ask') ORDER BY k.staff_id",
        clock.now(), clock.now() - LONG,
    )  # fmt: skip
    for row in rows:
        await tell_one(row, why="It is off.", is_taken=False)
    return len(rows)
