"""What a calendar of sessions says: a family's, of one booking, of a member of staff, of a run. One query each (promise P5).

A family reads what those booked may read: discreet and restricted ones are "Appointment" and the time. In calendars of staff
and runs what is restricted is busy and nothing else, for an address given to one person ends in the calendars of many.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from booking import clock, db
from booking.messages import calendar
from booking.messages.feed_calendar import Status, Use
from booking.open_data.room_uses import Row, window
from booking.programmes import disclosure
from booking.programmes.disclosure import PRIVATE, WE_RING

KINDS = ("family", "booking", "staff", "run")
NAMES = {"family": "My dates", "booking": "My dates", "mine": "Sessions I lead", "hub": "Sessions of my hub"}
CANCELLED = "Cancelled: "

# adults whose bookings a family's calendar has: whoever asked, whoever gave the address they have proved, and the household
READERS = (
    "person me JOIN person q ON (q.id = me.id OR q.family_id = me.family_id"
    " OR (me.proved <> '' AND (q.phone = me.proved OR q.email = me.proved)))"
    " JOIN booking b ON b.person_id = q.id"
)
IS_OWN = "(q.id = me.id OR (me.proved <> '' AND (q.phone = me.proved OR q.email = me.proved)))"
ACTS = "FROM audit_event a WHERE a.about_kind = 'booking' AND a.about_id = b.id"
OF_FAMILY = (
    f"SELECT b.id AS booking_id, b.state AS booking_state, b.created_at, b.ended_at, s.state, s.sequence, s.is_listed,"
    f" (m.id IS NOT NULL) AS is_missed, (SELECT COUNT(*) {ACTS}) AS acts, (SELECT MAX(a.at) {ACTS}) AS acted_at,"
    " (me.is_discreet OR q.is_discreet) AS is_of_discreet,"
    f" {disclosure.FACTS_AT_SLOT} FROM {{readers}} JOIN session s ON s.run_id = b.run_id"
    f" AND (b.session_id IS NULL OR s.id = b.session_id) {disclosure.JOINS} {disclosure.SLOT}"
    " LEFT JOIN missed_date m ON m.booking_id = b.id AND m.session_id = s.id"
    " WHERE {who} AND s.state IN ('planned', 'cancelled') AND s.ends_at > b.created_at"
    " AND s.ends_at > $2 AND s.starts_at < $3 ORDER BY s.starts_at, s.id, b.id"
)
SEEN_BY_HOUSEHOLD = (
    f"({IS_OWN} OR NOT (r.is_restricted OR l.is_restricted OR p.is_discreet OR q.is_discreet OR me.is_discreet))"
)
OF_SESSIONS = (
    "SELECT s.state, s.sequence, s.is_listed, s.hub_id, o.name AS room_name,"
    f" {disclosure.FACTS} FROM {{tables}} {disclosure.JOINS} LEFT JOIN room o ON o.id = s.room_id"
    " WHERE {who} AND s.state IN ('planned', 'cancelled') AND r.state <> 'draft'"
    " AND s.ends_at > $2 AND s.starts_at < $3 ORDER BY s.starts_at, s.id"
)
ROLES = "FROM role w WHERE w.person_id = me.id"
AT_THEIR_HUBS = f"s.hub_id IN (SELECT w.hub_id {ROLES} AND w.kind IN ('hub_staff', 'hub_manager'))"
LEADS = (
    "LOWER(TRIM(me.name)) IN (LOWER(COALESCE(NULLIF(s.facilitator_1, ''), r.facilitator_1)),"
    " LOWER(COALESCE(NULLIF(s.facilitator_2, ''), r.facilitator_2)))"
    " OR EXISTS (SELECT 1 FROM slot x WHERE x.session_id = s.id AND x.state <> 'cancelled'"
    " AND LOWER(x.worker) = LOWER(TRIM(me.name)))"
)
MINE = f"({AT_THEIR_HUBS} OR EXISTS (SELECT 1 {ROLES} AND w.kind = 'county_admin')) AND ({LEADS})"
OF_STAFF = "person me JOIN session s ON me.id = $1"
QUERIES = {
    "family": OF_FAMILY.format(readers=READERS, who=f"me.id = $1 AND {SEEN_BY_HOUSEHOLD}"),
    "booking": OF_FAMILY.format(
        readers="booking b JOIN person q ON q.id = b.person_id JOIN person me ON me.id = q.id", who="b.id = $1"
    ),
    "mine": OF_SESSIONS.format(tables=OF_STAFF, who=MINE),
    "hub": OF_SESSIONS.format(tables=OF_STAFF, who=AT_THEIR_HUBS),
    "run": OF_SESSIONS.format(tables="session s", who="s.run_id = $1"),
}


def _which(link: Row) -> str:
    return link["sees"] if link["kind"] == "staff" else link["kind"]


async def rows_of(link: Row) -> list[Row]:
    """Every date in the calendar's window, what was cancelled or given up too, in order. One query."""
    return await db.rows(QUERIES[_which(link)], link["about_id"], *window())


