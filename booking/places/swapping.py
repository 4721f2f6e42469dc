"""The hub's own use before a partner's: the partner is asked to take another room, which is kept for it meanwhile.

Only with notice, a reason and a room that is free. What the answer does is in answering_swaps.py. Rooms are locked first.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.places import holding
from booking.places.holding import hold_for
from booking.places.models import RoomBooking, RoomSwap
from booking.places.rooms import RoomFacts, facts_of
from booking.places.telling_partners import tell
from booking.problems import Problem, Refused
from booking.words import count_words

KEPT_FOR = timedelta(days=2)
"""So long the other room stays kept after the last day to answer, a refusal, or when the booking was displaced."""
TO_ANSWER, AT_LEAST = timedelta(days=5), timedelta(days=1)
"""How long a partner has to answer, at most and at least."""

NOT_A_PARTNERS = Problem(
    "Only a confirmed booking of a partner, still to come, can be swapped.", rule="not a partner’s"
)
NO_REASON = Problem("Say why. The partner reads it.", "why", rule="missing")
NO_ROOM = Problem("Choose another room to offer.", "room", rule="room")
ASKED = Problem("The partner has been asked about this booking already.", rule="asked")
NOT_YOURS = Problem("There is no such swap.", rule="unknown")
TOO_SOON = (
    "A partner is displaced only with {days}’ notice, and needs a day to answer. Choose another room for yourselves."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The hub's own use for which the room is needed."""

    title: str
    starts_at: datetime
    ends_at: datetime
    people: int | None = None


async def propose_swap(
    *, room_booking_id: UUID, proposed_room_id: UUID, wanted: Wanted, why: str, by: Who, notice_days: int
) -> UUID:
    """Asks the partner; returns the swap's id. The proposed room is kept at the same time, the hub's use waits.

    Raises Refused: no reason, too little notice, not a partner's booking, asked already, or the proposed room is taken.
    """
    why = " ".join(why.split())[:300]

    async def body() -> UUID:
        booking, rooms = await _partners_booking(room_booking_id, proposed_room_id, by)
        answer_by = _answer_by(booking, notice_days)
        _refuse_proposal(rooms, proposed_room_id, booking, why, by)
        own, proposed = rooms[booking["room_id"]], rooms[proposed_room_id]
        kept = _row(proposed, "swap", booking["starts_at"], booking["ends_at"], hold_until_at=answer_by + KEPT_FOR)
        waits = _row(
            own, "hub", wanted.starts_at, wanted.ends_at, state="requested", title=wanted.title, people=wanted.people,
            booked_by_id=by.id,
        )  # fmt: skip
        await _see_it_helps(waits, own, booking)
        swap = RoomSwap(
            room_booking_id=booking["id"], kept_booking_id=kept.id, for_booking_id=waits.id, reason=why, state="open",
            token=secrets.token_urlsafe(16), answer_by_at=answer_by, created_at=clock.now(),
        )  # fmt: skip
        await db.write_new([kept, waits, swap])
        await holding.hold([hold_for(kept.id, proposed, kept.starts_at, kept.ends_at)])
        await audit.record(
            "propose swap", about_kind="room_booking", about_id=booking["id"], by=by, hub_id=own.hub_id, why=why,
            after={"swap": str(swap.id), "room": str(proposed.id)},
        )  # fmt: skip
        await tell("room_swap", bookings=[booking["id"]], why=why, swap_id=swap.id)
        return swap.id

    return await db.run_tx(body)


async def _partners_booking(
    room_booking_id: UUID, proposed_room_id: UUID, by: Who
) -> tuple[dict[str, Any], dict[UUID, RoomFacts]]:
    """The booking, locked after both rooms."""
    room_id = await db.value("SELECT room_id FROM room_booking WHERE id = $1", room_booking_id)
    rooms = await facts_of(each for each in (room_id, proposed_room_id) if each)
    await holding.lock_rooms(leaf for room in rooms.values() for leaf in room.leaves)
    booking = await db.row(f"SELECT * FROM room_booking WHERE id = $1{locked()}", room_booking_id)
    if booking is None or booking["room_id"] not in rooms or not by.may_act_at(rooms[booking["room_id"]].hub_id):
        raise Refused([NOT_YOURS])
    if booking["kind"] != "partner" or booking["state"] != "confirmed" or booking["starts_at"] <= clock.now():
        raise Refused([NOT_A_PARTNERS])
    if await db.row("SELECT id FROM room_swap WHERE room_booking_id = $1 AND state = 'open'", room_booking_id):
        raise Refused([ASKED])
    return booking, rooms


def locked() -> str:
    """Ends a SELECT that locks its rows."""
    return " FOR UPDATE" if db.is_postgres() else ""


def _answer_by(booking: dict[str, Any], notice_days: int) -> datetime:
    """Within five days, by 5pm, and in time to displace it with notice if there is no answer."""
    now = clock.now()
    latest = booking["starts_at"] - timedelta(days=notice_days)
    if latest < now + AT_LEAST:
        raise Refused([Problem(TOO_SOON.format(days=count_words(notice_days, "day")), rule="notice")])
    until = min(now + TO_ANSWER, latest)
    day = clock.local(until).date()
    five = next(at for n in (0, 1) if (at := clock.at(day - timedelta(days=n), "17:00")) <= until)
    return five if five >= now + AT_LEAST else until


def _refuse_proposal(
    rooms: dict[UUID, RoomFacts], proposed_room_id: UUID, booking: dict[str, Any], why: str, by: Who
) -> None:
    proposed = rooms.get(proposed_room_id)
    problems = [] if why else [NO_REASON]
    if (
        proposed is None
        or proposed.id == booking["room_id"]
        or proposed.is_restricted
        or not by.may_act_at(proposed.hub_id)
    ):
        raise Refused([*problems, NO_ROOM])
    if (booking["people"] or 0) > proposed.capacity:
        words = (
            f"{proposed.name} takes {count_words(proposed.capacity, 'person', 'people')}, they are {booking['people']}."
        )
        problems.append(Problem(f"{words} Offer a larger room.", "room", rule="capacity"))
    if problems:
        raise Refused(problems)


def _row(room: RoomFacts, kind: str, starts_at: datetime, ends_at: datetime, **values: Any) -> RoomBooking:
    return RoomBooking(
        **{"room_id": room.id, "kind": kind, "starts_at": starts_at, "ends_at": ends_at, "state": "confirmed",
           "created_at": clock.now(), "series_id": None, "closure_id": None} | values
    )  # fmt: skip


async def _see_it_helps(waits: RoomBooking, room: RoomFacts, booking: dict[str, Any]) -> None:
    """Once the partner has gone, the room must be free for the hub's use; and it must be the partner that is in its way."""
    hold = hold_for(waits.id, room, waits.starts_at, waits.ends_at)
    others = await holding.in_the_way([hold], besides=[booking["id"]])
    if others:
        raise Refused([await holding.refusal(hold, others[0][0])])
    if not await holding.in_the_way([hold]):
        raise Refused([Problem("The room is free at that time: book it without asking anybody.", rule="free")])
