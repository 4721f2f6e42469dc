"""Rows with good defaults, so that a test says only what matters to it. Call inside an async test."""

import itertools
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.models import Child, Family, Organisation, Person, Role
from booking.people.signing_in import sign_in
from booking.places import holding
from booking.places.models import (
    BankHoliday,
    Location,
    OpeningHours,
    Postcode,
    Room,
    RoomBooking,
    RoomPhoto,
    RoomSwap,
    TermDate,
    TermVersion,
)
from booking.places.rooms import facts_of_one
from booking.programmes.models import Attendee, Booking, Programme, Run, Session, WaitingEntry
from booking.rotas.models import Assignment, Leave, Shift, Skill, StaffProfile, StaffSkill, WorkPattern

_next = itertools.count(1)

__all__ = ["BankHoliday", "OpeningHours", "Postcode", "TermDate"]


async def location(**values: Any) -> Location:
    n = next(_next)
    row = Location(
        **{
            "code": f"L{n}",
            "kind": "hub",
            "name": f"Hub {n}",
            "slug": f"hub-{n}",
            "hub_name": f"Hub {n}",
            "area": "Dorset",
            "postcode": "BH22 9TH",
            "address": f"{n} High Street",
            "lat": 50.80182,
            "lon": -1.89145,
        }
        | values
    )
    row.hub_id = row.hub_id or row.id
    await row.save(force_create=True)
    return row


async def room(at: Location | None = None, **values: Any) -> Room:
    n = next(_next)
    at = at or await location()
    return await Room.create(
        **{"code": f"R{n}", "location": at, "name": f"Room {n}", "kind": "hall", "capacity": 40} | values
    )


async def programme(**values: Any) -> Programme:
    n = next(_next)
    return await Programme.create(**{"code": f"P{n}", "title": f"Messy play {n}", "kind": "session"} | values)


async def run(**values: Any) -> Run:
    """A weekly run, booked session by session, 12 places, for 6 months to 5 years, on the weekday of first_date."""
    n = next(_next)
    offered = values.pop("programme", None) or await programme()
    place = values.pop("location", None) or await location()
    first: date = values.get("first_date") or clock.today() + timedelta(days=7)
    return await Run.create(
        **{
            "code": f"S{n}",
            "slug": f"messy-play-{n}",
            "programme": offered,
            "location": place,
            "hub_id": place.hub_id,
            "title": offered.title,
            "weekday": first.weekday(),
            "start_time": "10:00",
            "end_time": "11:30",
            "first_date": first,
            "last_date": first + timedelta(weeks=10),
            "booking_mode": "session",
            "min_age_months": 6,
            "max_age_months": 60,
            "places": 12,
            "host": "Family hub team",
            "search_words": f"{offered.title} {place.name}".lower(),
        }
        | values
    )


async def session(of: Run | None = None, **values: Any) -> Session:
    """One date of a run (its first unless `date` says otherwise)."""
    of = of or await run()
    day: date = values.pop("date", of.first_date)
    start, end = values.get("start_time", of.start_time), values.get("end_time", of.end_time)
    return await Session.create(
        **{
            "run": of,
            "location_id": of.location_id,
            "hub_id": of.hub_id,
            "number": 1,
            "date": day,
            "weekday": day.weekday(),
            "start_time": start,
            "end_time": end,
            "starts_at": clock.at(day, start),
            "ends_at": clock.at(day, end),
            "is_listed": of.is_listed and not of.is_restricted,
            "places": of.places,
        }
        | values
    )


async def course(weeks: int = 3, **values: Any) -> tuple[Run, list[Session]]:
    """A run that is booked as a whole, with a date every week from next week."""
    of = await run(**{"booking_mode": "run"} | values)
    dates = [of.first_date + timedelta(weeks=n) for n in range(weeks)]
    return of, [await session(of, date=day, number=n + 1, taken=0) for n, day in enumerate(dates)]


async def course_with_creche(
    weeks: int = 3, places: int = 2, **values: Any
) -> tuple[Run, list[Session], list[Session]]:
    """A course, its dates, and the dates of a creche of so many places beside it, for 6 months to 5 years."""
    of, dates = await course(weeks, **values)
    linked = await run(
        booking_mode="linked", places=places, location=await of.location, first_date=of.first_date, title="Creche",
        is_listed=False,
    )  # fmt: skip
    of.creche_run_id = linked.id
    await of.save(update_fields=["creche_run_id"])
    return of, dates, [await session(linked, date=each.date, number=each.number) for each in dates]


async def person(**values: Any) -> Person:
    n = next(_next)
    household = values.pop("family", None) or await Family.create(created_at=clock.now())
    return await Person.create(
        **{
            "name": f"Sam Carter {n}",
            "phone": f"+447700900{n % 1000:03}",
            "family": household,
            "created_at": clock.now(),
        }
        | values
    )


