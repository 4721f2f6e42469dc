"""A shift as it should be, before it is compared with what is there. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock
from booking.rotas.values import Kind

Row = dict[str, Any]
LONG_MINUTES, BREAK_MINUTES = 6 * 60, 30
"""Whoever works longer has an unpaid break (Working Time Regulations 1998, regulation 12, asks for 20 minutes)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One person-sized piece of work. `name` is who the session's page says does it, `usual` who
    does on the run's other dates: a page whose own name is empty says that one."""

    kind: Kind
    location_id: UUID
    hub_id: UUID
    starts_at: datetime
    ends_at: datetime
    position: int = 1
    skills: str = ""
    title: str = ""
    session_id: UUID | None = None
    need_id: UUID | None = None
    name: str = ""
    usual: str = ""
    on: date | None = None

    @property
    def day(self) -> date:
        return self.on or clock.local(self.starts_at).date()

    @property
    def key(self) -> tuple[Any, ...]:
        """What it is known by, as the unique indexes have it."""
        if self.need_id:
            return (self.need_id, self.day, self.position)
        return (self.session_id, self.kind, self.position)

    def columns(self) -> Row:
        """Of the shift's row what following decides."""
        return {
            "kind": self.kind,
            "location_id": self.location_id,
            "hub_id": self.hub_id,
            "session_id": self.session_id,
            "need_id": self.need_id,
            "position": self.position,
            "title": self.title[:200],
            "date": self.day,
            "start_time": f"{clock.local(self.starts_at):%H:%M}",
            "end_time": f"{clock.local(self.ends_at):%H:%M}",
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "minutes": paid_minutes(self.starts_at, self.ends_at),
            "skills": self.skills[:300],
        }

    def at(self, starts_at: datetime, ends_at: datetime) -> "Wanted":
        return replace(self, starts_at=starts_at, ends_at=ends_at)


def key_of(row: Row) -> tuple[Any, ...]:
    """The key of a shift that is there."""
    if row["need_id"]:
        return (row["need_id"], row["date"], row["position"])
    return (row["session_id"], row["kind"], row["position"])


def paid_minutes(starts_at: datetime, ends_at: datetime) -> int:
    """How long it lasts, less an unpaid break if that is more than six hours."""
    lasts = int((ends_at - starts_at) / timedelta(minutes=1))
    return lasts - BREAK_MINUTES if lasts > LONG_MINUTES else lasts


def positions(count: int, taken: Iterable[int], first: int = 1) -> list[int]:
    """Which of the places in a row stay when so many are needed: those that somebody is in before empty ones, low before high."""
    has_somebody = {each for each in taken if first <= each < first + 100}
    candidates = {*range(first, first + count), *has_somebody}
    return sorted(sorted(candidates, key=lambda each: (each not in has_somebody, each))[:count])
