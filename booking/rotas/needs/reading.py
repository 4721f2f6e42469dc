"""What shifts are made from and which there are, as rows. A fixed number of statements whatever the sizes."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import db
from booking.changes import in_parts
from booking.places import queries
from booking.places.opening import Opening
from booking.rotas.needs.of_sessions import plain

Row = dict[str, Any]
SECRET_PLACE = "(l.is_restricted OR l.kind = 'restricted')"
NAME_1, NAME_2 = (f"COALESCE(NULLIF(s.facilitator_{n}, ''), r.facilitator_{n})" for n in (1, 2))
COURSE_CRECHE = (
    "CASE WHEN r.booking_mode = 'linked' THEN (SELECT MAX(cp.creche_workers) FROM run c JOIN programme cp"
    " ON cp.id = c.programme_id WHERE c.creche_run_id = r.id) END"
)
HELD_FROM = "(SELECT MIN(h.starts_at) FROM room_hold h WHERE h.room_booking_id = s.room_booking_id)"
HELD_TO = "(SELECT MAX(h.ends_at) FROM room_hold h WHERE h.room_booking_id = s.room_booking_id)"
FACTS = {
    "state": "s.state", "run_state": "r.state", "date": "s.date", "starts_at": "s.starts_at", "ends_at": "s.ends_at",
    "location_id": "s.location_id", "hub_id": "s.hub_id", "session_kind": "s.kind", "name_1": NAME_1, "name_2": NAME_2,
    "title": "r.title", "host": "r.host", "booking_mode": "r.booking_mode", "delivery": "COALESCE(NULLIF(s.delivery, ''), r.delivery)",
    "is_restricted": f"(r.is_restricted OR {SECRET_PLACE})", "facilitators": "p.facilitators", "creche_workers": "p.creche_workers",
    "skills": "p.skills", "prepare_minutes": "p.prepare_minutes", "follow_up_minutes": "p.follow_up_minutes",
    "course_creche_workers": COURSE_CRECHE, "held_from_at": HELD_FROM, "held_to_at": HELD_TO,
}  # fmt: skip
"""What a session's shifts depend on: column -> SQL over session s, run r, programme p, location l."""
MORE = "s.id, s.run_id, s.why_cancelled, s.facilitator_1, s.facilitator_2, s.edited, r.facilitator_1 AS usual_1, r.facilitator_2 AS usual_2"
JOINS = (
    "session s JOIN run r ON r.id = s.run_id JOIN programme p ON p.id = r.programme_id JOIN location l ON l.id = s.location_id"
    " LEFT JOIN followed f ON f.about_id = s.id"
)
PUBLISHED = (
    "SELECT {listed} FROM shift x JOIN assignment a ON a.shift_id = x.id AND a.layer = 'published' JOIN staff_profile w"
    " ON w.id = a.staff_id WHERE x.session_id = s.id AND x.kind IN ('facilitator', 'creche', 'appointment')"
)
NAMED = "SELECT MAX(CAST(w.id AS text)) FROM staff_profile w WHERE lower(w.known_as) = lower({name})"


def seen() -> str:
    """SQL for the facts as one text, to be compared with what shifts were last made from; $1 is what does not stand in rows of
    their own. Names come with whether somebody on the rota has them, and who was published."""
    workers = _listed("DISTINCT x.worker")
    people = PUBLISHED.format(listed=_listed("x.kind || x.position || w.known_as"))
    parts = [
        *FACTS.values(),
        f"CASE WHEN {NAME_1} <> '' THEN ({NAMED.format(name=NAME_1)}) END",
        f"CASE WHEN {NAME_2} <> '' THEN ({NAMED.format(name=NAME_2)}) END",
        f"CASE WHEN r.booking_mode = 'appointment' THEN (SELECT {workers} FROM slot x WHERE x.session_id = s.id"
        " AND x.state <> 'cancelled') END",
        f"({people})",
    ]
    text = " || '|' || ".join(["CAST($1 AS text)", *(f"COALESCE(CAST({part} AS text), '')" for part in parts)])
    return f"md5({text})" if db.is_postgres() else text


def _listed(what: str) -> str:
    return f"string_agg({what}, ',')" if db.is_postgres() else f"group_concat({what})"


async def changed_sessions(salt: str, since: datetime, now: datetime, last: date) -> list[UUID]:
    """The sessions whose shifts may not be as they should, the soonest first: those to come, and of those that have begun
    since an instant the cancelled ones. One statement."""
    found = await db.rows(
        f"SELECT s.id FROM {JOINS} WHERE s.starts_at > $2 AND (s.starts_at > $3 OR s.state = 'cancelled')"
        " AND ((s.state = 'planned' AND s.date <= $4) OR f.about_id IS NOT NULL)"
        f" AND COALESCE(f.seen, '') <> {seen()} ORDER BY s.starts_at, s.id",
        salt, since, now, last,
    )  # fmt: skip
    return [row["id"] for row in found]


