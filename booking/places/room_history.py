"""What was done with a room booking and its series: its trail, the cancelling that can be undone, and its swap."""

from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places.cancelling_rooms import VERB


async def trail_of(room_booking_id: UUID, series_id: UUID | None, limit: int = 40) -> list[dict[str, Any]]:
    """The events of a booking and its series, the latest first: happened_at, verb, by_name, why, undone_at."""
    ids = [each for each in (room_booking_id, series_id) if each]
    return await db.rows(
        "SELECT id, at AS happened_at, verb, by_name, why, undone_at FROM audit_event"
        f" WHERE about_id IN {db.in_list(ids)} AND about_kind IN ('room_booking', 'room_series')"
        f" ORDER BY at DESC, id DESC LIMIT {int(limit)}",
        *ids,
    )


async def cancelling_to_undo(room_booking_id: UUID) -> dict[str, Any] | None:
    """The cancelling of this booking that can still be undone: id, by_name, undo_until_at."""
    return await db.row(
        "SELECT id, by_name, undo_until AS undo_until_at FROM audit_event WHERE about_id = $1 AND verb = $2"
        " AND undone_at IS NULL AND undo_until > $3 ORDER BY at DESC LIMIT 1",
        room_booking_id,
        VERB,
        clock.now(),
    )


async def session_in(room_booking_id: UUID) -> UUID | None:
    """The session that a room booking is for; None for that of a draft, which has no page of its own."""
    return await db.value(
        "SELECT id FROM session WHERE room_booking_id = $1 AND state <> 'draft' LIMIT 1", room_booking_id
    )


async def draft_in(room_booking_id: UUID) -> UUID | None:
    """The run of the draft that a room booking is for; a creche's course."""
    return await db.value(
        "SELECT COALESCE((SELECT c.id FROM run c WHERE c.creche_run_id = s.run_id LIMIT 1), s.run_id) AS run_id"
        " FROM session s WHERE s.room_booking_id = $1 AND s.state = 'draft' LIMIT 1",
        room_booking_id,
    )


SWAP = (
    "SELECT s.id, s.state, s.reason, s.token, s.answer_by_at, s.answered_at, s.room_booking_id, s.for_booking_id,"
    " k.state AS kept_state, k.hold_until_at, o.name AS kept_room, l.name AS kept_location, b.state AS booking_state,"
    " b.starts_at, b.ends_at, b.title, f.title AS for_title, f.state AS for_state, g.name AS organisation_name,"
    " own.name AS own_room, at.name AS own_location"
    " FROM room_swap s JOIN room_booking k ON k.id = s.kept_booking_id JOIN room o ON o.id = k.room_id"
    " JOIN location l ON l.id = o.location_id JOIN room_booking b ON b.id = s.room_booking_id"
    " LEFT JOIN room_booking f ON f.id = s.for_booking_id JOIN room own ON own.id = COALESCE(f.room_id, b.room_id)"
    " JOIN location at ON at.id = own.location_id LEFT JOIN organisation g ON g.id = b.organisation_id"
)


async def swap_of(room_booking_id: UUID, who: Who) -> dict[str, Any] | None:
    """The latest swap that a booking is in, as the partner's, the hub's or the kept one; None where who asks may not know."""
    condition, parameters = _may_know(who, 2)
    return await db.row(
        f"{SWAP} WHERE (s.room_booking_id = $1 OR s.for_booking_id = $1 OR s.kept_booking_id = $1) AND {condition}"
        " ORDER BY s.created_at DESC LIMIT 1",
        room_booking_id,
        *parameters,
    )


def _may_know(who: Who, first: int) -> tuple[str, list[Any]]:
    """A condition on a swap for the hubs of who asks, with its parameters from $first on. What is private or restricted is
    for staff of that very hub (promise P5)."""
    own = sorted(who.role_hubs)
    theirs = f"at.hub_id IN {db.in_list(own, first)}"
    hidden = "(b.is_private OR at.is_restricted OR at.kind = 'restricted')"
    return (f"({theirs} OR NOT {hidden})" if who.is_admin else theirs), own


async def swaps_under_way(who: Who) -> list[dict[str, Any]]:
    """Swaps in the hubs of who asks in which somebody has still to do something, by the time of the booking."""
    condition, parameters = _may_know(who, 2)
    return await db.rows(
        f"{SWAP} WHERE s.state IN ('open', 'refused', 'lapsed') AND k.state = 'confirmed' AND b.state = 'confirmed'"
        f" AND b.starts_at > $1 AND {condition} ORDER BY b.starts_at, s.id LIMIT 100",
        clock.now(),
        *parameters,
    )


async def swap_with(token: str) -> dict[str, Any] | None:
    """The swap that a partner's link opens."""
    return await db.row(f"{SWAP} WHERE s.token = $1", token)
