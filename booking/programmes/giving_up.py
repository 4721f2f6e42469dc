"""A family gives its place up: all of it, or one date of a course. The place is free for others at once."""

from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.problems import Problem, Refused
from booking.programmes import disclosure, leasing
from booking.programmes.booking_places import coming_dates
from booking.programmes.leasing import Target
from booking.programmes.models import Booking, MissedDate

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
        await outbox.void(about=("booking", booking_id), why="place given up")
        booking = await Booking.get(id=booking_id)
        await _say_so(booking, dates, f"given_up:{booking_id}")
        await audit.record(
            "give up", about_kind="booking", about_id=booking_id, by=by, by_name="family", hub_id=dates[0]["hub_id"]
        )
        return booking

    return await db.run_tx(body)


async def miss_date(*, booking_id: UUID, session_id: UUID, by: Any = None) -> None:
    """A family on a course says it will miss one date: no reminder, the calendar entry goes, the place on the course stays."""

    async def body() -> None:
        booking = await Booking.get_or_none(id=booking_id, state="booked")
        if booking is None or booking.session_id is not None:
            raise Refused([NOT_BOOKED])
        dates = [each for each in await coming_dates(Target(booking.run_id)) if each["session_id"] == session_id]
        if not dates:
            raise Refused([OVER])
        await MissedDate.get_or_create({"created_at": clock.now()}, booking_id=booking_id, session_id=session_id)
        await outbox.void(
            about=("booking", booking_id),
            kinds=("reminder_days", "reminder_hours"),
            session_id=session_id,
            why="will miss this date",
        )
        await _say_so(booking, dates, f"missed:{booking_id}:{session_id}")
        await audit.record(
            "miss date", about_kind="booking", about_id=booking_id, by=by, by_name="family",
            hub_id=dates[0]["hub_id"], after={"session": str(session_id)},
        )  # fmt: skip

    await db.run_tx(body)


async def come_after_all(*, booking_id: UUID, session_id: UUID, by: Any = None) -> None:
    """The missed date is put back, with its calendar entry."""

    async def body() -> None:
        booking = await Booking.get_or_none(id=booking_id, state="booked")
        dates = await coming_dates(Target(booking.run_id)) if booking else []
        dates = [each for each in dates if each["session_id"] == session_id]
        if booking is None or not dates:
            raise Refused([OVER])
        await MissedDate.filter(booking_id=booking_id, session_id=session_id).delete()
        told = disclosure.said(dates[0])
        await outbox.queue(
            person=await Person.get(id=booking.person_id),
            kind="changed",
            about=("booking", booking_id),
            dedupe_key=f"back:{booking_id}:{session_id}:{clock.now().timestamp():.0f}",
            facts={
                "said": told,
                "dates": [told],
                "people": "",
                "reference": booking.reference,
                "token": booking.manage_token,
            },
            calendar=[told],
            expires_at=told.ends_at,
            hub_id=dates[0]["hub_id"],
            session_id=session_id,
        )
        await audit.record(
            "come after all", about_kind="booking", about_id=booking_id, by=by, by_name="family",
            hub_id=dates[0]["hub_id"], after={"session": str(session_id)},
        )  # fmt: skip

    await db.run_tx(body)


async def _say_so(booking: Booking, dates: list[dict[str, Any]], dedupe_key: str) -> None:
    told = [disclosure.said(each) for each in dates]
    await outbox.queue(
        person=await Person.get(id=booking.person_id),
        kind="given_up",
        about=("booking", booking.id),
        dedupe_key=dedupe_key,
        facts={
            "said": told[0],
            "dates": told,
            "people": "",
            "reference": booking.reference,
            "token": booking.manage_token,
        },
        calendar=told,
        expires_at=told[-1].ends_at,
        hub_id=dates[0]["hub_id"],
        session_id=booking.session_id,
    )
