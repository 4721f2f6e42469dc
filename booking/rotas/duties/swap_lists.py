"""Swaps as lists: one's own, those one was asked about, and those that wait for a manager."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.rotas.duties import reading, swap_words
from booking.words import short_instant

Row = dict[str, Any]
KEPT = timedelta(days=14)
"""How long an answered swap stays in somebody's list."""
SWAPS = (
    "SELECT w.*, h.hub_id, h.starts_at, f.known_as AS from_name, t.known_as AS to_name, a.staff_id AS holder_id, b.staff_id AS"
    " return_holder_id, c.hub_id AS return_hub_id FROM swap_request w JOIN shift h ON h.id = w.shift_id"
    " JOIN staff_profile f ON f.id = w.from_staff_id JOIN staff_profile t ON t.id = w.to_staff_id"
    " LEFT JOIN assignment a ON a.shift_id = w.shift_id AND a.layer = 'published'"
    " LEFT JOIN assignment b ON b.shift_id = w.in_return_id AND b.layer = 'published'"
    " LEFT JOIN shift c ON c.id = w.in_return_id"
)


async def of_worker(staff_id: UUID) -> list[Row]:
    """Theirs and those they were asked about: open ones first, then what was answered lately."""
    rows = await db.rows(
        f"{SWAPS} WHERE (w.from_staff_id = $1 OR w.to_staff_id = $1) AND (w.state IN ('asked', 'agreed') OR w.asked_at > $2"
        " OR w.decided_at > $2) ORDER BY CASE WHEN w.state IN ('asked', 'agreed') THEN 0 ELSE 1 END, h.starts_at, w.id LIMIT 50",
        staff_id,
        clock.now() - KEPT,
    )
    return await _told(rows, staff_id)


async def to_answer(staff_id: UUID) -> int:
    """How many swaps wait for their yes or no."""
    found = await db.value(
        "SELECT COUNT(*) FROM swap_request w JOIN shift h ON h.id = w.shift_id WHERE w.to_staff_id = $1 AND w.state = 'asked'"
        " AND h.starts_at > $2",
        staff_id,
        clock.now(),
    )
    return int(found or 0)


async def open_of_shifts(shift_ids: Collection[UUID]) -> dict[UUID, Row]:
    """The open swap of each of these duties, where one was asked for and the rota has not overtaken it."""
    rows = await db.rows(
        f"{SWAPS} WHERE w.shift_id IN {db.in_list(list(shift_ids))} AND w.state IN ('asked', 'agreed')", *shift_ids
    )
    return {row["shift_id"]: row for row in rows if _holds(row)}


async def of_hubs(who: Who) -> tuple[list[Row], list[Row]]:
    """Those of the manager's hubs: what is open, agreed ones first; and what was answered in the last two weeks."""
    hubs = who.hub_ids
    some = "1 = 1" if hubs is None else f"h.hub_id IN {db.in_list(hubs, 2)}"
    rows = await db.rows(
        f"{SWAPS} WHERE {some} AND (w.state IN ('asked', 'agreed') OR COALESCE(w.decided_at, w.answered_at, w.asked_at) > $1)"
        " ORDER BY CASE w.state WHEN 'agreed' THEN 0 WHEN 'asked' THEN 1 ELSE 2 END, h.starts_at, w.id LIMIT 100",
        clock.now() - KEPT,
        *(hubs or ()),
    )
    shown = await _told(rows, None, who)
    return [row for row in shown if row["is_open"]], [row for row in shown if not row["is_open"]]


async def _told(rows: list[Row], reader_id: UUID | None, who: Who | None = None) -> list[Row]:
    """Swaps in words for one of the two, or for staff: a restricted duty is in full to whoever has it now and to staff of that very
    hub."""
    ids = sorted({id for row in rows for id in (row["shift_id"], row["in_return_id"]) if id})
    found = await db.rows(f"SELECT {reading.COLUMNS} {reading.SHIFTS} WHERE h.id IN {db.in_list(ids)}", *ids)
    shifts = {row["shift_id"]: row for row in found}
    told = []
    for row in rows:
        holders = {row["shift_id"]: row["holder_id"], row["in_return_id"]: row["return_holder_id"]}

        def words(id: UUID, holders: dict = holders) -> Row:
            is_staff_of_it = who is not None and who.works_at(shifts[id]["hub_id"])
            is_holder = reader_id is not None and holders[id] == reader_id
            return reading.told(shifts[id], is_own=is_staff_of_it or is_holder)

        is_open = row["state"] in ("asked", "agreed")
        is_overtaken = is_open and not _holds(row)
        level, state_words = swap_words.STATES["void" if is_overtaken else row["state"]]
        told.append(
            {
                **row,
                "duty": words(row["shift_id"]),
                "back": words(row["in_return_id"]) if row["in_return_id"] else None,
                "is_mine": row["from_staff_id"] == reader_id,
                "is_open": is_open and not is_overtaken,
                "level": level,
                "state_words": state_words,
                "asked": short_instant(row["asked_at"]),
            }
        )
    return told


def _holds(row: Row) -> bool:
    """Whether the duties are still whose they were, and to come."""
    is_back = row["in_return_id"] is None or row["return_holder_id"] == row["to_staff_id"]
    return row["holder_id"] == row["from_staff_id"] and is_back and row["starts_at"] > clock.now()
