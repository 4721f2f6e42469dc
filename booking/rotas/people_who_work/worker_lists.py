"""People on the rota as their pages show them: the list with its filters, one person, what of theirs expires soon."""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.programmes.disclosure import PRIVATE

SOON = timedelta(days=60)
LAPSES = (
    "h.to_date <= {soon} AND NOT EXISTS (SELECT 1 FROM staff_skill n WHERE n.staff_id = h.staff_id AND n.skill_id = h.skill_id"
    " AND (n.to_date IS NULL OR n.to_date > {soon}))"
)
"""SQL over staff_skill h: it has expired or soon will, and was not renewed; {soon} is the day."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; "" and None are anything. expiring: who holds something that has expired or soon will."""

    words: str = ""
    hub_id: UUID | None = None
    kind: str = ""
    skill: str = ""
    expiring: bool = False
    ended: bool = False


def state_of(to_date: date | None, today: date) -> str:
    """ "" (good), "soon" or "expired"."""
    if to_date is None or to_date > today + SOON:
        return ""
    return "expired" if to_date < today else "soon"


async def find(wanted: Wanted, who: Who) -> list[Row]:
    """The people of the asker's hubs that match, by name, each with its skills (name, code, to_date, state). Three queries."""
    today = clock.today()
    rows = await db.rows(
        "SELECT f.id, f.known_as, f.kind, f.hub_id, f.weekly_minutes, f.to_date, f.counts_for_two, l.name AS hub, o.name AS organisation"
        " FROM staff_profile f JOIN location l ON l.id = f.hub_id LEFT JOIN organisation o ON o.id = f.organisation_id"
        " ORDER BY lower(f.known_as)"
    )
    mine = [row for row in rows if who.may_act_at(row["hub_id"]) and _matches(row, wanted, today)]
    held = await skills_of([row["id"] for row in mine])
    away = await away_now([row["id"] for row in mine], today)
    found = [row | {"skills": held[row["id"]], "away": away.get(row["id"])} for row in mine]
    return [row for row in found if _has(row, wanted)]


def _matches(row: Row, wanted: Wanted, today: date) -> bool:
    has_ended = bool(row["to_date"] and row["to_date"] < today)
    return (
        (wanted.ended or not has_ended)
        and wanted.hub_id in (None, row["hub_id"])
        and wanted.kind in ("", row["kind"])
        and wanted.words.lower() in f"{row['known_as']} {row['organisation'] or ''}".lower()
    )


def _has(row: Row, wanted: Wanted) -> bool:
    has_skill = not wanted.skill or any(each["code"] == wanted.skill for each in row["skills"])
    return has_skill and (not wanted.expiring or any(each["state"] for each in row["skills"]))


async def skills_of(staff_ids: Collection[UUID]) -> dict[UUID, list[Row]]:
    """What each of them holds, what needs doing first, then by name."""
    found: dict[UUID, list[Row]] = defaultdict(list)
    today = clock.today()
    rows = await db.rows(
        "SELECT h.id, h.staff_id, h.skill_id, h.level, h.from_date, h.to_date, k.code, k.name FROM staff_skill h"
        f" JOIN skill k ON k.id = h.skill_id WHERE h.staff_id IN {db.in_list(list(staff_ids))} ORDER BY k.name, h.to_date",
        *staff_ids,
    )
    last: dict[tuple[UUID, UUID], date] = defaultdict(lambda: date.min)
    for row in rows:
        last[row["staff_id"], row["skill_id"]] = max(last[row["staff_id"], row["skill_id"]], row["to_date"] or date.max)
    for row in rows:
        is_last = last[row["staff_id"], row["skill_id"]] == row["to_date"]  # else it was renewed
        found[row["staff_id"]].append(row | {"state": state_of(row["to_date"], today) if is_last else ""})
    order = ("expired", "soon", "")
    return defaultdict(
        list, {id: sorted(held, key=lambda each: order.index(each["state"])) for id, held in found.items()}
    )


