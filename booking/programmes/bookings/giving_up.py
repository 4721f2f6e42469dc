"""A family gives its place up: all of it, or one date of a course. The place is free for others at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.bookings import catch_ups, guests, hearing, leasing
from booking.programmes.bookings.booking_places import coming_dates
from booking.programmes.bookings.leasing import Target
from booking.programmes.creche import creche_places
from booking.programmes.models import Booking

OVER = Problem("This is over, so there is no place to give up.", rule="over")
BACK_WITHIN = timedelta(minutes=30)  # a NO by text was a slip, or meant something else
MOST_NAMED = 3  # dates to catch up on that the message names; the page has all
NOT_BOOKED = Problem("This place has been given up or cancelled already.", rule="not booked")


async def give_up(*, booking_id: UUID, by: Any = None, text_id: UUID | None = None) -> Booking:
    """Ends a booking, frees its places, takes back what has not been sent and takes its dates out of calendars.

    `text_id` is the text that asked for it: its answer says until when a YES takes the place back. Raises Refused when it is
    not booked any more or every date has begun.
    """

    async def body() -> Booking:
        guest_ids = await _lock_with_guests(booking_id)
        found = await db.row(  # once it is locked: an appointment may have got another time
            "SELECT run_id, session_id, slot_id, is_priority, catches_up_id FROM booking WHERE id = $1", booking_id
        )
        if found is None:
            raise Refused([NOT_BOOKED])
        for guest_id in guest_ids:
            await give_up(booking_id=guest_id, by=by)
        target = Target.of(found)
        dates = await coming_dates(target)
        ended = await db.row(
            "UPDATE booking SET state = 'given_up', ended_at = $2 WHERE id = $1 AND state = 'booked' RETURNING places",
            booking_id,
            clock.now(),
        )
        if ended is None:
            raise Refused([NOT_BOOKED])
        if not dates:
            raise Refused([OVER])
        if found["catches_up_id"]:
            await guests.give_back(target, ended["places"])
        else:
            await leasing.give_back(target, ended["places"], is_priority=bool(found["is_priority"]))
        await creche_places.give_back(booking_id)
        off = await _not_yet_taken_out(booking_id)
        await outbox.void(about=("booking", booking_id), why="place given up")
        booking = await Booking.get(id=booking_id)
        kind, key = ("text_gave_up", f":{text_id}") if text_id else ("given_up", "")
        until = {"until": back_until(dates[0]["starts_at"])} if text_id else None
        await _say_so(kind, booking, dates, f"{kind}:{booking_id}{key}", off=off, more=until)
        await audit.record(
            "give up", about_kind="booking", about_id=booking_id, by=by, by_name="family", hub_id=dates[0]["hub_id"],
            after={"source": "text"} if text_id else None,
        )  # fmt: skip
        return booking

    return await db.run_tx(body)


def back_until(starts_at: datetime) -> datetime:
    """Until when a YES takes back what was given up by text just now."""
    return min(clock.now() + BACK_WITHIN, starts_at)


async def _lock_with_guests(booking_id: UUID) -> list[UUID]:
    """Locks the booking, what its family has still to catch up on dates of it, and their runs; returns those bookings."""
    lock = " FOR UPDATE" if db.is_postgres() else ""
    found = await db.rows(
        "SELECT id, run_id FROM booking WHERE id = $1 OR (state = 'booked' AND catches_up_id IN (SELECT s.id FROM session s"
        " JOIN booking c ON c.run_id = s.run_id WHERE c.id = $1 AND c.session_id IS NULL AND c.family_id = booking.family_id)"
        " AND EXISTS (SELECT 1 FROM session g WHERE g.id = booking.session_id AND g.state = 'planned' AND g.starts_at > $2))"
        f" ORDER BY id{lock}",
        booking_id,
        clock.now(),
    )
    if len(found) > 1:
        await guests.lock_runs(row["run_id"] for row in found)
    return [row["id"] for row in found if row["id"] != booking_id]


async def miss_date(*, booking_id: UUID, session_id: UUID, by: Any = None) -> bool:
    """A family on a course says it will miss one date: no reminder, the calendar entry goes, its creche place of that day is
    free; the place on the course stays. Returns whether its creche place was given back."""

    async def body() -> bool:
        booking, date = await _date_of_course(booking_id, session_id)
        missed = await db.row(
            "INSERT INTO missed_date (id, booking_id, session_id, created_at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (booking_id, session_id) DO NOTHING RETURNING id",
            db.new_id(), booking_id, session_id, clock.now(),
        )  # fmt: skip
        if missed is None:
            return False
        await outbox.void(
            about=("booking", booking_id),
            kinds=("reminder_days", "reminder_hours"),
            session_id=session_id,
            why="will miss this date",
        )
        is_creche_free = await creche_places.give_back_beside(booking_id, session_id)
        offered = await catch_ups.find(session_id, places=booking.places, family_id=booking.family_id)
        more = {"catch_ups": [each.said for each in offered[:MOST_NAMED]], "is_creche_free": is_creche_free}
        await _say_so("missed", booking, [date], f"missed:{missed['id']}", more=more)
        await audit.record(
            "miss date", about_kind="booking", about_id=booking_id, by=by, by_name="family",
            hub_id=date["hub_id"], after={"session": str(session_id)},
        )  # fmt: skip
        return is_creche_free

    return await db.run_tx(body)


async def come_after_all(*, booking_id: UUID, session_id: UUID, by: Any = None) -> bool | None:
    """The missed date is put back, with its calendar entry and what reminders still make sense; what was booked to catch up on
    it is given up. Returns whether it has its creche place again (False: others have it now), None where it had none."""

    async def body() -> bool | None:
        booking, date = await _date_of_course(booking_id, session_id)
        missed = await db.row(
            "DELETE FROM missed_date WHERE booking_id = $1 AND session_id = $2 RETURNING id", booking_id, session_id
        )
        if missed is None:
            return None
        await _give_up_catch_up(booking, session_id, by)
        creche = await creche_places.take_again(booking_id, session_id)
        await db.execute("DELETE FROM reminder WHERE booking_id = $1 AND session_id = $2", booking_id, session_id)
        told = disclosure.said(date)
        await hearing.tell(
            person=await Person.get(id=booking.person_id),
            kind="changed",
            about=("booking", booking_id),
            dedupe_key=f"back:{missed['id']}",
            facts={
                "said": told,
                "dates": [told],
                "people": "",
                "reference": booking.reference,
                "token": booking.manage_token,
            },
            calendar=[told],
            expires_at=told.ends_at,
            hub_id=date["hub_id"],
            session_id=session_id,
        )
        await audit.record(
            "come after all", about_kind="booking", about_id=booking_id, by=by, by_name="family",
            hub_id=date["hub_id"], after={"session": str(session_id)},
        )  # fmt: skip
        return creche

    return await db.run_tx(body)


async def _give_up_catch_up(booking: Booking, session_id: UUID, by: Any) -> None:
    """Unless it has begun: then the family has been there."""
    guest = await db.row(
        "SELECT b.id FROM booking b JOIN session s ON s.id = b.session_id WHERE b.family_id = $1 AND b.catches_up_id = $2"
        " AND b.state = 'booked' AND s.starts_at > $3",
        booking.family_id,
        session_id,
        clock.now(),
    )
    if guest:
        await give_up(booking_id=guest["id"], by=by)


async def _date_of_course(booking_id: UUID, session_id: UUID) -> tuple[Booking, dict[str, Any]]:
    """A booking of a whole run, locked so that no reminder is queued meanwhile, and one of its dates to come."""
    lock = " FOR UPDATE" if db.is_postgres() else ""
    await db.row(f"SELECT id FROM booking WHERE id = $1{lock}", booking_id)
    booking = await Booking.get_or_none(id=booking_id, state="booked")
    if booking is None or booking.session_id is not None:
        raise Refused([NOT_BOOKED])
    for date in await coming_dates(Target(booking.run_id)):
        if date["session_id"] == session_id:
            return booking, date
    raise Refused([OVER])


async def _not_yet_taken_out(booking_id: UUID) -> list[dict[str, Any]]:
    """Dates that are cancelled or missed whose calendar entry is still to go: that mail is taken back with the rest."""
    return await db.rows(
        f"SELECT {disclosure.FACTS} FROM session s {disclosure.JOINS} WHERE s.id IN (SELECT m.session_id FROM message m"
        " WHERE m.about_kind = 'booking' AND m.about_id = $1 AND m.calendar_method = 'CANCEL'"
        " AND m.state IN ('queued', 'claimed')) ORDER BY s.starts_at",
        booking_id,
    )


async def _say_so(
    kind: str,
    booking: Booking,
    dates: list[dict[str, Any]],
    dedupe_key: str,
    off: Sequence[dict[str, Any]] = (),
    more: dict[str, Any] | None = None,
) -> None:
    """The message, which takes these dates out of the family's calendar, and those that are off without a word."""
    told = [disclosure.said(each) for each in dates]
    named = {each.session_id for each in told}
    taken_out = [*told, *(disclosure.said(each) for each in off if each["session_id"] not in named)]
    await hearing.tell(
        person=await Person.get(id=booking.person_id),
        kind=kind,
        about=("booking", booking.id),
        dedupe_key=dedupe_key,
        facts={
            "said": told[0],
            "dates": told,
            "people": "",
            "reference": booking.reference,
            "token": booking.manage_token,
        }
        | (more or {}),
        calendar=taken_out,
        expires_at=max(each.ends_at for each in taken_out),
        hub_id=dates[0]["hub_id"],
        session_id=booking.session_id,
    )
