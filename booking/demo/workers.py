"""Who works at the demo county's hubs: staff, volunteers and people of partners, with skills, patterns and time away.

The same day gives the same people. Nobody is real; numbers are Ofcom's for drama, addresses end in .example.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.changes import Changes, Row
from booking.demo.who_works import (
    EVENINGS,
    FIRST,
    FULL,
    INCLUDES,
    LAST,
    LATE_WEEK,
    MORNINGS,
    OFTEN,
    SKILLS,
    STAFF_OF_A_HUB,
    THREE_DAYS,
    TRAINED,
    VISITOR,
    VOLUNTEER,
    VOLUNTEER_SATURDAYS,
    Sort,
)
from booking.people.models import Person, Role
from booking.rotas.models import Leave, PatternException, StaffProfile, StaffSkill, WorkPattern

KNOWN = {
    "Tom Whitlock": "tom@ferndown.example",
    "Maya Okafor": "maya@ferndown.example",
    "Ewa Kowalska": "ewa@colchester.example",
}
FERNDOWN = (
    ("Tom Whitlock", FULL, ("trained-iy", "trained-conflict", "keyholder", "safeguarding-3")),
    ("Maya Okafor", EVENINGS, ("trained-solihull", "trained-speech", "trained-henry", "trained-send", "keyholder")),
    ("Ann Lee", FULL, ("trained-iy", "trained-massage", "trained-antenatal", "keyholder")),
    ("Bo Ray", THREE_DAYS, ("trained-iy", "trained-feeding", "trained-triple-p")),
    ("Cas Moe", FULL, ("trained-henry", "trained-solihull", "food-hygiene", "creche")),
    ("Dina Haddad", MORNINGS, ("creche", "trained-send", "trained-speech")),
    ("Ellis Brand", LATE_WEEK, ("creche", "trained-dads", "keyholder", "food-hygiene")),
    ("Fern Abara", EVENINGS, ("creche", "trained-massage", "trained-feeding", "trained-send")),
)
BY_TEXT, TEXTS_AT = {"Bo Ray", "Ellis Brand", "Fern Abara"}, "D02-M"
"""Who of Ferndown’s staff is told by text; and a hub beside it where every other one is."""
SIZES = {"D06-M": 3, "D04-M": 4, "D09-M": 4, "E07-M": 4, "E09-M": 4, "E10-M": 4, "E12-M": 4}
"""How many staff a hub has; most have five."""
VISITORS = (("Health visitors (demo)", "Health visitor"), ("Citizens Advice (demo)", "Adviser"))


@dataclass
class Made:
    """The rows to write, table by table in this order."""

    people: Changes = field(default_factory=lambda: Changes(Person))
    roles: Changes = field(default_factory=lambda: Changes(Role))
    profiles: Changes = field(default_factory=lambda: Changes(StaffProfile))
    pattern: Changes = field(default_factory=lambda: Changes(WorkPattern))
    exceptions: Changes = field(default_factory=lambda: Changes(PatternException))
    held: Changes = field(default_factory=lambda: Changes(StaffSkill))
    leave: Changes = field(default_factory=lambda: Changes(Leave))

    async def write(self) -> None:
        for changes in (self.people, self.roles, self.profiles, self.pattern, self.exceptions, self.held, self.leave):
            await changes.write()


class Maker:
    """Fills `made`; everything by chance comes from one seed."""

    def __init__(self, today: date, skills: dict[str, UUID], known: dict[str, UUID]):
        self.today, self.skills, self.known = today, skills, known
        self.monday = today - timedelta(days=today.weekday())
        self.random, self.made = Random(6), Made()
        self.numbers, self.names = count(300), count()

    def name(self) -> str:
        """Names are nobody else's on the rota."""
        n = next(self.names)
        return f"{FIRST[n * 7 % len(FIRST)]} {LAST[n * 5 % len(LAST)]}"

    def person(self, hub: Row, sort: Sort, codes: tuple[str, ...], name: str = "", **own: Any) -> Row:
        """One person with role, profile, pattern and skills; the row of the profile."""
        name = name or self.name()
        channel = own.pop("channel", "email")
        person_id = self.known.get(name) or self._new_person(name, own.get("kind", "staff"), channel)
        self.made.roles.compare(None, {"person_id": person_id, "kind": "worker", "hub_id": hub["id"]})
        facts = {
            "person_id": person_id,
            "known_as": name,
            "hub_id": hub["id"],
            "base_id": hub["id"],
            "drives": sort.drives,
            "max_travel_minutes": 60 if not sort.drives else 45,
            "weekly_minutes": sort.weekly_minutes,
            "evenings_in_week": sort.evenings,
            "saturdays_in_four": sort.saturdays,
            "cycle_weeks": sort.cycle,
            "cycle_from_date": self.monday if sort.cycle > 1 else None,
        }
        profile = self.made.profiles.compare(None, facts | own)
        for weekday, start, end, kind, week in sort.week:
            line = {"weekday": weekday, "start": start, "end": end, "kind": kind, "week": week}
            self.made.pattern.compare(None, {"staff_id": profile["id"], **line})
        for code in dict.fromkeys(codes):
            self.holds(profile, code)
        return profile

    def _new_person(self, name: str, kind: str, channel: str) -> UUID:
        host = {"staff": "hub", "volunteer": "volunteers", "partner": "partners"}[kind]
        facts = {
            "name": name,
            "email": f"{name.lower().replace(' ', '.')}@{host}.example",
            "phone": f"+447700900{next(self.numbers)}",
            "channel": channel,
            "created_at": clock.at(self.today - timedelta(days=200), "09:00"),
        }
        return self.made.people.compare(None, facts)["id"]

    def holds(self, profile: Row, code: str, ends_in: int | None = None) -> None:
        """The skill; `ends_in` days from today, else somewhere in the time that it lasts."""
        months = next(months for each, _, months in SKILLS if each == code)
        days = ends_in if ends_in is not None else self.random.randrange(70, months * 30) if months else None
        ends = self.today + timedelta(days=days) if days is not None else None
        begins = self.today - timedelta(days=self.random.randrange(100, 900))
        facts = {"staff_id": profile["id"], "skill_id": self.skills[code], "from_date": begins, "to_date": ends}
        self.made.held.compare(None, facts)

    def away(
        self, profile: Row, day: int, days: int = 1, kind: str = "annual", state: str = "approved", **own: Any
    ) -> None:
        """Leave from so many days after this week's Monday on."""
        first = self.monday + timedelta(days=day)
        facts = {
            "staff_id": profile["id"],
            "first_date": first,
            "last_date": first + timedelta(days=days - 1),
            "kind": kind,
            "state": state,
            "asked_at": clock.at(self.today - timedelta(days=3), "16:20"),
            "decided_at": clock.at(self.today - timedelta(days=2), "09:40") if state == "approved" else None,
        }
        self.made.leave.compare(None, facts | own)

    def basics(self) -> tuple[str, ...]:
        return ("safeguarding-2", *(("first-aid",) if self.random.random() < 0.8 else ()))


