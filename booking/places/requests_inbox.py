"""What waits for staff to decide about: one line for a series with all its dates, each looked at again as it stands now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places import holding, room_lists
from booking.places.holding import hold_for
from booking.places.rooms import facts_of
from booking.places.using_rooms import without_keys
from booking.words import clock_time, short_day


@dataclass(frozen=True, slots=True)
class AskedDate:
    """One date of a request. `clash` says what has been taken meanwhile; empty if it can be had."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    clash: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One booking or series that waits, the first booking of it, its dates, and until when the room is held for it.

    lacks_keyholder: it is out of hours and names nobody who has keys today.
    """

    about_id: UUID
    first: dict[str, Any]
    dates: tuple[AskedDate, ...]
    lacks_keyholder: bool

    @property
    def held_until_at(self) -> datetime | None:
        return self.first["hold_until_at"]

    @property
    def free(self) -> int:
        return sum(1 for each in self.dates if not each.clash)


async def requests_for(who: Who, *, hub_id: UUID | None = None) -> list[Request]:
    """What waits in the hubs of who asks, the soonest to lapse first. Five queries, however many."""
    found = await room_lists.requests(who, hub_id=hub_id)
    clashes, lacking = await _clashes(found), await without_keys(found)
    together: dict[UUID, list[dict[str, Any]]] = {}
    for row in found:
        together.setdefault(row["series_id"] or row["id"], []).append(row)
    return [_request(about_id, rows, clashes, lacking) for about_id, rows in together.items()]


def _request(about_id: UUID, rows: list[dict[str, Any]], clashes: dict[UUID, str], lacking: set[UUID]) -> Request:
    rows = sorted(rows, key=lambda row: row["starts_at"])
    dates = tuple(AskedDate(row["id"], row["starts_at"], row["ends_at"], clashes.get(row["id"], "")) for row in rows)
    return Request(about_id, rows[0], dates, any(row["id"] in lacking for row in rows))


async def _clashes(rows: Sequence[dict[str, Any]]) -> dict[UUID, str]:
    """What stands in the way of each now: a request that was held for long enough may have lost its room."""
    rooms = await facts_of(row["room_id"] for row in rows)
    known = [row for row in rows if row["room_id"] in rooms]
    holds = [hold_for(row["id"], rooms[row["room_id"]], row["starts_at"], row["ends_at"]) for row in known]
    found = await holding.in_the_way(holds)
    said = {}
    for n, taken in found.items():
        other = next((each for each in taken if each.room_booking_id != known[n]["id"]), None)
        if other:
            said[known[n]["id"]] = f"Taken {clock_time(other.starts_at)} to {clock_time(other.ends_at)}"
    return said


async def how_many(who: Who, *, hub_id: UUID | None = None) -> int:
    """How many bookings and series wait for a decision of who asks. One query."""
    condition, parameters = room_lists.within(who, 2)
    narrowed = f" AND l.hub_id = ${2 + len(parameters)}" if hub_id else ""
    return await db.value(
        "SELECT COUNT(DISTINCT COALESCE(b.series_id, b.id)) AS n FROM room_booking b JOIN room o ON o.id = b.room_id"
        " JOIN location l ON l.id = o.location_id WHERE b.state = 'requested' AND b.kind IN ('partner', 'hub')"
        f" AND b.starts_at > $1 AND {condition}{narrowed}"
        " AND NOT EXISTS (SELECT 1 FROM room_swap w WHERE w.for_booking_id = b.id)",
        clock.now(),
        *parameters,
        *([hub_id] if hub_id else []),
    )


def date_words(date: AskedDate) -> str:
    """ "Tue 12 Jan" """
    return short_day(clock.local(date.starts_at).date())
