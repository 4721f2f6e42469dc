"""How the verbs that close places and divide rooms are called, for the walk through all verbs (tests/test_trail.py)."""

from datetime import timedelta
from typing import Any

from booking import clock
from booking.places import closing, dividing
from booking.places.dividing import NewRoom
from booking.programmes.closures import closing_places, undoing_closing
from booking.programmes.closures.closing_answers import KEEP
from booking.programmes.closures.closing_wanted import Closing, How, Place
from tests import make

HALVES = (NewRoom("East half", 20), NewRoom("West half", 20))
KEPT = How(dict.fromkeys(("sessions", "partners", "requests", "hub"), KEEP))


async def _room(session: Any) -> Any:
    return await make.room(await session.location)


async def _close(session: Any, by: Any) -> Any:
    day = clock.today() + timedelta(days=3)
    span = (clock.at(day, "00:00"), clock.at(day, "20:00"))
    await _room(session)
    wanted = Closing((Place(session.location_id),), (span,), "Election day")
    return await closing_places.close(wanted, KEPT, seen=None, by=by)


async def _after(verb: Any, session: Any, by: Any) -> None:
    await verb(event_id=(await _close(session, by)).event_id, by=by)


async def _reopen(session: Any, by: Any) -> None:
    await closing.reopen(closure_id=(await _close(session, by)).closure_ids[0], by=by)


async def _shorten(session: Any, by: Any) -> None:
    closure = await closing.closure_row((await _close(session, by)).closure_ids[0])
    ends_at = closure["ends_at"] - timedelta(hours=2)
    await closing.shorten(closure_id=closure["id"], starts_at=closure["starts_at"], ends_at=ends_at, by=by)


async def _divide(session: Any, by: Any) -> Any:
    return await dividing.divide(room_id=(await _room(session)).id, parts=HALVES, by=by)


async def _set_parts(session: Any, by: Any) -> None:
    hall, *parts = [await _room(session) for _ in range(3)]
    await dividing.set_parts(room_id=hall.id, part_ids=[part.id for part in parts], by=by)


async def _join(session: Any, by: Any) -> Any:
    rooms = [await _room(session) for _ in range(2)]
    return await dividing.join(room_ids=[room.id for room in rooms], new=NewRoom("Both", 60), by=by)


async def _back(verb: Any, done: Any, by: Any) -> None:
    await verb(room_id=(await done).room_id, by=by)


LOOKING = {"closing_places.preview"}
CALLS = {
    "closing_places.close": ("close place", lambda s, r, by: _close(s, by)),
    "undoing_closing.undo": ("undo close place", lambda s, r, by: _after(undoing_closing.undo, s, by)),
    "undoing_closing.send_now": ("send now", lambda s, r, by: _after(undoing_closing.send_now, s, by)),
    "closing.reopen": ("reopen place", lambda s, r, by: _reopen(s, by)),
    "closing.shorten": ("reopen place", lambda s, r, by: _shorten(s, by)),
    "dividing.divide": ("divide room", lambda s, r, by: _divide(s, by)),
    "dividing.set_parts": ("set room parts", lambda s, r, by: _set_parts(s, by)),
    "dividing.join": ("join rooms", lambda s, r, by: _join(s, by)),
    "dividing.undivide": ("undivide room", lambda s, r, by: _back(dividing.undivide, _divide(s, by), by)),
    "dividing.unjoin": ("unjoin rooms", lambda s, r, by: _back(dividing.unjoin, _join(s, by), by)),
}
EVENTS_OF_OTHERS = {
    "changing_parts.change_parts", "changing_parts.uses_of", "closing_sessions.do", "closing_wanted.locations_of",
    "closing_wanted.lock", "displacing.end", "displacing.offer", "standing_down.tell",
}  # fmt: skip
"""Parts of a verb that writes the event; `by` says who may read what."""
