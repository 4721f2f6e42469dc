"""How tests/test_trail.py calls the verbs about what needs people."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from booking import clock
from booking.places.models import Location
from booking.rotas.models import Shift
from booking.rotas.needs import extra, keeping, moving
from tests import make

FACTS = {
    "name": "Morning", "weekdays": "01234", "start": "09:00", "end": "13:00", "people": 2, "skills": "", "skilled": 1,
    "first_date": None, "last_date": None,
}  # fmt: skip
TERMS = {"weeks_ahead": 2, "undo_minutes": 10}


async def _add(session: Any, by: Any) -> Any:
    terms = keeping.terms_of(**TERMS)
    return await keeping.save(FACTS, location_id=session.location_id, by=by, terms=terms)


async def _end(session: Any, by: Any) -> None:
    done = await _add(session, by)
    await keeping.end(done.id, by=by, terms=keeping.terms_of(**TERMS))


async def _undo(session: Any, by: Any) -> None:
    done = await _add(session, by)
    await keeping.undo(done.event_id, by=by, terms=keeping.terms_of(**TERMS))


async def _extra(session: Any, by: Any) -> Any:
    day = clock.today() + timedelta(days=9)
    facts = {"title": "Open day", "date": day, "start": "09:00", "end": "12:00", "people": 1, "skills": ""}
    return await extra.add(facts, location_id=session.location_id, by=by)


async def _cancel(session: Any, by: Any) -> None:
    [id] = await _extra(session, by)
    await extra.cancel(id, by=by)


async def _seen(session: Any, by: Any) -> None:
    hub = await Location.get(id=session.location_id)
    shift = await make.shift(hub)
    await Shift.filter(id=shift.id).update(moved_words="Moved.", moved_at=clock.now())
    await moving.mark_seen(hub.hub_id, clock.now(), by=by)


def _manager(by: Any) -> Any:
    return replace(by, kinds=by.kinds | {"hub_manager"})


CALLS = {
    "keeping.save": ("add cover need", lambda s, r, by: _add(s, _manager(by))),
    "keeping.end": ("end cover need", lambda s, r, by: _end(s, _manager(by))),
    "keeping.undo": ("undo cover need", lambda s, r, by: _undo(s, _manager(by))),
    "extra.add": ("add shift", lambda s, r, by: _extra(s, _manager(by))),
    "extra.cancel": ("cancel shift", lambda s, r, by: _cancel(s, _manager(by))),
    "moving.mark_seen": ("see moved shifts", lambda s, r, by: _seen(s, _manager(by))),
}
LOOKING = {"keeping.preview", "keeping.preview_end"}
