"""Small tables as a council would send them; a test changes one cell."""

import csv
import io
from typing import Any

from booking.programmes.imports.importing import import_files
from booking.tables import SourceFile

ROOM = {
    "county": "Dorset", "hub_code": "D01", "hub_name": "Ferndown Family Hub", "hub_role": "hub",
    "building_code": "D01-M", "building_name": "Ferndown Family Hub", "address": "Penny's Walk, Ferndown",
    "postcode": "BH22 9TH", "lat": "50.80182", "lon": "-1.89145", "public_address": "yes",
    "open_tue": "09:00-17:00", "open_thu": "09:00-12:00;13:00-17:00", "open_valid_from": "", "open_valid_to": "",
    "room_code": "D01-HALL", "room_name": "Main hall", "room_kind": "hall", "capacity": "30", "features": "step-free",
    "setup_min": "15", "clear_min": "15", "partner_bookable": "yes",
}  # fmt: skip
SMALL_ROOM = {"room_code": "D01-BABY", "room_name": "Baby room", "capacity": "10", "setup_min": "0", "clear_min": "0"}
PROGRAMME = {
    "code": "SAP", "title": "Stay and play", "kind": "weekly", "min_age_months": "0", "max_age_months": "60",
    "taxonomy": "Activities", "capacity_unit": "families",
}  # fmt: skip
SERIES = {
    "series_id": "D01-01", "title": "Stay and play", "programme_code": "SAP", "county": "Dorset", "hub_code": "D01",
    "building_code": "D01-M", "room_code": "D01-HALL", "weekday": "Tue", "start": "10:00", "end": "11:30",
    "frequency": "weekly", "first_date": "2027-01-12", "last_date": "2027-03-23", "planned_sessions": "",
    "term_time_only": "yes", "booking": "book", "min_age_months": "0", "max_age_months": "60", "capacity": "20",
    "slot_minutes": "", "delivery": "in_person", "host": "Family hub team", "creche_series": "",
    "public_listing": "yes", "out_of_hours": "no",
}  # fmt: skip
TERMS = [
    {"area": "Dorset", "academic_year": "2026-27", "part": part, "kind": kind, "start": start, "end": end}
    for part, kind, start, end in (
        ("spring", "term", "2027-01-04", "2027-03-25"),
        ("spring", "half_term", "2027-02-15", "2027-02-19"),
        ("easter", "holiday", "2027-03-26", "2027-04-09"),
        ("summer", "term", "2027-04-12", "2027-07-21"),
    )
]
BANK_HOLIDAYS = [{"date": "2027-03-29", "title": "Easter Monday", "notes": "", "division": "england-and-wales"}]
CATEGORIES = [{"code": "activities", "name": "Activities", "parent_code": ""}]
POSTCODES = [{"postcode": "BH22 9TH", "lat": "50.80182", "lon": "-1.89145"}]
FILES = {
    "hubs.csv": [ROOM, ROOM | SMALL_ROOM],
    "programmes.csv": [PROGRAMME],
    "whats_on.csv": [SERIES],
    "term_dates.csv": TERMS,
    "bank_holidays.csv": BANK_HOLIDAYS,
    "service_categories.csv": CATEGORIES,
    "postcodes.csv": POSTCODES,
}

OPTIONS = ("dry_run", "good_rows", "overwrite_staff_changes", "progress", "by")


def as_csv(rows: list[dict[str, Any]], separator: str = ",") -> bytes:
    text = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, fieldnames=names, delimiter=separator, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def source(name: str, rows: list[dict[str, Any]] | bytes) -> SourceFile:
    return SourceFile(name, rows if isinstance(rows, bytes) else as_csv(rows))


def county(**changed: Any) -> list[SourceFile]:
    """All seven tables; `whats_on=[...]` gives other rows or bytes, None leaves a table out."""
    files = FILES | {f"{name}.csv": rows for name, rows in changed.items()}
    return [source(name, rows) for name, rows in files.items() if rows is not None]


async def bring_in(*files: SourceFile, **changed: Any):
    """Imports the small county (or these files) and returns the report."""
    options = {name: changed.pop(name) for name in OPTIONS if name in changed}
    return await import_files(list(files) or county(**changed), **options)


def said(report) -> list[str]:
    return [str(problem) for problem in report.problems]


def warned(report) -> list[str]:
    return [str(problem) for problem in report.warnings]
