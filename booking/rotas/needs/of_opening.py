"""Which shifts the cover of opening hours makes: so many people while a place is open, on each date of the need. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock
from booking.places.opening import Opening, spans
from booking.rotas.needs.wanted import Wanted, positions

Row = dict[str, Any]
Span = tuple[datetime, datetime]
SHORTEST = timedelta(minutes=30)
"""What is left of a need beside a closure and is shorter needs nobody: nobody comes in for it."""
PARTS_APART = 100
"""Of a day that a closure cuts in two the second part has positions from 101 on, so that those of the first stay."""


def wanted_of(
    need: Row, opening: Opening, first: date, last: date, held: Mapping[tuple[UUID, date], Collection[int]]
) -> list[Wanted]:
    """The shifts of one need from one day to another, both included. `held` are the positions that somebody is in, by need and date.

    need: a row of cover_need with the hub_id of its location and, as is_restricted, whether what is there stays unsaid.
    """
    return [
        one
        for day in dates_of(need, first, last)
        for part, span in enumerate(times_on(need, opening, day))
        for one in _of_span(need, day, span, 1 + part * PARTS_APART, held.get((need["id"], day), ()))
    ]


def dates_of(need: Row, first: date, last: date) -> Iterator[date]:
    """The dates on which it is a need, whether the place is open or not."""
    begin = max(first, need["first_date"] or first)
    end = min(last, need["last_date"] or last)
    days = (begin + timedelta(days=n) for n in range((end - begin).days + 1))
    return (day for day in days if str(day.weekday()) in need["weekdays"])


def times_on(need: Row, opening: Opening, day: date) -> list[Span]:
    """When people are needed that day: the need's times as far as the place is open."""
    starts_at, ends_at = clock.at(day, need["start"]), clock.at(day, need["end"])
    cut = ((max(starts_at, opens), min(ends_at, closes)) for opens, closes in joined(spans(opening, day)))
    return [(begin, end) for begin, end in cut if end - begin >= SHORTEST]


def joined(parts: Iterable[Span]) -> list[Span]:
    """In order; what touches or overlaps is one."""
    found: list[Span] = []
    for starts_at, ends_at in sorted(parts):
        if found and starts_at <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends_at))
        else:
            found.append((starts_at, ends_at))
    return found


def _of_span(need: Row, day: date, span: Span, first: int, held: Collection[int]) -> Iterator[Wanted]:
    for n, position in enumerate(positions(need["people"], held, first)):
        yield Wanted(
            kind="cover",
            location_id=need["location_id"],
            hub_id=need["hub_id"],
            starts_at=span[0],
            ends_at=span[1],
            position=position,
            skills=need["skills"] if n < need["skilled"] else "",
            title="" if need["is_restricted"] else need["name"],
            need_id=need["id"],
            on=day,
        )