async def count_led(person_id: UUID) -> int:
    """How many sessions to come a member of staff leads, as their calendar sees it."""
    rows = await db.rows(QUERIES["mine"], person_id, clock.now(), window()[1])
    return sum(row["state"] == "planned" for row in rows)


def name_of(link: Row) -> str:
    """The calendar's own name, which is no secret."""
    if link["kind"] == "run":
        return PRIVATE if link["is_restricted"] else str(link["run_title"])
    return NAMES[_which(link)]


def uses(link: Row, rows: Sequence[Row]) -> list[Use]:
    """Each date in the words for this calendar."""
    if link["kind"] in ("family", "booking"):
        return [_date_of_family(link, row) for row in _once(rows)]
    return [_date_of_staff(link, row) for row in rows]


def _once(rows: Sequence[Row]) -> Iterable[Row]:
    """Without the dates that were given up and booked again."""
    held = {(row["session_id"], row["starts_at"]) for row in rows if not _is_off(row)}
    return (row for row in rows if not (_is_off(row) and (row["session_id"], row["starts_at"]) in held))


def _is_off(row: Row) -> bool:
    """Cancelled by the hub, or given up before it began: what a family has been to stays as it was."""
    is_given_up = row["booking_state"] != "booked" and (row["ended_at"] is None or row["starts_at"] > row["ended_at"])
    return row["state"] == "cancelled" or is_given_up or bool(row["is_missed"])


def _date_of_family(link: Row, row: Row) -> Use:
    said, is_off = disclosure.said(row), _is_off(row)
    if row["is_of_discreet"] or link["sees"] == "busy":
        said = said.neutral()
    is_open = not said.is_discreet
    return Use(
        uid=str(uuid5(link["id"], f"{row['booking_id']} {row['session_id']}")),
        starts_at=said.starts_at,
        ends_at=said.ends_at,
        title=_titled(said.title if is_open else calendar.DISCREET_TITLE, is_off=is_off),
        place=calendar.where(said) if is_open else "",
        status=_status(is_off),
        sequence=row["sequence"] + row["acts"],
        changed_at=_latest(row["created_at"], row["ended_at"], row["acted_at"], link["created_at"]),
        is_private=said.is_discreet,
        description=calendar.description(said) if is_open else "",
        url=calendar.url(said) if is_open else "",
        join_url=said.join_url if is_open and not is_off else "",
    )


def _date_of_staff(link: Row, row: Row) -> Use:
    is_off = row["state"] == "cancelled"
    words: dict[str, Any] = {"title": PRIVATE, "place": "", "is_private": True}
    if not row["is_restricted"]:
        words = _words_of(link, row)
    words["title"] = _titled(words["title"], is_off=is_off)
    return Use(
        uid=str(uuid5(link["id"], str(row["session_id"]))),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        status=_status(is_off),
        sequence=row["sequence"],
        changed_at=link["created_at"],
        **words,
    )


def _words_of(link: Row, row: Row) -> dict[str, Any]:
    """Title, place and link: staff's own page and the way to join for staff, the public's page in the calendar of a run."""
    is_staff = link["kind"] == "staff"
    told = disclosure.shown(row, "staff of it" if is_staff else "public")
    assert told is not None
    place = ", ".join(filter(None, (row["room_name"], told.place))) if told.has_place else "Online"
    path = f"/staff/sessions/{row['session_id']}" if is_staff else f"/sessions/{row['session_id']}"
    return {
        "title": told.title,
        "place": WE_RING if told.is_by_phone else place,
        "url": path if is_staff or row["is_listed"] else "",
        "join_url": told.join_url if row["state"] == "planned" else "",
    }


def _titled(title: str, *, is_off: bool) -> str:
    """Several programs show what is cancelled in a subscribed calendar like anything else: so the title says it too."""
    return f"{CANCELLED}{title}" if is_off else title


def _status(is_off: bool) -> Status:
    return "CANCELLED" if is_off else "CONFIRMED"


def _latest(*instants: datetime | None) -> datetime:
    return max(each for each in instants if each is not None)
