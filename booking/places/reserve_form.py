"""The form with which a partner reserves a room: what was typed, and what it asks for. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock
from booking.places.asking import Ask
from booking.places.chosen_ways import as_date, as_uuid, is_time, read_choices
from booking.places.recurrence import LAST_OF_MONTH, MONTHLY, WEEKLY, Rule
from booking.places.rooms import RoomFacts
from booking.places.terms import TermChoice
from booking.problems import Problem

REPEATS = {"once": "Once", "weekly": "Weekly", "fortnightly": "Fortnightly", "monthly": "Monthly"}
NTHS = {"1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last"}
OWN_DATES = "dates"
TERMS = ("this", "next", OWN_DATES)
CHOICE = "choice-"
LONGEST = {"title": 200, "notes": 2000, "cost_code": 60, "second_person": 200, "agreed": 3000}

NO_ROOM = Problem("Choose a room.", "room", rule="room")
NO_DATE = Problem("Enter the date, such as 12 January 2027.", "date", rule="date")
NO_WEEKDAY = Problem("Choose a weekday.", "weekday", rule="weekday")
NO_TERM = Problem("Choose this term, next term or dates of your own.", "term", rule="term")
NO_FIRST = Problem("Enter the first date.", "first", rule="date")
NO_UNTIL = Problem("Enter the last date, after the first.", "until", rule="date")
NO_START = Problem("Choose when it starts.", "start", rule="time")
NO_END = Problem("Choose when it ends, later than the start.", "end", rule="time")
NO_TITLE = Problem("Say what it is for. People at the building see it.", "title", rule="title")
NO_NUMBER = Problem("Enter how many people come, as a number from 1 to 2,000.", "people", rule="people")
NO_KEYHOLDER = Problem("Choose somebody from the list.", "keyholder", rule="keyholder")
MISSING = {
    "room": NO_ROOM, "date": NO_DATE, "weekday": NO_WEEKDAY, "term": NO_TERM, "start": NO_START, "end": NO_END, "title": NO_TITLE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was sent, word for word; choices are by the rule's date (ISO)."""

    room: str = ""
    repeat: str = "weekly"
    date: str = ""
    weekday: str = ""
    nth: str = "1"
    term: str = ""
    first: str = ""
    until: str = ""
    term_time: str = "yes"
    start: str = ""
    end: str = ""
    title: str = ""
    people: str = ""
    layout: str = ""
    cost_code: str = ""
    notes: str = ""
    keyholder: str = ""
    second_person: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_once(self) -> bool:
        return self.repeat == "once"

    @property
    def room_id(self) -> UUID | None:
        return as_uuid(self.room)


NAMES = [each.name for each in fields(Typed) if each.name != "choices"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the form is read with: the rooms that may be chosen, the terms of the room's area, whom the room knows with keys."""

    organisation_id: UUID
    now: datetime
    room: RoomFacts | None = None
    terms: Sequence[TermChoice] = ()
    keyholder_ids: frozenset[UUID] = frozenset()


def read(given: Mapping[str, Any], *, is_sent: bool) -> Typed:
    """What was typed, long texts cut. An address may leave out what has a default; `is_sent` is a form that was sent, where
    an absent tick is no tick."""
    typed = {name: _text(given, name) for name in NAMES if name in given}
    if is_sent:
        typed.setdefault("term_time", "")
    choices = {name.removeprefix(CHOICE): _text(given, name) for name in given if name.startswith(CHOICE)}
    found = Typed(**typed, choices={day: chosen for day, chosen in choices.items() if chosen})
    return found if is_sent else _with_defaults(found, given)


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name, "")
    return " ".join(value.split())[: LONGEST.get(name, 100)] if isinstance(value, str) else ""


def _with_defaults(typed: Typed, given: Mapping[str, Any]) -> Typed:
    """An address may say the first date alone: the weekday, and which of the month, follow from it."""
    if typed.repeat not in REPEATS or ("repeat" not in given and "date" in given and "term" not in given):
        typed = replace(typed, repeat="once")
    day = as_date(typed.date)
    if typed.is_once or day is None:
        return typed
    nth = (day.day - 1) // 7 + 1
    return replace(
        typed,
        weekday=typed.weekday or str(day.weekday()),
        nth=typed.nth if "nth" in given else str(nth if nth < 5 else LAST_OF_MONTH),
        first=typed.first or typed.date,
        term=typed.term if typed.term in TERMS else OWN_DATES if typed.until else "this",
    )


