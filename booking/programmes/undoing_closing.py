"""Undoing a closing while its messages still wait, or sending them now.

The rooms are locked first, all that the closing had locked; then sessions, one by one, as undoing a cancelled one does.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.signing_in import Who
from booking.places import closing, holding
from booking.places.freeing_rooms import hold_again
from booking.places.holding import Hold
from booking.places.telling_partners import tell_after_undo
from booking.problems import Refused
from booking.programmes import undoing_cancelling
from booking.programmes.closing_places import VERB
from booking.programmes.registering import as_json
from booking.programmes.undoing_cancelling import TOO_LATE, take_event, take_messages_back


async def undo(*, location_id: UUID, event_id: UUID, by: Who) -> None:
    """As if it had never been closed: sessions, bookings and requests are back, and nobody hears of it.

    Raises Refused when it was undone already, messages have begun to leave, or a room was taken meanwhile. Sessions that
    somebody brought back one by one meanwhile stay as they are.
    """

    async def body() -> None:
        event = await take_event(location_id, event_id, VERB)
        before, after = as_json(event["before"]), as_json(event["after"])
        await holding.lock_rooms(UUID(room) for room in before["rooms"])
        await take_messages_back(event_id)
        await closing.take_away([UUID(each) for each in after["closures"]])
        closed_at = event["happened_at"]
        await _bring_back(before["bookings"], closed_at)
        await tell_after_undo([UUID(each["id"]) for each in before["bookings"]], closed_at)
        for session_id, cancelling_id in await _still_cancelled(before["sessions"]):
            await undoing_cancelling.undo(session_id=session_id, event_id=cancelling_id, by=by, laid_before=closed_at)
        await audit.record(
            "undo close place", about_kind="location", about_id=location_id, by=by, hub_id=event["hub_id"],
            before={"closed": after["closed"]}, after={"closed": "no more"},
        )  # fmt: skip

    await db.run_tx(body)


async def _bring_back(bookings: Sequence[dict[str, Any]], closed_at: datetime) -> None:
    """Into closures that were there before, not into one that came after this closing."""
    for each in bookings:
        back = await db.row(
            "UPDATE room_booking SET state = $2, why = $3, decided_at = $4, decided_by_id = $5,"
            " sequence = sequence + 1 WHERE id = $1 AND state IN ('cancelled', 'declined') RETURNING id",
            UUID(each["id"]), each["state"], each["why"],
            datetime.fromisoformat(each["decided_at"]) if each["decided_at"] else None,
            UUID(each["decided_by"]) if each["decided_by"] else None,
        )  # fmt: skip
        if back:
            await hold_again([_hold(back["id"], hold) for hold in each["holds"]], laid_before=closed_at)


def _hold(room_booking_id: UUID, stored: dict[str, str]) -> Hold:
    starts_at, ends_at = (datetime.fromisoformat(stored[name]) for name in ("from", "to"))
    return Hold(room_booking_id, (UUID(stored["room"]),), starts_at, ends_at)


async def _still_cancelled(pairs: Sequence[Sequence[str]]) -> list[tuple[UUID, UUID]]:
    events = {UUID(event): UUID(session) for session, event in pairs}
    if not events:
        return []
    found = await db.rows(
        f"SELECT id FROM audit_event WHERE undone_at IS NULL AND id IN {db.in_list(list(events))} ORDER BY id", *events
    )
    return [(events[row["id"]], row["id"]) for row in found]


async def send_now(*, location_id: UUID, event_id: UUID, by: Who) -> int:
    """The messages to families and partners leave at once, and the closing can no longer be undone; returns how many."""

    async def body() -> int:
        event = await db.row(
            "UPDATE audit_event SET undo_until = $3 WHERE id = $1 AND about_id = $2 AND verb = $4 AND undone_at IS NULL"
            " AND undo_until > $3 RETURNING before, hub_id",
            event_id, location_id, clock.now(), VERB,
        )  # fmt: skip
        if event is None:
            raise Refused([TOO_LATE])
        released = await outbox.release_batch(event_id)
        for session_id, cancelling_id in await _still_cancelled(as_json(event["before"])["sessions"]):
            released += await undoing_cancelling.send_now(session_id=session_id, event_id=cancelling_id, by=by)
        await audit.record(
            "send now", about_kind="location", about_id=location_id, by=by, hub_id=event["hub_id"],
            after={"messages": released},
        )  # fmt: skip
        return released

    return await db.run_tx(body)


async def latest(location_id: UUID) -> dict[str, Any] | None:
    """The last closing of the location that can still be undone: id, closed (words), families, bookings, undo_until_at."""
    event = await db.row(
        "SELECT id, why, after, undo_until AS undo_until_at FROM audit_event WHERE about_kind = 'location'"
        " AND about_id = $1 AND verb = $2 AND undone_at IS NULL AND undo_until > $3 ORDER BY id DESC LIMIT 1",
        location_id,
        VERB,
        clock.now(),
    )
    return event | as_json(event["after"]) if event else None
