"""The link to join a session online by: on a family's own page from 24 hours before it begins until it is over. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from booking.programmes.disclosure import Shown
from booking.words import instant_words

BEFORE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Join:
    """The link, or while it is too early "" and from when on it is there, in words."""

    url: str
    from_words: str


def join_link(row: Mapping[str, Any], shown: Shown, now: datetime) -> Join | None:
    """For a row with starts_at and ends_at, as those booked are shown it; None where there is nothing to join."""
    if not (shown.is_online and shown.join_url) or row["ends_at"] <= now:
        return None
    opens_at = row["starts_at"] - BEFORE
    return Join(shown.join_url, "") if now >= opens_at else Join("", instant_words(opens_at))
