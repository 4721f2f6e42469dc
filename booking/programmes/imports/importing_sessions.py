"""The sessions of imported runs: which are new, moved, the same or gone, with their room bookings, holds and skips.

A session that is still in the rule keeps its row, because bookings hang on it. What staff changed by hand on one date
(another room, another time, more places) stays. What is over or cancelled is never touched.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from booking import clock, db
from booking.changes import Changes, Row, ids, in_parts, rows_of
from booking.messages import outbox
from booking.places import closing, holding
from booking.places.holding import Hold
from booking.places.models import RoomBooking
from booking.places.rooms import parts_of
from booking.programmes.appointments import keeping_slots
from booking.programmes.bookings import guests
from booking.programmes.changes.cancelling import REMINDERS
from booking.programmes.imports import staff_changed
from booking.programmes.imports.planning_dates import Dates, rule_date
from booking.programmes.models import Session, Skip

WHEN = ("start_time", "end_time")
WHERE = ("location_id", "room_id")
HANGING_ON = ("booking", "waiting_entry", "attendance", "lease", "missed_date")


@dataclass(slots=True)
class SessionsBefore:
    """What the database has of the runs of an import, by the ids that lead to it. `parts` are those of divisible rooms;
    `closures` stand under their location, or under each room that the closure of a room holds. `changed` are
    runs that staff changed as a whole."""

    sessions: dict[UUID, list[Row]] = field(default_factory=dict)
    skips: dict[UUID, dict[date, Row]] = field(default_factory=dict)
    room_bookings: dict[UUID, Row] = field(default_factory=dict)
    holds: dict[UUID, list[Hold]] = field(default_factory=dict)
    parts: dict[UUID, tuple[UUID, ...]] = field(default_factory=dict)
    closures: dict[UUID, list[Row]] = field(default_factory=dict)
    changed: set[UUID] = field(default_factory=set)

    @classmethod
    async def load(cls, runs: Iterable[Row]) -> "SessionsBefore":
        """Reads and, on PostgreSQL, locks the runs and sessions: nobody books or cancels one while the import is worked out."""
        before = cls()
        lock = "ORDER BY id FOR UPDATE" if db.is_postgres() else ""
        run_ids = ids(runs)
        await keeping_slots.lock_runs(run_ids)
        await guests.lock_runs(run_ids)
        before.changed = await staff_changed.runs_changed(run_ids)
        for row in await rows_of("session", "*", "run_id", run_ids, lock):
            before.sessions.setdefault(row["run_id"], []).append(row)
        for row in await rows_of("skip", "*", "run_id", run_ids):
            before.skips.setdefault(row["run_id"], {})[row["date"]] = row
        booked = [s["room_booking_id"] for of in before.sessions.values() for s in of if s["room_booking_id"]]
        before.room_bookings = {row["id"]: row for row in await rows_of("room_booking", "*", "id", booked)}
        for some in in_parts(booked):
            for hold in await holding.holds_of(some):
                before.holds.setdefault(hold.room_booking_id, []).append(hold)
        before.parts = await all_parts()
        for row in await db.rows("SELECT * FROM closure"):
            for shut in before.leaves(row["room_id"]) if row["room_id"] else (row["location_id"],):
                before.closures.setdefault(shut, []).append(row)
        return before

    def leaves(self, room_id: UUID) -> tuple[UUID, ...]:
        """The rooms that are held for a room: its parts, or itself."""
        return self.parts.get(room_id, (room_id,))

    def kept_days(self, run_id: UUID) -> set[date]:
        """Days on which a session stands and holds its room: if the place is closed then, somebody chose to keep it."""
        there = self.sessions.get(run_id, ())
        return {rule_date(s) for s in there if s["state"] == "planned" and s["room_booking_id"] in self.holds}

    def closures_of(self, location_id: UUID, room_id: UUID) -> list[Row]:
        """Closures of the place, and of the room or any part of it."""
        return [row for shut in (location_id, *self.leaves(room_id)) for row in self.closures.get(shut, ())]


async def all_parts() -> dict[UUID, tuple[UUID, ...]]:
    """The parts of every divisible room, by the whole."""
    return await parts_of([row["whole_id"] for row in await db.rows("SELECT DISTINCT whole_id FROM room_part")])


async def rooms_in_use(run_ids: list[UUID]) -> set[UUID]:
    """The rooms that these runs hold now, on any date to come."""
    now = clock.now()
    found: set[UUID] = set()
    for some in in_parts(run_ids):
        sql = (
            "SELECT DISTINCT h.room_id FROM session s JOIN room_hold h ON h.room_booking_id = s.room_booking_id"
            f" WHERE s.ends_at > $1 AND s.run_id IN {db.in_list(some, 2)}"
        )
        found |= {row["room_id"] for row in await db.rows(sql, now, *some)}
    return found


@dataclass(slots=True)
class SessionChanges:
    """What becomes of sessions and all of theirs. `freed` are room bookings whose holds go, `holds` are to be taken; `kept`
    are no longer in the rule, but families hang on them; `moved` begin at another time, and of `retimed` a clinic's slots
    go along."""

    sessions: Changes = field(default_factory=lambda: Changes(Session))
    skips: Changes = field(default_factory=lambda: Changes(Skip))
    room_bookings: Changes = field(default_factory=lambda: Changes(RoomBooking))
    freed: list[UUID] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    kept: list[Row] = field(default_factory=list)
    moved: list[UUID] = field(default_factory=list)
    retimed: list[tuple[Row, Row]] = field(default_factory=list)

    async def write(self) -> None:
        """Frees rooms before it takes others, so that two runs can change places; what is left free of a closure's time goes
        to the closure. Raises Refused when somebody else has taken a room meanwhile."""
        freed = await closing.times_of(self.freed)
        await holding.let_go(self.freed)
        await keeping_slots.forget(self.sessions.gone)
        await self.sessions.delete()
        await self.room_bookings.delete()
        self.sessions.gone, self.room_bookings.gone = [], []
        await self.room_bookings.write()
        await holding.take(self.holds)
        await closing.cover(freed)
        await self.sessions.write()
        await self.skips.write()
        for before, after in self.retimed:
            await keeping_slots.follow(before["id"], before, after, is_strict=False)
        await self._remind_anew()

    async def _remind_anew(self) -> None:
        """Reminders of sessions that moved are taken back, so that the job looks at the new time."""
        reminded: set[UUID] = set()
        for some in in_parts(self.moved):
            sql = f"DELETE FROM reminder WHERE session_id IN {db.in_list(some)} RETURNING session_id"
            reminded |= {row["session_id"] for row in await db.rows(sql, *some)}
        for session_id in sorted(reminded):
            await outbox.void(session_id=session_id, kinds=REMINDERS, why="session moved")


def wanted_sessions(
    run: Row, run_before: Row | None, dates: Dates, before: list[Row], now: datetime
) -> list[tuple[Row | None, Row]]:
    """Pairs of the session that is there (or None) and what it should be, for every date that the import may touch. A run
    that staff cancelled gets no new dates."""
    is_cancelled = run_before is not None and run_before["state"] == "cancelled"
    there = {rule_date(session): session for session in before if not staff_changed.was_added(session)}
    pairs: list[tuple[Row | None, Row]] = []
    for day, number in dates.held.items():
        session = there.get(day)
        ends_at = session["ends_at"] if session else clock.at(day, run["end_time"])
        if run_before is not None and ends_at <= now:
            continue
        if session is None:
            pairs += [] if is_cancelled else [(None, _as_ruled(run, day, number))]
        elif session["state"] != "cancelled":
            assert run_before is not None
            pairs.append((session, _merged(session, _as_ruled(run, day, number), run_before)))
    return pairs


def _as_ruled(run: Row, day: date, number: int) -> Row:
    return {
        "run_id": run["id"],
        "location_id": run["location_id"],
        "room_id": run["room_id"],
        "hub_id": run["hub_id"],
        "number": number,
        "date": day,
        "weekday": day.weekday(),
        "start_time": run["start_time"],
        "end_time": run["end_time"],
        "starts_at": clock.at(day, run["start_time"]),
        "ends_at": clock.at(day, run["end_time"]),
        "is_listed": run["is_listed"],
        "places": run["places"],
        "sequence": 0,
    }


def _merged(session: Row, wanted: Row, run_before: Row) -> Row:
    """The wanted session, less what somebody changed on this date. SEQUENCE rises if it moves (RFC 5546, 2.1.4)."""
    if session["moved_from_date"] or any(session[name] != run_before[name] for name in WHEN):
        wanted |= {name: session[name] for name in ("date", "weekday", *WHEN, "starts_at", "ends_at")}
    if any(session[name] != run_before[name] for name in WHERE):
        wanted |= {name: session[name] for name in WHERE}
    if session["places"] != run_before["places"]:
        wanted["places"] = session["places"]
    wanted["places"] = max(wanted["places"], session["taken"])
    has_moved = any(session[name] != wanted[name] for name in ("starts_at", "ends_at", *WHERE))
    wanted["sequence"] = session["sequence"] + has_moved
    return wanted


def held(session: Row, rooms: dict[UUID, Row]) -> tuple[datetime, datetime]:
    """The time in which the session's room is taken, set-up and clearing included."""
    room = rooms[session["room_id"]]
    setup, clear = timedelta(minutes=room["setup_minutes"]), timedelta(minutes=room["clear_minutes"])
    return session["starts_at"] - setup, session["ends_at"] + clear


