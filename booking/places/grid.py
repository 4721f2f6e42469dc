"""The diary's grid: what stands in one room on one day, in the order of time, each block placed by minutes. Pure.

Holds, opening spans and the day's window go in. A window begins at a local hour and is as long as time really runs, so that a
day of 23 or 25 hours has so many hour marks; all instants are aware UTC.
"""

from bisect import bisect_left, bisect_right
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
MINUTE = timedelta(minutes=1)
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
    """The part of a day that is drawn. `ticks` are (place, words) of the full hours; `minutes` its real length. It is plain
    where the clocks stand still, so that minutes from its begin (`wall` after midnight) are wall time too."""

    day: date
    starts_at: datetime
    ends_at: datetime
    minutes: int
    wall: int
    is_plain: bool
    ticks: tuple[tuple[str, str], ...]

    def minute(self, instant: datetime) -> int:
        """Whole minutes from the begin; less than none before it."""
        return (instant - self.starts_at) // MINUTE

    def wall_time(self, minute: int) -> str:
        """The local "HH:MM" of a minute."""
        return _hhmm(self.wall + minute) if self.is_plain else f"{clock.local(self.starts_at + minute * MINUTE):%H:%M}"


@lru_cache(maxsize=256)
def window(day: date, first_hour: int, last_hour: int) -> Window:
    """From one full local hour to another, 24 being the next midnight."""
    starts_at, ends_at = clock.at(day, f"{first_hour:02}:00"), _hour(day, last_hour)
    minutes = (ends_at - starts_at) // MINUTE
    ticks = tuple(
        (place(n, 60), time_words(f"{clock.local(starts_at + n * MINUTE):%H:%M}")) for n in range(0, minutes, 60)
    )
    is_plain = minutes == 60 * (last_hour - first_hour)
    return Window(day, starts_at, ends_at, minutes, 60 * first_hour, is_plain, ticks)


def _hour(day: date, hour: int) -> datetime:
    return clock.at(day + timedelta(days=1), "00:00") if hour == MIDNIGHT else clock.at(day, f"{hour:02}:00")


@lru_cache(maxsize=MIDNIGHT * 60 + 1)
def _hhmm(minute: int) -> str:
    return f"{minute // 60 % MIDNIGHT:02}:{minute % 60:02}"


def by_day(days: Sequence[date], uses: Sequence[Use]) -> dict[date, list[Use]]:
    """The uses of each of these days, which follow one another; one that goes on past midnight is in both."""
    begins = [*(clock.at(day, "00:00") for day in days), _hour(days[-1], MIDNIGHT)]
    found: dict[date, list[Use]] = {day: [] for day in days}
    for use in uses:
        first = max(bisect_right(begins, use.held_from) - 1, 0)
        for day in days[first : bisect_left(begins, use.held_to)]:
            found[day].append(use)
    return found


def hours_shown(spans: Mapping[date, Iterable[Span]], uses: Mapping[date, Iterable[Use]]) -> tuple[int, int]:
    """The first and last full local hour that all these days need: at least 8 to 18, wider for what is open or used earlier
    or later. Closures widen nothing, and one use in the night (before 6, after 23) does not squeeze the day."""
    open_from, open_to = _hours_of(spans)
    held = {day: [(use.held_from, use.held_to) for use in some if use.kind != "closure"] for day, some in uses.items()}
    used_from, used_to = _hours_of(held)
    return min(open_from, max(used_from, EARLIEST_HOUR)), max(open_to, min(used_to, LATEST_HOUR))


def _hours_of(wanted: Mapping[date, Iterable[Span]]) -> tuple[int, int]:
    first, last = FIRST_HOUR, LAST_HOUR
    for day, some in wanted.items():
        begins, ends = _hour(day, first), _hour(day, last)
        for starts_at, ends_at in some:
            if starts_at < begins and ends_at > clock.at(day, "00:00"):
                start = clock.local(starts_at)
                first = min(first, start.hour if start.date() == day else 0)
            if ends_at > ends and starts_at < _hour(day, MIDNIGHT):
                end = clock.local(ends_at)
                last = max(last, end.hour + (end.minute > 0) if end.date() == day else MIDNIGHT)
    return first, last


