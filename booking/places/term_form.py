"""One school year as a form: its usual lines, and more for training days, elections and whatever else. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from booking.places.term_lines import SINGLE, USUAL, TermLine, in_order, part_of, words_of
from booking.problems import Problem

MOST_LINES = 60
MORE_LINES = 3
CHOICES = [*((kind, "") for kind in SINGLE), *USUAL]


@dataclass(frozen=True, slots=True)
class FormLine:
    """name: "3" for the fields what-3, first-3, last-3. words: empty where what it is is chosen."""

    name: str
    what: str
    words: str
    first: str
    last: str


def what_of(kind: str, part: str) -> str:
    return f"{kind}:{part}" if part else kind


def choices() -> list[tuple[str, str]]:
    """What a line can be, to choose: value and words."""
    return [(what_of(kind, part), words_of(kind, part)) for kind, part in CHOICES]


def form_lines(lines: Iterable[TermLine]) -> list[FormLine]:
    """The usual lines of a year, filled in as far as they are there; then the others, and some left empty."""
    rest, found = in_order(lines), []
    for kind, part in USUAL:
        line = next((each for each in rest if each.what == (kind, part)), None)
        if line:
            rest.remove(line)
        found.append((what_of(kind, part), words_of(kind, part), line))
    found += [(what_of(*line.what), "", line) for line in rest]
    found += [("", "", None)] * MORE_LINES
    return [
        FormLine(str(n), what, words, line.first.isoformat() if line else "", line.last.isoformat() if line else "")
        for n, (what, words, line) in enumerate(found)
    ]


def typed_lines(typed: Mapping[str, Any]) -> list[FormLine]:
    """The lines as they were typed, so that nothing of it is lost."""
    usual = len(USUAL)
    names = sorted({int(n) for key in typed for what, _, n in [key.partition("-")] if what == "what" and n.isdigit()})
    return [
        FormLine(
            str(n), (what := _text(typed, f"what-{n}")), words_of(*_split(what)) if n < usual and what else "",
            _text(typed, f"first-{n}"), _text(typed, f"last-{n}"),
        )
        for n in names[:MOST_LINES]
    ]  # fmt: skip


def _text(typed: Mapping[str, Any], name: str) -> str:
    return str(typed.get(name, "")).strip()[:40]


def _split(what: str) -> tuple[str, str]:
    kind, _, part = what.partition(":")
    return kind, part


def read(lines: Sequence[FormLine], year: str) -> tuple[dict[str, TermLine], list[Problem]]:
    """The lines with dates, by their names, and what could not be read. A line without dates is left out; one with only its
    first day is that day."""
    known = {value for value, _ in choices()}
    found: dict[str, TermLine] = {}
    problems: list[Problem] = []
    for line in lines:
        if not line.first and not line.last:
            continue
        if line.what not in known:
            problems.append(Problem("Choose what these dates are.", f"what-{line.name}", rule="missing"))
            continue
        first, last = _day(line.first), _day(line.last or line.first)
        if first is None or last is None:
            wrong = "first" if first is None else "last"
            words = f"Give the {wrong} day as day, month and year."
            problems.append(Problem(words, f"{wrong}-{line.name}", rule="date"))
            continue
        kind, part = _split(line.what)
        found[line.name] = TermLine(year, kind, part, first, last)
    return {name: _with_part(line, found.values()) for name, line in found.items()}, problems


def _with_part(line: TermLine, lines: Iterable[TermLine]) -> TermLine:
    if line.part:
        return line
    return TermLine(line.year, line.kind, part_of(line.first, lines), line.first, line.last)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
