"""The form with which a run is planned: what was typed, and what it asks for. Pure.

The names of the fields are those of the address too, so that other pages lead here with the form filled in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from booking.places.chosen_ways import as_date, as_uuid, is_time
from booking.places.recurrence import DATES, FORTNIGHTLY, KEEP, MONTHLY, SHIFT, WEEKLY, Rule, on_dates
from booking.problems import Problem
from booking.programmes.changes.date_choices import DateChoice, read_choices
from booking.programmes.join_links import is_join_link

FREQUENCIES = {WEEKLY: "Every week", FORTNIGHTLY: "Every second week", MONTHLY: "Once a month", DATES: "Single dates"}
NTHS = {"1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last"}
DELIVERY = {"in_person": "In person", "online": "Online", "hybrid": "Mixed: some dates online"}
MOST_SESSIONS = 60
USUAL_CRECHE = 8
LONGEST = {
    "title": 200,
    "facilitator_1": 120,
    "facilitator_2": 120,
    "join_url": 300,
    "override": 200,
    "second_person": 200,
}

NO_PROGRAMME = Problem("Choose what is offered.", "programme", rule="programme")
NO_ROOM = Problem("Choose a room, or say that it is online.", "room", rule="room")
NO_LOCATION = Problem("Choose the hub that runs it.", "location", rule="location")
NO_WEEKDAY = Problem("Choose a weekday.", "weekday", rule="weekday")
ONE_WEEKDAY = Problem("Choose one weekday for what is held once a month.", "weekday", rule="weekday")
NO_START = Problem("Choose when it starts.", "start", rule="time")
NO_END = Problem("Choose when it ends, later than the start.", "end", rule="time")
NO_FIRST = Problem("Enter the first day, such as 12 January 2027.", "first", rule="date")
NO_LENGTH = Problem("Say how many sessions, or until when.", "sessions", rule="length")
BAD_SESSIONS = Problem(f"Enter a number of sessions from 1 to {MOST_SESSIONS}.", "sessions", rule="length")
BAD_LAST = Problem("Enter the last day, after the first.", "last", rule="date")
BAD_PLACES = Problem("Enter how many places there are, from 1 to 2,000.", "places", rule="places")
BAD_CRECHE = Problem("Enter how many children the crèche takes, from 1 to 100.", "creche_places", rule="places")
BAD_LINK = Problem("Write the address to join at like https://meet.example.org/abc.", "join_url", rule="link")
NO_DATES = Problem("Add at least one date.", "add", rule="date")


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was sent, word for word. choices are by the rule's date (ISO); added are single dates (ISO)."""

    programme: str = ""
    title: str = ""
    location: str = ""
    room: str = ""
    creche_room: str = ""
    weekday: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    first: str = ""
    sessions: str = ""
    last: str = ""
    frequency: str = WEEKLY
    nth: str = "1"
    after_skip: str = KEEP
    term_time_only: str = ""
    delivery: str = "in_person"
    places: str = ""
    creche_places: str = ""
    facilitator_1: str = ""
    facilitator_2: str = ""
    join_url: str = ""
    override: str = ""
    keyholder: str = ""
    second_person: str = ""
    waiting_from: str = ""
    filled_for: str = ""
    near: str = ""
    within: str = "10"
    added: tuple[str, ...] = ()
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


