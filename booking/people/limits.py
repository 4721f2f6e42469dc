"""How often something may be tried; counted in the database, so that every process counts alike."""

from datetime import timedelta

from booking import clock, db
from booking.problems import Problem

# what is limited: tries, in how many minutes
LIMITS = {
    "code to one address": (5, 60),
    "codes from one network": (30, 60),
    "code tried from one network": (30, 15),
    "lease from one network": (60, 10),
    "booking from one network": (60, 60),
    "booking to one contact": (20, 60 * 24),
}
TOO_OFTEN = "That was tried too often. Wait a while and try again, or ring us."


async def too_often(what: str, whose: str) -> list[Problem]:
    """Counts one try of `what` by `whose`; a Problem when it was one too many."""
    tries, minutes = LIMITS[what]
    now = clock.now()
    counted = await db.value(
        "INSERT INTO allowance (key, tries, window_ends_at) VALUES ($1, 1, $2) ON CONFLICT (key) DO UPDATE SET"
        " tries = CASE WHEN allowance.window_ends_at < $3 THEN 1 ELSE allowance.tries + 1 END,"
        " window_ends_at = CASE WHEN allowance.window_ends_at < $3 THEN $2 ELSE allowance.window_ends_at END"
        " RETURNING tries",
        f"{what}:{whose}"[:120],
        now + timedelta(minutes=minutes),
        now,
    )
    return [Problem(TOO_OFTEN, rule="too often")] if counted > tries else []
