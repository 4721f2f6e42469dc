"""How tests/test_trail.py calls the verbs of automatic plans."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock
from booking.places.models import Location
from booking.rotas.models import PlanRun
from booking.rotas.planner import applying, running
from tests import make


async def _ask(session: Any, by: Any) -> UUID:
    day = clock.today() + timedelta(days=7)
    manager = replace(by, kinds=frozenset({"hub_manager"}))
    return await running.ask([session.hub_id], day, day, engine="greedy", by=manager)


async def _apply(session: Any, by: Any) -> UUID:
    hub = await Location.get(id=session.location_id)
    await make.shift(hub)
    await make.shift(hub, position=2)
    await make.worker(hub)
    await make.worker(hub)
    id = await _ask(session, by)
    said = await running.work_next("greedy")
    run = await PlanRun.get(id=id)
    assert run.state == "done", (said, run.words)
    await applying.apply(id, by=by)
    return id


async def _undo(session: Any, by: Any) -> None:
    await applying.undo(await _apply(session, by), by=by)


CALLS = {
    "running.ask": ("plan rota", lambda s, r, by: _ask(s, by)),
    "applying.apply": ("apply plan", lambda s, r, by: _apply(s, by)),
    "applying.undo": ("undo plan", lambda s, r, by: _undo(s, by)),
}
