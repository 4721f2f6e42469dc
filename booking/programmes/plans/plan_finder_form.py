"""The form that finds the best plans: what the address says, filled from the programme, and what it wishes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking.places.access import ROOM_FEATURES
from booking.places.chosen_ways import as_date, is_time
from booking.places.near import Point
from booking.places.recurrence import FORTNIGHTLY, KEEP, SHIFT, WEEKLY
from booking.problems import Problem
from booking.programmes.plans.plan_wishes import QUARTER, Wishes, of_day, wall

Day = date
FREQUENCIES = {WEEKLY: "Every week", FORTNIGHTLY: "Every second week"}
WITHIN = {"2": "2 miles", "5": "5 miles", "10": "10 miles", "15": "15 miles", "20": "20 miles", "any": "Any distance"}
WINDOWS = {"7": "that week", "14": "2 weeks", "28": "4 weeks", "56": "8 weeks"}
LENGTHS = (30, 45, 60, 75, 90, 105, 120, 150, 180, 210, 240, 300, 360)
FROM, UNTIL = "07:00", "22:00"
AHEAD = timedelta(days=14)
USUAL_CRECHE = 8
MOST_SESSIONS, MOST_PEOPLE, MOST_CHILDREN = 60, 2000, 100

NO_MINUTES = Problem("Choose how long a session lasts, or a programme.", "minutes", rule="time")
NO_SESSIONS = Problem(f"Enter how many sessions, from 1 to {MOST_SESSIONS}.", "sessions", rule="length")
NO_PEOPLE = Problem("Enter how many people are in the room, from 1 to 2,000.", "people", rule="people")
NO_CRECHE = Problem(
    "Enter how many children the crèche takes, up to 100, or leave it empty.", "creche_places", rule="people"
)
NO_WEEKDAY = Problem("Choose at least one weekday.", "weekday", rule="weekday")
NO_TIME = Problem(
    "Between these times there is no room for a whole session. Choose a later end.", "latest", rule="time"
)
NO_FIRST = Problem("Enter the earliest first day, such as 12 January 2027.", "first", rule="date")
PAST = Problem("This day is over. Choose a later one.", "first", rule="past")
NO_PLACE = Problem(
    "We do not know that place. Try a postcode, the first half of one, like DT10, or a town.", "near", rule="place"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as it was sent, word for word. filled_for: the programme whose figures stand in it."""

    programme: str = ""
    minutes: str = ""
    sessions: str = ""
    people: str = ""
    creche_places: str = ""
    near: str = ""
    within: str = "10"
    location: str = ""
    weekday: tuple[str, ...] = ()
    earliest: str = "09:00"
    latest: str = "17:00"
    first: str = ""
    window: str = "28"
    frequency: str = WEEKLY
    after_skip: str = KEEP
    term_time_only: str = "yes"
    out_of_hours: str = ""
    feature: tuple[str, ...] = ()
    places: str = ""
    waiting_from: str = ""
    filled_for: str = ""
    is_asked: bool = False
    problems: tuple[Problem, ...] = field(default_factory=tuple)


TEXTS = (
    "programme", "minutes", "sessions", "people", "creche_places", "near", "within", "location", "earliest", "latest", "first",
    "window", "frequency", "after_skip", "term_time_only", "out_of_hours", "places", "waiting_from", "filled_for",
)  # fmt: skip


def read(query: Any, today: date, programmes: Mapping[str, Mapping[str, Any]]) -> Asked:
    """What the address asks for, with the Problems of what cannot be understood. `query` has `getlist`; programmes by id."""
    typed = {name: " ".join(query.get(name, "").split())[:100] for name in TEXTS if query.get(name, "").strip()}
    weekdays = tuple(dict.fromkeys(each for each in query.getlist("weekday") if each in tuple("0123456")))
    asked = Asked(
        **typed,
        weekday=weekdays or (() if "sent" in query else tuple("01234")),
        feature=tuple(dict.fromkeys(each for each in query.getlist("feature") if each in ROOM_FEATURES)),
    )
    if "sent" in query and "term_time_only" not in typed:
        asked = replace(asked, term_time_only="")
    asked = _filled(_tidied(asked, query, today), programmes.get(asked.programme))
    is_asked = "sent" in query or bool(asked.programme and asked.minutes and asked.sessions)
    asked = replace(asked, is_asked=is_asked)
    return replace(asked, problems=tuple(_problems(asked, today))) if is_asked else asked


def _tidied(asked: Asked, query: Mapping[str, str], today: date) -> Asked:
    """Choices that are none of ours as usual; when it starts and ends, said by another page, tells how long it lasts."""
    start, end = query.get("start", ""), query.get("end", "")
    if not asked.minutes and is_time(start) and is_time(end) and start < end:
        asked = replace(asked, minutes=str(of_day(end) - of_day(start)))
    usual = Asked()
    return replace(
        asked,
        within=asked.within if asked.within in WITHIN or _is_number(asked.within, 1, 200) else usual.within,
        window=asked.window if asked.window in WINDOWS else usual.window,
        frequency=asked.frequency if asked.frequency in FREQUENCIES else usual.frequency,
        after_skip=SHIFT if asked.after_skip == SHIFT else KEEP,
        term_time_only="yes" if asked.term_time_only == "yes" else "",
        earliest=_quarter(asked.earliest, usual.earliest),
        latest=_quarter(asked.latest, usual.latest),
        first=asked.first or (today + AHEAD).isoformat(),
    )


