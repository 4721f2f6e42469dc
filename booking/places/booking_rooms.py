"""Booking a room: for one date or a series, by a partner or by staff. The preview is the same work without the writing.

All dates are seen before anything is saved. Of a series the dates that can be had are booked, those left out are kept with
their reason, and those that clash stay as `missing`, to be filled later.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.places import holding
from booking.places.asking import Ask, Wished, wishes
from booking.places.holding import hold_for
from booking.places.models import RoomSeries
from booking.places.rooms import RoomFacts
from booking.places.telling_partners import tell
from booking.places.term_calendar import TermCalendar
from booking.places.term_calendars import calendar_of_room
from booking.places.working_out import (
    WRONG_TIME,
    Line,
    World,
    look,
    look_again,
    minutes_left,
    problems_of_the_whole,
    work_out,
)
from booking.problems import Problem, Refused

REQUEST_HELD = timedelta(days=7)
"""How long a request holds the room; after that it stays a request, but others may take the room."""
NOTHING_TO_HAVE = Problem("None of these dates can be had. Choose another time, room or day.", rule="no date")
NO_DATES = Problem("This gives no date at all. Check the first and the last day.", "until", rule="no date")
CHANGED = "{n} of the dates you saw as free {was} taken meanwhile. Nothing was saved. Look again."
TOO_MANY = Problem("This is more than 120 dates. Choose an earlier last day.", "until", rule="too many")
MOST_DATES = 120
COLUMNS = (
    "id", "room_id", "kind", "organisation_id", "starts_at", "ends_at", "state", "series_id", "title", "notes", "is_private",
    "people", "layout", "cost_code", "rate_pence", "booked_by_id", "created_at", "hold_until_at", "why", "is_out_of_hours",
    "keyholder_id", "second_person",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """What booking it would do. minutes of all dates to be had; minutes_left of the allowance after that."""

    ask: Ask
    room: RoomFacts
    rooms: dict[UUID, RoomFacts]
    lines: tuple[Line, ...]
    problems: list[Problem]
    minutes: int
    minutes_left: int | None

    @property
    def can_be_saved(self) -> bool:
        return not any(problem.level == "blocks" for problem in self.problems) and any(
            line.is_to_be_had for line in self.lines
        )

    @property
    def is_request(self) -> bool:
        return any(line.state == "request" for line in self.lines)

    def of_state(self, *states: str) -> list[Line]:
        return [line for line in self.lines if line.state in states]


@dataclass(frozen=True, slots=True)
class Booked:
    """booking_ids are those that hold the room, in order of their dates."""

    series_id: UUID | None
    booking_ids: tuple[UUID, ...]
    state: Literal["confirmed", "requested", "mixed"]
    missing: tuple[date, ...] = ()
    skipped: tuple[date, ...] = ()


async def preview(ask: Ask, *, by: Who) -> Preview:
    """Every date with what becomes of it; nothing is written. Raises Refused when no such room or partner is there."""
    wished, world = await _read(ask, by)
    return _as_preview(ask, world, await work_out(ask, wished, world))


async def book(ask: Ask, *, by: Who, agreed: Iterable[date] | None = None) -> Booked:
    """Books it, or asks for it where the rules say that staff decide. One transaction, joined if there is one.

    `agreed` are the dates (in the rule) that the reader saw as to be had: if one of them cannot be had any more, nothing is
    saved. Raises Refused with the Problems when it cannot be saved.
    """

    async def body() -> Booked:
        wished, world = await _read(ask, by)
        await holding.lock_rooms(leaf for room in world.rooms.values() for leaf in room.leaves)
        world = await look_again(ask, world, [wish.day for wish in wished])
        found = _as_preview(ask, world, await work_out(ask, wished, world))
        _refuse(found, agreed)
        return await _write(found, world, by)

    return await db.run_tx(body)


async def _read(ask: Ask, by: Who) -> tuple[list[Wished], World]:
    wished = wishes(ask, await calendar_of_room(ask.room_id) if ask.rule else TermCalendar(""))
    if not wished:
        raise Refused([NO_DATES])
    if len(wished) > MOST_DATES:
        raise Refused([TOO_MANY])
    if any(wish.ends_at <= wish.starts_at for wish in wished):  # the spring night turns 01:30 and 02:15 round
        raise Refused([WRONG_TIME])
    return wished, await look(ask, [wish.day for wish in wished], by)


def _as_preview(ask: Ask, world: World, lines: list[Line]) -> Preview:
    return Preview(
        ask=ask,
        room=world.rooms[ask.room_id],
        rooms=dict(world.rooms),
        lines=tuple(lines),
        problems=problems_of_the_whole(lines),
        minutes=sum(line.minutes for line in lines if line.is_to_be_had),
        minutes_left=minutes_left(world, lines),
    )


def _refuse(found: Preview, agreed: Iterable[date] | None) -> None:
    blocking = [problem for problem in found.problems if problem.level == "blocks"]
    if blocking:
        raise Refused(blocking)
    to_be_had = {line.of for line in found.lines if line.is_to_be_had}
    lost = set(agreed or ()) - to_be_had
    if lost and to_be_had:
        words = CHANGED.format(n=len(lost), was="was" if len(lost) == 1 else "were")
        raise Refused([Problem(words, rule="changed")])
    if not to_be_had:
        raise Refused(_why_nothing(found.lines))


def _why_nothing(lines: Sequence[Line]) -> list[Problem]:
    """For one date its own Problems; for a series that all of it is gone, and the first reason."""
    blocking = [problem for line in lines for problem in line.problems if problem.level == "blocks"]
    if len(lines) == 1 and blocking:
        return blocking
    return [NOTHING_TO_HAVE, *blocking[:1]]


async def _write(found: Preview, world: World, by: Who) -> Booked:
    ask, now = found.ask, clock.now()
    series_id = await _write_series(found, by, now) if ask.rule else None
    booker_id = await _booker(ask, by)
    rows = {line.of: _row(line, found, world, series_id, booker_id, now) for line in found.lines}
    await insert_bookings(list(rows.values()))
    had = [line for line in found.lines if line.is_to_be_had]
    await holding.take(
        [hold_for(rows[line.of]["id"], found.rooms[line.room_id], line.starts_at, line.ends_at) for line in had]
    )
    ids = tuple(rows[line.of]["id"] for line in had)
    booked = Booked(
        series_id,
        ids,
        _state_of(had),
        tuple(line.of for line in found.lines if line.state == "clash"),
        tuple(line.of for line in found.lines if line.state == "skipped"),
    )
    await _record(found, booked, by)
    if ask.organisation_id:
        kind = "room_requested" if booked.state == "requested" else "room_confirmed"
        await tell(kind, bookings=[row["id"] for row in rows.values()])
    return booked


def _state_of(had: Sequence[Line]) -> Literal["confirmed", "requested", "mixed"]:
    states = {line.state for line in had}
    return "mixed" if len(states) > 1 else "requested" if states == {"request"} else "confirmed"


async def _write_series(found: Preview, by: Who, now: datetime) -> UUID:
    ask, rule = found.ask, found.ask.rule
    assert rule is not None
    last = rule.last_date or found.lines[-1].of
    series = RoomSeries(
        room_id=ask.room_id,
        organisation_id=ask.organisation_id,
        booked_by_id=await _booker(ask, by),
        title=ask.title,
        weekday=rule.weekday,
        start_time=ask.start,
        end_time=ask.end,
        frequency=rule.frequency,
        nth=rule.nth,
        first_date=rule.first_date,
        last_date=last,
        is_term_time_only=rule.term_time_only,
        created_at=now,
    )
    await db.write_new([series])
    return series.id


async def _booker(ask: Ask, by: Who) -> UUID | None:
    """Who is told: the partner's booker who asks; when staff book for a partner the booker they name, else its first."""
    if ask.as_partner or not ask.organisation_id:
        return by.id
    return await db.value(
        "SELECT r.person_id FROM role r JOIN person p ON p.id = r.person_id WHERE r.organisation_id = $1"
        " AND r.kind = 'partner' ORDER BY CASE WHEN r.person_id = $2 THEN 0 ELSE 1 END, p.created_at LIMIT 1",
        ask.organisation_id,
        ask.booker_id or ask.organisation_id,
    )


