"""How the verbs that change dates are called, for the walk through all verbs (tests/test_trail.py)."""

from datetime import timedelta
from typing import Any

from booking.programmes.changes import (
    acts_to_undo,
    adding_dates,
    cancelling_dates,
    changing_dates,
    switching_online,
    telling_added,
    telling_changed,
    undoing_adding,
    undoing_change,
    undoing_dates,
)
from booking.programmes.changes.dates_in_scope import Wish
from tests import make

LATER = {"undo_minutes": 10}


async def _change(session: Any, by: Any) -> Any:
    wish = Wish(start="13:00", end="14:00")
    return await changing_dates.change(session_id=session.id, scope="date", wish=wish, by=by, **LATER)


async def _switch(session: Any, by: Any) -> Any:
    return await switching_online.switch(
        session_id=session.id, scope="date", to="online", join_url="https://meet.example/x", by=by, **LATER
    )


async def _cancel(session: Any, by: Any) -> Any:
    return await cancelling_dates.cancel(session_id=session.id, scope="all", reason="Snow", by=by, **LATER)


async def _add(session: Any, by: Any) -> Any:
    return await adding_dates.add(run_id=session.run_id, day=session.date + timedelta(days=1), by=by, **LATER)


async def _undo(act: Any, verb: Any, session: Any, by: Any) -> None:
    done = await act(session, by)
    await verb(session_id=getattr(done, "session_id", session.id), event_id=done.event_id, by=by)


async def _ring(session: Any, by: Any, act: Any) -> None:
    """Families whom no message reaches are to be rung."""
    parent = await make.person(channel="call")
    run = await session.run
    await type(run).filter(id=run.id).update(booking_mode="run")
    await make.booking(run, parent)
    await act(session, by)


UNDONE = "undo change dates"
CALLS = {
    "changing_dates.change": ("change dates", lambda s, r, by: _change(s, by)),
    "undoing_change.undo": (UNDONE, lambda s, r, by: _undo(_change, undoing_change.undo, s, by)),
    "acts_to_undo.undo": (UNDONE, lambda s, r, by: _undo(_change, acts_to_undo.undo, s, by)),
    "acts_to_undo.send_now": ("send now", lambda s, r, by: _undo(_change, acts_to_undo.send_now, s, by)),
    "switching_online.switch": ("switch online", lambda s, r, by: _switch(s, by)),
    "switching_online.undo": (UNDONE, lambda s, r, by: _undo(_switch, switching_online.undo, s, by)),
    "cancelling_dates.cancel": ("cancel dates", lambda s, r, by: _cancel(s, by)),
    "undoing_dates.undo": ("undo cancel dates", lambda s, r, by: _undo(_cancel, undoing_dates.undo, s, by)),
    "adding_dates.add": ("add date", lambda s, r, by: _add(s, by)),
    "undoing_adding.undo": ("undo add date", lambda s, r, by: _undo(_add, undoing_adding.undo, s, by)),
    "telling_changed.tell": (telling_changed.RING, lambda s, r, by: _ring(s, by, _change)),
    "telling_added.tell": (telling_added.RING, lambda s, r, by: _ring(s, by, _add)),
}
LOOKING = {
    *("changing_dates.preview", "switching_online.preview", "cancelling_dates.preview", "clashing_dates.clashes"),
    *("dates_in_scope.planned", "rooms_of_dates.look_at"),
}
