"""Changing one date, this and later ones, or all of a run: time, day, room, who leads, places, online or not.

Everybody who is affected hears it in one message and calendars follow; rooms are let go and taken; for ten minutes it can be
undone (undoing_change.py). The preview is the act itself, rolled back (promise P10). Locks are taken in one order: rooms,
bookings, the run, then the sessions in the order of their ids, those of the creche last.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.looking import look
from booking.messages import outbox
from booking.people.signing_in import Who
from booking.places.holding import holds_of, lock_rooms
from booking.places.working_out import Line
from booking.problems import Problem, Refused
from booking.programmes.appointments import keeping_slots
from booking.programmes.bookings import guests
from booking.programmes.changes import dates_in_scope, rooms_of_dates, run_follows
from booking.programmes.changes.cancelling import REMINDERS
from booking.programmes.changes.dates_in_scope import (
    CHANGED,
    CHANGED_JUST_NOW,
    FIELDS,
    Change,
    Row,
    Scope,
    Wish,
    lock_bookings,
)
from booking.programmes.changes.rooms_of_dates import Beyond, Wanted
from booking.programmes.changes.telling_changed import Changed, summary, tell
from booking.programmes.creche import creche_beside, creche_places
from booking.programmes.registers.registering import as_json
from booking.programmes.waiting import ending_offers

VERB = "change dates"
VERBS = (VERB, "move session", "switch online", "switch in person")
TWICE = Problem("This course meets at that time on that day already. Choose another time.", "start", rule="same run")
TOO_MANY = "{room} takes {most} people."
TOO_FEW = "{taken} places are taken, so there must be at least as many."


async def preview(
    *, session_id: UUID, scope: Scope, wish: Wish, by: Who, undo_minutes: int, verb: str = VERB
) -> Changed:
    """What `change` would do now, to whom and in what words. Raises Refused as `change` does; changes nothing."""
    return await look(
        lambda: change(session_id=session_id, scope=scope, wish=wish, by=by, undo_minutes=undo_minutes, verb=verb)
    )


async def change(
    *, session_id: UUID, scope: Scope, wish: Wish, by: Who, undo_minutes: int, verb: str = VERB, why: str = ""
) -> Changed:
    """Changes the dates in scope and, unless it is one date, the run itself. Messages leave when it can no longer be undone;
    who would learn nothing new gets none.

    Raises Refused with every Problem: over, cancelled, a room taken or closed, too few places, out of hours without a reason.
    """

    async def body() -> Changed:
        anchor = await dates_in_scope.anchor_of(session_id)
        dates = await dates_in_scope.dates_of(anchor, scope)
        changes = await dates_in_scope.planned(anchor, dates, wish, scope, by)
        creche = await creche_beside.beside(changes)
        await _lock_rooms([*changes, *creche])
        await lock_bookings(anchor["run_id"], [each.before["id"] for each in changes])
        await _lock(anchor, scope, changes, creche)
        wanted, lines = await _look([*changes, *creche], wish, by)
        return await _write(anchor, scope, wish, changes, creche, wanted, lines, by, undo_minutes, verb, why)

    return await db.run_tx(body)


async def _lock_rooms(changes: Sequence[Change]) -> None:
    bookings = [each.before["room_booking_id"] for each in changes if each.before["room_booking_id"]]
    held = await holds_of(bookings)
    await lock_rooms(
        [
            *(leaf for each in held for leaf in each.leaves),
            *(leaf for each in changes if each.room for leaf in each.room.leaves),
        ]
    )


async def _lock(anchor: Row, scope: Scope, changes: Sequence[Change], creche: Sequence[Change]) -> None:
    """The run and the sessions, now that the rooms are locked, and sees that they are still what was locked for."""
    if db.is_postgres():
        if scope != "date":
            await db.rows("SELECT id FROM run WHERE id = $1 FOR NO KEY UPDATE", anchor["run_id"])
        beside = sorted(each.before["id"] for each in creche)
        await dates_in_scope.dates_of(anchor, scope, is_locked=True)
        await db.rows(f"SELECT id FROM session WHERE id IN {db.in_list(beside)} ORDER BY id FOR UPDATE", *beside)
    now = {row["id"]: row for row in await dates_in_scope.dates_of(anchor, scope)}
    names = (*FIELDS, "sequence", "room_booking_id", "edited")
    if now.keys() != {each.before["id"] for each in changes}:
        raise Refused([CHANGED])
    if any(now[each.before["id"]][name] != each.before[name] for each in changes for name in names):
        raise Refused([CHANGED])
    for each in changes:
        each.before["taken"] = now[each.before["id"]][
            "taken"
        ]  # somebody may have booked while the locks were waited for
    await _refuse_if_fresh(anchor["run_id"], set(now))


async def _refuse_if_fresh(run_id: UUID, session_ids: set[UUID]) -> None:
    """A change whose messages still wait must be undone or sent first: families would hear both in the wrong order."""
    marks = db.in_list(VERBS, 3)
    waiting = await db.rows(
        "SELECT e.after FROM audit_event e JOIN session s ON s.id = e.about_id WHERE s.run_id = $1 AND e.undo_until > $2"
        f" AND e.undone_at IS NULL AND e.verb IN {marks}"
        " AND EXISTS (SELECT 1 FROM message m WHERE m.batch_id = e.id AND m.state = 'queued')",
        run_id, clock.now(), *VERBS,
    )  # fmt: skip
    for event in waiting:
        if session_ids & {UUID(each) for each in as_json(event["after"])["sessions"]}:
            raise Refused([CHANGED_JUST_NOW])


async def _look(changes: Sequence[Change], wish: Wish, by: Who) -> tuple[list[Wanted], dict[UUID, Line]]:
    """The rooms that are needed, and what the rules say of them. Raises Refused when anything blocks."""
    wanted = [_wanted(each) for each in changes if each.takes_room]
    gone = [each.before["room_booking_id"] for each in changes if each.takes_room or each.frees_room]
    beyond = Beyond(wish.keyholder_id, wish.second_person, wish.override)
    lines = await rooms_of_dates.look_at(wanted, beyond, by, besides=[each for each in gone if each])
    problems = [*await _twice(changes), *_too_few(changes), *rooms_of_dates.refusals(wanted, lines)]
    if problems:
        raise Refused(problems)
    return wanted, lines


def _wanted(change: Change) -> Wanted:
    assert change.room
    after = change.after
    return Wanted(
        change.before["id"], change.room, after["date"], after["starts_at"], after["ends_at"],
        change.before["room_booking_id"],
    )  # fmt: skip


async def _twice(changes: Sequence[Change]) -> list[Problem]:
    moved = [each for each in changes if {"day", "time"} & each.aspects]
    own = {each.before["id"] for each in moved}
    wanted = [(each.before["run_id"], each.after["date"], each.after["start_time"]) for each in moved]
    if len(set(wanted)) < len(wanted):
        return [TWICE]
    runs = sorted({run_id for run_id, _, _ in wanted})
    there = await db.rows(
        f"SELECT id, run_id, date, start_time FROM session WHERE run_id IN {db.in_list(runs)}", *runs
    ) if runs else []  # fmt: skip
    taken = {(row["run_id"], row["date"], row["start_time"]) for row in there if row["id"] not in own}
    return [TWICE] if taken & set(wanted) else []


def _too_few(changes: Sequence[Change]) -> list[Problem]:
    most = max((each.before["taken"] for each in changes if "places" in each.aspects), default=0)
    short = [each for each in changes if each.after["places"] < each.before["taken"] and "places" in each.aspects]
    return [Problem(TOO_FEW.format(taken=most), "places", rule="too few")] if short else []


async def _write(
    anchor: Row, scope: Scope, wish: Wish, changes: Sequence[Change], creche: Sequence[Change], wanted: Sequence[Wanted],
    lines: dict[UUID, Line], by: Who, undo_minutes: int, verb: str, why: str,
) -> Changed:  # fmt: skip
    everything = [each for each in (*changes, *creche) if each.is_change or each.takes_room or each.frees_room]
    own = [each for each in everything if each.before["run_id"] == anchor["run_id"]]
    bookings = [each.before["room_booking_id"] for each in everything if each.before["room_booking_id"]]
    rooms_were = await rooms_of_dates.as_they_are(bookings)
    beyond = Beyond(wish.keyholder_id, wish.second_person, wish.override)
    freed = [each.before["room_booking_id"] for each in everything if each.frees_room]
    run_was = await run_follows.follow(anchor, scope, wish, own)
    booked = await rooms_of_dates.change_rooms(wanted, freed, lines, beyond)
    await _make_way(everything)
    slots_before = await keeping_slots.times_of([each.before["id"] for each in own])
    for each in everything:
        await _write_date(each, booked.get(each.before["id"], each.before["room_booking_id"]), scope, wish)
    for each in own:
        await keeping_slots.follow(each.before["id"], each.before, each.after)
    await _count_anew(anchor, scope, own)
    reminders = 0
    for each in own:
        if each.aspects - {"places", "facilitator"}:
            reminders += await outbox.void(session_id=each.before["id"], kinds=REMINDERS, why="session moved")
            await db.execute("DELETE FROM reminder WHERE session_id = $1", each.before["id"])  # the job looks anew
    undo_until = clock.now() + timedelta(minutes=undo_minutes)
    new = [booked[key] for key in booked if booked[key] not in rooms_were]
    event_id = await audit.record(
        verb, about_kind="session", about_id=anchor["id"], by=by, hub_id=anchor["hub_id"], why=why or wish.override,
        before={
            "dates": [_as_was(each) for each in everything], "rooms": list(rooms_were.values()),
            "new_rooms": [str(each) for each in new], "run": run_was,
        },
        after={"scope": scope, "sessions": [str(each.before["id"]) for each in own], "dates": len(own)}
        | _in_words(own[0].after),
        undo_until=undo_until,
    )  # fmt: skip
    told = await tell(own, event_id, undo_until, is_switch=wish.delivery == "online", by=by, slots_before=slots_before)
    warnings = [each for line in lines.values() for each in line.problems if each.level != "blocks"]
    warnings += _too_many(changes)
    return await summary(event_id, undo_until, told, changes, creche, warnings=warnings, reminders=reminders)


async def _count_anew(anchor: Row, scope: Scope, own: Sequence[Change]) -> None:
    """What hangs on places, times and how it is held: a clinic's slots, guests, the creche, and offers that are open."""
    ids = [each.before["id"] for each in own]
    if anchor["booking_mode"] == "appointment":
        await keeping_slots.count_places(ids)
    if scope != "date":
        await guests.recount_run(anchor["run_id"])
    for each in own:
        if "online" in each.aspects and not each.is_online:
            await creche_places.take_where_missing(each.before["id"])
    await ending_offers.end_before_they_begin([each.before["id"] for each in own if {"day", "time"} & each.aspects])


