"""What families told us for one session or course, wiped when it is over: needs are special category data."""

from booking import clock, db

LAST_DATE = (
    "SELECT 1 FROM session s WHERE s.ends_at >= $1 AND s.state = 'planned'"
    " AND (s.id = {table}.session_id OR ({table}.session_id IS NULL AND s.run_id = {table}.run_id))"
)


async def wipe_needs() -> int:
    """Empties the needs of bookings and waiting entries without a date to come, or given up; returns how many."""
    wiped = 0
    for table, living in (("booking", "('booked')"), ("waiting_entry", "('waiting', 'offered')")):
        found = await db.rows(
            f"UPDATE {table} SET needs = '' WHERE needs <> ''"
            f" AND (state NOT IN {living} OR NOT EXISTS ({LAST_DATE.format(table=table)})) RETURNING id",
            clock.now(),
        )
        wiped += len(found)
    return wiped
