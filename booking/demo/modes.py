"""Ways of booking that the timetable's files do not have: a midwife clinic with two workers, a course by code, training for
professionals, a public consultation; with some times taken and a family that a partner has referred.

Steered and referred through the verbs that people use, so that the demo cannot show what the program would refuse.
"""

import secrets
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.demo import references
from booking.people.models import Organisation, Person
from booking.people.signing_in import Who
from booking.programmes.appointments import finding_slots, steering_slots
from booking.programmes.bookings import leasing, referring
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.models import Attendee, Booking, Programme, Run, Session

CLINICS = ("D01-02", "D01-18")
CODE = "K7M4-QXP"
WEEKS = 3
COURSE, TRAINING, CONSULTATION = "DEMO-REF", "DEMO-TRAIN", "DEMO-SAY"


async def make(today: date) -> None:
    """After the families and partners, whom it books in."""
    random, by = Random(f"modes {today}"), await _somebody("tom@ferndown.example")
    for code in CLINICS:
        await _clinic(code, random, by)
    place = await db.row("SELECT id, hub_id FROM location WHERE code = 'D98-M'")
    if place:
        await _course_by_code(place, today, random)
        await _training(place, today)
        await _consultation(place, today)


async def _somebody(email: str) -> Who:
    found = await db.row(
        "SELECT p.id, p.name, r.hub_id FROM person p JOIN role r ON r.person_id = p.id WHERE p.email = $1", email
    )
    assert found is not None
    at = frozenset({found["hub_id"]})
    return Who(found["id"], found["name"], None, "", email, "", frozenset({"hub_manager"}), at, managed_hubs=at)


async def _clinic(code: str, random: Random, by: Who) -> None:
    """Names who works there, adds a second midwife, closes a break, and lets families have some of the times."""
    run = await Run.get_or_none(code=code)
    if run is None:
        return
    until = clock.now() + timedelta(weeks=WEEKS)
    for session in await Session.filter(run=run, state="planned", starts_at__gt=clock.now(), starts_at__lt=until):
        if code == CLINICS[0]:
            await steering_slots.name_worker(session_id=session.id, worker="", name="Ana Costa", by=by)
            await steering_slots.add_worker(session_id=session.id, worker="Bea Moss", by=by)
            await steering_slots.close_time(session_id=session.id, start="10:30", end="11:00", by=by)
    for slot in await finding_slots.free_times(run.id, weeks=WEEKS):
        if random.random() < 0.45:
            await _book(Target(run.id, slot["session_id"], slot["id"]), random)


async def _book(target: Target, random: Random) -> None:
    """One of the demo's households, a different one for each date; written as rows, so that nobody is written to."""
    families = await db.rows(
        "SELECT p.id, p.name, p.family_id FROM person p WHERE p.family_id IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.family_id = p.family_id AND b.session_id = $1) ORDER BY p.phone",
        target.session_id,
    )
    person = random.choice(families)
    await leasing.claim(target, 1)
    booking = await Booking.create(
        reference=references.reference(random), manage_token=secrets.token_urlsafe(12), run_id=target.run_id,
        session_id=target.session_id, slot_id=target.slot_id, family_id=person["family_id"], person_id=person["id"],
        places=1, form_token=f"demo-{secrets.token_urlsafe(16)}", created_at=clock.now() - timedelta(days=3),
    )  # fmt: skip
    await Attendee.create(booking=booking, kind="adult", name=person["name"])


async def _run(place: dict[str, Any], programme: Programme, first: date, dates: int, **values: Any) -> Run:
    """An online run, which needs no room, with its dates a week apart."""
    last = first + timedelta(weeks=dates - 1)
    row: dict[str, Any] = (
        {
            "code": programme.code, "slug": programme.code.lower(), "programme": programme, "location_id": place["id"],
            "hub_id": place["hub_id"], "title": programme.title, "weekday": first.weekday(), "first_date": first,
            "last_date": last, "planned_sessions": dates, "delivery": "online", "published_at": clock.now(),
            "join_url": f"https://meet.example/{programme.code.lower()}", "host": "Family hub team",
            "search_words": f"{programme.title} online dorset".lower(),
        }
        | values
    )  # fmt: skip
    run = await Run.create(**row)
    for n in range(dates):
        day = first + timedelta(weeks=n)
        await Session.create(
            run=run, location_id=place["id"], hub_id=place["hub_id"], number=n + 1, date=day, weekday=day.weekday(),
            start_time=run.start_time, end_time=run.end_time, starts_at=clock.at(day, run.start_time),
            ends_at=clock.at(day, run.end_time), places=run.places, is_listed=run.is_listed,
        )  # fmt: skip
    return run


def _next(today: date, weekday: int, weeks: int) -> date:
    return today + timedelta(days=(weekday - today.weekday()) % 7 + 7 * weeks)


async def _course_by_code(place: dict[str, Any], today: date, random: Random) -> None:
    programme = await Programme.create(
        code=COURSE, title="Parenting after separation", kind="course", age_of="adult", places_unit="adults",
        session_count=6, minutes=90, summary="Six evenings for parents who live apart, in a small group.",
    )  # fmt: skip
    run = await _run(
        place, programme, _next(today, 1, 1), 6, booking_mode="referral", takes_referrals=True, is_listed=False,
        referral_code=CODE, places=8, start_time="19:00", end_time="20:30",
    )  # fmt: skip
    partner = await Organisation.filter(name__startswith="Health visitors").first()
    booker = await Person.filter(email="priya@health.example").first()
    if partner and booker:
        who = Who(
            booker.id, booker.name, None, "", booker.email, "", frozenset({"partner"}), frozenset(), (partner.id,)
        )
        await _refer(run.id, partner.id, who, random)


async def _refer(run_id: UUID, organisation_id: UUID, by: Who, random: Random) -> None:
    to = next(each for each in await referring.open_ones() if each.run_id == run_id)
    party = referring.with_note(Party(("Lena Marsh",)), "Ring on weekday mornings only, never leave a message")
    contact = Contact("Lena Marsh", "+447700900955", "lena@families.example", "call")
    made = await referring.refer(
        to=to, organisation_id=organisation_id, contact=contact, party=party, places=1, has_consent=True, by=by
    )
    if isinstance(made, Booking):
        await references.make_steady(made, random)


async def _training(place: dict[str, Any], today: date) -> None:
    programme = await Programme.create(
        code=TRAINING, title="Talking about safer sleep", kind="session", age_of="adult", places_unit="people",
        audience="professionals", minutes=90, summary="Training for everybody who visits families with a new baby.",
    )  # fmt: skip
    await _run(
        place, programme, _next(today, 3, 1), 2, booking_mode="session", places=24, start_time="12:30", end_time="14:00"
    )


async def _consultation(place: dict[str, Any], today: date) -> None:
    programme = await Programme.create(
        code=CONSULTATION, title="Have your say about our hubs", kind="session", age_of="all", places_unit="people",
        audience="anyone", minutes=60, summary="Tell us what should be on, and when. Everybody is welcome.",
    )  # fmt: skip
    await _run(
        place, programme, _next(today, 2, 1), 1, booking_mode="session", places=40, start_time="18:30", end_time="19:30"
    )
