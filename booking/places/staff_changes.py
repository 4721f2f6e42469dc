"""What staff changed of a place or room since the last import wrote it, so that the next import keeps it. Pure.

`imported` of a row is what its last import wrote, by column. A column that is missing there was written before anybody kept
count, or never imported: its value of today counts as imported. So whoever changes a column first notes what it was.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from booking.cells import WEEKDAYS

Row = dict[str, Any]
NOT_KEPT = {"code", "location_id", "is_restricted", "source"}
"""Columns that the file alone decides, or that staff cannot change."""
HOURS = "hours"
IN_FILE = {
    "name": "building_name", "kind": "hub_role", "area": "county", "shared_with": "co_located_with",
    "valid_from_date": "open_valid_from", "valid_to_date": "open_valid_to",
}  # fmt: skip
ROOM_IN_FILE = {
    "name": "room_name", "kind": "room_kind", "setup_minutes": "setup_min", "clear_minutes": "clear_min",
    "is_partner_bookable": "partner_bookable",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Differs:
    """One column that staff changed: its name in the file, their value and the file's, in words."""

    column: str
    staff: str
    file: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The columns to write, what was kept for staff, and whether their opening hours stay."""

    columns: Row
    differing: tuple[Differs, ...] = ()
    keeps_hours: bool = False


def merge(before: Row | None, wanted: Row, *, hours: Iterable[Any] = (), hours_before: Iterable[Any] = (),
          in_file: Mapping[str, str] = IN_FILE, overwrite: bool = False) -> Merged:  # fmt: skip
    """The wanted columns with those that staff changed as staff have them, unless told to overwrite; and `imported`.

    A row that is as the file says and never noted what was imported is left as it is.
    """
    file = {name: _plain(value) for name, value in wanted.items() if name not in NOT_KEPT} | {HOURS: _spans(hours)}
    if before is None:
        return Merged(wanted | {"imported": as_text(file)})
    known = noted(before["imported"])
    now = {name: _plain(before[name]) for name in file if name != HOURS} | {HOURS: _spans(hours_before)}
    kept = [name for name in file if now[name] != known.get(name, now[name]) and now[name] != file[name]]
    columns = wanted if overwrite else wanted | {name: before[name] for name in kept if name != HOURS}
    if known or any(before[name] != value for name, value in columns.items()):
        columns = columns | {"imported": as_text(file)}
    differing = tuple(line for name in kept for line in _lines(name, now[name], file[name], in_file, kept))
    return Merged(columns, differing, keeps_hours=HOURS in kept and not overwrite)


def note(imported: Any, was: Mapping[str, Any]) -> str:
    """`imported` for a row of which staff are changing these columns, with what they were unless it is known already."""
    return as_text({name: _plain(value) for name, value in was.items()} | noted(imported))


def noted(imported: Any) -> Row:
    """`imported` as the database gives it (text, a dictionary or nothing), by column."""
    return (json.loads(imported) if isinstance(imported, str) else imported) or {}


def as_text(imported: Any) -> str:
    """The same text for the same values, whatever the order in which a database keeps them."""
    return json.dumps(imported, sort_keys=True)


def _plain(value: Any) -> Any:
    """As JSON keeps it; SQLite's 0 and 1 are no and yes."""
    if isinstance(value, set | frozenset):
        return _spans(value)
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value


def _spans(hours: Iterable[Any]) -> list[list[Any]]:
    return sorted(list(span) for span in hours)


def _lines(name: str, staff: Any, file: Any, in_file: Mapping[str, str], kept: list[str]) -> list[Differs]:
    """One column; opening hours a day each. The hub is said by its name, the point on the map by the postcode."""
    if name == HOURS:
        return [
            Differs(f"open_{day[:3].lower()}", *(_day(spans, n) for spans in (staff, file)))
            for n, day in enumerate(WEEKDAYS)
            if _day(staff, n) != _day(file, n)
        ]
    if name == "hub_id" or (name in ("lat", "lon") and "postcode" in kept):
        return []
    return [Differs(in_file.get(name, name), _words(staff), _words(file))]


def _day(spans: list[list[Any]], weekday: int) -> str:
    return ";".join(f"{opens}-{closes}" for n, opens, closes in spans if n == weekday)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
