"""What is on at one place in the next days, as result cards. Restricted sessions are not there (promise P5)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import db, words
from booking.programmes import disclosure

DAYS_SHOWN = 14
MOST_SHOWN = 24


async def on_here(location_id: UUID, today: date) -> tuple[list[dict[str, Any]], bool]:
    """The cards of the next two weeks' listed sessions, soonest first, and whether there are more. One query."""
    found = await db.rows(
        f"SELECT {disclosure.FACTS}, s.date, s.start_time, s.end_time, s.state, s.places, s.taken,"
        " r.booking_mode, r.slug, r.min_age_months, r.max_age_months, r.places AS run_places, r.taken AS run_taken"
        f" FROM session s {disclosure.JOINS}"
        " WHERE s.location_id = $1 AND s.date >= $2 AND s.date < $3 AND s.is_listed = $4"
        f" ORDER BY s.starts_at, r.title LIMIT {MOST_SHOWN + 1}",
        location_id,
        today,
        today + timedelta(days=DAYS_SHOWN),
        True,
    )
    cards = [card(line) for line in found[:MOST_SHOWN]]
    return [made for made in cards if made], len(found) > MOST_SHOWN


def card(line: Mapping[str, Any]) -> dict[str, Any] | None:
    """What result_card() shows of one session; None where the public may not know of it."""
    told = disclosure.shown(line, "public")
    if told is None:
        return None
    is_run = line["booking_mode"] == "run"
    return {
        "href": f"/courses/{line['slug']}" if is_run else f"/sessions/{line['session_id']}",
        "title": told.title,
        "kind": line["booking_mode"],
        "day": words.short_day(line["date"]),
        "start": words.time_words(line["start_time"]),
        "end": words.time_words(line["end_time"]),
        "for_whom": _capital(words.age_range(line["min_age_months"], line["max_age_months"])),
        "where": "Online" if told.is_online else told.place,
        "places": places_of(line),
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def places_of(line: Mapping[str, Any]) -> dict[str, str]:
    """State and words of the places left."""
    mode = line["booking_mode"]
    if line["state"] == "cancelled":
        return {"state": "cancelled", "words": "Cancelled"}
    if mode == "drop_in":
        return {"state": "no_need", "words": "No need to book"}
    if mode in ("referral", "linked"):
        return {"state": "no_need", "words": "Ask your hub"}
    left = line["run_places"] - line["run_taken"] if mode == "run" else line["places"] - line["taken"]
    if left <= 0:
        return {"state": "full", "words": "Full: join the waiting list"}
    return {"state": "few" if left <= 3 else "many", "words": words.count_words(left, "place") + " left"}
