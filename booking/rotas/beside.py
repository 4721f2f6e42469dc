"""Preparation and follow-up go with the session that they are beside, to whoever leads it, where the rules let them."""

from collections.abc import Mapping
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.rotas import assigning
from booking.rotas.assigning import BOTH, Change

BLOCKS = (
    "SELECT b.id, p.staff_id AS published_id, d.staff_id AS draft_id, hp.staff_id AS led_by_id, hd.staff_id AS planned_by_id"
    " FROM shift h JOIN shift b ON b.session_id = h.session_id AND b.position = h.position"
    " AND b.kind IN ('preparation', 'follow_up') AND b.state = 'open' AND b.starts_at > $2"
    " LEFT JOIN assignment p ON p.shift_id = b.id AND p.layer = 'published'"
    " LEFT JOIN assignment d ON d.shift_id = b.id AND d.layer = 'draft'"
    " LEFT JOIN assignment hp ON hp.shift_id = h.id AND hp.layer = 'published'"
    " LEFT JOIN assignment hd ON hd.shift_id = h.id AND hd.layer = 'draft'"
    " WHERE h.id = $1 AND h.kind = 'facilitator' ORDER BY b.id"
)


async def free_beside(shift_id: UUID) -> dict[UUID, UUID | None]:
    """Work to come beside this session that nobody has, or whoever is in its shift now: shift -> who is published in it."""
    rows = await db.rows(BLOCKS, shift_id, clock.now())
    return {
        row["id"]: row["published_id"]
        for row in rows
        if {row["published_id"], row["draft_id"]} <= {None, row["led_by_id"], row["planned_by_id"]}
    }


async def hand_over(
    blocks: Mapping[UUID, UUID | None], takers: Mapping[UUID, UUID], *, by: Who | None, source: str, by_name: str = ""
) -> list[Change]:
    """Gives each of these shifts to its taker where the rules let them, in both layers; returns what changed. What cannot go stays,
    and managers see it on the rota. blocks: shift -> who is published in it. In a transaction, the shifts locked before people."""
    moved = []
    for id, before in blocks.items():
        try:
            await db.run_tx(lambda id=id: _give(id, takers[id], by, source, by_name))
        except Refused:
            continue
        moved.append(Change(id, before, takers[id]))
    return moved


async def _give(shift_id: UUID, staff_id: UUID, by: Who | None, source: str, by_name: str) -> None:
    await assigning.put({shift_id: staff_id}, by=by, layers=BOTH, source=source, by_name=by_name)
