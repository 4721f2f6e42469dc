"""Closures: a location, or one room of it, is shut for a time, and the rooms are held for it like for any other use.

For each room without parts there is one RoomBooking of kind `closure`; its holds are cut at local midnights and laid around
whatever else holds the room (what was kept). The rooms are locked by the caller, first and in id order. What becomes of sessions
and bookings in the way is decided in programmes/closures/closing_places.py, which then calls `shut`.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.places import holding
from booking.places.closing_times import Span, around, by_day, span_words
from booking.places.holding import Hold, Taken
from booking.places.models import Closure, RoomBooking
from booking.places.rooms import find_rooms, parts_of
from booking.problems import Problem, Refused

REASONS = {
    "building": "Building closed",
    "election": "Election day",
    "training": "Staff training",
    "weather": "Bad weather",
    "repairs": "Repairs",
    "heating": "No heating",
    "other": "",
}
GONE = Problem("This closure is over or was taken away already.", rule="gone")
NOT_WITHIN = Problem("A closure can only be made shorter here. Close again for more.", "end", rule="not within")
MARGIN = timedelta(days=1)  # set-up and clearing never reach further

Row = dict[str, Any]
KEPT_THERE = " FOR KEY SHARE OF b"  # whoever takes the closure away waits until it has its time back, or it is not found any more


async def leaves_of(location_id: UUID, room_id: UUID | None) -> tuple[UUID, ...]:
    """The rooms without parts that closing the location, or this room of it, holds; in the order of their ids."""
    where = ("o.id = $1", room_id) if room_id else ("l.id = $1", location_id)
    rooms = await find_rooms(*where)
    return tuple(sorted({leaf for room in rooms.values() for leaf in room.leaves}))


async def shut(
    *, location_id: UUID, room_id: UUID | None, spans: Sequence[Span], reason: str, leaves: Sequence[UUID]
) -> list[UUID]:
    """Writes a closure for each span and holds these rooms for it, around what holds them already. In the caller's
    transaction, with the rooms locked; returns the closures' ids."""
    ids = []
    for starts_at, ends_at in spans:
        closure = Closure(
            location_id=location_id, room_id=room_id, starts_at=starts_at, ends_at=ends_at, reason=reason[:200]
        )
        await db.write_new([closure])
        facts = {"id": closure.id, "starts_at": starts_at, "ends_at": ends_at, "reason": closure.reason}
        await lay(facts, leaves)
        ids.append(closure.id)
    return ids


async def lay(closure: Row, leaves: Collection[UUID]) -> None:
    """Holds these rooms for the closure wherever nothing else does; what it held of them is laid anew."""
    bookings = await _bookings_of(closure, leaves)
    await holding.let_go(bookings.values())
    wanted = [
        Hold(booking_id, (leaf,), *span)
        for leaf, booking_id in bookings.items()
        for span in by_day(closure["starts_at"], closure["ends_at"])
    ]
    taken = await holding.in_the_way(wanted)
    await holding.take([piece for n, hold in enumerate(wanted) for piece in _pieces(hold, taken.get(n, ()))])


def _pieces(hold: Hold, taken: Iterable[Taken]) -> list[Hold]:
    there = [(each.starts_at, each.ends_at) for each in taken]
    return [Hold(hold.room_booking_id, hold.leaves, *span) for span in around((hold.starts_at, hold.ends_at), there)]


async def _bookings_of(closure: Row, leaves: Collection[UUID]) -> dict[UUID, UUID]:
    """The closure's room booking for each of these rooms, made where there is none."""
    there = await db.rows("SELECT id, room_id FROM room_booking WHERE closure_id = $1", closure["id"])
    found = {row["room_id"]: row["id"] for row in there if row["room_id"] in leaves}
    new = [
        RoomBooking(
            room_id=leaf, kind="closure", closure_id=closure["id"], title=closure["reason"], created_at=clock.now(),
            starts_at=closure["starts_at"], ends_at=closure["ends_at"],
        )
        for leaf in leaves if leaf not in found
    ]  # fmt: skip
    await db.write_new(new)
    return found | {booking.room_id: booking.id for booking in new}


