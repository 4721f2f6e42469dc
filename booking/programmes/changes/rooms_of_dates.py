"""The rooms of several dates at once: looked at with the rules, let go, taken, and put back when a change is undone.

All rooms are let go before any is taken, so that dates of one run can change places. The caller has locked the rooms.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places import closing
from booking.places.asking import Ask, Wished
from booking.places.freeing_rooms import refuse_if_no_more
from booking.places.holding import Hold, hold_for, holds_of, in_the_way, let_go, refusal, take
from booking.places.models import RoomBooking
from booking.places.rooms import RoomFacts
from booking.places.working_out import Line, look, work_out
from booking.problems import Problem, Refused
from booking.words import short_day


@dataclass(frozen=True, slots=True)
class Beyond:
    """What staff say where a room is wanted beyond its rules or hours."""

    keyholder_id: UUID | None = None
    second_person: str = ""
    override: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A room for one session. booking_id is its room booking, None where it never had one."""

    session_id: UUID
    room: RoomFacts
    day: date
    starts_at: datetime
    ends_at: datetime
    booking_id: UUID | None = None


async def look_at(
    wanted: Sequence[Wanted], beyond: Beyond, by: Who, *, besides: Iterable[UUID] = ()
) -> dict[UUID, Line]:
    """What the rules say of each room then, by session. Room bookings in `besides` are let go, so they are not in the way."""
    if not wanted:
        return {}
    ask = Ask(
        room_id=wanted[0].room.id, start="00:00", end="23:59", day=wanted[0].day, keyholder_id=beyond.keyholder_id,
        second_person=beyond.second_person, override=beyond.override,
    )  # fmt: skip
    world = await look(ask, [each.day for each in wanted], by, {each.room.id for each in wanted})
    wished = [Wished(each.day, each.day, each.room.id, each.starts_at, each.ends_at) for each in wanted]
    lines = await work_out(ask, wished, world, besides=besides)
    return {each.session_id: line for each, line in zip(wanted, lines, strict=True)}


def refusals(wanted: Sequence[Wanted], lines: Mapping[UUID, Line]) -> list[Problem]:
    """Why rooms cannot be had; with the day before it where there are several dates."""
    found = []
    for each in wanted:
        for problem in lines[each.session_id].problems:
            if problem.level == "blocks":
                words = problem.words if len(wanted) == 1 else f"{short_day(each.day)}: {problem.words}"
                found.append(Problem(words, problem.field, rule=problem.rule))
    return found


async def change_rooms(
    wanted: Sequence[Wanted], freed: Iterable[UUID], lines: Mapping[UUID, Line], beyond: Beyond
) -> dict[UUID, UUID]:
    """Frees the room bookings of `freed` and takes what is wanted; returns the room booking of each session."""
    freed = sorted(set(freed))
    moved = [each.booking_id for each in wanted if each.booking_id]
    times = await closing.times_of([*freed, *moved])
    await let_go([*freed, *moved])
    await db.execute(
        f"UPDATE room_booking SET state = 'cancelled', sequence = sequence + 1 WHERE id IN {db.in_list(freed)}", *freed
    )
    found = {each.session_id: await _written(each, lines[each.session_id], beyond) for each in wanted}
    await take([hold_for(found[each.session_id], each.room, each.starts_at, each.ends_at) for each in wanted])
    await closing.cover(times)  # they may have been kept in spite of a closure
    return found


async def _written(wanted: Wanted, line: Line, beyond: Beyond) -> UUID:
    """The session's room booking goes with it; one that had none gets one."""
    is_out = line.is_out_of_hours
    keyholder_id, second = (beyond.keyholder_id, beyond.second_person) if is_out else (None, "")
    if wanted.booking_id is None:
        new = RoomBooking(
            room_id=wanted.room.id, kind="session", starts_at=wanted.starts_at, ends_at=wanted.ends_at,
            state="confirmed", created_at=clock.now(), series_id=None, closure_id=None, is_out_of_hours=is_out,
            keyholder_id=keyholder_id, second_person=second, sequence=1,
        )  # fmt: skip
        await db.write_new([new])
        return new.id
    await db.execute(
        "UPDATE room_booking SET room_id = $2, starts_at = $3, ends_at = $4, is_out_of_hours = $5, keyholder_id = $6,"
        " second_person = $7, state = 'confirmed', sequence = sequence + 1 WHERE id = $1",
        wanted.booking_id, wanted.room.id, wanted.starts_at, wanted.ends_at, is_out, keyholder_id, second,
    )  # fmt: skip
    return wanted.booking_id


