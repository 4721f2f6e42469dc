"""What a partner had last term, so that one click asks for the same again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.places.recurrence import MONTHLY
from booking.places.reserve_form import Typed
from booking.places.terms import TermChoice

LOOK_BACK, ENDS_WITHIN = timedelta(days=220), timedelta(days=56)
LIKE = (
    "SELECT s.id, s.room_id, s.title, s.weekday, s.start_time, s.end_time, s.frequency, s.nth, s.first_date, s.last_date,"
    " s.is_term_time_only, o.name AS room_name, l.name AS location_name FROM room_series s JOIN room o ON o.id = s.room_id"
    " JOIN location l ON l.id = o.location_id WHERE s.organisation_id = $1"
)


async def series_to_repeat(organisation_id: UUID, most: int = 8) -> list[dict[str, Any]]:
    """The partner's series that ended of late or soon will, and of which dates were had; those asked for again already
    (same room, weekday and start, later dates) are left out."""
    found = await db.rows(
        f"{LIKE} AND s.last_date >= $2 AND s.last_date <= $3 AND EXISTS (SELECT 1 FROM room_booking b WHERE b.series_id = s.id"
        " AND b.state = 'confirmed') AND NOT EXISTS (SELECT 1 FROM room_series t WHERE t.organisation_id = s.organisation_id"
        " AND t.room_id = s.room_id AND t.weekday = s.weekday AND t.start_time = s.start_time AND t.first_date > s.last_date)"
        f" ORDER BY s.weekday, s.start_time, s.id LIMIT {int(most)}",
        organisation_id,
        clock.today() - LOOK_BACK,
        clock.today() + ENDS_WITHIN,
    )
    return found


async def series_like(organisation_id: UUID, series_id: UUID) -> dict[str, Any] | None:
    """One series of this partner with the people, layout, cost code and notes of its dates; None if it is none of theirs."""
    series = await db.row(f"{LIKE} AND s.id = $2", organisation_id, series_id)
    if series is None:
        return None
    dated = await db.row(
        "SELECT people, layout, cost_code, notes FROM room_booking WHERE series_id = $1 ORDER BY starts_at DESC LIMIT 1",
        series_id,
    )
    return series | (dated or {})


def the_same(series: dict[str, Any], terms: list[TermChoice]) -> Typed:
    """The form filled as for that series, for the first term that begins after it ended. Pure."""
    after = [term for term in terms if term.first > series["last_date"]]
    return Typed(
        room=str(series["room_id"]),
        repeat=series["frequency"],
        weekday=str(series["weekday"]),
        nth=str(series["nth"] or 1) if series["frequency"] == MONTHLY else "1",
        term=after[0].key if after else "next",
        term_time="yes" if series["is_term_time_only"] else "",
        start=series["start_time"],
        end=series["end_time"],
        title=series["title"],
        people=str(series.get("people") or ""),
        layout=series.get("layout") or "",
        cost_code=series.get("cost_code") or "",
        notes=series.get("notes") or "",
    )