def understand(typed: Typed, known: Known) -> tuple[Ask | None, list[Problem]]:
    """What is asked for, and the Problems beside the fields. There is an Ask when room, dates and times can be understood;
    what else is wrong does not keep anybody from seeing the dates."""
    problems = _time_problems(typed)
    if known.room is None:
        problems.insert(0, NO_ROOM)
    when, wrong = _when(typed, known)
    problems += wrong
    people, wrong = _people(typed)
    unclear = bool(problems)
    problems += wrong
    keyholder_id, wrong = _keyholder(typed, known)
    problems += wrong
    if not typed.title:
        problems.append(NO_TITLE)
    if unclear or known.room is None:
        return None, problems
    ask = Ask(
        room_id=known.room.id,
        start=typed.start,
        end=typed.end,
        organisation_id=known.organisation_id,
        as_partner=True,
        title=typed.title,
        notes=typed.notes,
        people=people,
        layout=typed.layout if typed.layout in known.room.layouts else "",
        cost_code=typed.cost_code,
        keyholder_id=keyholder_id,
        second_person=typed.second_person,
        choices=read_choices(typed.choices),
        **when,
    )
    return ask, problems


def _time_problems(typed: Typed) -> list[Problem]:
    if not is_time(typed.start):
        return [NO_START, *([] if is_time(typed.end) else [NO_END])]
    return [] if is_time(typed.end) and typed.start < typed.end else [NO_END]


def _when(typed: Typed, known: Known) -> tuple[dict[str, Any], list[Problem]]:
    """The `day` or the `rule` of the Ask."""
    if typed.is_once:
        day = as_date(typed.date)
        return {"day": day}, [] if day else [NO_DATE]
    weekday = int(typed.weekday) if typed.weekday in tuple("0123456") else None
    if typed.term == OWN_DATES:
        span, problems = _own_span(typed)
    else:
        span = _term_span(typed, known)
        problems = [] if span else [NO_TERM]
    if weekday is None:
        return {}, [NO_WEEKDAY, *problems]
    if span is None or not is_time(typed.start) or not is_time(typed.end) or typed.start >= typed.end:
        return {}, problems
    first, last = span
    frequency = typed.repeat if typed.repeat in REPEATS else WEEKLY
    nth = int(typed.nth) if typed.nth in NTHS else 1
    rule = Rule(
        weekday,
        typed.start,
        typed.end,
        first,
        last_date=last,
        frequency=frequency,
        nth=nth if frequency == MONTHLY else None,
        term_time_only=typed.term_time == "yes",
    )
    return {"rule": rule}, problems


def _own_span(typed: Typed) -> tuple[tuple[date, date] | None, list[Problem]]:
    first, last = as_date(typed.first), as_date(typed.until)
    problems = ([] if first else [NO_FIRST]) + ([] if last and (not first or first <= last) else [NO_UNTIL])
    return ((first, last) if first and last and first <= last else None), problems


def _term_span(typed: Typed, known: Known) -> tuple[date, date] | None:
    """The chosen term, from the first date that can still be booked with the room's notice."""
    term = next((term for term in known.terms if term.key == typed.term), None)
    if term is None:
        return None
    return max(term.first, first_day_with_notice(known, typed.start)), term.last


def first_day_with_notice(known: Known, start: str) -> date:
    """The first local day on which a use from `start` leaves the notice that the room asks for."""
    hours = known.room.notice_hours if known.room else 0
    earliest = known.now + timedelta(hours=hours)
    day = clock.local(earliest).date()
    return day if is_time(start) and clock.at(day, start) >= earliest else day + timedelta(days=1)


def _people(typed: Typed) -> tuple[int | None, list[Problem]]:
    if typed.people.isdecimal() and 1 <= int(typed.people) <= 2000:
        return int(typed.people), []
    return None, [NO_NUMBER]


def _keyholder(typed: Typed, known: Known) -> tuple[UUID | None, list[Problem]]:
    """One of those the room's building has; anybody else's is as if it were not there."""
    if not typed.keyholder:
        return None, []
    found = as_uuid(typed.keyholder)
    return (found, []) if found in known.keyholder_ids else (None, [NO_KEYHOLDER])
