"""What families hear when a session is cancelled, and what the preview shows of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages.words_for_staff import without_links
from booking.people.models import Person
from booking.programmes import disclosure
from booking.programmes.bookings import hearing

WRITTEN = {"sms": "text message", "email": "email"}


@dataclass(frozen=True, slots=True)
class Told:
    """A family that is affected. `messages` are the channels it hears by: "call" is that somebody must ring, and nothing that
    they want to hear nothing. why_ring: why somebody must ring although a message leaves."""

    booking_id: UUID
    name: str
    phone: str
    reference: str
    messages: tuple[str, ...]
    why_ring: str = ""

    @property
    def is_to_ring(self) -> bool:
        return "call" in self.messages

    @property
    def hears(self) -> bool:
        """Whether a message leaves to them."""
        return any(channel != "call" for channel in self.messages)

    @property
    def how_words(self) -> str:
        """ "text message and email", "to ring", "text message, and to ring"; who wants no messages hears nothing."""
        written = " and ".join(WRITTEN[channel] for channel in self.messages if channel != "call")
        rung = "to ring" if self.is_to_ring else ""
        return ", and ".join(filter(None, (written, rung))) or "wants to hear nothing"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What a cancelling did, or as a preview would do."""

    event_id: UUID
    messages_leave_at: datetime
    told: list[Told]
    waiting: int
    will_miss: int
    ended_bookings: int
    kept_bookings: int
    is_room_freed: bool
    calendar_entries: int
    reminders: int
    sms_count: int
    mail_count: int
    example_sms: str
    example_subject: str
    example_mail: str

    @property
    def to_ring(self) -> list[Told]:
        return [each for each in self.told if each.is_to_ring]


async def tell(
    facts: dict[str, Any],
    bookings: list[dict[str, Any]],
    waiting: list[dict[str, Any]],
    reason: str,
    event_id: UUID,
    due_at: datetime,
) -> list[Told]:
    """Queues a message to each family, to leave when the act can no longer be undone."""
    courses = await _whose_course_goes_on(facts)
    times = await slot_times([row["slot_id"] for row in bookings if row.get("slot_id")])
    people = await Person.in_bulk([row["person_id"] for row in [*bookings, *waiting]], "id")
    others = await hearing.others_of([row["id"] for row in bookings])
    told = []
    for kind, row in [*(("booking", each) for each in bookings), *(("waiting", each) for each in waiting)]:
        person = people[row["person_id"]]
        said = disclosure.said(facts | times.get(row.get("slot_id"), {}))
        queued = await hearing.tell(
            person=person,
            others=others.get(row["id"], ()),
            kind="cancellation",
            about=(kind, row["id"]),
            dedupe_key=f"cancellation:{row['id']}:{facts['session_id']}",
            facts={
                "said": said,
                "dates": [said],
                "people": "",
                "reference": row["reference"],
                "token": row["manage_token"],
                "reason": reason,
                "alternatives_path": "/",
                "is_waiting": kind == "waiting",
                "is_course": row["id"] in courses,
            },
            due_at=due_at,
            expires_at=said.ends_at if said.ends_at > due_at else due_at + timedelta(hours=1),
            calendar=[said] if kind == "booking" else [],
            batch_id=event_id,
            session_id=facts["session_id"],
            hub_id=facts["hub_id"],
        )
        told.append(
            Told(row["id"], person.name, person.phone, row["reference"], tuple(each.channel for each in queued))
        )
    return told


async def slot_times(slot_ids: list[UUID]) -> dict[UUID | None, dict[str, Any]]:
    """starts_at and ends_at of appointments by their ids: what a family is told is its own time, not the clinic's."""
    found = (
        await db.rows(f"SELECT id, starts_at, ends_at FROM slot WHERE id IN {db.in_list(slot_ids)}", *slot_ids)
        if slot_ids
        else []
    )
    return {row["id"]: {"starts_at": row["starts_at"], "ends_at": row["ends_at"]} for row in found}


async def _whose_course_goes_on(facts: dict[str, Any]) -> set[UUID]:
    """The bookings of the whole run, where it has other dates to come: one date is off, the place stays."""
    found = await db.rows(
        "SELECT b.id FROM booking b WHERE b.run_id = $1 AND b.session_id IS NULL AND b.state = 'booked' AND EXISTS"
        " (SELECT 1 FROM session s WHERE s.run_id = b.run_id AND s.id <> $2 AND s.state = 'planned' AND s.starts_at > $3)",
        facts["run_id"],
        facts["session_id"],
        clock.now(),
    )
    return {row["id"] for row in found}


async def summary(event_id: UUID, messages_leave_at: datetime, told: list[Told], **counts: Any) -> Cancelled:
    """The act in numbers and in the words of one family's messages."""
    messages = await db.rows(
        "SELECT channel, subject, body, calendar_method FROM message WHERE batch_id = $1 ORDER BY id", event_id
    )
    texts = [row for row in messages if row["channel"] == "sms"]
    mails = [row for row in messages if row["channel"] == "email"]
    return Cancelled(
        event_id=event_id,
        messages_leave_at=messages_leave_at,
        told=told,
        calendar_entries=sum(1 for row in messages if row["calendar_method"] == "CANCEL"),
        sms_count=len(texts),
        mail_count=len(mails),
        example_sms=without_links(texts[0]["body"]) if texts else "",
        example_subject=mails[0]["subject"] if mails else "",
        example_mail=without_links(mails[0]["body"]) if mails else "",
        **counts,
    )
