"""How tests/test_trail.py calls the verbs of assigning and of repair."""

from typing import Any

from booking import db
from booking.places.models import Location
from booking.rotas import assigning, beside
from booking.rotas.repair import accepting, asking, ill
from tests import make
from tests.rotas.duty_calls import _day


async def _somebody(session: Any) -> tuple[Any, Any, Any]:
    """A published duty at the session's hub, whose it is, and a colleague."""
    hub = await Location.get(id=session.location_id)
    shift = await make.shift(hub, date=_day())
    sam, kim = await make.worker(hub), await make.worker(hub)
    await make.assignment(shift, sam)
    return shift, sam, kim


async def _ill(session: Any, by: Any) -> Any:
    shift, sam, kim = await _somebody(session)
    return (await ill.report_ill(sam.id, shift.date, shift.date, by)), shift, kim


async def _undo(session: Any, by: Any) -> None:
    opened, _, _ = await _ill(session, by)
    await ill.undo(event_id=opened.id, by=by)


async def _ask(session: Any, by: Any) -> None:
    _, shift, kim = await _ill(session, by)
    await asking.ask(shift_id=shift.id, staff_ids=[kim.id], by=by)


async def _accept(session: Any, by: Any) -> None:
    _, shift, kim = await _ill(session, by)
    await accepting.accept({shift.id: (None, kim.id)}, by=by)


async def _give(session: Any, by: Any) -> None:
    _, shift, kim = await _ill(session, by)
    await accepting.give(shift.id, None, kim.id, by=by)


async def _hand_over(session: Any, by: Any) -> None:
    _, shift, kim = await _ill(session, by)
    await db.run_tx(lambda: beside.hand_over({shift.id: None}, {shift.id: kim.id}, by=by, source="repair"))


async def _assign(session: Any, by: Any, verb: str) -> None:
    shift, _, kim = await _somebody(session)
    if verb == "assign":
        await assigning.assign(shift.id, kim.id, by=by)
    elif verb == "many":
        await assigning.assign_many({shift.id: kim.id}, by=by, source="greedy")
    elif verb == "unassign":
        await assigning.unassign(shift.id, by=by)
    elif verb == "pin":
        await assigning.pin(shift.id, True, by=by)
    else:
        other = await make.shift(await Location.get(id=session.location_id), date=_day(), start="14:00", end="15:00")
        await assigning.exchange(shift.id, other.id, by=by)


CALLS = {
    "assigning.assign": ("assign duty", lambda s, r, by: _assign(s, by, "assign")),
    "assigning.assign_many": ("assign duty", lambda s, r, by: _assign(s, by, "many")),
    "assigning.unassign": ("open duty", lambda s, r, by: _assign(s, by, "unassign")),
    "assigning.exchange": ("assign duty", lambda s, r, by: _assign(s, by, "exchange")),
    "assigning.pin": ("pin duty", lambda s, r, by: _assign(s, by, "pin")),
    "ill.report_ill": ("report ill", lambda s, r, by: _ill(s, by)),
    "ill.undo": ("undo report ill", lambda s, r, by: _undo(s, by)),
    "asking.ask": ("ask to cover", lambda s, r, by: _ask(s, by)),
    "beside.hand_over": ("assign duty", lambda s, r, by: _hand_over(s, by)),
    "accepting.give": ("assign duty", lambda s, r, by: _give(s, by)),
    "accepting.accept": ("assign duty", lambda s, r, by: _accept(s, by)),
}
LOOKING = {"assigning.put", "ill.preview", "ill.say_open", "losing.take_out"}
