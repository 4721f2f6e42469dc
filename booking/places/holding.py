"""The one door to `room_hold`: every use of a room, whatever it is for, takes and gives it back here (promise P1).

The rooms' rows are locked first, in the order of their ids; then one statement looks for overlaps, and one writes. Behind that the
database refuses an overlap by itself. Only rooms without parts are held; a divisible room is held by holding its parts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import clock, db
from booking.guards import ROOM_OVERLAP
from booking.places.rooms import RoomFacts, parts_of
from booking.problems import Problem, Refused
from booking.words import clock_time, short_day

LONGEST = timedelta(hours=26)
"""No hold is longer (a CHECK sees to it), so nobody need look further back for what may overlap."""
AT_ONCE = 100
REPARTED = Problem(
    "This room was divided or joined with another a moment ago. Nothing was saved. Look again for what is free.",
    rule="room taken",
)
TAKEN = "{room} is taken on {day} from {start} to {end}. Choose another time or room."


@dataclass(frozen=True, slots=True)
class Hold:
    """Rooms wanted or held from one instant to another, half open, for one room booking. `leaves` have no parts; they
    are those of the room `of_room_id`, where it is known."""

    room_booking_id: UUID
    leaves: tuple[UUID, ...]
    starts_at: datetime
    ends_at: datetime
    of_room_id: UUID | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """What stands in the way: a hold that is there, and the use it is for."""

    room_id: UUID
    starts_at: datetime
    ends_at: datetime
    room_booking_id: UUID
    kind: str
    state: str


def hold_for(room_booking_id: UUID, room: RoomFacts, starts_at: datetime, ends_at: datetime) -> Hold:
    """What a use of the room from starts_at to ends_at takes: its parts, set-up and clearing included."""
    return Hold(room_booking_id, room.leaves, *room.held(starts_at, ends_at), room.id)


async def lock_rooms(room_ids: Iterable[UUID]) -> None:
    """Locks rooms in the order of their ids, before bookings, sessions and all else. In a transaction.

    A divisible room's parts are what is locked for it; the caller names them (`RoomFacts.leaves`). NO KEY, because a new
    room booking refers to its room: it must not wait for who has locked it, or the two could wait for each other.
    """
    rooms = sorted(set(room_ids))
    if rooms and db.is_postgres():
        await db.rows(f"SELECT id FROM room WHERE id IN {db.in_list(rooms)} ORDER BY id FOR NO KEY UPDATE", *rooms)


async def in_the_way(holds: Sequence[Hold], *, besides: Iterable[UUID] = ()) -> dict[int, list[Taken]]:
    """By their place in the list, the holds that overlap each wanted one; touching is no overlap. A statement for every
    hundred rooms and times.

    Holds of the room bookings in `besides` do not count (they are being moved), nor do those of requests that have
    been held for long enough (`hold_until_at` is past).
    """
    wanted = [(n, leaf, hold) for n, hold in enumerate(holds) for leaf in hold.leaves]
    ignored = set(besides)
    found: dict[int, list[Taken]] = {}
    for first in range(0, len(wanted), AT_ONCE):
        for row in await _overlapping(wanted[first : first + AT_ONCE]):
            if row["room_booking_id"] not in ignored:
                taken = Taken(**{name: row[name] for name in Taken.__slots__})
                found.setdefault(row["n"], []).append(taken)
    return found


async def _overlapping(wanted: Sequence[tuple[int, UUID, Hold]]) -> list[dict[str, Any]]:
    now = clock.now()
    parameters: list[Any] = [now]
    lines = []
    for n, leaf, hold in wanted:
        at = len(parameters)
        lines.append(
            f"SELECT {n} AS n, h.room_id, h.starts_at, h.ends_at, h.room_booking_id, b.kind, b.state"
            " FROM room_hold h JOIN room_booking b ON b.id = h.room_booking_id"
            f" WHERE h.room_id = ${at + 1} AND h.starts_at > ${at + 2} AND h.starts_at < ${at + 3} AND h.ends_at > ${at + 4}"
            " AND NOT (b.state = 'requested' AND b.hold_until_at IS NOT NULL AND b.hold_until_at <= $1)"
        )
        parameters += [leaf, hold.starts_at - LONGEST, hold.ends_at, hold.starts_at]
    return await db.rows(" UNION ALL ".join(lines), *parameters) if lines else []


async def hold(holds: Sequence[Hold]) -> None:
    """Takes all of them or, with Refused (rule "room taken"), none. In the caller's transaction.

    Locks the rooms; whoever holds other locks already must have locked these before (`lock_rooms`).
    """
    await lock_rooms(leaf for each in holds for leaf in each.leaves)
    clashes = await in_the_way(holds)
    if clashes:
        raise Refused([await refusal(holds[n], clashes[n][0]) for n in sorted(clashes)])
    await take(holds)


async def take(holds: Sequence[Hold]) -> None:
    """Writes holds that the caller, having locked the rooms, has found free. Raises Refused all the same when the
    database finds an overlap, or when a room has other parts than it had before it was locked."""
    await _check_parts(holds)
    await _let_lapsed_go(holds)
    lines = [
        (db.new_id(), each.room_booking_id, leaf, each.starts_at, each.ends_at)
        for each in holds
        for leaf in each.leaves
    ]
    try:
        await _insert(lines)
    except IntegrityError as error:
        if ROOM_OVERLAP not in db.broken_guard(error):
            raise
        words = "The room was taken a moment ago. Nothing was saved. Look again for what is free."
        raise Refused([Problem(words, rule="room taken")]) from error


async def _insert(lines: Sequence[Sequence[Any]]) -> None:
    """In as few statements as may be: round trips are what costs."""
    for first in range(0, len(lines), 1000):
        some = lines[first : first + 1000]
        places = ",".join(f"(${n},${n + 1},${n + 2},${n + 3},${n + 4})" for n in range(1, 5 * len(some), 5))
        await db.execute(
            f"INSERT INTO room_hold (id, room_booking_id, room_id, starts_at, ends_at) VALUES {places}",
            *(value for line in some for value in line),
        )


async def _check_parts(holds: Sequence[Hold]) -> None:
    """Dividing and joining lock the rooms like everybody; so what is read of parts now, with the locks, stands."""
    rooms = {each.of_room_id: each.leaves for each in holds if each.of_room_id}
    leaves = {leaf for each in holds for leaf in each.leaves}
    parts = await parts_of(sorted({*rooms, *leaves}))
    is_stale = any(set(known) != set(parts.get(room_id, (room_id,))) for room_id, known in rooms.items())
    if is_stale or parts.keys() & leaves:
        raise Refused([REPARTED])


async def _let_lapsed_go(holds: Sequence[Hold]) -> None:
    """Requests that were held for long enough stay requests but hold nothing any more."""
    leaves = sorted({leaf for each in holds for leaf in each.leaves})
    if not leaves:
        return
    await db.execute(
        "DELETE FROM room_hold WHERE room_booking_id IN (SELECT id FROM room_booking WHERE state = 'requested'"
        f" AND hold_until_at <= $1) AND room_id IN {db.in_list(leaves, 2)}",
        clock.now(),
        *leaves,
    )


async def let_go(room_booking_ids: Iterable[UUID], *, after: datetime | None = None) -> None:
    """Gives back all that these room bookings hold, or what of it ends after an instant. In the caller's transaction."""
    ids = sorted(set(room_booking_ids))
    what = " AND ends_at > $1" if after else ""
    for first in range(0, len(ids), 500):
        some = ids[first : first + 500]
        listed = db.in_list(some, 2 if after else 1)
        await db.execute(
            f"DELETE FROM room_hold WHERE room_booking_id IN {listed}{what}", *([after] if after else []), *some
        )


