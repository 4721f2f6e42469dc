"""What an import would do or has done, in words a council officer can act on."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from booking.changes import Changes
from booking.tables import CellProblem, ReadFile
from booking.words import count_words

MOST_ROWS = 8


@dataclass(slots=True)
class FileReport:
    """One file: which table it was taken for ("" if none) and how many rows it has."""

    name: str
    table: str
    rows: int
    problems: int


@dataclass(slots=True)
class Count:
    """What happens to one kind of thing. `kept` are sessions that families hang on."""

    what: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    kept: int = 0

    @property
    def words(self) -> str:
        """ "sessions: 12 new, 3 changed"."""
        names = ("new", "changed", "unchanged", "removed", "kept")
        parts = [f"{getattr(self, name):,} {name}" for name in names if getattr(self, name)]
        return f"{self.what}: {', '.join(parts) or 'none'}"


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that says something else than staff have made of it since the last import."""

    file: str
    row: int
    column: str
    staff: str
    in_file: str

    def __str__(self) -> str:
        staff, in_file = (f"“{words}”" if words else "nothing" for words in (self.staff, self.in_file))
        return f"{self.file}, row {self.row}, column {self.column}: staff have {staff}, the file {in_file}."


@dataclass(slots=True)
class ImportReport:
    """Everything an import has to say. Nothing was changed unless `is_saved`."""

    files: list[FileReport] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    warnings: list[CellProblem] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    overwrites: bool = False
    rows_left_out: int = 0
    is_dry_run: bool = False
    is_saved: bool = False
    seconds: float = 0.0

    def count(self, what: str, changes: Changes, *, kept: int = 0) -> Count:
        """Adds what happens to one table."""
        counted = Count(
            what, len(changes.new), len(changes.changed), changes.unchanged, removed=len(changes.gone), kept=kept
        )
        self.counts.append(counted)
        return counted

    def has_changes(self) -> bool:
        return any(count.new or count.changed or count.removed for count in self.counts)

    @property
    def outcome(self) -> str:
        """One sentence: what became of the import."""
        if self.is_saved:
            left_out = count_words(self.rows_left_out, "row")
            return "The import is done." + (f" Left out because of problems: {left_out}." if self.rows_left_out else "")
        if self.problems:
            return "Nothing was changed. Correct the problems and import again, or import the good rows only."
        return "This was a trial: nothing was changed."

    def lines(self) -> list[str]:
        """The whole report as lines of plain text."""
        return [
            *(f"{file.name}: {file.rows:,} rows of {file.table or 'an unknown table'}" for file in self.files),
            *(f"  {count.words}" for count in self.counts),
            *_listed("Problems", self.problems),
            *_listed("Please look at these", self.warnings),
            *self._difference_lines(),
            self.outcome,
        ]

    def _difference_lines(self) -> list[str]:
        """What staff changed since the last import, and what becomes of it."""
        if not self.differences:
            return []
        title = "Changed by staff, and overwritten" if self.overwrites else "Changed by staff, and kept as they have it"
        return [f"{title}:", *(f"  {difference}" for difference in self.differences)]

    def as_dict(self) -> dict[str, Any]:
        """The report as plain JSON; `problems` and `warnings` as file, row, column, words, and as lines for reading."""
        return {
            "outcome": self.outcome,
            "files": [asdict(file) for file in self.files],
            "counts": [asdict(count) | {"words": count.words} for count in self.counts],
            "problems": [_as_dict(problem) for problem in self.problems],
            "warnings": [_as_dict(problem) for problem in self.warnings],
            "problem_lines": grouped(self.problems),
            "warning_lines": grouped(self.warnings),
            "differences": [asdict(difference) for difference in self.differences],
            "overwrites": self.overwrites,
            "rows_left_out": self.rows_left_out,
            "is_dry_run": self.is_dry_run,
            "is_saved": self.is_saved,
            "seconds": round(self.seconds, 2),
        }


class Findings:
    """Collects Problems of rows while an import is worked out. A row that is blocked is left out."""

    def __init__(self, files: Iterable[ReadFile]):
        self.problems: list[CellProblem] = []
        self.warnings: list[CellProblem] = []
        self.differences: list[Difference] = []
        self.blocked: set[tuple[str, int]] = set()
        for file in files:
            for problem in file.problems:
                (self.problems if problem.level == "blocks" else self.warnings).append(problem)
                if problem.level == "blocks" and problem.row:
                    self.blocked.add((file.name, problem.row))

    def block(self, row: Any, column: str | None, words: str) -> None:
        self.problems.append(CellProblem(words, column, file=row.file, row=row.row))
        self.blocked.add((row.file, row.row))

    def warn(self, row: Any, column: str | None, words: str) -> None:
        self.warnings.append(CellProblem(words, column, "warns", file=row.file, row=row.row))

    def differ(self, row: Any, differing: Iterable[Any], *, is_secret: bool = False) -> None:
        """Columns of this row that staff changed. Of a restricted place it is not said to what (promise P5)."""
        for each in differing:
            staff, in_file = ("(restricted)", "(restricted)") if is_secret else (each.staff, each.file)
            self.differences.append(Difference(row.file, row.row, each.column, staff, in_file))

    def is_good(self, row: Any) -> bool:
        return (row.file, row.row) not in self.blocked

    def in_order(self, problems: list[CellProblem]) -> list[CellProblem]:
        return sorted(problems, key=lambda problem: (problem.file, problem.row or 0))


def grouped(problems: Iterable[CellProblem]) -> list[str]:
    """The Problems as lines, in order; those that say the same of one column of one file share a line."""
    alike: dict[tuple[str, str | None, str], list[CellProblem]] = {}
    for problem in problems:
        alike.setdefault((problem.file, problem.field, problem.words), []).append(problem)
    return [_line(some) for some in alike.values()]


def _line(alike: list[CellProblem]) -> str:
    first = alike[0]
    if len(alike) == 1:
        return str(first)
    rows = [str(problem.row) for problem in alike[:MOST_ROWS]]
    more = f" and {len(alike) - MOST_ROWS} more" if len(alike) > MOST_ROWS else ""
    column = f", column {first.field}" if first.field else ""
    return f"{first.file}, rows {', '.join(rows)}{more}{column}: {first.words}"


def _listed(title: str, problems: list[CellProblem]) -> list[str]:
    return [f"{title}:", *(f"  {line}" for line in grouped(problems))] if problems else []


def _as_dict(problem: CellProblem) -> dict[str, Any]:
    return {
        "where": problem.where,
        "file": problem.file,
        "row": problem.row,
        "column": problem.field,
        "words": problem.words,
    }
