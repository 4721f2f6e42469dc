"""Changing room bookings: another room, time or day, more people; this date (the default), this and the later ones, or all.

Every date is worked out by the same rules as a new booking. Dates that would clash keep what they have, and are shown.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.places import closing, holding
from booking.places.asking import Ask, Wished
from booking.places.booking_rooms import NOTHING_TO_HAVE, REQUEST_HELD, rate_of
from booking.places.holding import hold_for
from booking.places.rooms import RoomFacts
from booking.places.series_scope import NOT_THERE, Scope, bookings_in, is_late, lock, may_change
from booking.places.telling_partners import tell
from booking.places.working_out import NO_KEYS, WRONG_TIME, Line, World, look, problems_of_the_whole, work_out
from booking.problems import Problem, Refused

TOO_LATE = "{room} needs {hours} hours’ notice, and this date is nearer. Ring us to change it."
SOME_CLASH = Problem("Some dates clash. Say that they may keep what they have, or choose something else.", rule="clash")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be different; None stays. weekday moves each date within its own week, day only one date."""

    room_id: UUID | None = None
    start: str | None = None
    end: str | None = None
    day: date | None = None
    weekday: int | None = None
    title: str | None = None
    people: int | None = None
    notes: str | None = None
    keyholder_id: UUID | None = None
    second_person: str | None = None
    is_private: bool | None = None

    @property
    def moves(self) -> bool:
        return any(x is not None for x in (self.room_id, self.start, self.end, self.day, self.weekday))


@dataclass(frozen=True, slots=True)
class Changed:
    """bookings are the rows as they were, lines what becomes of them in the same order. A line that clashes keeps what it
    has. problems are about all of them."""

    bookings: tuple[dict[str, Any], ...]
    lines: tuple[Line, ...]
    problems: list[Problem]
    rooms: dict[UUID, RoomFacts]

    @property
    def clashing(self) -> list[Line]:
        return [line for line in self.lines if line.state == "clash"]

    @property
    def can_be_saved(self) -> bool:
        return not any(problem.level == "blocks" for problem in self.problems) and len(self.clashing) < len(self.lines)


async def preview_change(
    *, room_booking_id: UUID, scope: Scope, wish: Wish, by: Who, as_partner: bool = False, override: str = ""
) -> Changed:
    """What `change` would do; nothing is written. Raises Refused when there is nothing to change."""
    bookings = await bookings_in(room_booking_id, scope)
    found, _ = await _work_out(bookings, wish, by, as_partner, override)
    return found


async def change(
    *,
    room_booking_id: UUID,
    scope: Scope,
    wish: Wish,
    by: Who,
    as_partner: bool = False,
    override: str = "",
    why: str = "",
    leave_clashing: bool = False,
) -> Changed:
    """Changes them, in one transaction. Where the rules ask for it, a changed booking becomes a request again.

    Raises Refused with the Problems: a single date that clashes; some dates of many, unless they may keep what they have
    (`leave_clashing`); a partner too near the date.
    """

    async def body() -> Changed:
        bookings = await bookings_in(room_booking_id, scope)
        await lock(bookings, *([wish.room_id] if wish.room_id else []))
        found, world = await _work_out(bookings, wish, by, as_partner, override)
        _refuse(found, leave_clashing)
        await _write(found, wish, world)
        if scope == "all" and bookings[0]["series_id"]:
            await _write_rule(bookings[0]["series_id"], wish)
        await _record(found, room_booking_id, scope, by, why or override)
        if bookings[0]["organisation_id"]:
            ids = [b["id"] for b, line in zip(found.bookings, found.lines, strict=True) if line.is_to_be_had]
            requested = all(line.state == "request" for line in found.lines if line.is_to_be_had)
            await tell("room_requested" if requested else "room_changed", bookings=ids, why=why)
        return found

    return await db.run_tx(body)


