"""Where a missed date can be caught up: the same session of the same programme in another run, with a place left that day.

The same hub comes first, then the nearest, then online. Nothing restricted or unlisted is among them (promise P5).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages.said import Said
from booking.places.near import miles
from booking.programmes import disclosure
from booking.words import day_words, miles_words, time_range

FARTHEST_MILES = 25.0
MOST = 6
COLUMNS = (
    f"{disclosure.FACTS}, s.run_id, s.date, s.start_time, s.end_time, s.number, s.hub_id, s.taken, s.places,"
    " r.booking_mode, r.places AS run_places, r.taken AS run_taken, r.guest_places, r.reserved, r.reserved_taken,"
    " r.reserved_until_at, EXISTS (SELECT 1 FROM waiting_entry w WHERE w.run_id = r.id AND w.state IN"
    " ('waiting', 'offered') AND (w.session_id IS NULL OR w.session_id = s.id)) AS has_line"
)


@dataclass(frozen=True, slots=True)
class CatchUp:
    """One date to catch up on, in words for those booked."""

    session_id: UUID
    run_id: UUID
    title: str
    day: str
    times: str
    place: str
    far: str
    is_online: bool
    starts_at: datetime
    ends_at: datetime

    @property
    def said(self) -> Said:
        """What a message says of it, in the reader's language."""
        return Said(self.session_id, self.starts_at, self.ends_at, place="Online" if self.is_online else self.place)

    @property
    def words(self) -> str:
        """ "Thursday 14 January, 10am to midday, Ferndown Family Hub" """
        return ", ".join(part for part in (self.day, self.times, "online" if self.is_online else self.place) if part)


async def find(session_id: UUID, *, places: int = 1, family_id: UUID | None = None, most: int = MOST) -> list[CatchUp]:
    """The dates on which a missed session can be caught up, best first; none for what is restricted. Two queries."""
    missed = await db.row(
        "SELECT s.id, s.run_id, s.number, s.kind, s.starts_at, s.ends_at, s.hub_id, r.programme_id, l.lat, l.lon,"
        " (r.is_restricted OR l.is_restricted) AS is_restricted FROM session s"
        " JOIN run r ON r.id = s.run_id JOIN location l ON l.id = s.location_id WHERE s.id = $1",
        session_id,
    )
    if missed is None or missed["is_restricted"] or missed["kind"] != "group":
        return []
    now = clock.now()
    found = [row for row in await _candidates(missed, family_id, now) if has_room(row, places, now)]
    ranked = sorted(((_rank(row, missed), row) for row in found), key=lambda each: each[0])
    return [_catch_up(row, rank) for rank, row in ranked if rank[1] <= FARTHEST_MILES][:most]


async def _candidates(missed: dict[str, Any], family_id: UUID | None, now: datetime) -> list[dict[str, Any]]:
    """Dates of other runs, none on which the family has a place already, nor at the time at which it cannot come."""
    return await db.rows(
        f"SELECT {COLUMNS} FROM session s {disclosure.JOINS} WHERE r.programme_id = $1 AND s.number = $2 AND s.run_id <> $3"
        " AND s.state = 'planned' AND s.kind = 'group' AND s.starts_at > $4 AND s.is_listed AND r.state = 'published'"
        " AND NOT r.is_restricted AND NOT l.is_restricted AND r.booking_mode IN ('run', 'session')"
        " AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.family_id = $5 AND b.state = 'booked' AND b.run_id = s.run_id"
        " AND (b.session_id IS NULL OR b.session_id = s.id)) AND (s.starts_at >= $6 OR s.ends_at <= $7)",
        missed["programme_id"],
        missed["number"],
        missed["run_id"],
        now,
        family_id or missed["id"],
        missed["ends_at"],
        missed["starts_at"],
    )


def has_room(row: dict[str, Any], places: int, now: datetime) -> bool:
    """Whether guests.claim would find so many places on this date; it asks again."""
    if row["booking_mode"] == "session":
        return row["taken"] + places <= row["places"] and not row["has_line"]
    most = row["taken"] + places + max(row["run_places"] - row["places"], 0)
    if most <= row["guest_places"]:
        return True
    is_kept = row["reserved_until_at"] is not None and row["reserved_until_at"] > now
    kept = max(row["reserved"] - row["reserved_taken"], 0) if is_kept else 0
    return row["run_taken"] + most + kept <= row["run_places"] and not row["has_line"]


def _rank(row: dict[str, Any], missed: dict[str, Any]) -> tuple[int, float, datetime]:
    """Same hub, near, online; then by distance and time."""
    if row["delivery"] == "online":
        return 2, 0.0, row["starts_at"]
    if row["hub_id"] == missed["hub_id"]:
        return 0, 0.0, row["starts_at"]
    if None in (row["lat"], row["lon"], missed["lat"], missed["lon"]):
        return 1, FARTHEST_MILES, row["starts_at"]
    return 1, miles(row["lat"], row["lon"], missed["lat"], missed["lon"]), row["starts_at"]


def _catch_up(row: dict[str, Any], rank: tuple[int, float, datetime]) -> CatchUp:
    told = disclosure.shown(row, "booked")
    assert told is not None
    return CatchUp(
        session_id=row["session_id"],
        run_id=row["run_id"],
        title=told.title,
        day=day_words(row["date"]),
        times=time_range(row["start_time"], row["end_time"]),
        place=told.place,
        far=miles_words(rank[1]) if rank[0] == 1 else "",
        is_online=told.is_online,
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
    )


async def missed_by_guest(booking_id: UUID) -> str:
    """The day that a guest's booking catches up on, in words; "" for any other booking."""
    missed = await db.row(
        "SELECT s.date FROM booking b JOIN session s ON s.id = b.catches_up_id WHERE b.id = $1", booking_id
    )
    return day_words(missed["date"]) if missed else ""


async def of_bookings(run_id: UUID, family_id: UUID) -> dict[UUID, dict[str, Any]]:
    """What a family has booked to catch up on dates of a run, by the missed session: id, manage_token, session_id and when and
    where."""
    found = await db.rows(
        f"SELECT {disclosure.FACTS}, b.id AS guest_id, b.manage_token, b.catches_up_id, s.date, s.start_time, s.end_time,"
        f" s.run_id FROM booking b JOIN session s ON s.id = b.session_id {disclosure.JOINS}"
        " WHERE b.family_id = $1 AND b.state = 'booked' AND b.catches_up_id IN (SELECT id FROM session WHERE run_id = $2)",
        family_id,
        run_id,
    )
    return {row["catches_up_id"]: row | {"words": _catch_up(row, (0, 0.0, row["starts_at"])).words} for row in found}
