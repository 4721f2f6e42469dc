"""The import of a council's tables, as one act: read, check, work out what changes, and write all of it or nothing.

`import_files` with `dry_run` does everything but the writing, so a preview and the act cannot differ.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any

from tortoise.exceptions import IntegrityError

from booking import audit, db
from booking.cells import quoted
from booking.changes import Changes
from booking.import_report import FileReport, Findings, ImportReport
from booking.people.models import Person
from booking.places import importing as places_importing
from booking.places import keeping_terms, place_tables
from booking.problems import Refused
from booking.programmes.imports import programme_tables
from booking.programmes.imports.checking_series import Known
from booking.programmes.imports.importing_programmes import plan_programmes, plan_topics
from booking.programmes.imports.importing_runs import Runs, follow_places, plan_runs
from booking.tables import CellProblem, ReadFile, SourceFile, Table, read_file

TABLES = place_tables.TABLES + programme_tables.TABLES
IMPORT_LOCK = 7_204_511
Progress = Callable[[int, int, str], Awaitable[None] | None]
Tell = Callable[[int], Awaitable[None]]
STEPS = ("Reading the files", "Checking places", "Checking programmes", "Planning every date", "Writing", "Done")


async def import_files(
    files: Sequence[SourceFile],
    *,
    dry_run: bool = False,
    good_rows: bool = False,
    overwrite_staff_changes: bool = False,
    progress: Progress | None = None,
    by: Person | None = None,
) -> ImportReport:
    """Imports the files in one transaction and says what was done, or with `dry_run` what would be.

    Nothing is written if any row has a problem, unless `good_rows` asks for the others. What staff changed of places and
    rooms since the last import stays, unless `overwrite_staff_changes`. `progress`, async or
    not, is told how many steps are done, of how many, and in words which one begins.
    """
    began = time.monotonic()

    async def tell(done: int) -> None:
        answer = progress(done, len(STEPS) - 1, STEPS[done]) if progress else None
        if inspect.isawaitable(answer):
            await answer

    await tell(0)
    read = await asyncio.to_thread(_read_all, list(files))

    async def work() -> ImportReport:
        return await _work_out_and_write(read, dry_run, good_rows, overwrite_staff_changes, tell, by)

    try:
        report = await (work() if dry_run else db.run_tx(work))
    except (IntegrityError, Refused) as error:
        report = _refused_by_the_database(read, error)
    report.is_dry_run = dry_run
    report.seconds = time.monotonic() - began
    await tell(len(STEPS) - 1)
    return report


def _read_all(files: Sequence[SourceFile]) -> list[ReadFile]:
    read = [read_file(file, TABLES) for file in files]
    for table in TABLES:
        _refuse_twice(table, [file for file in read if file.table is table])
    return read


def _refuse_twice(table: Table, files: list[ReadFile]) -> None:
    """A row that two files of one import both have: the second is left out, with a Problem."""
    first: dict[tuple[Any, ...], tuple[str, int]] = {}
    for file in files if len(files) > 1 else ():
        rows = []
        for row in file.rows:
            key = tuple(getattr(row, name) for name in table.key)
            name, number = first.setdefault(key, (file.name, row.row))
            if name == file.name:
                rows.append(row)
            else:
                words = f"{quoted(', '.join(map(str, key)))} is already in {name}, row {number}."
                file.add(words, row=row.row, column=table.key[0])
        file.rows = rows


async def _work_out_and_write(
    files: list[ReadFile], dry_run: bool, good_rows: bool, overwrite: bool, tell: Tell, by: Person | None
) -> ImportReport:
    if not dry_run and db.is_postgres():
        await db.execute("SELECT pg_advisory_xact_lock($1)", IMPORT_LOCK)
    findings = Findings(files)
    report = ImportReport(files=[FileReport(f.name, f.table.name if f.table else "", f.rows_seen, 0) for f in files])
    steps = await _work_out(files, findings, report, tell, overwrite=overwrite)
    report.differences, report.overwrites = findings.differences, overwrite
    report.problems, report.warnings = findings.in_order(findings.problems), findings.in_order(findings.warnings)
    report.rows_left_out = len(findings.blocked)
    for file in report.files:
        file.problems = sum(problem.file == file.name for problem in report.problems)
    if dry_run or (report.problems and not good_rows):
        return report
    await tell(4)
    for write in steps:
        await write()
    await keeping_terms.note_import({row.area for row in _rows(files, place_tables.TERM_DATES)}, by=by)
    await audit.record(
        "imported",
        about_kind="import",
        about_id=None,
        by=by,
        by_name="" if by else "the command line",
        after={
            "files": [file.name for file in report.files],
            "counts": [count.words for count in report.counts],
            "staff_changes_overwritten": len(report.differences) if overwrite else 0,
        },
    )
    report.is_saved = True
    return report


async def _work_out(
    files: list[ReadFile], findings: Findings, report: ImportReport, tell: Tell, *, overwrite: bool
) -> list[Callable[[], Awaitable[None]]]:
    """Plans every table, counts it in the report, and returns what writes it, in order."""
    await tell(1)
    postcodes = await places_importing.plan_postcodes(_rows(files, place_tables.POSTCODES))
    holidays = await places_importing.plan_bank_holidays(_rows(files, place_tables.BANK_HOLIDAYS))
    is_whole = not any(file.bad for file in files if file.table is place_tables.TERM_DATES)
    term_rows = _rows(files, place_tables.TERM_DATES)
    terms = await places_importing.plan_term_dates(term_rows, findings, is_whole=is_whole)
    hubs = _rows(files, place_tables.HUBS)
    places = await places_importing.plan_places(hubs, findings, postcodes, overwrite=overwrite)
    await tell(2)
    topics, topics_by_name = await plan_topics(_rows(files, programme_tables.CATEGORIES), findings)
    programmes, by_code = await plan_programmes(
        _rows(files, programme_tables.PROGRAMMES), topics_by_name, findings, overwrite=overwrite
    )
    await tell(3)
    series = _rows(files, programme_tables.WHATS_ON)
    runs_there = {row["code"]: row for row in await db.rows("SELECT * FROM run")}
    known = Known(places, by_code, runs_there, {row.series_id: row for row in series}, _bad_codes(files, findings))
    runs = await plan_runs(series, known, await places_importing.calendars(terms, holidays), findings)
    _warn_of_other_runs(files, terms, holidays, known, findings)
    _count(report, postcodes, holidays, terms, places, topics, programmes, runs)
    followed = partial(follow_places, places.location_changes.changed)
    return [*(x.write for x in (postcodes, holidays, terms, places, topics, programmes, runs)), followed]


def _rows(files: Iterable[ReadFile], table: Table) -> list[Any]:
    return [row for file in files if file.table is table for row in file.rows]


def _bad_codes(files: Iterable[ReadFile], findings: Findings) -> dict[str, str]:
    """Codes whose own row has a problem, and where."""
    bad = {code: f"{file.name}, row {row}" for file in files for code, row in file.bad.items()}
    for file in files:
        for row in file.rows:
            if file.table and not findings.is_good(row):
                bad[str(getattr(row, file.table.key[0]))] = f"{file.name}, row {row.row}"
    return bad


def _warn_of_other_runs(
    files: Iterable[ReadFile], terms: Changes, holidays: Changes, known: Known, findings: Findings
) -> None:
    """Changed school dates move nothing by themselves: series that are not in this import keep their dates."""
    changed = [f.name for f in files if f.table in (place_tables.TERM_DATES, place_tables.BANK_HOLIDAYS)]
    others = len(known.runs.keys() - known.series.keys())
    if others and changed and not (terms.is_empty and holidays.is_empty):
        words = f"{others} series in the timetable keep the dates they have. Import them again to plan them anew."
        findings.warnings.append(CellProblem(words, level="warns", file=changed[0]))


def _count(report: ImportReport, postcodes, holidays, terms, places, topics, programmes, runs: Runs) -> None:
    report.count("places", places.location_changes)
    report.count("rooms", places.room_changes)
    report.count("opening hours", places.hours_changes)
    report.count("term dates", terms)
    report.count("bank holidays", holidays)
    report.count("postcodes", postcodes)
    report.count("service categories", topics)
    report.count("programmes", programmes)
    report.count("series", runs.runs)
    report.count("sessions", runs.sessions.sessions, kept=len(runs.sessions.kept))
    report.count("dates left out", runs.sessions.skips)


def _refused_by_the_database(files: list[ReadFile], error: IntegrityError | Refused) -> ImportReport:
    """Somebody took a room or a code between our check and our writing; nothing is saved."""
    is_room = isinstance(error, Refused)
    what = "a room was taken by somebody else" if is_room else f"the database refused a row ({db.broken_guard(error)})"
    problem = CellProblem(f"While the import was written, {what}. Nothing was changed. Import again to see what it is.")
    return ImportReport(
        files=[FileReport(f.name, f.table.name if f.table else "", f.rows_seen, 0) for f in files], problems=[problem]
    )