@lru_cache(maxsize=8192)
def place(start: int, length: int) -> str:
    """The classes of a block that begins so many minutes after its window and is so long: "h2 m30 l1 n0"."""
    return f"h{start // 60} m{start % 60} l{length // 60} n{length % 60}"


def lay_out(
    shown: Window,
    uses: Sequence[Use],
    open_spans: Sequence[Span],
    *,
    now: datetime | None = None,
    shortest: int = STEP,
    around: tuple[int, int] = (0, 0),
) -> list[Block]:
    """The blocks of one room on one day by time: uses (in the order of their begin), and between them what is free to
    book. What of the open time is past, shorter than `shortest` minutes or needed for this room's own set-up and clearing
    (`around`) beside another use is a gap; what is neither is closed."""
    held = [(shown.minute(use.held_from), shown.minute(use.held_to)) for use in uses]
    placed = [(start, _use_block(shown, use, start, end)) for use, (start, end) in zip(uses, held, strict=True)]
    begins, ends = {start for start, _ in held}, {end for _, end in held}
    past = min(max(-((shown.starts_at - now) // MINUTE), 0), shown.minutes) if now else 0
    for opens, closes in open_spans:
        begin, until = max(shown.minute(opens), 0), min(shown.minute(closes), shown.minutes)
        for start, end in _left_over(held, begin, until):
            first = start + around[0] if start in ends else start
            last = end - around[1] if end in begins else end
            placed += _free(shown, (start, end), (max(first, past), last), shortest)
    placed.sort(key=_when)
    return [block for _, block in placed]


def _when(placed: tuple[int, Block]) -> int:
    return placed[0]


def _use_block(shown: Window, use: Use, held_from: int, held_to: int) -> Block:
    """Where it is held and where used, as far as the window goes; in the night outside it at the edge."""
    band_from, band_to = max(held_from, 0), min(held_to, shown.minutes)
    start, end = shown.minute(use.starts_at), shown.minute(use.ends_at)
    is_inside = start >= 0 and end <= shown.minutes and shown.is_plain
    times = (
        _times(shown.wall + start, shown.wall + end)
        if is_inside
        else times_words(use.starts_at, use.ends_at, shown.day)
    )
    if band_from >= band_to:
        return Block("use", place(0 if held_from < 0 else shown.minutes - AT_THE_EDGE, AT_THE_EDGE), times, use)
    start, end = max(start, band_from), min(end, band_to)
    if start >= end or (start, end) == (band_from, band_to):
        return Block("use", place(band_from, band_to - band_from), times, use)
    return Block("use", place(start, end - start), times, use, place(band_from, band_to - band_from))


@lru_cache(maxsize=8192)
def _times(start: int, end: int) -> str:
    return time_range(_hhmm(start), _hhmm(end))


def _left_over(held: Sequence[tuple[int, int]], begin: int, until: int) -> list[tuple[int, int]]:
    """Of the minutes from begin to until those that are not held."""
    left: list[tuple[int, int]] = []
    for start, end in held:
        if start >= until:
            break
        if end <= begin:
            continue
        if begin < start:
            left.append((begin, start))
        begin = end
    if begin < until:
        left.append((begin, until))
    return left


def _free(shown: Window, stretch: tuple[int, int], free: tuple[int, int], shortest: int) -> list[tuple[int, Block]]:
    """A stretch that nobody holds: what of it is free from a quarter to a quarter, if long enough, the rest as gaps."""
    start, end = stretch
    first, last = -(-free[0] // STEP) * STEP, free[1] // STEP * STEP
    if last - first < shortest:
        return [(start, Block("gap", place(start, end - start), ""))]
    begins, ends = shown.wall_time(first), shown.wall_time(last)
    blocks = [(first, Block("free", place(first, last - first), time_range(begins, ends), start=begins, end=ends))]
    if start < first:
        blocks.append((start, Block("gap", place(start, first - start), "")))
    if last < end:
        blocks.append((last, Block("gap", place(last, end - last), "")))
    return blocks


def now_place(shown: Window, now: datetime) -> str:
    """Where the line for now stands; empty outside the window."""
    return place(shown.minute(now), 0) if shown.starts_at <= now < shown.ends_at else ""


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

    In a part's lane a use of the whole says so, and can be dragged only in the whole's own. In the whole's own lane the uses of its parts are joined to stretches that
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
    return replace(use, note=" · ".join(filter(None, (whole, use.note))), is_movable=False)


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
