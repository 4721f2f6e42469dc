"""The form about one programme: text to values, and back. Pure."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from booking import cells
from booking.cells import Wrong, quoted
from booking.places.typed import Field, read_typed, ticked
from booking.problems import Problem
from booking.programmes.bookings.booking_modes import MODES
from booking.programmes.imports.programme_tables import leads
from booking.programmes.plans.plan_form import DELIVERY

AUDIENCES = {"families": "Families", "professionals": "Professionals", "anyone": "Anyone"}
AGES_OF = {
    "child": "The child",
    "young person": "The young person",
    "expectant parents": "Pregnancy: no age is asked",
    "adult": "Adults: no age is asked",
    "adult women": "Women: no age is asked",
    "all": "Everyone: no age is asked",
}
UNITS = {
    "families": "families", "adults": "adults", "children": "children", "couples": "couples", "people": "people",
    "young people": "young people",
}  # fmt: skip
PICTURES = {
    "play": "Blocks and a ball", "baby": "A baby", "book": "A book", "circle": "People in a circle", "hub": "The hub",
    "phone": "A phone", "music": "Drum and notes", "messy": "Paint and hands", "bump": "Pregnancy", "talk": "Talking together",
    "cook": "A pot and vegetables", "outdoors": "Trees and boots", "clinic": "Weighing and health", "learning": "Learning",
    "teen": "Young people",
}  # fmt: skip
MOST_CALLS = 12
AGE = re.compile(r"(\d{1,3})\s*(m|months?|y|years?)?", re.IGNORECASE | re.ASCII)
CALL = re.compile(r"(\d{1,2})(?:\s*[:x]\s*(\d{1,3}))?", re.ASCII)


def age(cell: str) -> int:
    """ "18 months" or "3 years" (also "18m", "3y", and a bare number of months) as months."""
    match = AGE.fullmatch(cell.strip())
    if not match:
        raise Wrong(f"{quoted(cell)} is not an age. Write it like 18 months or 3 years.")
    return int(match[1]) * (12 if (match[2] or "m").lower().startswith("y") else 1)


def age_words(months: int | None) -> str:
    if months is None:
        return ""
    return f"{months // 12} years" if months >= 24 and months % 12 == 0 else f"{months} months"


def calls(cell: str) -> list[dict[str, int]] | None:
    """ "5:20 6:20" (week 5 and 6, 20 minutes each; without minutes 30) as the parts of a programme."""
    found = {}
    for part in cell.replace(",", " ").split():
        match = CALL.fullmatch(part)
        if not match or not 1 <= int(match[1]) <= 52 or not 5 <= int(match[2] or 30) <= 180:
            raise Wrong(f"{quoted(cell)} cannot be read. Write week and minutes, like 5:20 6:20 7:20.")
        found[int(match[1])] = int(match[2] or 30)
    if len(found) > MOST_CALLS:
        raise Wrong(f"That is more than {MOST_CALLS} calls.")
    return [{"week": week, "minutes": found[week]} for week in sorted(found)] or None


def calls_text(parts: list[dict[str, int]] | None) -> str:
    return " ".join(f"{part['week']}:{part['minutes']}" for part in parts or ())


FACTS = (
    Field("title", cells.text(200), must="Say what it is called."),
    Field("group", cells.text(100), ""),
    Field("summary", cells.text(2000), ""),
    Field("what_to_bring", cells.text(1000), ""),
    Field("audience", cells.choice(*AUDIENCES), "families"),
    Field("age_of", cells.choice(*AGES_OF), "child"),
    Field("min_age_months", age),
    Field("max_age_months", age),
    Field("send_max_age_months", age),
    Field("booking_mode", cells.choice(*MODES), must="Choose how a place is had."),
    Field("session_count", cells.whole(1, 60)),
    Field("minutes", cells.whole(5, 1440), must="Say how many minutes one session takes."),
    Field("places_min", cells.whole(0, 2000)),
    Field("places_max", cells.whole(1, 2000), must="Say how many places there are at most."),
    Field("places_unit", cells.choice(*UNITS), "families"),
    Field("most_adults", cells.whole(1, 10)),
    Field("most_children", cells.whole(0, 20)),
    Field("facilitators", cells.whole(0, 20)),
    Field("skills", cells.text(300), ""),
    Field("prepare_minutes", cells.whole(0, 480)),
    Field("follow_up_minutes", cells.whole(0, 480)),
    Field("creche_places", cells.whole(1, 100)),
    Field("creche_workers", cells.whole(1, 20)),
    Field("delivery", cells.choice(*DELIVERY), "in_person"),
    Field("parts", calls),
    Field("reminder_leads", leads, "2d 2h"),
    Field("entry_sessions", cells.whole(1, 52), 2),
    Field("decide_days", cells.whole(0, 90), 7),
    Field("picture", cells.choice(*PICTURES), ""),
)
TICKS = ("is_restricted", "is_discreet")
NO_PROFESSIONALS_AGE = Problem("Ages are asked of families alone. Leave them empty.", "min_age_months", rule="ages")


def blank() -> dict[str, str]:
    usual = {"audience": "families", "age_of": "child", "places_unit": "families", "delivery": "in_person"}
    numbers = {"reminder_leads": "2d 2h", "entry_sessions": "2", "decide_days": "7"}
    return {field.name: "" for field in FACTS} | dict.fromkeys((*TICKS, "topic"), "") | usual | numbers


def read_facts(
    typed: Mapping[str, str], topics: Mapping[str, UUID], skills: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """Columns of a programme, and what is wrong with what was typed. skills: what each can be called, in small letters, with its code;
    without any no skill is checked."""
    values, problems = read_typed(FACTS, typed)
    if unknown := unknown_skills(values.get("skills", ""), skills or {}):
        words = f"{no_skill(unknown[0])} Write names or codes as they stand under Skills, with semicolons between."
        problems.append(Problem(words, "skills", rule="unknown skill"))
    values |= {name: ticked(typed.get(name, "")) for name in TICKS}
    values["topic_id"] = topics.get(typed.get("topic", ""))
    return values, [*problems, *_in_order(values), *_for_whom(values)]


def unknown_skills(text: str, skills: Mapping[str, str]) -> list[str]:
    """What of "trained-iy; First aid" is no skill; nothing where there are no skills yet."""
    named = [each.strip() for each in text.split(";") if each.strip()]
    return [each for each in named if each.casefold() not in skills] if skills else []


def no_skill(name: str) -> str:
    return f"No skill is called {quoted(name)}."


def _in_order(values: Mapping[str, Any]) -> list[Problem]:
    pairs = (
        ("min_age_months", "max_age_months", "The oldest age is below the youngest."),
        ("max_age_months", "send_max_age_months", "With additional needs the oldest age is not lower."),
        ("places_min", "places_max", "There are fewer places than the least number."),
    )
    return [
        Problem(words, high, rule="order")
        for low, high, words in pairs
        if values.get(low) is not None and values.get(high) is not None and values[high] < values[low]
    ]


def _for_whom(values: Mapping[str, Any]) -> list[Problem]:
    has_ages = any(values.get(name) is not None for name in ("min_age_months", "max_age_months", "send_max_age_months"))
    return [NO_PROFESSIONALS_AGE] if values.get("audience") == "professionals" and has_ages else []


def typed_facts(row: Mapping[str, Any]) -> dict[str, str]:
    """The columns as they stand in the form."""
    found = {field.name: "" if row[field.name] is None else str(row[field.name]) for field in FACTS}
    found |= {name: age_words(row[name]) for name in ("min_age_months", "max_age_months", "send_max_age_months")}
    found |= {name: "yes" if row[name] else "" for name in TICKS}
    found["delivery"] = row["delivery"] if row["delivery"] in DELIVERY else _delivery(row["delivery"])
    found["places_unit"] = row["places_unit"] if row["places_unit"] in UNITS else "families"
    found["age_of"] = row["age_of"] if row["age_of"] in AGES_OF else "adult"
    return found | {"parts": calls_text(row["parts"]), "topic": str(row["topic_id"] or "")}


def _delivery(imported: str) -> str:
    """An import may name several: "in_person;online"."""
    kinds = set(imported.split(";"))
    return "online" if kinds == {"online"} else "in_person"