async def holds_of(room_booking_ids: Iterable[UUID]) -> list[Hold]:
    """What these room bookings hold, one for each room and interval."""
    ids = sorted(set(room_booking_ids))
    if not ids:
        return []
    found = await db.rows(
        "SELECT room_booking_id, room_id, starts_at, ends_at FROM room_hold"
        f" WHERE room_booking_id IN {db.in_list(ids)} ORDER BY room_id, starts_at",
        *ids,
    )
    return [Hold(row["room_booking_id"], (row["room_id"],), row["starts_at"], row["ends_at"]) for row in found]


async def taken_from(room_ids: Iterable[UUID], instant: datetime) -> list[dict[str, Any]]:
    """Every hold on these rooms that ends after an instant, as rows: room_id, starts_at, ends_at, room_booking_id, kind.
    For an import, which looks at so many dates that asking for each would take longer."""
    rooms = sorted(set(room_ids))
    if not rooms:
        return []
    return await db.rows(
        "SELECT h.room_id, h.starts_at, h.ends_at, h.room_booking_id, b.kind FROM room_hold h"
        " JOIN room_booking b ON b.id = h.room_booking_id WHERE h.starts_at > $1 AND h.ends_at > $2"
        " AND NOT (b.state = 'requested' AND b.hold_until_at IS NOT NULL AND b.hold_until_at <= $3)"
        f" AND h.room_id IN {db.in_list(rooms, 4)}",
        instant - LONGEST,
        instant,
        clock.now(),
        *rooms,
    )


async def refusal(wanted: Hold, taken: Taken) -> Problem:
    """Why it cannot be had, without a word about whose it is."""
    name = await db.value("SELECT name FROM room WHERE id = $1", taken.room_id)
    words = TAKEN.format(
        room=name,
        day=short_day(clock.local(taken.starts_at).date()),
        start=clock_time(taken.starts_at),
        end=clock_time(taken.ends_at),
    )
    return Problem(words, rule="room taken")