async def make(today: date) -> None:
    """Skills, then everybody. After staff and partners."""
    skills = {code: db.new_id() for code, _, _ in SKILLS}
    columns = ("id", "code", "name", "expires_months", "includes")
    lines = [(skills[code], code, name, months, INCLUDES.get(code, "")) for code, name, months in SKILLS]
    await db.insert_many("skill", columns, lines)
    maker = Maker(today, skills, await _known())
    organisations = {row["name"]: row["id"] for row in await db.rows("SELECT id, name FROM organisation")}
    hubs = await db.rows("SELECT id, code FROM location WHERE kind = 'hub' AND id = hub_id ORDER BY code")
    for n, hub in enumerate(hubs):
        if hub["code"] == "D01-M":
            _ferndown(maker, hub, organisations)
        else:
            _hub(maker, n, hub, organisations)
    await maker.made.write()


async def _known() -> dict[str, UUID]:
    """Those of the demo's staff who work on the rota, by name."""
    emails = list(KNOWN.values())
    rows = await db.rows(f"SELECT id, email FROM person WHERE email IN {db.in_list(emails)}", *emails)
    ids = {row["email"]: row["id"] for row in rows}
    return {name: ids[email] for name, email in KNOWN.items() if email in ids}


def _hub(maker: Maker, n: int, hub: Row, organisations: dict[str, UUID]) -> None:
    """Staff with the training that runs everywhere between them, a volunteer, at every second hub another and a visitor."""
    size = SIZES.get(hub["code"], 5)
    training = [[] for _ in range(size)]
    for m, code in enumerate(TRAINED):
        for more in range(2 if code in OFTEN else (n + m) % 2):
            training[(n + m + more * 2) % size].append(code)
    staff = []
    for m, codes in enumerate(training):
        extra = ("keyholder",) if m < 3 else ()
        care = ("creche",) if m in (1, 3, 4) else ("food-hygiene",)
        name = "Ewa Kowalska" if hub["code"] == "E06-M" and m == 0 else ""
        channel = "sms" if hub["code"] == TEXTS_AT and m % 2 else "email"
        sort = STAFF_OF_A_HUB[(n + m) % len(STAFF_OF_A_HUB)]
        staff.append(maker.person(hub, sort, (*codes, *extra, *care, *maker.basics()), name, channel=channel))
    maker.away(staff[n % size], 7 + n % 14, 5 if n % 3 == 0 else 2)
    if n % 5 == 0:
        maker.away(staff[(n + 1) % size], 16 + n % 9, 3, state="requested", reason="A wedding in the family")
    _volunteer(maker, hub, VOLUNTEER if n % 3 else VOLUNTEER_SATURDAYS)
    if n % 2 == 0:
        _visitor(maker, hub, n // 2 % 2, organisations)


def _volunteer(maker: Maker, hub: Row, sort: Sort, name: str = "", **own: Any) -> Row:
    kept = {"kind": "volunteer", "channel": "sms", "counts_for_two": False, "max_travel_minutes": 30} | own
    return maker.person(hub, sort, ("safeguarding-2", "trained-feeding"), name, **kept)


def _visitor(maker: Maker, hub: Row, which: int, organisations: dict[str, UUID], name: str = "") -> Row:
    organisation, what = VISITORS[which]
    own = {
        "kind": "partner",
        "organisation_id": organisations.get(organisation),
        "place_ids": f'["{hub["id"]}"]',
        "notes": what,
    }
    return maker.person(hub, VISITOR, ("safeguarding-2", "safeguarding-3"), name, **own)


def _ferndown(maker: Maker, hub: Row, organisations: dict[str, UUID]) -> None:
    """Everything there is to see, at one hub."""
    by_name = {}
    for name, sort, codes in FERNDOWN:
        own = {"postcode": "BH22 9TH"} if name in ("Ann Lee", "Dina Haddad") else {}
        own |= {"channel": "sms"} if name in BY_TEXT else {}
        basics = ("safeguarding-2",) if "safeguarding-3" not in codes else ()
        by_name[name] = maker.person(hub, sort, (*codes, *basics), name, **own)
    for name, days in (
        ("Tom Whitlock", 600),
        ("Maya Okafor", 24),
        ("Ann Lee", 410),
        ("Cas Moe", -9),
        ("Ellis Brand", 300),
    ):
        maker.holds(by_name[name], "first-aid", days)
    maker.away(by_name["Ann Lee"], 8, 2, "training", reason="Antenatal refresher")
    maker.away(by_name["Bo Ray"], 14, 7, reason="Booked in the spring")
    maker.away(by_name["Maya Okafor"], 10, state="requested", reason="My sister moves house")
    maker.away(by_name["Cas Moe"], 22, 4, state="requested", reason="Away with the children")
    maker.away(by_name["Ellis Brand"], -7, 2, "sick")
    maker.away(by_name["Fern Abara"], 24, 1, start="13:00", reason="Dentist")
    off = {"staff_id": by_name["Dina Haddad"]["id"], "date": maker.monday + timedelta(days=9), "kind": "off"}
    maker.made.exceptions.compare(None, off | {"start": "00:00", "end": "24:00", "reason": "School open day"})
    more = {"staff_id": by_name["Bo Ray"]["id"], "date": maker.monday + timedelta(days=10), "kind": "works"}
    maker.made.exceptions.compare(None, more | {"start": "09:00", "end": "16:00", "reason": "Instead of Wednesday"})
    _volunteer(maker, hub, VOLUNTEER, "Joan Trask", notes="Happy to be rung in the mornings")
    _volunteer(maker, hub, VOLUNTEER_SATURDAYS, "Raj Menon")
    _volunteer(maker, hub, VOLUNTEER, "Sally Orr", counts_for_two=True)
    _visitor(maker, hub, 0, organisations, "Priti Shah")
    _visitor(maker, hub, 1, organisations, "Owen Marsh")
