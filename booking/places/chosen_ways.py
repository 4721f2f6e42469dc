"""Ways out as radio buttons say them, and the small values that forms about rooms are read into. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from uuid import UUID

from booking.places.asking import Ask, Choice


def read_choices(given: Mapping[str, str]) -> dict[date, Choice]:
    """The ways out chosen for single dates; what cannot be understood is left out, so the date stays missing."""
    found = {}
    for iso, value in given.items():
        day, choice = as_date(iso), read_choice(value)
        if day and choice:
            found[day] = choice
    return found


def choice_value(choice: Choice) -> str:
    """A way out as the value of a radio button: "skip", or "use~room~start~end~day" with what changes."""
    if choice.kind == "skip":
        return "skip"
    day = choice.day.isoformat() if choice.day else ""
    return "~".join(["use", str(choice.room_id or ""), choice.start or "", choice.end or "", day])


def read_choice(value: str) -> Choice | None:
    """The way out that a radio button stands for; None for what is none."""
    if value == "skip":
        return Choice("skip")
    parts = value.split("~")
    if len(parts) != 5 or parts[0] != "use":
        return None
    room_id, day = as_uuid(parts[1]), as_date(parts[4])
    start, end = parts[2] or None, parts[3] or None
    if (parts[1] and not room_id) or (parts[4] and not day) or bool(start) != bool(end):
        return None
    if start and end and not (is_time(start) and is_time(end) and start < end):
        return None
    return Choice("use", room_id, start, end, day)


def what_was_seen(ask: Ask) -> str:
    """Stands for the dates that an Ask gives: another room, time or rule gives another text. Ways out are not in it: they
    are chosen while looking at the dates."""
    return sha256(repr((ask.room_id, ask.start, ask.end, ask.day, ask.rule)).encode()).hexdigest()[:16]


def expected_dates(agreed: Iterable[date], choices: Mapping[date, Choice]) -> set[date]:
    """The dates (in the rule) that the reader counts on: those seen as to be had, less those left out, and those with a
    way out."""
    left_out = {day for day, choice in choices.items() if choice.kind == "skip"}
    return (set(agreed) - left_out) | (choices.keys() - left_out)


def is_time(text: str) -> bool:
    """A local "HH:MM"."""
    return bool(re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text))


def as_date(text: str) -> date | None:
    """An ISO date of this age, else None."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 < day.year < 2200 else None


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
