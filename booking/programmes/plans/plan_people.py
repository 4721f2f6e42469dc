"""Who could lead a run: at which starts enough trained people are free on all of its dates. Pure; rotas know who they are.

What is asked of them is the same as of rooms: a day is an integer with a byte for each start that is wished (plan_times.py).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from uuid import UUID

from booking.places.rooms import RoomFacts
from booking.programmes.plans.plan_times import Starts

Minutes = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Leader:
    """Somebody trained for it. `can` gives the local minutes of a day in which they could be at a room's place, the way there
    and back to their other duties allowed for; nothing where it is too far for them."""

    name: str
    can: Callable[[RoomFacts, date], Minutes]


@dataclass(frozen=True, slots=True)
class Leaders:
    """Those who could lead, and how many a session needs. needed 0: nobody was asked about."""

    people: Sequence[Leader] = ()
    needed: int = 0


@dataclass(slots=True)
class LeaderTimes:
    """The starts at which each of them could lead in one building; worked out once for every day."""

    leaders: Leaders
    room: RoomFacts
    starts: Starts
    _days: dict[tuple[int, date], int] = field(default_factory=dict)

    def of(self, n: int, day: date) -> int:
        """The starts at which the nth can lead on that day: from setting up to clearing they are there."""
        if (n, day) not in self._days:
            before, after = self.room.setup_minutes, self.room.clear_minutes
            times = self.leaders.people[n].can(self.room, day)
            masks = (self.starts.within(first + before, last - after) for first, last in times)
            self._days[n, day] = reduce(or_, masks, 0)
        return self._days[n, day]

    def on_all(self, days: Iterable[date]) -> list[int]:
        """Of each the starts at which they can lead on all of the days."""
        days = list(days)
        found = []
        for n in range(len(self.leaders.people)):
            mask = self.starts.all
            for day in days:
                mask &= self.of(n, day)
                if not mask:
                    break
            found.append(mask)
        return found

    def lacking(self, days: Iterable[date]) -> list[int]:
        """For k from 0: the starts at which more than k are lacking; the last of them is none."""
        needed = self.leaders.needed
        reached = [self.starts.all, *[0] * needed]
        for mask in self.on_all(days):
            for n in range(needed, 0, -1):
                reached[n] |= reached[n - 1] & mask
        return [self.starts.all & ~reached[needed - k] for k in range(needed)] + [0]

    def names(self, days: Sequence[date], bit: int) -> tuple[str, ...]:
        """Who could lead on all of the days at that start, in the order of the leaders."""
        found = self.on_all(days)
        return tuple(each.name for each, mask in zip(self.leaders.people, found, strict=True) if mask & bit)

    def nearly(self, days: Sequence[date], bit: int) -> tuple[tuple[str, int], ...]:
        """Who could on most of the days: (name, on how many they cannot), fewest first."""
        missing = [
            (sum(not self.of(n, day) & bit for day in days), each.name) for n, each in enumerate(self.leaders.people)
        ]
        return tuple((name, count) for count, name in sorted(missing) if 0 < count <= len(days) // 2)


def times_of(leaders: Leaders, room: RoomFacts, starts: Starts, known: dict[UUID, LeaderTimes]) -> LeaderTimes:
    """Of the room's building; made when it is first asked for."""
    if room.location_id not in known:
        known[room.location_id] = LeaderTimes(leaders, room, starts)
    return known[room.location_id]
