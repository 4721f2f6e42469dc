"""What a room is made of changes: everything to come is held anew on the new parts, in the same transaction.

Rooms are locked first, old parts and new ones; so whoever takes a room at this moment sees the parts as they are then
(holding.take looks again). What is past stays held as it was.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places import closing, holding
from booking.places.holding import REPARTED, Hold
from booking.places.rooms import RoomFacts, facts_of
from booking.problems import Problem, Refused
from booking.words import clock_time, short_day

PRIVATE = "Private booking"
CONFLICTS = "{count} bookings to come would be in the way of each other. Move or cancel them first."
ONE_CONFLICT = "A booking to come would be in the way. Move or cancel it first."

Parts = dict[UUID, tuple[UUID, ...]]
"""The rooms held for each room: its parts, or itself."""


@dataclass(frozen=True, slots=True)
class Use:
    """A booking to come. `href` is empty and `what` says nothing where whoever asks may not know."""

    id: UUID
    what: str
    room: str
    when: str
    href: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two bookings that could not both stay; or one that could not, then `other` is None."""

    use: Use
    other: Use | None = None


class Blocked(Refused):
    """Bookings to come stand in the way; carries which."""

    def __init__(self, conflicts: Sequence[Conflict]):
        self.conflicts = tuple(conflicts)
        count = len(self.conflicts)
        words = ONE_CONFLICT if count == 1 else CONFLICTS.format(count=count)
        super().__init__([Problem(words, rule="conflict")])


async def wholes_with(room_id: UUID) -> list[UUID]:
    """The divisible rooms of which this is a part."""
    found = await db.rows("SELECT whole_id FROM room_part WHERE part_id = $1 ORDER BY whole_id", room_id)
    return [row["whole_id"] for row in found]


async def change_parts(room: RoomFacts, part_ids: Sequence[UUID], *, by: Who, within: Sequence[UUID] = ()) -> int:
    """Makes the room one of these parts (none: held by itself), and puts them in its place in every room of which it is
    itself a part. Returns how many bookings to come are held anew. In the caller's transaction.

    `within` are other rooms that have all the parts of this one: the room itself takes their place there.

    Raises Blocked, and Refused when the room changed while it was being locked.
    """
    before, after = await _parts(room, part_ids, within)
    await holding.lock_rooms({*before, *_leaves(before), *_leaves(after)})
    if before[room.id] != room.leaves or await _parts(room, part_ids, within) != (before, after):
        raise Refused([REPARTED])
    uses = await _uses_to_come(before)
    await _write(after)
    ids = {use["id"] for use in uses}
    await holding.let_go(ids)
    wanted = [Hold(use["id"], after[use["room_id"]], use["starts_at"], use["ends_at"], use["room_id"]) for use in uses]
    closures = await closing.make_way(wanted)
    ways = await holding.in_the_way(wanted)
    if ways:
        pairs = {(wanted[n].room_booking_id, taken.room_booking_id) for n, those in ways.items() for taken in those}
        raise Blocked(await _conflicts(pairs, by))
    await holding.take(wanted)
    await _follow(room.location_id, closures)
    return len(ids)


async def _parts(room: RoomFacts, part_ids: Sequence[UUID], within: Sequence[UUID]) -> tuple[Parts, Parts]:
    """The room and every whole it is in: what is held for each before and after."""
    rooms = await facts_of([room.id, *await wholes_with(room.id), *within])
    before = {each.id: each.leaves for each in rooms.values()}
    new = tuple(sorted(part_ids)) or (room.id,)
    gone = {*room.leaves, room.id} - set(new)
    after = {whole_id: tuple(sorted({*leaves, *new} - gone)) for whole_id, leaves in before.items()}
    return before, after


def _leaves(parts: Mapping[UUID, Sequence[UUID]]) -> set[UUID]:
    return {leaf for leaves in parts.values() for leaf in leaves}


async def _uses_to_come(before: Parts) -> list[dict[str, Any]]:
    """What these rooms are booked for and hold, closures left out: id, room_id, starts_at and ends_at of the hold."""
    leaves, rooms = sorted(_leaves(before)), sorted(before)
    return await db.rows(
        "SELECT DISTINCT b.id, b.room_id, h.starts_at, h.ends_at FROM room_hold h JOIN room_booking b ON"
        f" b.id = h.room_booking_id WHERE h.ends_at > $1 AND b.kind <> 'closure' AND h.room_id IN {db.in_list(leaves, 2)}"
        f" AND b.room_id IN {db.in_list(rooms, 2 + len(leaves))} ORDER BY h.starts_at, b.id",
        clock.now(),
        *leaves,
        *rooms,
    )


