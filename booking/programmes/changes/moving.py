"""Moving one date to another room, time or day, as a closing of its place does: changing_dates.py for this date only, under a name
of its own in the trail."""

from uuid import UUID

from booking.people.signing_in import Who
from booking.programmes.changes import changing_dates
from booking.programmes.changes.dates_in_scope import Wish as Target
from booking.programmes.changes.telling_changed import Changed as Moved

__all__ = ["VERB", "Moved", "Target", "move"]

VERB = "move session"


async def move(*, session_id: UUID, target: Target, by: Who, undo_minutes: int) -> Moved:
    """Moves this date only; undone by undoing_change.py. Raises Refused with every Problem."""
    return await changing_dates.change(
        session_id=session_id, scope="date", wish=target, by=by, undo_minutes=undo_minutes, verb=VERB
    )