async def cover_again(room_booking_ids: Iterable[UUID]) -> None:
    """Gives back what these room bookings hold, as holding.let_go does, and lets closures have the time that becomes free.

    Call it in place of let_go (or before it) whenever something that may have been kept in spite of a closure is cancelled
    or moved, while the rows still say which room and when. The rooms are locked. Where nothing is closed, that is all it does.
    """
    freed = await times_of(room_booking_ids)
    await holding.let_go(row["id"] for row in freed)
    await cover(freed)


async def cover(freed: Sequence[Row]) -> None:
    """The second half of cover_again, for who must take other rooms in between: `freed` is what times_of said before."""
    if freed:
        parts = await parts_of(sorted({row["room_id"] for row in freed}))
        await _cover(freed, {leaf for row in freed for leaf in parts.get(row["room_id"], (row["room_id"],))})


async def _cover(freed: Sequence[Row], leaves: Collection[UUID]) -> None:
    """Closures of these rooms about these times take what is free of them."""
    for closure in await _closures_on(freed, leaves) if freed else ():
        await lay(closure, closure["leaves"])


async def make_way(holds: Sequence[Hold], *, laid_before: datetime | None = None) -> list[Row]:
    """Closures in the way of these holds give them up, for something that is taken back; returns what `lay` needs to let
    them have the rest again, afterwards. The rooms are locked. Those laid after `laid_before` stay in the way."""
    ways = await holding.in_the_way(holds)
    ids = {each.room_booking_id for taken in ways.values() for each in taken if each.kind == "closure"}
    closures = []
    if ids:
        closures = await db.rows(
            "SELECT c.id, c.starts_at, c.ends_at, c.reason, b.room_id, b.id AS room_booking_id FROM room_booking b"
            f" JOIN closure c ON c.id = b.closure_id WHERE b.id IN {db.in_list(sorted(ids), 2)}"
            f" AND (b.created_at IS NULL OR b.created_at <= $1){KEPT_THERE if db.is_postgres() else ''}",
            laid_before or clock.now(),
            *sorted(ids),
        )
        await holding.let_go(row["room_booking_id"] for row in closures)
    return [row | {"leaves": {row["room_id"]}} for row in closures]


async def times_of(room_booking_ids: Iterable[UUID]) -> list[Row]:
    """Where and when these room bookings are."""
    ids = sorted(set(room_booking_ids))
    found: list[Row] = []
    for first in range(0, len(ids), 500):
        some = ids[first : first + 500]
        found += await db.rows(
            "SELECT b.id, b.room_id, b.starts_at, b.ends_at, o.location_id FROM room_booking b"
            f" JOIN room o ON o.id = b.room_id WHERE b.id IN {db.in_list(some)}",
            *some,
        )
    return found


async def _closures_on(bookings: Sequence[Row], leaves: Collection[UUID]) -> list[Row]:
    """Closures that hold some of these rooms about the time of these bookings; `leaves` are those rooms."""
    locations = sorted({booking["location_id"] for booking in bookings})
    found = await db.rows(
        "SELECT c.id, c.starts_at, c.ends_at, c.reason, b.room_id FROM closure c JOIN room_booking b ON"
        f" b.closure_id = c.id WHERE c.ends_at > $1 AND c.starts_at < $2 AND c.location_id IN {db.in_list(locations, 3)}"
        f" ORDER BY c.id{KEPT_THERE if db.is_postgres() else ''}",
        min(booking["starts_at"] for booking in bookings) - MARGIN,
        max(booking["ends_at"] for booking in bookings) + MARGIN,
        *locations,
    )
    closures: dict[UUID, Row] = {}
    for row in found:
        if row["room_id"] in leaves:
            closures.setdefault(row["id"], row | {"leaves": set()})["leaves"].add(row["room_id"])
    return list(closures.values())


async def reopen(*, closure_id: UUID, by: Who) -> None:
    """Ends a closure now, or takes it away if it has not begun; other closures of the same time stay. Raises Refused."""
    await _change(closure_id, by, None)


