"""Another adult who brings the child is told as well: at their own number, with a link that shows the dates and nothing else.

They are named by the family, which proves nothing: they hear one message that says how to hear no more, and who has said so is not
named again by that family. What they hear from then on is in hearing.py. Neither sees how the other is reached. Nothing discreet is told to anybody else (promise P5).
"""

import secrets
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people import proving
from booking.people.contacts import is_uk_mobile, read_email, read_name, read_phone
from booking.people.models import Person
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.bookings.booking_places import coming_dates
from booking.programmes.bookings.leasing import Target
from booking.programmes.models import AlsoTold, Booking

MOST = 3
MOST_EVER = 6
NOT_HERE = Problem("Nobody else can be told about this booking.", rule="not here")
ENOUGH = Problem(f"{MOST} people can be told beside you. Take somebody off first.", "name", rule="too many")
OWN = Problem("This is your own. We tell you already.", "address", rule="own")
ALREADY = Problem("We tell them already.", "address", rule="already")
ASKED_NOT = Problem("They have asked us not to write to them about your bookings.", "address", rule="asked not")
NO_MORE = "Is told no more."
# told now: still named, the family still has the place, and nothing about it has become discreet
LIVE = (
    "also_told t JOIN booking b ON b.id = t.booking_id AND b.state = 'booked' JOIN person p ON p.id = b.person_id"
    " JOIN run r ON r.id = b.run_id JOIN programme g ON g.id = r.programme_id JOIN location l ON l.id = r.location_id"
    " WHERE t.ended_at IS NULL AND NOT (p.is_discreet OR r.is_restricted OR g.is_discreet OR l.is_restricted)"
)


def read_adult(name: str, address: str) -> tuple[dict[str, str], list[Problem]]:
    """A name and a UK mobile or mail address as typed: {"name", "phone", "email"}, with every Problem."""
    known, problems = read_name(name, "name", "their name")
    phone = email = ""
    if "@" in address:
        email, wrong = read_email(address, "address")
    else:
        phone, wrong = read_phone(address, "address")
        if not wrong and not is_uk_mobile(phone):
            wrong = [Problem("We can only text UK mobile numbers, which begin with 07", "address", rule="not mobile")]
        if wrong and not address.strip():
            wrong = [Problem("Enter their mobile number or email address", "address", rule="missing")]
    return {"name": known, "phone": phone, "email": email}, [*problems, *wrong]


async def of_booking(booking_id: UUID) -> list[dict[str, Any]]:
    """Who is told beside the family, for the family's own page: id, name, phone, email, in the order they were named."""
    return await db.rows(
        "SELECT t.id, a.name, a.phone, a.email FROM also_told t JOIN person a ON a.id = t.person_id"
        " WHERE t.booking_id = $1 AND t.ended_at IS NULL ORDER BY t.created_at, t.id",
        booking_id,
    )


async def by_token(token: str) -> dict[str, Any] | None:
    """What their link opens: id, booking_id, person_id, manage_token of the booking, and is_told: whether they are told now;
    None for an unknown one."""
    return await db.row(
        "SELECT o.id, o.booking_id, o.person_id, o.ended_by, c.manage_token, EXISTS (SELECT 1 FROM"
        f" {LIVE} AND t.id = o.id) AS is_told FROM also_told o JOIN booking c ON c.id = o.booking_id WHERE o.token = $1",
        token,
    )


async def add(*, booking_id: UUID, name: str, phone: str = "", email: str = "", by: Any = None) -> AlsoTold:
    """Names an adult, who gets one message with their own link. Raises Refused: discreet, over or given up, too many, the family's
    own address, told already, or they asked not to be."""

    async def body() -> AlsoTold:
        booking, dates = await _bookable(booking_id)
        phones, mails = (phone, "") if phone else ("", email)
        problems = await _problems(booking, phones, mails)
        if problems:
            raise Refused(problems)
        adult = await _adult(booking, name, phones, mails)
        told = await _written(booking, adult)
        await _say_so(told, adult, booking, dates)
        await audit.record(
            "tell another adult", about_kind="booking", about_id=booking_id, by=by, by_name="family",
            hub_id=dates[0]["hub_id"],
        )  # fmt: skip
        return told

    return await db.run_tx(body)


