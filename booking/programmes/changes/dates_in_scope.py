"""Which dates of a run a change is about, read, locked and compared with what somebody wishes of them.

Scope "date" is one date, "later" this one and all after it, "all" every date of the run that has not begun. Dates that staff
changed on their own (`Session.edited`) keep what they have of their own, unless they are to be changed too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Literal
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places.asking import Choice
from booking.places.rooms import RoomFacts, facts_of
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.appointments.keeping_slots import lock_slots
from booking.programmes.changes.cancelling import NOT_OVER
from booking.programmes.plans.plan_wishes import of_day, wall

Scope = Literal["date", "later", "all"]
Row = dict[str, Any]
SCOPES = ("date", "later", "all")
WHEN_AND_WHERE = ("location_id", "room_id", "date", "weekday", "start_time", "end_time", "starts_at", "ends_at")
FIELDS = (*WHEN_AND_WHERE, "places", "facilitator_1", "facilitator_2", "own_delivery", "own_join_url")

GONE = Problem("This session is cancelled, so it cannot be moved.", rule="cancelled")
BEGUN = Problem("This session has begun, so it cannot be moved.", rule="over")
NONE_LEFT = Problem("No date of this course is still to come.", rule="over")
PAST = Problem("This time is past. Choose a later one.", "day", rule="past")
SAME = Problem("Nothing would change. Choose another room, day or time.", rule="same")
WRONG_TIME = Problem("Choose an end time that is after the start.", "end", rule="time")
NO_ROOM = Problem("Choose a room of your hubs.", "room", rule="room")
RESTRICTED = Problem(
    "A session moves only between rooms that are equally open to the public. Choose another room.",
    "room",
    rule="restricted",
)
CHANGED = Problem("Somebody changed this session a moment ago. Look again.", rule="changed")
CHANGED_JUST_NOW = Problem(
    "It was changed a few minutes ago and families have not heard yet. Undo that, or send its messages first.",
    rule="moved",
)

COLUMNS = (
    f"{disclosure.FACTS}, s.id, s.kind, s.hub_id, s.run_id, s.location_id, s.room_id, s.room_booking_id, s.number, s.date,"
    " s.weekday, s.start_time, s.end_time, s.sequence, s.state, s.moved_from_date, s.edited, s.places, s.taken,"
    " s.facilitator_1, s.facilitator_2, s.delivery AS own_delivery, s.join_url AS own_join_url, r.booking_mode,"
    " r.creche_run_id, k.state AS room_state, k.is_out_of_hours, k.keyholder_id, k.second_person"
)
TABLES = f"session s {disclosure.JOINS} LEFT JOIN room_booking k ON k.id = s.room_booking_id"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of a date or of several; None stays as it is. `day` is the new day of the date that was opened: others
    move by as many days. ways: what is to become of single dates instead ("skip" leaves one as it is). delivery is
    "online" or "in_person". changes_edited: dates with something of their own are changed too."""

    room_id: UUID | None = None
    day: date | None = None
    start: str | None = None
    end: str | None = None
    keyholder_id: UUID | None = None
    second_person: str = ""
    override: str = ""
    facilitator_1: str | None = None
    facilitator_2: str | None = None
    places: int | None = None
    delivery: str | None = None
    join_url: str | None = None
    ways: Mapping[UUID, Choice] = field(default_factory=lambda: MappingProxyType({}))
    changes_edited: bool = False

    @property
    def aspects(self) -> set[str]:
        """What of a date it is about, in the words of `Session.edited`."""
        wished = {
            "day": self.day,
            "time": self.start or self.end,
            "room": self.room_id,
            "places": self.places,
            "facilitator": (self.facilitator_1, self.facilitator_2) != (None, None) or None,
            "online": self.delivery or self.join_url,
        }
        return {name for name, value in wished.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Change:
    """One date as it is and as it is to be (FIELDS). kept: what of it stays because staff had changed that date alone."""

    before: Row
    after: Row
    room: RoomFacts | None
    kept: frozenset[str] = frozenset()

    @property
    def is_change(self) -> bool:
        return any(self.after[name] != self.before[name] for name in FIELDS)

    @property
    def is_online(self) -> bool:
        return (self.after["own_delivery"] or self.before["delivery"]) == "online"

    @property
    def needs_room(self) -> bool:
        return self.room is not None and not self.is_online

    @property
    def holds_room(self) -> bool:
        return self.before["room_state"] == "confirmed"

    @property
    def takes_room(self) -> bool:
        """Whether it must hold its room anew: another room or time, or one that it does not hold."""
        names = ("room_id", "starts_at", "ends_at")
        return self.needs_room and (not self.holds_room or any(self.after[name] != self.before[name] for name in names))

    @property
    def frees_room(self) -> bool:
        return self.holds_room and not self.needs_room

    @property
    def aspects(self) -> set[str]:
        """What really changes of it, in the words of `Session.edited`."""
        of = {
            "day": ("date",),
            "time": ("start_time", "end_time"),
            "room": ("room_id",),
            "places": ("places",),
            "facilitator": ("facilitator_1", "facilitator_2"),
            "online": ("own_delivery", "own_join_url"),
        }
        return {each for each, names in of.items() if any(self.after[n] != self.before[n] for n in names)}


async def anchor_of(session_id: UUID) -> Row:
    """The date that was opened. Raises Refused when there is none."""
    found = await db.row(f"SELECT {COLUMNS} FROM {TABLES} WHERE s.id = $1", session_id)
    if found is None or found["state"] == "draft":
        raise Refused([GONE])
    return found


async def dates_of(anchor: Row, scope: Scope, *, is_locked: bool = False) -> list[Row]:
    """The dates in scope that have not begun, in order. Raises Refused when there is none."""
    lock = " FOR UPDATE OF s" if is_locked and db.is_postgres() else ""
    conditions = {
        "date": ("s.id = $1", anchor["id"]),
        "later": ("s.run_id = $1 AND s.starts_at >= $3", anchor["run_id"], anchor["starts_at"]),
        "all": ("s.run_id = $1", anchor["run_id"]),
    }
    where, id_, *more = conditions[scope]
    found = await db.rows(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE {where} AND s.state = 'planned' AND s.starts_at > $2 ORDER BY s.id{lock}",
        id_,
        clock.now(),
        *more,
    )
    if not found:
        raise Refused([_why_none(anchor) if scope == "date" else NONE_LEFT])
    return sorted(found, key=lambda row: (row["starts_at"], row["id"]))


async def lock_bookings(run_id: UUID, session_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these dates and of the whole run: giving a place up locks the booking, then the session or run; so do we.
    Returns which they are."""
    found = await _bookings(run_id, session_ids, " ORDER BY id FOR UPDATE") if db.is_postgres() else []
    await lock_slots(session_ids)
    return {row["id"] for row in found if row["state"] == "booked"}


async def bookings_on(run_id: UUID, session_ids: Sequence[UUID]) -> set[UUID]:
    """The bookings of these dates and of the whole run."""
    return {row["id"] for row in await _bookings(run_id, session_ids) if row["state"] == "booked"}


async def _bookings(run_id: UUID, session_ids: Sequence[UUID], lock: str = "") -> list[Row]:
    return await db.rows(
        f"SELECT id, state FROM booking WHERE state IN {NOT_OVER} AND ((session_id IS NULL AND run_id = $1)"
        f" OR session_id IN {db.in_list(session_ids, 2)}){lock}",
        run_id, *session_ids,
    )  # fmt: skip


def _why_none(anchor: Row) -> Problem:
    return GONE if anchor["state"] != "planned" else BEGUN


async def planned(anchor: Row, dates: Sequence[Row], wish: Wish, scope: Scope, by: Who) -> list[Change]:
    """What the wish makes of each date. Raises Refused for what makes no sense in itself."""
    rooms = await facts_of(
        {row["room_id"] for row in dates if row["room_id"]}
        | ({wish.room_id} if wish.room_id else set())
        | {way.room_id for way in wish.ways.values() if way.room_id}
    )
    shift = wish.day - anchor["date"] if wish.day else timedelta(0)
    changes = [_change(row, wish, shift, scope, rooms) for row in dates]
    problems = [*await _problems_of_rooms(changes, wish, rooms, by), *_problems_of_times(changes)]
    if problems:
        raise Refused(problems)
    return changes


def _change(row: Row, wish: Wish, shift: timedelta, scope: Scope, rooms: Mapping[UUID, RoomFacts]) -> Change:
    wish = _of_call(row, wish, scope) if row["kind"] == "call" else wish
    own = set(row["edited"].split()) & wish.aspects
    kept = frozenset(own if scope != "date" and not wish.changes_edited else ())
    way = wish.ways.get(row["id"])
    if way and way.kind == "skip":
        return Change(row, {name: row[name] for name in FIELDS}, rooms.get(row["room_id"]), kept)
    way = way or Choice("use")
    day = way.day or (row["date"] if "day" in kept else row["date"] + shift)
    start = way.start or ("time" not in kept and wish.start) or row["start_time"]
    end = way.end or ("time" not in kept and wish.end) or row["end_time"]
    room_id = way.room_id or ("room" not in kept and wish.room_id) or row["room_id"]
    room = rooms.get(room_id) if room_id else None
    after = {
        "location_id": room.location_id if room else row["location_id"],
        "room_id": room_id or None,
        "date": day,
        "weekday": day.weekday(),
        "start_time": start,
        "end_time": end,
        "starts_at": clock.at(day, start),
        "ends_at": clock.at(day, end),
    } | _rest(row, wish, kept)
    return Change(row, after, room, kept)


def _of_call(row: Row, wish: Wish, scope: Scope) -> Wish:
    """A call has no room and no link to join by; changed with other dates it keeps its own length."""
    end = wish.end
    if scope != "date":
        length = of_day(row["end_time"]) - of_day(row["start_time"])
        end = wall(of_day(wish.start) + length) if wish.start else None
    return replace(wish, room_id=None, delivery=None, join_url=None, end=end)


def _rest(row: Row, wish: Wish, kept: frozenset[str]) -> Row:
    """places, who leads and how it is held, as they are to be."""
    names = {
        "places": ("places", wish.places),
        "facilitator_1": ("facilitator", wish.facilitator_1),
        "facilitator_2": ("facilitator", wish.facilitator_2),
        "own_delivery": ("online", wish.delivery),
        "own_join_url": ("online", wish.join_url),
    }
    return {name: row[name] if value is None or aspect in kept else value for name, (aspect, value) in names.items()}


async def _problems_of_rooms(
    changes: Sequence[Change], wish: Wish, rooms: Mapping[UUID, RoomFacts], by: Who
) -> list[Problem]:
    new = {each.after["room_id"] for each in changes if each.after["room_id"] != each.before["room_id"]}
    new |= {wish.room_id} if wish.room_id and not rooms.get(wish.room_id) else set()
    if any(room_id not in rooms or not may_use(rooms[room_id], by) for room_id in new if room_id):
        return [NO_ROOM]
    moved = [each for each in changes if each.room and each.after["room_id"] != each.before["room_id"]]
    restricted = await _restricted({each.before["location_id"] for each in moved})
    if any(each.room and each.room.is_restricted != (each.before["location_id"] in restricted) for each in moved):
        return [RESTRICTED]
    return []


def may_use(room: RoomFacts, by: Who) -> bool:
    """Whether staff may put a session into the room: restricted ones only staff of that very hub."""
    return by.works_at(room.hub_id) if room.is_restricted else by.may_act_at(room.hub_id)


async def _restricted(location_ids: set[UUID]) -> set[UUID]:
    ids = sorted(location_ids)
    found = await db.rows(
        f"SELECT id FROM location WHERE (is_restricted OR kind = 'restricted') AND id IN {db.in_list(ids)}", *ids
    )
    return {row["id"] for row in found}


def _problems_of_times(changes: Sequence[Change]) -> list[Problem]:
    """In instants: the spring night turns 01:30 and 02:15 round."""
    if any(each.after["ends_at"] <= each.after["starts_at"] for each in changes):
        return [WRONG_TIME]
    if not any(each.is_change or each.takes_room or each.frees_room for each in changes):
        return [SAME]
    now = clock.now()
    return [PAST] if any(each.is_change and each.after["starts_at"] <= now for each in changes) else []
