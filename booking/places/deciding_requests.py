"""Deciding about requests: confirm them, if the room is still to be had, or decline them with a reason.

Everything is looked at again at that moment. Of two people who confirm two clashing requests at once one wins and the
other is told.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.places import clashes, holding
from booking.places.clashes import Case
from booking.places.closing import cover_again
from booking.places.holding import hold_for
from booking.places.opening import Opening
from booking.places.rooms import RoomFacts, facts_of
from booking.places.telling_partners import tell
from booking.places.using_rooms import without_keys
from booking.places.working_out import NO_KEYS, partner_facts
from booking.problems import Problem, Refused

NO_REASON = Problem("Say why. The partner reads it.", "why", rule="missing")
NOT_WAITING = Problem("Somebody has decided about this already.", rule="decided")
STILL = (clashes.not_in_use, clashes.terms, clashes.agreement, clashes.insurance)
"""Rules that may have come to bind after it was asked for."""
NO_KEYHOLDER = Problem("This is out of hours: name a keyholder first.", "keyholder", rule="keyholder")


@dataclass(frozen=True, slots=True)
class Decided:
    """confirmed are the ids that now have the room; refused are those that could not be confirmed, and why."""

    confirmed: tuple[UUID, ...]
    refused: tuple[tuple[UUID, Problem], ...]


async def approve(*, room_booking_ids: Sequence[UUID], by: Who, keyholder_id: UUID | None = None) -> Decided:
    """Confirms those requests for which the room is to be had; one transaction, one message for each series or booking.

    `keyholder_id` is put to those out of hours that name nobody who has keys today. Where the room, the agreement or the
    insurance ends before the date, as we know it now, it is refused: staff can still change the booking, with a reason.
    Raises Refused when none of them waits for a decision of this person any more.
    """

    async def body() -> Decided:
        bookings, rooms = await _waiting(room_booking_ids, by)
        if keyholder_id and not await _has_keys(keyholder_id, bookings, rooms):
            raise Refused([NO_KEYS])
        lacking = await without_keys(bookings)
        refused = [(b["id"], NO_KEYHOLDER) for b in bookings if b["id"] in lacking and not keyholder_id]
        refused += await _ended([b for b in bookings if b["id"] not in lacking or keyholder_id], rooms)
        kept = {id for id, _ in refused}
        confirmed, clashing = await _hold(bookings=[b for b in bookings if b["id"] not in kept], rooms=rooms)
        refused += clashing
        if confirmed:
            await _forget_keyholder([id for id in confirmed if id in lacking])
            await _mark(confirmed, "confirmed", by, "", keyholder_id)
        await _record_and_tell("approve room", "room_confirmed", [b for b in bookings if b["id"] in confirmed], by, "")
        return Decided(tuple(confirmed), tuple(refused))

    return await db.run_tx(body)


async def decline(*, room_booking_ids: Sequence[UUID], by: Who, why: str) -> list[UUID]:
    """Declines requests, gives their rooms back and tells the partner why; returns the ids.

    Raises Refused without a reason, or when none of them waits any more.
    """
    why = " ".join(why.split())
    if not why:
        raise Refused([NO_REASON])

    async def body() -> list[UUID]:
        bookings, _ = await _waiting(room_booking_ids, by)
        ids = [booking["id"] for booking in bookings]
        await cover_again(ids)
        await _mark(ids, "declined", by, why, None)
        await _record_and_tell("decline room", "room_declined", bookings, by, why)
        return ids

    return await db.run_tx(body)


async def _waiting(room_booking_ids: Sequence[UUID], by: Who) -> tuple[list[dict[str, Any]], dict[UUID, RoomFacts]]:
    """The requests among these that this person may decide about, locked after their rooms."""
    ids = sorted(set(room_booking_ids))
    if not ids:
        raise Refused([NOT_WAITING])
    found = await db.rows(f"SELECT DISTINCT room_id FROM room_booking WHERE id IN {db.in_list(ids)}", *ids)
    rooms = await facts_of(row["room_id"] for row in found)
    await holding.lock_rooms(leaf for room in rooms.values() for leaf in room.leaves)
    lock = " FOR UPDATE" if db.is_postgres() else ""
    bookings = await db.rows(
        f"SELECT * FROM room_booking WHERE id IN {db.in_list(ids, 2)} AND state = 'requested' AND starts_at > $1"
        f" ORDER BY id{lock}",
        clock.now(),
        *ids,
    )
    bookings = [
        b | {"hub_id": rooms[b["room_id"]].hub_id, "location_id": rooms[b["room_id"]].location_id}
        for b in sorted(bookings, key=lambda b: b["starts_at"])
        if b["room_id"] in rooms and by.may_act_at(rooms[b["room_id"]].hub_id)
    ]
    if not bookings:
        raise Refused([NOT_WAITING])
    return bookings, rooms


async def _has_keys(keyholder_id: UUID, bookings: Sequence[dict[str, Any]], rooms: dict[UUID, RoomFacts]) -> bool:
    """Whether they have keys to every one of these places, as the hub's own or the partner's keyholder."""
    found = await db.row(
        "SELECT location_id, organisation_id FROM keyholder WHERE id = $1 AND ended_at IS NULL", keyholder_id
    )
    return found is not None and all(
        rooms[booking["room_id"]].location_id == found["location_id"]
        and found["organisation_id"] in (None, booking["organisation_id"])
        for booking in bookings
    )


async def _ended(bookings: Sequence[dict[str, Any]], rooms: Mapping[UUID, RoomFacts]) -> list[tuple[UUID, Problem]]:
    """Those whose room or partner will no longer be there on the day, and why."""
    ids = sorted({booking["organisation_id"] for booking in bookings if booking["organisation_id"]})
    found = await db.rows(f"SELECT * FROM organisation WHERE id IN {db.in_list(ids)}", *ids) if ids else []
    partners = {row["id"]: partner_facts(row) for row in found}
    problems = []
    for booking in bookings:
        times = booking["starts_at"], booking["ends_at"]
        case = Case(rooms[booking["room_id"]], *times, Opening(), clock.now(), partners.get(booking["organisation_id"]))
        problems += [(booking["id"], problem) for problem in clashes.problems_of(case, STILL)[:1]]
    return problems


async def _forget_keyholder(ids: Sequence[UUID]) -> None:
    """Whoever was named has no keys to the place, or no longer; the one of the decision takes their place."""
    if ids:
        await db.execute(f"UPDATE room_booking SET keyholder_id = NULL WHERE id IN {db.in_list(ids)}", *ids)


async def _hold(
    *, bookings: list[dict[str, Any]], rooms: dict[UUID, RoomFacts]
) -> tuple[list[UUID], list[tuple[UUID, Problem]]]:
    """Those that hold the room still, or can take it again after their time was up; and the others."""
    held = {hold.room_booking_id for hold in await holding.holds_of(b["id"] for b in bookings)}
    confirmed: list[UUID] = []
    refused: list[tuple[UUID, Problem]] = []
    for booking in bookings:
        is_lapsed = booking["hold_until_at"] and booking["hold_until_at"] <= clock.now()
        problem = await _take_again(booking, rooms) if is_lapsed or booking["id"] not in held else None
        if problem:
            refused.append((booking["id"], problem))
        else:
            confirmed.append(booking["id"])
    return confirmed, refused


async def _take_again(booking: dict[str, Any], rooms: dict[UUID, RoomFacts]) -> Problem | None:
    hold = hold_for(booking["id"], rooms[booking["room_id"]], booking["starts_at"], booking["ends_at"])
    taken = await holding.in_the_way([hold], besides=[booking["id"]])
    if taken:
        return await holding.refusal(hold, taken[0][0])
    await holding.let_go([booking["id"]])
    await db.execute("UPDATE room_booking SET hold_until_at = NULL WHERE id = $1", booking["id"])
    await holding.take([hold])
    return None


async def _mark(ids: Sequence[UUID], state: str, by: Who, why: str, keyholder_id: UUID | None) -> None:
    await db.execute(
        "UPDATE room_booking SET state = $1, decided_at = $2, decided_by_id = $3, why = $4, hold_until_at = NULL,"
        " keyholder_id = CASE WHEN is_out_of_hours THEN COALESCE(keyholder_id, $5) ELSE keyholder_id END,"
        f" sequence = sequence + 1 WHERE id IN {db.in_list(ids, 6)}",
        state,
        clock.now(),
        by.id,
        why[:300],
        keyholder_id,
        *ids,
    )


async def _record_and_tell(verb: str, kind: Any, bookings: Sequence[dict[str, Any]], by: Who, why: str) -> None:
    """One event and one message for each booking or series."""
    together: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for booking in bookings:
        together[booking["series_id"] or booking["id"]].append(booking)
    for about_id, some in together.items():
        is_series = some[0]["series_id"] is not None
        await audit.record(
            verb,
            about_kind="room_series" if is_series else "room_booking",
            about_id=about_id,
            by=by,
            hub_id=some[0]["hub_id"],
            why=why,
            before={"state": "requested"},
            after={"dates": len(some)},
        )
        if some[0]["organisation_id"]:
            await tell(kind, bookings=[booking["id"] for booking in some], why=why)
