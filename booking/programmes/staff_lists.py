"""What staff see in lists: the sessions of a day, a search, registers still open, and what needs a decision.

Every query is within the hubs of who asks (promise P6). What is restricted appears to staff of other hubs, county
admins included, as a private booking without title, place, numbers or link, and no words find it (promise P5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.programmes import disclosure

# modes in which a run is booked as a whole: a course, one to which families are referred, and its creche
BOOKED_AS_ONE = ("run", "referral", "linked")
AS_ONE = "('run', 'referral', 'linked')"
COLUMNS = (
    f"{disclosure.FACTS}, s.date, s.start_time, s.end_time, s.state, s.hub_id, s.run_id, s.number, s.why_cancelled,"
    " s.adults_counted, s.children_counted, s.register_done_at, r.booking_mode, room.name AS room_name,"
    " hub.name AS hub_name,"
    f" CASE WHEN r.booking_mode <> 'linked' AND r.booking_mode IN {AS_ONE} THEN r.places ELSE s.places END AS places,"
    " (SELECT COALESCE(SUM(b.places), 0) FROM booking b WHERE b.session_id = s.id AND b.state = 'booked')"
    " + (SELECT COALESCE(SUM(b.places), 0) FROM booking b WHERE b.run_id = s.run_id AND b.session_id IS NULL"
    " AND b.state = 'booked') + CASE WHEN r.booking_mode = 'linked' THEN s.taken ELSE 0 END AS booked,"
    " (SELECT COUNT(*) FROM waiting_entry w WHERE w.session_id = s.id AND w.state = 'waiting')"
    " + (SELECT COUNT(*) FROM waiting_entry w WHERE w.run_id = s.run_id AND w.session_id IS NULL"
    " AND w.state = 'waiting') AS waiting,"
    " EXISTS (SELECT 1 FROM attendance a WHERE a.session_id = s.id) AS is_marked"
)
TABLES = (
    f"session s {disclosure.JOINS} LEFT JOIN room ON room.id = COALESCE(s.room_id, r.room_id)"
    " JOIN location hub ON hub.id = s.hub_id"
)
HAS_BOOKINGS = (
    "(EXISTS (SELECT 1 FROM booking b WHERE b.session_id = s.id AND b.state = 'booked')"
    " OR EXISTS (SELECT 1 FROM booking b WHERE b.run_id = s.run_id AND b.session_id IS NULL AND b.state = 'booked')"
    " OR (r.booking_mode = 'linked' AND s.taken > 0))"
)
REGISTER_DAYS = 7
SOON = timedelta(days=2)
FAILED_FOR = timedelta(days=14)
PAGE = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One session in a list, in the words that who asks may read. `href` is empty where it may not be opened."""

    id: UUID
    href: str
    date: date
    start: str
    end: str
    starts_at: datetime
    ends_at: datetime
    title: str
    where: str
    kind: str
    places: int
    booked: int
    waiting: int
    counted: int
    is_cancelled: bool
    register: str  # "", "not begun", "open" or "done"
    run_id: UUID

    @property
    def is_private(self) -> bool:
        return not self.href


def audience_of(row: Mapping[str, Any], who: Who) -> disclosure.Audience:
    return "staff of it" if who.works_at(row["hub_id"]) else "other staff"