def _too_many(changes: Sequence[Change]) -> list[Problem]:
    rooms = {each.room.id: each.room for each in changes if each.room and "places" in each.aspects and each.needs_room}
    most = max((each.after["places"] for each in changes), default=0)
    return [
        Problem(TOO_MANY.format(room=room.name, most=room.capacity), "places", "warns", "capacity")
        for room in rooms.values()
        if most > room.capacity
    ]


async def _make_way(changes: Sequence[Change]) -> None:
    """Dates that move leave their starts first, so that another of the run can have one (one run, one start, once)."""
    ids = [each.before["id"] for each in changes if {"day", "time"} & each.aspects]
    await db.execute(
        f"UPDATE session SET start_time = 'x' || substr(start_time, 2) WHERE id IN {db.in_list(ids)}", *ids
    )


async def _write_date(change: Change, room_booking_id: UUID | None, scope: Scope, wish: Wish) -> None:
    state, why = "planned", ""
    if change.before.get("why_cancelled") is not None and change.room is None:
        state, why = "cancelled", creche_beside.WHILE_ONLINE
    await db.execute(
        "UPDATE session SET location_id = $2, room_id = $3, date = $4, weekday = $5, start_time = $6, end_time = $7,"
        " starts_at = $8, ends_at = $9, places = $10, facilitator_1 = $11, facilitator_2 = $12, delivery = $13,"
        " join_url = $14, room_booking_id = $15, moved_from_date = $16, edited = $17, state = $18, why_cancelled = $19,"
        " sequence = sequence + 1 WHERE id = $1",
        change.before["id"], *(change.after[name] for name in FIELDS), room_booking_id,
        _moved_from(change.before, change.after), _edited(change, scope, wish), state, why,
    )  # fmt: skip


