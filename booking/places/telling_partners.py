"""What partners' bookers are told of their room bookings: one message for a booking, or for all dates of a series.

Called in the transaction of the act, after it has written: what is said is read from the tables as they are then.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from booking import clock, db
from booking.messages import outbox
from booking.messages.said import OtherRoom, RoomDate, RoomSaid
from booking.people.models import Person
from booking.places.calendar_entries import NO_TITLE, entry_of_booking, entry_of_series, place_words

Kind = Literal[
    "room_requested",
    "room_confirmed",
    "room_declined",
    "room_changed",
    "room_cancelled",
    "room_displaced",
    "room_swap",
    "room_reminder",
    "room_date_free",
]
NO_CALENDAR = ("room_swap", "room_reminder", "room_date_free")
WITH_WHY = ("skipped", "missing")  # of other states `why` is a note of staff's
# who is told: whoever booked it, or, if they book for the partner no more, its first booker
BOOKER = (
    "(CASE WHEN b.organisation_id IS NULL OR EXISTS (SELECT 1 FROM role ro WHERE ro.person_id = b.booked_by_id"
    " AND ro.organisation_id = b.organisation_id AND ro.kind = 'partner') THEN b.booked_by_id"
    " ELSE (SELECT ro.person_id FROM role ro JOIN person pe ON pe.id = ro.person_id"
    " WHERE ro.organisation_id = b.organisation_id AND ro.kind = 'partner' ORDER BY pe.created_at, pe.id LIMIT 1) END)"
)
ROWS = (
    f"SELECT b.id, b.series_id, {BOOKER} AS booker_id, b.organisation_id, b.title, b.state, b.starts_at, b.ends_at, b.why, b.sequence,"
    " (b.is_private OR l.is_restricted OR l.kind = 'restricted') AS is_private,"
    " b.room_id, o.name AS room_name, l.name AS location_name, l.address, l.postcode, l.hub_id"
    " FROM room_booking b JOIN room o ON o.id = b.room_id JOIN location l ON l.id = o.location_id"
)
REMINDER = "room_reminder"

Row = dict[str, Any]


async def tell(
    kind: Kind,
    *,
    bookings: Sequence[UUID],
    why: str = "",
    batch_id: UUID | None = None,
    due_at: datetime | None = None,
    swap_id: UUID | None = None,
) -> None:
    """Queues one message to whoever booked these (one booking, or dates of one series), in the caller's transaction.

    Bookings of several series or bookers become one message each; one that nobody in particular booked tells nobody, and
    that of somebody who books for the partner no more its first booker. The
    same act twice tells once; a later one, with a new `sequence` or state, tells again. `batch_id` and `due_at` are for
    mass actions that can be undone. `swap_id` is needed for room_swap; with room_displaced it offers that room.
    """
    rows = await _rows(bookings)
    booker_ids = {row["booker_id"] for row in rows}
    people = {each.id: each for each in await Person.filter(id__in=list(booker_ids))} if rows else {}
    for group in _grouped(rows):
        facts = {"room": said_of(group), "reason": why.rstrip(".")}
        if swap_id or kind == "room_swap":
            facts["other" if kind == "room_swap" else "offer"] = await _other_room(swap_id)
        await outbox.queue(
            person=people[group[0]["booker_id"]],
            kind=kind,
            about=facts["room"].about,
            dedupe_key=_key(kind, group, batch_id, swap_id),
            facts=facts,
            entry=None if kind in NO_CALENDAR else await _entry(group[0]),
            due_at=due_at,
            batch_id=batch_id,
            hub_id=group[0]["hub_id"],
        )
    await void_reminders(booker_ids)


async def tell_after_undo(bookings: Sequence[UUID], since: datetime) -> None:
    """What was cancelled and is back again is not told, unless a calendar entry that lacks it went out meanwhile."""
    about = {row["series_id"] or row["id"] for row in await _rows(bookings)}
    if about and await db.row(
        f"SELECT id FROM message WHERE about_id IN {db.in_list(sorted(about), 2)} AND created_at > $1"
        " AND calendar <> '' AND state <> 'void' LIMIT 1",
        since,
        *sorted(about),
    ):
        await tell("room_changed", bookings=bookings)


async def _rows(bookings: Sequence[UUID]) -> list[Row]:
    ids = sorted(set(bookings))
    found = []
    for first in range(0, len(ids), 500):
        some = ids[first : first + 500]
        found += await db.rows(
            f"{ROWS} WHERE b.id IN {db.in_list(some)} AND b.booked_by_id IS NOT NULL ORDER BY b.starts_at, b.id", *some
        )
    return [row for row in found if row["booker_id"]]


def _grouped(rows: Sequence[Row]) -> list[list[Row]]:
    """One group for each message: the dates of one series, or one booking, of one booker at one hub."""
    groups: dict[tuple[UUID, UUID, UUID], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["series_id"] or row["id"], row["booker_id"], row["hub_id"]), []).append(row)
    return list(groups.values())


def said_of(rows: Sequence[Row]) -> RoomSaid:
    """What is said of one booking, or of these dates of one series, to whoever booked them."""
    first, rooms = rows[0], [row["room_id"] for row in rows]
    usual = next(row for row in rows if row["room_id"] == max(rooms, key=rooms.count))
    series_id = first["series_id"]
    is_of_many = bool(series_id) and len(rows) > 1
    return RoomSaid(
        about=("room_series", series_id) if series_id else ("room_booking", first["id"]),
        title=first["title"] or NO_TITLE,
        room=usual["room_name"],
        location=usual["location_name"],
        address=place_words(usual | {"room_name": "", "location_name": ""}),
        dates=tuple(_date(row, usual) for row in rows),
        page_path=f"/partner/series/{series_id}" if is_of_many else f"/partner/bookings/{first['id']}",
        is_private=any(row["is_private"] for row in rows),
    )


def _date(row: Row, usual: Row) -> RoomDate:
    return RoomDate(
        row["starts_at"],
        row["ends_at"],
        row["state"],
        why=row["why"].rstrip(".") if row["state"] in WITH_WHY else "",
        room="" if row["room_id"] == usual["room_id"] else f"{row['room_name']}, {row['location_name']}",
    )


def _key(kind: Kind, rows: Sequence[Row], batch_id: UUID | None, swap_id: UUID | None) -> str:
    """The same for the same act, another for any later one: every change raises the sequence or changes the state."""
    parts = [str(batch_id), str(swap_id)]
    for row in rows:
        parts += [str(row[name]) for name in ("id", "sequence", "state", "room_id", "starts_at", "ends_at", "title")]
    return f"{kind}:{rows[0]['series_id'] or rows[0]['id']}:{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:24]}"


async def _entry(row: Row) -> Any:
    return await entry_of_series(row["series_id"]) if row["series_id"] else await entry_of_booking(row["id"])


async def _other_room(swap_id: UUID | None) -> OtherRoom:
    row = await db.row(
        "SELECT s.token, s.answer_by_at, k.starts_at, k.ends_at, o.name AS room_name, l.name AS location_name, l.address,"
        " l.postcode FROM room_swap s JOIN room_booking k ON k.id = s.kept_booking_id JOIN room o ON o.id = k.room_id"
        " JOIN location l ON l.id = o.location_id WHERE s.id = $1",
        swap_id,
    )
    if row is None:
        raise LookupError("a swap needs the room that is kept for the partner")
    return OtherRoom(
        place=place_words(row),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        answer_by_at=row["answer_by_at"],
        link_path=f"/swaps/{row['token']}",
    )


async def void_reminders(booker_ids: set[UUID]) -> None:
    """Takes back reminders that have not left to bookers with something changed; the next run of the job writes them anew
    for what is still booked."""
    for person_id in sorted(booker_ids):
        if await outbox.void(why="something has changed", about=("person", person_id), kinds=[REMINDER]):
            await db.execute(
                "UPDATE room_booking SET reminded_for_at = NULL WHERE organisation_id IN (SELECT organisation_id FROM role"
                " WHERE person_id = $1 AND kind = 'partner') AND starts_at > $2 AND reminded_for_at IS NOT NULL",
                person_id,
                clock.now(),
            )
