"""Keeping a place for ten minutes while the form is filled in (promise P2).

A leased place counts as taken, so nobody else is offered it; it comes back by itself: when the time is over the next one who
asks for a place of that session frees it, and the jobs free all others. Locks are taken in one order: lease, then session or
run.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.problems import Problem, Refused

MINUTES = 10
KEEP_DRAFT = timedelta(hours=2)

FULL = Problem("The last place has just gone. You can join the waiting list.", rule="full")
TOO_FEW = "There are not enough places left for everybody. {left} left."
CANCELLED = Problem("This session has been cancelled.", rule="cancelled")
BEGUN = Problem("This has already begun, so it can no longer be booked.", rule="begun")
CLOSED = Problem("This course has begun and can no longer be joined.", rule="begun")
GONE = Problem("Your place was kept for ten minutes and has gone back. Please choose again.", rule="lease ended")

CLAIM_SESSION = (
    "UPDATE session SET taken = taken + $2 WHERE id = $1 AND taken + $2 <= places AND state = 'planned'"
    " AND starts_at > $3 RETURNING id"
)
CLAIM_RUN = "UPDATE run SET taken = taken + $2 WHERE id = $1 AND taken + $2 <= places RETURNING id"


@dataclass(frozen=True, slots=True)
class Target:
    """What places are counted on: one session, or a run as a whole (session_id None)."""

    run_id: UUID
    session_id: UUID | None = None


async def lease(target: Target, *, places: int = 1, minutes: int = MINUTES) -> UUID:
    """Claims places and returns the lease's id. Raises Refused: full, cancelled or begun."""
    lease_id = db.new_id()
    if await _claim_and_write(lease_id, target, places, minutes):
        return lease_id
    if await free_expired(target) and await _claim_and_write(lease_id, target, places, minutes):
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


async def _claim_and_write(lease_id: UUID, target: Target, places: int, minutes: int) -> bool:
    now = clock.now()
    until = now + timedelta(minutes=minutes)
    if db.is_postgres():
        return await _claim_and_write_at_once(lease_id, target, places, now, until)

    async def body() -> bool:
        if not await claim(target, places):
            return False
        await db.execute(
            "INSERT INTO lease (id, run_id, session_id, places, is_for_waiting, draft, expires_at, created_at)"
            " VALUES ($1, $2, $3, $4, $5, '', $6, $7)",
            lease_id, target.run_id, target.session_id, places, False, until, now,
        )  # fmt: skip
        return True

    return await db.run_tx(body)


async def _claim_and_write_at_once(lease_id: UUID, target: Target, places: int, now: datetime, until: datetime) -> bool:
    """One statement and one round trip, so that the row everybody wants is locked as shortly as can be."""
    if target.session_id:
        claimed, parameters = CLAIM_SESSION, [target.session_id, places, now]
    else:
        claimed, parameters = CLAIM_RUN, [target.run_id, places]
    n = len(parameters)
    written = await db.row(
        f"WITH claimed AS ({claimed}) INSERT INTO lease"
        " (id, run_id, session_id, places, is_for_waiting, draft, expires_at, created_at)"
        f" SELECT ${n + 1}::uuid, ${n + 2}::uuid, ${n + 3}::uuid, $2::int, false, '', ${n + 4}::timestamptz, ${n + 5}::timestamptz FROM claimed RETURNING id",
        *parameters, lease_id, target.run_id, target.session_id, until, now,
    )  # fmt: skip
    return written is not None


async def claim(target: Target, places: int) -> bool:
    """Counts places as taken if they are there and may be booked; one conditional UPDATE."""
    if target.session_id:
        return await db.row(CLAIM_SESSION, target.session_id, places, clock.now()) is not None
    return await db.row(CLAIM_RUN, target.run_id, places) is not None


async def give_back(target: Target, places: int) -> None:
    """Counts places as free again. In the transaction that ended what held them."""
    table, id_ = ("session", target.session_id) if target.session_id else ("run", target.run_id)
    await db.execute(f"UPDATE {table} SET taken = taken - $2 WHERE id = $1", id_, places)


