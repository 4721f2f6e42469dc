"""A manager takes a proposal, or gives one open duty to somebody: at once in both layers, and whoever is concerned is told."""

from collections.abc import Mapping
from uuid import UUID

from booking import db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import assigning, beside, telling
from booking.rotas.assigning import Change
from booking.rotas.repair import closing_asks

CHANGED = Problem("The rota has changed since this was proposed. Below is what would fill it now.", rule="changed")
WORDS = "Somebody cannot come"
Pairs = Mapping[UUID, tuple[UUID | None, UUID]]


async def accept(pairs: Pairs, *, by: Who) -> int:
    """All of it or nothing: shift -> who does it before and after. Returns how many duties somebody else does now. Raises Refused:
    somebody has changed one of them since, or a rule is broken by now."""
    return await _accept(pairs, by, takes_along=False)


async def give(shift_id: UUID, before: UUID | None, staff_id: UUID, *, by: Who) -> int:
    """One duty, with the preparation and follow-up beside it where the rules let them. Returns and raises as accept."""
    return await _accept({shift_id: (before, staff_id)}, by, takes_along=True)


async def _accept(pairs: Pairs, by: Who, *, takes_along: bool) -> int:
    async def body() -> int:
        takers, blocks = {}, {}
        for id, (_, after) in pairs.items() if takes_along else ():
            own = await beside.free_beside(id)
            blocks |= own
            takers |= dict.fromkeys(own, after)
        await assigning.in_tx_lock({*pairs, *blocks}, {who for pair in pairs.values() for who in pair if who})
        published = await _refuse_changed(pairs, by)
        await assigning.put(
            {id: after for id, (_, after) in pairs.items()}, by=by, layers=assigning.BOTH, source="repair"
        )
        changes = [Change(id, published.get(id), after) for id, (_, after) in pairs.items()]
        changes += await beside.hand_over(blocks, takers, by=by, source="repair")
        await closing_asks.mark_theirs(changes)
        await closing_asks.close_all([each.shift_id for each in changes], why="Somebody else has it.", is_taken=True)
        await telling.tell(changes, by=by, words=WORDS)
        return len(changes)

    return await db.run_tx(body)


async def _refuse_changed(pairs: Pairs, by: Who) -> dict[UUID, UUID]:
    """Who is published in them. Raises Refused where the draft is not as it was seen, or it is none of theirs."""
    ids = list(pairs)
    rows = await db.rows(
        "SELECT s.id, s.hub_id, d.staff_id, p.staff_id AS published_id FROM shift s LEFT JOIN assignment d ON d.shift_id = s.id AND"
        " d.layer = 'draft' LEFT JOIN assignment p ON p.shift_id = s.id AND p.layer = 'published'"
        f" WHERE s.id IN {db.in_list(ids)}",
        *ids,
    )
    is_theirs = all(by.manages(row["hub_id"]) for row in rows)
    if len(rows) < len(ids) or not is_theirs or any(row["staff_id"] != pairs[row["id"]][0] for row in rows):
        raise Refused([CHANGED])
    return {row["id"]: row["published_id"] for row in rows if row["published_id"]}
