"""Claiming places and giving them back: the counters `taken` of sessions, runs and appointments (promise P2).

One conditional UPDATE claims. Reserved places are for families who were referred or have priority (is_priority), until
reserved_until_at: others may take what is left beside them. On a run, places of guests who catch up on single dates count
too. While families in line fit in what is left, it is theirs: only an offer to one of them claims it
(docs/decisions/places-freed-while-families-wait.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.problems import Problem
from booking.programmes.waiting import line_first, offer_times

FULL = Problem("The last place has just gone. You can join the waiting list.", rule="full")
LINE_FIRST = Problem(
    "A place has come free, and families on the waiting list are asked first. You can join the list.", rule="full"
)
TOO_FEW = "There are not enough places left for everybody. {left} left."
SLOT_TAKEN = Problem("Somebody has just taken this appointment. Please choose another time.", rule="full")
SLOT_GONE = Problem("This appointment is no longer offered. Please choose another time.", rule="cancelled")
CANCELLED = Problem("This session has been cancelled.", rule="cancelled")
BEGUN = Problem("This has already begun, so it can no longer be booked.", rule="begun")
CLOSED = Problem("This course has begun and can no longer be joined.", rule="begun")

# of so many places ($2) whether they are there at $3; places kept for others count until their time is over
LEFT_BESIDE_RESERVED = (
    "places - CASE WHEN $4 LIKE 'priority%' OR reserved <= reserved_taken OR reserved_until_at IS NULL"
    " OR reserved_until_at <= $3 THEN 0 ELSE reserved - reserved_taken END"
)
LEFT = (  # for everybody, at $1
    "places - taken - {guests} - CASE WHEN reserved <= reserved_taken OR reserved_until_at IS NULL"
    " OR reserved_until_at <= $1 THEN 0 ELSE reserved - reserved_taken END"
)
RESERVED_TAKEN = "reserved_taken = reserved_taken + CASE WHEN $4 LIKE 'priority%' THEN $2 ELSE 0 END"
# those in line come first, if what is claimed closes at $5 or later; who was referred waits for those with priority alone
ONLY = " AND ($4 = 'all' OR w.priority > 0)"
IN_LINE = "$4 LIKE '%line' OR"
LINE_OF_SESSION = (
    f"({IN_LINE} session.starts_at < $5 OR NOT"
    f" {line_first.for_session('session', kept=line_first.kept('session', '$3'), only=ONLY)})"
)
LINE_OF_RUN = (
    f"({IN_LINE} NOT ({line_first.STAYS_OPEN.format(t='run', soonest='$5')} AND"
    f" {line_first.for_run('run', kept=line_first.kept('run', '$3'), only=ONLY)}))"
)
CLAIM_SESSION = (
    f"UPDATE session SET taken = taken + $2, {RESERVED_TAKEN} WHERE id = $1 AND taken + $2 <= {LEFT_BESIDE_RESERVED}"
    f" AND state = 'planned' AND starts_at > $3 AND {LINE_OF_SESSION} RETURNING id"
)
CLAIM_RUN = (
    f"UPDATE run SET taken = taken + $2, {RESERVED_TAKEN} WHERE id = $1"
    f" AND taken + $2 + guest_places <= {LEFT_BESIDE_RESERVED} AND state = 'published'"
    f" AND {LINE_OF_RUN} RETURNING id"
)
# a clinic may have begun when one of its later appointments is booked
CLAIM_SLOT = (
    "UPDATE slot SET taken = 1 WHERE id = $1 AND session_id = $2 AND taken = 0 AND state = 'open' AND starts_at > $3"
    " RETURNING id"
)
CLAIM_SESSION_OF_SLOT = (
    "UPDATE session SET taken = taken + 1, reserved_taken = reserved_taken + $2 WHERE id = $1 AND taken + 1 <= places"
    " AND state = 'planned' RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Target:
    """What places are counted on: one session, one appointment of it, or a run as a whole (session_id None)."""

    run_id: UUID
    session_id: UUID | None = None
    slot_id: UUID | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Target":
        """Of a row with run_id, session_id and, where it may have one, slot_id."""
        return cls(row["run_id"], row["session_id"], row.get("slot_id"))


def standing_of(is_priority: bool, is_from_line: bool) -> str:
    """ "all", "line", "priority" or "priority line": what the statements ask of who claims."""
    if is_from_line:
        return "priority line" if is_priority else "line"
    return "priority" if is_priority else "all"


class SlotGone(Exception):
    """The slot was free and its session was not; what was claimed of it goes back with the transaction."""


async def claim(target: Target, places: int, *, is_priority: bool = False, is_from_line: bool = False) -> bool:
    """Counts places as taken if they are there and may be booked; one conditional UPDATE, for an appointment two.
    `is_from_line`: for a family on the waiting list; for others nothing is there while such families fit in.
    """
    return await claim_as(target, places, standing_of(is_priority, is_from_line))


async def claim_as(target: Target, places: int, standing: str) -> bool:
    if target.slot_id:
        if await db.row(CLAIM_SLOT, target.slot_id, target.session_id, clock.now()) is None:
            return False
        if await db.row(CLAIM_SESSION_OF_SLOT, target.session_id, int(standing.startswith("priority"))) is None:
            raise SlotGone
        return True
    claimed, id_ = (CLAIM_SESSION, target.session_id) if target.session_id else (CLAIM_RUN, target.run_id)
    now = clock.now()
    return await db.row(claimed, id_, places, now, standing, offer_times.earliest_close(now)) is not None


async def give_back(target: Target, places: int, *, is_priority: bool = False) -> None:
    """Counts places as free again. In the transaction that ended what held them."""
    if target.slot_id:
        await db.execute("UPDATE slot SET taken = 0 WHERE id = $1", target.slot_id)
    table, id_ = ("session", target.session_id) if target.session_id else ("run", target.run_id)
    await db.execute(
        f"UPDATE {table} SET taken = taken - $2, reserved_taken = reserved_taken - $3 WHERE id = $1",
        id_, places, places if is_priority else 0,
    )  # fmt: skip


async def why_not(target: Target, places: int = 1) -> Problem:
    """Why places could not be claimed, in words."""
    now = clock.now()
    if target.session_id is None:
        found = await db.row(
            f"SELECT {LEFT.format(guests='guest_places')} AS n, state FROM run WHERE id = $2", now, target.run_id
        )
        if found is None or found["state"] != "published":
            return CANCELLED
        return _too_few(found["n"], places)
    found = await db.row(
        f"SELECT {LEFT.format(guests='0')} AS n, state, starts_at FROM session WHERE id = $2", now, target.session_id
    )
    if found is None or found["state"] != "planned":
        return CANCELLED
    if target.slot_id:
        return await _why_not_slot(target.slot_id)
    if found["starts_at"] <= now:
        return BEGUN
    return _too_few(found["n"], places)


def _too_few(left: int, wanted: int) -> Problem:
    if left <= 0:
        return FULL
    return LINE_FIRST if wanted <= left else Problem(TOO_FEW.format(left=left), rule="too few")


async def _why_not_slot(slot_id: UUID) -> Problem:
    slot = await db.row("SELECT state, starts_at FROM slot WHERE id = $1", slot_id)
    if slot is None or slot["state"] != "open":
        return SLOT_GONE
    return BEGUN if slot["starts_at"] <= clock.now() else SLOT_TAKEN
