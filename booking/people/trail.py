"""The audit trail as its page shows it: who did what, when and why, within the hubs of who asks."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from booking import clock, db
from booking.people.signing_in import Who

PAGE = 50
PRIVATE = "Private booking"
TELLING = (
    "date", "start_time", "session_id", "before", "after", "booking_reference", "waiting_reference", "partner", "room", "place",
    "starts_at",
)  # fmt: skip
"""What of a hidden event nobody else learns."""
# the session an event is about: itself, or that of the booking, waiting entry or duty; else its run. Or the room, with its place, that
# is booked or kept, and the partner.
TABLES = (
    "audit_event e LEFT JOIN booking b ON e.about_kind = 'booking' AND b.id = e.about_id"
    " LEFT JOIN waiting_entry w ON e.about_kind = 'waiting' AND w.id = e.about_id"
    " LEFT JOIN shift d ON e.about_kind = 'shift' AND d.id = e.about_id"
    " LEFT JOIN session s ON s.id = COALESCE(CASE WHEN e.about_kind = 'session' THEN e.about_id END, b.session_id, w.session_id,"
    " d.session_id)"
    " LEFT JOIN run r ON r.id = COALESCE(s.run_id, b.run_id, w.run_id, CASE WHEN e.about_kind = 'run' THEN e.about_id END)"
    " LEFT JOIN room_booking k ON e.about_kind = 'room_booking' AND k.id = e.about_id"
    " LEFT JOIN room_series v ON e.about_kind = 'room_series' AND v.id = e.about_id"
    " LEFT JOIN room o ON o.id = COALESCE(k.room_id, v.room_id, CASE WHEN e.about_kind = 'room' THEN e.about_id END)"
    " LEFT JOIN cover_need j ON e.about_kind = 'cover_need' AND j.id = e.about_id"
    " LEFT JOIN location l ON l.id = COALESCE(o.location_id, d.location_id, j.location_id,"
    " CASE WHEN e.about_kind = 'location' THEN e.about_id END)"
    " LEFT JOIN organisation g ON g.id = COALESCE(k.organisation_id, v.organisation_id,"
    " CASE WHEN e.about_kind = 'organisation' THEN e.about_id END)"
)
# a message that is discreet; somebody who is, or has to do with something restricted
OF_FAMILIES = (
    "((e.about_kind = 'message' AND EXISTS (SELECT 1 FROM message n WHERE n.id = e.about_id AND n.is_discreet))"
    " OR (e.about_kind = 'person' AND EXISTS (SELECT 1 FROM person h WHERE h.id = e.about_id AND (h.is_discreet OR EXISTS"
    " (SELECT 1 FROM (SELECT person_id, run_id FROM booking UNION ALL SELECT person_id, run_id FROM waiting_entry) c"
    " JOIN run z ON z.id = c.run_id JOIN location zl ON zl.id = z.location_id WHERE c.person_id = h.id"
    " AND (z.is_restricted OR zl.is_restricted))))))"
)
# why a rota was published although rules were broken, where that may name something restricted
OF_ROTAS = (
    "(e.verb = 'publish rota' AND (EXISTS (SELECT 1 FROM location p WHERE p.hub_id = e.hub_id AND (p.is_restricted OR p.kind ="
    " 'restricted')) OR EXISTS (SELECT 1 FROM run q WHERE q.hub_id = e.hub_id AND q.is_restricted)))"
)
# known to the staff of its own hub alone: a restricted run or place, a private use of a room, what was done for such a family
HIDDEN = (
    "(COALESCE(r.is_restricted, FALSE) OR COALESCE(l.is_restricted, FALSE) OR COALESCE(l.kind, '') = 'restricted'"
    " OR EXISTS (SELECT 1 FROM location y WHERE y.id = COALESCE(s.location_id, r.location_id)"
    " AND (y.is_restricted OR y.kind = 'restricted'))"
    " OR COALESCE(k.is_private, FALSE) OR EXISTS (SELECT 1 FROM room_booking x WHERE x.series_id = v.id AND x.is_private)"
    f" OR {OF_FAMILIES} OR {OF_ROTAS})"
)
OF_COLLEAGUES = "('worker', 'leave', 'staff_profile')"
OWN_HUB = "COALESCE(r.hub_id, l.hub_id, CASE WHEN e.about_kind IN ('message', 'person') THEN e.hub_id END)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; "" and None are anything."""

    verb: str = ""
    words: str = ""
    first_date: date | None = None
    last_date: date | None = None
    page: int = 1


