"""Keeping a place for ten minutes while the form is filled in (promise P2).

A leased place counts as taken, so nobody else is offered it; it comes back by itself: when the time is over the next one who
asks for a place of that session frees it, and the jobs free all others. Locks are taken in one order: lease, slot, then
session or run.

How places are claimed and given back stands in claiming.py; what other files need of it is named here too.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.problems import Problem, Refused
from booking.programmes.bookings.claiming import (
    CANCELLED,
    CLAIM_RUN,
    CLAIM_SESSION,
    CLOSED,
    FULL,
    SLOT_GONE,
    SlotGone,
    Target,
    claim,
    claim_as,
    give_back,
    standing_of,
    why_not,
)
from booking.programmes.waiting import offer_times

__all__ = ["CANCELLED", "CLOSED", "FULL", "Target", "claim", "give_back", "why_not"]
MINUTES = 10
KEEP_DRAFT = timedelta(hours=2)

GONE = Problem("Your place was kept for ten minutes and has gone back. Please choose again.", rule="lease ended")


async def lease(
    target: Target,
    *,
    places: int = 1,
    minutes: int = MINUTES,
    is_priority: bool = False,
    is_from_line: bool = False,
) -> UUID:
    """Claims places and returns the lease's id. `is_from_line` is for a family on the waiting list that staff book in.

    Raises Refused: full, cancelled, begun, or families in line come first.
    """
    lease_id, standing = db.new_id(), standing_of(is_priority, is_from_line)
    if await _claim_and_write(lease_id, target, places, minutes, standing):
        return lease_id
    if await free_expired(target) and await _claim_and_write(lease_id, target, places, minutes, standing):
        return lease_id
    raise Refused([await why_not(target, places)])


async def start_waiting_draft(target: Target) -> UUID:
    """A form for the waiting list: a draft that keeps no place, and is forgotten when others are."""
    lease_id, now = db.new_id(), clock.now()
    await db.execute(
        "INSERT INTO lease (id, run_id, session_id, places, is_for_waiting, draft, expires_at, created_at)"
        " VALUES ($1, $2, $3, 0, $4, '', $5, $6)",
        lease_id, target.run_id, target.session_id, True, now + timedelta(minutes=MINUTES), now,
    )  # fmt: skip
    return lease_id


async def _claim_and_write(lease_id: UUID, target: Target, places: int, minutes: int, standing: str) -> bool:
    now = clock.now()
    until = now + timedelta(minutes=minutes)
    if db.is_postgres() and target.slot_id is None:
        return await _claim_and_write_at_once(lease_id, target, places, now, until, standing)

    async def body() -> bool:
        if not await claim_as(target, places, standing):
            return False
        await db.execute(
            "INSERT INTO lease (id, run_id, session_id, slot_id, places, is_priority, is_for_waiting, draft, expires_at,"
            " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9)",
            lease_id, target.run_id, target.session_id, target.slot_id, places, standing.startswith("priority"), False, until, now,
        )  # fmt: skip
        return True

    try:
        return await db.run_tx(body)
    except SlotGone:
        return False


async def _claim_and_write_at_once(
    lease_id: UUID, target: Target, places: int, now: datetime, until: datetime, standing: str
) -> bool:
    """One statement and one round trip, so that the row everybody wants is locked as shortly as can be."""
    claimed, id_ = (CLAIM_SESSION, target.session_id) if target.session_id else (CLAIM_RUN, target.run_id)
    written = await db.row(
        f"WITH claimed AS ({claimed}) INSERT INTO lease"
        " (id, run_id, session_id, places, is_priority, is_for_waiting, draft, expires_at, created_at)"
        " SELECT $6::uuid, $7::uuid, $8::uuid, $2::int, $4 LIKE 'priority%', false, '', $9::timestamptz, $3::timestamptz"
        " FROM claimed RETURNING id",
        id_, places, now, standing, offer_times.earliest_close(now), lease_id, target.run_id, target.session_id, until,
    )  # fmt: skip
    return written is not None


async def find(lease_id: UUID) -> dict[str, Any] | None:
    """The lease's row: run_id, session_id, slot_id, places, is_priority, is_for_waiting, draft, expires_at, released_at."""
    return await db.row(
        "SELECT id, run_id, session_id, slot_id, places, is_priority, is_for_waiting, draft, expires_at, released_at"
        " FROM lease WHERE id = $1",
        lease_id,
    )


