"""How long somebody is on the way between two places: an estimate from the straight line, for nobody here sells routes."""

from typing import Literal
from uuid import UUID

from booking.places.near import miles
from booking.rotas.values import Worker

ROAD = 1.3  # a road is so much longer than the straight line
BY_CAR = (25.0, 5.0)  # miles an hour on county roads, and minutes to park and walk
BY_BUS = (10.0, 12.0)  # buses and waiting


def minutes_between(
    lat: float | None, lon: float | None, other_lat: float | None, other_lon: float | None, *, drives: bool
) -> int | None:
    """Whole minutes from door to door; 0 for the very same point, None where one of them is not known."""
    if lat is None or lon is None or other_lat is None or other_lon is None:
        return None
    if (lat, lon) == (other_lat, other_lon):
        return 0
    speed, extra = BY_CAR if drives else BY_BUS
    return round(miles(lat, lon, other_lat, other_lon) * ROAD / speed * 60 + extra)


def out_of_reach(
    worker: Worker, place_id: UUID, lat: float | None, lon: float | None
) -> Literal["", "place", "too_far"]:
    """Why somebody is not planned at a place: it is none of theirs, or further than they go; "" when they are. Nobody is kept from
    where the way is not known."""
    if worker.works_at is not None and place_id not in worker.works_at:
        return "place"
    minutes = minutes_between(worker.lat, worker.lon, lat, lon, drives=worker.drives)
    return "too_far" if minutes is not None and minutes > worker.max_travel_minutes else ""