async def _write(after: Parts) -> None:
    wholes = sorted(after)
    await db.execute(f"DELETE FROM room_part WHERE whole_id IN {db.in_list(wholes)}", *wholes)
    lines = [(db.new_id(), whole, leaf) for whole, leaves in after.items() for leaf in leaves if leaf != whole]
    await db.insert_many("room_part", ("id", "whole_id", "part_id"), lines)


async def _follow(location_id: UUID, gave_way: Sequence[dict[str, Any]]) -> None:
    """Closures to come hold the rooms as they are now."""
    for closure in await closing.closures_to_come(location_id):
        wanted = set(await closing.leaves_of(location_id, closure["room_id"]))
        held = {
            row["room_id"]: row["id"]
            for row in await db.rows("SELECT id, room_id FROM room_booking WHERE closure_id = $1", closure["id"])
        }
        await _give_up([booking_id for room_id, booking_id in held.items() if room_id not in wanted])
        await closing.lay(closure, wanted - held.keys())
    for closure in gave_way:
        await closing.lay(closure, closure["leaves"])


async def _give_up(closure_bookings: Sequence[UUID]) -> None:
    """A closure no longer holds these rooms; what is past stays."""
    if not closure_bookings:
        return
    now, some = clock.now(), list(closure_bookings)
    await holding.let_go(some, after=now)
    await db.execute(
        f"UPDATE room_booking SET closure_id = NULL, state = 'cancelled' WHERE id IN {db.in_list(some)}", *some
    )


async def uses_of(room_ids: Sequence[UUID], by: Who) -> list[Use]:
    """Bookings to come of these very rooms that hold something."""
    found = await _uses_to_come(dict((await _leaves_of(room_ids)).items()))
    described = await _described({row["id"] for row in found}, by)
    return [described[id] for id in dict.fromkeys(row["id"] for row in found)]


async def _leaves_of(room_ids: Sequence[UUID]) -> Parts:
    return {room.id: room.leaves for room in (await facts_of(room_ids)).values()}


async def _conflicts(pairs: Collection[tuple[UUID, UUID]], by: Who) -> list[Conflict]:
    described = await _described({each for pair in pairs for each in pair}, by)
    return sorted(
        (Conflict(described[one], described[other]) for one, other in pairs),
        key=lambda each: (each.use.starts_at, str(each)),
    )


async def _described(ids: Collection[UUID], by: Who) -> dict[UUID, Use]:
    found: list[dict[str, Any]] = []
    everything = sorted(ids)
    for first in range(0, len(everything), 500):
        some = everything[first : first + 500]
        found += await db.rows(
            "SELECT b.id, b.title, b.is_private, b.starts_at, b.ends_at, o.name AS room_name,"
            " CASE WHEN r.is_restricted THEN s.hub_id ELSE l.hub_id END AS hub_id,"
            " (l.is_restricted OR l.kind = 'restricted' OR COALESCE(r.is_restricted, l.is_restricted)) AS is_restricted,"
            " g.name AS organisation_name, s.id AS session_id, r.title AS run_title FROM room_booking b"
            " JOIN room o ON o.id = b.room_id JOIN location l ON l.id = o.location_id"
            " LEFT JOIN organisation g ON g.id = b.organisation_id LEFT JOIN session s ON s.room_booking_id = b.id"
            f" LEFT JOIN run r ON r.id = s.run_id WHERE b.id IN {db.in_list(some)}",
            *some,
        )
    return {row["id"]: _use(row, by) for row in found}


def _use(row: dict[str, Any], by: Who) -> Use:
    may_know = by.works_at(row["hub_id"]) or not (row["is_private"] or row["is_restricted"])
    words = ", ".join(part for part in (row["run_title"] or row["title"], row["organisation_name"]) if part)
    href = f"/staff/sessions/{row['session_id']}" if row["session_id"] else f"/staff/rooms/bookings/{row['id']}"
    return Use(
        row["id"],
        (words or "Booking") if may_know else PRIVATE,
        row["room_name"],
        _when(row["starts_at"], row["ends_at"]),
        href if may_know else "",
        row["starts_at"],
    )


def _when(starts_at: datetime, ends_at: datetime) -> str:
    return f"{short_day(clock.local(starts_at).date())}, {clock_time(starts_at)} to {clock_time(ends_at)}"
