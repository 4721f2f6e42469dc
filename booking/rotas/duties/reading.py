"""A person's published duties, and what may be said of a shift to whom (promise P5)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.programmes import disclosure
from booking.rotas.values import BESIDE
from booking.rotas.words_for_staff import KINDS
from booking.words import day_words, short_day, time_range

Row = dict[str, Any]
AHEAD = timedelta(days=83)
"""How far ahead people see their own duties: twelve weeks."""

# a shift h with the words that disclosure needs; its session s may be none
COLUMNS = (
    "h.id AS shift_id, h.kind, h.title AS own_title, h.hub_id, h.location_id, h.session_id, h.date, h.start_time, h.end_time,"
    " h.starts_at, h.ends_at, h.minutes, h.skills, h.state, h.moved_words, h.moved_at, l.name AS location_name, l.address, l.postcode,"
    " l.directions, l.lat, l.lon, (l.is_restricted OR l.kind = 'restricted' OR COALESCE(r.is_restricted, l.is_restricted))"
    " AS is_restricted, r.title AS run_title, r.host, p.is_discreet, p.what_to_bring, o.name AS room_name,"
    " s.start_time AS session_start, s.end_time AS session_end, s.taken,"
    " CASE WHEN s.delivery = 'in_person' OR s.kind = 'call' THEN '' ELSE COALESCE(NULLIF(s.join_url, ''), r.join_url) END AS join_url,"
    f" {disclosure.HELD} AS delivery"
)
SHIFTS = (
    "FROM shift h JOIN location l ON l.id = h.location_id LEFT JOIN session s ON s.id = h.session_id"
    " LEFT JOIN run r ON r.id = s.run_id LEFT JOIN programme p ON p.id = r.programme_id LEFT JOIN room o ON o.id = s.room_id"
)
OWN = (
    f"SELECT a.staff_id, a.made_at, a.answer, a.answered_at, a.answer_words, a.sequence, {COLUMNS} {SHIFTS}"
    " JOIN assignment a ON a.shift_id = h.id AND a.layer = 'published'"
)


async def profile_of(person_id: UUID) -> Row | None:
    """The person's place on the rota, or None."""
    return await db.row(
        "SELECT f.*, q.name, q.phone, q.email FROM staff_profile f JOIN person q ON q.id = f.person_id WHERE f.person_id = $1",
        person_id,
    )


async def duties_of(staff_id: UUID, first: date, last: date) -> list[Row]:
    """Their published duties between two local dates, both included, in order. One query."""
    return await db.rows(
        f"{OWN} WHERE a.staff_id = $1 AND h.state = 'open' AND h.date >= $2 AND h.date <= $3 ORDER BY h.starts_at, h.id",
        staff_id,
        first,
        last,
    )


async def own_duty(staff_id: UUID, shift_id: UUID) -> Row | None:
    """One published duty of theirs; None when it is another's, gone or not published."""
    return await db.row(f"{OWN} WHERE a.staff_id = $1 AND h.id = $2 AND h.state = 'open'", staff_id, shift_id)


async def shift(shift_id: UUID) -> Row | None:
    """One shift, whoever does it."""
    return await db.row(f"SELECT {COLUMNS} {SHIFTS} WHERE h.id = $1", shift_id)


async def beside(duties: list[Row]) -> dict[UUID, list[str]]:
    """With whom: the names of others on duty at the same place and time, by shift. Of a restricted session nobody but those who do
    it with them hears. One query."""
    found: dict[UUID, list[str]] = {row["shift_id"]: [] for row in duties}
    there = [row for row in duties if row["kind"] not in BESIDE]
    if not there:
        return found
    places, days = sorted({row["location_id"] for row in there}), sorted({row["date"] for row in there})
    others = await db.rows(
        "SELECT f.known_as, a.staff_id, h.location_id, h.session_id, h.starts_at, h.ends_at, COALESCE(r.is_restricted, FALSE) AS is_secret"
        " FROM assignment a JOIN shift h ON h.id = a.shift_id JOIN staff_profile f ON f.id = a.staff_id"
        " LEFT JOIN session s ON s.id = h.session_id LEFT JOIN run r ON r.id = s.run_id"
        f" WHERE a.layer = 'published' AND h.state = 'open' AND h.kind NOT IN ('preparation', 'follow_up')"
        f" AND h.location_id IN {db.in_list(places)} AND h.date IN {db.in_list(days, 1 + len(places))} ORDER BY f.known_as",
        *places,
        *days,
    )
    for row in there:
        names = [it["known_as"] for it in others if _is_beside(row, it)]
        found[row["shift_id"]] = list(dict.fromkeys(names))
    return found


def _is_beside(own: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    is_then = other["starts_at"] < own["ends_at"] and own["starts_at"] < other["ends_at"]
    is_other = other["staff_id"] != own["staff_id"] and other["location_id"] == own["location_id"]
    return is_other and is_then and (not other["is_secret"] or other["session_id"] == own["session_id"])


def told(row: Mapping[str, Any], *, is_own: bool) -> dict[str, Any]:
    """A duty in words: in full to whoever does it, of a restricted one to anybody else its time and nothing else."""
    shown = disclosure.shown(_facts(row), "staff of it" if is_own else "other staff")
    assert shown is not None
    is_secret = bool(row["is_restricted"]) and not is_own
    is_held = shown.has_place
    place = ", ".join(filter(None, (row["room_name"], shown.place))) if is_held else ""
    return {
        "id": row["shift_id"],
        "title": shown.title,
        "kind": "" if is_secret else KINDS[row["kind"]],
        "place": place or ("" if is_secret else "Online" if shown.is_online else shown.place),
        "address": "" if is_secret or not is_held else ", ".join(filter(None, (shown.address, shown.postcode))),
        "map_link": "" if is_secret or not is_held else _map_link(row["lat"], row["lon"]),
        "directions": "" if is_secret or not is_held else shown.directions,
        "join_url": "" if is_secret else shown.join_url,
        "bring": "" if is_secret or row["kind"] in BESIDE else row["what_to_bring"] or "",
        **when(row),
    }


def when(row: Mapping[str, Any]) -> dict[str, Any]:
    """When a shift is, in words, and the instants."""
    times = time_range(row["start_time"], row["end_time"])
    return {
        "date": row["date"],
        "starts_at": row["starts_at"],
        "minutes": row["minutes"],
        "day": day_words(row["date"]),
        "times": times,
        "when": f"{short_day(row['date'])}, {times}",
    }


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """What disclosure asks of a session; a shift of none is one in person that is called what managers called it."""
    named = row["own_title"] or KINDS[row["kind"]]
    return {
        "is_restricted": bool(row["is_restricted"]),
        "is_discreet": bool(row["is_discreet"]),
        "delivery": row["delivery"] or "in_person",
        "title": row["run_title"] or named,
        "host": row["host"] or "",
        "join_url": row["join_url"] or "",
        "location_name": row["location_name"],
        "address": "" if (row["address"] or "").startswith("(") else row["address"],
        "postcode": row["postcode"],
        "directions": row["directions"],
    }


def _map_link(lat: float | None, lon: float | None) -> str:
    if lat is None or lon is None:
        return ""
    return f"https://www.openstreetmap.org/?mlat={lat:.5f}&mlon={lon:.5f}#map=17/{lat:.5f}/{lon:.5f}"


async def skill_names() -> dict[str, str]:
    """The names of all skills by their codes."""
    return {row["code"]: row["name"] for row in await db.rows("SELECT code, name FROM skill")}


def is_to_come(row: Mapping[str, Any], now: datetime | None = None) -> bool:
    return row["starts_at"] > (now or clock.now())
