"""Booking: a leased place becomes a family's, with everything that follows from it, in one transaction."""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, clock, db
from booking.messages import outbox
from booking.people import proving
from booking.people.models import Child, Family, Person
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.bookings import leasing
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.creche import creche_places
from booking.programmes.models import Attendee, Booking

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
ALREADY = Problem("You already have a place here. See it under My bookings.", rule="already booked")
SHARED = " FOR SHARE OF s"


@dataclass(frozen=True, slots=True)
class Contact:
    """Who books and how to reach them: phone in E.164, mail in lower case, channel sms, email, call or none."""

    name: str
    phone: str = ""
    email: str = ""
    channel: str = "sms"
    language: str = "en"


async def book(
    *,
    lease_id: UUID,
    contact: Contact,
    party: Party,
    by: Any = None,
    source: str = "online",
    family_id: UUID | None = None,
    person_id: UUID | None = None,
) -> Booking:
    """Turns a lease into a booking and queues its confirmation; called again with the same lease it returns the first.

    family_id and person_id are of somebody who has proved who they are, or whom staff picked; otherwise a new family is
    made, because typing a phone number proves nothing. Raises Refused: lease ended, cancelled, begun, already booked.
    """

    async def body() -> Booking:
        held = await db.row(
            "DELETE FROM lease WHERE id = $1 AND released_at IS NULL AND places > 0"
            " RETURNING run_id, session_id, slot_id, places, is_priority",
            lease_id,
        )
        if held is None:
            return await _first_answer(lease_id)
        target = Target.of(held)
        dates = await coming_dates(target, is_locked=True)
        if not dates:
            raise Refused([await leasing.why_not(target) if target.session_id else leasing.CLOSED])
        person, new = await _who_books(contact, family_id=family_id, person_id=person_id)
        booking = _booking(target, person, party, held, lease_id, by, source)
        known = await Child.filter(family_id=family_id) if family_id and party.children else []
        await db.write_new([*new, booking, *_attendees(booking, party, known)])
        await _with_all_that_follows(booking, person, party, dates, by)
        return booking

    try:
        return await db.run_tx(body)
    except IntegrityError as error:
        guard = db.broken_guard(error)
        if "uq_booking" in guard or "booking.session_id" in guard:
            await leasing.release(lease_id)
            raise Refused([ALREADY]) from error
        if "form_token" in guard:
            return await _first_answer(lease_id)
        if "reference" in guard and "booking" in guard:
            return await db.run_tx(body)  # two references alike, once in a thousand million: another is drawn
        raise


async def _with_all_that_follows(
    booking: Booking, person: Person, party: Party, dates: list[dict[str, Any]], by: Any
) -> None:
    """Its places in the crèche, the confirmation and the event."""
    await creche_places.take(booking, booking.run_id, len(party.creche))
    await confirm(booking, person, party, dates)
    await audit.record(
        "book", about_kind="booking", about_id=booking.id, by=by, by_name="family", hub_id=dates[0]["hub_id"],
        after={"places": booking.places, "source": booking.source, "session": str(booking.session_id or "")},
    )  # fmt: skip


async def _first_answer(lease_id: UUID) -> Booking:
    booking = await Booking.get_or_none(form_token=str(lease_id))
    if booking is None:
        raise Refused([leasing.GONE])
    return booking


async def coming_dates(target: Target, *, is_locked: bool = False) -> list[dict[str, Any]]:
    """The target's planned dates that have not begun, with disclosure's facts; locked, in the order of their ids, against a
    cancellation. Of an appointment the times are the slot's."""
    lock = SHARED if is_locked and db.is_postgres() else ""
    if target.slot_id:
        return await db.rows(
            f"SELECT {disclosure.FACTS_AT_SLOT}, s.hub_id, s.date, s.number, r.is_first_visit_booked FROM session s {disclosure.JOINS}"
            " JOIN slot x ON x.session_id = s.id WHERE x.id = $1 AND s.state = 'planned' AND x.state = 'open'"
            f" AND x.starts_at > $2{lock}",
            target.slot_id,
            clock.now(),
        )
    column, id_ = ("s.id", target.session_id) if target.session_id else ("s.run_id", target.run_id)
    found = await db.rows(
        f"SELECT {disclosure.FACTS}, s.hub_id, s.date, s.number, r.is_first_visit_booked FROM session s {disclosure.JOINS}"
        f" WHERE {column} = $1 AND s.state = 'planned' AND s.starts_at > $2 ORDER BY s.id{lock}",
        id_,
        clock.now(),
    )
    return sorted(found, key=lambda row: row["starts_at"])


async def keep_person(contact: Contact, *, family_id: UUID | None, person_id: UUID | None) -> Person:
    """The person who books, new or with changed details, in the caller's transaction."""
    person, new = await _who_books(contact, family_id=family_id, person_id=person_id)
    if new:
        await db.write_new(new)
    return person


