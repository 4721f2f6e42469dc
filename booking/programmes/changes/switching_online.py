"""Switching one date, this and later ones, or all of a run to online, and back into a room.

Online the room is free for others and families without a device are to be rung; the join link goes to those booked alone. Back
in person the same room is taken again, or another that is named.
"""

from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.changes import changing_dates, dates_in_scope, undoing_change
from booking.programmes.changes.dates_in_scope import Scope, Wish
from booking.programmes.changes.telling_changed import Changed
from booking.programmes.join_links import is_join_link

To = Literal["online", "in_person"]
VERBS = {"online": "switch online", "in_person": "switch in person"}
NO_LINK = Problem("Enter the link that families join by. It begins with https://", "join_url", rule="missing")
NO_SUCH = Problem("Choose online or in person.", "to", rule="missing")
ALREADY = {
    "online": Problem("It is online already.", rule="same"),
    "in_person": Problem("It is in person already.", rule="same"),
}
A_CALL = Problem("This is a call by phone. It needs neither a room nor a link.", "to", rule="call")
NO_ROOM = Problem("Choose the room it meets in.", "room", rule="room")


async def preview(
    *, session_id: UUID, scope: Scope, to: To, join_url: str = "", reason: str = "", by: Who, undo_minutes: int,
    wish: Wish | None = None,
) -> Changed:  # fmt: skip
    """What `switch` would do now. Raises Refused as `switch` does; changes nothing."""
    full = await _wish(session_id, scope, to, join_url, wish or Wish())
    return await changing_dates.preview(
        session_id=session_id, scope=scope, wish=full, by=by, undo_minutes=undo_minutes, verb=VERBS[to]
    )


async def switch(
    *, session_id: UUID, scope: Scope, to: To, join_url: str = "", reason: str = "", by: Who, undo_minutes: int,
    wish: Wish | None = None,
) -> Changed:  # fmt: skip
    """Makes the dates in scope online or in person. `reason` is for the trail. Other things may be wished at the same time:
    a room, ways for single dates, words for going beyond the rules.

    Raises Refused: no link, already so, over, the room taken meanwhile. Undone by `undo` (any change of dates is).
    """
    full = await _wish(session_id, scope, to, join_url, wish or Wish())
    return await changing_dates.change(
        session_id=session_id, scope=scope, wish=full, by=by, undo_minutes=undo_minutes, verb=VERBS[to], why=reason
    )


async def undo(*, session_id: UUID, event_id: UUID, by: Any) -> None:
    """Takes a switch back. Raises Refused when messages have left, the room was taken, or it changed since."""
    await undoing_change.undo(session_id=session_id, event_id=event_id, by=by)


async def _wish(session_id: UUID, scope: Scope, to: To, join_url: str, wish: Wish) -> Wish:
    if to not in VERBS:
        raise Refused([NO_SUCH])
    anchor = await dates_in_scope.anchor_of(session_id)
    dates = [row for row in await dates_in_scope.dates_of(anchor, scope) if row["kind"] != "call"]
    if not dates:
        raise Refused([A_CALL])
    if all(row["delivery"] == to and (to == "in_person" or join_url in ("", row["join_url"])) for row in dates):
        raise Refused([ALREADY[to]])
    link = join_url.strip()
    if to == "online" and not (link or all(row["join_url"] for row in dates)):
        raise Refused([NO_LINK])
    if link and not is_join_link(link):
        raise Refused([NO_LINK])
    if to == "in_person" and wish.room_id is None and any(row["room_id"] is None for row in dates):
        raise Refused([NO_ROOM])
    return replace(wish, delivery=to, join_url=link or None if to == "online" else None)
