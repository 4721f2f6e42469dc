"""The afternoon before, everybody on the rota is reminded of tomorrow's published duties: one message a day, once.

Due at four by the clock on the wall the day before, or at the last moment before that at which somebody may be reached. A job may run
late, twice or in two places: the message's key has the date in it, and the person is locked while it is written, as whoever changes their
duties does. What changes before it has left takes it back (telling.py), and it is written anew from what is still theirs.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import hours, outbox
from booking.people.models import Person
from booking.rotas import assigning, telling
from booking.rotas.telling import CHANGES_MADE, PUBLISHED, REMINDER, said_of

AT = "16:00"
EARLIEST = timedelta(hours=24)
"""Before four o'clock: nobody is reminded earlier than that, whatever their hours."""
AHEAD = 2
IN_TIME = timedelta(minutes=15)
DUE = (
    "SELECT a.staff_id, f.person_id, s.date, MIN(a.made_at) AS made_at FROM assignment a JOIN shift s ON s.id = a.shift_id"
    " JOIN staff_profile f ON f.id = a.staff_id WHERE a.layer = 'published' AND s.state = 'open' AND s.date >= $1 AND s.date <= $2"
    " AND a.starts_at > $3 AND f.is_reminded AND NOT EXISTS (SELECT 1 FROM message m WHERE m.about_kind = 'staff_profile'"
    " AND m.about_id = a.staff_id AND m.kind = $4 AND m.dedupe_key LIKE 'duty_tomorrow:' || CAST(s.date AS TEXT) || ':%'"
    " AND (m.state <> 'void' OR m.error <> $5)) GROUP BY a.staff_id, f.person_id, s.date ORDER BY s.date, a.staff_id"
)


async def remind() -> int:
    """Queues every reminder that is due and returns how many people were reminded."""
    today = clock.today()
    rows = await db.rows(DUE, today, today + timedelta(days=AHEAD), clock.now(), REMINDER, CHANGES_MADE)
    people = await Person.in_bulk({row["person_id"] for row in rows}, "id") if rows else {}
    due = [row for row in rows if _is_due(row, people[row["person_id"]])]
    reminded = 0
    for row in due:
        reminded += await db.run_tx(lambda row=row: _remind(row["staff_id"], row["date"], people[row["person_id"]]))
    return reminded


def due_at(day: date, person: Any) -> datetime:
    """When this person is reminded of a local date, aware UTC."""
    four = clock.at(day - timedelta(days=1), AT)
    kept = hours.of_person(person, "email" if person.channel == "email" else "sms")
    early = hours.last_allowed(kept, four)
    if early is None or early == four or early < four - EARLIEST:
        return four
    return early - IN_TIME if hours.is_allowed(kept, early - IN_TIME) else early


def _is_due(row: Mapping[str, Any], person: Any) -> bool:
    """Whoever got the duty later than that has just heard of it."""
    at = due_at(row["date"], person)
    return row["made_at"] <= at <= clock.now()


async def _remind(staff_id: UUID, day: date, person: Any) -> int:
    """Writes the message of what is theirs now; 1, or 0 where there is nothing to remind of, or news is on its way first."""
    await assigning.in_tx_lock([], [staff_id])
    duties = await _duties(staff_id, day)
    if not duties or await _has_news_waiting(person.id):
        return 0
    saids = [said_of(row) for row in duties]
    queued = await outbox.queue(
        person=person, kind=REMINDER, about=("staff_profile", staff_id),
        dedupe_key=f"{REMINDER}:{day.isoformat()}:{staff_id}:{_version(duties)}",
        facts={"dates": saids, "staff_path": "/duties"}, expires_at=saids[0].starts_at, hub_id=duties[0]["hub_id"],
    )  # fmt: skip
    return int(any(each.is_new for each in queued))


async def _duties(staff_id: UUID, day: date) -> list[dict[str, Any]]:
    return await db.rows(
        f"{telling.DUTIES} JOIN assignment a ON a.shift_id = s.id WHERE a.layer = 'published' AND a.staff_id = $1 AND s.date = $2"
        " AND s.state = 'open' AND s.starts_at > $3 ORDER BY s.starts_at, s.id",
        staff_id,
        day,
        clock.now(),
    )


async def _has_news_waiting(person_id: UUID) -> bool:
    """A rota was published and can still be undone: the reminder would come before the news."""
    found = await db.row(
        "SELECT id FROM message WHERE person_id = $1 AND kind = $2 AND state = 'queued' AND due_at > $3 LIMIT 1",
        person_id,
        PUBLISHED,
        clock.now(),
    )
    return found is not None


def _version(duties: Sequence[Mapping[str, Any]]) -> str:
    facts = [(str(row["id"]), row["starts_at"].isoformat(), row["ends_at"].isoformat()) for row in duties]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]
