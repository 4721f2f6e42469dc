"""The form "Who is coming": read from what was typed, kept as a draft, shown again with its Problems beside the fields."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from booking import clock
from booking.people import languages
from booking.people.contacts import is_uk_mobile, phone_words, read_email, read_name, read_phone
from booking.problems import Problem
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import (
    FIRST_BIRTH_YEAR,
    MOST_ADULTS,
    MOST_CHILDREN,
    ChildComing,
    Offered,
    Party,
    party_problems,
)

CHANNELS = {"sms": "Text message", "email": "Email", "call": "Phone call"}
LONGEST_NEEDS, LONGEST_WORK = 500, 90


@dataclass
class Typed:
    """What stands in the form: text exactly as typed. Children are {"first_name", "month", "year"}; `creche` names those
    who need the creche, "child-0" for the first of them and else the id of a known one."""

    adults: list[str] = field(default_factory=lambda: [""])
    children: list[dict[str, str]] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    creche: list[str] = field(default_factory=list)
    needs: str = ""
    channel: str = ""
    phone: str = ""
    email: str = ""
    language: str = "en"
    due_month: str = ""
    due_year: str = ""
    job: str = ""
    organisation: str = ""
    has_additional_needs: bool = False

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
        creche=[value for value in form.getlist("creche") if isinstance(value, str)][: 2 * MOST_CHILDREN],
        needs=text("needs", LONGEST_NEEDS * 4),
        channel=text("channel", 10),
        phone=text("phone", 40),
        email=text("email", 300),
        language=text("language", 10) or "en",
        due_month=text("due-month", 10),
        due_year=text("due-year", 10),
        job=text("job"),
        organisation=text("organisation"),
        has_additional_needs=form.get("has_additional_needs") == "yes",
    )


@dataclass(frozen=True)
class Read:
    """A typed form understood: the party and contact, with every Problem there is."""

    party: Party
    contact: Contact
    problems: list[Problem]


def understand(typed: Typed, offered: Offered, known: dict[UUID, ChildComing], *, may_be_silent: bool = False) -> Read:
    """Checks a typed form. `known` are the children of the family that asks, by id; others are not there. A family that a
    professional refers may ask for no messages at all (may_be_silent)."""
    problems: list[Problem] = []
    adults = _adults(typed, offered, problems)
    children = {str(id_): child for id_, child in known.items() if str(id_) in (*typed.known, *typed.creche)}
    for n, row in enumerate(typed.children):
        is_needed = n == 0 and offered.asks_children and not children
        if is_needed or any(row.values()):
            child = _child(row, n, problems)
            if child:
                children[f"child-{n}"] = child
    needs = " ".join(typed.needs.split())
    if len(needs) > LONGEST_NEEDS:
        problems.append(Problem(f"Say what you need in {LONGEST_NEEDS} letters or fewer", "needs", rule="too long"))
    creche = tuple(child for key, child in children.items() if key in typed.creche)
    due = _due(typed, problems) if offered.asks_due_month else None
    work = _work(typed, problems) if offered.asks_work else ""
    coming = () if offered.asks_work else tuple(children.values())
    party = Party(tuple(adults), coming, needs, creche, due, work, typed.has_additional_needs)
    contact = _contact(typed, adults, problems, [*CHANNELS, "none"] if may_be_silent else list(CHANNELS))
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


def _due(typed: Typed, problems: list[Problem]) -> tuple[int, int] | None:
    """The year and month a baby is due: from last month, because babies are late, to ten months ahead."""
    month, year, today = _number(typed.due_month), _number(typed.due_year), clock.today()
    if month is None or not 1 <= month <= 12 or year is None:
        problems.append(Problem("Enter the month and year your baby is due, like 3 2027", "due-month", rule="date"))
        return None
    ahead = (year - today.year) * 12 + month - today.month
    if not -1 <= ahead <= 10:
        words = "Check the month your baby is due: it should be within the next ten months"
        problems.append(Problem(words, "due-month", rule="date"))
        return None
    return year, month


def _work(typed: Typed, problems: list[Problem]) -> str:
    """ "Health visitor, Stour Health" """
    job, organisation = " ".join(typed.job.split()), " ".join(typed.organisation.split())
    for text, field_name, what in ((job, "job", "your job"), (organisation, "organisation", "where you work")):
        if not text:
            problems.append(Problem(f"Tell us {what}", field_name, rule="missing"))
        elif len(text) > LONGEST_WORK:
            problems.append(Problem(f"Use {LONGEST_WORK} letters or fewer", field_name, rule="too long"))
    return f"{job}, {organisation}"


def _number(text: str) -> int | None:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 4 else None


def _contact(typed: Typed, adults: list[str], problems: list[Problem], channels: list[str]) -> Contact:
    phone = email = ""
    if typed.channel not in channels:
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
    language = typed.language if typed.language in languages.NAMES else "en"
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