async def why_not(target: Target, places: int = 1) -> Problem:
    """Why places could not be claimed, in words."""
    if target.session_id is None:
        left = await db.value("SELECT places - taken AS n FROM run WHERE id = $1", target.run_id)
        return FULL if left <= 0 else Problem(TOO_FEW.format(left=left), rule="too few")
    found = await db.row("SELECT places - taken AS n, state, starts_at FROM session WHERE id = $1", target.session_id)
    if found is None or found["state"] != "planned":
        return CANCELLED
    if found["starts_at"] <= clock.now():
        return BEGUN
    return FULL if found["n"] <= 0 else Problem(TOO_FEW.format(left=found["n"]), rule="too few")


async def find(lease_id: UUID) -> dict[str, Any] | None:
    """The lease's row: run_id, session_id, places, is_for_waiting, draft, expires_at, released_at."""
    return await db.row(
        "SELECT id, run_id, session_id, places, is_for_waiting, draft, expires_at, released_at FROM lease WHERE id = $1",
        lease_id,
    )


async def live_one_of(lease_ids: list[UUID], target: Target) -> UUID | None:
    """Of these leases the one that keeps places on the target now, or None."""
    if not lease_ids:
        return None
    on_it, id_ = (
        ("session_id = $2", target.session_id)
        if target.session_id
        else ("run_id = $2 AND session_id IS NULL", target.run_id)
    )
    return await db.value(
        f"SELECT id FROM lease WHERE id IN {db.in_list(lease_ids, 3)} AND released_at IS NULL AND expires_at > $1 AND places > 0"
        f" AND {on_it} LIMIT 1",
        clock.now(),
        id_,
        *lease_ids,
    )


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
            f"SELECT run_id, session_id, places, released_at FROM lease WHERE id = $1{locked}", lease_id
        )
        if held is None:
            raise Refused([GONE])
        target = Target(held["run_id"], held["session_id"])
        more = places - (0 if held["released_at"] else held["places"])
        if more > 0 and not await claim(target, more):
            raise Refused([await why_not(target, more)])
        if more < 0:
            await give_back(target, -more)
        await db.execute(
            "UPDATE lease SET places = $2, released_at = NULL, expires_at = $3 WHERE id = $1",
            lease_id,
            places,
            until,
        )

    await db.run_tx(body)


async def release(lease_id: UUID) -> None:
    """Gives the leased places back and forgets what was typed: the family went away."""

    async def body() -> None:
        gone = await db.row(
            "DELETE FROM lease WHERE id = $1 RETURNING run_id, session_id, places, released_at", lease_id
        )
        if gone and not gone["released_at"] and gone["places"]:
            await give_back(Target(gone["run_id"], gone["session_id"]), gone["places"])

    await db.run_tx(body)


async def free_expired(target: Target | None = None) -> int:
    """Gives back the places of leases whose time is over, of one target or of all; returns how many leases that were."""
    now = clock.now()
    where, parameters = "released_at IS NULL AND expires_at <= $1", [now]
    if target and target.session_id:
        where, parameters = f"{where} AND session_id = $2", [now, target.session_id]
    elif target:
        where, parameters = f"{where} AND run_id = $2 AND session_id IS NULL", [now, target.run_id]
    if not await db.row(f"SELECT id FROM lease WHERE {where} LIMIT 1", *parameters):
        return 0

    async def body() -> int:
        gone = await db.rows(
            f"UPDATE lease SET released_at = $1 WHERE {where} RETURNING run_id, session_id, places", *parameters
        )
        counts: dict[tuple[str, str], tuple[Target, int]] = {}
        for each in gone:
            of = Target(each["run_id"], each["session_id"])
            key = ("run", str(of.run_id)) if of.session_id is None else ("session", str(of.session_id))
            counts[key] = (of, counts.get(key, (of, 0))[1] + each["places"])
        for key in sorted(counts):
            of, places = counts[key]
            await give_back(of, places)
        return len(gone)

    return await db.run_tx(body)


async def forget_drafts() -> int:
    """Deletes forms that were never finished, with what was typed."""
    gone = await db.rows(
        "DELETE FROM lease WHERE released_at IS NOT NULL AND released_at < $1 RETURNING id", clock.now() - KEEP_DRAFT
    )
    return len(gone)
