"""What a swap is judged by: whose the duties are now, what the rules say, and what goes along with them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.problems import Problem
from booking.rotas import assigning, beside, loading, rules
from booking.rotas.assigning import BOTH, Change
from booking.rotas.seeing import read_by
from booking.rotas.values import Broken

Row = dict[str, Any]
NOT_YOURS = Problem("This duty is not yours any more.", rule="not theirs")
NOT_THEIRS = Problem("The duty in return is not your colleague’s any more.", rule="not theirs")
BEGUN = Problem("This duty has begun, so it cannot be swapped.", rule="begun")


async def judge(wanted: Mapping[UUID, UUID], who: Who | None = None) -> list[Broken]:
    """What these people in these shifts would break, in the draft or as published, as `assigning` judges it; with `who` in words
    that they may read."""
    found: list[Broken] = []
    for layer in BOTH:
        plan = await loading.around(list(wanted), sorted(set(wanted.values())), layer=layer)
        plan = await read_by(plan, who) if who else plan
        workers = {each.id: each for each in plan.workers}
        alone = {one.duties for one in rules.alone(plan.duties, plan.given, workers)}  # whoever has it, so nothing new
        found += [one for one in assigning.judged(plan, wanted) if one.rule != "alone" or one.duties not in alone]
    return list(dict.fromkeys(found))


def wanted_of(swap: Mapping[str, Any]) -> dict[UUID, UUID]:
    """Who would do which shift after it."""
    back = {swap["in_return_id"]: swap["from_staff_id"]} if swap["in_return_id"] else {}
    return {swap["shift_id"]: swap["to_staff_id"]} | back


async def locked(swap: Mapping[str, Any]) -> dict[UUID, Row]:
    """Both shifts with who has them as published, they and both people locked. In a transaction."""
    ids = [each for each in (swap["shift_id"], swap["in_return_id"]) if each]
    await assigning.in_tx_lock([*ids, *await blocks_beside(swap)], [swap["from_staff_id"], swap["to_staff_id"]])
    rows = await db.rows(
        "SELECT h.id, h.hub_id, h.starts_at, h.state, a.staff_id FROM shift h LEFT JOIN assignment a ON a.shift_id = h.id"
        f" AND a.layer = 'published' WHERE h.id IN {db.in_list(ids)}",
        *ids,
    )
    return {row["id"]: row for row in rows}


def problems_of(swap: Mapping[str, Any], shifts: Mapping[UUID, Row]) -> list[Problem]:
    """Why the swap cannot be: whose duties they are now, and whether they have begun."""
    found = []
    for shift_id, owner, problem in (
        (swap["shift_id"], swap["from_staff_id"], NOT_YOURS),
        (swap["in_return_id"], swap["to_staff_id"], NOT_THEIRS),
    ):
        row = shifts.get(shift_id) if shift_id else None
        if shift_id and (row is None or row["state"] != "open" or row["staff_id"] != owner):
            found.append(problem)
        elif row and row["starts_at"] <= clock.now():
            found.append(BEGUN)
    return found


async def blocks_beside(swap: Mapping[str, Any]) -> dict[UUID, UUID]:
    """Preparation and follow-up to come of these sessions, with who would do them: whoever leads."""
    ids = [each for each in (swap["shift_id"], swap["in_return_id"]) if each]
    rows = await db.rows(
        "SELECT b.id, a.staff_id FROM shift h JOIN shift b ON b.session_id = h.session_id AND b.position = h.position"
        " AND b.kind IN ('preparation', 'follow_up') AND b.state = 'open' AND b.starts_at > $1 JOIN assignment o ON o.shift_id = h.id"
        " AND o.layer = 'published' JOIN assignment a ON a.shift_id = b.id AND a.layer = 'published' AND a.staff_id = o.staff_id"
        f" WHERE h.kind = 'facilitator' AND h.id IN {db.in_list(ids, 2)}",
        clock.now(),
        *ids,
    )
    other = {swap["from_staff_id"]: swap["to_staff_id"], swap["to_staff_id"]: swap["from_staff_id"]}
    return {row["id"]: other[row["staff_id"]] for row in rows if row["staff_id"] in other}


async def take_along(swap: Mapping[str, Any], blocks: Mapping[UUID, UUID], who: Who) -> list[Change]:
    """What is beside the sessions goes with them where the rules let it; else it stays, and managers see it on the rota."""
    other = {swap["from_staff_id"]: swap["to_staff_id"], swap["to_staff_id"]: swap["from_staff_id"]}
    had = {block: other[taker] for block, taker in blocks.items()}
    return await beside.hand_over(had, blocks, by=who, source="swap")
