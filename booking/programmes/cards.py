"""A found session as a result card, for every page that lists sessions."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from booking.programmes.finding import places_words
from booking.programmes.plans.pictures import picture_of
from booking.words import age_range, miles_words, time_words

MOST_WRITTEN = 2000


def card(row: dict[str, Any]) -> dict[str, Any]:
    """A session as result_card takes it."""
    where = {"online": "Online", "phone": "By phone"}.get(row["delivery"], "")
    return {
        "href": f"/sessions/{row['id']}",
        "title": row["title"],
        "kind": row["booking_mode"],
        "day": row.get("shown_day", ""),
        "start": time_words(row["start_time"]),
        "end": time_words(row["end_time"]),
        "for_whom": for_whom(row),
        "where": where or row["location_name"],
        "far": "" if where or row.get("miles") is None else miles_words(row["miles"]),
        "places": places_words(row),
        "picture": _picture(row),
    }


def _picture(row: dict[str, Any]) -> str:
    """What stands beside it where there is room; a run named otherwise still has its programme's."""
    return picture_of(row["picture"], row["programme_title"]) if "picture" in row else ""


def for_whom(row: dict[str, Any]) -> str:
    """ "Birth to 5 years", "Adults", "Expectant parents" """
    if row.get("audience") == "professionals":
        return "Professionals who work with families"
    if row["age_of"] in ("child", "young person"):
        words = age_range(row["min_age_months"], row["max_age_months"])
        if row["places_unit"] == "adults":
            words = f"parents of children, {words}"
    else:
        words = {"all": "everyone", "adult": "adults"}.get(row["age_of"], row["age_of"])
    return words[:1].upper() + words[1:]


def card_writer(templates: Environment) -> Callable[[dict[str, Any]], Markup]:
    """A row of find_sessions() as the HTML of its card.

    Its last 2,000 cards are kept: a card says nothing that is not in its row, so the same row is the same card for ever,
    and the same fifty sessions stand on the pages of many different searches.
    """
    macro: Any = templates.globals["result_card"]

    @lru_cache(MOST_WRITTEN)
    def written(columns: tuple[str, ...], values: tuple[Any, ...]) -> Markup:
        return macro(card(dict(zip(columns, values, strict=True))))

    return lambda row: written(tuple(row), tuple(row.values()))
