"""Where a postcode or a town is, and how far things are from it."""

import re
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from statistics import fmean
from uuid import UUID

from booking import db
from booking.words import postcode_words

EARTH_MILES = 3958.76
POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9]?")
HIDDEN = "is_restricted OR kind = 'restricted'"


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map, degrees (WGS 84), and how it is called back to the reader."""

    lat: float
    lon: float
    words: str


def miles(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Miles as the crow flies (haversine)."""
    half_lat, half_lon = radians(other_lat - lat) / 2, radians(other_lon - lon) / 2
    root = sin(half_lat) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(half_lon) ** 2
    return 2 * EARTH_MILES * asin(sqrt(root))


async def find_point(text: str) -> Point | None:
    """The point of a full postcode in any spelling, of the first half of one, or of a town we have places in.

    None when it is none of these: the reader is then asked for another. At most two queries.
    """
    squeezed = re.sub(r"[^A-Za-z0-9]", "", text).upper()[:12]
    if POSTCODE.fullmatch(squeezed):
        return await _of_postcode(squeezed) or await _of_postcodes_like(squeezed[:-2], squeezed)
    if OUTWARD.fullmatch(squeezed):
        return await _of_postcodes_like(squeezed, squeezed)
    return await _of_town(" ".join(text.split())[:60])


async def _of_postcode(postcode: str) -> Point | None:
    found = await db.row("SELECT lat, lon FROM postcode WHERE postcode = $1", postcode)
    return Point(found["lat"], found["lon"], postcode_words(postcode)) if found else None


async def _of_postcodes_like(start: str, asked: str) -> Point | None:
    """The middle of all postcodes that begin alike: for half a postcode, and for one newer than our list."""
    found = await db.row(
        "SELECT AVG(lat) AS lat, AVG(lon) AS lon, COUNT(*) AS n FROM postcode WHERE postcode >= $1 AND postcode < $2",
        start,
        start + "~",
    )
    if not found or not found["n"]:
        return None
    return Point(found["lat"], found["lon"], postcode_words(asked) if len(asked) > 4 else asked)


async def _of_town(town: str) -> Point | None:
    """The middle of the places that fit the name best: one that begins with it, else one with it in its hub or address.

    A hub serves villages for miles around, so that all of its places together would be no middle of its town.
    """
    name = "".join(c for c in town.lower() if c.isprintable() and c not in "%_\\")
    if len(name) < 3:
        return None
    found = await db.rows(
        "SELECT lat, lon, CASE WHEN lower(name) LIKE $1 THEN 0 WHEN kind = 'hub' AND lower(hub_name) LIKE $2 THEN 1"
        " WHEN lower(name) LIKE $2 OR lower(address) LIKE $2 THEN 2 ELSE 3 END AS fit FROM location"
        f" WHERE lat IS NOT NULL AND NOT ({HIDDEN}) AND (lower(name) LIKE $2 OR lower(hub_name) LIKE $2"
        " OR lower(address) LIKE $2 OR lower(district) LIKE $2)",
        f"{name}%",
        f"%{name}%",
    )
    best = [line for line in found if line["fit"] == min(each["fit"] for each in found)]
    if not best:
        return None
    return Point(fmean(line["lat"] for line in best), fmean(line["lon"] for line in best), town.title())


@dataclass(frozen=True, slots=True)
class Near:
    """A location that the public may see, with its distance where one was asked for."""

    id: UUID
    hub_id: UUID
    hub_name: str
    name: str
    slug: str
    kind: str
    postcode: str
    lat: float | None
    lon: float | None
    miles: float | None


async def public_locations(point: Point | None = None) -> list[Near]:
    """Every location in use that may be shown, nearest first when a point is given, else by name. One query."""
    found = await db.rows(
        "SELECT id, hub_id, hub_name, name, slug, kind, postcode, lat, lon FROM location"
        f" WHERE NOT ({HIDDEN}) ORDER BY name"
    )
    places = [Near(**line, miles=_distance(point, line["lat"], line["lon"])) for line in found]
    return sorted(places, key=lambda near: near.miles if near.miles is not None else 9999) if point else places


def _distance(point: Point | None, lat: float | None, lon: float | None) -> float | None:
    return miles(point.lat, point.lon, lat, lon) if point and lat is not None and lon is not None else None
