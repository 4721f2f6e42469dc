"""A family changes who comes. The number of places follows; who has been on a register already stays on it."""

from typing import Any
from uuid import UUID

from booking import audit, db
from booking.problems import Problem, Refused
from booking.programmes import leasing
from booking.programmes.booking_places import coming_dates, write_attendees
from booking.programmes.coming import Offered, Party, age_problems, party_problems, places_needed
from booking.programmes.giving_up import NOT_BOOKED, OVER
from booking.programmes.leasing import Target
from booking.programmes.models import Booking


async def change_who(*, booking_id: UUID, party: Party, offered: Offered, by: Any = None) -> None:
    """Replaces the attendees. Raises Refused with every Problem: ages, numbers, not enough places, over, not booked."""

    async def body() -> None:
        lock = " FOR UPDATE" if db.is_postgres() else ""
        found = await db.row(f"SELECT run_id, session_id, places, state FROM booking WHERE id = $1{lock}", booking_id)
        if found is None or found["state"] != "booked":
            raise Refused([NOT_BOOKED])
        target = Target(found["run_id"], found["session_id"])
        dates = await coming_dates(target)
        if not dates:
            raise Refused([OVER])
        problems = party_problems(offered, party) + age_problems(offered, party, dates[0]["date"])
        if problems:
            raise Refused(problems)
        await _change_places(target, booking_id, found["places"], places_needed(offered, party))
        await _replace(await Booking.get(id=booking_id), party)
        await audit.record(
            "change who comes", about_kind="booking", about_id=booking_id, by=by, by_name="family",
            hub_id=dates[0]["hub_id"], after={"people": len(party.adults) + len(party.children)},
        )  # fmt: skip

    await db.run_tx(body)


async def _change_places(target: Target, booking_id: UUID, before: int, after: int) -> None:
    if after > before and not await leasing.claim(target, after - before):
        why = await leasing.why_not(target, after - before)
        words = "There is no place left for one more." if why.rule == "full" else why.words
        raise Refused([Problem(words, rule=why.rule)])
    if after < before:
        await leasing.give_back(target, before - after)
    if after != before:
        await db.execute("UPDATE booking SET places = $2 WHERE id = $1", booking_id, after)


async def _replace(booking: Booking, party: Party) -> None:
    """Attendees who stay keep their row, since registers point at it; those who go lose theirs unless they were marked."""
    there = await db.rows(
        "SELECT a.id, a.kind, a.name, a.birth_year, a.birth_month, EXISTS (SELECT 1 FROM attendance t WHERE"
        " t.attendee_id = a.id) AS is_marked FROM attendee a WHERE a.booking_id = $1",
        booking.id,
    )
    adults, children = list(party.adults), list(party.children)
    for each in there:
        if each["kind"] == "adult" and each["name"] in adults:
            adults.remove(each["name"])
            continue
        same = [
            c
            for c in children
            if (c.first_name, c.birth_year, c.birth_month) == (each["name"], each["birth_year"], each["birth_month"])
        ]
        if each["kind"] == "child" and same:
            children.remove(same[0])
        elif not each["is_marked"]:
            await db.execute("DELETE FROM attendee WHERE id = $1", each["id"])
    await write_attendees(booking, Party(tuple(adults), tuple(children)))
