"""Waiting lists as staff see them: every line of their hubs, one line in its order, and one family in it.

All within the hubs of who asks; what is restricted is seen by staff of that very hub alone (promises P5, P6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.contacts import phone_words
from booking.people.signing_in import Who
from booking.programmes import disclosure
from booking.programmes.bookings.claiming import Target
from booking.programmes.staff_lists import within
from booking.programmes.waiting import line_first, lines
from booking.programmes.waiting.why_nobody import Stand, why_nobody
from booking.words import count_words

SUMS = (
    "SELECT w.run_id, w.session_id, SUM(CASE WHEN w.state = 'waiting' THEN 1 ELSE 0 END) AS waiting,"
    " SUM(CASE WHEN w.state = 'offered' THEN 1 ELSE 0 END) AS offered, MIN(w.created_at) AS oldest_at,"
    " MIN(CASE WHEN w.state = 'waiting' AND w.priority = 0 THEN w.places END) AS fewest,"
    " MIN(CASE WHEN w.state = 'waiting' AND w.priority > 0 THEN w.places END) AS fewest_priority,"
    " MIN(o.expires_at) AS holds_until_at FROM waiting_entry w"
    " LEFT JOIN offer o ON o.waiting_entry_id = w.id AND o.state = 'open'"
    " WHERE w.state IN ('waiting', 'offered'){only} GROUP BY w.run_id, w.session_id"
)
FIRST = (  # what the first in line needs
    "(SELECT f.{column} FROM waiting_entry f WHERE f.run_id = x.run_id AND f.state = 'waiting'"
    " AND (f.session_id = x.session_id OR (f.session_id IS NULL AND x.session_id IS NULL))"
    " ORDER BY f.priority DESC, f.created_at, f.id LIMIT 1)"
)
COLUMNS = (
    f"{disclosure.FACTS}, s.date, s.start_time, s.end_time, r.id AS run_id, x.session_id AS only_session_id, r.hub_id,"
    " r.booking_mode, p.id AS programme_id, p.title AS programme_title, hub.name AS hub_name, r.slug,"
    " (r.state = 'published' AND s.state = 'planned') AS is_open,"
    " CASE WHEN x.session_id IS NULL THEN r.places ELSE s.places END AS places,"
    " CASE WHEN x.session_id IS NULL THEN r.taken + r.guest_places ELSE s.taken END AS taken,"
    " CASE WHEN x.session_id IS NULL THEN r.reserved ELSE s.reserved END AS reserved,"
    " CASE WHEN x.session_id IS NULL THEN r.reserved_taken ELSE s.reserved_taken END AS reserved_taken,"
    " CASE WHEN x.session_id IS NULL THEN r.reserved_until_at ELSE s.reserved_until_at END AS reserved_until_at,"
    f" CASE WHEN x.session_id IS NULL THEN {line_first.kept('r', '$1')} ELSE {line_first.kept('s', '$1')} END"
    " AS reserved_free,"
    f" CASE WHEN x.session_id IS NULL THEN {lines.CLOSES} ELSE s.starts_at END AS closes_at,"
    " COALESCE(s.room_id, r.room_id) AS room_id, room.capacity AS room_capacity, x.waiting, x.offered, x.oldest_at,"
    f" x.fewest, x.fewest_priority, x.holds_until_at, {FIRST.format(column='places')} AS first_needs,"
    f" {FIRST.format(column='priority')} AS first_priority"
)
# a line for a whole run stands at its next date, or where there is none at its first
TABLES = (
    "JOIN run r ON r.id = x.run_id JOIN programme p ON p.id = r.programme_id JOIN session s ON s.id = COALESCE(x.session_id,"
    " (SELECT n.id FROM session n WHERE n.run_id = r.id ORDER BY CASE WHEN n.state = 'planned' AND n.starts_at > $1 THEN 0"
    " ELSE 1 END, n.starts_at LIMIT 1)) JOIN location l ON l.id = s.location_id JOIN location hub ON hub.id = r.hub_id"
    " LEFT JOIN room ON room.id = COALESCE(s.room_id, r.room_id)"
)
ENTRY = (
    "w.id, w.reference, w.places, w.needs, w.created_at, w.state, w.priority, w.priority_reason, w.who, w.run_id,"
    " w.session_id, w.person_id, w.creche_children, h.name, h.phone, h.email, o.id AS offer_id, o.expires_at,"
    " EXISTS (SELECT 1 FROM message m WHERE m.about_kind = 'offer' AND m.about_id = o.id"
    " AND m.state NOT IN ('failed', 'missed', 'void') AND (m.channel <> 'call' OR m.state <> 'queued')) AS is_told"
)
MOST_LISTS = 200


@dataclass(frozen=True, slots=True)
class List:
    """One line: `row` is its COLUMNS, `why` says what stands in the way of an offer."""

    row: dict[str, Any]
    title: str
    place: str
    stand: Stand
    why: str

    @property
    def path(self) -> str:
        return path_of(self.row["run_id"], self.row["only_session_id"])


def path_of(run_id: UUID, session_id: UUID | None) -> str:
    """Where staff look after a line."""
    return f"/staff/waiting/sessions/{session_id}" if session_id else f"/staff/waiting/runs/{run_id}"


async def lists_of(who: Who, hub_id: UUID | None = None) -> list[List]:
    """Every line of the hubs of who asks that somebody is in, the next to begin first. One query."""
    condition, parameters = within(who, 2, hub_id=hub_id, column="r.hub_id")
    found = await db.rows(
        f"SELECT {COLUMNS} FROM ({SUMS.format(only='')}) x {TABLES} WHERE s.state = 'planned' AND s.starts_at > $1"
        f" AND {condition} ORDER BY s.starts_at, r.title, s.id LIMIT {MOST_LISTS}",
        clock.now(),
        *parameters,
    )
    return [_list(row) for row in found if _may_see(who, row)]


async def list_of(who: Who, target: Target) -> List | None:
    """One line, also one that nobody is in; None for what is not theirs."""
    condition, parameters = within(who, 3, column="r.hub_id")
    column, id_ = ("s.id", target.session_id) if target.session_id else ("r.id", target.run_id)
    session = "s.id" if target.session_id else "NULLIF(r.id, r.id)"
    one = (
        f"SELECT q.*, x0.waiting, x0.offered, x0.oldest_at, x0.fewest, x0.fewest_priority, x0.holds_until_at FROM"
        f" (SELECT r.id AS run_id, {session} AS session_id FROM run r LEFT JOIN session s ON s.run_id = r.id"
        f" WHERE {column} = $2 LIMIT 1) q LEFT JOIN ({SUMS.format(only='')}) x0 ON x0.run_id = q.run_id"
        " AND (x0.session_id = q.session_id OR (x0.session_id IS NULL AND q.session_id IS NULL))"
    )
    row = await db.row(f"SELECT {COLUMNS} FROM ({one}) x {TABLES} WHERE {condition}", clock.now(), id_, *parameters)
    return _list(row) if row and _may_see(who, row) else None


def _may_see(who: Who, row: Mapping[str, Any]) -> bool:
    return not row["is_restricted"] or who.works_at(row["hub_id"])


def _list(row: dict[str, Any]) -> List:
    told = disclosure.shown(row, "staff of it" if row["is_restricted"] else "other staff")
    assert told is not None
    stand = Stand(
        is_open=bool(row["is_open"]), closes_at=row["closes_at"], places=row["places"], taken=row["taken"],
        reserved_free=row["reserved_free"], reserved_until=row["reserved_until_at"], waiting=row["waiting"] or 0,
        fewest=row["fewest"], fewest_priority=row["fewest_priority"], first_needs=row["first_needs"],
        first_has_priority=bool(row["first_priority"]), holds_until=row["holds_until_at"],
    )  # fmt: skip
    place = "Online" if told.is_online else told.place
    return List(row, told.title, place, stand, why_nobody(stand, clock.now()))


async def families_in(target: Target) -> list[dict[str, Any]]:
    """Who is in the line, in order, those who hold an offer first; with how to reach them and whether anybody told them."""
    condition, id_ = lines.on_it(target)
    found = await db.rows(
        f"SELECT {ENTRY} FROM waiting_entry w JOIN person h ON h.id = w.person_id"
        " LEFT JOIN offer o ON o.waiting_entry_id = w.id AND o.state = 'open'"
        f" WHERE {condition} AND w.state IN ('waiting', 'offered')"
        f" ORDER BY CASE WHEN w.state = 'offered' THEN 0 ELSE 1 END, {lines.IN_ORDER}",
        id_,
    )
    return [_reachable(row) for row in found]


def _reachable(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"phone_words": phone_words(row["phone"]) if row["phone"] else ""}


async def entry_of(who: Who, entry_id: UUID) -> tuple[dict[str, Any], List] | None:
    """One family in line (or that was), with its line; None for what is not theirs."""
    row = await db.row(
        f"SELECT {ENTRY} FROM waiting_entry w JOIN person h ON h.id = w.person_id"
        " LEFT JOIN offer o ON o.waiting_entry_id = w.id AND o.state = 'open' WHERE w.id = $1",
        entry_id,
    )
    line = await list_of(who, Target.of(row)) if row else None
    return (_reachable(row), line) if row and line else None


async def to_ring(who: Who) -> list[dict[str, Any]]:
    """Open offers of which the family has had no message: nobody knows of them unless staff ring."""
    condition, parameters = within(who, 2, column="r.hub_id")
    found = await db.rows(
        f"SELECT {ENTRY}, {disclosure.FACTS}, r.hub_id FROM offer o JOIN waiting_entry w ON w.id = o.waiting_entry_id"
        " JOIN person h ON h.id = w.person_id JOIN session s ON s.id = COALESCE(w.session_id,"
        " (SELECT n.id FROM session n WHERE n.run_id = w.run_id ORDER BY n.starts_at DESC LIMIT 1))"
        f" {disclosure.JOINS} WHERE o.state = 'open' AND o.expires_at > $1 AND {condition} ORDER BY o.expires_at",
        clock.now(),
        *parameters,
    )
    return [_reachable(row) for row in found if _may_see(who, row) and not row["is_told"]]


@dataclass(frozen=True, slots=True)
class Demand:
    """So many families wait for one programme near one hub, and nothing is free: plan a run for them."""

    programme_id: UUID
    title: str
    near: str
    waiting: int
    waiting_from: UUID

    @property
    def plan_path(self) -> str:
        return f"/staff/plan/new?programme={self.programme_id}&waiting_from={self.waiting_from}"


def demand(lists: list[List], least: int = 3) -> list[Demand]:
    """Of these lines those with nothing left, by programme and hub, the most wanted first."""
    groups: dict[tuple[UUID, UUID], list[List]] = {}
    for each in lists:
        if not each.stand.somebody_fits and each.stand.waiting and not each.row["is_restricted"]:
            groups.setdefault((each.row["programme_id"], each.row["hub_id"]), []).append(each)
    found = [_demand(group) for group in groups.values()]
    return sorted((each for each in found if each.waiting >= least), key=lambda each: (-each.waiting, each.title))


def _demand(group: list[List]) -> Demand:
    largest = max(group, key=lambda each: each.stand.waiting)
    row = largest.row
    return Demand(
        row["programme_id"],
        row["programme_title"],
        row["hub_name"],
        sum(each.stand.waiting for each in group),
        row["run_id"],
    )


def since(oldest: datetime, now: datetime) -> str:
    """How long the first has waited: "since today", "for 3 days", "for 5 weeks"."""
    days = (clock.local(now).date() - clock.local(oldest).date()).days
    if days < 1:
        return "since today"
    if days < 14:
        return f"for {count_words(days, 'day')}"
    return f"for {days // 7} weeks"
