"""The line for a session or a whole run: how it stands, who is in it and in which order.

Priority comes first, then who has waited longest. A line is locked by the row on which its places are counted, so that one
offer at a time is made from it. Locks: session or run, then waiting entry, then offer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.programmes.bookings.claiming import Target
from booking.programmes.waiting import line_first

IN_ORDER = "w.priority DESC, w.created_at, w.id"
# when a course can no longer be joined: its session number entry_sessions begins
CLOSES = (
    "(SELECT MAX(d.starts_at) FROM session d WHERE d.run_id = r.id AND d.state = 'planned'"
    " AND d.number <= p.entry_sessions)"
)


@dataclass(frozen=True, slots=True)
class Line:
    """What a line is for, as it stands: `reserved_free` places are for families with priority alone; nobody can join or be
    offered anything after `closes_at` (None: there is no date any more)."""

    target: Target
    hub_id: UUID
    is_open: bool
    places: int
    taken: int
    reserved_free: int
    closes_at: datetime | None

    def left_for(self, *, is_priority: bool) -> int:
        return max(self.places - self.taken - (0 if is_priority else self.reserved_free), 0)


async def lock(target: Target) -> Line | None:
    """Locks the line for the rest of the transaction and returns how it stands; None for one that is not there."""
    found = await db.row(_of_session() if target.session_id else _of_run(), *_parameters(target))
    return None if found is None else line_of(target, found)


def line_of(target: Target, row: Mapping[str, Any]) -> Line:
    """A row with hub_id, is_open, places, taken (guests counted), reserved_free and closes_at."""
    return Line(
        target, row["hub_id"], bool(row["is_open"]), row["places"], row["taken"], row["reserved_free"], row["closes_at"]
    )


def _parameters(target: Target) -> tuple[UUID, datetime]:
    return target.session_id or target.run_id, clock.now()


def _of_session() -> str:
    lock_ = " FOR NO KEY UPDATE OF s" if db.is_postgres() else ""
    return (
        "SELECT s.hub_id, (s.state = 'planned' AND r.state = 'published') AS is_open, s.places, s.taken,"
        f" {line_first.kept('s', '$2')} AS reserved_free, s.starts_at AS closes_at"
        f" FROM session s JOIN run r ON r.id = s.run_id WHERE s.id = $1{lock_}"
    )


def _of_run() -> str:
    lock_ = " FOR NO KEY UPDATE OF r" if db.is_postgres() else ""
    return (
        "SELECT r.hub_id, (r.state = 'published') AS is_open, r.places, r.taken + r.guest_places AS taken,"
        f" {line_first.kept('r', '$2')} AS reserved_free, {CLOSES} AS closes_at"
        f" FROM run r JOIN programme p ON p.id = r.programme_id WHERE r.id = $1{lock_}"
    )


def on_it(target: Target) -> tuple[str, UUID]:
    """Which entries w are in this line: a condition with $1, and its value."""
    if target.session_id:
        return "w.session_id = $1", target.session_id
    return "w.run_id = $1 AND w.session_id IS NULL", target.run_id


async def in_order(target: Target) -> list[dict[str, Any]]:
    """Who waits without an offer, first to last: id, person_id, family_id, places, priority, has_a_place, creche_fits."""
    condition, id_ = on_it(target)
    booked = "b.session_id = w.session_id" if target.session_id else "b.run_id = w.run_id AND b.session_id IS NULL"
    return await db.rows(
        "SELECT w.id, w.person_id, w.family_id, w.places, w.priority, w.reference, w.manage_token, EXISTS (SELECT 1"
        f" FROM booking b WHERE b.family_id = w.family_id AND b.state = 'booked' AND {booked}) AS has_a_place,"
        f" {line_first.CRECHE_FITS} AS creche_fits"
        f" FROM waiting_entry w WHERE {condition} AND w.state = 'waiting' ORDER BY {IN_ORDER}",
        id_,
    )


async def before(entry_id: UUID) -> int:
    """How many families are before this one in its line."""
    return await db.value(
        "SELECT COUNT(*) AS n FROM waiting_entry w JOIN waiting_entry me ON me.id = $1 WHERE w.state IN ('waiting', 'offered')"
        " AND w.id <> me.id AND w.run_id = me.run_id AND (w.session_id = me.session_id OR (w.session_id IS NULL AND"
        " me.session_id IS NULL)) AND (w.state = 'offered' OR w.priority > me.priority OR (w.priority = me.priority"
        " AND (w.created_at < me.created_at OR (w.created_at = me.created_at AND w.id < me.id))))",
        entry_id,
    )
