"""The form with which staff change a room booking: what was typed, and what is to be different. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from booking import clock
from booking.places.changing_rooms import Wish
from booking.places.chosen_ways import as_date, as_uuid, is_time
from booking.places.reserve_form import NO_DATE, NO_END, NO_NUMBER, NO_START
from booking.places.series_scope import Scope
from booking.problems import Problem

SCOPES: dict[Scope, str] = {"this": "This date only", "later": "This and later dates", "all": "All dates to come"}
NAMES = ("room", "date", "start", "end", "title", "people", "override", "keyholder", "second_person", "why")
LONGEST = 200

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """The form as shown: what the booking has, and over it what was typed. `is_asked`: something was typed."""

    values: dict[str, str]
    scope: Scope
    is_asked: bool
    may_leave_clashing: bool


def read(given: Mapping[str, Any], booking: Row) -> Change:
    """From an address (the diary's drag gives room, date, start, end) or a form; what is left out is as it is."""
    typed = {name: " ".join(str(given[name]).split())[:LONGEST] for name in NAMES if name in given}
    asked: Any = given.get("scope")
    scope: Scope = asked if asked in SCOPES and booking["series_id"] else "this"
    return Change(as_it_is(booking) | typed, scope, bool(typed), bool(given.get("leave_clashing")))


def as_it_is(booking: Row) -> dict[str, str]:
    starts, ends = clock.local(booking["starts_at"]), clock.local(booking["ends_at"])
    return {
        "room": str(booking["room_id"]),
        "date": starts.date().isoformat(),
        "start": f"{starts:%H:%M}",
        "end": f"{ends:%H:%M}",
        "title": booking["title"],
        "people": str(booking["people"] or ""),
        "override": "",
        "keyholder": str(booking["keyholder_id"] or ""),
        "second_person": booking["second_person"],
        "why": "",
    }


def understand(change: Change, booking: Row) -> tuple[Wish | None, list[Problem]]:
    """What is to be different, or the Problems. An empty Wish means that nothing is."""
    values, now = change.values, as_it_is(booking)
    different = {name for name in NAMES if values[name] != now[name]}
    day, problems = as_date(values["date"]), _problems(values)
    if problems or day is None:
        return None, problems or [NO_DATE]
    return Wish(
        room_id=as_uuid(values["room"]) if "room" in different else None,
        start=values["start"] if "start" in different else None,
        end=values["end"] if "end" in different else None,
        day=day if "date" in different and change.scope == "this" else None,
        weekday=_weekday(day, booking) if change.scope != "this" else None,
        title=values["title"] if "title" in different else None,
        people=int(values["people"]) if "people" in different and values["people"] else None,
        keyholder_id=_keyholder(values) if "keyholder" in different else None,
        second_person=values["second_person"] if "second_person" in different else None,
    ), []


def _problems(values: Mapping[str, str]) -> list[Problem]:
    people = values["people"]
    found: list[tuple[bool, Problem]] = [
        (as_date(values["date"]) is None, NO_DATE),
        (not is_time(values["start"]), NO_START),
        (not is_time(values["end"]) or values["end"] <= values["start"], NO_END),
        (bool(people) and not (people.isdecimal() and 1 <= int(people) <= 2000), NO_NUMBER),
    ]
    return [problem for is_wrong, problem in found if is_wrong]


def _weekday(day: date, booking: Row) -> int | None:
    """Each date of a series moves within its week."""
    return None if day.weekday() == clock.local(booking["starts_at"]).weekday() else day.weekday()


def _keyholder(values: Mapping[str, str]) -> UUID | None:
    return as_uuid(values["keyholder"])
