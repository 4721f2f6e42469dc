"""Whether the sessions of an import fit into their rooms, set-up and clearing included. Pure; the database has its own
guard behind it."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, order=True)
class Hold:
    """A room from one instant to another (half open), and in words who has it."""

    starts_at: datetime
    ends_at: datetime
    owner: str = field(compare=False)


class Rooms:
    """Which holds each room has; no two of them overlap."""

    def __init__(self) -> None:
        self._holds: dict[UUID, list[Hold]] = {}

    def clash(self, room_id: UUID, hold: Hold) -> Hold | None:
        """The hold that this one would overlap, or None. Touching is not overlapping."""
        holds = self._holds.get(room_id, [])
        at = bisect_right(holds, hold)
        for near in holds[max(at - 1, 0) : at + 1]:
            if near.starts_at < hold.ends_at and hold.starts_at < near.ends_at:
                return near
        return None

    def add(self, room_id: UUID, hold: Hold) -> None:
        holds = self._holds.setdefault(room_id, [])
        holds.insert(bisect_right(holds, hold), hold)

    def add_all(self, room_id: UUID, holds: Iterable[Hold]) -> list[tuple[Hold, Hold]]:
        """Takes all of them, or none: then the pairs that overlap, what was wanted and what is there."""
        wanted = list(holds)
        clashes = [(hold, other) for hold in wanted if (other := self.clash(room_id, hold))]
        if not clashes:
            for hold in wanted:
                self.add(room_id, hold)
        return clashes
