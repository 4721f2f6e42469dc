"""What a location is to its hub, in a parent's words, and whether it is in use on a day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from booking.words import day_and_year

KIND_WORDS = {
    "hub": "Family hub",
    "co_located": "Part of a hub",
    "delivery_site": "Local place",
    "outreach": "Outreach place",
    "pop_up": "Pop-up",
    "online": "Online",
    "home": "At home",
}
KIND_OF_HUB = {
    "co_located": "Part of {hub}",
    "delivery_site": "Local place of {hub}",
    "outreach": "Outreach place of {hub}",
    "pop_up": "Pop-up of {hub}",
}
KIND_SENTENCES = {
    "hub": "A family hub: one place for help and activities for families, from pregnancy to young people of 19.",
    "co_located": "A building that shares its work with {hub}.",
    "delivery_site": "A local place where {hub} holds sessions.",
    "outreach": "{hub} comes here so that families nearby need not travel.",
    "pop_up": "{hub} sets up here from time to time.",
    "online": "Sessions by video call. You get the link when you book.",
    "home": "We come to you.",
}


def kind_of_hub(kind: str, hub: str) -> str:
    """ "Pop-up of Ferndown Family Hub"; for a hub and where no hub is named just the kind."""
    return KIND_OF_HUB[kind].format(hub=hub) if hub and kind in KIND_OF_HUB else KIND_WORDS.get(kind, "")


def has_building(kind: str) -> bool:
    return kind not in ("online", "home")


def is_in_use(place: Mapping[str, Any], today: date) -> bool:
    """Its agreement has begun and not ended; both days belong to it."""
    return not_yet_words(place, today) == "" and no_longer_words(place, today) == ""


def not_yet_words(place: Mapping[str, Any], today: date) -> str:
    begins = place["valid_from_date"]
    return f"Opens on {day_and_year(begins)}" if begins and begins > today else ""


def no_longer_words(place: Mapping[str, Any], today: date) -> str:
    ended = place["valid_to_date"]
    return f"Not used since {day_and_year(ended)}" if ended and ended < today else ""
