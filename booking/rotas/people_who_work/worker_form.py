"""The form about somebody who works here: read into Facts with every Problem beside its field, and shown again. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from booking.cells import Wrong, hours
from booking.people.contacts import UNWANTED, phone_words, read_email, read_name, read_phone
from booking.problems import Problem
from booking.rotas.people_who_work.worker_facts import CHANNELS, KINDS, Facts
from booking.rotas.values import Stretch
from booking.words import DAYS

WISHES = (("works", "Works"), ("prefers", "Prefers"), ("avoids", "Rather not"))
CYCLES = (
    ("1", "Every week is the same"),
    ("2", "Two weeks in turn"),
    ("3", "Three weeks in turn"),
    ("4", "Four weeks in turn"),
)
WEEKS = range(4)
NUMBERS = {
    "max_travel_minutes": (5, 240, "minutes from 5 to 240"),
    "days_in_row": (1, 12, "days from 1 to 12"),
    "saturdays_in_four": (0, 4, "a number from 0 to 4"),
    "evenings_in_week": (0, 7, "a number from 0 to 7"),
}
MOST_HOURS = 60
LONGEST_NOTES = 300
TEXTS = (
    "known_as", "name", "kind", "organisation", "hub", "base", "email", "phone", "channel", "postcode", "weekly_hours", "over_hours",
    "cycle_weeks", "cycle_from", "from_date", "notes", *NUMBERS,
)  # fmt: skip
TICKS = ("drives", "counts_for_two", "is_reminded", "gets_invites")
TIMES = tuple(f"{kind}_{day}" for kind, _ in WISHES for day in range(7)) + tuple(
    f"week_{n}_{day}" for n in WEEKS for day in range(7)
)
NEW = {
    **dict.fromkeys((*TEXTS, *TICKS, *TIMES), ""),
    "kind": "staff", "channel": "email", "drives": "yes", "counts_for_two": "yes", "is_reminded": "yes", "max_travel_minutes": "45",
    "days_in_row": "5", "saturdays_in_four": "2", "evenings_in_week": "2", "over_hours": "3", "cycle_weeks": "1",
}  # fmt: skip
"""An empty form."""


@dataclass
class Typed:
    """What stands in the form: texts by name, and the ids of the only places."""

    values: dict[str, str] = field(default_factory=lambda: dict(NEW))
    places: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.values[name]


def typed_in(form: Any) -> Typed:
    """What was typed, from a Starlette FormData; long texts are cut."""
    values = {name: str(form.get(name, ""))[:400] for name in NEW}
    return Typed(values, [str(each)[:40] for each in form.getlist("works_at")[:200]])


class _Reader:
    """Reads one field after the other and gathers their Problems."""

    def __init__(self, typed: Typed, allowed: Mapping[str, set[str]]):
        self.typed, self.allowed = typed, allowed
        self.problems: list[Problem] = []

    def raw(self, name: str) -> str:
        return " ".join(UNWANTED.sub(" ", self.typed[name]).split())

    def refuse(self, name: str, words: str, rule: str = "typed") -> None:
        self.problems.append(Problem(words, name, rule=rule))

    def one_of(self, name: str, known: Any, words: str) -> str:
        if self.raw(name) not in known:
            self.refuse(name, words)
        return self.raw(name)

    def id(self, name: str, words: str, *, must: bool = False) -> UUID | None:
        """One of the ids that may be chosen; None for nothing."""
        text = self.raw(name)
        if not text and not must:
            return None
        if text not in self.allowed[name]:
            self.refuse(name, words)
            return None
        return UUID(text)

    def whole(self, name: str) -> int:
        least, most, words = NUMBERS[name]
        text = self.raw(name)
        if not text.isascii() or not text.isdigit() or not least <= int(text[:6]) <= most:
            self.refuse(name, f"Enter {words}")
            return least
        return int(text)

    def minutes(self, name: str) -> int | None:
        """Hours as typed, in minutes; None for nothing typed."""
        text = self.raw(name)
        try:
            parts = Decimal(text) * 60 if text else None
        except InvalidOperation:
            parts = Decimal("NaN")
        if parts is None:
            return None
        if not parts.is_finite() or not 0 <= parts <= MOST_HOURS * 60:
            self.refuse(name, f"Enter hours from 0 to {MOST_HOURS}, like 37 or 22.5")
            return None
        return round(parts)

    def day(self, name: str) -> date | None:
        try:
            return date.fromisoformat(self.raw(name)) if self.raw(name) else None
        except ValueError:
            self.refuse(name, "Enter a date, like 31 3 2027")
            return None

    def contact(self, name: str, read: Any) -> str:
        if not self.raw(name):
            return ""
        value, wrong = read(self.raw(name), name)
        self.problems += wrong
        return value

    def times(self, name: str) -> tuple[tuple[str, str], ...]:
        if not self.raw(name):
            return ()
        try:  # "24:00" is the end of the day in patterns, and no wall time
            found = hours(self.raw(name).replace("24:00", "23:59"))
            return tuple((start, "24:00" if end == "23:59" else end) for start, end in found)
        except Wrong:
            self.refuse(name, f"{DAYS[int(name[-1])]}: enter hours like 09:00-17:00, several with a semicolon between")
            return ()


def read(typed: Typed, allowed: Mapping[str, set[str]]) -> tuple[Facts | None, list[Problem]]:
    """The facts, and what is wrong with the form; `allowed` are the ids that may be chosen of hub, base, organisation and works_at."""
    reader = _Reader(typed, allowed)
    known_as, wrong = read_name(typed["known_as"], "known_as", "the name on the rota")
    name, wrong_name = read_name(typed["name"] or typed["known_as"] or "-", "name", "the full name")
    reader.problems += [*wrong, *wrong_name]
    kind = reader.one_of("kind", KINDS, "Choose what they are")
    hub_id = reader.id("hub", "Choose their home hub", must=True)
    places = [each for each in typed.places if each in allowed["works_at"]]
    cycle = (
        int(reader.one_of("cycle_weeks", dict(CYCLES), "Choose how weeks take turns") or 1)
        if reader.raw("cycle_weeks") in dict(CYCLES)
        else 1
    )
    cycle_from = reader.day("cycle_from")
    if cycle > 1 and cycle_from is None and not any(p.field == "cycle_from" for p in reader.problems):
        reader.refuse("cycle_from", "Enter a day of a first week")
    facts: dict[str, Any] = dict(
        known_as=known_as, name=name, kind=kind, hub_id=hub_id,
        organisation_id=reader.id("organisation", "Choose an organisation") if kind == "partner" else None,
        base_id=reader.id("base", "Choose a place of theirs"),
        email=reader.contact("email", read_email), phone=reader.contact("phone", read_phone),
        channel=reader.one_of("channel", CHANNELS, "Choose how they are told"),
        postcode=reader.raw("postcode").upper()[:10], drives=typed["drives"] == "yes",
        works_at=tuple(UUID(each) for each in places) or None,
        counts_for_two=typed["counts_for_two"] == "yes", is_reminded=typed["is_reminded"] == "yes",
        gets_invites=typed["gets_invites"] == "yes",
        weekly_minutes=reader.minutes("weekly_hours"), over_minutes=reader.minutes("over_hours") or 0,
        cycle_weeks=cycle, cycle_from_date=cycle_from if cycle > 1 else None, from_date=reader.day("from_date"),
        notes=reader.raw("notes"), pattern=_pattern(reader, cycle), **{name: reader.whole(name) for name in NUMBERS},
    )  # fmt: skip
    if facts["channel"] == "sms" and not facts["phone"]:
        reader.refuse("phone", "Enter a mobile number, so that texts reach them")
    if facts["channel"] == "email" and not facts["email"]:
        reader.refuse("email", "Enter an email address, so that mails reach them")
    if len(facts["notes"]) > LONGEST_NOTES:
        reader.refuse("notes", f"Use {LONGEST_NOTES} letters or fewer")
    return (None, reader.problems) if reader.problems else (Facts(**facts), [])


def _pattern(reader: _Reader, cycle: int) -> tuple[Stretch, ...]:
    """Every week's times, and where weeks take turns what each of them has besides."""
    found = [
        Stretch(day, start, end, kind)
        for kind, _ in WISHES
        for day in range(7)
        for start, end in reader.times(f"{kind}_{day}")
    ]
    for week in range(cycle) if cycle > 1 else ():
        found += [
            Stretch(day, start, end, "works", week)
            for day in range(7)
            for start, end in reader.times(f"week_{week}_{day}")
        ]
    return tuple(found)


