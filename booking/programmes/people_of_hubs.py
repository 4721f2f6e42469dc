"""Whom staff may look up: people with a place or in line at their hubs within the last year, and adults told of such a booking.

What is restricted makes a person known to that hub's own staff alone, county admins included (promise P5): somebody who is known
from nothing else is not there for anybody else (P6).
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people import trail
from booking.people.signing_in import Who
from booking.programmes import disclosure
from booking.programmes.bookings.my_bookings import NEXT_DATE
from booking.programmes.texts import threads

A_YEAR = timedelta(days=365)
FEWEST_LETTERS = 3
MOST = 30
TIES = (
    "SELECT person_id, run_id, reference, created_at, 'booking' AS kind FROM booking UNION ALL"
    " SELECT person_id, run_id, reference, created_at, 'waiting' AS kind FROM waiting_entry UNION ALL"
    " SELECT t.person_id, c.run_id, '' AS reference, t.created_at, 'told' AS kind FROM also_told t"
    " JOIN booking c ON c.id = t.booking_id"
)
RESTRICTED = "(r.is_restricted OR l.is_restricted)"


class _Scope:
    """The condition on a run r at a place l for who asks, with its parameters behind those that are there already."""

    def __init__(self, who: Who, *parameters: Any):
        self.parameters = [*parameters, clock.now() - A_YEAR, clock.today() - A_YEAR]
        since, day = len(parameters) + 1, len(parameters) + 2
        own = "1 = 0"
        if who.role_hubs:
            own = f"r.hub_id IN {db.in_list(list(who.role_hubs), day + 1)}"
            self.parameters += sorted(who.role_hubs)
        self.may = f"({own}{f' OR NOT {RESTRICTED}' if who.is_admin else ''})"
        self.tie = (
            f"SELECT 1 FROM ({TIES}) x JOIN run r ON r.id = x.run_id JOIN location l ON l.id = r.location_id"
            f" WHERE x.person_id = p.id AND (x.created_at > ${since} OR r.last_date > ${day}) AND {self.may}"
        )


async def find_one(who: Who, person_id: UUID) -> dict[str, Any] | None:
    """A person with the hub by which who asks knows them (hub_id); None for anybody else's."""
    scope = _Scope(who, person_id)
    tie = scope.tie.replace("SELECT 1", "SELECT r.hub_id", 1) + " ORDER BY x.created_at DESC LIMIT 1"
    found = await db.row(f"SELECT p.*, ({tie}) AS hub_id FROM person p WHERE p.id = $1", *scope.parameters)
    return found if found and found["hub_id"] else None


async def find(who: Who, words: str) -> list[dict[str, Any]]:
    """Who fits part of a name, phone or email, or a reference: id, name, phone, email, phone_state, email_state, channel, by
    name. Nobody for fewer than three letters."""
    words = " ".join(words.lower().split())
    if len(words) < FEWEST_LETTERS:
        return []
    digits = "".join(c for c in words if c.isdigit()).lstrip("0")
    is_number = len(digits) >= FEWEST_LETTERS and not re.search(r"[a-z@]", words)
    reference = re.sub(r"[^a-z0-9]", "", words).upper()
    like = words.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    given = (f"%{like}%", f"%{digits}%" if is_number else "", f"{reference[:4]}-{reference[4:]}", words.upper())
    scope = _Scope(who, *given)
    return await db.rows(
        "SELECT p.id, p.name, p.phone, p.email, p.phone_state, p.email_state, p.channel FROM person p WHERE"
        f" EXISTS ({scope.tie}) AND (lower(p.name) LIKE $1 ESCAPE '!' OR p.email LIKE $1 ESCAPE '!'"
        f" OR ($2 <> '' AND p.phone LIKE $2) OR EXISTS ({scope.tie} AND x.reference IN ($3, $4)))"
        f" ORDER BY lower(p.name), p.id LIMIT {MOST}",
        *scope.parameters,
    )


