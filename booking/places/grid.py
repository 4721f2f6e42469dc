"""The diary's grid: what stands in one room on one day, in the order of time, each block placed by minutes. Pure.

Holds, opening spans and the day's window go in. A window begins at a local hour and is as long as time really runs, so that a
day of 23 or 25 hours has so many hour marks; all instants are aware UTC.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from uuid import UUID

from booking import clock
from booking.places.opening import Span
from booking.words import short_day, time_range, time_words

FIRST_HOUR, LAST_HOUR = 8, 18
EARLIEST_HOUR, LATEST_HOUR = 6, 23
STEP = 15
AT_THE_EDGE = 45
MIDNIGHT = 24


@dataclass(slots=True)
class Use:
    """A hold of one room without parts with the words for who looks. `booked_room_id` is the room that was booked: the
    divisible one where this is a part of it. `kind` is a class of kinds.html; `is_movable`: staff may drag it."""

    room_booking_id: UUID
    room_id: UUID
    booked_room_id: UUID
    held_from: datetime
    held_to: datetime
    starts_at: datetime
    ends_at: datetime
    kind: str
    kind_words: str
    title: str
    note: str = ""
    href: str = ""
    is_movable: bool = False


@dataclass(slots=True)
class Block:
    """One stretch of a lane. `place` is where it stands (see `place`), `band` where the room is held for it, set-up and
    clearing included, empty if that is the same. `start` and `end` are local "HH:MM" of a free stretch."""

    kind: Literal["use", "free", "gap"]
    place: str
    times: str
    use: Use | None = None
    band: str = ""
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a day that is drawn. `ticks` are (place, words) of the full hours; `minutes` its real length."""

    day: date
    starts_at: datetime
    ends_at: datetime
    minutes: int
    ticks: tuple[tuple[str, str], ...]

    @property
    def is_plain(self) -> bool:
        """Whether the clocks stand still in it, so that minutes from its begin are wall time too."""
        wall = clock.local(self.ends_at).replace(tzinfo=None) - clock.local(self.starts_at).replace(tzinfo=None)
        return wall == self.ends_at - self.starts_at


@lru_cache(maxsize=256)
def window(day: date, first_hour: int, last_hour: int) -> Window:
    """From one full local hour to another, 24 being the next midnight."""
    starts_at = clock.at(day, f"{first_hour:02}:00")
    ends_at = _hour(day, last_hour)
    minutes = _minutes(starts_at, ends_at)
    hours = range(0, minutes, 60)
    ticks = tuple((place(n, 60), time_words(_wall(starts_at + timedelta(minutes=n)))) for n in hours)
    return Window(day, starts_at, ends_at, minutes, ticks)


def _hour(day: date, hour: int) -> datetime:
    return clock.at(day + timedelta(days=1), "00:00") if hour == MIDNIGHT else clock.at(day, f"{hour:02}:00")


def hours_shown(spans: Mapping[date, Iterable[Span]], uses: Iterable[Use]) -> tuple[int, int]:
    """The first and last full local hour that all these days need: at least 8 to 18, wider for what is open or used earlier
    or later. Closures widen nothing, and one use in the night (before 6, after 23) does not squeeze the day."""
    open_from, open_to = _hours_of(spans, [(day, *span) for day, some in spans.items() for span in some])
    held = [
        (day, use.held_from, use.held_to)
        for use in uses
        if use.kind != "closure"
        for day in {clock.local(use.held_from).date(), clock.local(use.held_to).date()}
    ]
    used_from, used_to = _hours_of(spans, held)
    return min(open_from, max(used_from, EARLIEST_HOUR)), max(open_to, min(used_to, LATEST_HOUR))


def _hours_of(days: Iterable[date], wanted: Iterable[tuple[date, datetime, datetime]]) -> tuple[int, int]:
    first, last = FIRST_HOUR, LAST_HOUR
    for day, starts_at, ends_at in wanted:
        if day not in days or ends_at <= clock.at(day, "00:00") or starts_at >= _hour(day, MIDNIGHT):
            continue
        start, end = clock.local(starts_at), clock.local(ends_at)
        first = min(first, start.hour if start.date() == day else 0)
        last = max(last, end.hour + (end.minute > 0) if end.date() == day else MIDNIGHT)
    return first, last