async def _who_books(
    contact: Contact, *, family_id: UUID | None, person_id: UUID | None
) -> tuple[Person, list[Family | Person]]:
    """The person who books, and what of them is new and to be written; changed details are saved."""
    person = await Person.get_or_none(id=person_id, family_id=family_id) if person_id and family_id else None
    if person and not _is_another_adult(contact, person):
        _take_over(contact, person)
        await person.save()
        return person, []
    new: list[Family | Person] = []
    if family_id is None:
        family = Family(created_at=clock.now())
        new.append(family)
        family_id = family.id
    person = Person(family_id=family_id, created_at=clock.now())
    _take_over(contact, person)
    person.is_discreet = await proving.asked_for_short_words(contact.phone, contact.email)
    return person, [*new, person]


def _is_another_adult(contact: Contact, person: Person) -> bool:
    """Another name with another number or mailbox: the other parent, on the same phone or tablet.

    Who booked before keeps hearing of it in their own way, which may be the only safe one.
    """
    is_same_name = contact.name.casefold() == person.name.casefold()
    return not is_same_name and (contact.phone, contact.email) != (person.phone, person.email)


def _take_over(contact: Contact, person: Person) -> None:
    if person.phone != contact.phone:
        person.phone_state = "ok"
    if person.email != contact.email:
        person.email_state = "ok"
    if person.proved not in (contact.phone, contact.email):
        person.proved = ""
    person.update_from_dict(
        {"name": contact.name, "phone": contact.phone, "email": contact.email}
        | {"channel": contact.channel, "language": contact.language}
    )


def _booking(
    target: Target, person: Person, party: Party, held: dict[str, Any], lease_id: UUID, by: Any, source: str
) -> Booking:
    return Booking(
        reference=random_reference(),
        manage_token=secrets.token_urlsafe(12),
        run_id=target.run_id,
        session_id=target.session_id,
        family_id=person.family_id,
        person_id=person.id,
        slot_id=target.slot_id,
        places=held["places"],
        is_priority=bool(held["is_priority"]),
        needs=party.needs,
        work=party.work,
        source=source,
        form_token=str(lease_id),
        by_id=by.id if by else None,
        created_at=clock.now(),
        creche_children=len(party.creche),
    )


async def write_attendees(booking: Booking, party: Party) -> None:
    """The attendees of a booking; children are kept with the family too, so that the next booking needs no typing."""
    known = await Child.filter(family_id=booking.family_id) if party.children else []
    await db.write_new(_attendees(booking, party, known))


def _attendees(booking: Booking, party: Party, known: list[Child]) -> list[Child | Attendee]:
    """New rows: a child that the family did not have yet, and everybody who comes."""
    ids = {(child.first_name.lower(), child.birth_year, child.birth_month): child.id for child in known}
    children: list[Child | Attendee] = []
    attendees = [Attendee(booking_id=booking.id, kind="adult", name=name) for name in party.adults]
    if attendees and party.due:
        attendees[0].birth_year, attendees[0].birth_month = party.due
    for child in party.children:
        key = (child.first_name.lower(), child.birth_year, child.birth_month)
        born = {"birth_year": child.birth_year, "birth_month": child.birth_month}
        if key not in ids:
            new = Child(family_id=booking.family_id, first_name=child.first_name, **born)
            children.append(new)
            ids[key] = new.id
        attendees.append(
            Attendee(
                booking_id=booking.id,
                kind="child",
                name=child.first_name,
                child_id=ids[key],
                in_creche=child in party.creche,
                **born,
            )
        )
    return [*children, *attendees]


async def new_reference(table: str) -> str:
    """A random_reference() not used before in this table."""
    while await db.row(f"SELECT 1 AS one FROM {table} WHERE reference = $1", reference := random_reference()):
        pass
    return reference


def random_reference() -> str:
    """Seven letters and digits that cannot be misheard, "K7M4-QXP"; one of 27 thousand million."""
    text = "".join(secrets.choice(LETTERS) for _ in range(7))
    return f"{text[:4]}-{text[4:]}"


async def confirm(booking: Booking, person: Person, party: Party, dates: list[dict[str, Any]]) -> None:
    """Queues the confirmation with a calendar entry for every date."""
    told = [disclosure.said(each) for each in dates]
    await outbox.queue(
        person=person,
        kind="confirmation",
        about=("booking", booking.id),
        dedupe_key=f"confirmation:{booking.id}",
        facts={
            "said": told[0],
            "dates": told,
            "people": party.names(),
            "creche": Party((), party.creche).names(),
            "is_first_visit": bool(dates[0]["is_first_visit_booked"]),
            "reference": booking.reference,
            "token": booking.manage_token,
        },
        calendar=told,
        expires_at=told[-1].ends_at,
        hub_id=dates[0]["hub_id"],
        session_id=booking.session_id,
    )
