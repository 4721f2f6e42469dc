"""What stands in the way of closing a place, as the member of staff who closes it may see it (promise P5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places import holding
from booking.places.closing_times import Span
from booking.places.holding import Hold
from booking.programmes.disclosure import PRIVATE

Group = Literal["sessions", "partners", "requests", "hub", "swaps"]
GROUPS: dict[Group, str] = {
    "sessions": "Sessions for families",
    "partners": "Bookings by partners",
    "requests": "Requests that wait for a decision",
    "hub": "The hub’s own use",
    "swaps": "Rooms kept for partners who are asked to move",
}
ALWAYS_KEPT: tuple[Group, ...] = ("swaps",)

FAMILIES = (
    "(SELECT COUNT(*) FROM booking k WHERE k.state = 'booked'"
    " AND (k.session_id = s.id OR (k.session_id IS NULL AND k.run_id = s.run_id)))"
)
FOUND = (
    "SELECT b.id, b.kind, b.state, b.starts_at, b.ends_at, b.title, b.is_private, o.name AS room_name,"
    " CASE WHEN r.is_restricted THEN s.hub_id ELSE l.hub_id END AS hub_id,"
    " (l.is_restricted OR l.kind = 'restricted') AS is_at_restricted, g.name AS organisation_name, s.id AS session_id,"
    f" r.title AS run_title, r.is_restricted, CASE WHEN s.id IS NULL THEN 0 ELSE {FAMILIES} END AS families"
    " FROM room_booking b JOIN room o ON o.id = b.room_id JOIN location l ON l.id = o.location_id"
    " LEFT JOIN organisation g ON g.id = b.organisation_id LEFT JOIN session s ON s.room_booking_id = b.id"
    " AND s.state = 'planned' LEFT JOIN run r ON r.id = s.run_id"
)


@dataclass(frozen=True, slots=True)
class InTheWay:
    """One use of a room while the place is to be closed. `href` is empty, and `who` and `what` say nothing, where whoever
    asks may not know. families are those booked on the session or its whole run."""

    id: UUID
    group: Group
    what: str
    who: str
    room: str
    starts_at: datetime
    ends_at: datetime
    families: int
    href: str
    session_id: UUID | None
    state: str


async def in_the_way(leaves: Sequence[UUID], spans: Sequence[Span], who: Who) -> list[InTheWay]:
    """What holds these rooms then, closures and what is over left out; in the order of time."""
    nobody = UUID(int=0)
    ways = await holding.in_the_way([Hold(nobody, tuple(leaves), *span) for span in spans])
    ids = sorted({each.room_booking_id for taken in ways.values() for each in taken if each.kind != "closure"})
    return await _described(ids, who)


async def _described(ids: Sequence[UUID], who: Who) -> list[InTheWay]:
    now = clock.now()
    found: list[dict[str, Any]] = []
    for first in range(0, len(ids), 500):
        some = ids[first : first + 500]
        found += await db.rows(f"{FOUND} WHERE b.ends_at > $1 AND b.id IN {db.in_list(some, 2)}", now, *some)
    return sorted((_shown(row, who) for row in found), key=lambda each: (each.starts_at, each.room, each.id))


def _shown(row: dict[str, Any], who: Who) -> InTheWay:
    is_secret = row["is_private"] or row["is_restricted"] or row["is_at_restricted"]
    may_know = not is_secret or who.works_at(row["hub_id"])
    group = _group(row)
    return InTheWay(
        id=row["id"],
        group=group,
        what=(row["run_title"] or row["title"] or GROUPS[group]) if may_know else PRIVATE,
        who=(row["organisation_name"] or "") if may_know else "",
        room=row["room_name"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        families=row["families"],
        href=_href(row) if may_know else "",
        session_id=row["session_id"],
        state=row["state"],
    )


def _group(row: dict[str, Any]) -> Group:
    if row["session_id"]:
        return "sessions"
    if row["kind"] == "swap":
        return "swaps"
    if row["state"] == "requested":
        return "requests"
    return "partners" if row["kind"] == "partner" else "hub"


def _href(row: dict[str, Any]) -> str:
    return f"/staff/sessions/{row['session_id']}" if row["session_id"] else f"/staff/rooms/bookings/{row['id']}"


def grouped(found: Iterable[InTheWay]) -> dict[Group, list[InTheWay]]:
    """By group, in the order of GROUPS, the empty ones left out."""
    everything = list(found)
    groups = {group: [each for each in everything if each.group == group] for group in GROUPS}
    return {group: those for group, those in groups.items() if those}