def typed_from(profile: Mapping[str, Any], person: Mapping[str, Any], pattern: Sequence[Any]) -> Typed:
    """Somebody's rows as they stand in the form."""
    values = dict(NEW)
    for name in ("known_as", "kind", "postcode", "notes", *NUMBERS, "cycle_weeks"):
        values[name] = str(profile[name])
    for name, column in (
        ("hub", "hub_id"),
        ("base", "base_id"),
        ("organisation", "organisation_id"),
        ("from_date",) * 2,
        ("cycle_from", "cycle_from_date"),
    ):
        values[name] = str(profile[column] or "")
    for name in TICKS:
        values[name] = "yes" if profile[name] else ""
    values |= {
        "name": person["name"],
        "email": person["email"],
        "phone": phone_words(person["phone"]) if person["phone"] else "",
    }
    values["channel"] = person["channel"] if person["channel"] in CHANNELS else "email"
    values["weekly_hours"], values["over_hours"] = (
        hours_typed(profile["weekly_minutes"]),
        hours_typed(profile["over_minutes"]),
    )
    for each in pattern:
        name = f"{each['kind']}_{each['weekday']}" if each["week"] is None else f"week_{each['week']}_{each['weekday']}"
        values[name] = "; ".join(
            sorted(filter(None, (*values.get(name, "").split("; "), f"{each['start']}-{each['end']}")))
        )
    return Typed(values, list(profile["places"]))


def hours_typed(minutes: int | None) -> str:
    """ "22.5"; nothing for None."""
    return "" if minutes is None else f"{Decimal(minutes) / 60:.2f}".rstrip("0").rstrip(".")
