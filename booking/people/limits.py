"""How often something may be tried; counted in the database, so that every process counts alike."""

from collections.abc import Sequence
from datetime import timedelta

from booking import clock, db
from booking.problems import Problem

# what is limited: tries, in how many minutes
LIMITS = {
    "code to one address": (5, 60),
    "sign-in code to one address": (30, 60),  # more than strangers on one network can use up, or they could lock it out
    "sign-in code from one network": (5, 60),
    "codes from one network": (30, 60),
    "code tried from one network": (30, 15),
    "lease from one network": (60, 10),
    "referral code from one network": (20, 60),
    "referral by one partner": (60, 60 * 24),
    "booking from one network": (60, 60),
    "booking to one contact": (20, 60 * 24),
    "test of a text": (20, 60),
    "adult named from one network": (10, 60),
    "adult named by address": (3, 60 * 24),  # whoever names us a stranger's number bothers them three times at most
}
TOO_OFTEN = "That was tried too often. Wait a while and try again, or ring us."


async def too_often(what: str, whose: str) -> list[Problem]:
    """Counts one try of `what` by `whose`; a Problem when it was one too many."""
    return await any_too_often([(what, whose)])


async def any_too_often(tries: Sequence[tuple[str, str]]) -> list[Problem]:
    """Counts one try of each (what, whose) at once; a Problem when any was one too many."""
    now = clock.now()
    most, lines = {}, []
    for what, whose in sorted(set(tries)):  # in one order, so that two requests do not wait for each other
        limit, minutes = LIMITS[what]
        key = f"{what}:{whose}"[:120]
        most[key] = limit
        lines.append((key, now + timedelta(minutes=minutes)))
    values = ", ".join(f"(${2 * n + 2}, 1, ${2 * n + 3})" for n in range(len(lines)))
    counted = await db.rows(
        f"INSERT INTO allowance (key, tries, window_ends_at) VALUES {values} ON CONFLICT (key) DO UPDATE SET"
        " tries = CASE WHEN allowance.window_ends_at < $1 THEN 1 ELSE allowance.tries + 1 END,"
        " window_ends_at = CASE WHEN allowance.window_ends_at < $1 THEN excluded.window_ends_at"
        " ELSE allowance.window_ends_at END RETURNING key, tries",
        now,
        *(value for line in lines for value in line),
    )
    return [Problem(TOO_OFTEN, rule="too often")] if any(row["tries"] > most[row["key"]] for row in counted) else []
