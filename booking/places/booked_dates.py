"""The dates a partner has, as its pages show them: state in a word, what to note, what can be done. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import clock
from booking.places.recurrence import FORTNIGHTLY, LAST_OF_MONTH, MONTHLY
from booking.words import DAYS, count_words, day_and_year, instant_words, short_day, time_range

STATES = {
    "confirmed": ("good", "Confirmed"),
    "requested": ("waits", "Waiting for staff"),
    "declined": ("bad", "Declined"),
    "cancelled": ("plain", "Cancelled"),
    "displaced": ("bad", "Room not available"),
    "missing": ("bad", "Missing"),
    "skipped": ("plain", "Left out"),
}
HELD = ("confirmed", "requested")
NTHS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", LAST_OF_MONTH: "last"}


def series_words(series: Mapping[str, Any]) -> str:
    """ "Tuesdays 10am to midday", "Every second Tuesday ...", "The first Tuesday of the month ..."."""
    day, times = DAYS[series["weekday"]], time_range(series["start_time"], series["end_time"])
    if series["frequency"] == MONTHLY:
        return f"The {NTHS[series['nth'] or 1]} {day} of the month, {times}"
    if series["frequency"] == FORTNIGHTLY:
        return f"Every second {day}, {times}"
    return f"{day}s {times}"


def booking_times(booking: Mapping[str, Any]) -> str:
    """ "10am to midday", local."""
    return time_range(*(clock.local(booking[name]).strftime("%H:%M") for name in ("starts_at", "ends_at")))


def day_of(booking: Mapping[str, Any]) -> date:
    return clock.local(booking["starts_at"]).date()


def state_words(booking: Mapping[str, Any], now: datetime) -> tuple[str, str]:
    """(level, word) as `state_tag` takes them."""
    if booking["ends_at"] <= now and booking["state"] in HELD:
        return ("plain", "Over") if booking["state"] == "confirmed" else ("plain", "Not decided")
    return STATES[booking["state"]]


def dates_shown(
    bookings: Sequence[Mapping[str, Any]], now: datetime, free_again: Collection[UUID] = ()
) -> list[dict[str, Any]]:
    """A line for each date, for the macro `booked_dates`. free_again are the missing ones that could be had now."""
    usual = usual_of(bookings)
    return [_date_shown(booking, now, usual, booking["id"] in free_again) for booking in bookings]


def usual_of(bookings: Sequence[Mapping[str, Any]]) -> tuple[Any, str]:
    """(room, times) that most of the dates have; what differs is named."""
    seen = [(booking["room_id"], booking_times(booking)) for booking in bookings]
    return max(seen, key=seen.count) if seen else (None, "")


def _date_shown(booking: Mapping[str, Any], now: datetime, usual: tuple[Any, str], is_free: bool) -> dict[str, Any]:
    level, words = state_words(booking, now)
    is_past = booking["ends_at"] <= now
    is_missing = booking["state"] == "missing" and not is_past
    if is_missing and is_free:
        level, words = "waits", "Free again"
    return {
        "id": booking["id"],
        "href": f"/partner/bookings/{booking['id']}" if booking["state"] != "skipped" else "",
        "day": short_day(day_of(booking)),
        "times": booking_times(booking),
        "level": level,
        "words": words,
        "note": "" if is_missing and is_free else _note(booking, usual),
        "action": {"href": f"/partner/bookings/{booking['id']}/fill", "text": "Fill this date"} if is_missing else None,
        "is_past": is_past,
    }


def _note(booking: Mapping[str, Any], usual: tuple[Any, str]) -> str:
    parts = []
    if booking["room_id"] != usual[0]:
        parts.append(f"{booking['room_name']}, {booking['location_name']}.")
    if booking["state"] == "requested" and booking["hold_until_at"]:
        parts.append(f"Kept for you until {instant_words(booking['hold_until_at'])}.")
    elif booking["why"] and booking["state"] not in ("confirmed",):
        parts.append(_sentence(booking["why"]))
    return " ".join(parts)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def counts_words(bookings: Sequence[Mapping[str, Any]], now: datetime) -> str:
    """ "12 dates, 9 to come, 1 missing"."""
    had = [booking for booking in bookings if booking["state"] in HELD]
    to_come = [booking for booking in had if booking["ends_at"] > now]
    missing = [booking for booking in bookings if booking["state"] == "missing" and booking["ends_at"] > now]
    if not had:
        return "No dates left" + (f", {len(missing)} missing" if missing else "")
    parts = [count_words(len(had), "date"), f"{len(to_come)} to come"]
    return ", ".join([*parts, f"{len(missing)} missing"] if missing else parts)


def facts_of_booking(booking: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What `fact_list` shows of one booking, or of what all dates of a series share."""
    named = [
        ("Room", f"{booking['room_name']}, {booking['location_name']}"),
        ("Address", ", ".join(filter(None, [booking["address"], booking["postcode"]]))),
        ("How to get in", booking["directions"] or ""),
        ("What for", booking["title"]),
        ("People", booking["people"] or ""),
        ("Set out", booking["layout"]),
        ("Cost code", booking["cost_code"]),
        ("Notes", booking["notes"]),
        ("Opens and locks up", _keyholder(booking)),
        ("Second person", booking["second_person"]),
        ("Booked by", _booked_by(booking)),
    ]
    return [{"name": name, "value": value} for name, value in named if value]


def _keyholder(booking: Mapping[str, Any]) -> str:
    return " ".join(filter(None, [booking["keyholder_name"] or "", booking["keyholder_phone"] or ""]))


def _booked_by(booking: Mapping[str, Any]) -> str:
    if not booking["booker_name"]:
        return ""
    on = f", {day_and_year(clock.local(booking['created_at']).date())}" if booking["created_at"] else ""
    return f"{booking['booker_name']}{on}"


def what_next(bookings: Sequence[Mapping[str, Any]]) -> tuple[str, list[str]]:
    """What has just been saved: a heading, and a sentence for each thing that happens next."""
    count = {state: sum(booking["state"] == state for booking in bookings) for state in STATES}
    heading = "Reserved" if count["confirmed"] else "Asked for"
    said = []
    if count["confirmed"]:
        are = "date is" if count["confirmed"] == 1 else "dates are"
        all_of_them = "" if count["confirmed"] == 1 else " one message with all of them"
        said.append(f"{count['confirmed']} {are} confirmed. We email you{all_of_them}.")
    if count["requested"]:
        are = "date waits" if count["requested"] == 1 else "dates wait"
        said.append(f"{count['requested']} {are} for staff, who answer by email. The room is kept for you until then.")
    if count["missing"]:
        are = "date was not free and stays" if count["missing"] == 1 else "dates were not free and stay"
        said.append(f"{count['missing']} {are} on your list. We tell you when one comes free.")
    if count["skipped"]:
        said.append(f"{count_words(count['skipped'], 'date was', 'dates were')} left out.")
    return heading, said
