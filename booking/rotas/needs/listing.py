"""What the page of needs reads: a hub's places with their hours and needs. A fixed number of queries."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.rotas.needs import reading

Row = dict[str, Any]


async def places_of(hub_id: UUID, who: Who) -> list[Row]:
    """The places of a hub that can need people, the hub first: id, name, kind, needs_two, hours (weekday -> spans) and needs; the
    restricted ones for staff of that very hub (promise P5). Three queries."""
    open_to_all = "" if who.works_at(hub_id) else f" AND NOT {reading.SECRET_PLACE}"
    places = await db.rows(
        f"SELECT id, name, kind, needs_two FROM location l WHERE hub_id = $1 AND kind NOT IN ('online', 'home'){open_to_all}"
        " AND (valid_to_date IS NULL OR valid_to_date >= $2)"
        " ORDER BY CASE kind WHEN 'hub' THEN 0 WHEN 'co_located' THEN 1 ELSE 2 END, name",
        hub_id,
        clock.today(),
    )
    hours: dict[UUID, dict[int, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for row in await db.rows(
        "SELECT o.location_id, o.weekday, o.opens, o.closes FROM opening_hours o JOIN location l ON l.id = o.location_id"
        " WHERE l.hub_id = $1 ORDER BY o.weekday, o.opens",
        hub_id,
    ):
        hours[row["location_id"]][row["weekday"]].append((row["opens"], row["closes"]))
    needs: dict[UUID, list[Row]] = defaultdict(list)
    for row in await db.rows(
        f"{reading.NEEDS} WHERE l.hub_id = $1 AND n.ended_at IS NULL ORDER BY n.weekdays, n.start, n.name, n.id", hub_id
    ):
        needs[row["location_id"]].append(row)
    return [row | {"hours": hours[row["id"]], "needs": needs[row["id"]]} for row in places]


async def need(need_id: UUID) -> Row | None:
    return await db.row(f"{reading.NEEDS} WHERE n.id = $1 AND n.ended_at IS NULL", need_id)


async def skills() -> list[Row]:
    """code and name of the skills in use, by name."""
    return await db.rows("SELECT code, name FROM skill WHERE ended_at IS NULL ORDER BY lower(name)")


async def undoable(hub_id: UUID, who: Who) -> Row | None:
    """The last change of a need at this hub that can still be taken back: id, verb, by_name, words."""
    open_to_all = "" if who.works_at(hub_id) else f" AND NOT {reading.SECRET_PLACE}"
    return await db.row(
        "SELECT e.id, e.verb, e.by_name, n.name FROM audit_event e JOIN cover_need n ON n.id = e.about_id"
        " JOIN location l ON l.id = n.location_id"
        f" WHERE e.about_kind = 'cover_need' AND e.hub_id = $1 AND e.undo_until > $2 AND e.undone_at IS NULL{open_to_all}"
        " AND e.verb IN ('add cover need', 'change cover need', 'end cover need') ORDER BY e.at DESC, e.id DESC LIMIT 1",
        hub_id,
        clock.now(),
    )
