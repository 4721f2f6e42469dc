"""A family that gave its place up by text, and did not mean to, takes it back while it is still there.

The booking is the same one again, with its reference and its link. Its places are claimed as any others are, so that nobody
else's is taken (promise P2), and families in line come first here too.
"""

from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.bookings import guests, leasing
from booking.programmes.bookings.booking_places import ALREADY, coming_dates
from booking.programmes.bookings.claiming import FULL, SLOT_TAKEN, SlotGone
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.creche import creche_places
from booking.programmes.models import Attendee, Booking

NOTHING = Problem("There is nothing to take back here.", rule="not given up")


async def take_back(*, booking_id: UUID, by: Any = None) -> Booking:
    """Makes a given-up booking one that is booked, with its places in the crèche, its calendar entries and its reminders.

    Raises Refused: it was not given up, it has begun or is cancelled, its places are no longer free, the crèche's are not, or the
    family has booked anew meanwhile. Then nothing is changed.
    """

    async def body() -> Booking:
        lock = " FOR UPDATE" if db.is_postgres() else ""
        await db.row(f"SELECT id FROM booking WHERE id = $1{lock}", booking_id)
        booking = await Booking.get_or_none(id=booking_id, state="given_up")
        if booking is None:
            raise Refused([NOTHING])
        target = Target(booking.run_id, booking.session_id, booking.slot_id)
        await _claim(booking, target)
        dates = await coming_dates(target, is_locked=True)
        if not dates:
            raise Refused([await leasing.why_not(target) if target.session_id else leasing.CLOSED])
        await _book_again(booking)
        await _say_so(booking, dates)
        await audit.record(
            "take back place", about_kind="booking", about_id=booking_id, by=by, by_name="family",
            hub_id=dates[0]["hub_id"], after={"places": booking.places, "source": "text"},
        )  # fmt: skip
        return booking

    try:
        return await db.run_tx(body)
    except (guests.NoRoom, SlotGone):
        raise Refused([FULL]) from None
    except IntegrityError as error:
        if "uq_booking" in db.broken_guard(error) or "booking." in db.broken_guard(error):
            raise Refused([ALREADY]) from error
        raise


async def _claim(booking: Booking, target: Target) -> None:
    """Claims its places anew; what others had kept and let lapse is free too."""
    if booking.catches_up_id:
        if not await _still_misses(booking):
            raise Refused([NOTHING])
        await guests.claim(target, booking.places)
        return
    is_priority = bool(booking.is_priority)
    if await leasing.claim(target, booking.places, is_priority=is_priority):
        return
    if await leasing.free_expired(target) and await leasing.claim(target, booking.places, is_priority=is_priority):
        return
    raise Refused([SLOT_TAKEN if target.slot_id else await leasing.why_not(target, booking.places)])


async def _still_misses(booking: Booking) -> bool:
    """Whether the date that this one stood for is still missed, in a course that is still booked."""
    missed = await db.row(
        "SELECT x.id FROM missed_date x JOIN booking c ON c.id = x.booking_id WHERE x.session_id = $1 AND c.family_id = $2"
        " AND c.state = 'booked'",
        booking.catches_up_id,
        booking.family_id,
    )
    return missed is not None


async def _book_again(booking: Booking) -> None:
    """The row, its crèche places, and reminders as if none had been queued: those taken back come to life again."""
    await db.execute(
        "UPDATE booking SET state = 'booked', ended_at = NULL WHERE id = $1 AND state = 'given_up'", booking.id
    )
    booking.state, booking.ended_at = "booked", None  # type: ignore[assignment]
    await creche_places.take(booking, booking.run_id, booking.creche_children)
    await db.execute("DELETE FROM reminder WHERE booking_id = $1", booking.id)
    await outbox.void(about=("booking", booking.id), kinds=("text_gave_up",), why="taken back")


async def _say_so(booking: Booking, dates: list[dict[str, Any]]) -> None:
    """The answer, with a calendar entry for every date that the family does not miss."""
    missed = {
        row["session_id"]
        for row in await db.rows("SELECT session_id FROM missed_date WHERE booking_id = $1", booking.id)
    }
    told = [disclosure.said(each) for each in dates if each["session_id"] not in missed] or [disclosure.said(dates[0])]
    adults = await Attendee.filter(booking_id=booking.id, kind="adult").order_by("id").values_list("name", flat=True)
    await outbox.queue(
        person=await Person.get(id=booking.person_id),
        kind="text_took_back",
        about=("booking", booking.id),
        dedupe_key=f"text_took_back:{booking.id}:{clock.now():%Y%m%dT%H%M%S.%f}",
        facts={
            "said": told[0],
            "dates": told,
            "people": Party(tuple(str(name) for name in adults)).words(),
            "reference": booking.reference,
            "token": booking.manage_token,
        },
        calendar=told,
        expires_at=told[-1].ends_at,
        hub_id=dates[0]["hub_id"],
        session_id=booking.session_id,
    )
