"""How the verbs of planning are called where every verb is walked (tests/test_trail.py)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock
from booking.places.models import Location
from booking.programmes.plans import drafts, keeping_programmes, planning, programme_form, publishing
from booking.programmes.plans.plan_form import Asked
from booking.programmes.plans.publishing import Terms
from tests import make
from tests.programmes import planning_calls

COUNTY_WIDE = {"add programme", "change programme", "end programme", "bring back programme"}
FORM = programme_form.blank() | {"title": "Messy play", "booking_mode": "session", "minutes": "60", "places_max": "12"}


async def _asked(session: Any, by: Any) -> Asked:
    desk = await planning_calls.desk_at(await Location.get(id=session.location_id), by)
    first = clock.today() + timedelta(days=30)
    when = {"first": first.isoformat(), "weekday": (str(first.weekday()),), "term_time_only": ""}
    return planning_calls.asked(desk, **when)


async def _draft(session: Any, by: Any) -> UUID:
    return await planning.save(await _asked(session, by), by=by)


async def _change(session: Any, by: Any) -> None:
    asked = await _asked(session, by)
    run_id = await planning.save(asked, by=by)
    assert asked.rule
    await drafts.change(run_id, planning_calls.skipping(asked, asked.rule.first_date), by=by)


async def _publish(session: Any, by: Any) -> tuple[UUID, UUID]:
    run_id = await _draft(session, by)
    return run_id, await publishing.publish(run_id, Terms(), by=by, undo_minutes=10)


async def _unpublish(session: Any, by: Any) -> None:
    run_id, event_id = await _publish(session, by)
    await publishing.unpublish(run_id, event_id, by=by)


async def _discard(session: Any, by: Any) -> None:
    await drafts.discard(await _draft(session, by), by=by)


def _manager(by: Any) -> Any:
    return replace(by, kinds=frozenset({"hub_manager"}))


async def _add(by: Any) -> UUID:
    return await keeping_programmes.add(typed=FORM, by=_manager(by))


async def _alter(by: Any) -> None:
    await keeping_programmes.change(programme_id=await _add(by), typed=FORM | {"minutes": "75"}, by=_manager(by))


async def _end(by: Any) -> UUID:
    id = (await make.programme()).id
    await keeping_programmes.end(programme_id=id, by=_manager(by))
    return id


async def _bring_back(by: Any) -> None:
    await keeping_programmes.bring_back(programme_id=await _end(by), by=_manager(by))


CALLS = {  # verb: its event, and how it is called with (session, run, by)
    "planning.save": ("plan run", lambda s, r, by: _draft(s, by)),
    "drafts.change": ("change plan", lambda s, r, by: _change(s, by)),
    "drafts.discard": ("discard plan", lambda s, r, by: _discard(s, by)),
    "publishing.publish": ("publish run", lambda s, r, by: _publish(s, by)),
    "publishing.unpublish": ("unpublish run", lambda s, r, by: _unpublish(s, by)),
    "keeping_programmes.add": ("add programme", lambda s, r, by: _add(by)),
    "keeping_programmes.change": ("change programme", lambda s, r, by: _alter(by)),
    "keeping_programmes.end": ("end programme", lambda s, r, by: _end(by)),
    "keeping_programmes.bring_back": ("bring back programme", lambda s, r, by: _bring_back(by)),
}
LOOKING = {"planning.preview", "planning.read", "drafts.preview", "drafts.draft_row", "drafts.asked_now"}
INSIDE = {"writing_runs.write_new"}
"""Called by a verb that leaves its event."""
