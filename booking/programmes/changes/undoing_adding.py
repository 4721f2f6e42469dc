"""Undoing an added date while its messages still wait: it is gone, its rooms are free, and nobody hears of it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import audit, db
from booking.places import closing
from booking.places.holding import holds_of, let_go, lock_rooms
from booking.problems import Problem, Refused
from booking.programmes.appointments import keeping_slots
from booking.programmes.changes.adding_dates import VERB, lock
from booking.programmes.changes.telling_changed import nobody_to_ring
from booking.programmes.changes.undoing_cancelling import take_event, take_messages_back
from booking.programmes.registers.registering import as_json

BOOKED = Problem("Somebody has booked this date meanwhile. Cancel it instead.", rule="booked")
SINCE = Problem("It has been changed since, so this can no longer be undone.", rule="changed")


async def undo(*, session_id: UUID, event_id: UUID, by: Any) -> None:
    """Takes the date away again. Raises Refused when messages have left, it changed since, or somebody has booked it."""

    async def body() -> None:
        event = await take_event(session_id, event_id, VERB)
        before, after = as_json(event["before"]), as_json(event["after"])
        ids = [UUID(each) for each in after["sessions"]]
        rooms = await _rooms(ids)
        await lock_rooms(leaf for each in await holds_of(rooms) for leaf in each.leaves)
        await _lock(UUID(after["run"]), ids)
        await take_messages_back(event_id)
        await _refuse_if_booked(UUID(after["run"]), event["happened_at"])
        await nobody_to_ring(event_id, event["happened_at"])
        times = await closing.times_of(rooms)
        await let_go(rooms)
        await _take_away(ids)
        await db.execute(f"UPDATE room_booking SET state = 'cancelled' WHERE id IN {db.in_list(rooms)}", *rooms)
        await closing.cover(times)
        for run_id, *dates in before["runs"]:
            await db.execute(
                "UPDATE run SET first_date = $2, last_date = $3 WHERE id = $1",
                UUID(run_id),
                *map(date.fromisoformat, dates),
            )
        await audit.record(
            "undo add date", about_kind="run", about_id=UUID(after["run"]), by=by, hub_id=event["hub_id"],
            before={"date": after["date"], "start_time": after["start_time"]},
        )  # fmt: skip

    await db.run_tx(body)


async def _lock(run_id: UUID, session_ids: list[UUID]) -> None:
    """Bookings, the run, the sessions: who books at this moment has done so before or is refused."""
    await lock(run_id, session_ids)
    if db.is_postgres():
        some = db.in_list(session_ids)
        await db.rows(f"SELECT id FROM session WHERE id IN {some} ORDER BY id FOR UPDATE", *session_ids)


async def _rooms(session_ids: list[UUID]) -> list[UUID]:
    found = await db.rows(
        f"SELECT room_booking_id FROM session WHERE id IN {db.in_list(session_ids)} AND room_booking_id IS NOT NULL",
        *session_ids,
    )
    return [row["room_booking_id"] for row in found]


async def _take_away(session_ids: list[UUID]) -> None:
    """The course's date first, then the creche's with the places that children had."""
    first, *creche = session_ids
    if await db.row(
        "SELECT id FROM booking WHERE session_id = $1 UNION ALL SELECT id FROM waiting_entry WHERE session_id = $1"
        " UNION ALL SELECT id FROM missed_date WHERE session_id = $1 UNION ALL SELECT id FROM lease WHERE session_id = $1"
        " AND released_at IS NULL LIMIT 1",
        first,
    ):
        raise Refused([BOOKED])
    await db.execute(f"DELETE FROM creche_place WHERE session_id IN {db.in_list(creche)}", *creche)
    await db.execute(f"DELETE FROM reminder WHERE session_id IN {db.in_list(session_ids)}", *session_ids)
    await keeping_slots.forget(session_ids)
    gone = await db.rows(
        f"DELETE FROM session WHERE id IN {db.in_list(session_ids)} AND state = 'planned' AND sequence = 0 RETURNING id",
        *session_ids,
    )
    if len(gone) < len(session_ids):
        raise Refused([SINCE])


async def _refuse_if_booked(run_id: UUID, since: datetime) -> None:
    """Who has booked the whole course since was told of this date too."""
    if await db.row(
        "SELECT id FROM booking WHERE run_id = $1 AND session_id IS NULL AND state = 'booked' AND created_at > $2 LIMIT 1",
        run_id,
        since,
    ):
        raise Refused([BOOKED])