def _quarter(text: str, usual: str) -> str:
    return wall(of_day(text) // QUARTER * QUARTER) if is_time(text) and FROM <= text <= UNTIL else usual


def _filled(asked: Asked, programme: Mapping[str, Any] | None) -> Asked:
    """With the programme's figures where nothing is typed yet, or another programme was chosen since."""
    if programme is None:
        return replace(asked, programme="", filled_for="")
    is_other = asked.filled_for != asked.programme and bool(asked.filled_for)
    most = int(asked.places) if asked.places.isdecimal() and len(asked.places) < 5 else programme["places_max"]
    figures = {
        "minutes": programme["minutes"],
        "sessions": programme["session_count"],
        "people": most + (programme["facilitators"] or 0) if most else None,
        "creche_places": _creche(programme) if asked.filled_for != asked.programme else None,
    }
    changes = {name: str(value) for name, value in figures.items() if value and (is_other or not getattr(asked, name))}
    if is_other and not figures["creche_places"]:
        changes["creche_places"] = ""
    return replace(asked, **changes, filled_for=asked.programme)


def _creche(programme: Mapping[str, Any]) -> int | None:
    """How many children, where the programme is held with a creche; where one may be provided the planner says so."""
    if programme["creche_places"]:
        return programme["creche_places"]
    return USUAL_CRECHE if programme["creche"].startswith("yes") else None


def _problems(asked: Asked, today: date) -> list[Problem]:
    first = as_date(asked.first)
    checks = [
        (_is_number(asked.minutes, 15, 720), NO_MINUTES),
        (_is_number(asked.sessions, 1, MOST_SESSIONS), NO_SESSIONS),
        (_is_number(asked.people, 1, MOST_PEOPLE), NO_PEOPLE),
        (not asked.creche_places or _is_number(asked.creche_places, 0, MOST_CHILDREN), NO_CRECHE),
        (asked.weekday, NO_WEEKDAY),
        (first, NO_FIRST),
        (first is None or first > today, PAST),
    ]
    problems = [problem for is_fine, problem in checks if not is_fine]
    if NO_MINUTES not in problems and of_day(asked.earliest) + int(asked.minutes) > of_day(asked.latest):
        problems.append(NO_TIME)
    return problems


def _is_number(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6 and least <= int(text) <= most


def wishes(
    asked: Asked, point: Point | None, calls: int, hub_ids: frozenset[UUID] | None, own_hubs: frozenset[UUID]
) -> Wishes:
    """What is looked for; call when nothing is wrong. calls: dates of the programme that are held by telephone, which are
    dates of the run all the same."""
    first = as_date(asked.first)
    assert first is not None
    return Wishes(
        minutes=int(asked.minutes),
        sessions=int(asked.sessions) + calls,
        first=first,
        window=int(asked.window),
        weekdays=tuple(sorted(int(each) for each in asked.weekday)),
        earliest=asked.earliest,
        latest=asked.latest,
        people=int(asked.people),
        creche_people=int(asked.creche_places or 0),
        features=frozenset(asked.feature),
        frequency=asked.frequency,
        after_skip=asked.after_skip,
        term_time_only=asked.term_time_only == "yes",
        out_of_hours=asked.out_of_hours == "yes",
        point=point,
        within=float(asked.within) if point and asked.within != "any" else None,
        hub_ids=hub_ids,
        own_hubs=own_hubs,
    )


def pairs(asked: Asked, **changes: Any) -> list[tuple[str, str]]:
    """The address of the same question with something changed, as (name, value)."""
    asked = replace(asked, **changes)
    single = [(name, getattr(asked, name)) for name in TEXTS]
    several = [(name, each) for name in ("weekday", "feature") for each in getattr(asked, name)]
    return [("sent", "1"), *((name, value) for name, value in single if value), *several]


def changes_of(asked: Asked, before: Wishes, after: Wishes) -> dict[str, Any]:
    """The fields of the form that differ where other wishes are asked for instead."""
    names = {"people": "people", "creche_people": "creche_places", "earliest": "earliest", "latest": "latest"}
    found: dict[str, Any] = {
        name: str(getattr(after, key)) for key, name in names.items() if getattr(after, key) != getattr(before, key)
    }
    if after.sessions != before.sessions:
        found["sessions"] = str(int(asked.sessions) + after.sessions - before.sessions)
    if after.creche_people == 0:
        found["creche_places"] = "0" if before.creche_people else ""
    if after.weekdays != before.weekdays:
        found["weekday"] = tuple(str(each) for each in after.weekdays)
    if after.features != before.features:
        found["feature"] = tuple(sorted(after.features))
    if after.out_of_hours:
        found["out_of_hours"] = "yes"
    if not after.term_time_only:
        found["term_time_only"] = ""
    if after.within != before.within and after.within is not None:
        found["within"] = f"{after.within:g}"
    if after.window != before.window:
        found["first"] = (before.first + timedelta(days=after.window - before.window)).isoformat()
    return found