def file_session(
    pair: tuple[Row | None, Row], rooms: dict[UUID, Row], before: SessionsBefore, changes: SessionChanges
) -> None:
    """Adds one session, its room booking and its hold to the changes."""
    session, wanted = pair
    if session and staff_changed.is_online(session):
        changes.sessions.compare(session, wanted)
        return
    booking_id = session["room_booking_id"] if session else None
    in_room = {name: wanted[name] for name in ("room_id", "starts_at", "ends_at")}
    room_booking = changes.room_bookings.compare(
        before.room_bookings.get(booking_id) if booking_id else None,
        in_room | {"kind": "session", "state": "confirmed"},
    )
    changes.sessions.compare(session, wanted | {"room_booking_id": room_booking["id"]})
    if session and session["starts_at"] != wanted["starts_at"]:
        changes.moved.append(session["id"])
    if session and any(session[name] != wanted[name] for name in ("date", *WHEN)):
        changes.retimed.append((session, wanted))
    leaves = before.leaves(wanted["room_id"])
    _file_hold(Hold(room_booking["id"], leaves, *held(wanted, rooms), wanted["room_id"]), before, changes)


def _file_hold(wanted: Hold, before: SessionsBefore, changes: SessionChanges) -> None:
    """What is held already is left alone; anything else is given back and taken anew."""
    there = {(each.leaves, each.starts_at, each.ends_at) for each in before.holds.get(wanted.room_booking_id, ())}
    if there != {((leaf,), wanted.starts_at, wanted.ends_at) for leaf in wanted.leaves}:
        changes.freed += [wanted.room_booking_id] if there else []
        changes.holds.append(wanted)


