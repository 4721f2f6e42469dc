"""Missing dates of a series: filling one, and telling the booker when what stood in the way has gone."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.places import holding
from booking.places.asking import Ask, Wished
from booking.places.booking_rooms import REQUEST_HELD, rate_of
from booking.places.holding import hold_for
from booking.places.rooms import facts_of
from booking.places.series_scope import NOT_THERE, may_change
from booking.places.telling_partners import tell
from booking.places.working_out import WRONG_TIME, Line, World, look, problems_of_the_whole, work_out
from booking.problems import Problem, Refused

NOT_MISSING = Problem("This date is not missing any more.", rule="not missing")
AT_ONCE = 1000


async def preview_fill(
    *,
    room_booking_id: UUID,
    by: Who,
    as_partner: bool = False,
    room_id: UUID | None = None,
    start: str | None = None,
    end: str | None = None,
    override: str = "",
) -> Line:
    """Whether the missing date could be had now, in its own room and time or in others. Writes nothing.

    Raises Refused when it is not missing, or not theirs.
    """
    booking = await _missing(room_booking_id, by, as_partner)
    return (await _line(booking, by, as_partner, room_id, start, end, override))[0]


async def fill(
    *,
    room_booking_id: UUID,
    by: Who,
    as_partner: bool = False,
    room_id: UUID | None = None,
    start: str | None = None,
    end: str | None = None,
    override: str = "",
) -> Line:
    """Takes the room for a missing date. Raises Refused with the Problems when it still cannot be had."""

    async def body() -> Line:
        booking = await _missing(room_booking_id, by, as_partner)
        line, world = await _line(booking, by, as_partner, room_id, start, end, override, is_locking=True)
        blocking = [p for p in [*problems_of_the_whole([line]), *line.problems] if p.level == "blocks"]
        if blocking:
            raise Refused(dict.fromkeys(blocking))
        await _write(booking, line, world)
        await audit.record(
            "fill date", about_kind="room_booking", about_id=booking["id"], by=by, hub_id=booking["hub_id"], why=override,
            before={"state": "missing"}, after={"state": "requested" if line.state == "request" else "confirmed"},
        )  # fmt: skip
        if booking["organisation_id"]:
            await tell("room_requested" if line.state == "request" else "room_confirmed", bookings=[booking["id"]])
        return line

    return await db.run_tx(body)


async def _missing(room_booking_id: UUID, by: Who, as_partner: bool) -> dict[str, Any]:
    booking = await db.row(
        "SELECT b.*, l.hub_id FROM room_booking b JOIN room o ON o.id = b.room_id JOIN location l ON l.id = o.location_id"
        " WHERE b.id = $1",
        room_booking_id,
    )
    if booking is None or not may_change(booking, by, as_partner):
        raise Refused([NOT_THERE])
    if booking["state"] != "missing":
        raise Refused([NOT_MISSING])
    return booking


async def _line(
    booking: dict[str, Any],
    by: Who,
    as_partner: bool,
    room_id: UUID | None,
    start: str | None,
    end: str | None,
    override: str = "",
    *,
    is_locking: bool = False,
) -> tuple[Line, World]:
    day = clock.local(booking["starts_at"]).date()
    starts_at = clock.at(day, start) if start else booking["starts_at"]
    ends_at = clock.at(day, end) if end else booking["ends_at"]
    if ends_at <= starts_at:
        raise Refused([WRONG_TIME])
    ask = Ask(
        room_id or booking["room_id"],
        "00:00",
        "23:59",
        day=day,
        organisation_id=booking["organisation_id"],
        as_partner=as_partner,
        people=booking["people"],
        layout=booking["layout"],
        keyholder_id=booking["keyholder_id"],
        second_person=booking["second_person"],
        override=override,
    )
    world = await look(ask, [day], by)
    if is_locking:
        await holding.lock_rooms(world.rooms[ask.room_id].leaves)
        await _still_missing(booking["id"])
    wish = Wished(day, day, ask.room_id, starts_at, ends_at)
    return (await work_out(ask, [wish], world))[0], world


async def _still_missing(room_booking_id: UUID) -> None:
    """Locks it: of two who fill the same date at once one is told."""
    lock = " FOR UPDATE" if db.is_postgres() else ""
    if await db.value(f"SELECT state FROM room_booking WHERE id = $1{lock}", room_booking_id) != "missing":
        raise Refused([NOT_MISSING])


async def _write(booking: dict[str, Any], line: Line, world: World) -> None:
    is_request, room = line.state == "request", world.rooms[line.room_id]
    await db.execute(
        "UPDATE room_booking SET room_id = $2, starts_at = $3, ends_at = $4, state = $5, hold_until_at = $6, why = $7,"
        " is_out_of_hours = $8, rate_pence = $9, sequence = sequence + 1 WHERE id = $1",
        booking["id"],
        line.room_id,
        line.starts_at,
        line.ends_at,
        "requested" if is_request else "confirmed",
        min(clock.now() + REQUEST_HELD, line.starts_at) if is_request else None,
        " ".join(line.why)[:300] if is_request else "",
        line.is_out_of_hours,
        booking["rate_pence"] if room.id == booking["room_id"] else rate_of(world, room),
    )
    await holding.take([hold_for(booking["id"], room, line.starts_at, line.ends_at)])


async def offer_free_dates() -> int:
    """A job: tells partners’ bookers of missing dates that could be had now, once for each date and one message for each
    series.

    Returns how many dates were offered. Nothing is held: whoever fills it first has it.
    """
    free: dict[UUID, list[UUID]] = defaultdict(list)
    after = clock.now() + timedelta(hours=1), UUID(int=0)
    while waiting := await _waiting_after(*after):
        for booking in await _with_a_free_room(waiting):
            if await _is_free(booking):
                free[booking["series_id"] or booking["id"]].append(booking["id"])
        after = waiting[-1]["starts_at"], waiting[-1]["id"]
    for some in free.values():
        await db.run_tx(lambda some=some: _offer(some))
    return sum(len(some) for some in free.values())


async def _waiting_after(starts_at: datetime, id: UUID) -> list[dict[str, Any]]:
    """The next missing dates in order that nobody has been told of."""
    return await db.rows(
        "SELECT * FROM room_booking WHERE state = 'missing' AND offered_at IS NULL"
        " AND starts_at >= $1 AND (starts_at, id) > ($1, $2)"
        f" AND organisation_id IS NOT NULL AND booked_by_id IS NOT NULL ORDER BY starts_at, id LIMIT {AT_ONCE}",
        starts_at,
        id,
    )


async def _with_a_free_room(bookings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those whose room nobody holds then: most are still taken, and this asks for all of them at once."""
    rooms = await facts_of(booking["room_id"] for booking in bookings)
    holds = [hold_for(b["id"], rooms[b["room_id"]], b["starts_at"], b["ends_at"]) for b in bookings]
    taken = await holding.in_the_way(holds)
    return [booking for n, booking in enumerate(bookings) if n not in taken]


async def _is_free(booking: dict[str, Any]) -> bool:
    """By the booker's own rules: what they could book now by themselves."""
    asks = Who(booking["booked_by_id"], "", None, "", "", "", frozenset(), frozenset())
    line, _ = await _line(booking, asks, booking["organisation_id"] is not None, None, None, None)
    return line.is_to_be_had and not any(p.level == "blocks" for p in problems_of_the_whole([line]))


async def _offer(ids: list[UUID]) -> None:
    marked = await db.rows(
        "UPDATE room_booking SET offered_at = $1 WHERE state = 'missing' AND offered_at IS NULL"
        f" AND id IN {db.in_list(ids, 2)} RETURNING id",
        clock.now(),
        *ids,
    )
    if marked:
        await tell("room_date_free", bookings=[row["id"] for row in marked])