async def stop(*, told_id: UUID, ended_by: str, by: Any = None) -> None:
    """They hear no more of it, as the family (ended_by "family") or they themselves ("adult") said. Again changes nothing."""

    async def body() -> None:
        ended = await db.row(
            "UPDATE also_told SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL"
            " RETURNING booking_id, person_id",
            told_id,
            clock.now(),
            ended_by,
        )
        if ended is None:
            return
        await outbox.void(about=("booking", ended["booking_id"]), person_id=ended["person_id"], why=NO_MORE)
        hub_id = await db.value(
            "SELECT r.hub_id FROM booking b JOIN run r ON r.id = b.run_id WHERE b.id = $1", ended["booking_id"]
        )
        await audit.record(
            "stop telling adult", about_kind="booking", about_id=ended["booking_id"], by=by,
            by_name="family" if ended_by == "family" else "the adult", hub_id=hub_id,
        )  # fmt: skip

    await db.run_tx(body)


async def stop_for_short_words(by: Any = None) -> int:
    """Nobody is told beside somebody who now wants short words only, nor hears what is already written; returns how many were. In
    the transaction that changed how they are reached."""
    found = await db.rows(
        "SELECT t.id FROM also_told t JOIN booking b ON b.id = t.booking_id JOIN person p ON p.id = b.person_id"
        " WHERE t.ended_at IS NULL AND p.is_discreet ORDER BY t.id"
    )
    for row in found:
        await stop(told_id=row["id"], ended_by="family", by=by)
    return len(found)


async def _bookable(booking_id: UUID) -> tuple[Booking, list[dict[str, Any]]]:
    """The booking, locked so that two presses are counted one after the other, and its dates to come."""
    booking = await Booking.select_for_update().get_or_none(id=booking_id, state="booked")
    dates = await coming_dates(Target(booking.run_id, booking.session_id, booking.slot_id)) if booking else []
    if booking is None or not dates or any(disclosure.said(each).is_discreet for each in dates):
        raise Refused([NOT_HERE])
    return booking, dates


async def _problems(booking: Booking, phone: str, email: str) -> list[Problem]:
    parent = await Person.get(id=booking.person_id)
    if parent.is_discreet:
        return [NOT_HERE]
    if (phone and phone == parent.phone) or (email and email == parent.email):
        return [OWN]
    named = await db.rows(
        "SELECT t.booking_id, t.ended_at, t.ended_by, a.phone, a.email FROM also_told t JOIN person a ON a.id = t.person_id"
        " JOIN booking b ON b.id = t.booking_id WHERE b.family_id = $1",
        booking.family_id,
    )
    theirs = [each for each in named if (each["phone"], each["email"]) == (phone, email)]
    here = [each for each in named if each["booking_id"] == booking.id]
    if any(each["ended_by"] == "adult" for each in theirs):
        return [ASKED_NOT]
    if any(each["ended_at"] is None for each in theirs if each["booking_id"] == booking.id):
        return [ALREADY]
    live = sum(1 for each in here if each["ended_at"] is None)
    return [ENOUGH] if live >= MOST or len(here) >= MOST_EVER else []


async def _adult(booking: Booking, name: str, phone: str, email: str) -> Person:
    """The adult as this family has named them before, else new: never a person that another family made, and of no family, so
    that the number opens nobody's bookings. A number that was opted out hears nothing from us, whoever names it, and one of
    somebody who asked for short words gets no others."""
    before = await Person.filter(
        phone=phone, email=email, also_told__booking__family_id=booking.family_id, family_id__isnull=True
    ).first()
    if before:
        before.name = name
        await before.save(update_fields=["name"])
        return before
    has_stopped = bool(phone) and await Person.exists(phone=phone, phone_state="opted_out")
    parent = await Person.get(id=booking.person_id)
    return await Person.create(
        name=name,
        phone=phone,
        email=email,
        channel="sms" if phone else "email",
        language=parent.language,
        phone_state="opted_out" if has_stopped else "ok",
        is_discreet=await proving.asked_for_short_words(phone, email),
        created_at=clock.now(),
    )


async def _written(booking: Booking, adult: Person) -> AlsoTold:
    told = await AlsoTold.get_or_none(booking_id=booking.id, person_id=adult.id)
    if told is None:
        told = AlsoTold(booking_id=booking.id, person_id=adult.id)
    is_new = told.created_at is None
    told.token, told.created_at, told.ended_at, told.ended_by = secrets.token_urlsafe(12), clock.now(), None, ""
    await told.save(force_create=is_new)
    return told


async def _say_so(told: AlsoTold, adult: Person, booking: Booking, dates: list[dict[str, Any]]) -> None:
    """Once, however often they are named and taken off again."""
    saids = [disclosure.said(each) for each in dates]
    await outbox.queue(
        person=adult,
        kind="also_told",
        about=("booking", booking.id),
        dedupe_key=f"also_told:{told.id}",
        facts={"said": saids[0], "dates": saids, "also_token": told.token},
        expires_at=saids[-1].ends_at,
        hub_id=dates[0]["hub_id"],
        session_id=booking.session_id,
    )
