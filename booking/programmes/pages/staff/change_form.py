"""What is typed to change dates, read into a Wish: only the fields of what somebody chose to change. Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from booking.places.asking import Choice
from booking.places.chosen_ways import as_date, as_uuid, is_time, read_choice
from booking.places.reserve_form import NO_DATE, NO_END, NO_START
from booking.problems import Problem
from booking.programmes.changes.dates_in_scope import SCOPES, Row, Wish

WHAT = {
    "when": "Day, time or room",
    "who": "Who leads it",
    "places": "How many can come",
    "online": "Online, or in person again",
    "cancel": "Cancel",
}
FIELDS = {
    "when": ("date", "start", "end", "room", "keyholder", "second_person", "override"),
    "who": ("facilitator_1", "facilitator_2"),
    "places": ("places",),
    "cancel": ("reason", "words"),
}
NO_PLACES = Problem("Enter how many can come, as a number.", "places", rule="number")
WAY = "way-"


def read(given: Mapping[str, Any], session: Row) -> dict[str, str]:
    """What was typed over what the date has; `scope` and `what` are "" until they are chosen."""
    scope, what = str(given.get("scope", "")), str(given.get("what", ""))
    values = {"scope": scope if scope in SCOPES else "", "what": what if what in WHAT else ""}
    values |= {"too": "1" if given.get("too") else "", "see": "1" if given.get("see") else ""}
    names = FIELDS.get(values["what"], ())
    values |= {name: own_value(name, session) for name in names}
    values |= {name: " ".join(str(given[name]).split())[:200] for name in names if name in given}
    return values | {name: str(value)[:120] for name, value in given.items() if name.startswith(WAY) and value}


def own_value(name: str, session: Row) -> str:
    """What the date has now, as the field shows it."""
    if name == "date":
        return session["date"].isoformat()
    names = {"start": "start_time", "end": "end_time", "room": "room_id"}
    return str(session.get(names.get(name, name)) or "")


def wish(typed: Mapping[str, str], session: Row) -> tuple[Wish, list[Problem]]:
    """What of it differs from what the date has; the rest stays. With a Problem for what cannot be read."""
    ways = ways_in(typed)
    too = bool(typed["too"])
    if typed["what"] == "who":
        return Wish(
            facilitator_1=typed["facilitator_1"][:120], facilitator_2=typed["facilitator_2"][:120], changes_edited=too
        ), []
    if typed["what"] == "places":
        if not typed["places"].isdecimal() or not 0 < int(typed["places"]) < 1000:
            return Wish(), [NO_PLACES]
        return Wish(places=int(typed["places"]), changes_edited=too), []
    return _when(typed, session, ways, too)


def _when(typed: Mapping[str, str], session: Row, ways: Mapping[UUID, Choice], too: bool) -> tuple[Wish, list[Problem]]:
    day, start, end = as_date(typed["date"]), typed["start"], typed["end"]
    checks = [(day is not None, NO_DATE), (is_time(start), NO_START), (is_time(end) and start < end, NO_END)]
    problems = [problem for is_fine, problem in checks if not is_fine]
    if problems:
        return Wish(), problems
    room_id = as_uuid(typed["room"])
    is_timed = (start, end) != (session["start_time"], session["end_time"])
    return Wish(
        room_id=room_id if room_id != session["room_id"] else None,
        day=day if day != session["date"] else None,
        start=start if is_timed else None,
        end=end if is_timed else None,
        keyholder_id=as_uuid(typed["keyholder"]),
        second_person=typed["second_person"],
        override=typed["override"],
        ways=ways,
        changes_edited=too,
    ), []


def ways_in(typed: Mapping[str, str]) -> dict[UUID, Choice]:
    """The ways out chosen for single dates."""
    found = {}
    for name, value in typed.items():
        session_id = as_uuid(name.removeprefix(WAY)) if name.startswith(WAY) else None
        choice = read_choice(value) if session_id else None
        if session_id and choice:
            found[session_id] = choice
    return found