async def _work_out(
    bookings: Sequence[dict[str, Any]], wish: Wish, by: Who, as_partner: bool, override: str
) -> tuple[Changed, World]:
    if not all(may_change(booking, by, as_partner) for booking in bookings):
        raise Refused([NOT_THERE])
    wished = [_wished(booking, wish) for booking in bookings]
    if any(each.ends_at <= each.starts_at for each in wished):
        raise Refused([WRONG_TIME])
    ask = _as_ask(bookings[0], wish, as_partner, override)
    rooms = {each.room_id for each in wished} | {booking["room_id"] for booking in bookings}
    world = await look(ask, [each.day for each in wished], by, rooms)
    if wish.keyholder_id and world.keys_to not in {world.rooms[each.room_id].location_id for each in wished}:
        raise Refused([NO_KEYS])
    freed: dict[date, int] = {}
    for booking, each in zip(bookings, wished, strict=True):
        if world.rooms[booking["room_id"]].area == world.rooms[ask.room_id].area:
            freed[each.of] = freed.get(each.of, 0) + _minutes(booking)

    async def worked_out(moving: Sequence[dict[str, Any]]) -> list[Line]:
        lines = await work_out(ask, wished, world, besides=[booking["id"] for booking in moving], freed=freed)
        pairs = zip(lines, bookings, strict=True)
        return [_with_notice(line, booking, world) for line, booking in pairs] if as_partner and wish.moves else lines

    lines = await worked_out(bookings)
    if wish.moves:
        lines = await _beside_what_stays(lines, bookings, worked_out)
    else:
        lines = [_as_it_was(line, booking) for line, booking in zip(lines, bookings, strict=True)]
    return Changed(tuple(bookings), tuple(lines), problems_of_the_whole(lines), dict(world.rooms)), world


async def _beside_what_stays(
    lines: list[Line],
    bookings: Sequence[dict[str, Any]],
    worked_out: Callable[[Sequence[dict[str, Any]]], Awaitable[list[Line]]],
) -> list[Line]:
    """The same lines, but that none takes what a clashing one keeps: two dates of a series may be on one day."""
    staying: set[int] = set()
    while len(bookings) > 1 and (clashing := {n for n, line in enumerate(lines) if line.state == "clash"} - staying):
        staying |= clashing
        again = await worked_out([booking for n, booking in enumerate(bookings) if n not in staying])
        lines = [line if n in staying else again[n] for n, line in enumerate(lines)]
    return lines


def _wished(booking: dict[str, Any], wish: Wish) -> Wished:
    start, end = clock.local(booking["starts_at"]), clock.local(booking["ends_at"])
    of = start.date()
    day = wish.day or (of + timedelta(days=wish.weekday - of.weekday()) if wish.weekday is not None else of)
    return Wished(
        of,
        day,
        wish.room_id or booking["room_id"],
        clock.at(day, wish.start or f"{start:%H:%M}"),
        clock.at(day, wish.end or f"{end:%H:%M}"),
    )


def _as_ask(booking: dict[str, Any], wish: Wish, as_partner: bool, override: str) -> Ask:
    def chosen(name: str) -> Any:
        wanted = getattr(wish, name)
        return booking[name] if wanted is None else wanted

    return Ask(
        room_id=wish.room_id or booking["room_id"],
        start="00:00",
        end="23:59",
        organisation_id=booking["organisation_id"],
        as_partner=as_partner,
        people=chosen("people"),
        layout=booking["layout"],
        keyholder_id=chosen("keyholder_id"),
        second_person=chosen("second_person"),
        override=override,
    )


def _minutes(booking: dict[str, Any]) -> int:
    return round((booking["ends_at"] - booking["starts_at"]).total_seconds() / 60)


def _as_it_was(line: Line, booking: dict[str, Any]) -> Line:
    """Where only words change, no rule of time is asked again; it stays what it was."""
    state: Any = "request" if booking["state"] == "requested" else "free"
    about = tuple(problem for problem in line.problems if problem.rule == "capacity")
    return replace(line, state=state, why=tuple(problem.words for problem in about), problems=about)


def _with_notice(line: Line, booking: dict[str, Any], world: World) -> Line:
    """A partner changes nothing that is nearer than the notice of the room it has."""
    room = world.rooms[booking["room_id"]]
    if not is_late(booking, room.notice_hours):
        return line
    problem = Problem(TOO_LATE.format(room=room.name, hours=room.notice_hours), rule="notice")
    return replace(line, state="clash", why=(problem.words,), problems=(problem,))


