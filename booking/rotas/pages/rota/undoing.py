"""The last act on the rota, kept in the session of who did it, so that one press takes it back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.requests import Request

from booking import clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import assigning

KEY, MINUTES = "rota_undo", 30
CHANGED = Problem("Somebody has changed these shifts since, so nothing was taken back.", rule="changed")
Pairs = Mapping[UUID, UUID | None]


def remember(request: Request, before: Pairs, after: Pairs, pinned: set[UUID], words: str) -> None:
    """Keeps what an act changed: shift -> who did it before and does it now."""
    request.session[KEY] = {
        "before": {str(id): str(who) if who else None for id, who in before.items()},
        "after": {str(id): str(who) if who else None for id, who in after.items()},
        "pinned": [str(id) for id in pinned],
        "words": words,
        "until": (clock.now().timestamp() + 60 * MINUTES),
    }


def last_of(request: Request) -> dict[str, Any] | None:
    """The act that can be taken back, with its words, or None."""
    kept = request.session.get(KEY)
    return kept if kept and kept["until"] > clock.now().timestamp() else None


async def who_does(shift_ids: list[UUID]) -> tuple[dict[UUID, UUID | None], set[UUID]]:
    """Who does these shifts in the draft, and which of them are pinned. One query."""
    rows = await db.rows(
        f"SELECT shift_id, staff_id, is_pinned FROM assignment WHERE layer = 'draft' AND shift_id IN {db.in_list(shift_ids)}",
        *shift_ids,
    )
    found = {row["shift_id"]: row["staff_id"] for row in rows}
    return {id: found.get(id) for id in shift_ids}, {row["shift_id"] for row in rows if row["is_pinned"]}


async def undo(request: Request, who: Who) -> str:
    """Takes the last act back and returns its words. Raises Refused where there is none, or somebody has changed it since."""
    kept = last_of(request)
    if kept is None:
        raise Refused([Problem("There is nothing to take back.", rule="nothing")])
    before, after = _pairs(kept["before"]), _pairs(kept["after"])

    async def body() -> None:
        await assigning.in_tx_lock(before, [])
        theirs, _ = await who_does(list(before))
        if theirs != after or not await may_change(list(before), who):
            raise Refused([CHANGED])
        await assigning.put(before, by=who, reason=f"Undone: {kept['words']}")
        for id in kept["pinned"]:
            await assigning.pin(UUID(id), True, by=who)

    await db.run_tx(body)
    request.session.pop(KEY, None)
    return kept["words"]


async def may_change(shift_ids: list[UUID], who: Who) -> bool:
    """Whether all of them are shifts of hubs that they manage. One query."""
    rows = await db.rows(f"SELECT hub_id FROM shift WHERE id IN {db.in_list(shift_ids)}", *shift_ids)
    return len(rows) == len(shift_ids) and all(who.manages(row["hub_id"]) for row in rows)


def _pairs(kept: Mapping[str, str | None]) -> dict[UUID, UUID | None]:
    return {UUID(id): UUID(who) if who else None for id, who in kept.items()}
