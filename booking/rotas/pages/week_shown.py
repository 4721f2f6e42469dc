"""Which week a page about rotas shows when its address names none."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from booking import clock, db

STILL = "SELECT EXISTS (SELECT 1 FROM shift s WHERE s.state = 'open' AND s.date >= $1 AND s.date <= $2 AND s.ends_at > $3{at})"


async def monday_shown(hub_ids: Sequence[UUID] | None) -> date:
    """The Monday of this week while a shift of these hubs (None: all) is still to be worked in it; once nothing is left of it, the
    next Monday. One query."""
    today = clock.today()
    monday = today - timedelta(days=today.weekday())
    at = "" if hub_ids is None else f" AND s.hub_id IN {db.in_list(hub_ids, 4)}"
    last = monday + timedelta(days=6)
    is_left = await db.value(STILL.format(at=at), today, last, clock.now(), *(hub_ids or ()))
    return monday if is_left else monday + timedelta(days=7)