async def as_they_are(booking_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Room bookings and what they hold as plain JSON, by id, for `put_back`."""
    ids = sorted(set(booking_ids))
    rows = await db.rows(
        "SELECT id, room_id, starts_at, ends_at, state, is_out_of_hours, keyholder_id, second_person FROM room_booking"
        f" WHERE id IN {db.in_list(ids)}",
        *ids,
    )
    held: dict[UUID, list[dict[str, str]]] = defaultdict(list)
    for hold in await holds_of(ids):
        for leaf in hold.leaves:
            held[hold.room_booking_id].append(
                {"room": str(leaf), "from": hold.starts_at.isoformat(), "to": hold.ends_at.isoformat()}
            )
    return {
        row["id"]: {
            "id": str(row["id"]), "room": str(row["room_id"]), "state": row["state"], "holds": held[row["id"]],
            "from": row["starts_at"].isoformat(), "to": row["ends_at"].isoformat(),
            "is_out_of_hours": bool(row["is_out_of_hours"]), "second_person": row["second_person"] or "",
            "keyholder": str(row["keyholder_id"]) if row["keyholder_id"] else "",
        }
        for row in rows
    }  # fmt: skip


def stored_holds(stored: Mapping[str, Any]) -> list[Hold]:
    """What a room booking held: all rooms of one time together, so that `take` sees whether its room has the same parts."""
    rooms: dict[tuple[str, str], list[UUID]] = defaultdict(list)
    for each in stored["holds"]:
        rooms[each["from"], each["to"]].append(UUID(each["room"]))
    return [
        Hold(UUID(stored["id"]), tuple(sorted(leaves)), *map(datetime.fromisoformat, times), UUID(stored["room"]))
        for times, leaves in rooms.items()
    ]


async def put_back(stored: Sequence[Mapping[str, Any]], new: Iterable[UUID], changed_at: datetime) -> None:
    """These room bookings are as they were; those in `new`, which came with the change, end. Closures that came after the
    change do not give way: whoever closed the place did not see the session there. Raises Refused when a room is taken."""
    new = sorted(set(new))
    times = await closing.times_of([*new, *(UUID(each["id"]) for each in stored)])
    await let_go([*new, *(UUID(each["id"]) for each in stored)])
    await db.execute(f"UPDATE room_booking SET state = 'cancelled' WHERE id IN {db.in_list(new)}", *new)
    holds = [hold for each in stored for hold in stored_holds(each)]
    await refuse_if_no_more(each.of_room_id for each in holds if each.of_room_id)
    gave_way = await closing.make_way(holds, laid_before=changed_at)
    clashes = await in_the_way(holds)
    if clashes:
        raise Refused([await refusal(holds[n], clashes[n][0]) for n in sorted(clashes)])
    for each in stored:
        await _restore(each)
    await take(holds)
    for closure in gave_way:
        await closing.lay(closure, closure["leaves"])
    await closing.cover(times)


async def _restore(stored: Mapping[str, Any]) -> None:
    await db.execute(
        "UPDATE room_booking SET room_id = $2, starts_at = $3, ends_at = $4, is_out_of_hours = $5, keyholder_id = $6,"
        " second_person = $7, state = $8, sequence = sequence + 1 WHERE id = $1",
        UUID(stored["id"]), UUID(stored["room"]), datetime.fromisoformat(stored["from"]),
        datetime.fromisoformat(stored["to"]), stored["is_out_of_hours"],
        UUID(stored["keyholder"]) if stored["keyholder"] else None, stored["second_person"], stored["state"],
    )  # fmt: skip
