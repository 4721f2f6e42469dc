"""The form "Who is coming": read from what was typed, kept as a draft, shown again with its Problems beside the fields."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from booking import clock
from booking.people.contacts import is_uk_mobile, phone_words, read_email, read_name, read_phone
from booking.problems import Problem
from booking.programmes.booking_places import Contact
from booking.programmes.coming import (
    FIRST_BIRTH_YEAR,
    MOST_ADULTS,
    MOST_CHILDREN,
    ChildComing,
    Offered,
    Party,
    party_problems,
)

CHANNELS = {"sms": "Text message", "email": "Email", "call": "Phone call"}
LANGUAGES = {
    "en": "English", "ar": "العربية (Arabic)", "bn": "বাংলা (Bengali)", "cy": "Cymraeg (Welsh)", "pl": "Polski (Polish)",
    "pt": "Português (Portuguese)", "ro": "Română (Romanian)", "uk": "Українська (Ukrainian)", "ur": "اردو (Urdu)",
}  # fmt: skip
LONGEST_NEEDS = 500


@dataclass
class Typed:
    """What stands in the form: text exactly as typed. Children are {"first_name", "month", "year"}."""

    adults: list[str] = field(default_factory=lambda: [""])
    children: list[dict[str, str]] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    needs: str = ""
    channel: str = ""
    phone: str = ""
    email: str = ""
    language: str = "en"

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def from_json(text: str) -> Typed:
    return Typed(**json.loads(text)) if text else Typed()


def read(form: Any) -> Typed:
    """What was typed, from a Starlette FormData; long texts are cut, nothing else is changed."""

    def text(name: str, longest: int = 400) -> str:
        value = form.get(name, "")
        return value[:longest] if isinstance(value, str) else ""

    adults = [text(f"adult-{n}") for n in range(MOST_ADULTS) if f"adult-{n}" in form]
    children = [
        {part: text(f"child-{n}-{part}") for part in ("first_name", "month", "year")}
        for n in range(MOST_CHILDREN)
        if f"child-{n}-first_name" in form
    ]
    return Typed(
        adults=adults or [""],
        children=children,
        known=[value for value in form.getlist("known") if isinstance(value, str)][:MOST_CHILDREN],
        needs=text("needs", LONGEST_NEEDS * 4),
        channel=text("channel", 10),
        phone=text("phone", 40),
        email=text("email", 300),
        language=text("language", 10) or "en",
    )


@dataclass(frozen=True)
class Read:
    """A typed form understood: the party and contact, with every Problem there is."""

    party: Party
    contact: Contact
    problems: list[Problem]


def understand(typed: Typed, offered: Offered, known: dict[UUID, ChildComing]) -> Read:
    """Checks a typed form. `known` are the children of the family that asks, by id; others are not there."""
    problems: list[Problem] = []
    adults = _adults(typed, offered, problems)
    children = [child for id_, child in known.items() if str(id_) in typed.known]
    for n, row in enumerate(typed.children):
        is_needed = n == 0 and offered.asks_children and not children
        if is_needed or any(row.values()):
            child = _child(row, n, problems)
            if child:
                children.append(child)
    needs = " ".join(typed.needs.split())
    if len(needs) > LONGEST_NEEDS:
        problems.append(Problem(f"Say what you need in {LONGEST_NEEDS} letters or fewer", "needs", rule="too long"))
    party = Party(tuple(adults), tuple(children), needs)
    contact = _contact(typed, adults, problems)
    if not problems:
        problems += party_problems(offered, party)
    return Read(party, contact, problems)


def _adults(typed: Typed, offered: Offered, problems: list[Problem]) -> list[str]:
    found = []
    for n, text in enumerate(typed.adults):
        if n and not text.strip():
            continue
        name, wrong = read_name(text, f"adult-{n}", "your name" if n == 0 else "the name of this adult")
        problems += wrong
        if not wrong:
            found.append(name)
    return found


def _child(row: dict[str, str], n: int, problems: list[Problem]) -> ChildComing | None:
    name, wrong = read_name(row["first_name"], f"child-{n}-first_name", "the child’s first name")
    month, year = _number(row["month"]), _number(row["year"])
    today = clock.today()
    if month is None or not 1 <= month <= 12:
        wrong = [
            *wrong,
            Problem("Enter the month of birth as a number, like 3 for March", f"child-{n}-month", rule="date"),
        ]
    if year is None or not FIRST_BIRTH_YEAR <= year <= today.year + 1:
        words = f"Enter the year of birth with four figures, like {today.year - 2}"
        wrong = [*wrong, Problem(words, f"child-{n}-year", rule="date")]
    elif month and (year, month) > (today.year, today.month + 9):
        wrong = [*wrong, Problem("This date is too far ahead", f"child-{n}-year", rule="date")]
    problems += wrong
    return None if wrong or month is None or year is None else ChildComing(name, year, month)


def _number(text: str) -> int | None:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 4 else None


def _contact(typed: Typed, adults: list[str], problems: list[Problem]) -> Contact:
    phone = email = ""
    if typed.channel not in CHANNELS:
        problems.append(Problem("Choose how we should contact you", "channel", rule="missing"))
    if typed.phone.strip() or typed.channel in ("sms", "call"):
        phone, wrong = read_phone(typed.phone)
        problems += wrong
        if phone and typed.channel == "sms" and not is_uk_mobile(phone):
            words = (
                "We can only text UK mobile numbers, which begin with 07. Enter one, or choose email or a phone call"
            )
            problems.append(Problem(words, "phone", rule="not mobile"))
    if typed.email.strip() or typed.channel == "email":
        email, wrong = read_email(typed.email)
        problems += wrong
    language = typed.language if typed.language in LANGUAGES else "en"
    return Contact(adults[0] if adults else "", phone, email, typed.channel, language)


def prefilled(who: Any, channel: str, language: str, known: dict[UUID, ChildComing]) -> Typed:
    """The form of a family that has booked before: nothing needs typing again."""
    return Typed(
        adults=[who.name],
        known=[str(id_) for id_ in known],
        channel=channel,
        phone=phone_words(who.phone) if who.phone else "",
        email=who.email,
        language=language,
    )
