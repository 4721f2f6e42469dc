"""The week of one place as a picture: when it is open, how many people it needs when, and what looks wrong. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from booking.rotas.availability import minute_of
from booking.words import DAYS, time_range

Row = dict[str, Any]
Hours = Mapping[int, Sequence[tuple[str, str]]]
FIRST, LAST = 7 * 60, 22 * 60
SHORTEST = 5


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a day in which the same number of people is needed. state: right, few (fewer than two), none (open, and nobody is needed)
    or shut (needed while it is closed: nobody will be planned)."""

    start: int
    end: int
    people: int
    state: str

    @property
    def times(self) -> str:
        return time_range(wall(self.start), wall(self.end))

    @property
    def columns(self) -> tuple[int, int]:
        """In which quarter hours of the picture it begins and ends, from 1."""
        return _column(self.start), max(_column(self.end), _column(self.start) + 1)

    @property
    def words(self) -> str:
        people = "nobody" if not self.people else "1 person" if self.people == 1 else f"{self.people} people"
        said = {"none": "open, nobody is needed", "shut": f"{people}, but it is closed"}
        return f"{self.times}: {said.get(self.state, people)}"


@dataclass(frozen=True, slots=True)
class Day:
    name: str
    stretches: tuple[Stretch, ...]


def wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}" if minute < 24 * 60 else "23:59"


def _column(minute: int) -> int:
    return (min(max(minute, FIRST), LAST) - FIRST) // 15 + 1


def week(hours: Hours, needs: Sequence[Row], *, needs_two: bool) -> list[Day]:
    """Monday to Sunday; a day that is shut and needs nobody has no stretches."""
    return [Day(DAYS[day], tuple(_day(day, hours.get(day, ()), needs, needs_two))) for day in range(7)]


def _day(day: int, hours: Sequence[tuple[str, str]], needs: Sequence[Row], needs_two: bool) -> list[Stretch]:
    spans = [(minute_of(opens), minute_of(closes)) for opens, closes in hours]
    own = [(minute_of(n["start"]), minute_of(n["end"]), n["people"]) for n in needs if str(day) in n["weekdays"]]
    edges = sorted({edge for start, end, *_ in [*spans, *own] for edge in (start, end)})
    found: list[Stretch] = []
    for start, end in pairwise(edges):
        people = sum(count for begin, until, count in own if begin <= start and end <= until)
        is_open = any(opens <= start and end <= closes for opens, closes in spans)
        if not (people or is_open) or end - start < SHORTEST:
            continue
        state = "shut" if not is_open else "none" if not people else "few" if people < 2 and needs_two else "right"
        if found and (found[-1].people, found[-1].state, found[-1].end) == (people, state, start):
            found[-1] = Stretch(found[-1].start, end, people, state)
        else:
            found.append(Stretch(start, end, people, state))
    return found


def warnings(days: Sequence[Day]) -> list[str]:
    """What looks wrong, one sentence for each sort of it, days with the same times together."""
    sentences = {
        "none": "Open, but nobody is needed",
        "few": "Fewer than two people in an open building",
        "shut": "People are asked for while it is closed; nobody will be planned then",
    }
    found = []
    for state, words in sentences.items():
        by_times: dict[str, list[str]] = {}
        for day in days:
            for stretch in day.stretches:
                if stretch.state == state:
                    by_times.setdefault(stretch.times, []).append(day.name)
        if by_times:
            when = "; ".join(f"{_days(names)} {times}" for times, names in by_times.items())
            found.append(f"{words}: {when}.")
    return found


def _days(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def days_words(weekdays: str) -> str:
    """ "012345" as "Monday to Saturday", "03" as "Monday, Thursday"."""
    numbers = [int(each) for each in weekdays]
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{DAYS[numbers[0]]} to {DAYS[numbers[-1]]}"
    return ", ".join(DAYS[each] for each in numbers)
