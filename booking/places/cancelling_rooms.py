"""Cancelling room bookings: one date, this and the later ones, or all; the booker is told once, and it can be undone.

The preview is the act rolled back (promise P10).
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.looking import look
from booking.messages import outbox
from booking.people.signing_in import Who
from booking.places import holding
from booking.places.closing import cover_again
from booking.places.freeing_rooms import hold_again
from booking.places.holding import hold_for
from booking.places.rooms import facts_of
from booking.places.series_scope import GONE, NOT_THERE, Scope, bookings_in, is_late, lock, may_change
from booking.places.telling_partners import tell, tell_after_undo
from booking.problems import Problem, Refused

VERB = "cancel room"
"""How the audit trail calls it; undo looks for it."""
UNDONE = Problem("This has been undone already.", rule="undone")
TOO_LATE = Problem("The messages have left, so this can no longer be undone.", rule="too late")


@dataclass(frozen=True, slots=True)
class Ended:
    """bookings are the rows as they were; late are the dates for which the room's notice time had begun."""

    event_id: UUID
    bookings: tuple[dict[str, Any], ...]
    late: tuple[datetime, ...]
    undo_until: datetime

    @property
    def booking_ids(self) -> tuple[UUID, ...]:
        return tuple(booking["id"] for booking in self.bookings)


async def preview_cancel(
    *, room_booking_id: UUID, scope: Scope, by: Who, why: str = "", as_partner: bool = False, undo_minutes: int = 10
) -> Ended:
    """What `cancel` would do now; changes nothing. Raises Refused as it does."""
    return await look(
        lambda: cancel(
            room_booking_id=room_booking_id,
            scope=scope,
            by=by,
            why=why,
            as_partner=as_partner,
            undo_minutes=undo_minutes,
        )
    )


async def cancel(
    *, room_booking_id: UUID, scope: Scope, by: Who, why: str = "", as_partner: bool = False, undo_minutes: int = 10
) -> Ended:
    """Ends these bookings and frees their rooms; of several dates of a series the missing ones among them too, or they would
    be offered still. The booker is told when it can no longer be undone.

    Raises Refused when they have ended already or are over.
    """

    async def body() -> Ended:
        bookings = await lock(await bookings_in(room_booking_id, scope))
        if not all(may_change(booking, by, as_partner) for booking in bookings):
            raise Refused([NOT_THERE])
        rooms = await facts_of(booking["room_id"] for booking in bookings)
        late = [b["starts_at"] for b in bookings if is_late(b, rooms[b["room_id"]].notice_hours)]
        ids = [booking["id"] for booking in bookings]
        now = clock.now()
        await cover_again(ids)
        await db.execute(
            "UPDATE room_booking SET state = 'cancelled', why = $1, decided_at = $2, decided_by_id = $3,"
            f" sequence = sequence + 1 WHERE id IN {db.in_list(ids, 4)}",
            why[:300], now, by.id, *ids,
        )  # fmt: skip
        missing = await _end_missing(bookings, scope, why, by) if scope != "this" else []
        undo_until = now + timedelta(minutes=undo_minutes)
        event_id = await _record(bookings, missing, room_booking_id, by, why, undo_until)
        if bookings[0]["organisation_id"]:
            await tell("room_cancelled", bookings=ids, why=why, batch_id=event_id, due_at=undo_until)
        return Ended(event_id, tuple(bookings), tuple(late), undo_until)

    return await db.run_tx(body)


async def _end_missing(bookings: list[dict[str, Any]], scope: Scope, why: str, by: Who) -> list[dict[str, Any]]:
    """Ends the missing dates of the series that are in the scope, too: id, state and why as they were. One that somebody
    fills at this moment stays."""
    series_id, now = bookings[0]["series_id"], clock.now()
    if series_id is None:
        return []
    found = await db.rows(
        "SELECT id, state, why FROM room_booking WHERE series_id = $1 AND state = 'missing' AND starts_at >= $2",
        series_id,
        max(now, bookings[0]["starts_at"]) if scope == "later" else now,
    )
    ids = [row["id"] for row in found]
    ended = await db.rows(
        "UPDATE room_booking SET state = 'cancelled', why = $1, decided_at = $2, decided_by_id = $3"
        f" WHERE state = 'missing' AND id IN {db.in_list(ids, 4)} RETURNING id",
        why[:300], now, by.id, *ids,
    )  # fmt: skip
    return [row for row in found if row["id"] in {each["id"] for each in ended}]


