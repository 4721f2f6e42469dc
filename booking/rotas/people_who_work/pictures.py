"""Somebody's week and their time away as small pictures: what the templates draw, and the same in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from booking.rotas.availability import minute_of
from booking.words import DAYS, day_words, short_day, time_range

FROM, TO = 7 * 60, 22 * 60
WIDE, HIGH, GAP = 38, 150, 4
KINDS = ("works", "prefers", "avoids")
WORDS = {"works": "works", "prefers": "prefers", "avoids": "would rather not work"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One time of one weekday, in the units of the picture."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a pattern: its title ("" where every week is the same), bars, and lines of words."""

    title: str
    bars: tuple[Bar, ...]
    lines: tuple[str, ...]


def weeks(pattern: Sequence[Any], cycle_weeks: int) -> list[Week]:
    """A picture for each week of the cycle; the pattern's rows have weekday, start, end, kind and week."""
    turns = range(cycle_weeks) if cycle_weeks > 1 else (0,)
    return [
        _week(f"Week {n + 1}" if cycle_weeks > 1 else "", [each for each in pattern if each["week"] in (None, n)])
        for n in turns
    ]


def _week(title: str, rows: Sequence[Any]) -> Week:
    ordered = sorted(rows, key=lambda each: KINDS.index(each["kind"]))
    return Week(title, tuple(_bar(each) for each in ordered), tuple(_lines(rows)))


def _bar(row: Any) -> Bar:
    start, end = max(minute_of(row["start"]), FROM), min(minute_of(row["end"]), TO)
    top = (start - FROM) / (TO - FROM) * HIGH
    inset = 0 if row["kind"] == "works" else 8
    height = max((end - start) / (TO - FROM) * HIGH, 1)
    return Bar(
        row["kind"], row["weekday"] * WIDE + GAP + inset, round(top, 1), WIDE - 2 * GAP - inset, round(height, 1)
    )


def _lines(rows: Sequence[Any]) -> list[str]:
    """ "Monday: works 9am to 5pm; prefers 9am to midday" """
    found = []
    for weekday, day in enumerate(DAYS):
        own = sorted((KINDS.index(it["kind"]), it["start"], it["end"]) for it in rows if it["weekday"] == weekday)
        said = [f"{WORDS[KINDS[kind]]} {time_range(start, end)}" for kind, start, end in own]
        if said:
            found.append(f"{day}: {'; '.join(said)}")
    return found


def calendar(leave: Sequence[Any], days: Sequence[Any], today: date, count: int = 9) -> list[dict[str, Any]]:
    """So many weeks from this one on: {"words": "23 Nov", "days": [{"number", "state", "title"}]}. state: away, asked, off, extra,
    today or ""."""
    monday = today - timedelta(days=today.weekday())
    found = []
    for n in range(count):
        first = monday + timedelta(weeks=n)
        line = [_day(first + timedelta(days=m), leave, days, today) for m in range(7)]
        found.append({"words": short_day(first)[4:], "days": line})
    return found


def _day(day: date, leave: Sequence[Any], days: Sequence[Any], today: date) -> dict[str, Any]:
    own = [
        it for it in leave if it["first_date"] <= day <= it["last_date"] and it["state"] in ("requested", "approved")
    ]
    other = [it["kind"] for it in days if it["date"] == day]
    states = [it["state"] for it in own]
    state, words = next(
        (
            found
            for found, holds in (
                (("away", "away"), "approved" in states),
                (("asked", "leave asked for"), "requested" in states),
                (("off", "does not work"), "off" in other),
                (("extra", "works besides the pattern"), "works" in other),
            )
            if holds
        ),
        ("", ""),
    )
    return {
        "number": day.day,
        "state": state,
        "is_today": day == today,
        "title": f"{day_words(day)}: {words}" if words else "",
    }
