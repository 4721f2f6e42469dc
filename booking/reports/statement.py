"""The monthly statement of a partner: what it booked, for how long, at which rate, by cost code.

Hours are those of the booking itself, without set-up and clearing, as they pass: the night the clocks change counts as it
is. Months are local. Each amount is rounded to the whole penny, half a penny up, and sums are sums of rounded amounts.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places.room_lists import within

CONFIRMED, NOT_USED, LATE = "Confirmed", "Confirmed, not used", "Cancelled late"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
HEADINGS = (
    "date", "from", "to", "minutes", "hours", "room", "location", "purpose", "state", "in total", "cost code",
    "rate per hour", "amount",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One booking; start and end local "HH:MM". Those cancelled late are listed and do not count in the sums."""

    day: date
    start: str
    end: str
    minutes: int
    room: str
    location: str
    title: str
    state: str
    cost_code: str
    rate_pence: int

    @property
    def counts(self) -> bool:
        return self.state != LATE

    @property
    def amount_pence(self) -> int:
        return amount(self.minutes, self.rate_pence)


@dataclass(frozen=True, slots=True)
class Sum:
    """How many bookings, their minutes and pence, of one cost code ("" for none) or of all."""

    cost_code: str
    bookings: int
    minutes: int
    pence: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A month from its first day. late are the lines cancelled too late, summed."""

    month: date
    lines: tuple[Line, ...]
    by_cost_code: tuple[Sum, ...]
    total: Sum
    late: Sum


def amount(minutes: int, rate_pence: int) -> int:
    """Whole pence for so many minutes at a rate for an hour, half a penny up."""
    return (minutes * rate_pence * 2 + 60) // 120


def month_after(month: date, months: int = 1) -> date:
    """The first day of the month so many later, or earlier."""
    count = month.year * 12 + month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


async def statement(organisation_id: UUID, month: date, who: Who | None = None) -> Statement:
    """The month's statement: the whole of it for the partner; for staff (`who`) the bookings that they may know of. One query.

    Confirmed bookings count; one without a cost code has the partner's. A confirmed one that the partner itself cancelled within the room's notice time is listed.
    """
    rule, parameters = within(who, 4) if who else ("1 = 1", [])
    found = await db.rows(
        "SELECT b.starts_at, b.ends_at, b.state, b.use, b.title, b.rate_pence, CASE WHEN b.cost_code = '' THEN g.cost_code ELSE b.cost_code END AS cost_code, b.decided_at, b.hold_until_at,"
        " o.notice_hours, o.name AS room, l.name AS location, EXISTS (SELECT 1 FROM role r WHERE r.person_id = b.decided_by_id"
        " AND r.kind = 'partner' AND r.organisation_id = $1) AS is_own_booker, EXISTS (SELECT 1 FROM role r"
        " WHERE r.person_id = b.decided_by_id AND r.kind <> 'partner') AS is_staff"
        " FROM room_booking b JOIN room o ON o.id = b.room_id JOIN location l ON l.id = o.location_id"
        " JOIN organisation g ON g.id = b.organisation_id WHERE b.organisation_id = $1 AND b.starts_at >= $2 AND b.starts_at < $3 AND b.kind = 'partner'"
        f" AND b.state IN ('confirmed', 'cancelled') AND {rule} ORDER BY b.starts_at, b.id",
        organisation_id,
        clock.at(month, "00:00"),
        clock.at(month_after(month), "00:00"),
        *parameters,
    )
    return made_of(month, (_line(row) for row in found if row["state"] == "confirmed" or _is_late(row)))


def made_of(month: date, lines: Iterable[Line]) -> Statement:
    """The statement with its sums. Pure."""
    lines = tuple(lines)
    counted = [line for line in lines if line.counts]
    codes = sorted({line.cost_code for line in counted})
    return Statement(
        month=month,
        lines=lines,
        by_cost_code=tuple(_sum(code, (line for line in counted if line.cost_code == code)) for code in codes),
        total=_sum("", counted),
        late=_sum("", (line for line in lines if not line.counts)),
    )


def _sum(cost_code: str, lines: Iterable[Line]) -> Sum:
    lines = list(lines)
    return Sum(cost_code, len(lines), sum(line.minutes for line in lines), sum(line.amount_pence for line in lines))


def _line(row: Mapping[str, Any]) -> Line:
    starts, ends = clock.local(row["starts_at"]), clock.local(row["ends_at"])
    used = NOT_USED if row["use"] == "unused" else CONFIRMED
    return Line(
        day=starts.date(),
        start=starts.strftime("%H:%M"),
        end=ends.strftime("%H:%M"),
        minutes=round((row["ends_at"] - row["starts_at"]).total_seconds() / 60),
        room=row["room"],
        location=row["location"],
        title=row["title"],
        state=LATE if row["state"] == "cancelled" else used,
        cost_code=row["cost_code"],
        rate_pence=row["rate_pence"],
    )


def _is_late(row: Mapping[str, Any]) -> bool:
    """Cancelled by the partner when the room's notice time had begun. A request that nobody had confirmed yet (it still
    had a time to be held until) costs nobody anything."""
    ended_at: datetime | None = row["decided_at"]
    if ended_at is None or row["hold_until_at"] is not None or (row["is_staff"] and not row["is_own_booker"]):
        return False
    return ended_at > row["starts_at"] - timedelta(hours=row["notice_hours"])


def as_csv(shown: Statement) -> str:
    """The lines as CSV (RFC 4180) for a spreadsheet: numbers plain, and no cell that it would run as a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for line in shown.lines:
        time = (line.day.isoformat(), line.start, line.end, line.minutes, f"{line.minutes / 60:.2f}")
        what = (safe_cell(line.room), safe_cell(line.location), safe_cell(line.title))
        counted = (line.state, "yes" if line.counts else "no", safe_cell(line.cost_code))
        writer.writerow((*time, *what, *counted, _pounds(line.rate_pence), _pounds(line.amount_pence)))
    return text.getvalue()


def safe_cell(words: str) -> str:
    """The words, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{words}" if words.lstrip(" ").startswith(FORMULA_SIGNS) else words


def _pounds(pence: int) -> str:
    return f"{pence // 100}.{pence % 100:02}"
