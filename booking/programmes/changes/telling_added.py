"""What families of a course hear when it has one more date."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, db
from booking.people.models import Person
from booking.programmes import disclosure
from booking.programmes.bookings import hearing
from booking.programmes.changes.telling_cancelled import Told
from booking.programmes.changes.telling_changed import NO_DEVICE, NO_MESSAGE, RING, Words, distinct
from booking.programmes.models import Session


async def tell(
    session: Session, event_id: UUID, due_at: datetime, by: Any, *, since: datetime | None = None
) -> list[Told]:
    """Queues one message, with a calendar entry, to every family that is booked on the whole course; `since` leaves only those
    who booked later, while the date was cancelled."""
    facts = await db.row(f"SELECT {disclosure.FACTS} FROM session s {disclosure.JOINS} WHERE s.id = $1", session.id)
    assert facts is not None
    said = disclosure.said(facts)
    bookings = await db.rows(
        "SELECT id, person_id, reference, manage_token FROM booking WHERE run_id = $1 AND session_id IS NULL"
        " AND state = 'booked' AND created_at > $2 ORDER BY id",
        session.run_id,
        since or datetime(2000, 1, 1, tzinfo=UTC),
    )
    people = await Person.in_bulk({row["person_id"] for row in bookings}, "id")
    others = await hearing.others_of([row["id"] for row in bookings])
    told = []
    for row in bookings:
        person = people[row["person_id"]]
        why = NO_DEVICE if facts["delivery"] == "online" and person.has_no_device else ""
        queued = await hearing.tell(
            person=person,
            others=others.get(row["id"], ()),
            ring_because=why,
            kind="date_added",
            about=("booking", row["id"]),
            dedupe_key=f"date_added:{row['id']}:{session.id}:{event_id}",
            facts={
                "said": said, "dates": [said], "people": "", "reference": row["reference"],
                "token": row["manage_token"], "is_make_up": session.makes_up_for_id is not None,
            },
            due_at=due_at,
            expires_at=max(said.ends_at, due_at + timedelta(hours=1)),
            calendar=[said],
            batch_id=event_id,
            session_id=session.id,
            hub_id=session.hub_id,
        )  # fmt: skip
        channels = tuple(each.channel for each in queued)
        told.append(Told(row["id"], person.name, person.phone, row["reference"], channels, why))
        if "call" in channels:
            await audit.record(
                RING, about_kind="booking", about_id=row["id"], by=by, hub_id=session.hub_id, why=why or NO_MESSAGE,
                before={"event": str(event_id)},
                after={"first": str(session.id), "dates_to_ring": [str(session.id)]},
            )  # fmt: skip
    return told


async def texts(event_id: UUID, told: list[Told]) -> list[Words]:
    """The distinct messages of the act."""
    found = await db.rows(
        "SELECT channel, kind, subject, body, about_id FROM message WHERE batch_id = $1 AND kind <> 'invite' AND channel <> 'call'"
        " ORDER BY id",
        event_id,
    )
    return distinct(found, {each.booking_id: each.name for each in told})


async def calendar_entries(event_id: UUID) -> int:
    return await db.value("SELECT COUNT(*) AS n FROM message WHERE batch_id = $1 AND calendar_method <> ''", event_id)
