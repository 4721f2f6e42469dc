"""A family gives its place up: all of it, or one date of a course. The place is free for others at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.problems import Problem, Refused
from booking.programmes import disclosure, leasing
from booking.programmes.booking_places import coming_dates
from booking.programmes.leasing import Target
from booking.programmes.models import Booking

OVER = Problem("This is over, so there is no place to give up.", rule="over")
NOT_BOOKED = Problem("This place has been given up or cancelled already.", rule="not booked")


async def give_up(*, booking_id: UUID, by: Any = None) -> Booking:
    """Ends a booking, frees its places, takes back what has not been sent and takes its dates out of calendars.

    Raises Refused when it is not booked any more or every date has begun.
    """

    async def body() -> Booking:
        found = await db.row("SELECT run_id, session_id FROM booking WHERE id = $1", booking_id)
        if found is None:
            raise Refused([NOT_BOOKED])
        target = Target(found["run_id"], found["session_id"])
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
        await leasing.give_back(target, ended["places"])
        off = await _not_yet_taken_out(booking_id)
        await outbox.void(about=("booking", booking_id), why="place given up")
        booking = await Booking.get(id=booking_id)
        await _say_so("given_up", booking, dates, f"given_up:{booking_id}", off=off)
        await audit.record(
            "give up", about_kind="booking", about_id=booking_id, by=by, by_name="family", hub_id=dates[0]["hub_id"]
        )
        return booking

    return await db.run_tx(body)


async def miss_date(*, booking_id: UUID, session_id: UUID, by: Any = None) -> None:
    """A family on a course says it will miss one date: no reminder, the calendar entry goes, the place on the course stays."""

    async def body() -> None:
        booking, date = await _date_of_course(booking_id, session_id)
        missed = await db.row(
            "INSERT INTO missed_date (id, booking_id, session_id, created_at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (booking_id, session_id) DO NOTHING RETURNING id",
            db.new_id(), booking_id, session_id, clock.now(),
        )  # fmt: skip
        if missed is None:
            return
        await outbox.void(
            about=("booking", booking_id),
            kinds=("reminder_days", "reminder_hours"),
            session_id=session_id,
            why="will miss this date",
        )
        await _say_so("missed", booking, [date], f"missed:{missed['id']}")
        await audit.record(
            "miss date", about_kind="booking", about_id=booking_id, by=by, by_name="family",
            hub_id=date["hub_id"], after={"session": str(session_id)},
        )  # fmt: skip

    await db.run_tx(body)


async def come_after_all(*, booking_id: UUID, session_id: UUID, by: Any = None) -> None:
    """The missed date is put back, with its calendar entry and what reminders still make sense."""

    async def body() -> None:
        booking, date = await _date_of_course(booking_id, session_id)
        missed = await db.row(
            "DELETE FROM missed_date WHERE booking_id = $1 AND session_id = $2 RETURNING id", booking_id, session_id
        )
        if missed is None:
            return
        await db.execute("DELETE FROM reminder WHERE booking_id = $1 AND session_id = $2", booking_id, session_id)
        told = disclosure.said(date)
        await outbox.queue(
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

    await db.run_tx(body)


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
    kind: str, booking: Booking, dates: list[dict[str, Any]], dedupe_key: str, off: Sequence[dict[str, Any]] = ()
) -> None:
    """The message, which takes these dates out of the family's calendar, and those that are off without a word."""
    told = [disclosure.said(each) for each in dates]
    named = {each.session_id for each in told}
    taken_out = [*told, *(disclosure.said(each) for each in off if each["session_id"] not in named)]
    await outbox.queue(
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
        },
        calendar=taken_out,
        expires_at=max(each.ends_at for each in taken_out),
        hub_id=dates[0]["hub_id"],
        session_id=booking.session_id,
    )
