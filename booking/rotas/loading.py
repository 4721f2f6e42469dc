"""Rows into values: the one place where rules and planners get what they judge. A fixed number of queries whatever the size."""

import json
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any
from uuid import UUID

from booking import db
from booking.rotas.duty_rows import (
    AHEAD,
    BACK,
    DUTIES,
    Layer,
    Wide,
    duty_of,
    places_of,
    rows_around,
    rows_at,
    rows_of,
)
from booking.rotas.values import Plan, Rules, Weights, Worker
from booking.rotas.worker_rows import workers_of

__all__ = [
    "AHEAD",
    "BACK",
    "DUTIES",
    "Layer",
    "around",
    "duty_of",
    "load",
    "plan_of",
    "rows_around",
    "rules_of",
    "weights_of",
    "workers_of",
]


async def load(
    hub_ids: Collection[UUID] | None,
    first: date,
    last: date,
    *,
    layer: Layer = "draft",
    everybody: bool = False,
    staff_ids: Collection[UUID] | None = None,
) -> Plan:
    """The plan of some hubs (None: all) between two local dates, both included. Nine queries.

    `workers` are those of these hubs and whoever has a duty there in the window; with `everybody` all of the county, with
    `staff_ids` just these. `duties` are the open shifts of the hubs in the window, and around it what these workers do, wherever.
    `fixed` are pinned and published ones and everything around.
    """
    few = None if everybody or staff_ids is not None else hub_ids
    wide = await rows_around(first, last, layer, hub_ids=few)
    return await plan_of(wide, hub_ids, first, last, everybody=everybody, staff_ids=staff_ids)


async def plan_of(
    wide: Wide,
    hub_ids: Collection[UUID] | None,
    first: date,
    last: date,
    *,
    everybody: bool = False,
    staff_ids: Collection[UUID] | None = None,
    skill_names: Mapping[str, str] | None = None,
) -> Plan:
    """The plan that `load` returns, of rows_around. skill_names: code -> what its skill is called there."""
    inside = [row for row in wide.inside if hub_ids is None or row["hub_id"] in hub_ids]
    there = {row["staff_id"] for row in inside if row["staff_id"]}
    workers = await workers_of(None if everybody else hub_ids, beside=there, only=staff_ids, since=first - BACK)
    known = {each.id for each in workers}
    elsewhere = [row for row in wide.inside if row["hub_id"] not in hub_ids] if hub_ids is not None else []
    around = [row for row in (*elsewhere, *wide.outside) if row["staff_id"] in known]
    around.sort(key=lambda row: row["starts_at"])
    rows = [*inside, *around]
    fixed = [row["id"] for row in inside if row["is_pinned"] or row["published_staff_id"]]
    return Plan(
        first=first,
        last=last,
        workers=[_named(each, skill_names) for each in workers] if skill_names else workers,
        duties=[duty_of(row, wide.places, skill_names) for row in rows],
        given={row["id"]: row["staff_id"] for row in rows if row["staff_id"] in known},
        fixed=frozenset(fixed + [row["id"] for row in around]),
        rules=await rules_of(next(iter(hub_ids)) if hub_ids is not None and len(hub_ids) == 1 else None),
        hub_ids=None if hub_ids is None else frozenset(hub_ids),
    )


def _named(worker: Worker, skill_names: Mapping[str, str]) -> Worker:
    return replace(worker, skills={skill_names.get(code, code): held for code, held in worker.skills.items()})


async def around(shift_ids: Collection[UUID], staff_ids: Collection[UUID], *, layer: Layer = "draft") -> Plan:
    """What judging these people in these shifts needs: the shifts, everybody at the same places on the same days, and what the
    people do on days that rules look at. Ten queries."""
    ids = list(shift_ids)
    shifts = (
        await db.rows(f"SELECT date, location_id, hub_id FROM shift WHERE id IN {db.in_list(ids)}", *ids) if ids else []
    )
    days = [row["date"] for row in shifts]
    if not days:
        return Plan(date.min, date.min, [], [], {})
    first, last, people = min(days), max(days), list(staff_ids)
    here = {(row["location_id"], row["date"]) for row in shifts}
    rows = {row["id"]: row for row in await rows_at(here, layer)}
    if people:
        rows |= {row["id"]: row for row in await rows_of(people, first, last, layer)}
    ordered = sorted(rows.values(), key=lambda row: (row["starts_at"], row["id"]))
    workers = await workers_of(None, only={*people, *(row["staff_id"] for row in ordered if row["staff_id"])})
    places = await places_of({row["location_id"] for row in ordered})
    hubs = {row["hub_id"] for row in shifts}
    return Plan(
        first=first,
        last=last,
        workers=workers,
        duties=[duty_of(row, places) for row in ordered],
        given={row["id"]: row["staff_id"] for row in ordered if row["staff_id"]},
        rules=await rules_of(next(iter(hubs)) if len(hubs) == 1 else None),
    )


async def rules_of(hub_id: UUID | None) -> Rules:
    """The rules of a hub: its own where managers changed them, else the county's, else those that ship."""
    return replace(Rules(), **await _changed(hub_id, Rules))


async def weights_of(hub_id: UUID | None) -> Weights:
    """What matters how much in a hub's plans, in the same order."""
    return replace(Weights(), **await _changed(hub_id, Weights))


async def _changed(hub_id: UUID | None, kind: type[Rules] | type[Weights]) -> dict[str, Any]:
    rows = await db.rows(
        'SELECT hub_id, "values" FROM rota_rules WHERE hub_id IS NULL OR hub_id = $1 ORDER BY hub_id IS NOT NULL',
        hub_id,
    )
    found: dict[str, Any] = {}
    for row in rows:
        stored = row["values"]
        found |= json.loads(stored) if isinstance(stored, str) else stored
    return {name: value for name, value in found.items() if name in {each.name for each in fields(kind)}}
