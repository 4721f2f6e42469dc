"""What staff set about a line: who has priority and why, how many places are reserved until when, how many places there are.

Each locks the line first, so that an offer that is made meanwhile sees all of it or nothing.
"""

from datetime import datetime
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.bookings import guests
from booking.programmes.bookings.claiming import Target
from booking.programmes.waiting import lines
from booking.programmes.waiting.lines import Line
from booking.words import count_words

MOST_PRIORITY, MOST_PLACES = 9, 500
NOT_THERE = Problem("This is cancelled or has begun, so nothing can be changed about it.", rule="closed")
NOT_WAITING = Problem("This family is not on the waiting list any more.", rule="not waiting")
NO_REASON = Problem("Say why this family has priority. Families never see it.", "priority_reason", rule="missing")
PRIORITY = Problem(f"Choose a priority from 0 to {MOST_PRIORITY}.", "priority", rule="range")
PLACES = Problem(f"Give a number of places from 1 to {MOST_PLACES}.", "places", rule="range")
TAKEN = "{taken} places are taken or offered, so there cannot be fewer."
RESERVED = Problem("Give a number of reserved places from 0 to the number of places.", "reserved", rule="range")
NO_END = Problem("Say until when they are reserved.", "until", rule="missing")
PAST = Problem("The day until which they are reserved is over.", "until", rule="past")


async def set_priority(*, entry_id: UUID, priority: int, reason: str, by: Who) -> None:
    """Sets who comes first: more goes before less, and who has waited longer before others of the same priority.

    Raises Refused: not waiting, out of range, or priority without a reason.
    """
    reason = " ".join(reason.split())[:200]
    problems = [] if 0 <= priority <= MOST_PRIORITY else [PRIORITY]
    if priority and not reason:
        problems.append(NO_REASON)
    if problems:
        raise Refused(problems)

    async def body() -> None:
        entry = await db.row("SELECT run_id, session_id, priority FROM waiting_entry WHERE id = $1", entry_id)
        line = await lines.lock(Target.of(entry)) if entry else None
        if entry is None or line is None or not await db.row(
            "UPDATE waiting_entry SET priority = $2, priority_reason = $3 WHERE id = $1 AND state = 'waiting' RETURNING id",
            entry_id, priority, reason if priority else "",
        ):  # fmt: skip
            raise Refused([NOT_WAITING])
        await audit.record(
            "set priority", about_kind="waiting", about_id=entry_id, by=by, hub_id=line.hub_id, why=reason,
            before={"priority": entry["priority"]}, after={"priority": priority},
        )  # fmt: skip

    await db.run_tx(body)


async def reserve(*, target: Target, places: int, until: datetime | None, by: Who) -> None:
    """Reserves places for families who were referred or have priority, until an instant; 0 reserves none any more.

    Nothing has to release them: from then on every count has them free. Raises Refused: closed, out of range, no end.
    """

    async def body() -> None:
        line = await _open(target)
        problems = [] if 0 <= places <= line.places else [RESERVED]
        if places and until is None:
            problems.append(NO_END)
        elif places and until and until <= clock.now():
            problems.append(PAST)
        if problems:
            raise Refused(problems)
        table, id_ = _row(target)
        await db.execute(
            f"UPDATE {table} SET reserved = $2, reserved_until_at = $3 WHERE id = $1",
            id_,
            places,
            until if places else None,
        )
        await audit.record(
            "set reserved places", about_kind=table, about_id=id_, by=by, hub_id=line.hub_id,
            after={"reserved": places, "until": until.isoformat() if places and until else ""},
        )  # fmt: skip

    await db.run_tx(body)


async def set_places(*, target: Target, places: int, by: Who) -> list[Problem]:
    """Sets how many places there are. Returns what to mind (the room is for fewer people), which does not block.

    Raises Refused: closed, out of range, or more are taken. The line is offered what comes free.
    """

    async def body() -> list[Problem]:
        line = await _open(target)
        problems = [] if 1 <= places <= MOST_PLACES else [PLACES]
        if places < line.taken:
            problems.append(Problem(TAKEN.format(taken=line.taken), "places", rule="taken"))
        if problems:
            raise Refused(problems)
        await _write_places(target, line, places)
        table, id_ = _row(target)
        await audit.record(
            "raise places", about_kind=table, about_id=id_, by=by, hub_id=line.hub_id,
            before={"places": line.places}, after={"places": places},
        )  # fmt: skip
        return await _mind_room(target, places)

    return await db.run_tx(body)


async def _write_places(target: Target, line: Line, places: int) -> None:
    """Of a run the dates to come follow, where they had as many places as the run."""
    table, id_ = _row(target)
    if target.session_id:
        await db.execute(
            "UPDATE session SET places = $2, edited = CASE WHEN (' ' || edited || ' ') LIKE '% places %' THEN edited"
            " ELSE TRIM(edited || ' places') END WHERE id = $1",
            id_, places,
        )  # fmt: skip
        return
    await db.execute(f"UPDATE {table} SET places = $2 WHERE id = $1", id_, places)
    await db.execute(
        "UPDATE session SET places = $2 WHERE run_id = $1 AND places = $3 AND taken <= $2 AND state = 'planned' AND starts_at > $4",
        id_, places, line.places, clock.now(),
    )  # fmt: skip
    await guests.recount_run(target.run_id)


async def _mind_room(target: Target, places: int) -> list[Problem]:
    small = await db.row(
        "SELECT MIN(o.capacity) AS capacity FROM session s JOIN run r ON r.id = s.run_id JOIN room o ON o.id ="
        " COALESCE(s.room_id, r.room_id) WHERE s.state = 'planned' AND s.starts_at > $2"
        f" AND {'s.id' if target.session_id else 's.run_id'} = $1",
        target.session_id or target.run_id,
        clock.now(),
    )
    capacity = small["capacity"] if small else None
    if not capacity or places <= capacity:
        return []
    words = f"Mind: the room is for {count_words(capacity, 'person', 'people')}, and with {places} places there may be more."
    return [Problem(words, "places", level="warns", rule="capacity")]


async def _open(target: Target) -> Line:
    line = await lines.lock(target)
    if line is None or not line.is_open or line.closes_at is None or line.closes_at <= clock.now():
        raise Refused([NOT_THERE])
    return line


def _row(target: Target) -> tuple[str, UUID]:
    return ("session", target.session_id) if target.session_id else ("run", target.run_id)