async def live_one_of(lease_ids: list[UUID], target: Target) -> UUID | None:
    """Of these leases the one that keeps places on the target now, or None."""
    if not lease_ids:
        return None
    on_it, id_ = _leases_of(target)
    return await db.value(
        f"SELECT id FROM lease WHERE id IN {db.in_list(lease_ids, 3)} AND released_at IS NULL AND expires_at > $1 AND places > 0"
        f" AND {on_it.format('$2')} LIMIT 1",
        clock.now(),
        id_,
        *lease_ids,
    )


def _leases_of(target: Target) -> tuple[str, UUID]:
    """Which leases are on it: a condition with a place for the parameter."""
    if target.slot_id:
        return "slot_id = {}", target.slot_id
    if target.session_id:
        return "session_id = {}", target.session_id
    return "run_id = {} AND session_id IS NULL", target.run_id


async def keep_draft(lease_id: UUID, draft: str) -> None:
    await db.execute("UPDATE lease SET draft = $2 WHERE id = $1", lease_id, draft)


async def change_places(lease_id: UUID, places: int, *, minutes: int = MINUTES, draft: str | None = None) -> None:
    """Makes the lease one of so many places, from now for the full time, also when its places had gone back already.
    A draft is kept in any case.

    Raises Refused when there are not enough, and leaves the lease as it was.
    """
    until = clock.now() + timedelta(minutes=minutes)
    if await db.row(
        "UPDATE lease SET expires_at = $3, draft = COALESCE($4, draft) WHERE id = $1 AND places = $2"
        " AND released_at IS NULL RETURNING id",
        lease_id, places, until, draft,
    ):  # fmt: skip
        return
    if draft is not None:
        await keep_draft(lease_id, draft)

    async def body() -> None:
        locked = " FOR UPDATE" if db.is_postgres() else ""
        held = await db.row(
            f"SELECT run_id, session_id, slot_id, places, is_priority, released_at FROM lease WHERE id = $1{locked}",
            lease_id,
        )
        if held is None:
            raise Refused([GONE])
        target, is_priority = Target.of(held), bool(held["is_priority"])
        more = places - (0 if held["released_at"] else held["places"])
        if more > 0 and not await claim(target, more, is_priority=is_priority):
            raise Refused([await why_not(target, more)])
        if more < 0:
            await give_back(target, -more, is_priority=is_priority)
        await db.execute(
            "UPDATE lease SET places = $2, released_at = NULL, expires_at = $3 WHERE id = $1",
            lease_id,
            places,
            until,
        )

    try:
        await db.run_tx(body)
    except SlotGone:
        raise Refused([SLOT_GONE]) from None


async def release(lease_id: UUID) -> None:
    """Gives the leased places back and forgets what was typed: the family went away."""

    async def body() -> None:
        gone = await db.row(
            "DELETE FROM lease WHERE id = $1 RETURNING run_id, session_id, slot_id, places, is_priority, released_at",
            lease_id,
        )
        if gone and not gone["released_at"] and gone["places"]:
            await give_back(Target.of(gone), gone["places"], is_priority=bool(gone["is_priority"]))

    await db.run_tx(body)


async def free_expired(target: Target | None = None) -> int:
    """Gives back the places of leases whose time is over, of one target or of all; returns how many leases that were."""
    now = clock.now()
    where, parameters = "released_at IS NULL AND expires_at <= $1", [now]
    if target:
        on_it, id_ = _leases_of(target)
        where, parameters = f"{where} AND {on_it.format('$2')}", [now, id_]
    if not await db.row(f"SELECT id FROM lease WHERE {where} LIMIT 1", *parameters):
        return 0

    async def body() -> int:
        gone = await db.rows(
            f"UPDATE lease SET released_at = $1 WHERE {where} RETURNING run_id, session_id, slot_id, places, is_priority",
            *parameters,
        )
        for each in sorted(gone, key=_order_of_locks):
            await give_back(Target.of(each), each["places"], is_priority=bool(each["is_priority"]))
        return len(gone)

    return await db.run_tx(body)


def _order_of_locks(lease: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(lease[name] or "") for name in ("session_id", "run_id", "slot_id"))


async def forget_drafts() -> int:
    """Deletes forms that were never finished, with what was typed."""
    gone = await db.rows(
        "DELETE FROM lease WHERE released_at IS NOT NULL AND released_at < $1 RETURNING id", clock.now() - KEEP_DRAFT
    )
    return len(gone)
