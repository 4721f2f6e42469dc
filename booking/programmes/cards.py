"""A found session as a result card, for every page that lists sessions."""

from typing import Any

from booking.programmes.finding import places_words
from booking.words import age_range, miles_words, time_words


def card(row: dict[str, Any]) -> dict[str, Any]:
    """A row of find_sessions() as result_card takes it."""
    is_online = row["delivery"] == "online"
    return {
        "href": f"/sessions/{row['id']}",
        "title": row["title"],
        "kind": row["booking_mode"],
        "day": "",
        "start": time_words(row["start_time"]),
        "end": time_words(row["end_time"]),
        "for_whom": for_whom(row),
        "where": "Online" if is_online else row["location_name"],
        "far": "" if is_online or row.get("miles") is None else miles_words(row["miles"]),
        "places": places_words(row),
    }


def for_whom(row: dict[str, Any]) -> str:
    """ "Birth to 5 years", "Adults", "Expectant parents" """
    if row["age_of"] in ("child", "young person"):
        words = age_range(row["min_age_months"], row["max_age_months"])
    else:
        words = {"all": "everyone", "adult": "adults"}.get(row["age_of"], row["age_of"])
    return words[:1].upper() + words[1:]
