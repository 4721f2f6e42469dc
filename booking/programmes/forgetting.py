"""What families told us for one session or course, wiped when it is over: needs are special category data."""

from datetime import timedelta

from booking import clock, db

KEEP_ENDED = timedelta(hours=1)

UNDOABLE = (
    "EXISTS (SELECT 1 FROM audit_event e WHERE e.about_kind = 'session' AND e.about_id = {session_id}"
    " AND e.undone_at IS NULL AND e.undo_until > $1)"
)
LAST_DATE = (
    f"SELECT 1 FROM session s WHERE s.ends_at >= $1 AND (s.state = 'planned' OR {UNDOABLE.format(session_id='s.id')})"
    " AND (s.id = {table}.session_id OR ({table}.session_id IS NULL AND s.run_id = {table}.run_id))"
)


async def wipe_needs() -> int:
    """Empties the needs of bookings and waiting entries without a date to come, or that ended; returns how many.

    What may still be undone is kept: whatever ended within the hour, and dates whose cancelling can be taken back.
    """
    wiped, now = 0, clock.now()
    for table, living in (("booking", "('booked')"), ("waiting_entry", "('waiting', 'offered')")):
        found = await db.rows(
            f"UPDATE {table} SET needs = '' WHERE needs <> '' AND CASE WHEN state IN {living}"
            f" THEN NOT EXISTS ({LAST_DATE.format(table=table)})"
            f" ELSE (ended_at IS NULL OR ended_at < $2) AND NOT {UNDOABLE.format(session_id=f'{table}.session_id')}"
            " END RETURNING id",
            now,
            now - KEEP_ENDED,
        )
        wiped += len(found)
    return wiped
