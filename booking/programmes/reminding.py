"""Reminders: which are due, for whom; the words and the sending are the messages area's.

A reminder is due so many days before at the same wall time ("2d"), or so many hours before ("2h"). The row in `reminder` is its
unique key, so a job that runs late, twice or in two places queues it once. A session that moves in time loses that row and
is reminded of at its new time: the message's key has the time in it. A late booking is not reminded of what it has just been
told: no day reminder when booked within a day of its time, no hour reminder within an hour.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from booking import clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.programmes import disclosure

BATCH = 200
DAY_REMINDER_UNTIL = timedelta(hours=3)


def due_at(starts_at: datetime, lead: str) -> datetime:
    """When the reminder with this lead is due, aware UTC."""
    amount = int(lead[:-1])
    return clock.days_before(starts_at, amount) if lead.endswith("d") else starts_at - timedelta(hours=amount)


def latest_start(now: datetime, lead: str) -> datetime:
    """Sessions that begin by then have a reminder with this lead due; a little generous around a clock change."""
    amount = int(lead[:-1])
    return now + (timedelta(days=amount, hours=2) if lead.endswith("d") else timedelta(hours=amount))


def is_wanted(starts_at: datetime, booked_at: datetime, lead: str, now: datetime) -> bool:
    """Whether the reminder makes sense for a booking made then: due, not too late, not just after the confirmation."""
    due = due_at(starts_at, lead)
    if lead.endswith("d"):
        return due <= now < starts_at - DAY_REMINDER_UNTIL and booked_at <= due - timedelta(hours=24)
    return due <= now < starts_at and booked_at <= due - timedelta(hours=1)


async def queue_due() -> int:
    """Queues every reminder that is due and returns how many rows were looked at and settled."""
    settled = 0
    for lead in _leads(await db.rows("SELECT DISTINCT reminder_leads FROM programme")):
        while True:
            found = await _candidates(lead)
            if not found:
                break
            for each in found:
                await _settle(each, lead)
            settled += len(found)
            if len(found) < BATCH:
                break
    return settled


def _leads(lines: Iterable[dict[str, Any]]) -> list[str]:
    return sorted({lead for line in lines for lead in line["reminder_leads"].split()})


async def _candidates(lead: str) -> list[dict[str, Any]]:
    now = clock.now()
    parts = [
        f"SELECT {disclosure.FACTS}, s.hub_id, b.id AS booking_id, b.person_id, b.manage_token, b.reference,"
        f" b.created_at AS booked_at FROM session s {disclosure.JOINS} JOIN booking b ON {join}"
        " WHERE s.state = 'planned' AND s.starts_at > $1 AND s.starts_at <= $2 AND b.state = 'booked'"
        " AND (' ' || p.reminder_leads || ' ') LIKE $3"
        " AND NOT EXISTS (SELECT 1 FROM missed_date m WHERE m.booking_id = b.id AND m.session_id = s.id)"
        " AND NOT EXISTS (SELECT 1 FROM reminder d WHERE d.booking_id = b.id AND d.session_id = s.id AND d.lead = $4)"
        for join in ("b.session_id = s.id", "b.session_id IS NULL AND b.run_id = s.run_id")
    ]
    found = await db.rows(
        " UNION ALL ".join(parts) + f" ORDER BY starts_at LIMIT {BATCH}",
        now,
        latest_start(now, lead),
        f"% {lead} %",
        lead,
    )
    return [each for each in found if due_at(each["starts_at"], lead) <= now]


async def _settle(facts: dict[str, Any], lead: str) -> None:
    """Writes the reminder's row and, where it makes sense, its message, in one transaction."""

    async def body() -> None:
        still = await db.row(
            "SELECT b.id FROM booking b JOIN session s ON s.id = $2"
            " WHERE b.id = $1 AND b.state = 'booked' AND s.state = 'planned' AND s.starts_at = $3"
            + (" FOR SHARE OF b, s" if db.is_postgres() else ""),
            facts["booking_id"],
            facts["session_id"],
            facts["starts_at"],
        )
        if still is None or await _is_missed(facts):  # asked after the lock: whoever says so meanwhile holds it
            return
        new = await db.row(
            "INSERT INTO reminder (id, booking_id, session_id, lead, queued_at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (booking_id, session_id, lead) DO NOTHING RETURNING id",
            db.new_id(), facts["booking_id"], facts["session_id"], lead, clock.now(),
        )  # fmt: skip
        if new and is_wanted(facts["starts_at"], facts["booked_at"], lead, clock.now()):
            await _queue(facts, lead)

    await db.run_tx(body)


async def _is_missed(facts: dict[str, Any]) -> bool:
    missed = await db.row(
        "SELECT id FROM missed_date WHERE booking_id = $1 AND session_id = $2", facts["booking_id"], facts["session_id"]
    )
    return missed is not None


async def _queue(facts: dict[str, Any], lead: str) -> None:
    told = disclosure.said(facts)
    is_days = lead.endswith("d")
    await outbox.queue(
        person=await Person.get(id=facts["person_id"]),
        kind="reminder_days" if is_days else "reminder_hours",
        about=("booking", facts["booking_id"]),
        dedupe_key=f"reminder:{facts['booking_id']}:{facts['session_id']}:{lead}:{facts['starts_at']:%Y%m%dT%H%M}",
        facts={
            "said": told,
            "dates": [told],
            "people": "",
            "reference": facts["reference"],
            "token": facts["manage_token"],
        },
        expires_at=told.starts_at - DAY_REMINDER_UNTIL if is_days else told.starts_at,
        hub_id=facts["hub_id"],
        session_id=facts["session_id"],
    )
