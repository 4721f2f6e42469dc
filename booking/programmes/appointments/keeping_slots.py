"""The slots of clinics: made for every date of an appointment run, opened and closed by staff, and taken along when it moves.

A session of a clinic has as many places as it has open slots. Slots are made once, when its date is, and never from the run
again: what staff opened, closed and added stays.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.changes import in_parts
from booking.problems import Problem, Refused
from booking.programmes.appointments import slots
from booking.programmes.appointments.finding_slots import slots_of
from booking.words import clock_time

LONGEST_NAME, MOST_WORKERS = 60, 8
USUAL_MINUTES = 30
COUNTED = (
    "UPDATE session SET places = CASE WHEN n.open_slots > session.taken THEN n.open_slots ELSE session.taken END"
    " FROM (SELECT session_id, SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END) AS open_slots FROM slot"
    " WHERE session_id IN {ids} GROUP BY session_id) AS n WHERE session.id = n.session_id"
)


async def make_missing(*, run_id: UUID | None = None, session_id: UUID | None = None) -> int:
    """Makes the slots of clinics' dates that have none and are not over; of one run or date, or of all. Returns how many.

    In the caller's transaction, or one of its own. Safe to call again.
    """

    async def body() -> int:
        wanted = ["s.ends_at > $1"]
        parameters: list[Any] = [clock.now()]
        for column, value in (("s.run_id", run_id), ("s.id", session_id)):
            if value:
                parameters.append(value)
                wanted.append(f"{column} = ${len(parameters)}")
        clinics = await db.rows(
            "SELECT s.id, s.date, s.start_time, s.end_time, r.slot_minutes, r.places, r.facilitator_1,"
            " r.facilitator_2 FROM session s JOIN run r ON r.id = s.run_id WHERE r.booking_mode = 'appointment'"
            f" AND s.state IN ('planned', 'draft') AND {' AND '.join(wanted)}"
            " AND NOT EXISTS (SELECT 1 FROM slot x WHERE x.session_id = s.id)",
            *parameters,
        )
        return await _make(clinics)

    return await db.run_tx(body)


async def _make(clinics: Sequence[Mapping[str, Any]]) -> int:
    lines = [line for clinic in clinics for line in _lines(clinic)]
    columns = ("id", "session_id", "worker", "starts_at", "ends_at", "state", "taken")
    # two that make the same at once: the other's are as good
    await db.insert_many("slot", columns, lines, "ON CONFLICT (session_id, worker, starts_at) DO NOTHING")
    await count_places([clinic["id"] for clinic in clinics])
    return len(lines)


def _lines(clinic: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    cuts = slots.cut(clinic["start_time"], clinic["end_time"], clinic["slot_minutes"] or USUAL_MINUTES)
    times = slots.on_day(cuts, clinic["date"])
    workers = workers_of(clinic, len(cuts))
    return [(db.new_id(), clinic["id"], worker, *at, "open", 0) for worker in workers for at in times]


def workers_of(run: Mapping[str, Any], times: int) -> list[str]:
    """Who works side by side in a new clinic of so many times: as many as its places ask for, facilitators by name; one alone
    needs none."""
    count = min(max(run["places"] // max(times, 1), 1), MOST_WORKERS)
    named = [name[:LONGEST_NAME] for name in (run["facilitator_1"], run["facilitator_2"]) if name][:count]
    if count == 1:
        return named or [""]
    named = list(dict.fromkeys(named))
    return [*named, *(f"Worker {n + 1}" for n in range(len(named), count))]


async def count_places(session_ids: Sequence[UUID]) -> None:
    """A clinic has as many places as open slots, and never fewer than are taken. Counted when nobody else can change it."""
    for some in in_parts(sorted(session_ids)):
        if db.is_postgres():
            await db.rows(f"SELECT id FROM session WHERE id IN {db.in_list(some)} ORDER BY id FOR UPDATE", *some)
        await db.execute(COUNTED.format(ids=db.in_list(some)), *some)


async def times_of(session_ids: Sequence[UUID]) -> dict[UUID, tuple[datetime, datetime]]:
    """When slots of these dates begin and end, by their ids."""
    found = await db.rows(
        f"SELECT id, starts_at, ends_at FROM slot WHERE session_id IN {db.in_list(session_ids)}", *session_ids
    )
    return {row["id"]: (row["starts_at"], row["ends_at"]) for row in found}


async def clinic_at(session_id: UUID) -> dict[str, Any]:
    """A date's day and wall times as `follow` takes them."""
    found = await db.row("SELECT starts_at, ends_at FROM session WHERE id = $1", session_id)
    assert found is not None
    start, end = clock.local(found["starts_at"]), clock.local(found["ends_at"])
    return {"date": start.date(), "start_time": f"{start:%H:%M}", "end_time": f"{end:%H:%M}"}


