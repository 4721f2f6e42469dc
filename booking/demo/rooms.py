"""What partners and the hubs do in the demo county's rooms: a term of clinics, a request, a clash, a closure, keyholders.

Everything is booked by the same verbs that people use, so that the demo cannot show what the program would refuse.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from booking import db
from booking.people.signing_in import STAFF_KINDS, Who
from booking.places import booking_rooms
from booking.places.asking import Ask
from booking.places.models import Keyholder
from booking.places.recurrence import Rule
from booking.problems import Refused

WEEKS = 10


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a room: `by` is the mail address of a partner's booker or of staff; weekday 0 is Monday."""

    by: str
    room: str
    weekday: int
    start: str
    end: str
    title: str
    people: int
    is_weekly: bool = True
    is_private: bool = False


USES = (
    Use("tom@ferndown.example", "D01-M-GROUP", 2, "13:00", "16:00", "Training for all staff", 14, is_weekly=False),
    Use("dan@advice.example", "D01-M-CONS1", 1, "09:30", "12:30", "Benefits and debt advice", 2),
    Use("dan@advice.example", "D01-M-CONS1", 3, "13:30", "16:30", "Benefits and debt advice", 2),
    Use("dan@advice.example", "D01-L-MEET", 4, "10:30", "12:30", "Benefits and debt advice", 3),
    Use("grace@toylibrary.example", "D01-M-GROUP", 2, "13:00", "15:30", "Toy library", 12),
    Use("grace@toylibrary.example", "D01-S1-MEET", 0, "11:00", "13:00", "Toy library", 8),
    Use("grace@toylibrary.example", "D01-M-KITCH", 4, "13:30", "15:30", "Toy mending", 6),
    Use("grace@toylibrary.example", "D01-M-MEET", 3, "18:00", "20:00", "Volunteers’ evening", 10, is_weekly=False),
    Use("priya@health.example", "D01-M-CONS2", 0, "09:30", "12:30", "Two-year reviews", 3),
    Use("priya@health.example", "E06-M-CONS1", 2, "13:00", "16:00", "Baby weighing", 4),
    Use("tom@ferndown.example", "D01-M-MEET", 0, "09:15", "10:15", "Team meeting", 9),
    Use("tom@ferndown.example", "D01-M-CONS2", 2, "10:00", "11:30", "Family meeting", 4, is_private=True),
    Use("tom@ferndown.example", "D01-M-MEET", 3, "13:00", "14:30", "Supervision", 3),
    Use("ewa@colchester.example", "E06-M-MEET", 1, "09:00", "10:00", "Team meeting", 8),
)
KEYHOLDERS = (("D01-M", "Pat Lane, caretaker", "+441632960201"), ("D01-M", "Tom Whitlock", "+447700900991"))


async def make(today: date) -> None:
    """Books these uses from this week on, where the room is free; what is taken stays as a missing date of its series."""
    places = {row["code"]: row["id"] for row in await db.rows("SELECT id, code FROM location")}
    for code, name, phone in KEYHOLDERS:
        await Keyholder.create(location_id=places[code], name=name, phone=phone)
    rooms = {row["code"]: row["id"] for row in await db.rows("SELECT id, code FROM room")}
    known = await people()
    for use in USES:
        if use.by in known and use.room in rooms:
            with suppress(Refused):  # on a day when the timetable has the room for all dates
                await booking_rooms.book(_ask(use, rooms[use.room], known[use.by], today), by=known[use.by])


def _ask(use: Use, room_id: UUID, who: Who, today: date) -> Ask:
    first = today + timedelta(days=(use.weekday - today.weekday()) % 7 + (0 if use.is_weekly else 7))
    rule = Rule(use.weekday, use.start, use.end, first, last_date=first + timedelta(weeks=WEEKS), term_time_only=True)
    partner = who.organisation_ids[0] if who.organisation_ids else None
    return Ask(
        room_id,
        use.start,
        use.end,
        day=None if use.is_weekly else first,
        rule=rule if use.is_weekly else None,
        organisation_id=partner,
        as_partner=partner is not None,
        title=use.title,
        people=use.people,
        is_private=use.is_private,
    )


async def people() -> dict[str, Who]:
    """Those with a role by which they act here, by their mail address."""
    found = await db.rows(
        "SELECT p.id, p.name, p.email, r.kind, r.hub_id, r.organisation_id FROM person p JOIN role r ON r.person_id = p.id"
        " WHERE r.kind <> 'worker'"
    )
    return {
        row["email"]: Who(
            id=row["id"],
            name=row["name"],
            family_id=None,
            phone="",
            email=row["email"],
            proved="",
            kinds=frozenset({row["kind"]}),
            role_hubs=frozenset({row["hub_id"]} if row["hub_id"] and row["kind"] in STAFF_KINDS else ()),
            managed_hubs=frozenset({row["hub_id"]} if row["kind"] == "hub_manager" else ()),
            organisation_ids=(row["organisation_id"],) if row["organisation_id"] else (),
        )
        for row in found
    }