def _refuse(found: Changed, leave_clashing: bool) -> None:
    blocking = [problem for problem in found.problems if problem.level == "blocks"]
    if blocking:
        raise Refused(blocking)
    of_lines = [problem for line in found.clashing for problem in line.problems if problem.level == "blocks"]
    if len(found.clashing) == len(found.lines):
        raise Refused(of_lines if len(found.lines) == 1 else [NOTHING_TO_HAVE, *of_lines[:1]])
    if found.clashing and not leave_clashing:
        raise Refused([SOME_CLASH, *of_lines])


async def _write(found: Changed, wish: Wish, world: World) -> None:
    pairs = [(b, line) for b, line in zip(found.bookings, found.lines, strict=True) if line.is_to_be_had]
    if wish.moves:
        freed = await closing.times_of(booking["id"] for booking, _ in pairs)
        await holding.let_go(booking["id"] for booking, _ in pairs)
        await holding.take(
            [hold_for(b["id"], world.rooms[line.room_id], line.starts_at, line.ends_at) for b, line in pairs]
        )
        await closing.cover(freed)  # they may have been kept in spite of a closure
    for booking, line in pairs:
        await _update(booking, line, wish, world)


async def _write_rule(series_id: UUID, wish: Wish) -> None:
    """All dates to come are different, so the series is: its page says so, and next term's copy starts from there. The day of
    a fortnight or a month is counted from the first date, so there the weekday stays."""
    await db.execute(
        "UPDATE room_series SET room_id = COALESCE($2, room_id), start_time = COALESCE($3, start_time),"
        " end_time = COALESCE($4, end_time), title = COALESCE($5, title),"
        " weekday = CASE WHEN frequency = 'weekly' THEN COALESCE($6, weekday) ELSE weekday END WHERE id = $1",
        series_id,
        wish.room_id,
        wish.start,
        wish.end,
        wish.title,
        wish.weekday,
    )


async def _update(booking: dict[str, Any], line: Line, wish: Wish, world: World) -> None:
    room = world.rooms[line.room_id]
    state = "requested" if line.state == "request" else "confirmed"
    held = min(clock.now() + REQUEST_HELD, line.starts_at) if state == "requested" else None
    values: dict[str, Any] = {
        "room_id": line.room_id,
        "starts_at": line.starts_at,
        "ends_at": line.ends_at,
        "state": state,
        "hold_until_at": booking["hold_until_at"] if not wish.moves else held,
        "is_out_of_hours": line.is_out_of_hours,
        "why": " ".join(line.why)[:300] if state == "requested" else booking["why"],
        "keyholder_id": _keyholder(booking, wish, room, world),
        "rate_pence": booking["rate_pence"] if room.id == booking["room_id"] else rate_of(world, room),
    }
    words = ("title", "people", "notes", "second_person", "is_private")
    values |= {name: getattr(wish, name) for name in words if getattr(wish, name) is not None}
    assignments = ", ".join(f"{column} = ${n}" for n, column in enumerate(values, start=2))
    await db.execute(
        f"UPDATE room_booking SET {assignments}, sequence = sequence + 1 WHERE id = $1", booking["id"], *values.values()
    )


def _keyholder(booking: dict[str, Any], wish: Wish, room: RoomFacts, world: World) -> UUID | None:
    """Whoever is named now, or was; nobody when the booking leaves the place to which they have keys."""
    if wish.keyholder_id and world.keys_to == room.location_id:
        return wish.keyholder_id
    return booking["keyholder_id"] if room.location_id == booking["location_id"] else None


async def _record(found: Changed, room_booking_id: UUID, scope: Scope, by: Who, why: str) -> None:
    pairs = [(b, line) for b, line in zip(found.bookings, found.lines, strict=True) if line.is_to_be_had]
    await audit.record(
        "change room booking",
        about_kind="room_booking",
        about_id=room_booking_id,
        by=by,
        hub_id=found.bookings[0]["hub_id"],
        why=why,
        before={"bookings": [_told(b["id"], b["room_id"], b["starts_at"], b["ends_at"]) for b, _ in pairs]},
        after={
            "scope": scope,
            "dates": len(pairs),
            "left": len(found.clashing),
            "bookings": [_told(b["id"], line.room_id, line.starts_at, line.ends_at) for b, line in pairs],
        },
    )


def _told(id: UUID, room_id: UUID, starts_at: Any, ends_at: Any) -> dict[str, str]:
    return {"id": str(id), "room": str(room_id), "from": starts_at.isoformat(), "to": ends_at.isoformat()}