async def lock_slots(session_ids: Sequence[UUID]) -> None:
    """Before the session: booking an appointment locks its slot first. Not against a booking that only points at it."""
    if db.is_postgres():
        some = db.in_list(session_ids)
        await db.rows(f"SELECT id FROM slot WHERE session_id IN {some} ORDER BY id FOR NO KEY UPDATE", *session_ids)


async def lock_runs(run_ids: Sequence[UUID]) -> None:
    """The same for every date to come of these runs."""
    for some in in_parts(run_ids if db.is_postgres() else ()):
        await db.rows(
            "SELECT x.id FROM slot x JOIN session s ON s.id = x.session_id WHERE s.ends_at > $1 AND s.run_id IN"
            f" {db.in_list(some, 2)} ORDER BY x.id FOR NO KEY UPDATE OF x",
            clock.now(), *some,
        )  # fmt: skip


async def follow(
    session_id: UUID, before: Mapping[str, Any], after: Mapping[str, Any], *, is_strict: bool = True
) -> None:
    """Takes a clinic's slots along when its date or times change, in the transaction that changes them. `before` and
    `after` have date, start_time and end_time.

    Raises Refused when an appointment that a family has would lie outside the clinic; not strictly, such a slot stays
    where it was. A session without slots is left alone.
    """
    there = [each for each in await slots_of(session_id) if each["state"] != "cancelled"]
    if not there or all(before[name] == after[name] for name in ("date", "start_time", "end_time")):
        return
    minutes = await _minutes(session_id)
    plan = slots.follow(there, before, after, minutes)
    taken = {each["id"]: each for each in there if each["taken"]}
    outside = [taken[each.id] for each in plan.moved if each.starts_at is None and each.id in taken]
    if outside and is_strict:
        raise Refused([_outside(outside)])
    await _put(there, plan.moved)
    await _cut_more(session_id, {each["worker"] for each in there}, plan.added)
    await count_places([session_id])


async def _minutes(session_id: UUID) -> int:
    found = await db.value(
        "SELECT r.slot_minutes FROM session s JOIN run r ON r.id = s.run_id WHERE s.id = $1", session_id
    )
    return found or USUAL_MINUTES


def _outside(found: Sequence[Mapping[str, Any]]) -> Problem:
    times = ", ".join(clock_time(each["starts_at"]) for each in found)
    words = f"Families have appointments that would no longer be within the clinic ({times}). Change them first."
    return Problem(words, "end", rule="slots taken")


async def _put(there: Sequence[Mapping[str, Any]], moved: Sequence[slots.Moved]) -> None:
    """One by one, those first that make room for the next: the same worker has no two slots at one time."""
    await _step_aside([each.id for each in moved], [each.starts_at for each in moved if each.starts_at])
    now_at = {each["id"]: each["starts_at"] for each in there}
    is_later = any(each.starts_at and each.starts_at > now_at[each.id] for each in moved)
    for each in sorted(moved, key=lambda one: now_at[one.id], reverse=is_later):
        if each.starts_at is None:
            await db.execute("UPDATE slot SET state = 'cancelled' WHERE id = $1 AND taken = 0", each.id)
        else:
            await db.execute(
                "UPDATE slot SET starts_at = $2, ends_at = $3 WHERE id = $1", each.id, each.starts_at, each.ends_at
            )


async def _step_aside(slot_ids: Sequence[UUID], times: Sequence[datetime]) -> None:
    """Slots given up before, that stand where these go, are in nobody's way a moment later: bookings that ended point at them."""
    if not times:
        return
    gone = await db.rows(
        "SELECT x.id, x.starts_at FROM slot x WHERE x.state = 'cancelled' AND x.session_id = (SELECT session_id FROM slot"
        f" WHERE id = $1) AND x.starts_at IN {db.in_list(times, 2)} ORDER BY x.id",
        slot_ids[0], *times,
    )  # fmt: skip
    for row in gone:
        aside = row["starts_at"] + timedelta(microseconds=1 + secrets.randbelow(999_999))
        await db.execute("UPDATE slot SET starts_at = $2 WHERE id = $1", row["id"], aside)


async def _cut_more(session_id: UUID, workers: set[str], times: Sequence[tuple[datetime, datetime]]) -> None:
    """New slots in the time that was won; one that was given up there before is back."""
    for worker in sorted(workers):
        for starts_at, ends_at in times:
            await db.execute(
                "INSERT INTO slot (id, session_id, worker, starts_at, ends_at, state, taken) VALUES ($1, $2, $3, $4, $5, 'open', 0)"
                " ON CONFLICT (session_id, worker, starts_at) DO UPDATE SET state = 'open', ends_at = excluded.ends_at"
                " WHERE slot.state = 'cancelled'",
                db.new_id(), session_id, worker, starts_at, ends_at,
            )  # fmt: skip


async def forget(session_ids: Sequence[UUID]) -> None:
    """The slots of dates that an import or a discarded draft takes away; nobody has any of them."""
    for some in in_parts(session_ids):
        await db.execute(f"DELETE FROM slot WHERE session_id IN {db.in_list(some)}", *some)
