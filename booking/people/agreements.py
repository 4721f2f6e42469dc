"""Whether a partner may make new bookings, and what ends soon: terms, agreement and insurance. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from booking.words import count_words, day_and_year

WARNED_DAYS = 60
DATED = {"agreement_to_date": "agreement", "insurance_to_date": "insurance"}

State = Literal["good", "waits", "bad"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that stops new bookings (`bad`) or will soon (`waits`); `what`: terms, agreement or insurance."""

    what: str
    level: State
    words: str


def notices(organisation: Mapping[str, Any], today: date) -> list[Notice]:
    """What is to be said of a partner's papers, the worst first; nothing when all is in order."""
    found = (
        [] if organisation["terms_accepted_at"] else [Notice("terms", "bad", "The terms have not been accepted yet.")]
    )
    for column, what in DATED.items():
        end = organisation[column]
        if end and (end - today).days <= WARNED_DAYS:
            found.append(Notice(what, "bad" if end < today else "waits", ends_words(what, end, today)))
    return sorted(found, key=lambda notice: notice.level != "bad")


def ends_words(what: str, end: date, today: date) -> str:
    """ "The insurance ends on 3 May 2027, in 12 days." """
    days = (end - today).days
    if days < 0:
        return f"The {what} ended on {day_and_year(end)}."
    if not days:
        return f"The {what} ends today."
    return f"The {what} ends on {day_and_year(end)}, in {count_words(days, 'day')}."


def state_of(organisation: Mapping[str, Any], today: date) -> tuple[str, str]:
    """The partner's state for a list, as `state_tag` takes it: ("good", "In order")."""
    if organisation["ended_at"]:
        return "plain", "Ended"
    found = notices(organisation, today)
    if not found:
        return "good", "In order"
    if found[0].level == "waits":
        return "waits", "Ends soon"
    return "bad", "Terms not accepted" if found[0].what == "terms" else f"{found[0].what.capitalize()} ended"


def next_end(organisation: Mapping[str, Any]) -> tuple[date, str] | None:
    """What ends first: (date, "agreement" or "insurance"); None when nothing has a date."""
    return min(((organisation[column], what) for column, what in DATED.items() if organisation[column]), default=None)
