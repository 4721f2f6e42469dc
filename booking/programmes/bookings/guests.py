"""Places of guests: families of another run who catch up on one date (promise P2).

Where the whole run is booked, a date's own `taken` counts its guests, and the run's `guest_places` the most that any date to
come needs beside the run's bookings. Both are changed with the run locked, so bookings of the run and guests together never
pass the places of the run, nor of a date that has fewer: such a date's guests need as many more of the run's.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.problems import Problem, Refused
from booking.programmes.bookings import leasing
from booking.programmes.bookings.leasing import Target

MOST = (
    "SELECT COALESCE(MAX(s.taken + CASE WHEN r.places > s.places THEN r.places - s.places ELSE 0 END), 0) AS most"
    " FROM session s JOIN run r ON r.id = s.run_id"
    " WHERE s.run_id = $1 AND s.state = 'planned' AND s.ends_at > $2 AND s.taken > 0"
)
# what is left beside reserved places, and beside families in line, for so many guests ($2) on one date at $3
FITS = (
    "UPDATE run SET guest_places = $2 WHERE id = $1 AND state = 'published' AND (guest_places >= $2 OR (taken + $2 <= places"
    " - CASE WHEN reserved <= reserved_taken OR reserved_until_at IS NULL OR reserved_until_at <= $3 THEN 0"
    " ELSE reserved - reserved_taken END AND NOT EXISTS (SELECT 1 FROM waiting_entry w WHERE w.run_id = run.id"
    " AND w.session_id IS NULL AND w.state IN ('waiting', 'offered')))) RETURNING id"
)
CLAIM_DATE = (
    "UPDATE session SET taken = taken + $2 WHERE id = $1 AND taken + $2 <= places AND state = 'planned' AND starts_at > $3"
    " RETURNING id"
)


TAKEN = Problem("The places of guests on this date have been taken meanwhile, so this cannot be undone.", rule="full")


class NoRoom(Exception):
    """No place is left that day; what was claimed of it goes back with the transaction."""


async def lock_runs(run_ids: Iterable[UUID]) -> None:
    """Locks runs in the order of their ids, before their sessions."""
    ids = sorted(set(run_ids))
    if ids and db.is_postgres():
        await db.rows(f"SELECT id FROM run WHERE id IN {db.in_list(ids)} ORDER BY id FOR NO KEY UPDATE", *ids)


async def lock_run_of(session_id: UUID) -> None:
    """Locks the run of a session whose guests are about to change; only where the whole run is booked."""
    await lock_runs_of([session_id])


async def lock_runs_of(session_ids: Iterable[UUID]) -> None:
    """The same for several sessions."""
    found = [await _run_of(session_id) for session_id in session_ids]
    await lock_runs(run_id for run_id in found if run_id)


async def _run_of(session_id: UUID) -> UUID | None:
    return await db.value(
        "SELECT r.id FROM session s JOIN run r ON r.id = s.run_id WHERE s.id = $1 AND r.booking_mode = 'run'",
        session_id,
    )


async def claim(target: Target, places: int) -> None:
    """Claims places of one date for a guest, in the caller's transaction. Raises NoRoom when they are not there."""
    if not await _is_run(target.run_id):
        if not await leasing.claim(target, places):
            raise NoRoom
        return
    await lock_runs([target.run_id])
    if not await db.row(CLAIM_DATE, target.session_id, places, clock.now()):
        raise NoRoom
    if not await db.row(FITS, target.run_id, await _most(target.run_id), clock.now()):
        raise NoRoom


async def give_back(target: Target, places: int) -> None:
    """Frees a guest's places, in the caller's transaction."""
    is_run = await _is_run(target.run_id)
    if is_run:
        await lock_runs([target.run_id])
    await leasing.give_back(target, places)
    if is_run:
        await recount(target.run_id)


async def recount(run_id: UUID) -> None:
    """Puts guest_places to what the dates to come need; the run is locked. Raises Refused where it has no longer so many."""
    most = await _most(run_id)
    run = await db.row("SELECT guest_places, taken, places FROM run WHERE id = $1", run_id)
    if run is None or run["guest_places"] == most:
        return
    if run["taken"] + most > run["places"]:
        raise Refused([TAKEN])
    await db.execute("UPDATE run SET guest_places = $2 WHERE id = $1", run_id, most)


async def recount_run(run_id: UUID) -> None:
    """Like recount, for any run, which is locked: it has other places than before. Nothing where no whole run is booked."""
    if await _is_run(run_id):
        await recount(run_id)


async def recount_of(session_id: UUID) -> None:
    """Like recount, for the run of a session, if that is booked as a whole."""
    run_id = await _run_of(session_id)
    if run_id:
        await recount(run_id)


async def _most(run_id: UUID) -> int:
    return int(await db.value(MOST, run_id, clock.now()))


async def _is_run(run_id: UUID) -> bool:
    return await db.value("SELECT booking_mode FROM run WHERE id = $1", run_id) == "run"


async def tidy() -> int:
    """Frees what guests had on dates that are over; returns how many runs changed."""
    found: list[dict[str, Any]] = await db.rows("SELECT id, guest_places FROM run WHERE guest_places > 0 ORDER BY id")
    changed = 0
    for row in found:

        async def body(run_id: UUID = row["id"]) -> int:
            await lock_runs([run_id])
            await recount(run_id)
            return int(await db.value("SELECT guest_places FROM run WHERE id = $1", run_id))

        changed += await db.run_tx(body) != row["guest_places"]
    return changed
