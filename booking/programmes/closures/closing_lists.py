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

PRIVATE_PLACE = "Private place"
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
# the session whose creche this is, and the creche of this session, on the same day
CRECHE_OF = (
    "(SELECT m.id FROM session m JOIN run c ON c.id = m.run_id WHERE c.creche_run_id = s.run_id AND m.date = s.date"
    " AND m.state = 'planned' ORDER BY m.id LIMIT 1)"
)
CRECHE = (
    "(SELECT c.id FROM session c WHERE c.run_id = r.creche_run_id AND c.date = s.date AND c.state = 'planned'"
    " ORDER BY c.id LIMIT 1)"
)
FOUND = (
    "SELECT b.id, b.kind, b.state, b.starts_at, b.ends_at, b.title, b.is_private, b.people, b.room_id, o.location_id,"
    " o.name AS room_name, o.capacity, l.name AS location_name, l.lat, l.lon,"
    " CASE WHEN r.is_restricted THEN s.hub_id ELSE l.hub_id END AS hub_id,"
    " (l.is_restricted OR l.kind = 'restricted') AS is_at_restricted, g.name AS organisation_name, s.id AS session_id,"
    f" r.title AS run_title, r.is_restricted, CASE WHEN s.id IS NULL THEN 0 ELSE {FAMILIES} END AS families,"
    " s.run_id, s.places, r.booking_mode, COALESCE(NULLIF(s.delivery, ''), r.delivery) AS delivery,"
    " COALESCE(NULLIF(s.join_url, ''), r.join_url) AS join_url,"
    " COALESCE(NULLIF(s.facilitator_1, ''), r.facilitator_1) AS facilitator_1,"
    " COALESCE(NULLIF(s.facilitator_2, ''), r.facilitator_2) AS facilitator_2, r.host, p.places_unit,"
    f" CASE WHEN r.booking_mode = 'linked' THEN {CRECHE_OF} END AS creche_of_id,"
    f" CASE WHEN r.creche_run_id IS NOT NULL THEN {CRECHE} END AS creche_id"
    " FROM room_booking b JOIN room o ON o.id = b.room_id JOIN location l ON l.id = o.location_id"
    " LEFT JOIN organisation g ON g.id = b.organisation_id LEFT JOIN session s ON s.room_booking_id = b.id"
    " AND s.state = 'planned' LEFT JOIN run r ON r.id = s.run_id LEFT JOIN programme p ON p.id = r.programme_id"
)


@dataclass(frozen=True, slots=True)
class InTheWay:
    """One use of a room while the place is to be closed. `href` is empty, and `who` and `what` say nothing, where whoever
    asks may not know; is_secret: only staff of hub_id do. families are those booked on the session or its whole run.
    creche_of_id: the session in whose creche this is; creche_id: the session that is this one's creche. people: how many the room must take."""

    id: UUID
    group: Group
    what: str
    who: str
    room: str
    place: str
    starts_at: datetime
    ends_at: datetime
    families: int
    href: str
    session_id: UUID | None
    state: str
    room_id: UUID
    location_id: UUID
    hub_id: UUID
    run_id: UUID | None
    people: int
    point: tuple[float | None, float | None]
    is_at_restricted: bool
    is_secret: bool
    is_online: bool
    has_link: bool
    is_course: bool
    facilitators: tuple[str, ...]
    host: str
    creche_of_id: UUID | None
    creche_id: UUID | None


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
        place=row["location_name"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        families=row["families"] if may_know else 0,
        href=_href(row) if may_know else "",
        session_id=row["session_id"],
        state=row["state"],
        room_id=row["room_id"],
        location_id=row["location_id"],
        hub_id=row["hub_id"],
        run_id=row["run_id"],
        people=_people(row),
        point=(row["lat"], row["lon"]),
        is_at_restricted=bool(row["is_at_restricted"]),
        is_secret=bool(is_secret),
        is_online=row["delivery"] == "online",
        has_link=bool(row["join_url"]),
        is_course=row["booking_mode"] == "run",
        facilitators=tuple(filter(None, (row["facilitator_1"], row["facilitator_2"]))) if may_know else (),
        host=(row["host"] or "") if may_know else "",
        creche_of_id=row["creche_of_id"],
        creche_id=row["creche_id"],
    )


def _people(row: dict[str, Any]) -> int:
    """How many another room must take: what was said, else its places (a family is two at least), never more than this one."""
    is_of_families = row["places_unit"] == "families" and row["booking_mode"] != "linked"
    wanted = row["people"] or (row["places"] or 0) * (2 if is_of_families else 1)
    return min(wanted or row["capacity"], row["capacity"])


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


def asked(found: Iterable[InTheWay]) -> list[InTheWay]:
    """Those that need an answer of their own: a creche goes with the session it is for, if that is in the way too."""
    everything = list(found)
    sessions = {each.session_id for each in everything if each.session_id}
    return [each for each in everything if each.creche_of_id not in sessions or each.creche_of_id is None]
