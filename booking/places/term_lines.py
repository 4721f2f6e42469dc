"""The lines of a school calendar: each with its kind, its part of the year and two dates; checked, compared, kept as JSON. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from booking.problems import Problem
from booking.words import day_and_year

SINGLE = {"training_day": "School training day", "staff_training": "Staff training day", "election": "Election day"}
SHORT = {"training_day": "school training day", "staff_training": "staff training day", "election": "election day"}
USUAL = (
    ("term", "autumn"),
    ("half_term", "autumn"),
    ("holiday", "christmas"),
    ("term", "spring"),
    ("half_term", "spring"),
    ("holiday", "easter"),
    ("term", "summer"),
    ("half_term", "summer"),
    ("holiday", "summer"),
)
"""The lines of a school year, in its order."""
LONGEST_SINGLE = 14
MARGIN = timedelta(days=366)
"""So far from its school year may a date be before it is taken for a slip of the pen."""


@dataclass(frozen=True, slots=True)
class TermLine:
    """One line of the calendar of an area; `first` and `last` both belong to it. year: "2026-27"."""

    year: str
    kind: str
    part: str
    first: date
    last: date
    status: str = ""

    @property
    def what(self) -> tuple[str, str]:
        """Kind and part; what is no school's date has no part."""
        return self.kind, "" if self.kind in SINGLE else self.part

    def holds(self, other: "TermLine") -> bool:
        return self.first <= other.first and other.last <= self.last

    def overlaps(self, other: "TermLine") -> bool:
        return self.first <= other.last and other.first <= self.last


def in_order(lines: Iterable[TermLine]) -> list[TermLine]:
    return sorted(lines, key=lambda line: (line.year, line.first, line.last, line.kind))


def words_of(kind: str, part: str) -> str:
    """ "Spring term", "Spring half term", "Easter holiday", "Election day"."""
    if kind in SINGLE:
        return SINGLE[kind]
    return f"{part.capitalize()} {'half term' if kind == 'half_term' else kind}"


def dates_words(line: TermLine) -> str:
    """ "15 to 19 February 2027", "4 January to 25 March 2027"; a single day once."""
    if line.first == line.last:
        return day_and_year(line.first)
    if (line.first.year, line.first.month) == (line.last.year, line.last.month):
        return f"{line.first.day} to {day_and_year(line.last)}"
    return f"{day_and_year(line.first).removesuffix(f' {line.last.year}')} to {day_and_year(line.last)}"


def to_json(lines: Iterable[TermLine]) -> list[dict[str, str]]:
    return [
        {
            "year": line.year, "kind": line.kind, "part": line.part, "first": line.first.isoformat(),
            "last": line.last.isoformat(), "status": line.status,
        }
        for line in in_order(lines)
    ]  # fmt: skip


def from_json(stored: Iterable[Mapping[str, str]]) -> list[TermLine]:
    return [
        TermLine(
            each["year"], each["kind"], each["part"], date.fromisoformat(each["first"]),
            date.fromisoformat(each["last"]), each.get("status", ""),
        )
        for each in stored
    ]  # fmt: skip


def from_rows(rows: Iterable[Mapping[str, Any]]) -> list[TermLine]:
    """Of rows of term_date."""
    return in_order(
        TermLine(row["academic_year"], row["kind"], row["part"], row["start_date"], row["end_date"], row["status"])
        for row in rows
    )


def year_of(day: date) -> str:
    """The school year of a day: "2026-27" from 1 September 2026 to 31 August 2027."""
    first = day.year if day.month >= 9 else day.year - 1
    return f"{first}-{(first + 1) % 100:02}"


def next_year(year: str) -> str:
    return year_of(date(int(year[:4]) + 1, 9, 1))


def is_year(text: str) -> bool:
    return bool(re.fullmatch(r"20\d\d-\d\d", text)) and year_of(date(int(text[:4]), 9, 1)) == text


def part_of(day: date, lines: Iterable[TermLine]) -> str:
    """The term in which a training day is, else the part of the year by its month."""
    for line in lines:
        if line.kind == "term" and line.first <= day <= line.last:
            return line.part
    return "autumn" if day.month >= 8 else "spring" if day.month <= 3 else "summer"


