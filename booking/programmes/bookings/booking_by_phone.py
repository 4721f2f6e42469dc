"""Staff book for a family that rings: find the family among the hub's earlier bookings, then book or put them in line.

The same verbs as a parent's, in one transaction, with who did it (source "phone").
"""

from typing import Any
from uuid import UUID

from booking import db
from booking.people.models import Child, Person
from booking.people.signing_in import Who
from booking.programmes.bookings import booking_places, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import ChildComing, Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.models import Booking, WaitingEntry
from booking.programmes.staff_lists import BOOKED_AS_ONE
from booking.programmes.waiting import ending_offers, waiting

FEWEST_LETTERS = 3


def target_of(session: dict[str, Any]) -> Target:
    """What is booked: the whole run where the run is booked as one, else this date."""
    return Target(session["run_id"], None if session["booking_mode"] in BOOKED_AS_ONE else session["session_id"])


async def find_families(who: Who, hub_id: UUID, words: str, limit: int = 10) -> list[dict[str, Any]]:
    """People who have booked at the hub, by part of the name or phone number: id, name, phone, email.

    Who booked a restricted session is found by its own staff alone (promise P5).
    """
    words = " ".join(words.lower().split())
    if len(words) < FEWEST_LETTERS:
        return []
    digits = "".join(c for c in words if c.isdigit()).lstrip("0")
    phone = f"%{digits}%" if len(digits) >= FEWEST_LETTERS else ""
    return await db.rows(
        "SELECT p.id, p.name, p.phone, p.email FROM person p WHERE"
        " (lower(p.name) LIKE $1 ESCAPE '!' OR ($2 <> '' AND p.phone LIKE $2))"
        " AND EXISTS (SELECT 1 FROM booking b JOIN run r ON r.id = b.run_id WHERE b.person_id = p.id AND r.hub_id = $3"
        f" AND (r.is_restricted = $4 OR $5 = $6)) ORDER BY lower(p.name), p.id LIMIT {int(limit)}",
        f"%{words.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%",
        phone,
        hub_id,
        False,
        "own" if who.works_at(hub_id) else "other",
        "own",
    )


async def known_family(who: Who, hub_id: UUID, person_id: UUID) -> tuple[Person, dict[UUID, ChildComing]] | None:
    """A person who has booked at the hub, with the family's children; None for anybody else."""
    person = await Person.get_or_none(id=person_id)
    if person is None or not await _has_booked(who, hub_id, person):
        return None
    children = await Child.filter(family_id=person.family_id).order_by("-birth_year", "-birth_month")
    return person, {c.id: ChildComing(c.first_name, c.birth_year, c.birth_month) for c in children}


async def _has_booked(who: Who, hub_id: UUID, person: Person) -> bool:
    found = await db.rows(
        "SELECT r.is_restricted FROM run r WHERE r.hub_id = $1 AND (EXISTS (SELECT 1 FROM booking b WHERE b.run_id = r.id"
        " AND b.person_id = $2) OR EXISTS (SELECT 1 FROM waiting_entry w WHERE w.run_id = r.id AND w.person_id = $2))",
        hub_id,
        person.id,
    )
    return any(not row["is_restricted"] or who.works_at(hub_id) for row in found)


async def book_for(
    *,
    target: Target,
    contact: Contact,
    party: Party,
    places: int,
    by: Any,
    person: Person | None,
    entry_id: UUID | None,
) -> Booking:
    """Books at once; a waiting entry that it fulfils ends. Raises Refused: full, cancelled, begun, already booked."""

    async def body() -> Booking:
        if entry_id:
            await ending_offers.make_way(entry_id)
        is_priority = bool(entry_id and await db.value("SELECT priority FROM waiting_entry WHERE id = $1", entry_id))
        lease_id = await leasing.lease(
            target, places=places, is_priority=is_priority, is_from_line=entry_id is not None
        )
        booking = await booking_places.book(
            lease_id=lease_id, contact=contact, party=party, by=by, source="phone", **_family(person)
        )
        if entry_id:
            await db.execute(
                "UPDATE waiting_entry SET state = 'booked', ended_at = $3 WHERE id = $1 AND run_id = $2 AND state = 'waiting'",
                entry_id, target.run_id, booking.created_at,
            )  # fmt: skip
        return booking

    return await db.run_tx(body)


async def wait_for(
    *, target: Target, contact: Contact, party: Party, places: int, by: Any, person: Person | None
) -> WaitingEntry:
    """Puts the family in line. Raises Refused: cancelled, begun, already waiting."""

    async def body() -> WaitingEntry:
        draft = await leasing.start_waiting_draft(target)
        return await waiting.join(lease_id=draft, contact=contact, party=party, places=places, by=by, **_family(person))

    return await db.run_tx(body)


def _family(person: Person | None) -> dict[str, UUID | None]:
    return {"family_id": person.family_id if person else None, "person_id": person.id if person else None}
