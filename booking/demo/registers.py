"""Registers of the demo county's days gone by: who came, and how many came to drop-ins."""

from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.changes import Changes
from booking.programmes.models import Attendance

CAME = ("attended", "attended", "attended", "attended", "attended", "absent", "apologies")


async def keep(today: date, random: Random) -> None:
    """Marks who came to the sessions of the last eight days, all but a few that staff have yet to finish."""
    sessions = await db.rows(
        "SELECT s.id, s.run_id, s.places, s.ends_at, r.booking_mode FROM session s JOIN run r ON r.id = s.run_id"
        " WHERE s.ends_at < $1 AND s.date > $2 AND s.state = 'planned' ORDER BY s.starts_at, r.code",
        clock.now(),
        today - timedelta(days=8),
    )
    expected = await _expected()
    marks = Changes(Attendance)
    for session in sessions:
        if random.random() < 0.12:
            continue
        people = expected.get(session["id"], []) + expected.get(session["run_id"], [])
        for attendee_id in people:
            seen = {"session_id": session["id"], "attendee_id": attendee_id, "state": random.choice(CAME)}
            marks.compare(None, seen | {"at": session["ends_at"]})
        await _finish(session, random)
    await marks.write()


async def _expected() -> dict[UUID, list[UUID]]:
    """Attendees by the session, or by the whole run, that their booking is on."""
    found: dict[UUID, list[UUID]] = {}
    for row in await db.rows(
        "SELECT a.id, b.session_id, b.run_id FROM attendee a JOIN booking b ON b.id = a.booking_id ORDER BY a.id"
    ):
        found.setdefault(row["session_id"] or row["run_id"], []).append(row["id"])
    return found


async def _finish(session: dict[str, Any], random: Random) -> None:
    is_tally = session["booking_mode"] == "drop_in"
    adults = random.randint(2, max(2, session["places"] * 2 // 3)) if is_tally else 0
    children = round(adults * random.uniform(0.8, 1.4))
    await db.execute(
        "UPDATE session SET adults_counted = $2, children_counted = $3, register_done_at = $4 WHERE id = $1",
        session["id"],
        adults,
        children,
        session["ends_at"],
    )