def _row(
    line: Line, found: Preview, world: World, series_id: UUID | None, booker_id: UUID | None, now: datetime
) -> dict[str, Any]:
    ask, room = found.ask, found.rooms[line.room_id]
    state = {"free": "confirmed", "request": "requested", "skipped": "skipped", "clash": "missing"}[line.state]
    return {
        "id": db.new_id(),
        "room_id": line.room_id,
        "kind": "partner" if ask.organisation_id else "hub",
        "organisation_id": ask.organisation_id,
        "starts_at": line.starts_at,
        "ends_at": line.ends_at,
        "state": state,
        "series_id": series_id,
        "title": ask.title,
        "notes": ask.notes,
        "is_private": ask.is_private,
        "people": ask.people,
        "layout": ask.layout,
        "cost_code": ask.cost_code,
        "rate_pence": rate_of(world, room),
        "booked_by_id": booker_id,
        "created_at": now,
        "hold_until_at": min(now + REQUEST_HELD, line.starts_at) if state == "requested" else None,
        "why": (ask.override if state == "confirmed" else " ".join(line.why))[:300],
        "is_out_of_hours": line.is_out_of_hours,
        "keyholder_id": ask.keyholder_id if line.is_out_of_hours and world.keys_to == room.location_id else None,
        "second_person": ask.second_person if line.is_out_of_hours else "",
    }


def rate_of(world: World, room: RoomFacts) -> int:
    """Pence an hour: what was agreed with the partner, else the room's own. Our own use costs nothing."""
    if world.organisation is None:
        return 0
    agreed = world.organisation["rate_pence"]
    return room.rate_pence if agreed is None else agreed


async def insert_bookings(rows: Sequence[dict[str, Any]]) -> None:
    """Writes room bookings in one statement for each hundred."""
    for first in range(0, len(rows), 100):
        some = rows[first : first + 100]
        width = len(COLUMNS)
        places = ",".join(
            "(" + ",".join(f"${n * width + column + 1}" for column in range(width)) + ")" for n in range(len(some))
        )
        await db.execute(
            f"INSERT INTO room_booking ({', '.join(COLUMNS)}) VALUES {places}",
            *(row[column] for row in some for column in COLUMNS),
        )


async def _record(found: Preview, booked: Booked, by: Who) -> None:
    ask = found.ask
    await audit.record(
        "book room" if booked.state == "confirmed" else "ask for room",
        about_kind="room_series" if booked.series_id else "room_booking",
        about_id=booked.series_id or booked.booking_ids[0],
        by=by,
        hub_id=found.room.hub_id,
        why=ask.override,
        after={
            "room": str(ask.room_id),
            "state": booked.state,
            "dates": len(booked.booking_ids),
            "missing": len(booked.missing),
            "skipped": len(booked.skipped),
        },
    )
