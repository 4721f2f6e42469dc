"""Made-up families with places on the demo county's sessions, and registers of the days gone by.

The same day gives the same families, apart from the tokens in their links, which nobody may guess.
"""

import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.changes import Changes, Row
from booking.demo import registers
from booking.people.models import Child, Family, Person
from booking.programmes.bookings.booking_places import LETTERS
from booking.programmes.bookings.coming import ChildComing, Offered, Party, fits, places_needed
from booking.programmes.models import Attendee, Booking, WaitingEntry

HOUSEHOLDS = 260
DAYS_BACK, DAYS_AHEAD = 7, 16
FIRST_NAMES = (
    "Aisha", "Ben", "Chloe", "Dawid", "Emma", "Fatima", "George", "Hannah", "Imran", "Jess", "Kasia", "Liam", "Mei",
    "Niamh", "Omar", "Priya", "Rhys", "Sam", "Tanya", "Uche", "Vicky", "Will", "Yasmin", "Zoe", "Amir", "Beth",
    "Danielle", "Elif", "Freya", "Gareth", "Holly", "Isaac", "Joanna", "Kwame", "Lucy", "Marek", "Nina", "Rosie",
)  # fmt: skip
LAST_NAMES = (
    "Adeyemi", "Baker", "Carter", "Dunn", "Evans", "Farrow", "Green", "Hussain", "Ivanova", "Jones", "Khan", "Lewis",
    "Murphy", "Novak", "Owen", "Patel", "Quinn", "Roberts", "Singh", "Taylor", "Underhill", "Vaughan", "Walker",
)  # fmt: skip
CHILD_NAMES = (
    "Ada", "Arlo", "Ava", "Bodhi", "Cara", "Dylan", "Elsie", "Finn", "Grace", "Hugo", "Iris", "Jude", "Kit", "Leo",
    "Maryam", "Noah", "Orla", "Poppy", "Ravi", "Sofia", "Theo", "Uma", "Violet", "Wren", "Yusuf", "Zara",
)  # fmt: skip
NEEDS = (
    "Uses a wheelchair",
    "Nut allergy (Ada's EpiPen is in the bag)",
    "Needs a quiet place to feed",
    "BSL interpreter",
)


@dataclass(slots=True)
class Household:
    family_id: UUID
    person_id: UUID
    name: str
    children: list[Row]


@dataclass(slots=True)
class Made:
    """The rows to write, and how many places each session or run has given."""

    bookings: Changes = field(default_factory=lambda: Changes(Booking))
    attendees: Changes = field(default_factory=lambda: Changes(Attendee))
    waiting: list[WaitingEntry] = field(default_factory=list)
    taken: dict[tuple[str, UUID], int] = field(default_factory=dict)


async def make(today: date) -> None:
    """Families, their bookings on courses and single sessions, waiting lists, and the registers since last week."""
    random = Random(today.isoformat())
    households = await _households(random, today)
    made = Made()
    for target in await _targets(today):
        _fill(target, households, random, made)
    await made.bookings.write()
    await made.attendees.write()
    await WaitingEntry.bulk_create(made.waiting)
    for (table, id), taken in made.taken.items():
        await db.execute(f'UPDATE "{table}" SET taken = taken + $2 WHERE id = $1', id, taken)
    await registers.keep(today, random)


async def _households(random: Random, today: date) -> list[Household]:
    families, people, children = Changes(Family), Changes(Person), Changes(Child)
    now, households = clock.now(), []
    for n in range(HOUSEHOLDS):
        name = f"{FIRST_NAMES[n % len(FIRST_NAMES)]} {LAST_NAMES[(n * 7) % len(LAST_NAMES)]}"
        family = families.compare(None, {"created_at": now - timedelta(days=random.randrange(20, 400))})
        person = {
            "family_id": family["id"],
            "name": name,
            "phone": f"+447700900{n:03}",
            "email": f"{name.lower().replace(' ', '.')}{n}@families.example",
            "channel": random.choice(("sms", "sms", "sms", "email")),
            "created_at": now - timedelta(days=20),
        }
        theirs = [
            children.compare(None, _child(family["id"], random, today))
            for _ in range(random.choice((1, 1, 1, 2, 2, 3)))
        ]
        households.append(Household(family["id"], people.compare(None, person)["id"], name, theirs))
    for changes in (families, people, children):
        await changes.write()
    return households


def _child(family_id: UUID, random: Random, today: date) -> Row:
    months = random.choice((random.randrange(0, 24), random.randrange(0, 60), random.randrange(0, 170)))
    born = today.year * 12 + today.month - 1 - months
    return {
        "family_id": family_id,
        "first_name": random.choice(CHILD_NAMES),
        "birth_year": born // 12,
        "birth_month": born % 12 + 1,
    }