@lru_cache(maxsize=8192)
def place(start: int, length: int) -> str:
    """The classes of a block that begins so many minutes after its window and is so long: "h2 m30 l1 n0"."""
    return f"h{start // 60} m{start % 60} l{length // 60} n{length % 60}"


def lay_out(
    shown: Window, uses: Sequence[Use], open_spans: Sequence[Span], *, now: datetime | None = None
) -> list[Block]:
    """The blocks of one room on one day by time: uses (in the order of their begin), and between them what is free to
    book. What of the open time is past or too short to book is a gap; what is neither is closed."""
    placed: list[tuple[datetime, Block]] = []
    for use in uses:
        held_from, held_to = max(use.held_from, shown.starts_at), min(use.held_to, shown.ends_at)
        if held_from < held_to:
            placed.append((held_from, _use_block(shown, use, held_from, held_to)))
        elif clock.local(use.starts_at).date() <= shown.day <= _last_day(use.ends_at):
            placed.append((use.held_from, _at_the_edge(shown, use)))
    for starts_at, ends_at in _left_over(shown, uses, open_spans):
        placed += [(block_at, block) for block_at, block in _free(shown, starts_at, ends_at, now)]
    placed.sort(key=_when)
    return [block for _, block in placed]


def _when(placed: tuple[datetime, Block]) -> datetime:
    return placed[0]


def _use_block(shown: Window, use: Use, held_from: datetime, held_to: datetime) -> Block:
    band = _placed(shown, held_from, held_to)
    starts_at, ends_at = max(use.starts_at, held_from), min(use.ends_at, held_to)
    at = _placed(shown, starts_at, ends_at) if starts_at < ends_at else band
    return Block("use", at, times_words(use.starts_at, use.ends_at, shown.day), use, "" if at == band else band)


def _last_day(ends_at: datetime) -> date:
    return clock.local(ends_at - timedelta(minutes=1)).date()


def _at_the_edge(shown: Window, use: Use) -> Block:
    """A use in the night, outside the window: a short block where the day begins or ends."""
    at = 0 if use.held_from < shown.starts_at else shown.minutes - AT_THE_EDGE
    return Block("use", place(at, AT_THE_EDGE), times_words(use.starts_at, use.ends_at, shown.day), use)


def _left_over(shown: Window, uses: Sequence[Use], open_spans: Sequence[Span]) -> list[Span]:
    """The open time without the held one."""
    left: list[Span] = []
    for opens, closes in open_spans:
        at, closes = max(opens, shown.starts_at), min(closes, shown.ends_at)
        for use in uses:
            if use.held_from >= closes:
                break
            if use.held_to <= at:
                continue
            if at < use.held_from:
                left.append((at, use.held_from))
            at = use.held_to
        if at < closes:
            left.append((at, closes))
    return left


def _free(shown: Window, starts_at: datetime, ends_at: datetime, now: datetime | None) -> list[tuple[datetime, Block]]:
    """A stretch of free time: its past as a gap, the rest as free from a quarter to a quarter, if that is one at least."""
    begins = min(max(starts_at, now), ends_at) if now else starts_at
    first, last = _quarter(shown, begins, up=True), _quarter(shown, ends_at, up=False)
    if first >= last:
        return [(starts_at, Block("gap", _placed(shown, starts_at, ends_at), ""))]
    blocks = []
    if starts_at < first:
        blocks.append((starts_at, Block("gap", _placed(shown, starts_at, first), "")))
    start, end = _wall(first), _wall(last)
    free = Block("free", _placed(shown, first, last), time_range(start, end), start=start, end=end)
    blocks.append((first, free))
    if last < ends_at:
        blocks.append((last, Block("gap", _placed(shown, last, ends_at), "")))
    return blocks


