"""Where no single exchange fills a duty, HiGHS looks for a repair of several moves, in the planners' process: at most for as long as
somebody waits for a page. Without it, or where it finds nothing better, what the quick search found stays."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from booking import clock
from booking.rotas.planner import passing, solver
from booking.rotas.planner.process import Child
from booking.rotas.repair.steps import Move, Step
from booking.rotas.values import BESIDE, Plan

logger = logging.getLogger("booking.rotas")
SECONDS, PATIENCE = 1.5, 3.5
_one_at_a_time = asyncio.Semaphore(1)


async def better(plan: Plan, steps: list[Step], kept: Collection[UUID], lost_by: UUID) -> list[Step]:
    """The steps, with every open duty that more moves can fill; `kept` nobody is moved out of, `lost_by` is who had them."""
    gaps = [each.duty.id for each in steps if each.duty.kind not in BESIDE]
    without = [each for each in steps if not each.moves and each.duty.kind not in BESIDE]
    if not without or not solver.is_installed() or _one_at_a_time.locked():
        return steps
    hubs = {each.duty.place.hub_id for each in steps}
    fixed = {it.id for it in plan.duties if it.id in kept or it.place.hub_id not in hubs or it.kind in BESIDE}
    asked = replace(plan, fixed=frozenset(fixed - set(gaps)), was={**plan.given, **dict.fromkeys(gaps, lost_by)})
    async with _one_at_a_time:
        given = await _given(asked)
    found = steps_from(plan, steps, given)
    is_better = sum(bool(each.moves) for each in found) > sum(bool(each.moves) for each in steps)
    return found if is_better else steps


async def _given(plan: Plan) -> dict[UUID, UUID]:
    """What the search hands back; nothing where it fails or takes too long."""
    order = {"engine": "repair", "seed": 1, "seconds": SECONDS, "names": {}, "hubs": [], "zone": clock.zone().key}
    order["plan"] = await asyncio.to_thread(passing.to_json, plan)
    try:
        async with asyncio.timeout(PATIENCE), Child(order) as child:
            async for said in child.said():
                if "failed" in said:
                    logger.warning("a repair was not found: %s", said["failed"])
                if "done" in said:
                    return passing.ids(said["done"]["given"])
    except TimeoutError:
        logger.info("a repair took longer than %s seconds", PATIENCE)
    except Exception:
        logger.exception("a repair was not found")
    return {}


def steps_from(plan: Plan, steps: list[Step], given: Mapping[UUID, UUID]) -> list[Step]:
    """The same steps as the search fills them: who else moves stands with the duty that their own is given up for. Pure."""
    gaps = {each.duty.id for each in steps}
    moved = [
        Move(it, plan.given[it.id], given[it.id])
        for it in plan.duties
        if it.id in given and it.id in plan.given and it.id not in gaps and given[it.id] != plan.given[it.id]
    ]
    lost = [
        it for it in plan.duties if plan.first <= it.date <= plan.last and it.id in plan.given and it.id not in given
    ]
    if lost or not given:
        return steps
    found = []
    for step in steps:
        who = given.get(step.duty.id)
        own = [each for each in moved if each.before == who] if who else []
        moved = [each for each in moved if each not in own]
        into = (Move(step.duty, None, who),) if who else ()
        is_same = step.moves[:1] == into
        found.append(Step(step.duty, (*into, *own), step.chosen if is_same else None))
    first = next((n for n, each in enumerate(found) if each.moves), None)
    if moved and first is not None:
        found[first] = replace(found[first], moves=(*found[first].moves, *moved))
    return found
