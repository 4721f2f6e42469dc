"""The counters of places taken, compared with the rows they count (promise P2)."""

import logging

from booking import db

logger = logging.getLogger("booking.reconciling")

# Places that count as taken: bookings, leases under way, offers that are open.
COUNTED = """
    SELECT t.id, t.taken, t.places,
      (SELECT coalesce(sum(b.places), 0) FROM booking b WHERE b.state = 'booked' AND {booking})
      + (SELECT coalesce(sum(l.places), 0) FROM lease l WHERE l.released_at IS NULL AND {lease})
      + (SELECT coalesce(sum(o.places), 0) FROM offer o JOIN waiting_entry w ON w.id = o.waiting_entry_id
         WHERE o.state = 'open' AND {offer}) AS counted
    FROM {table} t
"""
OF_SESSION = {"table": "session", "booking": "b.session_id = t.id", "lease": "l.session_id = t.id"} | {
    "offer": "w.session_id = t.id"
}
OF_RUN = {
    "table": "run",
    "booking": "b.run_id = t.id AND b.session_id IS NULL",
    "lease": "l.run_id = t.id AND l.session_id IS NULL",
    "offer": "w.run_id = t.id AND w.session_id IS NULL",
}


async def reconcile() -> int:
    """Puts counters right that differ from their rows, with a warning in the log; returns how many there were.

    A counter that somebody changes meanwhile is left for the next night. None should ever differ: every change is made
    in the transaction of the row it counts.
    """
    wrong = 0
    for kind in (OF_SESSION, OF_RUN):
        for line in await db.rows(f"SELECT * FROM ({COUNTED.format(**kind)}) c WHERE c.taken <> c.counted"):
            logger.warning(
                "%s %s: taken was %s, its rows say %s", kind["table"], line["id"], line["taken"], line["counted"]
            )
            wrong += 1
            if line["counted"] <= line["places"]:
                await db.execute(
                    f"UPDATE {kind['table']} SET taken = $2 WHERE id = $1 AND taken = $3",
                    line["id"],
                    int(line["counted"]),
                    line["taken"],
                )
    return wrong
