"""The counters of places taken, compared with the rows they count (promise P2): sessions, runs, appointments, the creche's
places, guests who catch up, and reserved places."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from booking import clock, db
from booking.programmes.bookings import guests

logger = logging.getLogger("booking.reconciling")
Row = dict[str, Any]

# Places that count as taken: bookings, leases under way, offers that are open, places in the creche.
COUNTED = """
    SELECT t.id, t.{column} AS counter, {most} AS most,
      (SELECT coalesce(sum(b.places), 0) FROM booking b WHERE b.state = 'booked' AND {booking}{b_only})
      + (SELECT coalesce(sum(l.places), 0) FROM lease l WHERE l.released_at IS NULL AND {lease}{l_only})
      + (SELECT coalesce(sum(o.places), 0) FROM offer o JOIN waiting_entry w ON w.id = o.waiting_entry_id
         WHERE o.state = 'open' AND {offer}{o_only}){creche} AS counted
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
ALL = {"column": "taken", "most": "t.places", "b_only": "", "l_only": "", "o_only": ""}
RESERVED = {"column": "reserved_taken", "most": "t.taken", "creche": "", "b_only": " AND b.is_priority"} | {
    "l_only": " AND l.is_priority",
    "o_only": " AND o.is_priority",
}
CRECHE = (
    " + (SELECT coalesce(sum(k.places), 0) FROM creche_place k WHERE k.released_at IS NULL AND k.session_id = t.id)"
)
SLOTS = """
    SELECT t.id, t.taken AS counter, 1 AS most,
      (SELECT count(*) FROM booking b WHERE b.state = 'booked' AND b.slot_id = t.id)
      + (SELECT count(*) FROM lease l WHERE l.released_at IS NULL AND l.places > 0 AND l.slot_id = t.id) AS counted
    FROM slot t
"""
KINDS = [
    ("session", "taken", COUNTED.format(**OF_SESSION, **ALL, creche=CRECHE)),
    ("run", "taken", COUNTED.format(**OF_RUN, **ALL, creche="")),
    ("session", "reserved_taken", COUNTED.format(**OF_SESSION, **RESERVED)),
    ("run", "reserved_taken", COUNTED.format(**OF_RUN, **RESERVED)),
    ("slot", "taken", SLOTS),
]


async def reconcile() -> int:
    """Puts counters right that differ from their rows, with a warning in the log; returns how many there were.

    A counter that somebody changes meanwhile is left for the next night. None should ever differ: every change is made
    in the transaction of the row it counts.
    """
    wrong = 0
    for table, column, counted in KINDS:
        for line in await db.rows(f"SELECT * FROM ({counted}) c WHERE c.counter <> c.counted"):
            await _put_right(table, column, line)
            wrong += 1
    return wrong + await _each(await _runs_with_wrong_guests(), _recount)


async def _put_right(table: str, column: str, line: Row) -> None:
    logger.warning("%s %s: %s was %s, its rows say %s", table, line["id"], column, line["counter"], line["counted"])
    if line["counted"] <= line["most"]:
        await db.execute(
            f"UPDATE {table} SET {column} = $2 WHERE id = $1 AND {column} = $3",
            line["id"],
            int(line["counted"]),
            line["counter"],
        )


async def _runs_with_wrong_guests() -> list[Row]:
    """Runs booked as a whole whose guest_places are fewer than a date to come needs; more is what tidying takes back."""
    return await db.rows(
        "SELECT r.id, r.guest_places, r.taken, r.places, MAX(s.taken + CASE WHEN r.places > s.places THEN r.places - s.places"
        " ELSE 0 END) AS most FROM run r JOIN session s ON s.run_id = r.id WHERE r.booking_mode = 'run'"
        " AND s.state = 'planned' AND s.ends_at > $1 AND s.taken > 0 GROUP BY r.id, r.guest_places, r.taken, r.places"
        " HAVING MAX(s.taken + CASE WHEN r.places > s.places THEN r.places - s.places ELSE 0 END) > r.guest_places",
        clock.now(),
    )


async def _recount(line: Row) -> None:
    logger.warning("run %s: guest_places was %s, its dates need %s", line["id"], line["guest_places"], line["most"])
    if line["taken"] + line["most"] > line["places"]:
        return

    async def body() -> None:
        await guests.lock_runs([line["id"]])
        await guests.recount(line["id"])

    await db.run_tx(body)


async def _each(lines: list[Row], verb: Callable[[Row], Awaitable[None]]) -> int:
    for line in lines:
        await verb(line)
    return len(lines)
