"""What is on at one place in the next two weeks, as result cards."""

from typing import Any

from booking.places import queries
from booking.places.near import Near
from booking.programmes.cards import card
from booking.programmes.filters import Filters
from booking.programmes.finding import find_sessions
from booking.words import short_day

MOST_SHOWN = 12
ONLY_FIELDS = ("id", "hub_id", "hub_name", "name", "slug", "kind", "postcode", "lat", "lon")


async def on_here(place: queries.Row) -> tuple[list[dict[str, Any]], bool]:
    """The cards of what is listed here, soonest first, and whether there are more. One query."""
    here = Near(**{name: place[name] for name in ONLY_FIELDS}, miles=None)
    found = await find_sessions(Filters(), places=[here])
    cards = [card(row) | {"day": short_day(row["date"])} for row in found[:MOST_SHOWN]]
    return cards, len(found) > MOST_SHOWN
