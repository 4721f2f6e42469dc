"""When a room is free and when it is taken in one week, as anybody who may book it sees it: never whose (promises P5, P6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from booking import clock, db
from booking.places import opening, queries
from booking.places.holding import LONGEST
from booking.places.opening import Span
from booking.places.rooms import RoomFacts
from booking.words import clock_time, short_day

FIRST_HOUR, LAST_HOUR = 7, 22
"""What the bars of a week show; whatever is earlier or later is said in words."""


@dataclass(frozen=True, slots=True)
class BusyDay:
    """One day of a room. open_bars and busy_bars are (from, length) in minutes after 7am; words say the same."""

    day: date
    name: str
    words: str
    open_bars: tuple[tuple[int, int], ...]
    busy_bars: tuple[tuple[int, int], ...]
    is_wanted: bool = False


async def week_of(room: RoomFacts, day: date) -> list[BusyDay]:
    """The week (Monday to Sunday) of that day. Four queries."""
    monday = day - timedelta(days=day.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    opens = (await queries.openings([room.location_id], days[0], days[-1]))[room.location_id]
    taken = await _taken(room.leaves, clock.at(monday, "00:00"), clock.at(monday + timedelta(days=7), "00:00"))
    return [as_day(each, opening.spans(opens, each), taken, is_wanted=each == day) for each in days]


async def _taken(leaves: Sequence[UUID], starts_at: datetime, ends_at: datetime) -> list[Span]:
    found = await db.rows(
        "SELECT h.starts_at, h.ends_at FROM room_hold h JOIN room_booking b ON b.id = h.room_booking_id"
        f" WHERE h.room_id IN {db.in_list(leaves, 5)} AND h.starts_at > $1 AND h.starts_at < $2 AND h.ends_at > $3"
        " AND NOT (b.state = 'requested' AND b.hold_until_at IS NOT NULL AND b.hold_until_at <= $4)",
        starts_at - LONGEST,
        ends_at,
        starts_at,
        clock.now(),
        *leaves,
    )
    return joined((row["starts_at"], row["ends_at"]) for row in found)


def joined(spans: Iterable[Span]) -> list[Span]:
    """In order; those that overlap or touch are one, so that nobody sees where one use ends and the next begins. Pure."""
    found: list[Span] = []
    for starts_at, ends_at in sorted(spans):
        if found and starts_at <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends_at))
        else:
            found.append((starts_at, ends_at))
    return found


def as_day(day: date, opens: Sequence[Span], taken: Sequence[Span], *, is_wanted: bool = False) -> BusyDay:
    """One day of the week. Pure."""
    starts_at, ends_at = clock.at(day, "00:00"), clock.at(day + timedelta(days=1), "00:00")
    busy = [(max(start, starts_at), min(end, ends_at)) for start, end in taken if start < ends_at and starts_at < end]
    return BusyDay(
        day,
        short_day(day),
        _words(opens, busy),
        tuple(filter(None, (_bar(day, span) for span in opens))),
        tuple(filter(None, (_bar(day, span) for span in busy))),
        is_wanted,
    )


def _words(opens: Sequence[Span], busy: Sequence[Span]) -> str:
    if busy:
        return "Booked " + ", ".join(f"{clock_time(start)} to {clock_time(end)}" for start, end in busy)
    return "Free" if opens else "Closed"


def _bar(day: date, span: Span) -> tuple[int, int] | None:
    first = clock.at(day, f"{FIRST_HOUR:02}:00")
    longest = (LAST_HOUR - FIRST_HOUR) * 60
    start, end = (round((instant - first).total_seconds() / 60) for instant in span)
    start, end = max(start, 0), min(end, longest)
    return (start, end - start) if start < end else None
