"""What staff have changed in one course of the demo: one date moved, one online, one cancelled, so that a newcomer sees how each
is shown. Done with the very verbs of the site."""

from datetime import date, timedelta
from typing import Any

from booking import clock, db
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes.changes import cancelling, moving, switching_online
from booking.programmes.changes.moving import Target

LINK = "https://meet.example/course"
LONG_AGO = -1
"""Minutes to undo it: none are left, so that the messages leave at once."""


async def make(today: date) -> None:
    """Changes the first course that has families, its own room and five dates to come; none where there is no such course."""
    for course in await _courses(today):
        dates = await db.rows(
            "SELECT id, start_time, end_time, date FROM session WHERE run_id = $1 AND state = 'planned' AND starts_at > $2"
            " ORDER BY starts_at",
            course["id"],
            clock.now() + timedelta(days=2),
        )
        if len(dates) >= 4 and await _change(course, dates):
            return


async def _courses(today: date) -> list[dict[str, Any]]:
    return await db.rows(
        "SELECT r.id, r.hub_id FROM run r JOIN location l ON l.id = r.location_id WHERE r.booking_mode = 'run'"
        " AND r.state = 'published' AND r.taken > 2 AND r.room_id IS NOT NULL AND r.delivery = 'in_person'"
        " AND r.is_listed AND NOT r.is_restricted AND NOT l.is_restricted AND l.area = 'Dorset' AND r.last_date > $1"
        " ORDER BY r.code LIMIT 12",
        today + timedelta(days=21),
    )


async def _change(course: dict[str, Any], dates: list[dict[str, Any]]) -> bool:
    """Whether it could be changed: the room may be taken a day later."""
    by = await _somebody(course["hub_id"])
    common: dict[str, Any] = {"by": by, "undo_minutes": LONG_AGO}
    moved, online, off = dates[1:4]
    try:
        await moving.move(
            session_id=moved["id"], target=Target(day=moved["date"] + timedelta(days=1), override="The leader is away"),
            **common,
        )  # fmt: skip
    except Refused:
        return False
    await switching_online.switch(
        session_id=online["id"],
        scope="date",
        to="online",
        join_url=LINK,
        reason="The heating is being mended",
        **common,
    )
    await cancelling.cancel(session_id=off["id"], reason="The person who leads it cannot come", **common)
    return True


async def _somebody(hub_id: Any) -> Who:
    """A manager of the demo who may act there."""
    person = await db.row(
        "SELECT p.id, p.name FROM person p JOIN role o ON o.person_id = p.id WHERE o.kind = 'county_admin'"
        " ORDER BY p.name LIMIT 1"
    )
    assert person is not None
    return Who(person["id"], person["name"], None, "", "", "", frozenset({"county_admin"}), frozenset({hub_id}))
