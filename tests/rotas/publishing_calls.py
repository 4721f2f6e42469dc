"""How tests/test_trail.py calls the verbs of publishing and of the rules of rotas."""

from datetime import timedelta
from typing import Any

from booking import clock
from booking.places.models import Location
from booking.rotas import keeping_rules, publishing, undoing_publishing
from booking.rotas.keeping_rules import NAMES, NUMBERS
from tests import make

LOOKING = {"publishing.preview", "publishing_rules.judged", "publishing_rules.set_aside", "telling.tell"}
"""They only look, or are called inside an act that leaves its event. (`publishing.publish` is also the name of another: its event is
held in test_publishing.py.)"""


async def _publish(session: Any, by: Any) -> Any:
    hub = await Location.get(id=session.location_id)
    await Location.filter(id=hub.id).update(needs_two=False)
    day = clock.today() + timedelta(days=21 - clock.today().weekday())
    await make.assignment(await make.shift(hub, date=day), await make.worker(hub), "draft")
    done = await publishing.publish(session.hub_id, day, day, by=by, reason="Nobody else can")
    return done.id


async def _undo(session: Any, by: Any) -> None:
    await undoing_publishing.undo(publication_id=await _publish(session, by), by=by)


async def _send(session: Any, by: Any) -> None:
    await undoing_publishing.send_now(publication_id=await _publish(session, by), by=by)


async def _keep(session: Any, by: Any) -> None:
    now = await keeping_rules.in_use(session.hub_id)
    typed = {name: str(now[name]) for name in NAMES} | {each.name: each.shown(now[each.name]) for each in NUMBERS}
    assert await keeping_rules.save(session.hub_id, typed | {"rest_hours": "12"}, seen="", by=by)


async def _undo_rules(session: Any, by: Any) -> None:
    await _keep(session, by)
    await keeping_rules.undo((await keeping_rules.changes(session.hub_id))[0]["id"], session.hub_id, by=by)


CALLS = {
    "undoing_publishing.undo": ("undo publish rota", lambda s, r, by: _undo(s, by)),
    "undoing_publishing.send_now": ("send now", lambda s, r, by: _send(s, by)),
    "keeping_rules.save": ("change rota rules", lambda s, r, by: _keep(s, by)),
    "keeping_rules.undo": ("undo rota rules", lambda s, r, by: _undo_rules(s, by)),
}