async def sessions_of(ids: Sequence[UUID], salt: str) -> list[Row]:
    """The facts of these sessions, with `seen`, read together."""
    columns = ", ".join(f"{sql} AS {name}" for name, sql in FACTS.items())
    return await db.rows(
        f"SELECT {MORE}, {columns}, {seen()} AS seen FROM {JOINS} WHERE s.id IN {db.in_list(ids, 2)}", salt, *ids
    )


async def slot_workers(ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The names of those who work in the appointments of these sessions."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in await db.rows(
        f"SELECT DISTINCT session_id, worker FROM slot WHERE state <> 'cancelled' AND session_id IN {db.in_list(ids)}",
        *ids,
    ):
        found[row["session_id"]].append(row["worker"])
    return found


async def known_people() -> tuple[dict[str, UUID], dict[UUID, str]]:
    """Plain name -> who is on the rota, and the other way round."""
    rows = await db.rows("SELECT id, known_as FROM staff_profile")
    return {plain(row["known_as"]): row["id"] for row in rows}, {row["id"]: row["known_as"] for row in rows}


async def skill_words() -> dict[str, str]:
    """Code or name of a skill in lower letters -> its code."""
    rows = await db.rows("SELECT code, name FROM skill WHERE ended_at IS NULL ORDER BY code")
    return {row["name"].casefold(): row["code"] for row in rows} | {row["code"].casefold(): row["code"] for row in rows}


def skill_codes(text: str, words: Mapping[str, str]) -> str:
    """ "trained-iy; First aid" as codes parted by spaces; what is not known is left out."""
    codes = (words.get(each.strip().casefold()) for each in text.split(";"))
    return " ".join(dict.fromkeys(filter(None, codes)))


async def shifts_of(where: str, *parameters: Any) -> list[Row]:
    """Shifts that a condition of ours over shift x finds, with all columns, locked in the order of their ids."""
    lock = " FOR NO KEY UPDATE" if db.is_postgres() else ""
    return await db.rows(f"SELECT x.* FROM shift x WHERE {where} ORDER BY x.id{lock}", *parameters)


async def assignments_of(shift_ids: Collection[UUID]) -> dict[UUID, dict[str, Row]]:
    """shift -> layer -> the assignment with all columns."""
    found: dict[UUID, dict[str, Row]] = defaultdict(dict)
    for some in in_parts(sorted(shift_ids), 10000):
        for row in await db.rows(f"SELECT * FROM assignment WHERE shift_id IN {db.in_list(some)}", *some):
            found[row["shift_id"]][row["layer"]] = row
    return found


async def place_names() -> dict[UUID, str]:
    """The name of each location; of a restricted one none (promise P5)."""
    rows = await db.rows(f"SELECT l.id, CASE WHEN {SECRET_PLACE} THEN '' ELSE l.name END AS name FROM location l")
    return {row["id"]: row["name"] for row in rows}


NEEDS = (
    "SELECT n.*, l.hub_id, l.name AS place_name, l.needs_two, l.kind AS location_kind,"
    f" {SECRET_PLACE} AS is_restricted FROM cover_need n JOIN location l ON l.id = n.location_id"
)


async def needs_by_location() -> dict[UUID, list[Row]]:
    """Every need that was ever, ended ones with ended_at, by location."""
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in await db.rows(f"{NEEDS} ORDER BY n.location_id, n.start, n.id"):
        found[row["location_id"]].append(row)
    return found


async def openings_and_seen(
    needs: Mapping[UUID, Sequence[Row]], first: date, last: date
) -> tuple[dict[UUID, Opening], dict[UUID, str]]:
    """By location when it is open, and everything that its cover is made from as one text."""
    openings = await queries.openings(sorted(needs), first, last)
    texts = {}
    for id, opening in openings.items():
        facts = (last, sorted(opening.hours.items()), opening.closures, sorted(opening.bank_holidays), opening.specials)
        own = [sorted((name, str(value)) for name, value in need.items()) for need in needs[id]]
        texts[id] = hashlib.sha256(repr((facts, own)).encode()).hexdigest()
    return openings, texts


async def last_covered(horizon: date) -> date:
    """Until when there is cover: the horizon, or later where it once was further away, so that those shifts follow too."""
    last = await db.row("SELECT MAX(date) AS last_date FROM shift WHERE need_id IS NOT NULL AND state = 'open'")
    return max(horizon, last["last_date"] or horizon) if last else horizon


async def last_seen(ids: Collection[UUID]) -> dict[UUID, str]:
    rows = await db.rows(f"SELECT about_id, seen FROM followed WHERE about_id IN {db.in_list(list(ids))}", *ids)
    return {row["about_id"]: row["seen"] for row in rows}


async def write_seen(texts: Mapping[UUID, str]) -> None:
    if texts:
        await db.insert_many(
            "followed", ("about_id", "seen"), texts.items(), "ON CONFLICT (about_id) DO UPDATE SET seen = excluded.seen"
        )
