"""Who a notice is for: each person once who has a place, or waits for one, on a date to come of what it is about.

Restricted families and others are never in one audience: what is about something restricted reaches its families alone, and
everything else leaves out whatever is restricted. `is_neutral` says of a person that nothing of theirs here may be named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from booking import clock, db
from booking.programmes.disclosure import HELD

AboutKind = Literal["hub", "location", "run", "session", "waiting"]
ABOUT_KINDS: tuple[AboutKind, ...] = ("hub", "location", "run", "session", "waiting")
ToWhom = Literal["booked", "waiting", "both"]
TO_WHOM: dict[ToWhom, str] = {
    "booked": "Families with a place",
    "waiting": "Families on the waiting list",
    "both": "Both",
}
# known to staff of its own hub alone, by its run, its programme, or either place
RESTRICTED = (
    "(r.is_restricted OR p.is_restricted OR l.is_restricted OR l.kind = 'restricted'"
    " OR home.is_restricted OR home.kind = 'restricted')"
)
TABLES = (
    "session s JOIN run r ON r.id = s.run_id JOIN programme p ON p.id = r.programme_id"
    " JOIN location l ON l.id = s.location_id JOIN location home ON home.id = r.location_id"
)
ABOUT: dict[AboutKind, str] = {
    "hub": "s.hub_id = $1",
    "location": f"s.location_id = $1 AND {HELD} NOT IN ('online', 'phone')",
    "run": "s.run_id = $1",
    "session": "s.id = $1",
    "waiting": "(x.session_id = $1 OR (x.session_id IS NULL AND x.run_id = $1))",
}
BOOKED = (
    "SELECT x.person_id, x.manage_token AS token, 0 AS is_waiting, {columns} FROM {tables}"
    " JOIN booking x ON x.run_id = s.run_id AND (x.session_id IS NULL OR x.session_id = s.id)"
    " LEFT JOIN slot t ON t.id = x.slot_id WHERE x.state = 'booked' AND COALESCE(t.ends_at, s.ends_at) > $2 AND {where}"
    " AND NOT EXISTS (SELECT 1 FROM missed_date d WHERE d.booking_id = x.id AND d.session_id = s.id)"
)
WAITING = (
    "SELECT x.person_id, x.manage_token AS token, 1 AS is_waiting, {columns} FROM {tables}"
    " JOIN waiting_entry x ON x.run_id = s.run_id AND (x.session_id IS NULL OR x.session_id = s.id)"
    " LEFT JOIN slot t ON 1 = 0 WHERE x.state IN ('waiting', 'offered') AND s.ends_at > $2 AND {where}"
)
COLUMNS = (
    "s.id AS session_id, COALESCE(t.starts_at, s.starts_at) AS starts_at, COALESCE(t.ends_at, s.ends_at) AS ends_at,"
    f" CASE WHEN p.is_discreet OR {RESTRICTED} THEN 1 ELSE 0 END AS is_neutral"
)
# of all that a person has here: what may be named before what may not, a place before the waiting list, the next date first
FIRST = "ROW_NUMBER() OVER (PARTITION BY w.person_id ORDER BY w.is_neutral, w.is_waiting, w.starts_at, w.token)"


@dataclass(frozen=True, slots=True)
class Audience:
    """What a notice is about and who of it is meant; from_at and until_at leave out dates before and after (None: none)."""

    kind: AboutKind
    id: UUID
    to_whom: ToWhom = "booked"
    from_at: datetime | None = None
    until_at: datetime | None = None
    is_restricted: bool = False


def of_notice(notice: Mapping[str, Any]) -> Audience:
    """The audience of a notice's row."""
    return Audience(
        notice["about_kind"], notice["about_id"], notice["to_whom"], notice["from_at"], notice["until_at"],
        bool(notice["is_restricted"]),
    )  # fmt: skip


def people(wanted: Audience, *, only: Sequence[UUID] | None = None) -> tuple[str, list[Any]]:
    """A SELECT of each person once, with its parameters: person_id, and of what they have first token, session_id, starts_at,
    ends_at, is_neutral. `only`: of these people those who are in it."""
    parameters: list[Any] = [wanted.id, clock.now()]

    def given(value: Any) -> str:
        parameters.append(value)
        return f"${len(parameters)}"

    where = [ABOUT[wanted.kind], "s.state = 'planned'", "r.state = 'published'"]
    where.append(f"s.date >= {given(clock.today() - timedelta(days=1))}")  # what its index knows
    if not wanted.is_restricted:
        where.append(f"NOT {RESTRICTED}")
    if wanted.from_at:
        where.append(f"s.starts_at >= {given(wanted.from_at)}")
    if wanted.until_at:
        where.append(f"s.starts_at < {given(wanted.until_at)}")
    if only is not None:
        where.append(f"x.person_id IN {db.in_list(only, len(parameters) + 1)}")
        parameters += only
    ways = [way.format(columns=COLUMNS, tables=TABLES, where=" AND ".join(where)) for way in _ways(wanted)]
    return (
        "SELECT q.person_id, q.token, q.session_id, q.starts_at, q.ends_at, q.is_neutral FROM"
        f" (SELECT w.*, {FIRST} AS place FROM ({' UNION ALL '.join(ways)}) w) q WHERE q.place = 1",
        parameters,
    )


def _ways(wanted: Audience) -> list[str]:
    if wanted.kind == "waiting" or wanted.to_whom == "waiting":
        return [WAITING]
    return [BOOKED, WAITING] if wanted.to_whom == "both" else [BOOKED]


async def find(wanted: Audience, *, only: Sequence[UUID] | None = None) -> list[dict[str, Any]]:
    """Everybody in it, by person_id. One query."""
    if only is not None and not only:
        return []
    sql, parameters = people(wanted, only=only)
    found = await db.rows(f"{sql} ORDER BY q.person_id", *parameters)
    return [row | {"is_neutral": bool(row["is_neutral"]) or wanted.is_restricted} for row in found]


async def write(notice_id: UUID, wanted: Audience) -> int:
    """Writes down everybody in it as a recipient of the notice, in one statement; returns how many."""
    sql, parameters = people(wanted)
    n = len(parameters) + 1
    written = await db.rows(
        "INSERT INTO notice_recipient (id, notice_id, person_id, token, outcome)"
        f" SELECT {db.random_id()}, ${n}, m.person_id, m.token, '' FROM ({sql}) m RETURNING id",
        *parameters,
        notice_id,
    )
    return len(written)
