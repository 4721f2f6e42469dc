"""Bookings that lose their room because its place is closed: partners are offered another one, kept for them; taking it back.

In the caller's transaction, with all rooms locked. An offer is a swap without a use of the hub's own (answering_swaps.py): the
partner takes it with one click, as any other.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places import closing, holding
from booking.places.freeing_rooms import hold_again
from booking.places.holding import Hold, hold_for
from booking.places.models import RoomBooking, RoomSwap
from booking.places.rooms import RoomFacts, facts_of
from booking.places.swapping import KEPT_FOR, NO_ROOM
from booking.places.telling_partners import tell
from booking.problems import Refused

NONE_FREE = "We have no other room for you at that time"

Row = dict[str, Any]


async def end(booking_ids: Sequence[UUID], *, reason: str, by: Who) -> list[Row]:
    """Bookings of partners are displaced, the hub's own cancelled and requests declined; returns what `bring_back` needs of
    each, as plain JSON."""
    ids = list(booking_ids)
    if not ids:
        return []
    holds: dict[UUID, list[Hold]] = {}
    for hold in await holding.holds_of(ids):
        holds.setdefault(hold.room_booking_id, []).append(hold)
    rows = await db.rows(
        "SELECT id, state, why, organisation_id, decided_at, decided_by_id FROM room_booking"
        f" WHERE id IN {db.in_list(ids)} ORDER BY id",
        *ids,
    )
    await closing.cover_again(ids)
    await db.execute(
        "UPDATE room_booking SET state = CASE WHEN state = 'requested' THEN 'declined' WHEN kind = 'partner' THEN"
        " 'displaced' ELSE 'cancelled' END, why = $1, decided_at = $2, decided_by_id = $3, sequence = sequence + 1"
        f" WHERE id IN {db.in_list(ids, 4)}",
        reason, clock.now(), by.id, *ids,
    )  # fmt: skip
    return [_stored(row, holds.get(row["id"], [])) for row in rows]


def _stored(row: Row, holds: Sequence[Hold]) -> Row:
    return {
        "id": str(row["id"]),
        "state": row["state"],
        "why": row["why"],
        "is_partner": bool(row["organisation_id"]),
        "decided_at": row["decided_at"] and row["decided_at"].isoformat(),
        "decided_by": row["decided_by_id"] and str(row["decided_by_id"]),
        "holds": [
            {"room": str(hold.leaves[0]), "from": hold.starts_at.isoformat(), "to": hold.ends_at.isoformat()}
            for hold in holds
        ],
    }


async def offer(rooms: Mapping[UUID, UUID], *, reason: str, by: Who) -> dict[UUID, UUID]:
    """Keeps a room for each displaced booking (booking -> room) for two days, or until it would begin; returns the swaps.

    Raises Refused when one is taken, too small, or not one that who asks may offer.
    """
    if not rooms:
        return {}
    facts, swaps = await facts_of(rooms.values()), {}
    bookings = await db.rows(f"SELECT * FROM room_booking WHERE id IN {db.in_list(list(rooms))} ORDER BY id", *rooms)
    for booking in bookings:
        room = facts.get(rooms[booking["id"]])
        if room is None or room.is_restricted or not by.may_act_at(room.hub_id) or not room.is_partner_bookable:
            raise Refused([NO_ROOM])
        swaps[booking["id"]] = await _keep(room, booking, reason)
    return swaps


async def _keep(room: RoomFacts, booking: Row, reason: str) -> UUID:
    now = clock.now()
    until = min(now + KEPT_FOR, booking["starts_at"])
    kept = RoomBooking(
        room_id=room.id, kind="swap", starts_at=booking["starts_at"], ends_at=booking["ends_at"], state="confirmed",
        created_at=now, series_id=None, closure_id=None, hold_until_at=until,
    )  # fmt: skip
    swap = RoomSwap(
        room_booking_id=booking["id"], kept_booking_id=kept.id, for_booking_id=None, reason=reason[:300], state="open",
        token=secrets.token_urlsafe(16), answer_by_at=until, created_at=now,
    )  # fmt: skip
    await db.write_new([kept, swap])
    await holding.hold([hold_for(kept.id, room, kept.starts_at, kept.ends_at)])
    return swap.id


async def tell_all(
    ended: Sequence[Row], swaps: Mapping[UUID, UUID], *, reason: str, batch_id: UUID, due_at: datetime
) -> None:
    """One message for each booking that is offered another room, one for each other booking or series."""
    partners = {UUID(each["id"]): each["state"] for each in ended if each["is_partner"]}
    for booking_id, swap_id in swaps.items():
        await tell(
            "room_displaced", bookings=[booking_id], why=reason, batch_id=batch_id, due_at=due_at, swap_id=swap_id
        )
    for kind, state in (("room_displaced", "confirmed"), ("room_declined", "requested")):
        ids = [each for each, was in partners.items() if was == state and each not in swaps]
        why = f"{reason.rstrip('.')}. {NONE_FREE}" if kind == "room_displaced" else reason
        if ids:
            await tell(kind, bookings=ids, why=why, batch_id=batch_id, due_at=due_at)


async def take_offers_back(swap_ids: Sequence[UUID], *, is_known: bool) -> None:
    """The rooms kept are free again. Who was told of an offer finds it withdrawn; of others nothing is left. What a partner
    has taken meanwhile stays as it is."""
    if not swap_ids:
        return
    rows = await db.rows(
        "SELECT id, kept_booking_id FROM room_swap WHERE state IN ('open', 'refused', 'lapsed')"
        f" AND id IN {db.in_list(swap_ids)} ORDER BY id",
        *swap_ids,
    )
    kept, swaps = [row["kept_booking_id"] for row in rows], [row["id"] for row in rows]
    if not rows:
        return
    await closing.cover_again(kept)
    if is_known:
        await db.execute(f"UPDATE room_swap SET state = 'withdrawn' WHERE id IN {db.in_list(swaps)}", *swaps)
        await db.execute(f"UPDATE room_booking SET state = 'cancelled' WHERE id IN {db.in_list(kept)}", *kept)
    else:
        await db.execute(f"DELETE FROM room_swap WHERE id IN {db.in_list(swaps)}", *swaps)
        await db.execute(f"DELETE FROM room_booking WHERE id IN {db.in_list(kept)}", *kept)


async def bring_back(bookings: Sequence[Row], closed_at: datetime) -> list[UUID]:
    """As `end` found them, into closures that were there before, not into one that came after; returns those that are back.
    Raises Refused when a room was taken meanwhile."""
    came = []
    for each in bookings:
        back = await db.row(
            "UPDATE room_booking SET state = $2, why = $3, decided_at = $4, decided_by_id = $5, sequence = sequence + 1"
            " WHERE id = $1 AND state IN ('cancelled', 'declined', 'displaced') RETURNING id",
            UUID(each["id"]), each["state"], each["why"],
            datetime.fromisoformat(each["decided_at"]) if each["decided_at"] else None,
            UUID(each["decided_by"]) if each["decided_by"] else None,
        )  # fmt: skip
        if back:
            await hold_again([_hold(back["id"], hold) for hold in each["holds"]], laid_before=closed_at)
            came.append(back["id"])
    return came


def _hold(room_booking_id: UUID, stored: Mapping[str, str]) -> Hold:
    starts_at, ends_at = (datetime.fromisoformat(stored[name]) for name in ("from", "to"))
    return Hold(room_booking_id, (UUID(stored["room"]),), starts_at, ends_at)
