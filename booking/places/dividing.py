"""Divisible rooms: one is divided into parts, or several are joined to one; and back again.

A room that has parts is held by holding all of them, so bookings to come are held anew; where two could not both stay, the
verb refuses and names them. There is no undo of ten minutes: each verb has one that takes it back (divide and undivide, join and
unjoin, parts set back to what they were), and that one, too, looks first at what has been booked meanwhile.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.looking import look
from booking.people.signing_in import Who
from booking.places.changing_parts import Blocked, Conflict, change_parts, uses_of, wholes_with
from booking.places.models import Room
from booking.places.rooms import RoomFacts, facts_of, facts_of_one, rooms_of_location
from booking.problems import Problem, Refused
from booking.slugs import free_slug, slug_of

LARGEST = 5000
NOT_THERE = Problem("There is no such room.", rule="unknown")
TOO_FEW = Problem("Choose at least two rooms.", "parts", rule="too few")
ITSELF = Problem("A room cannot be a part of itself.", "parts", rule="itself")
ELSEWHERE = Problem("All the rooms must be in the same building.", "parts", rule="elsewhere")
HAS_PARTS = "{name} has parts itself. Choose those instead."
SAME = Problem("That is how it is already.", "parts", rule="same")
DIVIDED = Problem("It has parts already. Change them instead.", rule="divided")
WHOLE = Problem("It has no parts.", rule="whole")
NO_NAME = Problem("Give every room a name.", "name", rule="missing")
NO_CAPACITY = Problem(f"How many people fit in? A number from 1 to {LARGEST}.", "capacity", rule="unreadable")
TWICE = "There is a room “{name}” here already. Give this one another name."
SHARED = "{name} is also a part of another room. Take it out there first."
COPIED = (
    "location_id", "kind", "features", "setup_minutes", "clear_minutes", "is_partner_bookable", "approval", "notice_hours",
    "longest_minutes", "furthest_days", "override_by", "rate_pence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewRoom:
    """A room to be made: a part of one that is divided, or the whole of some that are joined."""

    name: str
    capacity: int


@dataclass(frozen=True, slots=True)
class Divided:
    """What became of a room: what it is made of before and after, by name; the rooms that were made or ended, and how many
    bookings to come are held anew. conflicts is only for previews."""

    room_id: UUID
    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    made: tuple[UUID, ...] = ()
    ended: tuple[str, ...] = ()
    moved: int = 0
    conflicts: tuple[Conflict, ...] = ()


async def preview(verb: Callable[..., Awaitable[Divided]], **values: Any) -> Divided:
    """What the verb would do; changes nothing. Conflicts are in the answer; any other refusal is raised."""
    try:
        return await look(lambda: verb(**values))
    except Blocked as blocked:
        return Divided(values.get("room_id") or db.new_id(), "", (), (), conflicts=blocked.conflicts)


async def set_parts(*, room_id: UUID, part_ids: Sequence[UUID], by: Who) -> Divided:
    """Says which rooms are the parts of this one; a part may be in several rooms. Raises Blocked and Refused."""

    async def body() -> Divided:
        room = await _room(room_id, by)
        parts = await _parts(room, part_ids)
        if {part.id for part in parts} == set(room.leaves):
            raise Refused([SAME])
        return await _change(room, parts, "set room parts", by)

    return await db.run_tx(body)


async def divide(*, room_id: UUID, parts: Sequence[NewRoom], by: Who) -> Divided:
    """Makes new rooms that are the parts of this one, with its features and rules. Raises Blocked and Refused."""

    async def body() -> Divided:
        room = await _room(room_id, by)
        problems = await _wrong(room, parts) + ([DIVIDED] if room.leaves != (room.id,) else [])
        if len(parts) < 2:
            problems.append(TOO_FEW)
        if problems:
            raise Refused(problems)
        made = [await _make(room, part) for part in parts]
        done = await _change(room, list((await facts_of(made)).values()), "divide room", by)
        return replace(done, made=tuple(made))

    return await db.run_tx(body)


async def join(*, room_ids: Sequence[UUID], new: NewRoom, by: Who) -> Divided:
    """Makes a room that is all of these together; they stay bookable one by one. Raises Refused."""

    async def body() -> Divided:
        rooms = list((await facts_of(room_ids)).values())
        if len(rooms) < 2:
            raise Refused([TOO_FEW])
        first = await _room(rooms[0].id, by)
        leaves = {leaf for room in rooms for leaf in room.leaves}
        problems = await _wrong(first, [new])
        if any(room.location_id != first.location_id for room in rooms):
            problems.append(ELSEWHERE)
        there = [room for room in await _in_use(first.location_id) if set(room.leaves) == leaves]
        problems += [Problem(f"These are joined already: {room.name}.", "parts", rule="same") for room in there]
        if problems:
            raise Refused(problems)
        features = "; ".join(sorted(frozenset.intersection(*(room.features for room in rooms))))
        longest = {name: max(getattr(room, name) for room in rooms) for name in ("setup_minutes", "clear_minutes")}
        for_partners = all(room.is_partner_bookable for room in rooms)
        made = await _make(first, new, features=features, is_partner_bookable=for_partners, **longest)
        whole = await _room(made, by)
        done = await _change(whole, list((await facts_of(leaves)).values()), "join rooms", by)
        return replace(done, made=(made,))

    return await db.run_tx(body)


async def undivide(*, room_id: UUID, by: Who) -> Divided:
    """It is one room again and its parts are no more. Raises Blocked while they are booked, and Refused when one of them
    is a part of another room too."""

    async def body() -> Divided:
        room, parts = await _with_parts(room_id, by)
        others = await facts_of({each for part in parts for each in await wholes_with(part.id)} - {room.id})
        larger = [each.id for each in others.values() if set(each.leaves) > set(room.leaves)]
        shared = [part for part in parts if set(await wholes_with(part.id)) - {room.id, *larger}]
        if shared:
            raise Refused(Problem(SHARED.format(name=part.name), rule="shared") for part in shared)
        return await _take_apart(room, parts, [part.id for part in parts], "undivide room", by, larger)

    return await db.run_tx(body)


async def unjoin(*, room_id: UUID, by: Who) -> Divided:
    """The rooms are no longer joined: the whole is no more, its parts stay. Raises Blocked while it is booked."""

    async def body() -> Divided:
        room, parts = await _with_parts(room_id, by)
        return await _take_apart(room, parts, [room.id], "unjoin rooms", by)

    return await db.run_tx(body)


async def _take_apart(
    room: RoomFacts, parts: Sequence[RoomFacts], ending: Sequence[UUID], verb: str, by: Who, within: Sequence[UUID] = ()
) -> Divided:
    """The locks come first, with the change of parts; what is booked is looked at behind them."""
    done = await _change(room, [], verb, by, within)
    uses = await uses_of(ending, by)
    if uses:
        raise Blocked([Conflict(use) for use in uses])
    yesterday = clock.today() - timedelta(days=1)
    await db.execute(f"UPDATE room SET valid_to_date = $1 WHERE id IN {db.in_list(ending, 2)}", yesterday, *ending)
    return replace(done, ended=tuple(sorted(each.name for each in (room, *parts) if each.id in ending)))


async def _change(
    room: RoomFacts, parts: Sequence[RoomFacts], verb: str, by: Who, within: Sequence[UUID] = ()
) -> Divided:
    before = tuple(each.name for each in (await facts_of(room.leaves)).values() if each.id != room.id)
    moved = await change_parts(room, [part.id for part in parts], by=by, within=within)
    after = tuple(sorted(part.name for part in parts))
    await audit.record(
        verb, about_kind="room", about_id=room.id, by=by, hub_id=room.hub_id,
        before={"parts": ", ".join(sorted(before)), "part_ids": [str(leaf) for leaf in room.leaves if leaf != room.id]},
        after={"parts": ", ".join(after), "part_ids": [str(part.id) for part in parts], "moved": moved},
    )  # fmt: skip
    return Divided(room.id, room.name, tuple(sorted(before)), after, moved=moved)


async def _room(room_id: UUID, by: Who) -> RoomFacts:
    room = await facts_of_one(room_id)
    if room is None or not by.manages(room.hub_id):
        raise Refused([NOT_THERE])
    return room


async def _with_parts(room_id: UUID, by: Who) -> tuple[RoomFacts, list[RoomFacts]]:
    room = await _room(room_id, by)
    if room.leaves == (room.id,):
        raise Refused([WHOLE])
    return room, list((await facts_of(room.leaves)).values())


async def _parts(room: RoomFacts, part_ids: Sequence[UUID]) -> list[RoomFacts]:
    """The chosen rooms. Raises Refused when they cannot be parts of this one."""
    parts = list((await facts_of(part_ids)).values())
    if any(part.location_id != room.location_id for part in parts):
        raise Refused([ELSEWHERE])
    problems = [TOO_FEW] if len(parts) < 2 else []
    problems += [ITSELF] if room.id in part_ids else []
    problems += [
        Problem(HAS_PARTS.format(name=part.name), "parts", rule="has parts") for part in parts
        if part.leaves != (part.id,) and part.id != room.id
    ]  # fmt: skip
    if problems:
        raise Refused(problems)
    return parts


async def _wrong(room: RoomFacts, new: Sequence[NewRoom]) -> list[Problem]:
    there = {each.name.casefold() for each in await _in_use(room.location_id)}
    problems: list[Problem] = []
    for n, each in enumerate(new):
        name, beside = each.name.strip(), f"-{n}" if n else ""
        if not name:
            problems.append(replace(NO_NAME, field=f"name{beside}"))
        elif name.casefold() in there:
            problems.append(Problem(TWICE.format(name=name), f"name{beside}", rule="twice"))
        if not 1 <= each.capacity <= LARGEST:
            problems.append(replace(NO_CAPACITY, field=f"capacity{beside}"))
        there.add(name.casefold())
    return problems


async def _in_use(location_id: UUID) -> list[RoomFacts]:
    today = clock.today()
    return [room for room in await rooms_of_location(location_id) if room.valid_to is None or room.valid_to >= today]


async def _make(like: RoomFacts, new: NewRoom, **values: Any) -> UUID:
    copied = {name: getattr(like, name) for name in COPIED} | {"features": "; ".join(sorted(like.features))}
    name = new.name.strip()[:120]
    code = f"{like.code[:40]}-{slug_of(name, longest=15) or 'part'}"
    taken = {
        row["code"] for row in await db.rows("SELECT code FROM room WHERE code >= $1 AND code < $2", code, code + "~")
    }
    room = Room(name=name, code=free_slug(code, taken), capacity=new.capacity, **(copied | values))
    await db.write_new([room])
    return room.id
