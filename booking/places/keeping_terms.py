"""The term calendar of an area, changed by county admins. Every change makes a version, with who, when and why.

What follows for runs is not done here: programmes/changes/following_terms.py shows it first, and does what the planner ticks.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from booking import audit, clock, db
from booking.places import term_lines
from booking.places.models import TermDate
from booking.places.term_lines import TermLine
from booking.problems import Problem, Refused

NO_WHY = Problem(
    "Say why, for those who look at this later: for example “dates of the council of May 2027”.", "why", rule="missing"
)
SAME = Problem("Nothing would change. Change a date first.", rule="same")
CHANGED = Problem(
    "Somebody else changed this calendar meanwhile. Look at it as it is now, then change it.", rule="changed"
)
FIRST = "As it was before versions were kept"
Row = dict[str, Any]


def id_of(area: str) -> UUID:
    """The same id for the same area always: what the audit trail is about."""
    return uuid5(NAMESPACE_OID, f"term calendar of {area}")


async def lines_of(area: str) -> list[TermLine]:
    return term_lines.from_rows(await db.rows("SELECT * FROM term_date WHERE area = $1", area))


async def versions_of(area: str) -> list[Row]:
    """number, why, by_name and created_at of each version, the newest first."""
    return await db.rows(
        "SELECT number, why, by_name, created_at FROM term_version WHERE area = $1 ORDER BY number DESC", area
    )


async def version(area: str, number: int) -> Row | None:
    """One version with its `lines`, or None."""
    row = await db.row("SELECT * FROM term_version WHERE area = $1 AND number = $2", area, number)
    return row and row | {"lines": term_lines.from_json(json.loads(row["dates"]))}


async def current_number(area: str) -> int:
    """The number of the newest version; 0 where none was kept yet."""
    return await db.value("SELECT COALESCE(MAX(number), 0) AS n FROM term_version WHERE area = $1", area)


async def change(area: str, wanted: Sequence[TermLine], *, seen: int, why: str, by: Any) -> int:
    """The whole calendar of the area is as wanted; returns the number of its new version. `seen` is the version that the
    reader changed. In the caller's transaction if there is one.

    Raises Refused with every Problem: lines that cannot be right, no reason given, nothing changed, changed meanwhile.
    """

    async def body(wanted: Sequence[TermLine] = wanted) -> int:
        before = await lines_of(area)
        if await current_number(area) != seen:
            raise Refused([CHANGED])
        _refuse(before, wanted, why)
        wanted = term_lines.with_status_of(before, wanted)
        if seen == 0 and before:
            await _write_version(area, before, 1, FIRST, None)
        number = await _write_version(area, wanted, max(seen, int(bool(before))) + 1, why.strip()[:300], by)
        await _write(area, wanted)
        await audit.record(
            "change term calendar", about_kind="term_calendar", about_id=id_of(area), by=by, why=why.strip()[:300],
            before={"area": area, "version": number - 1}, after={"area": area, "version": number},
        )  # fmt: skip
        return number

    return await db.run_tx(body)


def _refuse(before: Sequence[TermLine], wanted: Sequence[TermLine], why: str) -> None:
    """School years that nobody touches are not judged: what an import brought stays as it is."""
    years = {difference.year for difference in term_lines.compare(before, wanted)}
    if not years:
        raise Refused([SAME])
    problems = term_lines.problems_of({str(n): line for n, line in enumerate(wanted) if line.year in years})
    if not why.strip():
        problems.append(NO_WHY)
    if problems:
        raise Refused(problems)


async def _write_version(area: str, lines: Iterable[TermLine], number: int, why: str, by: Any) -> int:
    """Only one of two who change at once gets the number; the other is Refused."""
    written = await db.row(
        "INSERT INTO term_version (id, area, number, dates, why, by_id, by_name, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (area, number) DO NOTHING RETURNING number",
        db.new_id(), area, number, json.dumps(term_lines.to_json(lines)), why, by.id if by else None,
        by.name if by else "", clock.now(),
    )  # fmt: skip
    if written is None:
        raise Refused([CHANGED])
    return written["number"]


async def _write(area: str, wanted: Sequence[TermLine]) -> None:
    await db.execute("DELETE FROM term_date WHERE area = $1", area)
    columns = ("id", "area", "academic_year", "part", "kind", "start_date", "end_date", "status")
    await db.insert_many(
        TermDate._meta.db_table,
        columns,
        (
            (db.new_id(), area, line.year, line.part, line.kind, line.first, line.last, line.status)
            for line in term_lines.in_order(wanted)
        ),
    )


async def note_import(areas: Iterable[str], *, by: Any) -> None:
    """After an import wrote term dates: a version of each area that is now other than its newest one, if it has versions."""
    for area in sorted(set(areas)):
        number = await current_number(area)
        last = await version(area, number)
        now = await lines_of(area)
        if last and term_lines.compare(last["lines"], now):
            await _write_version(area, now, number + 1, "Imported", by)
