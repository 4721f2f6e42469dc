"""What staff and families do all at once to the same courses, groups and clinics; a process of its own:

python -m tests.programmes.everything URL STAFF SEED SECONDS
prints what was done and refused, and what went wrong, as JSON.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db, settings
from booking.messages import sender
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes.appointments import changing_slots, steering_slots
from booking.programmes.bookings import booking_places, guests, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import ChildComing, Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import acts_to_undo, adding_dates, cancelling_dates, changing_dates, switching_online
from booking.programmes.changes.dates_in_scope import Wish
from booking.programmes.closures import closing_places, undoing_closing
from booking.programmes.closures.closing_answers import CANCEL
from booking.programmes.closures.closing_wanted import Closing, How, Place
from booking.programmes.plans import deciding_numbers
from booking.programmes.waiting import answering_offers, ending_offers, keeping_lines, offer_times, offering, waiting
from tests.programmes import course_rush

Chance = random.Random
Row = dict[str, Any]
Act = Callable[[Chance, Who], Awaitable[Any]]


async def one_of(chance: Chance, sql: str, *parameters: Any) -> Row:
    found = await db.rows(sql, *parameters)
    if not found:
        raise Refused([deciding_numbers.GONE])
    return chance.choice(found)


async def a_date(chance: Chance, modes: str = "'run', 'session', 'appointment'", state: str = "planned") -> Row:
    return await one_of(
        chance,
        "SELECT s.id, s.run_id, s.date, s.room_id FROM session s JOIN run r ON r.id = s.run_id WHERE r.booking_mode IN"
        f" ({modes}) AND s.state = '{state}' ORDER BY s.id",
    )


def a_family(chance: Chance, *, with_creche: bool) -> tuple[Contact, Party]:
    ada = ChildComing("Ada", clock.today().year - 2, 3)
    contact = Contact(f"Family {chance.random()}", f"+4477009{chance.randrange(100000):05}")
    return contact, Party(("Sam Carter",), (ada,), creche=(ada,) if with_creche else ())


async def a_target(chance: Chance) -> Target:
    date = await one_of(
        chance,
        "SELECT s.id AS session_id, s.run_id, r.booking_mode FROM session s JOIN run r ON r.id = s.run_id"
        " WHERE r.booking_mode <> 'linked' ORDER BY s.id",
    )
    if date["booking_mode"] == "run":
        return Target(date["run_id"])
    if date["booking_mode"] == "session":
        return Target(date["run_id"], date["session_id"])
    slot = await one_of(chance, "SELECT id FROM slot WHERE session_id = $1 ORDER BY id", date["session_id"])
    return Target(date["run_id"], date["session_id"], slot["id"])


async def book(chance: Chance, _: Who) -> None:
    """A form is filled in and sent, or left; where it is full the family gets in line."""
    target = await a_target(chance)
    with_creche = target.session_id is None and chance.random() < 0.4
    contact, party = a_family(chance, with_creche=with_creche)
    try:
        lease_id = await leasing.lease(target, is_priority=chance.random() < 0.2)
    except Refused:
        if target.slot_id is None:
            await waiting.join(
                lease_id=await leasing.start_waiting_draft(target), contact=contact, party=party, places=1
            )
        return
    if chance.random() < 0.15:
        await leasing.release(lease_id)
        return
    try:
        await booking_places.book(lease_id=lease_id, contact=contact, party=party)
    except Refused:
        await leasing.release(lease_id)
        raise


async def offer(_: Chance, __: Who) -> None:
    await offering.offer_free_places()


async def answer(chance: Chance, who: Who) -> None:
    one = await one_of(chance, "SELECT id FROM offer WHERE state = 'open' ORDER BY id")
    way = chance.random()
    if way < 0.6:
        await answering_offers.take(offer_id=one["id"])
    elif way < 0.8:
        await answering_offers.pass_on(offer_id=one["id"])
    else:
        await ending_offers.withdraw(offer_id=one["id"], then="last", why="Rang", by=who)


async def leave_line(chance: Chance, _: Who) -> None:
    one = await one_of(chance, "SELECT id FROM waiting_entry WHERE state IN ('waiting', 'offered') ORDER BY id")
    await waiting.leave(entry_id=one["id"])


async def change(chance: Chance, who: Who) -> None:
    date = await a_date(chance)
    room = await one_of(chance, "SELECT id FROM room ORDER BY id")
    start = chance.choice((10, 10, 11, 13))
    wish = Wish(
        start=f"{start}:00", end=f"{start + 2}:00", room_id=room["id"], changes_edited=chance.random() < 0.5,
        day=date["date"] + timedelta(days=chance.choice((0, 0, 0, 1))),
    )  # fmt: skip
    scope = chance.choice(("date", "later", "all"))
    await changing_dates.change(session_id=date["id"], scope=scope, wish=wish, by=who, undo_minutes=10)


async def change_places(chance: Chance, who: Who) -> None:
    """Staff give a course or a date more places or fewer."""
    date = await a_date(chance, "'run', 'session'")
    if chance.random() < 0.5:
        places = Wish(places=chance.randrange(5, 11))
        await changing_dates.change(session_id=date["id"], scope="all", wish=places, by=who, undo_minutes=10)
        return
    mode = await db.value("SELECT booking_mode FROM run WHERE id = $1", date["run_id"])
    target = Target(date["run_id"], None if mode == "run" else date["id"])
    await keeping_lines.set_places(target=target, places=chance.randrange(5, 11), by=who)


async def switch(chance: Chance, who: Who) -> None:
    date, to = await a_date(chance), chance.choice(("online", "in_person"))
    await switching_online.switch(
        session_id=date["id"], scope=chance.choice(("date", "all")), to=to,
        join_url="https://meet.example/x" if to == "online" else "", by=who, undo_minutes=10,
    )  # fmt: skip


async def cancel(chance: Chance, who: Who) -> None:
    date = await a_date(chance)
    await cancelling_dates.cancel(
        session_id=date["id"], scope=chance.choice(("date", "date", "later")), reason="Snow", by=who, undo_minutes=10
    )


async def cancel_run(chance: Chance, who: Who) -> None:
    date = await a_date(chance, "'run'")
    done = await deciding_numbers.cancel_run(run_id=date["run_id"], reason="Too few", by=who, undo_minutes=10)
    first = await db.value("SELECT about_id FROM audit_event WHERE id = $1", done.event_id)
    await acts_to_undo.undo(session_id=first, event_id=done.event_id, by=who)


async def add(chance: Chance, who: Who) -> None:
    date = await a_date(chance)
    day = date["date"] + timedelta(days=chance.randrange(1, 20))
    await adding_dates.add(run_id=date["run_id"], day=day, by=who, undo_minutes=10)


async def close(chance: Chance, who: Who) -> None:
    """The hub closes on a day with sessions, and two times in three opens again."""
    date = await a_date(chance, "'run', 'session', 'appointment'")
    (hub_id,) = who.role_hubs
    span = clock.at(date["date"], "00:00"), clock.at(date["date"], "23:59")
    how = How(dict.fromkeys(("sessions", "partners", "requests", "hub"), CANCEL), is_told_now=chance.random() < 0.5)
    done = await closing_places.close(Closing((Place(hub_id),), (span,), "Snow"), how, seen=None, by=who)
    if chance.random() < 0.7:
        await undoing_closing.undo(event_id=done.event_id, by=who)


async def undo(chance: Chance, who: Who) -> None:
    one = await one_of(
        chance,
        "SELECT id, about_id FROM audit_event WHERE undone_at IS NULL AND undo_until IS NOT NULL ORDER BY id DESC LIMIT 12",
    )
    await acts_to_undo.undo(session_id=one["about_id"], event_id=one["id"], by=who)


async def other_time(chance: Chance, _: Who) -> None:
    one = await one_of(
        chance, "SELECT id, run_id FROM booking WHERE state = 'booked' AND slot_id IS NOT NULL ORDER BY id"
    )
    slot = await one_of(
        chance,
        "SELECT x.id FROM slot x JOIN session s ON s.id = x.session_id WHERE s.run_id = $1 ORDER BY x.id",
        one["run_id"],
    )
    await changing_slots.change_slot(booking_id=one["id"], slot_id=slot["id"])


async def steer(chance: Chance, who: Who) -> None:
    date = await a_date(chance, "'appointment'")
    slot = await one_of(chance, "SELECT id FROM slot WHERE session_id = $1 ORDER BY id", date["id"])
    if chance.random() < 0.3:
        await steering_slots.close_time(session_id=date["id"], start="11:00", end="11:30", by=who)
        return
    verb = chance.choice((steering_slots.open_slot, steering_slots.close_slot))
    await verb(session_id=date["id"], slot_id=slot["id"], by=who)


async def tidy(_: Chance, __: Who) -> None:
    await guests.tidy()
    await leasing.free_expired()


def _of_families(act: Callable[[Chance], Awaitable[Any]]) -> Act:
    async def done(chance: Chance, _: Who) -> None:
        await act(chance)

    done.__name__ = act.__name__
    return done


FAMILIES = [_of_families(each) for each in (course_rush.miss, course_rush.come, course_rush.catch_up)]
ACTS: list[Act] = [
    *[book] * 8, *FAMILIES * 2, *[_of_families(course_rush.give_up)] * 4, *[offer] * 2, *[answer] * 3, leave_line,
    *[change] * 2, change_places, *[switch] * 2, *[cancel] * 2, cancel_run, close, add, *[undo] * 6, *[other_time] * 2, steer, tidy,
]  # fmt: skip


async def some(chance: Chance, who: Who, until: float, done: Counter[str], wrong: list[str]) -> None:
    while time.monotonic() < until:
        act = chance.choice(ACTS)
        try:
            await act(chance, who)
            done[act.__name__] += 1
        except Refused:
            done[f"{act.__name__} refused"] += 1
        except Exception as trouble:
            wrong.append(f"{act.__name__}: {type(trouble).__name__}: {trouble}")


async def main(url: str, staff: str, seed: int, seconds: float) -> None:
    loaded = settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"})
    sender.use(loaded)
    offer_times.use(
        loaded.offers, replace(loaded.messages, quiet_from_hour=8, quiet_to_hour=8)
    )  # offers also while tests run at night
    await db.open_database(settings.Database(url=url, pool=8))
    clock.use_zone("Europe/London")
    person, hub = (UUID(each) for each in staff.split(","))
    at = frozenset({hub})
    who = Who(person, "Maya", None, "", "", "", frozenset({"hub_manager"}), at, managed_hubs=at)
    done: Counter[str] = Counter()
    wrong: list[str] = []
    until = time.monotonic() + seconds
    await asyncio.gather(*(some(random.Random(seed * 100 + n), who, until, done, wrong) for n in range(3)))
    await db.close_database()
    print(json.dumps({"done": done, "wrong": wrong}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