SEVERAL = ("weekday", "added")
NAMES = [each.name for each in fields(Typed) if each.name not in (*SEVERAL, "choices")]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for. rule is None for a draft, whose dates are there already; added are extra dates."""

    programme_id: UUID
    title: str
    room_id: UUID | None
    creche_room_id: UUID | None
    location_id: UUID | None
    start: str
    end: str
    rule: Rule | None
    delivery: str
    places: int
    creche_places: int
    facilitator_1: str = ""
    facilitator_2: str = ""
    join_url: str = ""
    override: str = ""
    keyholder_id: UUID | None = None
    second_person: str = ""
    waiting_from: UUID | None = None
    added: tuple[date, ...] = ()
    choices: Mapping[date, DateChoice] = field(default_factory=dict)


def read(given: Any) -> Typed:
    """What was typed, long texts cut. `given` is a form or an address: a mapping with `getlist`."""
    typed: dict[str, Any] = {
        name: _text(given.get(name, ""), LONGEST.get(name, 100)) for name in NAMES if name in given
    }
    for name in SEVERAL:
        typed[name] = tuple(dict.fromkeys(_text(value, 20) for value in given.getlist(name)[:60] if value))
    return Typed(**typed, choices=read_choices(given))


def tidied(typed: Typed, add: str = "") -> Typed:
    """With one more date, and without added dates that were left out again."""
    out = {iso for iso, each in typed.choices.items() if each.get("do") == "skip" and iso in typed.added}
    extra = [add] if as_date(add) and add not in typed.added else []
    choices = {iso: each for iso, each in typed.choices.items() if iso not in out}
    return replace(typed, added=(*(iso for iso in typed.added if iso not in out), *extra), choices=choices)


def fingerprint(asked: Asked) -> str:
    """Stands for the dates, times and rooms that an Asked gives; who leads is not in it."""
    chosen = [(day, replace(asked.choices[day], facilitator_1="", facilitator_2="")) for day in sorted(asked.choices)]
    where = (asked.room_id, asked.creche_room_id, asked.location_id, asked.delivery)
    kept = [(day, each) for day, each in chosen if each != DateChoice()]
    return sha256(repr((where, asked.start, asked.end, asked.rule, asked.added, kept)).encode()).hexdigest()[:16]


def _text(value: Any, longest: int) -> str:
    return " ".join(value.split())[:longest] if isinstance(value, str) else ""


def with_programme(typed: Typed, programme: Mapping[str, Any] | None) -> Typed:
    """Where nothing is typed yet, or another programme was chosen since, what the programme says: its length, places,
    creche and sessions."""
    if programme is None:
        return typed
    is_other = bool(typed.filled_for) and typed.filled_for != typed.programme
    filled = {
        "sessions": programme["session_count"] if programme["kind"] == "course" and not typed.last else None,
        "places": programme["places_max"],
        "creche_places": (programme["creche_places"] or USUAL_CRECHE) if typed.creche_room else None,
        "end": _later(typed.start, programme["minutes"]),
    }
    changes = {name: str(value) for name, value in filled.items() if value and (is_other or not getattr(typed, name))}
    if is_other and programme["kind"] != "course":
        changes.setdefault("sessions", "")
    return replace(typed, **changes, filled_for=typed.programme)


def _later(start: str, minutes: int | None) -> str:
    """ "11:30" for "10:00" and 90 minutes; "" where that leaves the day."""
    if not is_time(start) or not minutes:
        return ""
    end = 60 * int(start[:2]) + int(start[3:]) + minutes
    return f"{end // 60:02}:{end % 60:02}" if end < 24 * 60 else ""


def is_asked(typed: Typed) -> bool:
    """Whether enough is said for dates to be shown without anybody pressing a button."""
    when = typed.first and typed.start and (typed.weekday or typed.frequency == DATES)
    return bool(typed.programme and when and (typed.room or typed.delivery == "online"))


def understand(typed: Typed, today: date) -> tuple[Asked | None, list[Problem]]:
    """What the form asks for, or every Problem with it."""
    problems = [*_missing(typed), *_numbers(typed)]
    rule = None
    if not problems:
        rule, problems = _rule(typed, today)
    if problems or rule is None:
        return None, problems
    return asked_of(typed, rule), []


def asked_of(typed: Typed, rule: Rule | None) -> Asked:
    """The Asked of a form whose fields are fine."""
    programme_id = as_uuid(typed.programme)
    assert programme_id is not None
    is_online = typed.delivery == "online"
    return Asked(
        programme_id=programme_id,
        title=typed.title,
        room_id=None if is_online else as_uuid(typed.room),
        creche_room_id=as_uuid(typed.creche_room),
        location_id=as_uuid(typed.location),
        start=typed.start,
        end=typed.end,
        rule=rule,
        delivery=typed.delivery,
        places=int(typed.places),
        creche_places=int(typed.creche_places) if typed.creche_room else 0,
        facilitator_1=typed.facilitator_1,
        facilitator_2=typed.facilitator_2,
        join_url=typed.join_url,
        override=typed.override,
        keyholder_id=as_uuid(typed.keyholder),
        second_person=typed.second_person,
        waiting_from=as_uuid(typed.waiting_from),
        added=added_of(typed),
        choices=choices_of(typed),
    )


def choices_of(typed: Typed) -> dict[date, DateChoice]:
    found = ((as_date(iso), DateChoice.of(each)) for iso, each in typed.choices.items())
    return {day: choice for day, choice in found if day and choice}


def added_of(typed: Typed) -> tuple[date, ...]:
    return tuple(sorted({day for iso in typed.added if (day := as_date(iso))}))


def _missing(typed: Typed) -> list[Problem]:
    is_online = typed.delivery == "online"
    has_weekday = typed.frequency == DATES or (typed.weekday and set(typed.weekday) <= set("0123456"))
    checks = [
        (as_uuid(typed.programme), NO_PROGRAMME),
        (is_online or as_uuid(typed.room), NO_ROOM),
        (not is_online or as_uuid(typed.location), NO_LOCATION),
        (has_weekday, NO_WEEKDAY),
        (typed.frequency != MONTHLY or len(typed.weekday) == 1, ONE_WEEKDAY),
        (is_time(typed.start), NO_START),
        (is_time(typed.end) and typed.start < typed.end, NO_END),
        (not typed.join_url or is_join_link(typed.join_url), BAD_LINK),
    ]
    return [problem for is_fine, problem in checks if not is_fine]


def _numbers(typed: Typed) -> list[Problem]:
    problems = [] if _within(typed.places, 2000) else [BAD_PLACES]
    if typed.creche_room and not _within(typed.creche_places, 100):
        problems.append(BAD_CRECHE)
    if typed.sessions and not _within(typed.sessions, MOST_SESSIONS):
        problems.append(BAD_SESSIONS)
    return problems


def _within(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= most


def _rule(typed: Typed, today: date) -> tuple[Rule | None, list[Problem]]:
    first, last = as_date(typed.first), as_date(typed.last)
    if typed.frequency == DATES:
        days = sorted({day for day in [first, *map(as_date, typed.added)] if day})
        return (on_dates(days, typed.start, typed.end), []) if days else (None, [NO_DATES])
    if first is None:
        return None, [NO_FIRST]
    if not typed.sessions and not typed.last:
        return None, [NO_LENGTH]
    if typed.last and (last is None or last < first):
        return None, [BAD_LAST]
    weekdays = sorted({int(each) for each in typed.weekday})
    is_monthly = typed.frequency == MONTHLY
    rule = Rule(
        weekday=weekdays[0],
        start=typed.start,
        end=typed.end,
        first_date=first,
        last_date=last,
        held_sessions=int(typed.sessions) if typed.sessions else None,
        frequency=typed.frequency if typed.frequency in FREQUENCIES else WEEKLY,
        nth=int(typed.nth) if is_monthly and typed.nth in NTHS else 1 if is_monthly else None,
        after_skip=SHIFT if typed.after_skip == SHIFT else KEEP,
        term_time_only=typed.term_time_only == "yes",
        weekdays=tuple(weekdays) if len(weekdays) > 1 else (),
    )
    return rule, []


def hidden_pairs(typed: Typed, names: Sequence[str]) -> list[tuple[str, str]]:
    """(name, value) of these fields, those with several values once for each."""
    found: list[tuple[str, str]] = []
    for name in names:
        value = getattr(typed, name)
        found += [(name, each) for each in (value if isinstance(value, tuple) else (value,)) if each]
    return found
