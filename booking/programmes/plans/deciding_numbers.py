"""Whether a course runs with as many as have booked: staff are warned in time, and decide to run it or to cancel the whole."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.bookings.booking_places import coming_dates
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import cancelling_dates
from booking.programmes.changes.cancelling_dates import CancelledDates
from booking.words import day_words

WARN_DAYS = 4  # before the day by which it is decided
HOUR = 8  # not in the night
DECIDED = Problem("It has been decided already that this course runs.", rule="decided")
GONE = Problem("This course is not on any more.", rule="cancelled")
BEGUN = Problem("This course has begun, so its numbers are no longer decided about.", rule="over")
TOO_MANY = Problem("Give a number between 1 and the {places} places of the course.", "min_places", rule="places")
NO_DATE = Problem("Give the day by which it is decided, before the first date.", "decide_by", rule="date")

BOOKED = (
    "(SELECT COALESCE(SUM(b.places), 0) FROM booking b WHERE b.run_id = r.id AND b.session_id IS NULL"
    " AND b.state = 'booked')"
)
OPEN = "r.state = 'published' AND r.min_places IS NOT NULL AND r.decided_at IS NULL AND r.booking_mode IN ('run', 'referral')"


@dataclass(frozen=True, slots=True)
class Numbers:
    """How a course stands: booked of so many places, needed at least, by when it is decided, when it begins."""

    booked: int
    places: int
    needed: int | None
    decide_by: date | None
    decided_at: datetime | None
    begins_at: datetime | None
    waiting: int

    @property
    def is_short(self) -> bool:
        return self.needed is not None and self.booked < self.needed


async def numbers_of(run_id: UUID) -> Numbers:
    """One query. `begins_at` is the next date, None when none is to come."""
    row = await db.row(
        f"SELECT {BOOKED} AS booked, r.places, r.min_places, r.decide_by_date, r.decided_at, (SELECT MIN(s.starts_at)"
        " FROM session s WHERE s.run_id = r.id AND s.state = 'planned' AND s.starts_at > $2) AS begins_at,"
        " (SELECT COUNT(*) FROM waiting_entry w WHERE w.run_id = r.id AND w.state IN ('waiting', 'offered')) AS waiting"
        " FROM run r WHERE r.id = $1",
        run_id,
        clock.now(),
    )
    if row is None:
        raise Refused([GONE])
    return Numbers(
        int(row["booked"]), row["places"], row["min_places"], row["decide_by_date"], row["decided_at"], row["begins_at"],
        row["waiting"],
    )  # fmt: skip


async def let_run(*, run_id: UUID, by: Any) -> None:
    """It runs with as many as there are: nobody is asked again. Raises Refused when that is decided or it is cancelled."""

    async def body() -> None:
        numbers = await numbers_of(run_id)
        done = await db.row(
            "UPDATE run SET decided_at = $2 WHERE id = $1 AND decided_at IS NULL AND state = 'published' RETURNING hub_id",
            run_id,
            clock.now(),
        )
        if done is None:
            raise Refused([DECIDED if numbers.decided_at else GONE])
        await outbox.void(about=("run", run_id), kinds=("staff_decide",), why="decided")
        await audit.record(
            "let course run", about_kind="run", about_id=run_id, by=by, hub_id=done["hub_id"],
            after={"booked": numbers.booked, "needed": numbers.needed},
        )  # fmt: skip

    await db.run_tx(body)


async def ask_again(*, run_id: UUID, by: Any) -> None:
    """Takes the decision back: its numbers are open once more. Raises Refused when it was not decided."""

    async def body() -> None:
        done = await db.row(
            "UPDATE run SET decided_at = NULL WHERE id = $1 AND decided_at IS NOT NULL AND state = 'published' RETURNING hub_id",
            run_id,
        )
        if done is None:
            raise Refused([GONE])
        await audit.record("open decision again", about_kind="run", about_id=run_id, by=by, hub_id=done["hub_id"])

    await db.run_tx(body)


async def set_numbers(*, run_id: UUID, needed: int | None, decide_by: date | None, by: Any) -> None:
    """How many are needed and by when it is decided; None: no least number. Raises Refused: no such number, day past or late."""

    async def body() -> None:
        run = await db.row(
            "SELECT places, first_date, hub_id, min_places, decide_by_date FROM run WHERE id = $1", run_id
        )
        if run is None:
            raise Refused([GONE])
        problems = _problems(needed, decide_by, run)
        if problems:
            raise Refused(problems)
        day = decide_by if needed else None
        await db.execute(
            "UPDATE run SET min_places = $2, decide_by_date = $3, decided_at = NULL WHERE id = $1", run_id, needed, day
        )
        await audit.record(
            "set least number", about_kind="run", about_id=run_id, by=by, hub_id=run["hub_id"],
            before={"places": run["min_places"]}, after={"places": needed, "by": str(day or "")},
        )  # fmt: skip

    await db.run_tx(body)


def _problems(needed: int | None, decide_by: date | None, run: dict[str, Any]) -> list[Problem]:
    if needed is None:
        return []
    found = []
    if not 1 <= needed <= run["places"]:
        found.append(Problem(TOO_MANY.words.format(places=run["places"]), TOO_MANY.field, rule=TOO_MANY.rule))
    if decide_by is None or not clock.today() <= decide_by < run["first_date"]:
        found.append(NO_DATE)
    return found


async def preview(*, run_id: UUID, reason: str, by: Any, undo_minutes: int) -> CancelledDates:
    """What `cancel_run` would do now. Raises Refused as it does; changes nothing."""
    session_id = await _next_date(run_id)
    return await cancelling_dates.preview(
        session_id=session_id, scope="all", reason=reason, by=by, undo_minutes=undo_minutes
    )


async def cancel_run(*, run_id: UUID, reason: str, by: Any, undo_minutes: int) -> CancelledDates:
    """Cancels the whole course as one act: every date to come with its creche and rooms, each family told once, the waiting
    list ended; undone as one for ten minutes (undoing_dates.py). Raises Refused when no date is to come."""
    session_id = await _next_date(run_id)
    return await cancelling_dates.cancel(
        session_id=session_id, scope="all", reason=reason, by=by, undo_minutes=undo_minutes
    )


async def _next_date(run_id: UUID) -> UUID:
    found = await db.value(
        "SELECT id FROM session WHERE run_id = $1 AND state = 'planned' AND starts_at > $2 ORDER BY starts_at, id LIMIT 1",
        run_id,
        clock.now(),
    )
    if found is None:
        raise Refused([GONE])
    return found


async def warn_due() -> int:
    """Tells the managers of each hub once of courses that have too few bookings shortly before they are decided about;
    returns how many courses there were."""
    if clock.local(clock.now()).hour < HOUR:
        return 0
    today = clock.today()
    found = await db.rows(
        f"SELECT r.id, r.hub_id, r.min_places, r.decide_by_date, {BOOKED} AS booked FROM run r WHERE {OPEN}"
        f" AND r.decide_by_date >= $1 AND r.decide_by_date <= $2 AND r.first_date > $1 AND {BOOKED} < r.min_places"
        " AND NOT EXISTS (SELECT 1 FROM message m WHERE m.about_kind = 'run' AND m.about_id = r.id"
        " AND m.kind = 'staff_decide') ORDER BY r.id",
        today,
        today + timedelta(days=WARN_DAYS),
    )
    for row in found:

        async def body(row: dict[str, Any] = row) -> None:
            await _warn(row)

        await db.run_tx(body)
    return len(found)


async def _warn(run: dict[str, Any]) -> None:
    dates = await coming_dates(Target(run["id"]))
    if not dates:
        return
    told = disclosure.said(dates[0])
    for person in await _managers(run["hub_id"]):
        await outbox.queue(
            person=person,
            kind="staff_decide",
            about=("run", run["id"]),
            dedupe_key=f"decide:{run['id']}:{person.id}",
            facts={
                "said": told,
                "booked": int(run["booked"]),
                "needed": run["min_places"],
                "decide_by": day_words(run["decide_by_date"]),
                "page_path": f"/staff/runs/{run['id']}/decide",
            },
            expires_at=told.starts_at,
            hub_id=run["hub_id"],
            session_id=told.session_id,
        )


async def _managers(hub_id: UUID) -> list[Person]:
    """The managers of a hub; where it has none, its staff."""
    for kind in ("hub_manager", "hub_staff"):
        found = await Person.filter(roles__kind=kind, roles__hub_id=hub_id).distinct().order_by("id")
        if found:
            return found
    return []
