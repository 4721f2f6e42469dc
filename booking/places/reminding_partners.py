"""Reminders to partners' bookers who asked for them: the day before at the same wall time, one for all bookings of a day.

`room_booking.reminded_for_at` is the start that was reminded of, so that a job that runs late, twice or in two places
reminds once, and a booking that moves is reminded of at its new time. A late booking is not reminded of what it has just
been told. What is taken back because something changed (telling_partners.void_reminders) is written anew from what is
still booked.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import outbox
from booking.messages.said import RoomSaid
from booking.people.models import Person
from booking.places.telling_partners import BOOKER, REMINDER, ROWS, said_of

UNTIL = timedelta(hours=3)
"""A reminder of something that begins sooner comes too late to make sense."""
LATE = timedelta(hours=24)
GENEROUS = timedelta(days=1, hours=2)  # around a clock change the day before may be 25 hours

Row = dict[str, Any]


def is_wanted(starts_at: datetime, booked_at: datetime | None, now: datetime) -> bool:
    """Whether a reminder makes sense: due, not too late, and not just after the confirmation. Pure."""
    due = clock.days_before(starts_at, 1)
    return due <= now < starts_at - UNTIL and (booked_at is None or booked_at <= due - LATE)


async def remind() -> int:
    """Queues what is due; returns how many room bookings were looked at and settled."""
    found = await _due()
    for group in _grouped(found):
        await _settle(group)
    return len(found)


async def _due() -> list[Row]:
    now = clock.now()
    found = await db.rows(
        f"SELECT b.id, {BOOKER} AS booker_id, b.organisation_id, b.starts_at, l.hub_id FROM room_booking b JOIN organisation g ON g.id = b.organisation_id"
        " JOIN room o ON o.id = b.room_id JOIN location l ON l.id = o.location_id"
        " WHERE g.is_reminded = $1 AND b.kind = 'partner' AND b.state = 'confirmed' AND b.starts_at > $2"
        " AND b.starts_at <= $3 AND b.booked_by_id IS NOT NULL"
        " AND (b.reminded_for_at IS NULL OR b.reminded_for_at <> b.starts_at) ORDER BY b.starts_at, b.id",
        True,
        now,
        now + GENEROUS,
    )
    return [row for row in found if row["booker_id"] and clock.days_before(row["starts_at"], 1) <= now]


def _grouped(rows: Sequence[Row]) -> list[list[UUID]]:
    """Ids of one booker's bookings of one day for one partner. Those at another hub are a message of their own: each hub's staff read in
    the outbox what their hub sent, and nothing of others."""
    groups: dict[tuple[Any, ...], list[UUID]] = {}
    for row in rows:
        day = clock.local(row["starts_at"]).date()
        groups.setdefault((row["booker_id"], row["organisation_id"], row["hub_id"], day), []).append(row["id"])
    return list(groups.values())


async def _settle(room_booking_ids: list[UUID]) -> None:
    """Marks the bookings as reminded of and, where it makes sense, queues the message, in one transaction."""

    async def body() -> None:
        some = db.in_list(room_booking_ids)
        settled = await db.rows(
            "UPDATE room_booking SET reminded_for_at = starts_at WHERE state = 'confirmed'"
            f" AND (reminded_for_at IS NULL OR reminded_for_at <> starts_at) AND id IN {some} RETURNING id, starts_at, created_at",
            *room_booking_ids,
        )
        now = clock.now()
        wanted = [row["id"] for row in settled if is_wanted(row["starts_at"], row["created_at"], now)]
        if wanted:
            await _queue(await _with_the_rest_of_the_day(wanted))

    await db.run_tx(body)


async def _with_the_rest_of_the_day(room_booking_ids: Sequence[UUID]) -> list[Row]:
    """These, and what else the booker has at this hub later that day: it need not be reminded of by itself."""
    first = await db.row(f"{ROWS} WHERE b.id = $1", room_booking_ids[0])
    assert first is not None
    day = clock.local(first["starts_at"]).date()
    rows = await db.rows(
        f"{ROWS} WHERE b.organisation_id = $1 AND l.hub_id = $2 AND b.starts_at > $3 AND b.starts_at < $4"
        " AND b.state = 'confirmed' AND b.kind = 'partner' AND b.booked_by_id IS NOT NULL ORDER BY b.starts_at, b.id",
        first["organisation_id"],
        first["hub_id"],
        clock.now(),
        clock.at(day + timedelta(days=1), "00:00"),
    )
    return [
        row for row in rows if row["booker_id"] == first["booker_id"] and clock.local(row["starts_at"]).date() == day
    ]


async def _queue(rows: Sequence[Row]) -> None:
    first = rows[0]
    day = clock.local(first["starts_at"]).date()
    await outbox.queue(
        person=await Person.get(id=first["booker_id"]),
        kind=REMINDER,
        about=("person", first["booker_id"]),
        dedupe_key=f"{REMINDER}:{first['booker_id']}:{first['organisation_id']}:{first['hub_id']}:{day}",
        facts={"room": _said(rows)},
        expires_at=first["starts_at"] - UNTIL,
        hub_id=first["hub_id"],
    )


def _said(rows: Sequence[Row]) -> RoomSaid:
    """The first booking of the day, with each of them as a date that names its own title and room."""
    said = [said_of([row]) for row in rows]
    dates = tuple(
        replace(each.dates[0], title=each.title, room=f"{each.room}, {each.location}" if len(said) > 1 else "")
        for each in said
    )
    page_path = said[0].page_path if len(said) == 1 else "/partner"
    return replace(said[0], dates=dates, page_path=page_path, is_private=any(each.is_private for each in said))