async def shorten(*, closure_id: UUID, starts_at: datetime, ends_at: datetime, by: Who) -> None:
    """Leaves of a closure only what lies between two instants within it. Raises Refused.

    There is no undo: what it lets go may be booked at once. Close again instead.
    """
    await _change(closure_id, by, (starts_at, ends_at))


async def _change(closure_id: UUID, by: Who, span: Span | None) -> None:
    async def body() -> None:
        leaves = await _lock(closure_id)
        now = clock.now()
        before = await closure_row(closure_id)
        if before is None or before["ends_at"] <= now:
            raise Refused([GONE])
        left = span or (before["starts_at"], now if before["starts_at"] < now else before["starts_at"])
        if not before["starts_at"] <= left[0] <= left[1] <= before["ends_at"]:
            raise Refused([NOT_WITHIN])
        await _leave(before, left, leaves)
        await audit.record(
            "reopen place", about_kind="location", about_id=before["location_id"], by=by, hub_id=before["hub_id"],
            before={"closed": span_words(before["starts_at"], before["ends_at"]), "reason": before["reason"]},
            after={"closed": span_words(*left) if left[0] < left[1] else "no more"},
        )  # fmt: skip

    await db.run_tx(body)


async def _lock(closure_id: UUID) -> list[UUID]:
    held = await db.rows("SELECT room_id FROM room_booking WHERE closure_id = $1", closure_id)
    leaves = sorted({row["room_id"] for row in held})
    await holding.lock_rooms(leaves)
    return leaves


async def _leave(before: Row, left: Span, leaves: Collection[UUID]) -> None:
    """Of the closure only this remains, or nothing of it."""
    starts_at, ends_at = left
    if starts_at >= ends_at:
        await take_away([before["id"]])
        return
    for table, column in (("closure", "id"), ("room_booking", "closure_id")):
        await db.execute(
            f"UPDATE {table} SET starts_at = $2, ends_at = $3 WHERE {column} = $1", before["id"], starts_at, ends_at
        )
    await lay(before | {"starts_at": starts_at, "ends_at": ends_at}, leaves)
    await _cover([before], leaves)


async def take_away(closure_ids: Sequence[UUID]) -> None:
    """As if they had never been: other closures of the same time take over. The rooms are locked, and the closures' own bookings,
    so that nobody who is about to give such a closure its time back does so once its holds are gone."""
    some = db.in_list(closure_ids)
    held = await db.rows(
        "SELECT b.id, b.room_id, b.starts_at, b.ends_at, o.location_id FROM room_booking b JOIN room o ON o.id = b.room_id"
        f" WHERE b.closure_id IN {some} ORDER BY b.id{' FOR UPDATE OF b' if db.is_postgres() else ''}",
        *closure_ids,
    )
    await holding.let_go(row["id"] for row in held)
    await db.execute(f"DELETE FROM room_booking WHERE closure_id IN {some}", *closure_ids)
    await db.execute(f"DELETE FROM closure WHERE id IN {some}", *closure_ids)
    await _cover(held, {row["room_id"] for row in held})


CLOSURES = (
    "SELECT c.id, c.location_id, c.room_id, c.starts_at, c.ends_at, c.reason, o.name AS room_name, l.hub_id FROM closure c"
    " JOIN location l ON l.id = c.location_id LEFT JOIN room o ON o.id = c.room_id"
)


async def closure_row(closure_id: UUID) -> Row | None:
    """A closure with its room's name and its hub; None when there is none."""
    return await db.row(f"{CLOSURES} WHERE c.id = $1", closure_id)


async def closures_to_come(location_id: UUID) -> list[Row]:
    """Closures of a location and its rooms that are not over, the next first."""
    return await db.rows(
        f"{CLOSURES} WHERE c.location_id = $1 AND c.ends_at > $2 ORDER BY c.starts_at, c.id", location_id, clock.now()
    )


def reason_of(choice: str, words: str) -> str:
    """What families and partners read: the chosen reason, the words, or both; empty when there is neither."""
    parts = [REASONS.get(choice, ""), " ".join(words.split())[:150]]
    return ". ".join(part.rstrip(".") for part in parts if part)