def problems_of(named: Mapping[str, TermLine]) -> list[Problem]:
    """What cannot be right, each beside the line with that name ("3": fields first-3 and last-3)."""
    problems = [problem for name, line in named.items() for problem in _alone(name, line)]
    if problems:
        return problems
    terms = _whole_terms(named.values())
    for name, line in named.items():
        if line.kind == "half_term":
            problems += _outside(name, line, terms.get((line.year, line.part)))
    for (_, one), (name, other) in combinations(named.items(), 2):
        if _may_not_meet(one, other) and one.overlaps(other):
            problems.append(_meeting(name, one, other))
    return problems


def _alone(name: str, line: TermLine) -> list[Problem]:
    words = words_of(*line.what)
    if line.last < line.first:
        return [Problem(f"{words}: the last day is before the first.", f"last-{name}", rule="order")]
    if is_year(line.year) and not _is_near(line):
        return [Problem(f"{words}: check the year. This is the page of {line.year}.", f"first-{name}", rule="year")]
    if line.kind in SINGLE and (line.last - line.first).days >= LONGEST_SINGLE:
        return [Problem(f"{words}: this is two weeks or more. Check the dates.", f"last-{name}", rule="length")]
    return []


def _is_near(line: TermLine) -> bool:
    begins, ends = date(int(line.year[:4]), 9, 1), date(int(line.year[:4]) + 1, 8, 31)
    return begins - MARGIN <= line.first and line.last <= ends + MARGIN


def _whole_terms(lines: Iterable[TermLine]) -> dict[tuple[str, str], TermLine]:
    """By year and part; councils that write the halves of a term apart mean one term all the same."""
    found: dict[tuple[str, str], TermLine] = {}
    for line in lines:
        if line.kind == "term":
            before = found.get((line.year, line.part), line)
            found[line.year, line.part] = TermLine(
                line.year, "term", line.part, min(before.first, line.first), max(before.last, line.last)
            )
    return found


def _outside(name: str, line: TermLine, term: TermLine | None) -> list[Problem]:
    words = words_of(*line.what)
    if term and not term.holds(line):
        return [Problem(f"{words} is not within its term, {dates_words(term)}.", f"first-{name}", rule="outside term")]
    return []


def _may_not_meet(one: TermLine, other: TermLine) -> bool:
    if one.kind in SINGLE or other.kind in SINGLE:
        return one.kind == other.kind
    return {one.kind, other.kind} != {"term", "half_term"}


def _meeting(name: str, one: TermLine, other: TermLine) -> Problem:
    a, b = words_of(*one.what), words_of(*other.what)
    if a == b:
        words = f"{a}: these dates are there twice, or two lines of it overlap ({dates_words(one)})."
    else:
        words = f"{b} overlaps {a[0].lower() + a[1:]}, {dates_words(one)}."
    return Problem(words, f"first-{name}", rule="overlap")


@dataclass(frozen=True, slots=True)
class Difference:
    """One line that two versions do not have alike; before or after is empty where it is missing."""

    year: str
    what: str
    before: str
    after: str


def compare(before: Sequence[TermLine], after: Sequence[TermLine]) -> list[Difference]:
    """What differs, in the order of the year. Lines of the same kind are paired in the order of their dates."""
    gone = [line for line in before if _place(line) not in {_place(each) for each in after}]
    new = [line for line in after if _place(line) not in {_place(each) for each in before}]
    found: list[tuple[date, Difference]] = []
    for line in new:
        was = next((each for each in gone if (each.year, each.what) == (line.year, line.what)), None)
        if was:
            gone.remove(was)
        words = dates_words(was) if was else ""
        found.append((line.first, Difference(line.year, words_of(*line.what), words, dates_words(line))))
    found += [(each.first, Difference(each.year, words_of(*each.what), dates_words(each), "")) for each in gone]
    return [difference for _, difference in sorted(found, key=lambda pair: pair[0])]


def with_status_of(before: Iterable[TermLine], after: Iterable[TermLine]) -> list[TermLine]:
    """The lines after, those that stay as they were with the status that they had."""
    known = {_place(line): line.status for line in before}
    return [replace(line, status=known.get(_place(line), line.status)) for line in after]


def _place(line: TermLine) -> tuple[Any, ...]:
    return line.year, line.what, line.first, line.last
