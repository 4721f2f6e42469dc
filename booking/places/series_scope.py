"""Which dates of a series a change is for: this one, this and the later ones, or all that are to come."""

from typing import Any, Literal
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places import holding
from booking.places.rooms import facts_of
from booking.problems import Problem, Refused

Scope = Literal["this", "later", "all"]
GONE = Problem("This booking has ended already.", rule="ended")
NOT_THERE = Problem("There is no such booking.", rule="unknown")


async def bookings_in(room_booking_id: UUID, scope: Scope) -> list[dict[str, Any]]:
    """The bookings that hold a room and are in the scope, in order; for "this" the one itself. Over ones stay out.

    Raises Refused when there is none: it has ended, or is over.
    """
    own = await db.row("SELECT id, series_id, starts_at FROM room_booking WHERE id = $1", room_booking_id)
    if own is None:
        raise Refused([NOT_THERE])
    which, parameters = "b.id = $2", [own["id"]]
    if scope != "this" and own["series_id"]:
        which, parameters = "b.series_id = $2", [own["series_id"]]
        if scope == "later":
            which, parameters = f"{which} AND b.starts_at >= $3", [*parameters, own["starts_at"]]
    found = await db.rows(
        "SELECT b.*, o.location_id, l.hub_id FROM room_booking b JOIN room o ON o.id = b.room_id"
        " JOIN location l ON l.id = o.location_id"
        f" WHERE b.ends_at > $1 AND b.state IN ('requested', 'confirmed') AND b.kind IN ('partner', 'hub') AND {which}"
        " ORDER BY b.starts_at, b.id",
        clock.now(),
        *parameters,
    )
    if not found:
        raise Refused([GONE])
    return found


async def lock(bookings: list[dict[str, Any]], *rooms: UUID) -> list[dict[str, Any]]:
    """Locks their rooms and these others, then the bookings; returns those that still are as they were read.

    Raises Refused when one of them was moved or ended meanwhile: whoever asked has seen something that is no longer so.
    """
    facts = await facts_of([*(booking["room_id"] for booking in bookings), *rooms])
    await holding.lock_rooms(leaf for room in facts.values() for leaf in room.leaves)
    ids = [booking["id"] for booking in bookings]
    locked = " ORDER BY id FOR UPDATE" if db.is_postgres() else ""
    now = {
        row["id"]: row
        for row in await db.rows(
            f"SELECT id, room_id, starts_at, ends_at, state FROM room_booking WHERE id IN {db.in_list(ids)}{locked}",
            *ids,
        )
    }
    for booking in bookings:
        if any(now[booking["id"]][name] != booking[name] for name in ("room_id", "starts_at", "ends_at", "state")):
            raise Refused([Problem("Somebody changed this booking a moment ago. Look again.", rule="changed")])
    return bookings


def is_late(booking: dict[str, Any], notice_hours: int) -> bool:
    """Whether the room's notice time for this booking has begun."""
    return (booking["starts_at"] - clock.now()).total_seconds() < notice_hours * 3600


def may_change(booking: dict[str, Any], by: Who, as_partner: bool) -> bool:
    """A partner its own, staff those of their hubs. Pages answer 404 before; verbs look once more."""
    if as_partner:
        return booking["organisation_id"] in by.organisation_ids
    return by.may_act_at(booking["hub_id"])
