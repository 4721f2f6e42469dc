"""A partner's facts as staff type them: read into a value, with every Problem beside its field. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from booking.people.contacts import UNWANTED, phone_words, read_email, read_phone
from booking.problems import Problem

KINDS = {
    "health": "Health: midwives, health visitors, clinics",
    "voluntary": "Charity or community group",
    "advice": "Advice",
    "council": "Council service or registrar",
    "school": "School, nursery or childminders",
    "business": "Business",
    "partner": "Something else",
}
APPROVALS = {
    "room": "As each room says",
    "always": "Always asked for, decided by staff",
    "never": "Confirmed at once, out of hours too",
}
MOST_HOURS = 10_000
MOST_POUNDS = 1_000
LONGEST = {"name": 200, "default_title": 200, "cost_code": 60, "notes": 2000}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is kept of a partner. minutes_per_term and rate_pence (an hour): None is no limit, and the room's own rate."""

    name: str
    kind: str = "partner"
    email: str = ""
    phone: str = ""
    agreement_to_date: date | None = None
    insurance_to_date: date | None = None
    minutes_per_term: int | None = None
    default_title: str = ""
    cost_code: str = ""
    rate_pence: int | None = None
    approval: str = "room"
    is_reminded: bool = False
    notes: str = ""


FIELDS = tuple(Facts.__slots__)


class _Reader:
    """Reads one field after the other and gathers their Problems."""

    def __init__(self, typed: Mapping[str, str]):
        self.typed = typed
        self.problems: list[Problem] = []

    def raw(self, name: str) -> str:
        return self.typed.get(name, "").strip()

    def refuse(self, name: str, words: str, rule: str) -> None:
        self.problems.append(Problem(words, name, rule=rule))

    def line(self, name: str, what: str) -> str:
        """Words on one line."""
        words = " ".join(UNWANTED.sub(" ", self.raw(name)).split())
        if len(words) > LONGEST[name]:
            self.refuse(name, f"Make {what} {LONGEST[name]} letters or shorter", "too long")
        return words[: LONGEST[name]]

    def choice(self, name: str, choices: Mapping[str, str], what: str) -> str:
        if self.raw(name) not in choices:
            self.refuse(name, f"Choose {what}", "missing")
        return self.raw(name)

    def contact(self, name: str, read: Any) -> str:
        if not self.raw(name):
            return ""
        value, problems = read(self.raw(name), name)
        self.problems += problems
        return value

    def day(self, name: str) -> date | None:
        try:
            return date.fromisoformat(self.raw(name)) if self.raw(name) else None
        except ValueError:
            self.refuse(name, "Enter a date, like 31 3 2027", "date")
            return None

    def amount(self, name: str, times: int, most: int, words: str) -> int | None:
        """A number as typed, in whole parts of which `times` make one; None for nothing typed."""
        text = self.raw(name).removeprefix("£").replace(",", "").strip()
        if not text:
            return None
        try:
            parts = Decimal(text) * times
        except InvalidOperation:
            parts = Decimal("NaN")
        if not parts.is_finite() or parts != parts.to_integral_value() or not 0 <= parts <= most * times:
            self.refuse(name, words, "number")
            return None
        return int(parts)


def read(typed: Mapping[str, str]) -> tuple[Facts, list[Problem]]:
    """The facts, and what is wrong with them."""
    reader = _Reader(typed)
    name = reader.line("name", "the name")
    if not name:
        reader.refuse("name", "Enter the name of the organisation", "missing")
    facts = Facts(
        name=name,
        kind=reader.choice("kind", KINDS, "what kind of organisation it is"),
        email=reader.contact("email", read_email),
        phone=reader.contact("phone", read_phone),
        agreement_to_date=reader.day("agreement_to_date"),
        insurance_to_date=reader.day("insurance_to_date"),
        minutes_per_term=reader.amount("hours_per_term", 60, MOST_HOURS, "Enter hours, like 40 or 12.5"),
        default_title=reader.line("default_title", "the purpose"),
        cost_code=reader.line("cost_code", "the cost code"),
        rate_pence=reader.amount("rate_pounds", 100, MOST_POUNDS, "Enter pounds an hour, like 12 or 12.50"),
        approval=reader.choice("approval", APPROVALS, "how bookings are approved"),
        is_reminded=reader.raw("is_reminded") == "yes",
        notes=_text(typed.get("notes", "")),
    )
    return facts, reader.problems


def _text(typed: str) -> str:
    """Words on several lines, cut where they are too long."""
    lines = [UNWANTED.sub(" ", line).rstrip() for line in typed.replace("\r\n", "\n").split("\n")]
    return "\n".join(lines).strip()[: LONGEST["notes"]]


def typed_from(organisation: Mapping[str, Any]) -> dict[str, str]:
    """A partner's row as it stands in the form."""
    shown = {name: str(organisation[name] or "") for name in ("name", "kind", "email", "default_title", "cost_code")}
    minutes, pence = organisation["minutes_per_term"], organisation["rate_pence"]
    return shown | {
        "phone": phone_words(organisation["phone"]) if organisation["phone"] else "",
        "agreement_to_date": str(organisation["agreement_to_date"] or ""),
        "insurance_to_date": str(organisation["insurance_to_date"] or ""),
        "hours_per_term": "" if minutes is None else f"{Decimal(minutes) / 60:.2f}".rstrip("0").rstrip("."),
        "rate_pounds": "" if pence is None else f"{Decimal(pence) / 100:.2f}",
        "approval": organisation["approval"],
        "is_reminded": "yes" if organisation["is_reminded"] else "",
        "notes": organisation["notes"],
    }


NEW = {
    **dict.fromkeys(("name", "kind", "email", "phone", "agreement_to_date", "insurance_to_date", "hours_per_term"), ""),
    **dict.fromkeys(("default_title", "cost_code", "rate_pounds", "is_reminded", "notes"), ""),
    "approval": "room",
}
"""An empty form."""