async def _targets(today: date) -> list[dict[str, Any]]:
    """What families have booked: whole courses, and single sessions from last week to the week after next."""
    columns = (
        "r.id AS run_id, r.places, r.min_age_months, r.max_age_months, p.age_of, p.places_unit, r.is_restricted"
        " FROM run r JOIN programme p ON p.id = r.programme_id"
    )
    courses = await db.rows(
        f"SELECT NULL AS session_id, r.first_date, {columns} WHERE r.booking_mode = 'run' OR r.is_restricted = $1"
        " ORDER BY r.code",
        True,
    )
    sessions = await db.rows(
        f"SELECT s.id AS session_id, s.date AS first_date, {columns} JOIN session s ON s.run_id = r.id"
        " WHERE r.booking_mode = 'session' AND s.date BETWEEN $1 AND $2 ORDER BY s.date, r.code",
        today - timedelta(days=DAYS_BACK),
        today + timedelta(days=DAYS_AHEAD),
    )
    return courses + sessions


def _fill(target: dict[str, Any], households: list[Household], random: Random, made: Made) -> None:
    """Gives some of the places, now and then all of them and a waiting list."""
    share = random.choice((0.2, 0.4, 0.5, 0.6, 0.8, 1.0))
    wanted = min(round(target["places"] * share), target["places"])
    offered, given, waiting = Offered.of(target), 0, 0 if share < 1 else random.choice((0, 1, 2))
    for household in random.sample(households, len(households)):
        party = _party(household, offered, target["first_date"])
        if party is None:
            continue
        places = places_needed(offered, party)
        if given + places <= wanted:
            given += places
            _book(target, household, party, places, random, made)
        elif waiting:
            waiting -= 1
            _wait(target, household, party, places, random, made)
        else:
            break
    key = ("session", target["session_id"]) if target["session_id"] else ("run", target["run_id"])
    made.taken[key] = given


def _party(household: Household, offered: Offered, day: date) -> Party | None:
    children = tuple(
        ChildComing(child["first_name"], child["birth_year"], child["birth_month"]) for child in household.children
    )
    coming = tuple(child for child in children if fits(offered, child, day))[:2]
    if not offered.asks_children:
        return Party((household.name,))
    return Party((household.name,), coming) if coming else None


def _book(target: dict[str, Any], household: Household, party: Party, places: int, random: Random, made: Made) -> None:
    booking = made.bookings.compare(
        None,
        _common(target, household, places, random) | {"needs": random.choice(NEEDS) if random.random() < 0.06 else ""},
    )
    known = {(c["first_name"], c["birth_year"], c["birth_month"]): c["id"] for c in household.children}
    for name in party.adults:
        made.attendees.compare(None, _attendee(booking["id"], "adult", name))
    for child in party.children:
        born = {"birth_year": child.birth_year, "birth_month": child.birth_month}
        child_id = known[child.first_name, child.birth_year, child.birth_month]
        row = _attendee(booking["id"], "child", child.first_name) | born | {"child_id": child_id}
        made.attendees.compare(None, row)


def _attendee(booking_id: UUID, kind: str, name: str) -> Row:
    nobody = {"child_id": None, "birth_year": None, "birth_month": None}
    return {"booking_id": booking_id, "kind": kind, "name": name} | nobody


def _wait(target: dict[str, Any], household: Household, party: Party, places: int, random: Random, made: Made) -> None:
    who: list[dict[str, Any]] = [{"kind": "adult", "name": name} for name in party.adults]
    who += [
        {"kind": "child", "name": c.first_name, "birth_year": c.birth_year, "birth_month": c.birth_month}
        for c in party.children
    ]
    made.waiting.append(WaitingEntry(**_common(target, household, places, random), who=who))


def _common(target: dict[str, Any], household: Household, places: int, random: Random) -> Row:
    letters = "".join(random.choices(LETTERS, k=7))
    earliest = min(clock.at(target["first_date"], "09:00"), clock.now())
    return {
        "reference": f"{letters[:4]}-{letters[4:]}",
        "manage_token": secrets.token_urlsafe(12),
        "run_id": target["run_id"],
        "session_id": target["session_id"],
        "family_id": household.family_id,
        "person_id": household.person_id,
        "places": places,
        "form_token": f"demo-{secrets.token_urlsafe(16)}",
        "created_at": earliest - timedelta(hours=random.randrange(60, 400)),
    }