async def find(who: Who, wanted: Wanted) -> tuple[list[dict[str, Any]], bool]:
    """One page of events, the latest first, and whether there are more.

    Of what is restricted staff of other hubs learn that something was done and by whom, nothing else (promise P5).
    """
    conditions, parameters = _conditions(who, wanted)
    found = await db.rows(
        "SELECT e.id, e.at AS happened_at, e.verb, e.about_kind, e.about_id, e.hub_id, e.by_name, e.why, e.before, e.after,"
        f" e.undone_at, s.id AS session_id, s.date, s.start_time, r.title, {HIDDEN} AS is_hidden, {OWN_HUB} AS own_hub_id,"
        " b.reference AS booking_reference, w.reference AS waiting_reference, g.name AS partner, o.name AS room,"
        " l.name AS place, k.starts_at"
        f" FROM {TABLES} WHERE {' AND '.join(conditions)}"
        f" ORDER BY e.at DESC, e.id DESC LIMIT {PAGE + 1} OFFSET {(wanted.page - 1) * PAGE}",
        *parameters,
    )
    return [_shown(row, who) for row in found[:PAGE]], len(found) > PAGE


async def verbs(who: Who) -> list[str]:
    """What has been done at all, for the filter."""
    condition, parameters = _scope(who, 1)
    found = await db.rows(f"SELECT DISTINCT verb FROM audit_event e WHERE {condition} ORDER BY verb", *parameters)
    return [row["verb"] for row in found]


def _conditions(who: Who, wanted: Wanted) -> tuple[list[str], list[Any]]:
    condition, parameters = _scope(who, 1, f"COALESCE(e.hub_id, {OWN_HUB})")
    conditions = [condition]

    def given(value: Any) -> str:
        parameters.append(value)
        return f"${len(parameters)}"

    if wanted.verb:
        conditions.append(f"e.verb = {given(wanted.verb)}")
    if wanted.first_date:
        conditions.append(f"e.at >= {given(clock.at(wanted.first_date, '00:00'))}")
    if wanted.last_date:
        conditions.append(f"e.at < {given(clock.at(wanted.last_date + timedelta(days=1), '00:00'))}")
    for word in wanted.words.lower().split()[:5]:
        like = given(f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%")
        conditions.append(
            f"(lower(e.by_name) LIKE {like} ESCAPE '!' OR ({_may_be_read(who, given)}"
            f" AND (lower(e.why) LIKE {like} ESCAPE '!' OR lower(COALESCE(r.title, '')) LIKE {like} ESCAPE '!'"
            f" OR lower(COALESCE(b.reference, w.reference, '')) LIKE {like} ESCAPE '!'"
            f" OR lower(COALESCE(g.name, '')) LIKE {like} ESCAPE '!' OR lower(COALESCE(o.name, '')) LIKE {like} ESCAPE '!'"
            f" OR lower(COALESCE(l.name, '')) LIKE {like} ESCAPE '!')))"
        )
    return conditions, parameters


def _may_be_read(who: Who, given: Any) -> str:
    own = sorted(who.role_hubs)
    public = f"NOT {HIDDEN}"
    return f"({public} OR {OWN_HUB} IN ({', '.join(given(hub) for hub in own)}))" if own else public


def _scope(who: Who, first: int, hub: str = "e.hub_id") -> tuple[str, list[Any]]:
    """What of the trail is theirs: of their hubs. What was done about colleagues and their leave, and why somebody has declined a
    duty, is for managers of that hub alone."""
    if who.hub_ids is None:
        return "1 = 1", []
    managed = sorted(who.managed_hubs)
    theirs = f"{hub} IN {db.in_list(managed, first + len(who.hub_ids))} OR " if managed else ""
    kinds = f" AND ({theirs}(e.about_kind NOT IN {OF_COLLEAGUES} AND e.verb <> 'decline duty'))"
    return f"{hub} IN {db.in_list(who.hub_ids, first)}{kinds}", [*who.hub_ids, *managed]


def _shown(row: dict[str, Any], who: Who) -> dict[str, Any]:
    if row["is_hidden"] and not who.works_at(row["own_hub_id"]):
        return row | dict.fromkeys(TELLING) | {"title": PRIVATE, "why": ""}
    return row
