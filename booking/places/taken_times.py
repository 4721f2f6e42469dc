"""When rooms are taken: many rooms on many days in two statements, asked afterwards for any time without a query.

Every room is a sorted list of intervals that cannot overlap (promise P1), so that a bisection answers for any minute: free rooms, a
quarter of an hour later and another weekday all come from one read. The covering index ix_room_hold_times (booking/guards.py)
answers alone; measured with a million holds, 284 rooms on 12 days cost 12 to 15 ms of CPU on PostgreSQL with it, 40 with the index
that lacks ends_at, and 370 where the planner may choose for itself (hence LATERAL with OFFSET 0).
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from types import MappingProxyType
from uuid import UUID

from booking import clock, db
from booking.places.holding import LONGEST
from booking.places.rooms import RoomFacts

Span = tuple[datetime, datetime]
Seconds = tuple[int, int]

ON_POSTGRES = (
    "WITH w(low, from_at, to_at) AS (VALUES {windows})"
    " SELECT o.id AS room_id, array_agg(date_part('epoch', h.starts_at)::int8) AS starts,"
    " array_agg(date_part('epoch', h.ends_at)::int8) AS ends"
    " FROM room o CROSS JOIN w CROSS JOIN LATERAL (SELECT starts_at, ends_at FROM room_hold WHERE room_id = o.id"
    " AND starts_at > w.low AND starts_at < w.to_at AND ends_at > w.from_at OFFSET 0) h WHERE o.id IN {rooms} GROUP BY o.id"
)
ON_SQLITE = (
    "WITH w(low, from_at, to_at) AS (VALUES {windows})"
    " SELECT o.id AS room_id, group_concat(strftime('%s', h.starts_at)) AS starts,"
    " group_concat(strftime('%s', h.ends_at)) AS ends"
    " FROM room o CROSS JOIN w CROSS JOIN room_hold h ON h.room_id = o.id"
    " AND h.starts_at > w.low AND h.starts_at < w.to_at AND h.ends_at > w.from_at WHERE o.id IN {rooms} GROUP BY o.id"
)
NOT_COUNTED = (
    "SELECT h.room_id, h.starts_at FROM room_booking b CROSS JOIN room_hold h WHERE h.room_booking_id = b.id"
    " AND b.state = 'requested' AND b.starts_at > $1 AND b.starts_at < $2 AND b.hold_until_at <= $3"
)


class TakenTimes:
    """The intervals in which rooms without parts are taken, set-up and clearing included; right within the windows read."""

    def __init__(self, taken: Mapping[UUID, Iterable[Seconds]] = MappingProxyType({})):
        self._starts: dict[UUID, list[int]] = {}
        self._ends: dict[UUID, list[int]] = {}
        for room_id, intervals in taken.items():
            pairs = list(intervals)
            self.add(room_id, [start for start, _ in pairs], [end for _, end in pairs])

    def add(self, room_id: UUID, starts: list[int], ends: list[int]) -> None:
        """The intervals of one room in any order; none overlaps another, so starts and ends sort alike."""
        self._starts[room_id], self._ends[room_id] = sorted(starts), sorted(ends)

    def times_of(self, room_id: UUID) -> tuple[Sequence[int], Sequence[int]]:
        """When it is taken: from which instants and until which, in order."""
        return self._starts.get(room_id, ()), self._ends.get(room_id, ())

    def leave_out(self, room_id: UUID, start: int) -> None:
        """Forgets the interval that starts at that instant."""
        starts, ends = self._starts.get(room_id, []), self._ends.get(room_id, [])
        while start in starts:
            n = starts.index(start)
            del starts[n], ends[n]

    def free(self, leaves: Iterable[UUID], spans: Sequence[Seconds]) -> list[bool]:
        """For each span, from one instant to another in seconds since 1970, whether all of these rooms are free; touching
        is free."""
        found = [True] * len(spans)
        for leaf in leaves:
            starts = self._starts.get(leaf)
            if starts:
                ends = self._ends[leaf]
                for n, (start, end) in enumerate(spans):
                    before = bisect_left(starts, end)
                    if before and ends[before - 1] > start:
                        found[n] = False
        return found

    def is_free(self, room: RoomFacts, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether a use of the room from starts_at to ends_at finds it and all its parts free, set-up and clearing too."""
        held = room.held(starts_at, ends_at)
        return self.free(room.leaves, [(int(held[0].timestamp()), int(held[1].timestamp()))])[0]


async def read(leaves: Iterable[UUID], windows: Sequence[Span], *, besides: Iterable[UUID] = ()) -> TakenTimes:
    """What holds these rooms (those without parts) in any of the windows. Two statements.

    Holds of requests that were held for long enough do not count, nor do those of the room bookings in `besides`.
    """
    wanted, windows = sorted(set(leaves)), joined(windows)
    if not wanted or not windows:
        return TakenTimes()
    parameters = [*chain.from_iterable((first - LONGEST, first, last) for first, last in windows), *wanted]
    kind = "::timestamptz" if db.is_postgres() else ""
    lines = (f"(${n}{kind},${n + 1}{kind},${n + 2}{kind})" for n in range(1, 3 * len(windows), 3))
    sql = (ON_POSTGRES if db.is_postgres() else ON_SQLITE).format(
        windows=",".join(lines), rooms=db.in_list(wanted, 3 * len(windows) + 1)
    )
    taken = TakenTimes()
    for row in await db.rows(sql, *parameters):
        taken.add(row["room_id"], _numbers(row["starts"]), _numbers(row["ends"]))
    for room_id, start in await _not_counted(windows, tuple(besides)):
        taken.leave_out(room_id, start)
    return taken


def joined(windows: Iterable[Span]) -> list[Span]:
    """The same stretches of time in order, those that touch made one."""
    found: list[Span] = []
    for first, last in sorted(windows):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _numbers(found: list[int] | str) -> list[int]:
    """An array of PostgreSQL as it is; of SQLite the numbers between the commas."""
    return [int(number) for number in found.split(",")] if isinstance(found, str) else found


async def _not_counted(windows: Sequence[Span], besides: Sequence[UUID]) -> list[tuple[UUID, int]]:
    """(room, start) of holds that are there and do not count; a room has but one hold that starts at an instant."""
    around = timedelta(hours=2) + LONGEST  # set-up lies before a booking's own start
    sql, parameters = NOT_COUNTED, [windows[0][0] - around, windows[-1][1] + around, clock.now()]
    if besides:
        sql += f" UNION ALL SELECT room_id, starts_at FROM room_hold WHERE room_booking_id IN {db.in_list(besides, 4)}"
    return [(row["room_id"], int(row["starts_at"].timestamp())) for row in await db.rows(sql, *parameters, *besides)]
