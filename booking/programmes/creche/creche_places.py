"""Places in the creche beside a course: counted on every date of the creche, like any place (promise P2).

The creche is a run of its own (booking_mode linked) with sessions and rooms of its own; one that is held on the day of a
course's date stands beside it. Every verb here works inside the caller's transaction. The creche's sessions are locked last
and in the order of their ids.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.problems import Problem, Refused
from booking.programmes.bookings.coming import ChildComing, Offered, fits
from booking.programmes.models import Booking
from booking.words import count_words, short_day

OTHERWISE = "You can book without it, or join the waiting list."
NO_CRECHE = Problem("There is no crèche here any more. You can book without it.", "creche", rule="no creche")

# the dates to come of run $1 (or only its session $3) that are held in a room, with the creche's session of that day
BESIDE = (
    "session s JOIN run r ON r.id = s.run_id JOIN session c ON c.run_id = r.creche_run_id AND c.date = s.date"
    " AND c.state = 'planned' WHERE s.run_id = $1 AND s.state = 'planned' AND s.kind = 'group' AND s.starts_at > $2"
    " AND COALESCE(NULLIF(s.delivery, ''), r.delivery) <> 'online'"
)
MISSED = " AND NOT EXISTS (SELECT 1 FROM missed_date x WHERE x.booking_id = ${n} AND x.session_id = s.id)"


@dataclass(frozen=True, slots=True)
class Creche:
    """What a course's page says of its creche: places, how many are left on every date, the children's ages in months,
    and from when to when it is still held."""

    run_id: UUID
    places: int
    left: int
    min_age_months: int | None
    max_age_months: int | None
    first_date: date
    last_date: date

    @property
    def offered(self) -> Offered:
        return Offered(self.min_age_months, self.max_age_months, "child", "children")


async def creche_of(run_id: UUID, session_id: UUID | None = None) -> Creche | None:
    """The creche of a run (or beside one session of it), None where none stands beside a date to come. One query."""
    only, parameters = (" AND s.id = $3", [session_id]) if session_id else ("", [])
    found = await db.row(
        "SELECT c.run_id AS creche_run_id, MAX(c.places) AS places, MIN(c.places - c.taken) AS left_places,"
        " MIN(c.date) AS first_date, MAX(c.date) AS last_date,"
        " MIN(k.min_age_months) AS low, MAX(k.max_age_months) AS high FROM run k JOIN session c ON c.run_id = k.id"
        f" WHERE c.id IN (SELECT c.id FROM {BESIDE}{only}) GROUP BY c.run_id",
        run_id,
        clock.now(),
        *parameters,
    )
    if found is None:
        return None
    left = max(found["left_places"], 0)
    dates = found["first_date"], found["last_date"]
    return Creche(found["creche_run_id"], found["places"], left, found["low"], found["high"], *dates)


async def session_beside(session_id: UUID) -> dict[str, Any] | None:
    """The creche's session of the day of a course's session, planned or cancelled: id, run_id, state, date, starts_at, ends_at,
    location_id, room_id, room_booking_id, hub_id, places, taken. None where there is none."""
    return await db.row(
        "SELECT c.id, c.run_id, c.state, c.date, c.starts_at, c.ends_at, c.location_id, c.room_id, c.room_booking_id,"
        " c.hub_id, c.places, c.taken FROM session s JOIN run r ON r.id = s.run_id"
        " JOIN session c ON c.run_id = r.creche_run_id AND c.date = s.date WHERE s.id = $1"
        " ORDER BY CASE WHEN c.state = 'planned' THEN 0 ELSE 1 END, c.starts_at LIMIT 1",
        session_id,
    )


def problems_with(creche: Creche | None, children: Sequence[ChildComing], *, is_waiting: bool = False) -> list[Problem]:
    """Why these children cannot be in the creche: it is gone, their ages do not fit on all its dates, or it is full, which
    is no problem for the waiting list."""
    if not children:
        return []
    if creche is None:
        return [NO_CRECHE]
    found = _age_problems(creche, children)
    if len(children) > creche.left and not is_waiting:
        found.append(_not_enough(creche.left, creche.places))
    return found


def _age_problems(creche: Creche, children: Iterable[ChildComing]) -> list[Problem]:
    days = (creche.first_date, creche.last_date)
    return [
        Problem(
            f"{child.first_name} will not be the right age for the crèche: it is for {creche.offered.ages}.",
            "creche",
            rule="creche age",
        )
        for child in children
        if not all(fits(creche.offered, child, day) for day in days)
    ]


async def take(booking: Booking, run_id: UUID, children: int) -> int:
    """Claims creche places for so many children on every date to come that the booking does not miss; returns how many
    dates. Raises Refused when any date is full, and has then taken nothing."""
    if not children:
        return 0
    beside = await _lock_beside(booking, run_id)
    if not beside:
        raise Refused([NO_CRECHE])
    problem = _why_not(beside, children)
    if problem:
        raise Refused([problem])
    return await _claim(booking.id, [row["id"] for row in beside], children)


async def _lock_beside(booking: Booking, run_id: UUID) -> list[dict[str, Any]]:
    """The creche's sessions beside the booking's dates to come, locked: id, date, places, taken."""
    only, parameters = (" AND s.id = $4", [booking.session_id]) if booking.session_id else ("", [])
    found = await db.rows(
        f"SELECT DISTINCT c.id FROM {BESIDE}{MISSED.format(n=3)}{only}", run_id, clock.now(), booking.id, *parameters
    )
    return await lock([row["id"] for row in found])


async def lock(session_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Sessions of a creche that are held, locked in the order of their ids: id, date, places, taken."""
    locked = " FOR UPDATE" if db.is_postgres() else ""
    return await db.rows(
        f"SELECT id, date, places, taken FROM session WHERE id IN {db.in_list(session_ids)} AND state = 'planned'"
        f" ORDER BY id{locked}",
        *session_ids,
    )


