"""What the page on which a partner reserves is given to show."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from booking import clock
from booking.places import chosen_ways, date_lines, reserve_form, ways_out, whole_series
from booking.places.booking_rooms import Preview
from booking.places.busy_times import week_of
from booking.places.pages.partner.reserving import Reserving
from booking.places.reserve_form import Typed, as_date
from booking.places.terms import TermChoice
from booking.places.ways_out import WayOut
from booking.places.whole_series import WholeWay
from booking.problems import Problem
from booking.words import DAYS, short_day

RESERVE = "/partner/reserve"


def form_context(under_way: Reserving, problems: list[Problem]) -> dict[str, Any]:
    typed = under_way.typed
    return {
        "title": "Reserve a room",
        "typed": typed,
        "room": under_way.room,
        "problems": problems,
        "missing": [problem for problem in under_way.problems if problem in reserve_form.MISSING.values()],
        "still_wrong": under_way.problems,
        "terms": under_way.terms,
        "repeats": reserve_form.REPEATS,
        "nths": reserve_form.NTHS,
        "weekdays": [(n, day[:3]) for n, day in enumerate(DAYS)],
        "term_items": _term_items(under_way.terms),
        "times": date_lines.quarter_hours(typed.start, typed.end),
        "layouts": sorted(under_way.room.layouts.items()) if under_way.room else [],
        "token": under_way.token,
    }


def _term_items(terms: list[TermChoice]) -> list[tuple[str, str]]:
    words = {"this": "This term, to {}", "next": "Next term, to {}"}
    items = [(term.key, words[term.key].format(short_day(term.last)[4:])) for term in terms]
    return [*items, (reserve_form.OWN_DATES, "Dates of my own")]


async def dates_context(under_way: Reserving) -> dict[str, Any]:
    """What the dates beside the form need; without a preview only the room's week."""
    day = _first_day(under_way)
    shown: dict[str, Any] = {
        "preview": under_way.preview,
        "week": await week_of(under_way.room, day) if under_way.room else [],
        "lines": [],
        "whole_ways": [],
    }
    if under_way.preview is None or under_way.base is None:
        return shown
    preview, base = under_way.preview, under_way.base
    wanted = [(line.of, line.starts_at, line.ends_at) for line in base.of_state("clash")]
    ways = await ways_out.for_dates(base.room, wanted, people=base.ask.people, for_partner=True) if wanted else {}
    lines = date_lines.shown_lines(base, preview, ways, under_way.lost)
    return shown | {
        "lines": lines,
        "reasons": date_lines.shared_reasons(lines),
        "whole_ways": await _other_asks(under_way, base, ways),
        "summary": date_lines.summary_words(preview),
        "save_words": date_lines.save_words(preview),
        "agreed": ",".join(line.of.isoformat() for line in preview.lines if line.is_to_be_had),
        "seen": chosen_ways.what_was_seen(preview.ask),
        "hours": date_lines.hours_words(preview.minutes),
        "left": None if preview.minutes_left is None else date_lines.hours_words(max(preview.minutes_left, 0)),
        "is_beyond": preview.minutes_left is not None and preview.minutes_left < 0,
        "is_out_of_hours": any(line.is_out_of_hours for line in preview.lines),
        "keyholders": under_way.keyholders,
    }


async def _other_asks(under_way: Reserving, base: Preview, ways: dict[date, list[WayOut]]) -> list[dict[str, str]]:
    """Links that ask for all dates another way; for one date its ways out, as they are."""
    typed = under_way.typed
    if base.ask.rule:
        found = await whole_series.ways_for_all(base, under_way.who)
        return [{"words": way.words, "note": way.note, "href": _href(typed, way, weekday=way.weekday)} for way in found]
    return [
        {"words": way.words, "note": "", "href": _href(typed, way, date=way.day)}
        for some in ways.values()
        for way in some
        if way.kind != "skip"
    ]


def _href(typed: Typed, way: WholeWay | WayOut, **changed: Any) -> str:
    """The same form with another room, time or day; what was chosen for single dates no longer fits."""
    changed |= {"room": way.room_id, "start": way.start, "end": way.end}
    values = {name: getattr(typed, name) for name in reserve_form.NAMES}
    values |= {name: str(value) for name, value in changed.items() if value is not None}
    return f"{RESERVE}?{urlencode(values)}"


def _first_day(under_way: Reserving) -> date:
    """The day whose week is shown: the first that was asked for, else today."""
    if under_way.preview:
        return under_way.preview.lines[0].day
    if under_way.typed.is_once:
        return as_date(under_way.typed.date) or clock.today()
    return as_date(under_way.typed.first) or clock.today()