async def away_now(staff_ids: Collection[UUID], today: date) -> dict[UUID, date]:
    """Who is away today, and until when."""
    rows = await db.rows(
        "SELECT staff_id, last_date FROM leave WHERE state = 'approved' AND first_date <= $1 AND last_date >= $1"
        f" AND start = '00:00' AND staff_id IN {db.in_list(list(staff_ids), 2)}",
        today,
        *staff_ids,
    )
    return {row["staff_id"]: row["last_date"] for row in rows}


async def skills(who: Who | None = None) -> list[Row]:
    """Every skill, by name, with how many of the asker's hubs hold it and of how many it has ended or soon will; None is the county."""
    hubs = who.hub_ids if who else None
    inside = "" if hubs is None else f" AND f.hub_id IN {db.in_list(hubs, 3)}"
    return await db.rows(
        "SELECT k.id, k.code, k.name, k.expires_months, k.includes, k.ended_at, COUNT(DISTINCT f.id) AS holders,"
        f" COUNT(DISTINCT CASE WHEN {LAPSES.format(soon='$1')} THEN f.id END) AS expiring FROM skill k"
        " LEFT JOIN staff_skill h ON h.skill_id = k.id"
        f" LEFT JOIN staff_profile f ON f.id = h.staff_id AND (f.to_date IS NULL OR f.to_date >= $2){inside}"
        " GROUP BY k.id, k.code, k.name, k.expires_months, k.includes, k.ended_at ORDER BY k.name",
        clock.today() + SOON,
        clock.today(),
        *(hubs or ()),
    )


async def one(staff_id: UUID, who: Who) -> Row | None:
    """Somebody's profile and how they are reached; None unless it is of the asker's hubs. `may_change` says whether the asker is
    a manager of the home hub: without it there is neither postcode nor notes nor address in it. A restricted base is named to staff
    of its own hub alone (promise P5)."""
    row = await db.row(
        "SELECT f.*, p.name AS full_name, p.email, p.phone, p.channel, l.name AS hub, b.name AS base, b.hub_id AS base_hub_id,"
        " (b.is_restricted OR b.kind = 'restricted') AS is_base_secret, o.name AS organisation"
        " FROM staff_profile f JOIN person p ON p.id = f.person_id JOIN location l ON l.id = f.hub_id"
        " LEFT JOIN location b ON b.id = f.base_id LEFT JOIN organisation o ON o.id = f.organisation_id WHERE f.id = $1",
        staff_id,
    )
    if row is None or not who.may_act_at(row["hub_id"]):
        return None
    kept = row["place_ids"]
    row["places"] = (json.loads(kept) if isinstance(kept, str) else kept) or []
    row["may_change"] = who.manages(row["hub_id"])
    if row["is_base_secret"] and not who.works_at(row["base_hub_id"]):
        row["base"] = PRIVATE
    if not row["may_change"]:
        row |= dict.fromkeys(("postcode", "notes", "email", "phone"), "") | {"lat": None, "lon": None}
    return row


async def minutes_by_week(staff_id: UUID, monday: date, weeks: int) -> list[tuple[date, int, int]]:
    """(Monday, minutes in the draft, how many duties) of so many weeks from that one on."""
    rows = await db.rows(
        "SELECT s.date, s.minutes FROM assignment a JOIN shift s ON s.id = a.shift_id WHERE a.staff_id = $1 AND a.layer = 'draft'"
        " AND s.state = 'open' AND s.date >= $2 AND s.date < $3",
        staff_id,
        monday,
        monday + timedelta(weeks=weeks),
    )
    mondays = [monday + timedelta(weeks=n) for n in range(weeks)]
    inside = {day: [row["minutes"] for row in rows if 0 <= (row["date"] - day).days < 7] for day in mondays}
    return [(day, sum(own), len(own)) for day, own in inside.items()]