async def _claim(booking_id: UUID, session_ids: Sequence[UUID], children: int) -> int:
    """One statement for all dates (the CHECK refuses what is not there), and a row for each."""
    counted = await db.rows(
        f"UPDATE session SET taken = taken + $1 WHERE id IN {db.in_list(session_ids, 2)} AND taken + $1 <= places"
        " RETURNING id",
        children,
        *session_ids,
    )
    await db.insert_many(
        "creche_place",
        ("id", "booking_id", "session_id", "places"),
        [(db.new_id(), booking_id, row["id"], children) for row in counted],
        "ON CONFLICT (booking_id, session_id) DO UPDATE SET places = excluded.places, released_at = NULL",
    )
    return len(counted)


def _why_not(beside: list[dict[str, Any]], children: int) -> Problem | None:
    """In words why so many are not there on each of these dates; None when they are."""
    short = [row for row in beside if row["taken"] + children > row["places"]]
    if not short:
        return None
    left = min(row["places"] - row["taken"] for row in beside)
    on = "" if len(short) == len(beside) else f" on {short_day(min(row['date'] for row in short))}"
    return _not_enough(left, max(row["places"] for row in beside), on)


def _not_enough(left: int, places: int, on: str = "") -> Problem:
    if left > 0:
        are = "place is" if left == 1 else "places are"
        return Problem(f"Only {left} crèche {are} left{on}. {OTHERWISE}", "creche", rule="creche full")
    words = f"The crèche has {count_words(places, 'place')} and all are taken{on}. {OTHERWISE}"
    return Problem(words, "creche", rule="creche full")


async def take_again(booking_id: UUID, session_id: UUID) -> bool | None:
    """Claims the place that the booking gave back beside one session of the course: True when it has it again, False when
    others have it now, None when the booking has no child in the creche or there is none that day."""
    children = await db.value("SELECT creche_children FROM booking WHERE id = $1", booking_id)
    beside = await session_beside(session_id) if children else None
    if beside is None or beside["state"] != "planned":
        return None
    held = await lock([beside["id"]])
    if await db.row(
        "SELECT id FROM creche_place WHERE booking_id = $1 AND session_id = $2 AND released_at IS NULL",
        booking_id,
        beside["id"],
    ):
        return True
    if not held or held[0]["taken"] + children > held[0]["places"]:
        return False
    return bool(await _claim(booking_id, [beside["id"]], children))


async def take_where_missing(session_id: UUID) -> None:
    """A date of the course takes place after all, or in a room again: who has booked meanwhile with children for the creche has
    places beside it too, as far as there are any."""
    found = await db.rows(
        "SELECT b.id FROM session s JOIN booking b ON b.run_id = s.run_id AND (b.session_id IS NULL OR b.session_id = s.id)"
        " WHERE s.id = $1 AND b.state = 'booked' AND b.creche_children > 0 AND NOT EXISTS (SELECT 1 FROM missed_date x"
        " WHERE x.booking_id = b.id AND x.session_id = s.id) ORDER BY b.created_at, b.id",
        session_id,
    )
    for row in found:
        await take_again(row["id"], session_id)


async def give_back(booking_id: UUID, session_ids: Sequence[UUID] | None = None) -> int:
    """Frees the booking's creche places on dates to come, or on these sessions of the creche; returns on how many dates."""
    parameters: list[Any] = [booking_id, clock.now()]
    only = "c.starts_at > $2"
    if session_ids is not None:
        only = f"{only} AND c.id IN {db.in_list(session_ids, 3)}"
        parameters += session_ids
    held = await db.rows(
        "SELECT c.id FROM creche_place k JOIN session c ON c.id = k.session_id WHERE k.booking_id = $1"
        f" AND k.released_at IS NULL AND {only}",
        *parameters,
    )
    return await _release([row["id"] for row in held], booking_id=booking_id)


async def give_back_beside(booking_id: UUID, session_id: UUID) -> bool:
    """Frees the booking's creche place beside one session of its course; False where it had none."""
    beside = await session_beside(session_id)
    return bool(beside and await give_back(booking_id, [beside["id"]]))


async def _release(session_ids: Sequence[UUID], *, booking_id: UUID) -> int:
    """Locks the sessions, ends the booking's rows on them and counts their places as free."""
    if not session_ids:
        return 0
    if db.is_postgres():
        await db.rows(
            f"SELECT id FROM session WHERE id IN {db.in_list(session_ids)} ORDER BY id FOR UPDATE", *session_ids
        )
    released = await db.rows(
        "UPDATE creche_place SET released_at = $2 WHERE booking_id = $1 AND released_at IS NULL"
        f" AND session_id IN {db.in_list(session_ids, 3)} RETURNING session_id, places",
        booking_id,
        clock.now(),
        *session_ids,
    )
    for row in released:
        await db.execute("UPDATE session SET taken = taken - $2 WHERE id = $1", row["session_id"], row["places"])
    return len(released)


async def change(booking: Booking, run_id: UUID, children: int) -> int:
    """Makes the booking one of so many children in the creche from now on; returns on how many dates. Raises Refused as
    `take` does; the caller's transaction then leaves it as it was."""
    held = await db.value(
        "SELECT MAX(k.places) FROM creche_place k JOIN session c ON c.id = k.session_id WHERE k.booking_id = $1"
        " AND k.released_at IS NULL AND c.starts_at > $2",
        booking.id,
        clock.now(),
    )
    if (held or 0) == children:
        return 0
    await _lock_beside(booking, run_id)
    await give_back(booking.id)
    return await take(booking, run_id, children)
