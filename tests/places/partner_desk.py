"""A partner's desk in January 2027: a hub with two rooms, a spring term with half term, Grace who books, and a stranger."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from booking.places import booking_rooms
from booking.places.asking import Ask
from booking.places.recurrence import Rule
from tests import make
from tests.places.who import partner_who

NOW = "2027-01-04 09:00+00:00"
TUESDAY = date(2027, 1, 12)
CLASH, HALF_TERM = date(2027, 2, 2), date(2027, 2, 16)


@dataclass
class Desk:
    """The rooms are partner-bookable, open 9am to 5pm on weekdays; organisation is Grace's, stranger another."""

    location: Any
    room: Any
    other_room: Any
    organisation: Any
    grace: Any
    stranger: Any
    olu: Any

    @property
    def who(self) -> Any:
        return partner_who(self.grace, self.organisation)

    @property
    def olu_who(self) -> Any:
        return partner_who(self.olu, self.stranger)

    def typed(self, **values: Any) -> dict[str, str]:
        """The form for eleven Tuesdays from 10am to midday this term."""
        usual = {
            "room": str(self.room.id), "repeat": "weekly", "weekday": "1", "term": "this", "term_time": "yes",
            "start": "10:00", "end": "12:00", "title": "Baby clinic", "people": "8",
        }  # fmt: skip
        return usual | values

    async def book_for(self, who: Any, day: date = CLASH, **values: Any) -> booking_rooms.Booked:
        ask = {"start": "10:00", "end": "12:00", "title": "Debt advice", "people": 4, "day": day} | values
        own = {"organisation_id": who.organisation_ids[0], "as_partner": True}
        return await booking_rooms.book(Ask(self.room.id, **own, **ask), by=who)

    async def a_term(self, **values: Any) -> booking_rooms.Booked:
        rule = Rule(1, "10:00", "12:00", TUESDAY, last_date=date(2027, 3, 23), term_time_only=True)
        return await self.book_for(self.who, None, rule=rule, title="Baby clinic", **values)


async def make_desk(**organisation: Any) -> Desk:
    at = await make.location()
    await make.opening_hours(at)
    for kind, first, last in [
        ("term", date(2027, 1, 4), date(2027, 3, 25)),
        ("half_term", date(2027, 2, 15), date(2027, 2, 19)),
        ("term", date(2027, 4, 12), date(2027, 7, 21)),
    ]:
        part = "summer" if first.month == 4 else "spring"
        await make.TermDate.create(
            area="Dorset", academic_year="2026-27", part=part, kind=kind, start_date=first, end_date=last
        )
    own, other = await make.organisation(**organisation), await make.organisation(name="Secretive Advice")
    rooms = [
        await make.room(at, name=name, is_partner_bookable=True, capacity=20) for name in ("Blue room", "Garden room")
    ]
    return Desk(at, *rooms, own, await make.booker(own), other, await make.booker(other, name="Olu Ade"))
