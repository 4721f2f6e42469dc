"""What of a room booking or a series stands in its booker's calendar: the rule, the dates it leaves out, the dates moved.

Calendars know a rule and its exceptions; we know dates. `repeated` finds the rule that gives the most of the dates as they
are; every other date takes the place of one that the rule gives and that is free, the nearest first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages.said import Held, Repeats, RoomEntry
from booking.places.recurrence import FORTNIGHTLY, MONTHLY, MOST_TRIES, Rule, plan

BY_DAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
HELD = "confirmed"
ROWS = (
    "SELECT b.id, b.series_id, b.title, b.state, b.starts_at, b.ends_at, o.name AS room_name,"
    " (b.is_private OR l.is_restricted OR l.kind = 'restricted') AS is_private,"
    " l.name AS location_name, l.address, l.postcode FROM room_booking b JOIN room o ON o.id = b.room_id"
    " JOIN location l ON l.id = o.location_id"
)
NO_TITLE = "Room booking"

Row = dict[str, Any]


async def entry_of_booking(room_booking_id: UUID) -> RoomEntry | None:
    """The entry of a booking that is not of a series; None when it is not there."""
    row = await db.row(f"{ROWS} WHERE b.id = $1", room_booking_id)
    if row is None:
        return None
    held = _held(row)
    return RoomEntry(
        about_id=row["id"],
        title=row["title"] or NO_TITLE,
        place=held.place,
        held=(held,) if row["state"] == HELD else (),
        was=held,
        page_path=f"/partner/bookings/{row['id']}",
        is_private=bool(row["is_private"]),
    )


async def entry_of_series(series_id: UUID) -> RoomEntry | None:
    """The entry of a whole series as it is now; None when there is no such series, or it has no date at all."""
    series = await db.row("SELECT * FROM room_series WHERE id = $1", series_id)
    rows = await db.rows(f"{ROWS} WHERE b.series_id = $1 ORDER BY b.starts_at, b.id", series_id)
    if series is None or not rows:
        return None
    held = tuple(_held(row) for row in rows if row["state"] == HELD)
    left = [clock.local(row["starts_at"]).date() for row in rows if row["state"] != HELD]
    repeats, held = repeated(series, held, left) if held else (None, held)
    return RoomEntry(
        about_id=series_id,
        title=rows[0]["title"] or series["title"] or NO_TITLE,
        place=_most_often(each.place for each in held) if held else _held(rows[0]).place,
        held=held,
        was=_held(rows[0]),
        page_path=f"/partner/series/{series_id}",
        repeats=repeats,
        is_private=any(row["is_private"] for row in rows),
    )


def place_words(row: Row) -> str:
    """ "Blue room, Ferndown Family Hub, 1 High Street, BH22 9TH" """
    return ", ".join(filter(None, (row["room_name"], row["location_name"], row["address"], row["postcode"])))


def _held(row: Row) -> Held:
    return Held(row["starts_at"], row["ends_at"], place_words(row))


def _most_often(words: Iterable[str]) -> str:
    all_words = list(words)
    return max(all_words, key=all_words.count)


def repeated(series: Row, held: Sequence[Held], left: Sequence[date] = ()) -> tuple[Repeats, tuple[Held, ...]]:
    """The rule as calendars write it, from the first date that is held to the last, and the held dates, each with the
    date of the rule that it stands for, no two with the same. `left` are the dates of the series that are not held.

    Pure. A date that was moved stands for the nearest one that the rule gives and that is neither held nor left out;
    failing that for a date left out, or for one after the end of the series.
    """
    days = _days(series, held)
    usual = _usual(days, held)
    free = [day for day in days if day not in usual.values()]
    beyond = {*left, *(day for day in days if day > series["last_date"])}
    of = dict(usual)
    for each in held:
        if each not in of:
            of[each] = min(free, key=lambda day: (day in beyond, abs(day - _day(each)), day))
            free.remove(of[each])
    taken = set(of.values())
    days = [day for day in days if min(taken) <= day <= max(taken)]
    repeats = _repeats(series, days, tuple(day for day in days if day not in taken))
    return repeats, tuple(replace(each, rule_date=of[each]) for each in sorted(held, key=lambda one: of[one]))


def _usual(days: Sequence[date], held: Sequence[Held]) -> dict[Held, date]:
    """Those held on a day that the rule gives; of two on one day (one was moved there) the first."""
    given, usual = set(days), {}
    for each in held:
        if _day(each) in given:
            usual[each] = _day(each)
            given.remove(_day(each))
    return usual


def _day(held: Held) -> date:
    return clock.local(held.starts_at).date()


def _days(series: Row, held: Sequence[Held]) -> list[date]:
    """What the rule gives with nothing left out: to the end of the series, and one more for each date held."""
    rule = Rule(
        weekday=series["weekday"],
        start=series["start_time"],
        end=series["end_time"],
        first_date=series["first_date"],
        held_sessions=MOST_TRIES,
        frequency=series["frequency"],
        nth=series["nth"],
    )
    days = plan(rule, {}).dates
    return list(days[: sum(day <= series["last_date"] for day in days) + len(held)])


def _repeats(series: Row, days: Sequence[date], left_out: tuple[date, ...]) -> Repeats:
    is_monthly = series["frequency"] == MONTHLY
    nth = str(series["nth"] or "") if is_monthly else ""
    return Repeats(
        frequency="MONTHLY" if is_monthly else "WEEKLY",
        interval=2 if series["frequency"] == FORTNIGHTLY else 1,
        by_day=nth + BY_DAY[series["weekday"]],
        first_date=days[0],
        start=series["start_time"],
        end=series["end_time"],
        count=len(days),
        left_out=left_out,
    )
