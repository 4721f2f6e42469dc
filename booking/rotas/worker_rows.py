"""People who can be planned: rows into values."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from booking import db
from booking.rotas.values import Away, Exceptional, Held, Stretch, Worker

Row = dict[str, Any]
WORKERS = (
    "SELECT f.*, COALESCE(l.lat, f.lat) AS from_lat, COALESCE(l.lon, f.lon) AS from_lon FROM staff_profile f"
    " LEFT JOIN location l ON l.id = f.base_id"
)
OF_WORKERS = {
    "pattern": 'SELECT staff_id, week, weekday, start, "end", kind FROM work_pattern',
    "exceptions": 'SELECT staff_id, date, start, "end", kind FROM pattern_exception',
    "leave": 'SELECT staff_id, first_date, last_date, start, "end", kind, state, credit_minutes FROM leave',
    "skills": (
        "WITH RECURSIVE counts(code, as_code) AS (SELECT code, code FROM skill UNION SELECT counts.code, other.code FROM counts"
        " JOIN skill held ON held.code = counts.as_code"
        " JOIN skill other ON ' ' || held.includes || ' ' LIKE '% ' || other.code || ' %')"
        " SELECT h.staff_id, counts.as_code AS code, h.from_date, h.to_date FROM staff_skill h"
        " JOIN skill k ON k.id = h.skill_id JOIN counts ON counts.code = k.code"
    ),
}
"""Rows about workers; what a skill includes may include more, in a circle too."""


async def workers_of(
    hub_ids: Collection[UUID] | None,
    *,
    beside: Collection[UUID] = (),
    only: Collection[UUID] | None = None,
    since: date | None = None,
) -> list[Worker]:
    """Who can be planned, by name: of these hubs (None: all) and these others beside; `only` just these. What ended before
    `since` is left out. Five queries."""
    if only is not None and not only:
        return []
    some = f"WHERE f.id IN {db.in_list(list(only))}" if only is not None else ""
    found = await db.rows(f"{WORKERS} {some} ORDER BY f.known_as", *(only or ()))
    if only is None and hub_ids is not None:
        found = [row for row in found if row["hub_id"] in set(hub_ids) or row["id"] in set(beside)]
    if since:
        found = [row for row in found if row["to_date"] is None or row["to_date"] >= since]
    wanted = {row["id"] for row in found}
    theirs = f"WHERE staff_id IN {db.in_list(list(only))}" if only is not None else ""
    parts = {}
    for name, sql in OF_WORKERS.items():
        parts[name] = defaultdict(list)
        for row in await db.rows(f"{sql} {theirs}", *(only or ())):
            if row["staff_id"] in wanted:
                parts[name][row["staff_id"]].append(row)
    return [_worker(row, {name: parts[name][row["id"]] for name in parts}) for row in found]


def _worker(row: Row, of: Mapping[str, list[Row]]) -> Worker:
    works_at = json.loads(row["place_ids"]) if isinstance(row["place_ids"], str) else row["place_ids"]
    skills: dict[str, list[Held]] = defaultdict(list)
    for each in of["skills"]:
        skills[each["code"]].append(Held(each["from_date"], each["to_date"]))
    return Worker(
        id=row["id"],
        name=row["known_as"],
        kind=row["kind"],
        hub_id=row["hub_id"],
        lat=row["from_lat"],
        lon=row["from_lon"],
        drives=bool(row["drives"]),
        max_travel_minutes=row["max_travel_minutes"],
        works_at=frozenset(UUID(each) for each in works_at) if works_at is not None else None,
        counts_for_two=bool(row["counts_for_two"]),
        weekly_minutes=row["weekly_minutes"],
        over_minutes=row["over_minutes"],
        days_in_row=row["days_in_row"],
        saturdays_in_four=row["saturdays_in_four"],
        evenings_in_week=row["evenings_in_week"],
        cycle_weeks=row["cycle_weeks"],
        cycle_from=row["cycle_from_date"],
        pattern=tuple(Stretch(it["weekday"], it["start"], it["end"], it["kind"], it["week"]) for it in of["pattern"]),
        exceptions=tuple(Exceptional(it["date"], it["start"], it["end"], it["kind"]) for it in of["exceptions"]),
        leave=tuple(_away(it) for it in of["leave"] if it["state"] in ("requested", "approved")),
        skills={code: tuple(held) for code, held in skills.items()},
        from_date=row["from_date"],
        to_date=row["to_date"],
    )


def _away(row: Row) -> Away:
    return Away(
        row["first_date"], row["last_date"], row["start"], row["end"], row["kind"], row["state"] == "approved",
        row["credit_minutes"],
    )  # fmt: skip
