"""A family that misses one date of its course catches up on the same session in another run, as a guest of that date."""

import secrets
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.bookings import catch_ups, giving_up, guests
from booking.programmes.bookings.booking_places import coming_dates, new_reference
from booking.programmes.bookings.leasing import Target
from booking.programmes.creche import creche_places
from booking.programmes.models import Attendee, Booking, Session

NOT_MISSED = Problem("This date is not one that you miss.", rule="not missed")
GONE = Problem("The last place that day has just gone. Please choose another date.", rule="full")
NOT_ONE = Problem("This date can no longer be booked to catch up.", rule="not offered")
ALREADY = Problem("You already have a place that day.", rule="already booked")


async def catch_up(*, booking_id: UUID, missed_id: UUID, session_id: UUID, by: Any = None) -> Booking:
    """Books one date of another run for a family that misses that session of its own; again for the same date it returns the
    first. Another date chosen before is given up.

    Raises Refused: the date is not missed, not one that catches up, full, or booked already.
    """

    async def body() -> Booking:
        booking = await _locked(booking_id, missed_id)
        before = await db.row(
            "SELECT id, session_id FROM booking WHERE family_id = $1 AND catches_up_id = $2 AND state = 'booked'",
            booking.family_id,
            missed_id,
        )
        if before and before["session_id"] == session_id:
            return await Booking.get(id=before["id"])
        await _refuse_unless_offered(booking, missed_id, session_id)
        target = Target((await Session.get(id=session_id)).run_id, session_id)
        if before:
            # both at once, in order: two families may change places
            await guests.lock_runs_of([before["session_id"], session_id])
            await giving_up.give_up(booking_id=before["id"], by=by)
        await guests.claim(target, booking.places)
        guest = await _write(booking, target, missed_id, by)
        await _say_so(guest, missed_id, by)
        return guest

    try:
        return await db.run_tx(body)
    except guests.NoRoom:
        raise Refused([GONE]) from None
    except IntegrityError as error:
        if "booking" in db.broken_guard(error):
            raise Refused([ALREADY]) from error
        raise


async def _locked(booking_id: UUID, missed_id: UUID) -> Booking:
    """The booking of the course, locked: two who press at once come one after the other."""
    lock = " FOR UPDATE" if db.is_postgres() else ""
    await db.row(f"SELECT id FROM booking WHERE id = $1{lock}", booking_id)
    booking = await Booking.get_or_none(id=booking_id, state="booked")
    if booking is None or not await db.row(
        "SELECT id FROM missed_date WHERE booking_id = $1 AND session_id = $2", booking_id, missed_id
    ):
        raise Refused([NOT_MISSED])
    return booking


async def _refuse_unless_offered(booking: Booking, missed_id: UUID, session_id: UUID) -> None:
    offered = await catch_ups.find(missed_id, places=booking.places, family_id=booking.family_id, most=100)
    if session_id not in {each.session_id for each in offered}:
        raise Refused([NOT_ONE])


async def _write(booking: Booking, target: Target, missed_id: UUID, by: Any) -> Booking:
    """The guest's booking with everybody who comes to the course, and a creche place where one is left that day."""
    guest = await Booking.create(
        reference=await new_reference("booking"),
        manage_token=secrets.token_urlsafe(12),
        run_id=target.run_id,
        session_id=target.session_id,
        family_id=booking.family_id,
        person_id=booking.person_id,
        places=booking.places,
        needs=booking.needs,
        source="phone" if by else "online",
        form_token=f"catch-up:{db.new_id()}",
        by_id=by.id if by else None,
        created_at=clock.now(),
        catches_up_id=missed_id,
    )
    has_creche = await _take_creche(guest, booking.creche_children)
    people = await Attendee.filter(booking_id=booking.id).order_by("kind", "id")
    await db.write_new([_copy(each, guest.id, has_creche) for each in people])
    return guest


def _copy(attendee: Attendee, booking_id: UUID, has_creche: bool) -> Attendee:
    same = ("kind", "name", "child_id", "birth_year", "birth_month")
    values = {name: getattr(attendee, name) for name in same}
    return Attendee(booking_id=booking_id, in_creche=attendee.in_creche and has_creche, **values)


async def _take_creche(guest: Booking, children: int) -> bool:
    """Creche places on the other date, if there are any: the date can be caught up without."""
    creche = await creche_places.creche_of(guest.run_id, guest.session_id) if children else None
    if creche is None or creche.left < children:
        return False
    try:
        await creche_places.take(guest, guest.run_id, children)
    except Refused:
        return False
    await db.execute("UPDATE booking SET creche_children = $2 WHERE id = $1", guest.id, children)
    return True


async def _say_so(guest: Booking, missed_id: UUID, by: Any) -> None:
    dates = await coming_dates(Target(guest.run_id, guest.session_id))
    missed = await db.row("SELECT starts_at FROM session WHERE id = $1", missed_id)
    told = disclosure.said(dates[0])
    creche = await Attendee.filter(booking_id=guest.id, in_creche=True).order_by("id").values_list("name", flat=True)
    await outbox.queue(
        person=await Person.get(id=guest.person_id),
        kind="catch_up",
        about=("booking", guest.id),
        dedupe_key=f"catch_up:{guest.id}",
        facts={
            "said": told,
            "dates": [told],
            "missed_at": missed["starts_at"] if missed else told.starts_at,
            "creche": [str(name) for name in creche],
            "reference": guest.reference,
            "token": guest.manage_token,
        },
        calendar=[told],
        expires_at=told.ends_at,
        hub_id=dates[0]["hub_id"],
        session_id=guest.session_id,
    )
    await audit.record(
        "catch up", about_kind="booking", about_id=guest.id, by=by, by_name="family", hub_id=dates[0]["hub_id"],
        after={"session": str(guest.session_id)},
    )  # fmt: skip