def _as_was(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{"id": str(row["id"]), "state": row["state"], "why": row["why"]} for row in rows]


async def _record(
    bookings: list[dict[str, Any]],
    missing: list[dict[str, Any]],
    room_booking_id: UUID,
    by: Who,
    why: str,
    undo_until: datetime,
) -> UUID:
    return await audit.record(
        VERB,
        about_kind="room_booking",
        about_id=room_booking_id,
        by=by,
        hub_id=bookings[0]["hub_id"],
        why=why,
        before={"bookings": _as_was(bookings), "missing": _as_was(missing)},
        after={"state": "cancelled", "dates": len(bookings)},
        undo_until=undo_until,
    )


async def undo_cancel(*, event_id: UUID, by: Who, as_partner: bool = False) -> list[UUID]:
    """Takes a cancelling back as if it had not been; returns the bookings. Nobody hears of it.

    Raises Refused when it was undone already, the messages have left, or a room was taken meanwhile.
    """

    async def body() -> list[UUID]:
        event, before = await _take_event(event_id)
        states = {UUID(each["id"]): each for each in before["bookings"]}
        ids = sorted(states)
        found = await db.rows(
            "SELECT b.id, b.room_id, b.starts_at, b.ends_at, b.organisation_id, l.hub_id FROM room_booking b"
            " JOIN room o ON o.id = b.room_id JOIN location l ON l.id = o.location_id"
            f" WHERE b.state = 'cancelled' AND b.id IN {db.in_list(ids)} ORDER BY b.id",
            *ids,
        )
        if len(found) != len(ids) or not all(may_change(booking, by, as_partner) for booking in found):
            raise Refused([GONE])
        await _hold_again(found, event["happened_at"] if as_partner else None)
        await _take_messages_back(event_id)
        for booking in found:
            was = states[booking["id"]]
            await db.execute(
                "UPDATE room_booking SET state = $2, why = $3, decided_at = NULL, sequence = sequence + 1 WHERE id = $1",
                booking["id"], was["state"], was["why"],
            )  # fmt: skip
        for each in before.get("missing", ()):
            await db.execute(
                "UPDATE room_booking SET state = 'missing', why = $2, decided_at = NULL WHERE id = $1 AND state = 'cancelled'",
                UUID(each["id"]), each["why"],
            )  # fmt: skip
        await tell_after_undo(ids, event["happened_at"])
        await audit.record(
            "undo cancel room", about_kind="room_booking", about_id=event["about_id"], by=by, hub_id=event["hub_id"],
            before={"state": "cancelled"}, after={"dates": len(found)},
        )  # fmt: skip
        return ids

    return await db.run_tx(body)


async def _hold_again(bookings: list[dict[str, Any]], laid_before: datetime | None) -> None:
    """A closure gives way to staff, who mean to keep it; to a partner only if it was kept in spite of that closure before."""
    rooms = await facts_of(booking["room_id"] for booking in bookings)
    holds = [hold_for(b["id"], rooms[b["room_id"]], b["starts_at"], b["ends_at"]) for b in bookings]
    await holding.lock_rooms(leaf for hold in holds for leaf in hold.leaves)
    await hold_again(holds, laid_before=laid_before)


async def _take_event(event_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """Marks the event undone and returns it, and what was before; only one of two who press at once gets it."""
    now = clock.now()
    event = await db.row(
        "UPDATE audit_event SET undone_at = $2 WHERE id = $1 AND verb = $3 AND undone_at IS NULL AND undo_until > $2"
        " RETURNING before, hub_id, about_id, at AS happened_at",
        event_id,
        now,
        VERB,
    )
    if event is None:
        undone = await db.row("SELECT id FROM audit_event WHERE id = $1 AND undone_at IS NOT NULL", event_id)
        raise Refused([UNDONE if undone else TOO_LATE])
    before = event["before"]
    return event, json.loads(before) if isinstance(before, str) else before


async def _take_messages_back(event_id: UUID) -> None:
    """Taken back first and looked at then: what a worker takes in between has been heard of."""
    await outbox.void_batch(event_id)
    if await db.row("SELECT id FROM message WHERE batch_id = $1 AND state <> 'void' LIMIT 1", event_id):
        raise Refused([TOO_LATE])