async def child(of: Person, **values: Any) -> Child:
    return await Child.create(
        **{"family_id": of.family_id, "first_name": "Ada", "birth_year": clock.today().year - 2, "birth_month": 3}
        | values
    )


async def booking(on: Session | Run | None = None, by: Person | None = None, **values: Any) -> Booking:
    """A place on a session, or on a whole run, with one adult; counted in `taken` like a real one."""
    n = next(_next)
    on = on or await session()
    by = by or await person()
    is_run = isinstance(on, Run)
    row = await Booking.create(
        **{
            "reference": f"T{n:05}",
            "manage_token": f"token{n:010}",
            "run_id": on.id if is_run else on.run_id,
            "session_id": None if is_run else on.id,
            "family_id": by.family_id,
            "person": by,
            "places": 1,
            "form_token": f"form{n}",
            "created_at": clock.now(),
        }
        | values
    )
    await Attendee.create(booking=row, kind="adult", name=by.name)
    if row.state == "booked":
        table = "run" if is_run else "session"
        await db.execute(f"UPDATE {table} SET taken = taken + $2 WHERE id = $1", on.id, row.places)
    return row


async def waiting(on: Session | Run, by: Person | None = None, **values: Any) -> WaitingEntry:
    """A family in line for one place."""
    n = next(_next)
    by = by or await person()
    is_run = isinstance(on, Run)
    return await WaitingEntry.create(
        **{
            "reference": f"W{n:05}",
            "manage_token": f"wait{n:010}",
            "run_id": on.id if is_run else on.run_id,
            "session_id": None if is_run else on.id,
            "family_id": by.family_id,
            "person": by,
            "places": 1,
            "form_token": f"waits{n}",
            "created_at": clock.now(),
        }
        | values
    )


async def staff(kind: str = "hub_staff", hub_id: UUID | None = None, **values: Any) -> Person:
    member = await person(
        **{"name": "Maya Okafor", "email": f"maya{next(_next)}@hub.example", "channel": "email"} | values
    )
    await Role.create(person=member, kind=kind, hub_id=hub_id)
    return member


async def staff_here_manager_elsewhere(hub_id: UUID, elsewhere_id: UUID) -> Person:
    """Somebody who is manager of one hub and plain staff at another."""
    member = await staff("hub_staff", hub_id)
    await Role.create(person=member, kind="hub_manager", hub_id=elsewhere_id)
    return member


async def sign_in_staff(client: Any, member: Person) -> None:
    """Signs the client's browser in as this member of staff."""
    client.cookies.set("hub", await cookie(client, staff=await sign_in(person_id=member.id, purpose="staff")))


async def sign_in_family(client: Any, parent: Person) -> None:
    client.cookies.set("hub", await cookie(client, family=await sign_in(person_id=parent.id, purpose="manage")))


async def cookie(client: Any, **values: str) -> str:
    """A session cookie as Starlette's SessionMiddleware signs it."""
    import base64
    import json

    import itsdangerous

    signer = itsdangerous.TimestampSigner(client._transport.app.state.settings.secrets.secret_key)
    return signer.sign(base64.b64encode(json.dumps(values).encode())).decode()


async def organisation(**values: Any) -> Organisation:
    """A partner whose terms, agreement and insurance are in order."""
    n = next(_next)
    return await Organisation.create(
        **{
            "name": f"Partner {n}",
            "agreement_to_date": clock.today() + timedelta(days=400),
            "insurance_to_date": clock.today() + timedelta(days=400),
            "terms_accepted_at": clock.now(),
        }
        | values
    )


async def booker(of: Organisation | None = None, **values: Any) -> Person:
    """Somebody who books rooms for a partner."""
    of = of or await organisation()
    member = await person(
        **{"name": "Grace Penny", "email": f"grace{next(_next)}@partner.example", "channel": "email", "family": None}
        | values
    )
    await Role.create(person=member, kind="partner", organisation=of)
    return member


async def room_booking(of: Room, partner: Organisation | None = None, day: int = 20, **values: Any) -> RoomBooking:
    """A confirmed use of the room so many days from now, 10am to midday, that holds it: a partner's, else the hub's own."""
    when = clock.today() + timedelta(days=day)
    start, end = values.pop("start", "10:00"), values.pop("end", "12:00")
    booking = await RoomBooking.create(
        **{
            "room": of,
            "kind": "partner" if partner else "hub",
            "organisation_id": partner.id if partner else None,
            "title": "Advice session",
            "starts_at": clock.at(when, start),
            "ends_at": clock.at(when, end),
            "created_at": clock.now(),
        }
        | values
    )
    if booking.state in ("confirmed", "requested"):
        facts = await facts_of_one(of.id)
        assert facts is not None
        await holding.take([holding.hold_for(booking.id, facts, booking.starts_at, booking.ends_at)])
    return booking


