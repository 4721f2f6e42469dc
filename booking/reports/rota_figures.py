"""A month of rotas in figures: hours for each person and place, duties nobody did, rules set aside and why, the share out of hours.

What was published counts, by the local month of the duty. Where a place or run is restricted and not of one's own hub it is counted
under one name that says nothing (promise P5).
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import db
from booking.people.signing_in import Who
from booking.reports.statement import month_after, safe_cell
from booking.rotas import loading
from booking.rotas.availability import minutes_of_leave
from booking.rotas.values import Rules, Worker
from booking.rotas.words_for_staff import KINDS, RULES
from booking.words import day_and_year, time_range

ONLY_COUNTED = "Private booking"
SHIFTS = (
    "SELECT s.id, s.kind, s.date, s.start_time, s.end_time, s.minutes, s.hub_id, s.title, l.name AS place, r.title AS run_title,"
    " (l.is_restricted OR l.kind = 'restricted' OR COALESCE(r.is_restricted, l.is_restricted)) AS is_restricted, a.staff_id,"
    " a.overridden, a.override_reason, f.known_as, o.name AS override_by"
    " FROM shift s JOIN location l ON l.id = s.location_id LEFT JOIN session e ON e.id = s.session_id LEFT JOIN run r ON r.id = e.run_id"
    " LEFT JOIN assignment a ON a.shift_id = s.id AND a.layer = 'published' LEFT JOIN staff_profile f ON f.id = a.staff_id"
    " LEFT JOIN person o ON o.id = a.override_by_id"
    " WHERE s.state = 'open' AND s.date >= $1 AND s.date < $2 AND {scope} ORDER BY s.starts_at, s.id"
)
HOURS = ("month", "person", "place", "duty", "duties", "hours", "out of hours")
UNFILLED = ("date", "time", "place", "duty", "what", "hours")
OVERRIDES = ("date", "time", "place", "person", "rules set aside", "reason", "by")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sum:
    """Duties of one person or place: how many, their minutes, those of them in evenings or at weekends, and how many of each."""

    name: str
    duties: int = 0
    minutes: int = 0
    out_of_hours: int = 0
    evenings: int = 0
    weekends: int = 0
    agreed: int | None = None
    leave: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """A month from its first day. rows are the duties as they may be shown; nobody is the name of what is unfilled."""

    month: date
    people: tuple[Sum, ...]
    places: tuple[Sum, ...]
    unfilled: tuple[Row, ...]
    overrides: tuple[Row, ...]
    rows: tuple[Row, ...]
    all: Sum


async def figures(who: Who, month: date) -> Figures:
    """The figures of a month, of one's own hubs or of the county. Seven queries, the first over one month."""
    hubs = who.hub_ids
    scope = f"s.hub_id IN {db.in_list(hubs, 3)}" if hubs is not None else "1 = 1"
    end = month_after(month)
    rows = await db.rows(SHIFTS.format(scope=scope), month, end, *(hubs or ()))
    rules = await loading.rules_of(hubs[0] if hubs and len(hubs) == 1 else None)
    workers = await loading.workers_of(hubs, beside={row["staff_id"] for row in rows if row["staff_id"]}, since=month)
    return made_of(who, month, [_shown(who, row, rules) for row in rows], workers)


def _shown(who: Who, row: Row, rules: Rules) -> Row:
    """The duty with its names as who asks may know them, and whether it is out of hours."""
    is_secret = row["is_restricted"] and not who.works_at(row["hub_id"])
    evening = row["end_time"] > rules.evening_from
    weekend = row["date"].weekday() >= 5
    return {
        **row,
        "place": ONLY_COUNTED if is_secret else row["place"],
        "what": ONLY_COUNTED if is_secret else row["run_title"] or row["title"] or "",
        "override_reason": "" if is_secret else row["override_reason"],
        "is_evening": evening and not weekend,
        "is_weekend": weekend,
        "out": row["minutes"] if evening or weekend else 0,
    }