def line_of(row: Mapping[str, Any], who: Who, now: datetime) -> Line:
    """A row of COLUMNS as `who` may see it."""
    shown = disclosure.shown(row, audience_of(row, who))
    assert shown is not None
    is_private = bool(row["is_restricted"]) and not who.works_at(row["hub_id"])
    is_here = not (is_private or shown.is_online or shown.is_by_phone)
    place = " · ".join(part for part in (row["room_name"] if is_here else "", shown.place) if part)
    return Line(
        id=row["session_id"],
        href="" if is_private else f"/staff/sessions/{row['session_id']}",
        date=row["date"],
        start=row["start_time"],
        end=row["end_time"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        title=shown.title,
        where="Online" if shown.is_online else place,
        kind="closure" if is_private else row["booking_mode"],
        places=0 if is_private else row["places"],
        booked=0 if is_private else row["booked"],
        waiting=0 if is_private else row["waiting"],
        counted=0 if is_private else row["adults_counted"] + row["children_counted"],
        is_cancelled=row["state"] == "cancelled",
        register="" if is_private else register_state(row, now),
        run_id=row["run_id"],
    )


def register_state(row: Mapping[str, Any], now: datetime) -> str:
    """ "not begun", "open" or "done"; nothing for a cancelled session."""
    if row["state"] != "planned":
        return ""
    if row["register_done_at"]:
        return "done"
    is_begun = row["is_marked"] or row["adults_counted"] or row["children_counted"] or row["starts_at"] <= now
    return "open" if is_begun else "not begun"


def within(who: Who, first: int, *, hub_id: UUID | None = None, column: str = "s.hub_id") -> tuple[str, list[Any]]:
    """A condition for the hubs of who asks, and its parameters from $first on; narrowed to one of them if given."""
    if hub_id is not None and who.may_act_at(hub_id):
        return f"{column} = ${first}", [hub_id]
    if who.hub_ids is None:
        return "1 = 1", []
    if not who.hub_ids:
        return "1 = 0", []
    return f"{column} IN {db.in_list(who.hub_ids, first)}", list(who.hub_ids)


async def hubs_of(who: Who) -> list[dict[str, Any]]:
    """The hubs to choose from (id, name): those of who asks, and restricted ones only for staff of them."""
    condition, parameters = within(who, 1, column="l.id")
    found = await db.rows(
        f"SELECT l.id, l.name, l.is_restricted FROM location l WHERE l.id = l.hub_id AND {condition} ORDER BY l.name",
        *parameters,
    )
    return [hub for hub in found if not hub["is_restricted"] or who.works_at(hub["id"])]


async def on_day(who: Who, day: date, *, hub_id: UUID | None = None) -> list[Line]:
    """What runs on a date, cancelled ones too, by time. A private booking does not say at which hub it is."""
    condition, parameters = within(who, 3, hub_id=hub_id)
    found = await lines(
        who,
        f"s.starts_at >= $1 AND s.starts_at < $2 AND {condition} ORDER BY s.start_time, r.title, s.id",
        clock.at(day, "00:00"),
        clock.at(day + timedelta(days=1), "00:00"),
        *parameters,
    )
    return [line for line in found if not (hub_id and line.is_private)]


async def open_registers(who: Who, *, hub_id: UUID | None = None, limit: int = 8) -> list[Line]:
    """Sessions of the last week that are over and whose register is not finished, the latest first."""
    now = clock.now()
    condition, parameters = within(who, 3, hub_id=hub_id)
    return await lines(who, f"{_is_open()} AND {condition} ORDER BY s.starts_at DESC LIMIT {int(limit)}", now,
                        clock.today() - timedelta(days=REGISTER_DAYS), *parameters)  # fmt: skip


def _is_open() -> str:
    return (
        "s.state = 'planned' AND s.register_done_at IS NULL AND s.ends_at < $1 AND s.date >= $2"
        f" AND (r.booking_mode = 'drop_in' OR {HAS_BOOKINGS})"
    )


async def empty_soon(who: Who, *, hub_id: UUID | None = None, limit: int = 5) -> list[Line]:
    """Sessions of the next two days that are booked ahead and have no booking."""
    now = clock.now()
    condition, parameters = within(who, 3, hub_id=hub_id)
    return await lines(
        who,
        "s.state = 'planned' AND s.starts_at > $1 AND s.starts_at < $2"
        " AND r.booking_mode IN ('session', 'run')"
        f" AND NOT {HAS_BOOKINGS} AND {condition} ORDER BY s.starts_at LIMIT {int(limit)}",
        now,
        now + SOON,
        *parameters,
    )


async def coming_with_families(who: Who, *, limit: int = 8) -> list[Line]:
    """The next sessions for which families have booked and which `who` may open, by time."""
    condition, parameters = within(who, 2)
    found = await lines(
        who,
        f"s.state = 'planned' AND s.ends_at > $1 AND {HAS_BOOKINGS} AND {condition} ORDER BY s.starts_at, s.id LIMIT {3 * limit}",
        clock.now(),
        *parameters,
    )
    return [line for line in found if not line.is_private][:limit]


async def waiting_with_places(who: Who, *, hub_id: UUID | None = None, limit: int = 8) -> list[Line]:
    """Sessions to come for which families wait although places are free; of a whole run, its next session."""
    condition, parameters = within(who, 2, hub_id=hub_id)
    return await lines(
        who,
        "s.id IN (SELECT w.session_id FROM waiting_entry w WHERE w.state = 'waiting' AND w.session_id IS NOT NULL"
        " UNION SELECT (SELECT n.id FROM session n WHERE n.run_id = w.run_id AND n.state = 'planned'"
        " AND n.starts_at > $1 ORDER BY n.starts_at LIMIT 1) FROM waiting_entry w"
        " WHERE w.state = 'waiting' AND w.session_id IS NULL)"
        " AND s.state = 'planned' AND s.starts_at > $1"
        f" AND CASE WHEN r.booking_mode IN {AS_ONE} THEN r.taken < r.places ELSE s.taken < s.places END"
        f" AND {condition} ORDER BY s.starts_at LIMIT {int(limit)}",
        clock.now(),
        *parameters,
    )


async def failed_messages(who: Who, *, hub_id: UUID | None = None) -> int:
    """How many messages of the last two weeks could not be sent."""
    condition, parameters = within(who, 2, hub_id=hub_id, column="hub_id")
    return await db.value(
        f"SELECT COUNT(*) FROM message WHERE state = 'failed' AND created_at > $1 AND {condition}",
        clock.now() - FAILED_FOR,
        *parameters,
    )


async def lines(who: Who, where: str, *parameters: Any) -> list[Line]:
    """The sessions for which a condition holds, as `who` may see them; drafts are on the pages of planning."""
    now = clock.now()
    found = await db.rows(f"SELECT {COLUMNS} FROM {TABLES} WHERE s.state <> 'draft' AND {where}", *parameters)
    return [line_of(row, who, now) for row in found]