def _moved_from(before: Row, after: Row) -> date | None:
    """Its date in the rule, which an import looks for; None when it is on that day (again)."""
    own = before["moved_from_date"] or before["date"]
    return None if after["date"] == own else own


def _edited(change: Change, scope: Scope, wish: Wish) -> str:
    """What it has of its own: for one date what was changed of it; else what of it stays or was given a way of its own."""
    had = set(change.before["edited"].split())
    if scope == "date":
        had |= change.aspects
    else:
        had -= wish.aspects - change.kept
        way = wish.ways.get(change.before["id"])
        had |= change.aspects & {"day", "time", "room"} if way and way.kind == "use" else set()
    return " ".join(sorted(had))


def _in_words(values: Row) -> Row:
    """FIELDS as plain JSON."""
    return {name: _plain(values[name]) for name in FIELDS}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value) if isinstance(value, UUID) else value


def _as_was(change: Change) -> Row:
    before = change.before
    return _in_words(before) | {
        "id": str(before["id"]),
        "room_booking": _plain(before["room_booking_id"]),
        "moved_from": _plain(before["moved_from_date"]),
        "edited": before["edited"],
        "state": before["state"],
        "why": before.get("why_cancelled") or "",
        "places_after": change.after["places"],
        "sequence": before["sequence"] + 1,
    }
