"""The forms about one location: its facts, its usual hours, a special opening. Text to values, and back. Pure."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from booking import cells
from booking.cells import WEEKDAYS
from booking.places.typed import Field, dates_in_order, read_typed, ticked
from booking.problems import Problem

KINDS = ("hub", "co_located", "delivery_site", "outreach", "pop_up", "online", "home", "restricted")
FACTS = (
    Field("name", cells.text(200), must="Say what the place is called."),
    Field("kind", cells.choice(*KINDS), must="Choose what kind of place it is."),
    Field("operator", cells.text(200), ""),
    Field("shared_with", cells.text(300), ""),
    Field("address", cells.text(300), ""),
    Field("postcode", cells.postcode, ""),
    Field("directions", cells.text(2000), ""),
    Field("access_notes", cells.text(2000), ""),
    Field("valid_from_date", cells.day),
    Field("valid_to_date", cells.day),
)
SPECIAL = (
    Field("first_date", cells.day, must="Say from which day on."),
    Field("last_date", cells.day),
    Field("opens", cells.wall_time, must="Say when it opens."),
    Field("closes", cells.wall_time, must="Say when it closes."),
    Field("reason", cells.text(200), must="Say why, in a few words. Families read it: hall hired."),
)
LONGEST = timedelta(days=3 * 366)
SECRET = Problem(
    "A restricted place has no address here: nobody could then find it by mistake. Staff of the hub know it.",
    "address",
    rule="restricted",
)
NEVER_OPEN = Problem("None of these weekdays lies between the two dates.", "weekdays", rule="order")
Hours = set[tuple[int, str, str]]


def read_facts(typed: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """Columns of a location, and what is wrong with what was typed."""
    values, problems = read_typed(FACTS, typed)
    problems += dates_in_order(values, "valid_from_date", "valid_to_date")
    if values.get("kind") == "restricted" and (values.get("address") or values.get("postcode")):
        problems.append(SECRET)
    return values | {"needs_two": ticked(typed.get("needs_two", ""))}, problems


def typed_facts(location: Mapping[str, Any]) -> dict[str, str]:
    """The columns as they stand in the form."""
    return {field.name: as_text(location[field.name]) for field in FACTS} | {
        "needs_two": "yes" if location["needs_two"] else ""
    }


def as_text(value: Any) -> str:
    return "" if value is None else str(value)


def read_hours(typed: Mapping[str, str]) -> tuple[Hours, list[Problem]]:
    """Usual hours as (weekday, opens, closes) from fields hours-0 (Monday) to hours-6; empty is closed."""
    fields = [Field(f"hours-{n}", cells.hours, ()) for n in range(7)]
    values, problems = read_typed(fields, typed)
    return {(n, *span) for n in range(7) for span in values.get(f"hours-{n}", ())}, problems


def typed_hours(hours: Iterable[tuple[int, str, str]]) -> dict[str, str]:
    spans: dict[str, list[str]] = {f"hours-{n}": [] for n in range(7)}
    for weekday, opens, closes in sorted(hours):
        spans[f"hours-{weekday}"].append(f"{opens}-{closes}")
    return {name: "; ".join(some) for name, some in spans.items()}


def read_special(typed: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """Columns of a special opening. Without a last day it is for one day; without weekdays for all."""
    values, problems = read_typed(SPECIAL, typed)
    weekdays = "".join(sorted(set(typed.get("weekdays", "")) & set("0123456"))) or "0123456"
    values |= {"weekdays": weekdays, "is_extra": typed.get("how") != "instead"}
    if not problems:
        values["last_date"] = values["last_date"] or values["first_date"]
        problems = dates_in_order(values, "first_date", "last_date") or _wrong_times(values)
    return values, problems


def _wrong_times(values: Mapping[str, Any]) -> list[Problem]:
    first, days = values["first_date"], values["last_date"] - values["first_date"]
    if values["closes"] <= values["opens"]:
        return [Problem("It closes before it opens. For past midnight add the next day too.", "closes", rule="order")]
    if days > LONGEST:
        return [Problem("That is longer than three years. Change the usual hours instead.", "last_date", rule="order")]
    reached = {(first + timedelta(days=n)).weekday() for n in range(min(days.days + 1, 7))}
    return [] if reached & set(map(int, values["weekdays"])) else [NEVER_OPEN]


def weekday_words(weekdays: str) -> str:
    """ "Monday and Friday"; every day: ""."""
    names = [WEEKDAYS[int(n)] for n in weekdays]
    if len(names) == 7:
        return ""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
