"""Reads a council's CSV file into typed rows, and says everything that is wrong with it by row and column.

A table is recognised by its heading. Rows are numbered as in a spreadsheet: the heading is row 1. Nothing here knows
the database; `booking.cells` knows what a cell may hold.
"""

import csv
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from booking.cells import LONGEST_CELL, Reader, Wrong, quoted
from booking.problems import Problem

LARGEST_FILE = 64 * 1024 * 1024
SAVE_AS = "In Excel choose Save as, then CSV UTF-8."
GZIP = b"\x1f\x8b"
OTHER_FILES = {
    b"PK": "It is an Excel workbook or a zip file",
    b"\xd0\xcf\x11\xe0": "It is an old Excel workbook",
    b"%PDF": "It is a PDF",
    b"<": "It is a web page",
}


@dataclass(frozen=True, slots=True)
class CellProblem(Problem):
    """A Problem with the place in the file: `field` is the column's name, `row` as a spreadsheet counts."""

    file: str = ""
    row: int | None = None

    @property
    def where(self) -> str:
        """ "whats_on.csv, row 14, column start"."""
        row = f", row {self.row}" if self.row else ""
        return f"{self.file}{row}{f', column {self.field}' if self.field else ''}"

    def __str__(self) -> str:
        return f"{self.where}: {self.words}" if self.where else self.words


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to import: its name as the council knows it, and its bytes as they came."""

    name: str
    content: bytes

    @classmethod
    def at(cls, path: Path) -> "SourceFile":
        return cls(path.name, path.read_bytes())


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. If it `must` be there, every cell is filled; else an empty cell gives `empty`."""

    name: str
    read: Reader | None
    about: str
    must: bool = False
    empty: Any = None


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of file that can be imported. `row` is the class of its rows; no two rows share their `key` columns."""

    name: str
    about: str
    row: Callable[..., Any]
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def required(self) -> set[str]:
        return {column.name for column in self.columns if column.must}


@dataclass(slots=True)
class ReadFile:
    """What one file gave. `rows` holds the rows without a problem of their own; `rows_seen` counts all of them;
    `bad` has the row numbers of the others by the first of their key columns."""

    name: str
    table: Table | None = None
    rows: list[Any] = field(default_factory=list)
    bad: dict[str, int] = field(default_factory=dict)
    rows_seen: int = 0
    problems: list[CellProblem] = field(default_factory=list)

    def add(self, words: str, *, row: int | None = None, column: str | None = None, level: Any = "blocks") -> None:
        self.problems.append(CellProblem(words, column, level, file=self.name, row=row))


class Unreadable(Exception):
    """The file as a whole cannot be read."""


def read_file(source: SourceFile, tables: Sequence[Table]) -> ReadFile:
    """The typed rows of a file and all its problems; never raises for anything the file may hold."""
    file = ReadFile(source.name)
    try:
        text = _decoded(_unpacked(source.content), file)
        records = _records(text, file)
        heading = _heading(next(records, None))
        file.table = recognise(heading, tables)
        if _heading_is_good(heading, file):
            _read_rows(records, heading, file)
    except Unreadable as unreadable:
        file.add(str(unreadable))
    return file


def recognise(heading: Sequence[str], tables: Sequence[Table]) -> Table:
    """The table that finds most of its own columns in the heading. Raises Unreadable if none is near."""
    found = set(heading)
    near = [table for table in tables if len(table.required & found) >= 0.6 * len(table.required)]
    if not near:
        names = ", ".join(quoted(name) for name in heading[:8])
        raise Unreadable(f"Its first row names no table that can be imported. It begins with {names}.")
    return max(near, key=lambda table: len({column.name for column in table.columns} & found))


def _unpacked(content: bytes) -> bytes:
    if content.startswith(GZIP):
        unpack = zlib.decompressobj(wbits=31)
        try:
            content = unpack.decompress(content, LARGEST_FILE + 1)
        except zlib.error:
            raise Unreadable("It says that it is a gzip file, but it cannot be unpacked. Send it again.") from None
        if not unpack.eof and len(content) <= LARGEST_FILE:
            raise Unreadable("It is a gzip file that was cut short. Send it again.")
    if len(content) > LARGEST_FILE:
        raise Unreadable(f"It is larger than {LARGEST_FILE // 1024 // 1024} MB. Divide it into several files.")
    for start, words in OTHER_FILES.items():
        if content.startswith(start):
            raise Unreadable(f"{words}, not a table. {SAVE_AS}")
    return content


def _decoded(content: bytes, file: ReadFile) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise Unreadable(f"Its letters cannot be read. {SAVE_AS}") from None
    if b"\x00" in content:
        raise Unreadable(f"It holds bytes that are not text. {SAVE_AS}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            raise Unreadable(f"Its letters cannot be read from line {row} on. {SAVE_AS}") from None
        file.add(
            f"It is not UTF-8 (see line {row}), so it was read as a Windows file. Check its accents. {SAVE_AS}",
            level="warns",
        )
        return text


def _records(text: str, file: ReadFile) -> Iterator[list[str]]:
    first = text[:20_000].lstrip("\r\n").split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    csv.field_size_limit(LARGEST_FILE)
    row = 0
    try:
        for record in reader:
            row += 1
            yield record
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            words = "A quotation mark is opened here and never closed, so the rest of the file cannot be read."
        else:
            words = "A quotation mark stands inside a cell. Double it. The rest of the file cannot be read."
        file.add(words, row=row + 1)


def _heading(record: list[str] | None) -> list[str]:
    if record is None or not any(cell.strip() for cell in record):
        raise Unreadable("It is empty. The first row must name the columns.")
    return ["_".join(cell.strip().lower().split()) for cell in record]


def _heading_is_good(heading: list[str], file: ReadFile) -> bool:
    assert file.table
    known = {column.name for column in file.table.columns}
    for name in sorted(file.table.required - set(heading)):
        file.add(f"The column is missing. A table of {file.table.name} needs it.", row=1, column=name)
    for name in dict.fromkeys(name for name in heading if name and heading.count(name) > 1):
        file.add("The column is there twice. Take one away.", row=1, column=name[:60])
    for name in dict.fromkeys(heading):
        if name and name not in known:
            file.add("The column is not known, so it is left out.", row=1, column=name[:60], level="warns")
    return not any(problem.level == "blocks" for problem in file.problems)


def _read_rows(records: Iterator[list[str]], heading: list[str], file: ReadFile) -> None:
    assert file.table
    columns = {column.name: column for column in file.table.columns}
    used = [(heading.index(name), column) for name, column in columns.items() if name in heading and column.read]
    absent = {name: column.empty for name, column in columns.items() if name not in heading and column.read}
    seen: dict[tuple[Any, ...], int] = {}
    for row, record in enumerate(records, start=2):
        if not any(map(str.strip, record)):
            continue
        file.rows_seen += 1
        values = _read_record(record, row, used, len(heading), file)
        if values is None:
            continue
        key = tuple(values[name] for name in file.table.key)
        if first := seen.get(key):
            words = f"{quoted(', '.join(map(str, key)))} is already in row {first}. Take one of the two rows away."
            file.add(words, row=row, column=file.table.key[0])
            continue
        seen[key] = row
        file.rows.append(file.table.row(**values, **absent, row=row, file=file.name))
    if not file.rows_seen:
        file.add("It has a heading but no rows.", level="warns")


def _read_record(
    record: list[str], row: int, used: list[tuple[int, Column]], width: int, file: ReadFile
) -> dict[str, Any] | None:
    if len(record) < width or any(map(str.strip, record[width:])):
        hint = " Perhaps a comma is not inside quotation marks." if len(record) > width else ""
        file.add(f"The row has {len(record)} cells where the heading has {width}.{hint}", row=row)
        return None
    values: dict[str, Any] = {}
    for index, column in used:
        cell = record[index].strip()
        try:
            if not cell:
                if column.must:
                    raise Wrong("The cell is empty.")
                values[column.name] = column.empty
            elif len(cell) > LONGEST_CELL:
                raise Wrong(f"The cell has {len(cell)} characters. At most {LONGEST_CELL} fit.")
            elif column.read:
                values[column.name] = column.read(cell)
        except Wrong as wrong:
            file.add(str(wrong), row=row, column=column.name)
    if len(values) == len(used):
        return values
    assert file.table
    file.bad[str(values.get(file.table.key[0]))] = row
    return None
