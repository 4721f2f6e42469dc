"""Values for tests of the pure rules and planners; rows come from tests/make.py."""

from datetime import date, timedelta
from typing import Any

from booking import clock, db
from booking.people.signing_in import Who
from booking.rotas.values import Duty, Place, Worker

MONDAY = date(2027, 1, 11)


def place(**values: Any) -> Place:
    id = values.pop("id", None) or db.new_id()
    return Place(**{"id": id, "hub_id": id, "name": "Ferndown", "lat": 50.80182, "lon": -1.89145} | values)


def worker(**values: Any) -> Worker:
    """Somebody on full-time contract without a pattern: free at any time."""
    return Worker(**{"id": db.new_id(), "name": "Sam Green", "lat": 50.80182, "lon": -1.89145} | values)


def duty(at: Place | None = None, day: date | int = 0, start: str = "09:00", end: str = "13:00", **values: Any) -> Duty:
    """Four hours of cover; day is a date, or so many days from MONDAY."""
    day = MONDAY + timedelta(days=day) if isinstance(day, int) else day
    starts_at, ends_at = clock.at(day, start), clock.at(day, end)
    own = {
        "id": db.new_id(),
        "kind": "cover",
        "place": at or place(),
        "date": day,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "minutes": int((ends_at - starts_at).total_seconds() // 60),
        "start": start,
        "end": end,
    }
    return Duty(**own | values)


def who_of(person: Any, *hubs: Any, kind: str = "hub_manager", managed: Any = None) -> Who:
    """The person as staff of these hubs, as verbs are told who does it; a manager of all of them, or of those `managed`."""
    at = frozenset(hubs if kind == "hub_manager" and managed is None else managed or ())
    return Who(person.id, person.name, None, "", person.email, "", frozenset([kind]), frozenset(hubs), managed_hubs=at)
