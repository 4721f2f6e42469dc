"""The demo county's files moved in time by whole weeks, so that a weekday stays a weekday.

Moved are term dates, bank holidays, and the first and last dates of series. What is not moved stays true: when the
agreement to use a hall ended.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from booking.tables import SourceFile

FILES = Path(__file__).parent / "data"
SECOND_MONDAY = date(2027, 1, 11)
"""The Monday of the second week of the term that the files are about."""
MOVED = {
    "term_dates.csv": ("start", "end"),
    "bank_holidays.csv": ("date",),
    "whats_on.csv": ("first_date", "last_date"),
}
GUESSED = " (assumed)"


def week_of(today: date) -> str:
    """The week of a day, as 2026-W47 (ISO 8601)."""
    year, week, _ = today.isocalendar()
    return f"{year}-W{week:02}"


def shift_weeks(today: date) -> int:
    """By how many weeks the files move so that today is in the second week of their term; negative is earlier."""
    return (today - timedelta(today.weekday()) - SECOND_MONDAY).days // 7


def moved_files(today: date) -> list[SourceFile]:
    """All files of the county, moved, and with the marks of what was guessed taken out of names that parents read."""
    by = timedelta(weeks=shift_weeks(today))
    return [_moved(path, by) for path in sorted(FILES.glob("*.csv*"))]


def _moved(path: Path, by: timedelta) -> SourceFile:
    if path.suffix == ".gz":
        return SourceFile.at(path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for column in MOVED.get(path.name, ()):
            row[column] = (date.fromisoformat(row[column]) + by).isoformat()
        _make_presentable(row)
    return SourceFile(path.name, _as_csv(rows))


def _make_presentable(row: dict[str, str]) -> None:
    for column in ("hub_name", "building_name"):
        if column in row:
            row[column] = row[column].removesuffix(GUESSED)
    if row.get("address", "").startswith("("):
        row["address"] = ""
    if "series_id" in row:
        is_online = row["delivery"] == "online"
        row["join_url"] = f"https://meet.example/{row['series_id'].lower()}" if is_online else ""


def _as_csv(rows: Iterable[dict[str, str]]) -> bytes:
    rows = list(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
