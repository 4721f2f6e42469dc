"""What partners use, as staff may know it: hours this month, the allowance of this term, the bookings to come."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places.allowance import TermUse, used_in_terms
from booking.places.room_lists import within

MOST_TO_COME = 20
TABLES = "room_booking b JOIN room o ON o.id = b.room_id JOIN location l ON l.id = o.location_id"


def month_of(day: date) -> tuple[date, date]:
    """The first day of its month, and of the next."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)


async def minutes_in_month(day: date, who: Who) -> dict[UUID, int]:
    """Confirmed minutes of each partner in the month of `day`; who has none is missing. One query."""
    first, after = month_of(day)
    rule, parameters = within(who, 3)
    found = await db.rows(
        f"SELECT b.organisation_id, SUM({db.minutes_between('b.starts_at', 'b.ends_at')}) AS minutes FROM {TABLES}"
        " WHERE b.organisation_id IS NOT NULL AND b.starts_at >= $1 AND b.starts_at < $2 AND b.kind = 'partner'"
        f" AND b.state = 'confirmed' AND {rule} GROUP BY b.organisation_id",
        clock.at(first, "00:00"),
        clock.at(after, "00:00"),
        *parameters,
    )
    return {row["organisation_id"]: row["minutes"] for row in found}


async def terms_in_areas(organisation_id: UUID, day: date) -> dict[str, TermUse]:
    """The use of the term of `day` in each area in which the partner has a booking; in the first area if it has none."""
    areas = [row["area"] for row in await db.rows("SELECT DISTINCT area FROM location WHERE area <> '' ORDER BY area")]
    used = {area: (await used_in_terms(organisation_id, area, [day]))[day] for area in areas}
    return {area: use for area, use in used.items() if use.minutes_used} or dict(list(used.items())[:1])


async def bookings_to_come(organisation_id: UUID, who: Who) -> tuple[list[dict[str, Any]], bool]:
    """Its next bookings that this member of staff may know of, and whether there are more. One query."""
    rule, parameters = within(who, 3)
    found = await db.rows(
        f"SELECT b.id, b.starts_at, b.ends_at, b.state, b.title, o.name AS room, l.name AS location FROM {TABLES}"
        " WHERE b.organisation_id = $1 AND b.ends_at > $2 AND b.kind = 'partner' AND b.state IN ('requested', 'confirmed')"
        f" AND {rule} ORDER BY b.starts_at, b.id LIMIT {MOST_TO_COME + 1}",
        organisation_id,
        clock.now(),
        *parameters,
    )
    return found[:MOST_TO_COME], len(found) > MOST_TO_COME