async def swap(of: Room, partner: Organisation, **values: Any) -> RoomSwap:
    """The partner is asked to give the room up for another one of the same place, which is kept for it."""
    booking = await room_booking(of, partner)
    other = await room(await of.location)
    kept = await room_booking(other, kind="swap", hold_until_at=clock.now() + timedelta(days=7))
    waits = await RoomBooking.create(
        room=of, kind="hub", title="Open day", state="requested", starts_at=booking.starts_at, ends_at=booking.ends_at
    )
    return await RoomSwap.create(
        **{
            "room_booking": booking,
            "kept_booking_id": kept.id,
            "for_booking_id": waits.id,
            "reason": "We host an open day.",
            "token": f"swap{next(_next)}",
            "answer_by_at": clock.now() + timedelta(days=5),
            "created_at": clock.now(),
        }
        | values
    )


async def sign_in_partner(client: Any, member: Person) -> None:
    client.cookies.set("hub", await cookie(client, partner=await sign_in(person_id=member.id, purpose="partner")))


async def term_version(area: str = "Dorset", **values: Any) -> TermVersion:
    """The first version of an area's term calendar, without any dates."""
    return await TermVersion.create(
        **{"area": area, "number": 1, "dates": [], "why": "Begun", "created_at": clock.now()} | values
    )


async def opening_hours(at: Location, opens: str = "09:00", closes: str = "17:00", weekdays: str = "01234") -> None:
    """The same hours on each of these weekdays."""
    for weekday in weekdays:
        await OpeningHours.create(location=at, weekday=int(weekday), opens=opens, closes=closes)


async def photo(of: Room, **values: Any) -> RoomPhoto:
    """A picture of the room; only its first bytes are those of a PNG."""
    return await RoomPhoto.create(
        **{
            "room": of,
            "content": b"\x89PNG\r\n\x1a\n",
            "media_type": "image/png",
            "words": "A bright hall",
            "changed_at": clock.now(),
        }
        | values
    )


async def skill(code: str = "", **values: Any) -> Skill:
    n = next(_next)
    return await Skill.create(**{"code": code or f"skill-{n}", "name": code or f"Skill {n}"} | values)


async def worker(at: Location | None = None, **values: Any) -> StaffProfile:
    """Somebody on the rota, full time, every day from 8 to 9 in the evening, based at a hub; `skills` are codes of skills
    that are there, `pattern` False leaves the pattern out, `person` is somebody who is there already."""
    n = next(_next)
    at = at or await location()
    codes, has_pattern = values.pop("skills", ()), values.pop("pattern", True)
    who = values.pop("person", None)
    name = values.get("known_as", f"Sam Green {n}")
    who = who or await person(name=name, family=None, email=f"worker{n}@hub.example")
    await db.execute("UPDATE person SET family_id = NULL WHERE id = $1", who.id)
    await Role.create(person=who, kind="worker", hub_id=at.hub_id)
    own = {"person": who, "known_as": name, "hub_id": at.hub_id, "base": at, "weekly_minutes": 37 * 60}
    profile = await StaffProfile.create(**own | values)
    if has_pattern:
        for weekday in range(7):
            await WorkPattern.create(staff=profile, weekday=weekday, start="08:00", end="21:00")
    for code in codes:
        await StaffSkill.create(staff=profile, skill=await Skill.get(code=code))
    return profile


async def shift(at: Location | None = None, **values: Any) -> Shift:
    """Four hours of extra work next week, at a hub; `session` makes it that session's first facilitator."""
    of = values.get("session")
    at = at or (await of.location if of else await location())
    day: date = values.pop("date", of.date if of else clock.today() + timedelta(days=7))
    start, end = (
        values.pop("start", of.start_time if of else "09:00"),
        values.pop("end", of.end_time if of else "13:00"),
    )
    starts_at, ends_at = clock.at(day, start), clock.at(day, end)
    own = {
        "kind": "facilitator" if of else "extra",
        "location": at,
        "hub_id": at.hub_id,
        "date": day,
        "start_time": start,
        "end_time": end,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "minutes": int((ends_at - starts_at).total_seconds() // 60),
        "created_at": clock.now(),
    }
    return await Shift.create(**own | values)


async def assignment(of: Shift, to: StaffProfile, *layers: str, **values: Any) -> list[Assignment]:
    """The person in the shift, in these layers (draft and published unless told otherwise)."""
    own = {"shift": of, "staff": to, "starts_at": of.starts_at, "ends_at": of.ends_at, "made_at": clock.now()}
    return [await Assignment.create(**own | {"layer": layer} | values) for layer in layers or ("draft", "published")]


async def leave(of: StaffProfile, first: date, last: date | None = None, **values: Any) -> Leave:
    own = {"staff": of, "first_date": first, "last_date": last or first, "state": "approved", "asked_at": clock.now()}
    return await Leave.create(**own | values)


async def sign_in_worker(client: Any, member: StaffProfile) -> None:
    """Signs the client's browser in at the door of people who only have duties."""
    client.cookies.set("hub", await cookie(client, worker=await sign_in(person_id=member.person_id, purpose="worker")))
