"""The appointments of a clinic: which times there are, and what becomes of them when the clinic moves. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from booking import clock
from booking.words import day_words, time_words

SHORTEST, LONGEST = 5, 480


@dataclass(frozen=True, slots=True)
class Cut:
    """One appointment of the day in wall times; in a break nobody can book it."""

    start: str
    end: str
    is_break: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """What becomes of one slot: where it is now; None where it no longer fits into the clinic."""

    id: UUID
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Following:
    """How a clinic's slots follow it: `moved` are those that are there, `added` the times that became free for new ones."""

    moved: list[Moved]
    added: list[tuple[datetime, datetime]]


def cut(start: str, end: str, minutes: int, breaks: Sequence[tuple[str, str]] = ()) -> list[Cut]:
    """The whole appointments from start to end, local "HH:MM"; those that a break touches are breaks."""
    first, last = _minute(start), _minute(end)
    minutes = min(max(minutes, SHORTEST), LONGEST)
    found = []
    for at in range(first, last - minutes + 1, minutes):
        is_break = any(_minute(low) < at + minutes and at < _minute(high) for low, high in breaks)
        found.append(Cut(_wall(at), _wall(at + minutes), is_break))
    return found


def on_day(cuts: Sequence[Cut], day: date) -> list[tuple[datetime, datetime]]:
    """The instants of appointments on a date."""
    return [(clock.at(day, each.start), clock.at(day, each.end)) for each in cuts]


def follow(
    slots: Sequence[Mapping[str, Any]], before: Mapping[str, Any], after: Mapping[str, Any], minutes: int
) -> Following:
    """Where a clinic's slots are when it moves from `before` to `after` (date, start_time, end_time each).

    A clinic as long as before takes all its appointments along, in wall time. One that becomes shorter or longer keeps
    their times of day: what no longer fits is left out, and the time won is cut into new ones.
    """
    shift = _minute(after["start_time"]) - _minute(before["start_time"]) if _length(before) == _length(after) else 0
    moved = [_moved(each, before, after, shift) for each in slots]
    if shift or _length(before) == _length(after):
        return Following(moved, [])
    earlier = cut(after["start_time"], before["start_time"], minutes)
    later = cut(before["end_time"], after["end_time"], minutes)
    last = max((_wall_of(each["ends_at"]) for each in slots), default=before["end_time"])
    later = cut(last, after["end_time"], minutes) if last < before["end_time"] else later
    return Following(moved, on_day([*earlier, *later], after["date"]))


def _moved(slot: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any], shift: int) -> Moved:
    start, end = (_minute(_wall_of(slot[name])) + shift for name in ("starts_at", "ends_at"))
    if start < _minute(after["start_time"]) or end > _minute(after["end_time"]):
        return Moved(slot["id"], None, None)
    return Moved(slot["id"], clock.at(after["date"], _wall(start)), clock.at(after["date"], _wall(end)))


def _length(times: Mapping[str, Any]) -> int:
    return _minute(times["end_time"]) - _minute(times["start_time"])


def _minute(wall: str) -> int:
    return int(wall[:2]) * 60 + int(wall[3:5])


def _wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _wall_of(instant: datetime) -> str:
    return clock.local(instant).strftime("%H:%M")


def at_slot(facts: dict[str, Any], slot: Mapping[str, Any] | None) -> dict[str, Any]:
    """A session's facts with the times of one appointment in place of the clinic's."""
    if slot is None or slot["starts_at"] is None:
        return facts
    starts, ends = slot["starts_at"], slot["ends_at"]
    return facts | {
        "starts_at": starts,
        "ends_at": ends,
        "start_time": _wall_of(starts),
        "end_time": _wall_of(ends),
    }


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A date with its free times, each once however many workers are free: (slot id, "9:30am")."""

    session_id: UUID
    date: date
    day: str
    times: list[tuple[UUID, str]]


def by_day(free: Sequence[Mapping[str, Any]], most_days: int) -> list[FreeDay]:
    """Free slots in the order of time (id, starts_at, session_id, date) as days with tappable times."""
    days = []
    for _, group in groupby(free, key=lambda row: row["session_id"]):
        of_day = list(group)
        times: dict[datetime, UUID] = {}
        for row in of_day:
            times.setdefault(row["starts_at"], row["id"])
        shown = [(id_, time_words(_wall_of(at))) for at, id_ in times.items()]
        first = of_day[0]
        days.append(FreeDay(first["session_id"], first["date"], day_words(first["date"]), shown))
    return days[:most_days]
