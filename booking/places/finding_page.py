"""What both pages that find a room do: read the form, look, and put the answer into words."""

from collections.abc import Callable, Mapping
from typing import Any

from booking.places import find_form, found_cards, free_rooms, ways_for_series
from booking.places.access import ROOM_FEATURES
from booking.places.find_form import NO_DATES, NO_PLACE, REPEATS, WITHIN, Asked
from booking.places.free_rooms import Search
from booking.places.importing import calendars
from booking.places.judging_rooms import Found
from booking.places.near import Point, find_point
from booking.places.room_form import LAYOUTS
from booking.problems import Problem
from booking.words import count_words, day_and_year, day_words, time_range

A_PAGE = 20
FIRST_FEATURES = ("step-free", "hearing loop", "projector", "hybrid camera", "baby changing", "private")


async def answer(asked: Asked, path_for: Callable[[Found], str], **who_asks: Any) -> dict[str, Any]:
    """All that the template shows. `who_asks` goes into Wanted: whose rooms, as whom. path_for: where a room is booked."""
    problems: list[Problem] = list(asked.problems)
    point = await find_point(asked.near) if asked.near else None
    if asked.near and point is None:
        problems.append(NO_PLACE)
    search, days = None, {}
    if asked.is_asked and not problems:
        days = find_form.days_of(asked, {} if asked.is_once else await calendars())
        if any(days.values()):
            search = await free_rooms.search(find_form.wanted(asked, days, **who_asks, **_where(asked, point)))
        else:
            problems.append(NO_DATES)
    found = await _found(asked, search, path_for) if search else NOTHING
    return {**_form(asked, problems), **found, "point": point}


NOTHING: Mapping[str, Any] = {
    "is_done": False, "cards": [], "count": 0, "free": 0, "first": 0, "more": "", "before": "", "asked_words": "",
}  # fmt: skip


def _where(asked: Asked, point: Point | None) -> dict[str, Any]:
    within = float(asked.within) if point and asked.within != "any" else None
    return {"point": point, "within": within}


def _form(asked: Asked, problems: list[Problem]) -> dict[str, Any]:
    later = {name: words for name, words in ROOM_FEATURES.items() if name not in FIRST_FEATURES}
    return {
        "asked": asked,
        "problems": problems,
        "starts": find_form.start_choices(asked.start),
        "lengths": find_form.length_choices(asked.minutes),
        "repeats": REPEATS,
        "within_choices": WITHIN,
        "layouts": {"": "Any way"} | LAYOUTS,
        "first_features": {name: ROOM_FEATURES[name] for name in FIRST_FEATURES},
        "later_features": later,
    }


async def _found(asked: Asked, search: Search, path_for: Callable[[Found], str]) -> dict[str, Any]:
    first = A_PAGE * (max(asked.page, 1) - 1)
    shown = search.found[first : first + A_PAGE]
    ways = await ways_for_series.for_found(search, shown)
    return {
        "is_done": True,
        "cards": await found_cards.cards(shown, ways, asked, path_for),
        "count": len(search.found),
        "free": sum(found.is_free for found in search.found),
        "first": first,
        "more": asked.query(page=asked.page + 1) if len(search.found) > first + A_PAGE else "",
        "before": asked.query(page=asked.page - 1) if first else "",
        "asked_words": asked_words(asked, search),
    }


def asked_words(asked: Asked, search: Search) -> str:
    """ "12 Tuesdays from 12 January 2027, 10am to midday" """
    day, times = asked.day, time_range(asked.start, asked.end or "")
    days = search.wanted.all_days()
    if len(days) == 1 or day is None:
        return f"{day_words(days[0])}, {times}"
    count = max(len(found.days) for found in search.found) if search.found else len(days)
    return f"{count_words(count, day_words(day).split()[0])} from {day_and_year(days[0])}, {times}"