async def bookings_of(who: Who, person_id: UUID) -> list[dict[str, Any]]:
    """What they booked or wait for, as far as who asks may know, what comes first on top: kind, reference, state, title, date,
    start_time, session_id, run_id, is_over."""
    found = []
    for table, kind in (("booking", "booking"), ("waiting_entry", "waiting")):
        scope = _Scope(who, clock.now(), person_id)
        facts, slot = (disclosure.FACTS_AT_SLOT, disclosure.SLOT) if kind == "booking" else (disclosure.FACTS, "")
        rows = await db.rows(
            f"SELECT b.id AS booking_id, b.reference, b.state AS booking_state, b.run_id, b.session_id AS only_session_id,"
            f" s.date, s.start_time, s.end_time, s.state, s.hub_id, r.booking_mode, {facts} FROM {table} b"
            f" JOIN session s ON {NEXT_DATE} {disclosure.JOINS} {slot} WHERE b.person_id = $2 AND {scope.may}"
            " AND (b.created_at > $3 OR r.last_date > $4) ORDER BY s.starts_at DESC LIMIT 40",
            *scope.parameters,
        )
        found += [row | {"kind": kind} for row in rows if kind == "booking" or row["booking_state"] != "booked"]
    now = clock.now()
    return sorted((_told(row, now) for row in found), key=_nearest_first)


def _nearest_first(row: dict[str, Any]) -> tuple[bool, float]:
    begins = row["starts_at"].timestamp()
    return row["is_over"], -begins if row["is_over"] else begins


def _told(row: Mapping[str, Any], now: Any) -> dict[str, Any]:
    shown = disclosure.shown(row, "staff of it" if row["is_restricted"] else "other staff")
    assert shown is not None
    begins, ends = (
        clock.local(row["starts_at"]),
        clock.local(row["ends_at"]),
    )  # of an appointment its own, not the clinic's
    times = {"date": begins.date(), "start_time": f"{begins:%H:%M}", "end_time": f"{ends:%H:%M}"}
    return {**row, **times, "title": shown.title, "place": shown.place, "is_over": row["ends_at"] <= now}


async def household_of(who: Who, person: Mapping[str, Any]) -> list[str]:
    """First names of the other adults of the household, whom who asks may know too; none where anybody of them, or the person,
    wants short words only."""
    if person["family_id"] is None or person["is_discreet"]:
        return []
    scope = _Scope(who, person["family_id"], person["id"])
    found = await db.rows(
        f"SELECT p.name, p.is_discreet, EXISTS ({scope.tie}) AS is_known FROM person p WHERE p.family_id = $1 AND p.id <> $2"
        " ORDER BY p.created_at, p.id",
        *scope.parameters,
    )
    if any(row["is_discreet"] for row in found):
        return []
    names = [row["name"].split(" ")[0] for row in found if row["is_known"]]
    return sorted(set(names) - {person["name"].split(" ")[0]})


async def told_beside(who: Who, person_id: UUID) -> list[str]:
    """Names of adults who are told of their bookings too."""
    scope = _Scope(who, person_id)
    found = await db.rows(
        "SELECT DISTINCT a.name FROM also_told t JOIN booking b ON b.id = t.booking_id AND b.state = 'booked'"
        " JOIN person a ON a.id = t.person_id JOIN run r ON r.id = b.run_id JOIN location l ON l.id = r.location_id"
        f" WHERE t.ended_at IS NULL AND b.person_id = $1 AND (b.created_at > $2 OR r.last_date > $3) AND {scope.may}"
        " ORDER BY a.name",
        *scope.parameters,
    )
    return [row["name"] for row in found]


async def trail_of(who: Who, person_id: UUID, limit: int = 20) -> list[dict[str, Any]]:
    """What was done about how they are reached, the latest first; why, as far as the trail tells whoever asks."""
    found = await db.rows(
        "SELECT e.id, e.at AS happened_at, e.verb, e.by_name, e.why, e.hub_id, e.undo_until AS undo_until_at, e.undone_at,"
        f" {trail.OF_FAMILIES} AS is_hidden FROM audit_event e"
        f" WHERE e.about_kind = 'person' AND e.about_id = $1 ORDER BY e.at DESC, e.id DESC LIMIT {int(limit)}",
        person_id,
    )
    return [row | {"why": ""} if row["is_hidden"] and not who.works_at(row["hub_id"]) else row for row in found]


async def texts_path(who: Who, phone: str) -> str:
    """The page of the texts with this number, as far as who asks may read them; "" where there are none."""
    condition, parameters = threads.readable(who, 2)
    newest = await db.value(
        f"SELECT t.id FROM inbound_message t WHERE t.sender = $1 AND t.state <> 'new' AND {condition}"
        " ORDER BY t.received_at DESC, t.id DESC LIMIT 1",
        phone,
        *parameters,
    )
    return f"/staff/texts/{newest}" if newest and phone else ""
