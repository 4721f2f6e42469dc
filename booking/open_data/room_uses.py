"""What a feed says of each use of a room: one query, and words that depend on what the use is (promise P5).

What is restricted or private is busy and nothing else, whoever reads: an address given to one person ends in the calendars of
many. Sessions take their words from `disclosure`, those for the public.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

from booking import clock, db
from booking.messages.feed_calendar import Status, Use
from booking.open_data.feeds import about_of
from booking.programmes import disclosure
from booking.programmes.disclosure import PRIVATE

BACK, AHEAD = timedelta(days=30), timedelta(days=400)
BOOKED = "Booked"
STATUS: dict[str, Status] = {
    "confirmed": "CONFIRMED",
    "requested": "TENTATIVE",
    "cancelled": "CANCELLED",
    "displaced": "CANCELLED",
    "declined": "CANCELLED",
}
SHARES_A_PART = (
    "SELECT w.whole_id FROM room_part w JOIN room_part p ON p.part_id = w.part_id WHERE p.whole_id = $1"
    " UNION SELECT whole_id FROM room_part WHERE part_id = $1 UNION SELECT part_id FROM room_part WHERE whole_id = $1"
)
WHICH = {
    "room": f"b.room_id IN (SELECT id FROM room WHERE id = $1 UNION {SHARES_A_PART})",
    "location": "b.room_id IN (SELECT id FROM room WHERE location_id = $1)",
    "hub": "b.room_id IN (SELECT ro.id FROM room ro JOIN location lo ON lo.id = ro.location_id WHERE lo.hub_id = $1)",
    "partner": "b.organisation_id = $1 AND b.kind = 'partner'",
}
COLUMNS = (
    "b.id AS room_booking_id, b.kind, b.state, b.starts_at AS begins_at, b.ends_at AS over_at, b.title AS use_title,"
    " b.is_private, b.created_at, b.decided_at, b.sequence, s.sequence AS session_sequence, s.is_listed, r.title,"
    " COALESCE(NULLIF(s.delivery, ''), r.delivery) AS delivery,"
    " p.is_discreet, (r.is_restricted OR l.is_restricted) AS is_restricted,"
    " (l.is_restricted OR l.kind = 'restricted') AS is_at_restricted, l.name AS location_name, o.name AS room_name,"
    " g.name AS organisation_name, c.reason AS closed_because"
)
TABLES = (
    "room_booking b JOIN room o ON o.id = b.room_id JOIN location l ON l.id = o.location_id"
    " LEFT JOIN session s ON s.room_booking_id = b.id LEFT JOIN run r ON r.id = s.run_id"
    " LEFT JOIN programme p ON p.id = r.programme_id LEFT JOIN organisation g ON g.id = b.organisation_id"
    " LEFT JOIN closure c ON c.id = b.closure_id"
)

NOT_TOLD = dict.fromkeys(("address", "postcode", "directions", "host", "join_url"), "")
"""Of what disclosure knows of a session a feed tells the title alone: the rest is not even read."""

Row = dict[str, Any]


def window() -> tuple[datetime, datetime]:
    """From 30 days back to 400 ahead, by whole local days, so that a calendar stays the same for a day."""
    today = clock.today()
    return clock.at(today - BACK, "00:00"), clock.at(today + AHEAD, "00:00")


async def rows_of(link: Row) -> list[Row]:
    """Every use in a feed's window, those that ended by cancelling too, in order. One query."""
    first_at, last_at = window()
    return await db.rows(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE {WHICH[link['kind']]} AND b.starts_at > $2 AND b.starts_at < $3"
        " AND b.ends_at > $4 AND (b.kind <> 'swap' OR b.state = 'confirmed') AND b.state IN ('confirmed', 'requested', 'cancelled', 'displaced', 'declined')"
        " ORDER BY b.starts_at, b.id",
        link["about_id"],
        first_at - timedelta(days=2),
        last_at,
        first_at,
    )


def version_of(link: Row, rows: Iterable[Row]) -> str:
    """The same for the same calendar, another for any change in it."""
    name = (
        link["room_name"],
        link["location_name"],
        link["hub_name"],
        link["organisation_name"],
        link["run_title"],
        link["is_restricted"],
    )
    told = hashlib.sha256(repr((link["id"], link["sees"], name)).encode())
    for row in rows:
        told.update(repr(tuple(row.values())).encode())
    return told.hexdigest()[:32]


def name_of(link: Row) -> str:
    """The calendar's own name, which is no secret."""
    return PRIVATE if link["is_restricted"] else about_of(link).name


def uses(link: Row, rows: Iterable[Row]) -> list[Use]:
    """Each use in the words for this link."""
    return [_use(link, row) for row in rows]


def _use(link: Row, row: Row) -> Use:
    title, place = _words(link, row)
    is_private = not place
    if link["sees"] == "busy":
        title = BOOKED
    return Use(
        uid=str(uuid5(link["id"], str(row["room_booking_id"]))),
        starts_at=row["begins_at"],
        ends_at=row["over_at"],
        title=title,
        place=place,
        status=STATUS[row["state"]],
        sequence=row["sequence"] + (row["session_sequence"] or 0),
        changed_at=max(filter(None, (row["decided_at"], row["created_at"], link["created_at"]))),
        is_private=is_private,
    )


def _words(link: Row, row: Row) -> tuple[str, str]:
    """Title and place; for what is restricted or private no place at all."""
    if row["is_at_restricted"] or row["is_private"]:
        return PRIVATE, ""
    place = f"{row['room_name']}, {row['location_name']}"
    if row["kind"] == "session":
        told = disclosure.shown(NOT_TOLD | row, "public") if row["is_listed"] else None
        return (told.title, place) if told else (PRIVATE, "")
    if row["kind"] == "closure":
        return f"Closed: {row['closed_because']}" if row["closed_because"] else "Closed", place
    if row["kind"] == "swap":
        return BOOKED, place
    title = row["use_title"] or BOOKED
    if row["organisation_name"] and link["kind"] != "partner":
        title = f"{title} ({row['organisation_name']})"
    return (f"Asked for: {title}" if row["state"] == "requested" else title), place
