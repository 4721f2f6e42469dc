"""Reminders: which are due, for whom; the words and the sending are the messages area's.

A reminder is due so many days before at the same wall time ("2d"), or so many hours before ("2h"); one that would be due in quiet or
unsafe hours goes at the last moment before them. The row in `reminder` is its unique key, so a job that runs late, twice
or in two places queues it once. A session that moves in time loses that row and is reminded of at its new time: the message's
key has the time in it. A late booking is not reminded of what it has just been told: no day reminder when booked within a day
of its time, no hour reminder within an hour.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import hours
from booking.people.models import Person
from booking.programmes import disclosure
from booking.programmes.bookings import hearing

BATCH = 200
DAY_REMINDER_UNTIL = timedelta(hours=3)
IN_TIME = timedelta(minutes=15)  # before the last safe moment, so that the worker has time to send it
STANDSTILL = timedelta(minutes=5)  # since the job ran last; less is its ordinary pace
LOOKED_BACK = timedelta(days=1)
FURTHEST = timedelta(days=8)  # whoever may be contacted on one day of the week

Row = dict[str, Any]


def due_at(starts_at: datetime, lead: str) -> datetime:
    """When the reminder with this lead is due, aware UTC."""
    amount = int(lead[:-1])
    return clock.days_before(starts_at, amount) if lead.endswith("d") else starts_at - timedelta(hours=amount)


def latest_start(now: datetime, lead: str) -> datetime:
    """Sessions that begin by then have a reminder with this lead due; a little generous around a clock change."""
    amount = int(lead[:-1])
    return now + (timedelta(days=amount, hours=2) if lead.endswith("d") else timedelta(hours=amount))


def due_for(starts_at: datetime, booked_at: datetime, lead: str, kept: hours.Hours) -> datetime:
    """When somebody with these hours is reminded: when it is due, or at the last moment before that is allowed.

    Who booked later than that is reminded when it is due all the same: as soon as the hours allow, or not.
    """
    due = due_at(starts_at, lead)
    early = hours.last_allowed(kept, due)
    if early is None or early == due:
        return due
    early = early - IN_TIME if hours.is_allowed(kept, early - IN_TIME) else early
    return early if booked_at <= early - _just_told(lead) else due


def is_wanted(starts_at: datetime, booked_at: datetime, lead: str, now: datetime) -> bool:
    """Whether the reminder makes sense for a booking made then: not too late, not just after the confirmation."""
    until = starts_at - DAY_REMINDER_UNTIL if lead.endswith("d") else starts_at
    return now < until and _is_news(starts_at, booked_at, lead)


def _is_news(starts_at: datetime, booked_at: datetime, lead: str) -> bool:
    return booked_at <= due_at(starts_at, lead) - _just_told(lead)


def _just_told(lead: str) -> timedelta:
    return timedelta(hours=24 if lead.endswith("d") else 1)


async def queue_due(last_run_at: datetime | None = None) -> int:
    """Queues every reminder that is due and returns how many rows were looked at and settled.

    `last_run_at` is when this ran last. What came due since then and is too late by now is queued too: it has expired, so it is marked
    missed with that reason, and staff see who was not reminded. At most of the last day.
    """
    settled, since = 0, _stood_still_since(last_run_at)
    for lead in _leads(await db.rows("SELECT DISTINCT reminder_leads FROM programme")):
        while True:
            found = await _candidates(lead, since)
            if not found:
                break
            for each in found:
                await _settle(each, lead, since)
            settled += len(found)
            if len(found) < BATCH:
                break
    return settled


def _stood_still_since(last_run_at: datetime | None) -> datetime | None:
    now = clock.now()
    if last_run_at is None or now - last_run_at < STANDSTILL:
        return None
    return max(last_run_at, now - LOOKED_BACK)


def _leads(lines: Iterable[dict[str, Any]]) -> list[str]:
    return sorted({lead for line in lines for lead in line["reminder_leads"].split()})


async def _candidates(lead: str, since: datetime | None = None) -> list[Row]:
    """Up to a batch of those that are due, each with `others` (other adults of the booking) and `due` (when, by person)."""
    found: list[Row] = []
    after: list[Any] = []
    while len(found) < BATCH:
        page = await _page(lead, after, since)
        others = await hearing.others_of([each["booking_id"] for each in page])
        for each in page:
            known = each | {"others": others.get(each["booking_id"], [])}
            known["due"] = _due(known, lead)
            found += [known] if min(known["due"].values()) <= clock.now() else []
        if len(page) < BATCH:
            break
        after = [page[-1][name] for name in ("starts_at", "booking_id", "session_id")]
    return found


def _due(facts: Row, lead: str) -> dict[UUID, datetime]:
    """When each person who hears of a booking is reminded."""
    people = {facts["person_id"]: hours.of(facts, _channel(facts["channel"]))}
    people |= {
        other.person.id: hours.of_person(other.person, _channel(other.person.channel)) for other in facts["others"]
    }
    return {id: due_for(facts["starts_at"], facts["booked_at"], lead, kept) for id, kept in people.items()}


def _channel(chosen: str) -> str:
    return "email" if chosen == "email" else "sms"


HAS_HOURS = "({0}.safe_from <> '' OR {0}.safe_to <> '' OR {0}.safe_days <> '')"
ODD_HOURS = (
    f"({HAS_HOURS.format('h')} OR EXISTS (SELECT 1 FROM also_told t JOIN person a ON a.id = t.person_id"
    f" WHERE t.booking_id = b.id AND t.ended_at IS NULL AND {HAS_HOURS.format('a')}))"
)
OF = (
    ("b.session_id = s.id AND b.slot_id IS NULL", "s.starts_at"),
    ("b.session_id IS NULL AND b.run_id = s.run_id", "s.starts_at"),
    ("b.session_id = s.id AND b.slot_id IS NOT NULL", "x.starts_at"),
)


async def _page(lead: str, after: list[Any], since: datetime | None = None) -> list[Row]:
    """Those that may be due: of most people when quiet hours are near also what is due in them, of those who may be contacted at
    some hours alone whatever is due in the next days."""
    now = clock.now()
    parts = [
        f"SELECT {disclosure.FACTS_AT_SLOT}, s.hub_id, b.id AS booking_id, b.person_id, b.manage_token, b.reference,"
        " b.created_at AS booked_at, h.channel, h.safe_from, h.safe_to, h.safe_days"
        f" FROM session s {disclosure.JOINS} JOIN booking b ON {join} {disclosure.SLOT} JOIN person h ON h.id = b.person_id"
        f" WHERE s.state = 'planned' AND s.ends_at > $1 AND s.starts_at <= $5 AND {starts} > $1"
        f" AND ({starts} <= $2 OR ({starts} <= $5 AND {ODD_HOURS})) AND b.state = 'booked'"
        " AND (' ' || p.reminder_leads || ' ') LIKE $3"
        " AND NOT EXISTS (SELECT 1 FROM missed_date m WHERE m.booking_id = b.id AND m.session_id = s.id)"
        " AND NOT EXISTS (SELECT 1 FROM reminder d WHERE d.booking_id = b.id AND d.session_id = s.id AND d.lead = $4)"
        for join, starts in OF
    ]
    later = "WHERE (q.starts_at, q.booking_id, q.session_id) > ($6, $7, $8)" if after else ""
    return await db.rows(
        f"SELECT * FROM ({' UNION ALL '.join(parts)}) q {later} ORDER BY starts_at, booking_id, session_id LIMIT {BATCH}",
        since or now,
        latest_start(hours.first_allowed(hours.county(), now + IN_TIME + timedelta(minutes=1)), lead),
        f"% {lead} %",
        lead,
        latest_start(now + FURTHEST, lead),
        *after,
    )


async def _settle(facts: dict[str, Any], lead: str, since: datetime | None = None) -> None:
    """Writes the reminder's row and, where it makes sense, its message, in one transaction."""

    async def body() -> None:
        still = await db.row(
            f"SELECT b.id FROM booking b JOIN session s ON s.id = $2 {disclosure.SLOT}"
            " WHERE b.id = $1 AND b.state = 'booked' AND s.state = 'planned'"
            " AND COALESCE(x.starts_at, s.starts_at) = $3" + (" FOR SHARE OF b, s" if db.is_postgres() else ""),
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
        is_in_time = is_wanted(facts["starts_at"], facts["booked_at"], lead, clock.now())
        if new and (is_in_time or _was_due_since(facts, lead, since)):
            await _queue(facts, lead)

    await db.run_tx(body)


def _was_due_since(facts: Row, lead: str, since: datetime | None) -> bool:
    """Whether it would have gone, had the job not stood still."""
    is_news = _is_news(facts["starts_at"], facts["booked_at"], lead)
    return since is not None and is_news and facts["due"][facts["person_id"]] >= since


async def _is_missed(facts: dict[str, Any]) -> bool:
    missed = await db.row(
        "SELECT id FROM missed_date WHERE booking_id = $1 AND session_id = $2", facts["booking_id"], facts["session_id"]
    )
    return missed is not None


async def _queue(facts: Row, lead: str) -> None:
    told = disclosure.said(facts)
    is_days = lead.endswith("d")
    now = clock.now()
    await hearing.tell(
        person=await Person.get(id=facts["person_id"]),
        others=facts["others"],
        due={id: max(now, at) for id, at in facts["due"].items()},
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
