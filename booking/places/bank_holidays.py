"""The bank holidays of England and Wales as GOV.UK lists them: the only file that knows the package. Nothing is fetched.

The list names the days on which people have off. Where Christmas falls on a Saturday that is the Monday after; a Saturday
group is not held on Christmas Day all the same, so the days themselves are added.
"""

import json
from datetime import date
from functools import cache
from importlib import resources

import govuk_bank_holidays

DIVISION = "england-and-wales"
OWN_DAYS = {"New Year’s Day": (1, 1), "Christmas Day": (12, 25), "Boxing Day": (12, 26)}
SUBSTITUTE = " (substitute day)"


@cache
def known() -> dict[date, str]:
    """Date -> title of every day that the list knows, years long past among them."""
    listed = json.loads((resources.files(govuk_bank_holidays) / "bank-holidays.json").read_text("utf-8"))
    found: dict[date, str] = {}
    for event in listed[DIVISION]["events"]:
        day, title, is_instead = (
            date.fromisoformat(event["date"]),
            event["title"],
            "substitute" in event["notes"].lower(),
        )
        found[day] = title + SUBSTITUTE * is_instead
        if is_instead and title in OWN_DAYS:
            found.setdefault(date(day.year, *OWN_DAYS[title]), title)
    return dict(sorted(found.items()))


def known_until() -> int:
    """The last year that the list has."""
    return max(known()).year


def of_year(year: int) -> dict[date, str]:
    return {day: title for day, title in known().items() if day.year == year}
