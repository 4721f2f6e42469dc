"""A winter's day at seven in the morning: a hub with nine sessions (one with a creche), four partners in its rooms, six staff and
eighty families; and another hub two miles away. For the test of closing it, and for its benchmark."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from booking import clock, db
from booking.messages import outbox
from booking.people.models import Family, Person
from booking.places import holding
from booking.places.models import Location, Room, RoomBooking
from booking.places.rooms import facts_of_one
from booking.programmes import disclosure
from booking.programmes.models import Run, Session
from tests import make

DAY = date(2027, 1, 12)
"""A Tuesday in term."""
SEVEN = "2027-01-12 07:00:00Z"
TITLES = (
    "Toddlers’ course",
    "Talking tots",
    "Solihull online",
    "Messy play",
    "Baby massage",
    "Rhyme time",
    "Cooking",
    "Walking",
    "Dads’ hour",
)
SIZES = (12, 10, 9, 9, 8, 8, 8, 8, 8)
"""Families of each session: eighty together."""
CHANNELS = (("sms", ""), ("email", "mail"), ("sms", "mail"), ("call", ""))


@dataclass
class SnowDay:
    """What was made. course is the first session, its creche stands beside it; sessions are nine, in the order of TITLES."""

    hub: Location
    near: Location
    sessions: list[Session] = field(default_factory=list)
    creche: Any = None
    partners: list[RoomBooking] = field(default_factory=list)
    bookers: list[Person] = field(default_factory=list)
    staff: list[Person] = field(default_factory=list)
    leader: Any = None
    families: dict[Any, list[Person]] = field(default_factory=dict)


async def make_it() -> SnowDay:
    hub = await make.location(name="Ferndown Family Hub", area="Dorset")
    near = await make.location(name="Wimborne Family Hub", area="Dorset", lat=50.8036, lon=-1.9357)
    day = SnowDay(hub, near)
    for place in (hub, near):
        await make.opening_hours(place, "08:00", "20:00", "012345")
    rooms = [await make.room(hub, name=f"Room {n}", capacity=40) for n in range(9)]
    for n, capacity in enumerate((30, 30, 30, 30, 20, 20, 20)):
        await make.room(near, name=f"Studio {n}", capacity=capacity, is_partner_bookable=True)
    await _people(day)
    await _sessions(day, rooms)
    await _partners(day, rooms)
    return day


async def _people(day: SnowDay) -> None:
    day.staff.append(await make.staff("hub_manager", day.hub.id, name="Tom Ford"))
    for n in range(5):
        day.staff.append(await make.staff("hub_staff", day.hub.id, name=f"Helper {n}", channel=("sms", "email")[n % 2]))
    day.leader = await make.staff("hub_staff", day.near.id, name="Lea Leader")


async def use(room: Room, on: date, start: str, end: str, kind: str, **values: Any) -> RoomBooking:
    starts_at, ends_at = clock.at(on, start), clock.at(on, end)
    facts = await facts_of_one(room.id)
    assert facts
    booking = await RoomBooking.create(
        room=room, kind=kind, starts_at=starts_at, ends_at=ends_at, created_at=clock.now(), **values
    )
    await holding.take([holding.hold_for(booking.id, facts, starts_at, ends_at)])
    return booking


async def _sessions(day: SnowDay, rooms: list[Room]) -> None:
    for n, (title, size) in enumerate(zip(TITLES, SIZES, strict=True)):
        start, end = ("10:00", "11:30") if n < 6 else ("14:00", "15:30")
        room = rooms[n % 6]
        values: dict[str, Any] = {"join_url": "https://meet.example/solihull"} if n == 2 else {}
        if n == 0:
            values = {"creche_run_id": (await _creche(day, rooms[6])).id, "facilitator_1": "Lea Leader"}
        run = await make.run(
            location=day.hub, room_id=room.id, first_date=DAY, last_date=DAY, start_time=start, end_time=end, title=title,
            booking_mode="run" if n == 0 else "session", places=14, host="", **values,
        )  # fmt: skip
        booked = await use(room, DAY, start, end, "session")
        session = await make.session(run, room_id=room.id, room_booking_id=booked.id)
        if n == 0:
            await _second_date(run, room)
        day.sessions.append(session)
        await _families(day, run if n == 0 else session, session, size)


async def _second_date(run: Run, room: Room) -> None:
    later = DAY + timedelta(weeks=1)
    booked = await use(room, later, run.start_time, run.end_time, "session")
    await make.session(run, date=later, number=2, room_id=room.id, room_booking_id=booked.id)


async def _creche(day: SnowDay, room: Room) -> Run:
    run = await make.run(
        location=day.hub, room_id=room.id, first_date=DAY, start_time="10:00", end_time="11:30", title="Creche",
        booking_mode="linked", places=8, is_listed=False, host="",
    )  # fmt: skip
    booked = await use(room, DAY, "10:00", "11:30", "session")
    day.creche = await make.session(run, room_id=room.id, room_booking_id=booked.id)
    return run


async def _families(day: SnowDay, on: Run | Session, session: Session, size: int) -> None:
    for n in range(size):
        channel, mail = CHANNELS[n % len(CHANNELS)]
        number = sum(len(each) for each in day.families.values())
        parent = await Person.create(
            name=f"Parent {number}", phone=f"+447700900{number:03}", channel=channel, created_at=clock.now(),
            email=f"parent{number}@home.example" if mail else "", family=await Family.create(created_at=clock.now()),
        )  # fmt: skip
        booking = await make.booking(on, parent)
        day.families.setdefault(session.id, []).append(parent)
        await _confirm(parent, booking, session)


async def _confirm(parent: Person, booking: Any, session: Session) -> None:
    """It stands in their calendar."""
    facts = await db.row(f"SELECT {disclosure.FACTS} FROM session s {disclosure.JOINS} WHERE s.id = $1", session.id)
    assert facts
    said = disclosure.said(facts)
    await outbox.queue(
        person=parent, kind="changed", about=("booking", booking.id), dedupe_key=f"before:{booking.id}",
        facts={"said": said, "dates": [said], "people": "", "reference": booking.reference, "token": booking.manage_token},
        calendar=[said],
    )  # fmt: skip


async def _partners(day: SnowDay, rooms: list[Room]) -> None:
    """The last is too many for any other room."""
    for n, people in enumerate((10, 15, 20, 38)):
        organisation = await make.organisation()
        booker = await make.booker(organisation)
        start, end = ("12:00", "13:00") if n < 2 else ("16:00", "17:00")
        booking = await use(
            rooms[n], DAY, start, end, "partner", organisation_id=organisation.id, booked_by_id=booker.id,
            title=f"Clinic {n}", people=people,
        )  # fmt: skip
        day.partners.append(booking)
        day.bookers.append(booker)
