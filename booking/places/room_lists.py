"""Room bookings as those may see them who ask: staff within their hubs, bookers within their organisations (promise P6).

What is restricted or private is for the staff of that very hub, and its own booker (promise P5).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who

Row = dict[str, Any]
COLUMNS = (
    "b.id, b.room_id, b.kind, b.organisation_id, b.starts_at, b.ends_at, b.state, b.series_id, b.closure_id, b.title, b.notes,"
    " b.is_private, b.people, b.layout, b.cost_code, b.rate_pence, b.booked_by_id, b.created_at, b.hold_until_at, b.decided_at,"
    " b.why, b.is_out_of_hours, b.keyholder_id, b.second_person, b.use, b.offered_at, b.sequence,"
    " o.name AS room_name, o.notice_hours, l.id AS location_id, l.name AS location_name, l.slug AS location_slug, l.hub_id,"
    " l.hub_name, l.area, l.address, l.postcode, l.directions, (l.is_restricted OR l.kind = 'restricted') AS is_restricted,"
    " g.name AS organisation_name, p.name AS booker_name, k.name AS keyholder_name, k.phone AS keyholder_phone,"
    " s.weekday, s.start_time, s.end_time, s.frequency, s.first_date, s.last_date, s.is_term_time_only"
)
TABLES = (
    "room_booking b JOIN room o ON o.id = b.room_id JOIN location l ON l.id = o.location_id"
    " LEFT JOIN organisation g ON g.id = b.organisation_id LEFT JOIN person p ON p.id = b.booked_by_id"
    " LEFT JOIN keyholder k ON k.id = b.keyholder_id LEFT JOIN room_series s ON s.id = b.series_id"
)
OWN_KINDS = ("partner", "hub")
"""Kinds that are booked, moved and cancelled as room bookings; sessions and closures have pages of their own."""


def within(who: Who, first: int) -> tuple[str, list[Any]]:
    """A condition on location l for the hubs of staff who ask, with its parameters from $first on."""
    own = sorted(who.role_hubs)
    hidden = (
        f"((l.is_restricted OR l.kind = 'restricted' OR b.is_private) AND l.hub_id NOT IN {db.in_list(own, first)})"
    )
    hidden = hidden if own else "(l.is_restricted OR l.kind = 'restricted' OR b.is_private)"
    if who.hub_ids is None:
        return f"NOT {hidden}", own
    return (f"l.hub_id IN {db.in_list(own, first)}", own) if own else ("1 = 0", [])


async def booking_seen_by(who: Who, room_booking_id: UUID) -> Row | None:
    """A room booking of any kind that this member of staff may open, or None."""
    condition, parameters = within(who, 2)
    return await db.row(f"SELECT {COLUMNS} FROM {TABLES} WHERE b.id = $1 AND {condition}", room_booking_id, *parameters)


async def booking_of_partner(organisation_ids: Sequence[UUID], room_booking_id: UUID) -> Row | None:
    """A room booking of one of these organisations, or None."""
    return await db.row(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE b.id = $1 AND b.kind = 'partner'"
        f" AND b.organisation_id IN {db.in_list(organisation_ids, 2)}",
        room_booking_id,
        *organisation_ids,
    )


async def dates_of_series(series_id: UUID) -> list[Row]:
    """Every date of a series in order, whatever its state. The caller has seen to it that it may be shown."""
    return await db.rows(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE b.series_id = $1 ORDER BY b.starts_at, b.created_at, b.id", series_id
    )


async def dates_seen_by(who: Who, series_id: UUID) -> list[Row]:
    """The dates of a series that this member of staff may know of: one of them may be at another hub, or private."""
    condition, parameters = within(who, 2)
    return await db.rows(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE b.series_id = $1 AND {condition} ORDER BY b.starts_at, b.created_at, b.id",
        series_id,
        *parameters,
    )


async def series_of_partner(organisation_ids: Sequence[UUID], series_id: UUID) -> list[Row]:
    """The dates of a series of one of these organisations; empty if it is none of theirs."""
    return await db.rows(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE b.series_id = $1 AND s.organisation_id IN {db.in_list(organisation_ids, 2)}"
        " ORDER BY b.starts_at, b.created_at, b.id",
        series_id,
        *organisation_ids,
    )


async def of_partner(
    organisation_ids: Sequence[UUID],
    first_at: datetime,
    last_at: datetime,
    *,
    states: Sequence[str] = ("requested", "confirmed"),
    limit: int = 500,
) -> list[Row]:
    """The bookings of these organisations that begin in [first_at, last_at), in order of time."""
    states_at = 3 + len(organisation_ids)
    return await db.rows(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE b.organisation_id IN {db.in_list(organisation_ids, 3)} AND b.kind = 'partner'"
        f" AND b.starts_at >= $1 AND b.starts_at < $2 AND b.state IN {db.in_list(states, states_at)}"
        f" ORDER BY b.starts_at, b.id LIMIT {int(limit)}",
        first_at,
        last_at,
        *organisation_ids,
        *states,
    )


async def series_list_of_partner(organisation_id: UUID, since: datetime) -> list[Row]:
    """The series of an organisation with a date since then: room, rule, how many dates in each state, the latest first."""
    return await db.rows(
        "SELECT s.id, s.room_id, s.title, s.weekday, s.start_time, s.end_time, s.frequency, s.nth, s.first_date, s.last_date,"
        " s.is_term_time_only, o.name AS room_name, l.name AS location_name, l.area,"
        " SUM(CASE WHEN b.state = 'confirmed' THEN 1 ELSE 0 END) AS confirmed,"
        " SUM(CASE WHEN b.state = 'requested' THEN 1 ELSE 0 END) AS requested,"
        " SUM(CASE WHEN b.state = 'missing' AND b.starts_at > $3 THEN 1 ELSE 0 END) AS missing"
        " FROM room_series s JOIN room o ON o.id = s.room_id JOIN location l ON l.id = o.location_id"
        " JOIN room_booking b ON b.series_id = s.id"
        " WHERE s.organisation_id = $1 GROUP BY s.id, o.name, l.name, l.area HAVING MAX(b.starts_at) >= $2"
        " ORDER BY s.first_date DESC, s.start_time",
        organisation_id,
        since,
        clock.now(),
    )


async def requests(who: Who, *, hub_id: UUID | None = None, limit: int = 300) -> list[Row]:
    """What waits for a decision of this member of staff, what is held least long first; dates of a series are together."""
    condition, parameters = within(who, 2)
    narrowed = f" AND l.hub_id = ${2 + len(parameters)}" if hub_id else ""
    return await db.rows(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE b.state = 'requested' AND b.kind IN ('partner', 'hub') AND b.starts_at > $1"
        f" AND {condition}{narrowed} AND NOT EXISTS (SELECT 1 FROM room_swap w WHERE w.for_booking_id = b.id)"
        f" ORDER BY b.hold_until_at, b.series_id, b.starts_at LIMIT {int(limit)}",
        clock.now(),
        *parameters,
        *([hub_id] if hub_id else []),
    )
