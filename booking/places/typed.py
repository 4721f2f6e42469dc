"""Reads what was typed into a form, with the same readers as the cells of an import. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from booking import cells
from booking.cells import Reader, Wrong
from booking.problems import Problem

POUNDS = re.compile(r"£?\s?(\d{1,4})(?:\.(\d{1,2}))?", re.ASCII)
HOURS = re.compile(r"(\d{1,2})(?:\.(\d{1,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: `empty` is its value when nothing is typed, unless `must` says why something has to be."""

    name: str
    read: Reader
    empty: Any = None
    must: str = ""


def read_typed(fields: Sequence[Field], typed: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """The values of the fields that could be read, and a Problem beside each of the others."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in fields:
        text = typed.get(field.name, "").strip()
        if not text and field.must:
            problems.append(Problem(field.must, field.name, rule="missing"))
        elif not text:
            values[field.name] = field.empty
        else:
            try:
                values[field.name] = field.read(text)
            except Wrong as wrong:
                problems.append(Problem(str(wrong), field.name, rule="unreadable"))
    return values, problems


def ticked(text: str) -> bool:
    """A box that is ticked says "yes"; one that is not says nothing."""
    return text == "yes"


def pence(cell: str) -> int:
    """ "12.50" or "£12.50" as 1250."""
    match = POUNDS.fullmatch(cell)
    if not match:
        raise Wrong(f"{cells.quoted(cell)} is not an amount. Write pounds like 12 or 12.50.")
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


def pounds(amount: int) -> str:
    """1250 pence as "12.50"; nothing as ""."""
    return f"{amount // 100}.{amount % 100:02}" if amount else ""


def minutes_of_hours(cell: str) -> int:
    """ "1.5" hours as 90 minutes."""
    match = HOURS.fullmatch(cell)
    if not match or not 0 < float(cell) <= 24:
        raise Wrong(f"{cells.quoted(cell)} is not a number of hours up to 24. Write it like 3 or 1.5.")
    return round(float(cell) * 60)


def dates_in_order(values: Mapping[str, Any], first: str, last: str) -> list[Problem]:
    """A Problem if the last date lies before the first."""
    begins, ends = values.get(first), values.get(last)
    if begins and ends and ends < begins:
        return [Problem("The last day is before the first.", last, rule="order")]
    return []