def file_skips(run_id: UUID, dates: Dates, before: SessionsBefore, changes: SessionChanges) -> None:
    """Dates left out, but for days whose session stays (kept, over or cancelled): a page names each day once.
    After `file_gone`."""
    there, gone = before.skips.get(run_id, {}), set(changes.sessions.gone)
    staying = {session["date"] for session in before.sessions.get(run_id, []) if session["id"] not in gone}
    skips = {day: reason for day, reason in dates.skips.items() if day not in staying}
    for day, reason in skips.items():
        changes.skips.compare(there.get(day), {"run_id": run_id, "date": day, "reason": reason})
    changes.skips.gone += [row["id"] for day, row in there.items() if day not in skips]


def file_gone(sessions: list[Row], families: dict[UUID, int], before: SessionsBefore, changes: SessionChanges) -> None:
    """Sessions that are no longer in the rule go, with their room, unless somebody hangs on them."""
    for session in sessions:
        if session["id"] in families:
            changes.kept.append(session)
            continue
        changes.sessions.gone.append(session["id"])
        if session["room_booking_id"]:
            changes.room_bookings.gone.append(session["room_booking_id"])
            changes.freed.append(session["room_booking_id"])


async def families_on(sessions: list[Row]) -> dict[UUID, int]:
    """Sessions that something hangs on, with the number of families booked (0 if only a waiting list or a register)."""
    found: dict[UUID, int] = {s["id"]: 0 for s in sessions if s["adults_counted"] or s["children_counted"]}
    for some in in_parts(ids(sessions)):
        for table in HANGING_ON:
            sql = f"SELECT DISTINCT session_id FROM {table} WHERE session_id IN {db.in_list(some)}"
            for row in await db.rows(sql, *some):
                found.setdefault(row["session_id"], 0)
        sql = f"SELECT session_id FROM booking WHERE state = 'booked' AND session_id IN {db.in_list(some)}"
        for row in await db.rows(sql, *some):
            found[row["session_id"]] += 1
    on_runs = await _families_on_runs({session["run_id"] for session in sessions})
    for session in sessions:
        if n := on_runs.get(session["run_id"]):
            found[session["id"]] = found.get(session["id"], 0) + n
    return found


async def _families_on_runs(run_ids: set[UUID]) -> dict[UUID, int]:
    """Families booked on whole runs."""
    counted: dict[UUID, int] = {}
    for row in await rows_of("booking", "run_id", "run_id", run_ids, "AND session_id IS NULL AND state = 'booked'"):
        counted[row["run_id"]] = counted.get(row["run_id"], 0) + 1
    return counted
