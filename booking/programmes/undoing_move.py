"""Undoing the move of a session while its messages still wait: it is where and when it was, and nobody hears of it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import audit, db
from booking.messages import outbox
from booking.places import closing
from booking.places.freeing_rooms import refuse_if_no_more
from booking.places.holding import Hold, holds_of, in_the_way, let_go, lock_rooms, refusal, take
from booking.problems import Problem, Refused
from booking.programmes.cancelling import REMINDERS, lock_bookings
from booking.programmes.moving import FIELDS, VERB
from booking.programmes.registering import as_json
from booking.programmes.undoing_cancelling import take_event, take_messages_back

SINCE = Problem("It has been changed again since, so this move can no longer be undone.", rule="changed")


async def undo(*, session_id: UUID, event_id: UUID, by: Any) -> None:
    """Takes a move back. Raises Refused when messages have left, the old room was taken, or it changed since."""

    async def body() -> None:
        event = await take_event(session_id, event_id, VERB)
        before, after = as_json(event["before"]), as_json(event["after"])
        booking_id = await db.value("SELECT room_booking_id FROM session WHERE id = $1", session_id)
        now_held = await holds_of([booking_id]) if booking_id else []
        holds = _holds(booking_id, before) if booking_id else []
        await lock_rooms(leaf for each in (*now_held, *holds) for leaf in each.leaves)
        await lock_bookings(session_id)
        await take_messages_back(event_id)
        await _restore(session_id, before, after)
        if booking_id:
            await _restore_room(booking_id, before, holds, event["happened_at"])
        await audit.record(
            "undo move session", about_kind="session", about_id=session_id, by=by, hub_id=event["hub_id"],
            before={name: after[name] for name in FIELDS}, after={name: before[name] for name in FIELDS},
        )  # fmt: skip

    await db.run_tx(body)


def _holds(booking_id: UUID, before: Mapping[str, Any]) -> list[Hold]:
    """What it held: all rooms of one time together, so that `take` sees whether its room has the same parts still."""
    rooms: dict[tuple[str, str], list[UUID]] = defaultdict(list)
    for each in before["holds"]:
        rooms[each["from"], each["to"]].append(UUID(each["room"]))
    room_id = UUID(before["room_id"]) if before["room_id"] else None
    return [
        Hold(booking_id, tuple(sorted(leaves)), *map(datetime.fromisoformat, times), room_id)
        for times, leaves in rooms.items()
    ]


async def _restore(session_id: UUID, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """As it was, but for the sequence, which only rises (promise P7)."""
    restored = await db.row(
        "UPDATE session SET location_id = $3, room_id = $4, date = $5, weekday = $6, start_time = $7, end_time = $8,"
        " starts_at = $9, ends_at = $10, room_booking_id = $11, moved_from_date = $12,"
        " sequence = sequence + 1"
        " WHERE id = $1 AND sequence = $2 AND state = 'planned' RETURNING id",
        session_id,
        after["sequence"],
        UUID(before["location_id"]),
        UUID(before["room_id"]) if before["room_id"] else None,
        date.fromisoformat(before["date"]),
        before["weekday"],
        before["start_time"],
        before["end_time"],
        datetime.fromisoformat(before["starts_at"]),
        datetime.fromisoformat(before["ends_at"]),
        UUID(before["room_booking"]) if before["room_booking"] else None,
        date.fromisoformat(before["moved_from"]) if before["moved_from"] else None,
    )
    if restored is None:
        raise Refused([SINCE])
    await outbox.void(session_id=session_id, kinds=REMINDERS, why="move undone")
    await db.execute("DELETE FROM reminder WHERE session_id = $1", session_id)


async def _restore_room(booking_id: UUID, before: Mapping[str, Any], holds: list[Hold], moved_at: datetime) -> None:
    """Closures that came after the move do not give way: whoever closed the place did not see the session there."""
    freed = await closing.times_of([booking_id])
    await let_go([booking_id])
    if not before["room_booking"]:
        await db.execute("UPDATE room_booking SET state = 'cancelled' WHERE id = $1", booking_id)
        await closing.cover(freed)
        return
    await refuse_if_no_more(each.of_room_id for each in holds if each.of_room_id)
    gave_way = await closing.make_way(holds, laid_before=moved_at)
    clashes = await in_the_way(holds)
    if clashes:
        raise Refused([await refusal(holds[n], clashes[n][0]) for n in sorted(clashes)])
    await db.execute(
        "UPDATE room_booking SET room_id = $2, starts_at = $3, ends_at = $4, is_out_of_hours = $5, keyholder_id = $6,"
        " second_person = $7, sequence = sequence + 1 WHERE id = $1",
        booking_id,
        UUID(before["room_id"]),
        datetime.fromisoformat(before["starts_at"]),
        datetime.fromisoformat(before["ends_at"]),
        before["is_out_of_hours"],
        UUID(before["keyholder"]) if before["keyholder"] else None,
        before["second_person"],
    )
    await take(holds)
    for closure in gave_way:
        await closing.lay(closure, closure["leaves"])
    await closing.cover(freed)
