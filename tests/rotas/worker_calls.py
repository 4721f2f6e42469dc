"""How tests/test_trail.py calls the verbs about people who work, their skills and their leave."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from booking import clock
from booking.people.signing_in import Who
from booking.places.models import Location
from booking.rotas.people_who_work import keeping, leave, skills
from booking.rotas.people_who_work.worker_facts import Facts
from tests import make

LOOKING = {"keeping.locked", "worker_import.look", "worker_import.save"}
"""They only look; what an import wrote is held in test_import_workers.py."""
COUNTY_WIDE = {"add skill", "change skill", "end skill", "bring skill back"}
DAY = clock.today() + timedelta(days=30)


def _manager(by: Who) -> Who:
    return replace(by, kinds=by.kinds | {"hub_manager"})


async def _worker(session: Any) -> Any:
    return await make.worker(await Location.get(id=session.location_id))


async def _save(session: Any, by: Who) -> Any:
    facts = Facts("Sam Green", "staff", session.hub_id, email="sam@hub.example", weekly_minutes=2220)
    return await keeping.save_worker(facts, by=_manager(by))


async def _end(session: Any, by: Who) -> Any:
    worker = await _worker(session)
    await keeping.end_worker(staff_id=worker.id, last_day=DAY, why="Retires", by=_manager(by))
    return worker


async def _stay(session: Any, by: Who) -> None:
    await keeping.take_back(staff_id=(await _end(session, by)).id, by=_manager(by))


async def _give(session: Any, by: Who) -> Any:
    worker, skill = await _worker(session), await make.skill()
    values = {"staff_id": worker.id, "from_date": None, "to_date": None, "by": _manager(by)}
    return worker, await skills.give_skill(skill_id=skill.id, **values)


async def _take(session: Any, by: Who) -> None:
    worker, held_id = await _give(session, by)
    await skills.take_skill(staff_id=worker.id, held_id=held_id, by=_manager(by))


async def _day(session: Any, by: Who) -> Any:
    worker = await _worker(session)
    values = {"day": DAY, "start": "09:00", "end": "12:00", "kind": "off", "reason": ""}
    return worker, await skills.add_day(staff_id=worker.id, by=_manager(by), **values)


async def _remove_day(session: Any, by: Who) -> None:
    worker, day_id = await _day(session, by)
    await skills.remove_day(staff_id=worker.id, day_id=day_id, by=_manager(by))


async def _skill(by: Who) -> Any:
    return await skills.save_skill(code="first-aid", name="First aid", expires_months=36, by=by)


async def _end_skill(by: Who) -> None:
    await skills.end_skill(skill_id=await _skill(by), is_ended=True, by=by)


async def _ask(session: Any, by: Who) -> Any:
    return await leave.ask_for_leave((await _worker(session)).id, DAY, DAY, by=_manager(by))


async def _record(session: Any, by: Who) -> None:
    await leave.record_leave((await _worker(session)).id, DAY, DAY, by=_manager(by))


async def _ill(session: Any, by: Who) -> Any:
    worker = await _worker(session)
    await leave.record_sickness(worker.id, DAY, DAY, _manager(by))
    return await leave.Leave.get(staff_id=worker.id)


async def _shorten(session: Any, by: Who) -> None:
    await leave.shorten_sickness((await _ill(session, by)).id, DAY - timedelta(days=1), _manager(by))


async def _decide(session: Any, by: Who) -> Any:
    id = await _ask(session, by)
    await leave.decide_leave(id, True, "", _manager(by))
    return id


async def _reopen(session: Any, by: Who) -> None:
    await leave.reopen_leave(await _decide(session, by), _manager(by))


async def _withdraw(session: Any, by: Who) -> None:
    await leave.withdraw_leave(await _ask(session, by), _manager(by))


CALLS = {
    "keeping.save_worker": ("add to rota", lambda s, r, by: _save(s, by)),
    "keeping.end_worker": ("end on rota", lambda s, r, by: _end(s, by)),
    "keeping.take_back": ("stay on rota", lambda s, r, by: _stay(s, by)),
    "skills.give_skill": ("give skill", lambda s, r, by: _give(s, by)),
    "skills.take_skill": ("take skill", lambda s, r, by: _take(s, by)),
    "skills.add_day": ("add day", lambda s, r, by: _day(s, by)),
    "skills.remove_day": ("remove day", lambda s, r, by: _remove_day(s, by)),
    "skills.save_skill": ("add skill", lambda s, r, by: _skill(by)),
    "skills.end_skill": ("end skill", lambda s, r, by: _end_skill(by)),
    "leave.ask_for_leave": ("ask for leave", lambda s, r, by: _ask(s, by)),
    "leave.record_leave": ("record leave", lambda s, r, by: _record(s, by)),
    "leave.record_sickness": ("record sickness", lambda s, r, by: _ill(s, by)),
    "leave.shorten_sickness": ("change sickness", lambda s, r, by: _shorten(s, by)),
    "leave.decide_leave": ("approve leave", lambda s, r, by: _decide(s, by)),
    "leave.reopen_leave": ("reopen leave", lambda s, r, by: _reopen(s, by)),
    "leave.withdraw_leave": ("withdraw leave", lambda s, r, by: _withdraw(s, by)),
}
