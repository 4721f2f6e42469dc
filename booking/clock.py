"""The only reader of the clock. Instants are aware UTC; dates and wall times are the council's (promise P8)."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_zone = ZoneInfo("Europe/London")


def use_zone(name: str) -> None:
    """Sets the council's zone, an IANA name; raises ZoneInfoNotFoundError for an unknown one."""
    global _zone
    _zone = ZoneInfo(name)
    at.cache_clear()


def zone() -> ZoneInfo:
    return _zone


def now() -> datetime:
    """This instant, aware, UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The date on the council's wall."""
    return now().astimezone(_zone).date()


def local(instant: datetime) -> datetime:
    """The instant as aware local wall time."""
    return instant.astimezone(_zone)


@lru_cache(maxsize=4096)
def at(day: date, wall_time: str) -> datetime:
    """The instant of a local "HH:MM" on a date, aware UTC.

    In the night the clocks go back the first of the two is meant; a time that the spring night leaves out is read
    with the offset before the change (PEP 495, fold=0).
    """
    hour, minute = wall_time.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=_zone).astimezone(UTC)


def days_before(instant: datetime, days: int) -> datetime:
    """The same wall time so many local days earlier: 10:00 stays 10:00 across a clock change."""
    wall = local(instant)
    return at(wall.date() - timedelta(days=days), wall.strftime("%H:%M"))
