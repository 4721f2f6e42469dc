"""What pages ask about places. Restricted locations are in none of the answers (promise P5)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.places.county_map import CountyMap, Frame, homes_path
from booking.places.near import HIDDEN
from booking.places.opening import LOOK_AHEAD_DAYS, Opening, Shut, Special
from booking.places.term_calendar import bank_holiday_words

COLUMNS = (
    "id, hub_id, hub_name, kind, name, slug, area, district, operator, address, postcode, lat, lon, shared_with,"
    " directions, access_notes, valid_from_date, valid_to_date"
)
HOMES_KEPT_SECONDS = 600
DOTS_ACROSS = 48

Row = dict[str, Any]


async def all_places() -> list[Row]:
    """Every location that may be shown, by area and name, those not in use too."""
    return await db.rows(f"SELECT {COLUMNS} FROM location WHERE NOT ({HIDDEN}) ORDER BY area, name")


async def places_of_hub_with(slug: str) -> list[Row]:
    """The location with this slug first, then the others of its hub; empty if it is not there for the public."""
    return await db.rows(
        f"SELECT {COLUMNS} FROM location WHERE NOT ({HIDDEN})"
        f" AND (slug = $1 OR hub_id = (SELECT hub_id FROM location WHERE slug = $1 AND NOT ({HIDDEN})))"
        " ORDER BY CASE WHEN slug = $1 THEN 0 WHEN kind = 'hub' THEN 1 ELSE 2 END, name",
        slug,
    )


async def openings(location_ids: Sequence[UUID], first: date, last: date | None = None) -> dict[UUID, Opening]:
    """When each of these places is open, with the special openings, closures and bank holidays from the first day to the
    last (without it four weeks). Three queries."""
    last = last or first + timedelta(days=LOOK_AHEAD_DAYS)
    hours: dict[UUID, dict[int, tuple[tuple[str, str], ...]]] = defaultdict(lambda: defaultdict(tuple))
    specials: dict[UUID, tuple[Special, ...]] = defaultdict(tuple)
    for line in await _hours(location_ids, first, last):
        key = line["location_id"]
        if line["first_date"]:
            specials[key] += (as_special(line),)
        else:
            hours[key][line["weekday"]] += ((line["opens"], line["closes"]),)
    closures = await _closures(location_ids, first, last)
    holidays = await bank_holidays(first, last)
    return {key: Opening(hours[key], closures.get(key, ()), holidays, specials[key]) for key in location_ids}


async def _hours(location_ids: Sequence[UUID], first: date, last: date) -> list[Row]:
    """Usual hours (without dates) and the special ones between the days, in one query: pages are held to a number of them."""
    some = db.in_list(location_ids, 3)
    return await db.rows(
        "SELECT location_id, weekday, '' AS weekdays, opens, closes, NULL AS first_date, NULL AS last_date,"
        f" FALSE AS is_extra, '' AS reason FROM opening_hours WHERE location_id IN {some} UNION ALL"
        " SELECT location_id, NULL, weekdays, opens, closes, first_date, last_date, is_extra, reason"
        f" FROM special_opening WHERE last_date >= $1 AND first_date <= $2 AND location_id IN {some}",
        first,
        last,
        *location_ids,
    )


def as_special(row: Row) -> Special:
    """A row of special_opening."""
    return Special(
        row["first_date"],
        row["last_date"],
        row["opens"],
        row["closes"],
        frozenset(int(weekday) for weekday in row["weekdays"]),
        bool(row["is_extra"]),
        row["reason"],
    )


async def _closures(location_ids: Sequence[UUID], first: date, last: date) -> dict[UUID, tuple[Shut, ...]]:
    """Closures of whole buildings; that of one room shuts no doors."""
    found = await db.rows(
        "SELECT location_id, starts_at, ends_at, reason FROM closure WHERE room_id IS NULL AND ends_at > $1"
        f" AND starts_at < $2 AND location_id IN {db.in_list(location_ids, 3)} ORDER BY starts_at",
        clock.at(first, "00:00"),
        clock.at(last + timedelta(days=1), "00:00"),
        *location_ids,
    )
    closures: dict[UUID, tuple[Shut, ...]] = defaultdict(tuple)
    for line in found:
        closures[line["location_id"]] += (Shut(line["starts_at"], line["ends_at"], line["reason"]),)
    return closures


async def bank_holidays(first: date, last: date) -> dict[date, str]:
    found = await db.rows(
        "SELECT date, title FROM bank_holiday WHERE date >= $1 AND date <= $2 AND NOT is_removed", first, last
    )
    return {line["date"]: bank_holiday_words(line["title"], line["date"]) for line in found}


async def rooms_for_families(location_id: UUID) -> list[Row]:
    """Each room of one location by name: id, name, features as imported (parted by semicolons), and of its picture words and
    changed_at, None without one."""
    return await db.rows(
        "SELECT o.id, o.name, o.features, p.words, p.changed_at FROM room o LEFT JOIN room_photo p ON p.room_id = o.id"
        " WHERE o.location_id = $1 ORDER BY o.name",
        location_id,
    )


_homes: dict[Frame, tuple[float, str]] = {}


async def with_homes(drawn: CountyMap) -> CountyMap:
    """The map with a dot wherever postcodes are, at most one for each small square. Kept for ten minutes."""
    kept_until, path = _homes.get(drawn.frame, (0.0, ""))
    if kept_until < monotonic():
        path = homes_path(drawn.frame, await _homes_in(drawn.frame))
        if len(_homes) > 100:
            _homes.clear()
        _homes[drawn.frame] = (monotonic() + HOMES_KEPT_SECONDS, path)
    return replace(drawn, homes=path)


async def _homes_in(frame: Frame) -> list[tuple[float, float]]:
    south, west, north, east = frame.bounds()
    found = await db.rows(
        "SELECT AVG(lat) AS lat, AVG(lon) AS lon FROM postcode WHERE lat > $1 AND lat < $2 AND lon > $3 AND lon < $4"
        " GROUP BY CAST((lat - $1) * $5 AS INTEGER), CAST((lon - $3) * $6 AS INTEGER)",
        south,
        north,
        west,
        east,
        DOTS_ACROSS / (north - south),
        DOTS_ACROSS / (east - west),
    )
    return [(line["lat"], line["lon"]) for line in found]
