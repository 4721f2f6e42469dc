"""Who had heard of a closing that is undone hears that it goes on after all: families, partners and staff, once each.

Calendars get the entry again with a raised sequence, and a date that was to make up for a lost one is taken out.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.places.telling_partners import tell as tell_partners
from booking.programmes import disclosure
from booking.programmes.bookings import hearing
from booking.programmes.changes.telling_cancelled import slot_times
from booking.programmes.closures.standing_down import KIND as STAFF_KIND

KIND = "goes_on"
ADDED = "date_added"
OPEN = "It is open after all. Your booking is as it was"

Row = dict[str, Any]


async def made_up(heard: Sequence[Row]) -> dict[UUID, Row]:
    """The facts of the dates that families were told make up for others, by session: read before they are taken away."""
    return await _facts({row["session_id"] for row in heard if row["kind"] == ADDED and row["session_id"]})


async def tell(
    heard: Sequence[Row], lost: Mapping[UUID, Row], closing: Row, back: Sequence[UUID], *, event_id: UUID
) -> int:
    """Queues the messages, to leave at once; returns how many people hear."""
    people = await Person.in_bulk(sorted({row["person_id"] for row in heard if row["person_id"]}), "id")
    families = await _families(heard, people, closing)
    await _take_out(heard, lost, people)
    partners = await _partners(heard, back)
    staff = await _staff(heard, people, closing, event_id)
    return len(families | partners | staff)


async def _facts(session_ids: set[UUID]) -> dict[UUID, Row]:
    ids = sorted(session_ids)
    if not ids:
        return {}
    rows = await db.rows(
        f"SELECT {disclosure.FACTS}, s.hub_id, s.sequence, s.state FROM session s {disclosure.JOINS}"
        f" WHERE s.id IN {db.in_list(ids)}",
        *ids,
    )
    return {row["session_id"]: row for row in rows}


async def _families(heard: Sequence[Row], people: Mapping[UUID, Person], closing: Row) -> set[UUID]:
    """One message for each booking (or place in line) and date, and one to each other adult of it."""
    wanted = {
        (row["about_id"], row["session_id"]): row
        for row in heard
        if row["about_kind"] in ("booking", "waiting") and row["kind"] not in ("invite", ADDED)
    }
    facts = await _facts({session_id for _, session_id in wanted if session_id})
    tokens = await _tokens(list(wanted.values()))
    booked = {**people, **await Person.in_bulk({own["person_id"] for own in tokens.values()} - set(people), "id")}
    told = set()
    for (about_id, session_id), row in sorted(wanted.items(), key=lambda it: str(it[0])):
        now, own = facts.get(session_id), tokens.get(about_id)
        if now and own and now["state"] == "planned":
            await _tell_family(booked[own["person_id"]], row, now, own, closing)
            told.add(own["person_id"])
    return told


async def _tokens(rows: Sequence[Row]) -> dict[UUID, Row]:
    """person_id, reference, token and slot of what they have, which stands again."""
    bookings = sorted({row["about_id"] for row in rows if row["about_kind"] == "booking"})
    entries = sorted({row["about_id"] for row in rows if row["about_kind"] == "waiting"})
    found = await db.rows(
        f"SELECT id, person_id, reference, manage_token, slot_id FROM booking WHERE state = 'booked' AND id IN {db.in_list(bookings)}",
        *bookings,
    ) if bookings else []  # fmt: skip
    found += await db.rows(
        "SELECT id, person_id, reference, manage_token, NULL AS slot_id FROM waiting_entry WHERE state = 'waiting'"
        f" AND id IN {db.in_list(entries)}",
        *entries,
    ) if entries else []  # fmt: skip
    return {row["id"]: row for row in found}


async def _tell_family(person: Person, heard: Row, now: Row, own: Row, closing: Row) -> None:
    times = await slot_times([own["slot_id"]]) if own["slot_id"] else {}
    said = disclosure.said(now | times.get(own["slot_id"], {}))
    due_at, is_waiting = clock.now(), heard["about_kind"] == "waiting"
    await hearing.tell(
        person=person,
        kind=KIND,
        about=(heard["about_kind"], heard["about_id"]),
        dedupe_key=f"{KIND}:{heard['about_id']}:{now['session_id']}:{now['sequence']}",
        facts={
            "said": said, "dates": [said], "people": "", "reference": own["reference"], "token": own["manage_token"],
            "is_waiting": is_waiting,
        },
        due_at=due_at,
        expires_at=max(said.ends_at, due_at + timedelta(hours=1)),
        calendar=[] if is_waiting else [said],
        session_id=now["session_id"],
        hub_id=now["hub_id"],
    )  # fmt: skip


async def _take_out(heard: Sequence[Row], lost: Mapping[UUID, Row], people: Mapping[UUID, Person]) -> None:
    """The dates that were to make up for the lost ones go out of their calendars."""
    for row in heard:
        if row["session_id"] in lost and row["calendar_method"]:
            facts = lost[row["session_id"]]
            await outbox.take_out(
                person=people[row["person_id"]], said=disclosure.said(facts), about=(row["about_kind"], row["about_id"]),
                dedupe_key=f"{KIND}:out:{row['about_id']}:{row['session_id']}", hub_id=facts["hub_id"],
            )  # fmt: skip


async def _partners(heard: Sequence[Row], back: Sequence[UUID]) -> set[UUID]:
    """Those whose booking or series they had heard about, by what stands again of it."""
    about = {row["about_id"]: row["person_id"] for row in heard if row["kind"].startswith("room_")}
    if not about or not back:
        return set()
    rows = await db.rows(
        f"SELECT id, series_id, state FROM room_booking WHERE id IN {db.in_list(list(back))} ORDER BY id", *back
    )
    known = [row for row in rows if (row["series_id"] or row["id"]) in about]
    for kind, state in (("room_changed", "confirmed"), ("room_requested", "requested")):
        ids = [row["id"] for row in known if row["state"] == state]
        if ids:
            await tell_partners(kind, bookings=ids, why=OPEN)
    return {about[row["series_id"] or row["id"]] for row in known}


async def _staff(heard: Sequence[Row], people: Mapping[UUID, Person], closing: Row, event_id: UUID) -> set[UUID]:
    told = {row["person_id"] for row in heard if row["kind"] == STAFF_KIND}
    for person_id in sorted(told):
        await outbox.queue(
            person=people[person_id], kind=STAFF_KIND, about=("person", person_id),
            dedupe_key=f"{STAFF_KIND}:undone:{event_id}:{person_id}",
            facts={
                "places": [closing["where"]], "when": [closing["closed"]], "reason": "", "off": [], "moved": [],
                "online": [], "is_undone": True, "staff_path": f"/staff/close/{event_id}",
            },
            hub_id=closing["hub_id"],
        )  # fmt: skip
    return told
