"""Who stays in shifts that move, and who gets in: nobody is in two at once, so whoever has no time at the new one is out. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

Row = dict[str, Any]
LAYERS = ("draft", "published")


@dataclass(frozen=True, slots=True)
class Seat:
    """One person for one shift, in some layers; `was` are the assignments that it goes on from."""

    shift_id: UUID
    staff_id: UUID
    layers: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    was: tuple[Row, ...] = ()
    source: str = "hand"


def seated(seats: Iterable[Seat], taken: Iterable[Row]) -> tuple[list[Seat], list[Seat]]:
    """Those that fit, and those that do not: in all its layers or not at all. Who was there comes first, then by time.

    taken: what these people do besides (staff_id, layer, starts_at, ends_at)."""
    busy: dict[tuple[UUID, str], list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in taken:
        busy[row["staff_id"], row["layer"]].append((row["starts_at"], row["ends_at"]))
    fit: list[Seat] = []
    out: list[Seat] = []
    for seat in sorted(seats, key=lambda each: (not each.was, each.starts_at, each.shift_id)):
        own = [busy[seat.staff_id, layer] for layer in seat.layers]
        if any(start < seat.ends_at and seat.starts_at < end for times in own for start, end in times):
            out.append(seat)
            continue
        fit.append(seat)
        for times in own:
            times.append((seat.starts_at, seat.ends_at))
    return fit, out


def keeping(shift: Row, rows: Sequence[Row]) -> list[Seat]:
    """Whoever is in the shift, at its new time; somebody who is in it in both layers stays in both or in none."""
    by_staff: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        by_staff[row["staff_id"]].append(row)
    return [
        Seat(shift["id"], staff, tuple(row["layer"] for row in own), shift["starts_at"], shift["ends_at"], tuple(own))
        for staff, own in by_staff.items()
    ]
