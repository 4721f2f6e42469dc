"""What families hear when a session moves, and what the preview shows of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import db
from booking.messages import outbox
from booking.messages.words_for_staff import without_links
from booking.people.models import Person
from booking.problems import Problem
from booking.programmes import disclosure
from booking.programmes.telling_cancelled import Told


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did, or as a preview would do. warnings: what the rules say of the new place and time."""

    event_id: UUID
    messages_leave_at: datetime
    told: list[Told]
    waiting: int
    reminders: int
    warnings: list[Problem]
    sms_count: int
    mail_count: int
    calendar_entries: int
    example_sms: str
    example_subject: str
    example_mail: str

    @property
    def to_ring(self) -> list[Told]:
        return [each for each in self.told if not each.messages]


async def tell(before: dict[str, Any], now: dict[str, Any], event_id: UUID, due_at: datetime) -> list[Told]:
    """Queues the change to every family that comes, if what it was told of time or place is true no longer.

    Another room in the same building is no news: families are told the building.
    """
    said, was = disclosure.said(now), disclosure.said(before)
    if (said.starts_at, said.ends_at, said.place) == (was.starts_at, was.ends_at, was.place):
        return []
    bookings = await db.rows(
        "SELECT b.id, b.person_id, b.reference, b.manage_token FROM booking b WHERE b.state = 'booked'"
        " AND (b.session_id = $1 OR (b.session_id IS NULL AND b.run_id = $2)) AND NOT EXISTS"
        " (SELECT 1 FROM missed_date m WHERE m.booking_id = b.id AND m.session_id = $1) ORDER BY b.id",
        now["id"],
        now["run_id"],
    )
    people = await Person.in_bulk([row["person_id"] for row in bookings], "id")
    told = []
    for row in bookings:
        person = people[row["person_id"]]
        queued = await outbox.queue(
            person=person,
            kind="changed",
            about=("booking", row["id"]),
            dedupe_key=f"changed:{row['id']}:{now['id']}:{now['sequence']}",
            facts={
                "said": said,
                "dates": [said],
                "people": "",
                "reference": row["reference"],
                "token": row["manage_token"],
            },
            due_at=due_at,
            expires_at=max(said.ends_at, due_at + timedelta(hours=1)),
            calendar=[said],
            batch_id=event_id,
            session_id=now["id"],
            hub_id=now["hub_id"],
        )
        channels = tuple(each.channel for each in queued)
        told.append(Told(row["id"], person.name, person.phone, row["reference"], channels))
    return told


async def summary(
    event_id: UUID, leave_at: datetime, told: list[Told], session_id: UUID, *, warnings: list[Problem], reminders: int
) -> Moved:
    """The act in numbers and in the words of one family's messages."""
    found = await db.rows(
        "SELECT channel, subject, body, calendar_method FROM message WHERE batch_id = $1 ORDER BY id", event_id
    )
    texts = [row for row in found if row["channel"] == "sms"]
    mails = [row for row in found if row["channel"] == "email"]
    waiting = await db.value(
        "SELECT COUNT(*) AS n FROM waiting_entry WHERE session_id = $1 AND state = 'waiting'", session_id
    )
    return Moved(
        event_id=event_id,
        messages_leave_at=leave_at,
        told=told,
        waiting=waiting,
        reminders=reminders,
        warnings=warnings,
        sms_count=len(texts),
        mail_count=len(mails),
        calendar_entries=sum(1 for row in found if row["calendar_method"]),
        example_sms=without_links(texts[0]["body"]) if texts else "",
        example_subject=mails[0]["subject"] if mails else "",
        example_mail=without_links(mails[0]["body"]) if mails else "",
    )
