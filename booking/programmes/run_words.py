"""The words by which a run is found, and the code by which one is that no list shows."""

from collections.abc import Iterable, Mapping
from typing import Any

from booking import db
from booking.programmes.bookings.booking_places import random_reference


def joined(words: Iterable[str]) -> str:
    """Lower case, each word once: what a parent may type. Pure."""
    return " ".join(dict.fromkeys(" ".join(words).lower().replace(",", " ").split()))


async def search_words(run: Mapping[str, Any]) -> str:
    """What a parent may type to find this run. One query."""
    facts = await db.row(
        "SELECT p.title AS programme, p.\"group\" AS of_group, COALESCE(t.name, '') AS topic, l.name, l.hub_name, l.district,"
        " l.address, l.area FROM run r JOIN programme p ON p.id = r.programme_id JOIN location l ON l.id = r.location_id"
        " LEFT JOIN topic t ON t.id = p.topic_id WHERE r.id = $1",
        run["id"],
    )
    return joined([run["title"], run["host"], *(facts or {}).values()])


async def free_code() -> str:
    """A code that no other run has, to be read out: "K7M4-QXP"."""
    while await db.row("SELECT 1 AS one FROM run WHERE referral_code = $1", code := random_reference()):
        pass
    return code
