"""Duties as rows of the database, and as the values that rules judge."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from booking import clock, db
from booking.rotas.values import Duty, Place

Layer = Literal["draft", "published"]
Row = dict[str, Any]
Span = tuple[datetime, datetime]
BACK, AHEAD = timedelta(days=27), timedelta(days=27)
"""How far around a window the rules look: four weekends."""
ANYWHERE = "e.kind = 'call' OR COALESCE(NULLIF(e.delivery, ''), x.delivery) IN ('online', 'phone')"
OF_DUTY = (
    "SELECT s.id, s.kind, s.location_id, s.hub_id, s.date, s.starts_at, s.ends_at, s.minutes, s.start_time, s.end_time, s.skills,"
    " s.title, s.session_id, s.need_id, s.position, e.run_id, x.title AS run_title, x.is_restricted AS is_restricted_run, a.staff_id"
)
STANDING = ", a.is_pinned, a.overridden, s.moved_words, p.staff_id AS published_staff_id, p.answer"
SHIFTS = (
    " FROM shift s LEFT JOIN session e ON e.id = s.session_id LEFT JOIN run x ON x.id = e.run_id"
    " {join} assignment a ON a.shift_id = s.id AND a.layer = $1"
)
PUBLISHED = " LEFT JOIN assignment p ON p.shift_id = s.id AND p.layer = 'published'"
DUTIES = (
    f"{OF_DUTY}{STANDING}, a.layer, l.name AS place_name, l.lat, l.lon, l.needs_two,"
    " (l.is_restricted OR l.kind = 'restricted') AS is_restricted,"
    f" CASE WHEN l.kind = 'online' OR {ANYWHERE} THEN 1 ELSE 0 END AS is_from_anywhere"
    f"{SHIFTS.format(join='LEFT JOIN')}{PUBLISHED} JOIN location l ON l.id = s.location_id"
    " WHERE s.state = 'open' AND s.date >= $2 AND s.date <= $3"
)
"""Duties with all that is said of them and their places."""
BARE = f"{OF_DUTY}, CASE WHEN {ANYWHERE} THEN 1 ELSE 0 END AS is_from_anywhere"
"""Many duties: their places, which are few, are read once by places_of."""
IN_WINDOW = (
    f"{BARE}{STANDING}{SHIFTS.format(join='LEFT JOIN')}{PUBLISHED}"
    " WHERE s.state = 'open' AND s.starts_at >= $2 AND s.starts_at < $3"
)
SOMEBODYS = f"{BARE}{SHIFTS.format(join='JOIN')} WHERE s.state = 'open'"
IN_ORDER = " ORDER BY s.starts_at, s.id"
THEIRS = (
    "a.staff_id IN (SELECT f.id FROM staff_profile f WHERE f.hub_id IN {hubs} UNION SELECT o.staff_id FROM shift t"
    " JOIN assignment o ON o.shift_id = t.id AND o.layer = $1 WHERE t.state = 'open' AND t.hub_id IN {hubs}"
    " AND t.starts_at >= $2 AND t.starts_at < $3)"
)
NOT_IN_WINDOW = "NOT (s.starts_at >= $2 AND s.starts_at < $3)"
PLACES = "SELECT id, hub_id, name, lat, lon, needs_two, kind, (is_restricted OR kind = 'restricted') AS is_restricted FROM location"


@dataclass(frozen=True, slots=True)
class Wide:
    """The open shifts of the county in a window, what somebody does around it, and the places of both."""

    inside: list[Row]
    outside: list[Row]
    places: dict[UUID, Place]


async def rows_around(
    first: date, last: date, layer: Layer = "draft", *, hub_ids: Collection[UUID] | None = None
) -> Wide:
    """The open shifts of the county between two dates, and around them what somebody does on days that rules look at. With
    `hub_ids` only theirs, and what their people and whoever has a duty there in the window do anywhere. Three queries."""
    window, hubs = _midnights(first, last), list(hub_ids or ())
    theirs = THEIRS.format(hubs=db.in_list(hubs, 4))
    here = f" AND (s.hub_id IN {db.in_list(hubs, 4)} OR {theirs})" if hub_ids is not None else ""
    inside = await db.rows(f"{IN_WINDOW}{here}{IN_ORDER}", layer, *window, *hubs)
    spans = _spans_around(first, last)
    near = f"{_in_spans(spans, 4 + len(hubs))} AND {theirs if hub_ids is not None else NOT_IN_WINDOW}"
    outside = await db.rows(f"{SOMEBODYS} AND {near}{IN_ORDER}", layer, *window, *hubs, *sum(spans, ()))
    return Wide(inside, outside, await places_of({row["location_id"] for row in inside + outside}))


def _spans_around(first: date, last: date) -> list[Span]:
    """The days around a window that rules look at, as instants: the weeks before and after, and four weekends on both sides."""
    near = first - timedelta(days=first.weekday() + 7), last + timedelta(days=13 - last.weekday())
    days = [first - BACK + timedelta(days=n) for n in range((last - first).days + 1 + (BACK + AHEAD).days)]
    weekends = [(day, day) for day in days if day.weekday() >= 5 and not near[0] <= day <= near[1]]
    one = timedelta(days=1)
    return [_midnights(*each) for each in ((near[0], first - one), (last + one, near[1]), *weekends)]


def _midnights(first: date, last: date) -> Span:
    return clock.at(first, "00:00"), clock.at(last + timedelta(days=1), "00:00")


def _in_spans(spans: Sequence[Span], number: int) -> str:
    """SQL with two parameters for each span, counted from `number`."""
    each = [f"(s.starts_at >= ${n} AND s.starts_at < ${n + 1})" for n in range(number, number + 2 * len(spans), 2)]
    return f"({' OR '.join(each)})"


async def places_of(ids: Collection[UUID]) -> dict[UUID, Place]:
    """Places by id. What is online has no place on the map, and nobody is alone there."""
    if not ids:
        return {}
    found = {}
    for row in await db.rows(f"{PLACES} WHERE id IN {db.in_list(list(ids))}", *ids):
        place = Place(
            row["id"], row["hub_id"], row["name"], row["lat"], row["lon"], bool(row["needs_two"]), bool(row["is_restricted"])
        )  # fmt: skip
        found[place.id] = _anywhere(place) if row["kind"] == "online" else place
    return found


async def rows_at(here: Collection[tuple[UUID, date]], layer: Layer) -> list[Row]:
    """Open shifts at these places on these days, whoever does them."""
    places, days = sorted({place for place, _ in here}), sorted({day for _, day in here})
    found = await db.rows(
        f"{BARE}{SHIFTS.format(join='LEFT JOIN')} WHERE s.state = 'open' AND s.location_id IN {db.in_list(places, 2)}"
        f" AND s.date IN {db.in_list(days, 2 + len(places))}",
        layer, *places, *days,
    )  # fmt: skip
    return [row for row in found if (row["location_id"], row["date"]) in here]


async def rows_of(people: Sequence[UUID], first: date, last: date, layer: Layer) -> list[Row]:
    """What these people do between two dates, and around them on days that rules look at."""
    spans = [_midnights(first, last), *_spans_around(first, last)]
    begins, ends = min(start for start, _ in spans), max(end for _, end in spans)
    return await db.rows(
        f"{SOMEBODYS} AND a.starts_at >= $2 AND a.starts_at < $3 AND {_in_spans(spans, 4)}"
        f" AND a.staff_id IN {db.in_list(people, 4 + 2 * len(spans))}",
        layer, begins, ends, *sum(spans, ()), *people,
    )  # fmt: skip


def duty_of(row: Mapping[str, Any], places: dict[UUID, Place], skill_names: Mapping[str, str] | None = None) -> Duty:
    """One row of DUTIES or BARE as a value; `places` is filled as they come. title: the run's, of a restricted one nothing (promise P5).
    What is online or by phone is done from anywhere: nobody is alone in a building for it, and nobody travels."""
    place = places.get(row["location_id"])
    if place is None:
        place = places[row["location_id"]] = Place(
            row["location_id"], row["hub_id"], row["place_name"], row["lat"], row["lon"], bool(row["needs_two"]),
            bool(row["is_restricted"]),
        )  # fmt: skip
    if row["is_from_anywhere"]:
        place = _anywhere(place)
    skills = _codes(row["skills"])
    if skills and skill_names:
        skills = frozenset([skill_names.get(code, code) for code in skills])
    is_secret = place.is_restricted or row["is_restricted_run"]
    return Duty(
        id=row["id"],
        kind=row["kind"],
        place=place,
        date=row["date"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        minutes=row["minutes"],
        start=row["start_time"],
        end=row["end_time"],
        skills=skills,
        title="" if is_secret else row["run_title"] or row["title"],
        session_id=row["session_id"],
        run_id=row["run_id"],
        need_id=row["need_id"],
        position=row["position"],
    )


@lru_cache(maxsize=1024)
def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


@lru_cache(maxsize=1024)
def _anywhere(place: Place) -> Place:
    return replace(place, lat=None, lon=None, needs_two=False)
