"""Partners hear ahead that their agreement or insurance ends: 30 and 7 days before, each booker once each time."""

from datetime import date, timedelta
from typing import Any

from booking import clock, db
from booking.messages import outbox
from booking.people.agreements import DATED
from booking.people.models import Person
from booking.words import count_words, day_and_year

KIND = "partner_expiry"
LEADS = (7, 30)
"""Days before the end; the shortest first. Who is entered late hears once, not of both."""


def lead_for(end: date, today: date) -> int | None:
    """Which warning is due: 7, 30 or none. A job that was down for some days still finds it."""
    days = (end - today).days
    return next((lead for lead in LEADS if 0 <= days <= lead), None)


async def queue_due() -> int:
    """Queues the warnings that are due and not queued yet; returns how many. Safe to run at any time."""

    async def body() -> int:
        today = clock.today()
        queued = 0
        for row in await _ending(today):
            for column, what in DATED.items():
                if row[column] and (lead := lead_for(row[column], today)):
                    queued += await _warn(row, what, row[column], lead, today)
        return queued

    return await db.run_tx(body)


async def _ending(today: date) -> list[dict[str, Any]]:
    """Partners of whom something ends soon, once for each of their bookers."""
    soon = " OR ".join(f"(g.{column} >= $1 AND g.{column} <= $2)" for column in DATED)
    return await db.rows(
        f"SELECT g.id, g.name, g.agreement_to_date, g.insurance_to_date, r.person_id FROM organisation g"
        f" JOIN role r ON r.organisation_id = g.id AND r.kind = 'partner' WHERE g.ended_at IS NULL AND ({soon})"
        " ORDER BY g.id, r.person_id",
        today,
        today + timedelta(days=max(LEADS)),
    )


async def _warn(row: dict[str, Any], what: str, end: date, lead: int, today: date) -> int:
    facts = {
        "organisation": row["name"],
        "what": what,
        "end": day_and_year(end),
        "in_days": count_words((end - today).days, "day"),
    }
    written = await outbox.queue(
        person=await Person.get(id=row["person_id"]),
        kind=KIND,
        facts=facts,
        about=("organisation", row["id"]),
        dedupe_key=f"{KIND}:{row['id']}:{what}:{end}:{lead}:{row['person_id']}",
        expires_at=clock.at(end + timedelta(days=1), "00:00"),
    )
    return sum(message.is_new for message in written)
