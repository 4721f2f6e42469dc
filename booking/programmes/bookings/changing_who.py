"""A family changes who comes. The number of places follows; who has been on a register already stays on it."""

from typing import Any
from uuid import UUID

from booking import audit, db
from booking.problems import Problem, Refused
from booking.programmes.bookings import guests, leasing
from booking.programmes.bookings.booking_places import coming_dates, write_attendees
from booking.programmes.bookings.coming import Offered, Party, age_problems, party_problems, places_needed
from booking.programmes.bookings.giving_up import NOT_BOOKED, OVER
from booking.programmes.bookings.leasing import Target
from booking.programmes.creche import creche_places
from booking.programmes.models import Booking


async def change_who(*, booking_id: UUID, party: Party, offered: Offered, by: Any = None) -> None:
    """Replaces the attendees. Raises Refused with every Problem: ages, numbers, not enough places, over, not booked."""

    async def body() -> None:
        lock = " FOR UPDATE" if db.is_postgres() else ""
        found = await db.row(
            f"SELECT run_id, session_id, slot_id, places, is_priority, catches_up_id, state FROM booking WHERE id = $1{lock}",
            booking_id,
        )
        if found is None or found["state"] != "booked":
            raise Refused([NOT_BOOKED])
        target = Target.of(found)
        dates = await coming_dates(target)
        if not dates:
            raise Refused([OVER])
        problems = party_problems(offered, party) + age_problems(offered, party, dates[0]["date"])
        if problems:
            raise Refused(problems)
        await _change_places(target, booking_id, found, places_needed(offered, party))
        booking = await Booking.get(id=booking_id)
        await _replace(booking, party)
        await creche_places.change(booking, target.run_id, len(party.creche))
        await db.execute("UPDATE booking SET creche_children = $2 WHERE id = $1", booking_id, len(party.creche))
        await audit.record(
            "change who comes", about_kind="booking", about_id=booking_id, by=by, by_name="family",
            hub_id=dates[0]["hub_id"], after={"people": len(party.adults) + len(party.children)},
        )  # fmt: skip

    await db.run_tx(body)


async def _change_places(target: Target, booking_id: UUID, found: dict[str, Any], after: int) -> None:
    before, is_priority = found["places"], bool(found["is_priority"])
    if found["catches_up_id"]:
        await _change_places_of_guest(target, after - before)
    elif after > before and not await leasing.claim(target, after - before, is_priority=is_priority):
        why = await leasing.why_not(target, after - before)
        words = "There is no place left for one more." if why.rule == "full" else why.words
        raise Refused([Problem(words, rule=why.rule)])
    elif after < before:
        await leasing.give_back(target, before - after, is_priority=is_priority)
    if after != before:
        await db.execute("UPDATE booking SET places = $2 WHERE id = $1", booking_id, after)


async def _change_places_of_guest(target: Target, more: int) -> None:
    """Who catches up on one date is counted on it and among the guests of its run."""
    try:
        if more > 0:
            await guests.claim(target, more)
        elif more < 0:
            await guests.give_back(target, -more)
    except guests.NoRoom:
        raise Refused([Problem("There is no place left for one more.", rule="full")]) from None


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
            in_creche = same[0] in party.creche
            await db.execute("UPDATE attendee SET in_creche = $2 WHERE id = $1", each["id"], in_creche)
        elif not each["is_marked"]:
            await db.execute("DELETE FROM attendee WHERE id = $1", each["id"])
    await write_attendees(booking, Party(tuple(adults), tuple(children), creche=party.creche))