def made_of(who: Who, month: date, rows: Iterable[Row], workers: Iterable[Worker]) -> Figures:
    """The figures from duties. Pure."""
    rows = list(rows)
    filled = [row for row in rows if row["staff_id"]]
    return Figures(
        month=month,
        people=tuple(_people(month, filled, workers)),
        places=tuple(_summed(filled, "place")),
        unfilled=tuple(row for row in rows if not row["staff_id"]),
        overrides=tuple(row for row in filled if row["overridden"]),
        rows=tuple(filled),
        all=_sum("", filled),
    )


def _people(month: date, filled: Iterable[Row], workers: Iterable[Worker]) -> list[Sum]:
    own: dict[UUID, list[Row]] = defaultdict(list)
    for row in filled:
        own[row["staff_id"]].append(row)
    last = month_after(month) - timedelta(days=1)
    found = [_of_person(each, own[each.id], month, last) for each in workers if _is_here(each, month, last)]
    return sorted(found, key=lambda each: (-each.minutes, each.name))


def _is_here(worker: Worker, first: date, last: date) -> bool:
    return (worker.from_date or first) <= last and (worker.to_date or last) >= first


def _of_person(worker: Worker, rows: list[Row], first: date, last: date) -> Sum:
    """agreed are the contract's minutes of the days in the month on which they work here."""
    start, end = max(worker.from_date or first, first), min(worker.to_date or last, last)
    agreed = None if worker.weekly_minutes is None else round(worker.weekly_minutes * ((end - start).days + 1) / 7)
    return _sum(worker.name, rows, agreed=agreed, leave=minutes_of_leave(worker, start, end))


def _summed(rows: Iterable[Row], name: str) -> list[Sum]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[name]].append(row)
    return sorted((_sum(key, of) for key, of in groups.items()), key=lambda each: (-each.minutes, each.name))


def _sum(name: str, rows: Iterable[Row], *, agreed: int | None = None, leave: int = 0) -> Sum:
    rows = list(rows)
    return Sum(
        name,
        len(rows),
        sum(row["minutes"] for row in rows),
        sum(row["out"] for row in rows),
        len({row["date"] for row in rows if row["is_evening"]}),
        len({row["date"] for row in rows if row["is_weekend"]}),
        agreed,
        leave,
    )


def rule_words(overridden: str) -> str:
    """ "Too little rest, On leave" """
    return ", ".join(RULES.get(each, each) for each in overridden.split())


def hours_of(minutes: int) -> str:
    """Hours in decimals, as payrolls want them."""
    return f"{minutes / 60:.2f}"


def as_csv(shown: Figures, what: str) -> str:
    """Hours by person, place and kind of duty, the unfilled duties or the rules set aside (RFC 4180); no cell is a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    headings, lines = {
        "unfilled": (UNFILLED, _unfilled_lines),
        "overrides": (OVERRIDES, _override_lines),
    }.get(what, (HOURS, _hours_lines))
    writer.writerow(headings)
    for line in lines(shown):
        writer.writerow([safe_cell(str(cell)) for cell in line])
    return text.getvalue()


def _hours_lines(shown: Figures) -> Iterable[tuple[Any, ...]]:
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in shown.rows:
        groups[row["known_as"], row["place"], KINDS[row["kind"]]].append(row)
    for (person, place, kind), rows in sorted(groups.items()):
        one = _sum("", rows)
        yield f"{shown.month:%Y-%m}", person, place, kind, one.duties, hours_of(one.minutes), hours_of(one.out_of_hours)


def _unfilled_lines(shown: Figures) -> Iterable[tuple[Any, ...]]:
    for row in shown.unfilled:
        yield (*_when(row), row["place"], KINDS[row["kind"]], row["what"], hours_of(row["minutes"]))


def _override_lines(shown: Figures) -> Iterable[tuple[Any, ...]]:
    for row in shown.overrides:
        words = rule_words(row["overridden"])
        yield (*_when(row), row["place"], row["known_as"], words, row["override_reason"], row["override_by"] or "")


def _when(row: Row) -> tuple[str, str]:
    return row["date"].isoformat(), f"{row['start_time']}-{row['end_time']}"


def when_words(row: Row) -> str:
    """ "Tue 12 January 2027, 9am to 1pm" """
    return f"{day_and_year(row['date'])}, {time_range(row['start_time'], row['end_time'])}"
