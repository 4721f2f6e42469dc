"""Calendars that somebody in the demo has subscribed to, and two groups that Maya leads, so that hers has dates in it."""

from uuid import UUID

from booking import db
from booking.open_data import feeds
from booking.people.signing_in import Who

HUB, LEADER = "D01-M", "maya@ferndown.example"


async def make() -> None:
    """Addresses of the hub, of one group and of Maya's own sessions; their tokens are known to nobody."""
    maya = await _leader()
    hub_id = await db.value("SELECT id FROM location WHERE code = $1", HUB)
    if maya is None or hub_id is None:
        return
    led = await _leads_two_groups(maya, hub_id)
    for kind, about_id, sees, words in [
        ("hub", hub_id, "busy", "Screen in the entrance"),
        ("staff", maya.id, "mine", "Maya’s phone"),
        *[("run", run_id, "all", "Whoever stands in for Maya") for run_id in led[:1]],
    ]:
        await feeds.make_link(kind=kind, about_id=about_id, sees=sees, words=words, by=maya)


async def _leader() -> Who | None:
    found = await db.row("SELECT id, name, phone, email FROM person WHERE email = $1", LEADER)
    if found is None:
        return None
    hubs = await db.rows("SELECT hub_id FROM role WHERE person_id = $1 AND kind = 'hub_staff'", found["id"])
    at = frozenset(row["hub_id"] for row in hubs)
    return Who(found["id"], found["name"], None, found["phone"], found["email"], "", frozenset({"hub_staff"}), at)


async def _leads_two_groups(maya: Who, hub_id: UUID) -> list[UUID]:
    rows = await db.rows(
        "UPDATE run SET facilitator_1 = $1 WHERE id IN (SELECT id FROM run WHERE hub_id = $2 AND state = 'published'"
        " AND booking_mode = 'session' AND is_listed AND NOT is_restricted AND facilitator_1 = '' ORDER BY code LIMIT 2)"
        " RETURNING id",
        maya.name,
        hub_id,
    )
    return [row["id"] for row in rows]