def _quarter(shown: Window, instant: datetime, *, up: bool) -> datetime:
    minutes = _minutes(shown.starts_at, instant)
    is_between = instant > shown.starts_at + timedelta(minutes=minutes)
    steps = -(-(minutes + is_between) // STEP) if up else minutes // STEP
    return shown.starts_at + timedelta(minutes=steps * STEP)


def _placed(shown: Window, starts_at: datetime, ends_at: datetime) -> str:
    start = _minutes(shown.starts_at, starts_at)
    return place(start, max(_minutes(shown.starts_at, ends_at) - start, 1))


def now_place(shown: Window, now: datetime) -> str:
    """Where the line for now stands; empty outside the window."""
    if not shown.starts_at <= now < shown.ends_at:
        return ""
    return place(_minutes(shown.starts_at, now), 0)


def times_words(starts_at: datetime, ends_at: datetime, day: date) -> str:
    """ "10am to 11:30am"; a time on another day says on which."""
    start, end = clock.local(starts_at), clock.local(ends_at)
    if start.date() == day == end.date():
        return time_range(f"{start:%H:%M}", f"{end:%H:%M}")
    words = time_words(f"{start:%H:%M}"), time_words(f"{end:%H:%M}")
    ends_here = end.date() == day or (words[1] == "midnight" and (end.date() - day).days == 1)
    before = "" if start.date() == day else f" ({short_day(start.date())})"
    after = "" if ends_here else f" ({short_day(end.date())})"
    return f"{words[0]}{before} to {words[1]}{after}"


def uses_by_room(
    rooms: Sequence[tuple[UUID, Sequence[UUID]]], names: Mapping[UUID, str], uses: Iterable[Use]
) -> dict[UUID, list[Use]]:
    """The uses for each (room, its parts or itself), by time.

    In a part's lane a use of the whole says so. In the whole's own lane the uses of its parts are joined to stretches that
    say only which parts are taken.
    """
    held: dict[UUID, list[Use]] = defaultdict(list)
    for use in uses:
        held[use.room_id].append(use)
    lanes: dict[UUID, list[Use]] = {}
    for room_id, leaves in rooms:
        if tuple(leaves) == (room_id,):
            lane = [_in_part(use, names) for use in held[room_id]]
        else:
            lane = _in_whole(room_id, [use for leaf in leaves for use in held[leaf]], names)
        lanes[room_id] = sorted(lane, key=_held_from)
    return lanes


def _held_from(use: Use) -> datetime:
    return use.held_from


def _in_part(use: Use, names: Mapping[UUID, str]) -> Use:
    if use.booked_room_id == use.room_id:
        return use
    whole = names.get(use.booked_room_id, "")
    return replace(use, note=" · ".join(filter(None, (whole, use.note))))


def _in_whole(room_id: UUID, uses: Iterable[Use], names: Mapping[UUID, str]) -> list[Use]:
    own: dict[UUID, Use] = {}
    stretches: list[list[Use]] = []
    for use in sorted(uses, key=_held_from):
        if use.booked_room_id == room_id:
            own.setdefault(use.room_booking_id, use)
        elif stretches and use.held_from < max(each.held_to for each in stretches[-1]):
            stretches[-1].append(use)
        else:
            stretches.append([use])
    return [*own.values(), *(_parts_taken(stretch, names) for stretch in stretches)]


def _parts_taken(stretch: list[Use], names: Mapping[UUID, str]) -> Use:
    """One stretch in which parts are used or, where that is all, closed."""
    first, held_to = stretch[0], max(each.held_to for each in stretch)
    taken = replace(first, starts_at=first.held_from, ends_at=held_to, held_to=held_to, href="", is_movable=False)
    if all(each.kind == "closure" for each in stretch):
        return taken
    parts = dict.fromkeys(names.get(each.room_id, "") for each in stretch)
    return replace(taken, kind="part", kind_words="Taken", title=", ".join(filter(None, parts)), note="")


@lru_cache(maxsize=8192)
def _wall(instant: datetime) -> str:
    return clock.local(instant).strftime("%H:%M")


def _minutes(starts_at: datetime, ends_at: datetime) -> int:
    return int((ends_at - starts_at).total_seconds()) // 60
