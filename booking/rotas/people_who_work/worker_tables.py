"""The table of people who work, as it is imported: its columns, and what stands in each cell. Pure.

An empty cell says nothing: it leaves what is there, and somebody new gets what is usual.
"""

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import date

from booking.cells import Reader, Wrong, choice, code, day, hours, postcode, quoted, text, weekday, whole, yes_no
from booking.rotas.people_who_work.worker_facts import KINDS
from booking.tables import Column, Table

DAY_COLUMNS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TOLD_BY = {"email": "email", "text": "sms", "call": "call"}
Times = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class WorkerRow:
    """One person as the table has them; None is an empty cell."""

    known_as: str
    hub_code: str
    row: int
    file: str
    name: str | None = None
    kind: str | None = None
    organisation: str | None = None
    email: str | None = None
    phone: str | None = None
    told_by: str | None = None
    base_code: str | None = None
    works_at: tuple[str, ...] | None = None
    postcode: str | None = None
    drives: bool | None = None
    max_travel_minutes: int | None = None
    counts_for_two: bool | None = None
    weekly_hours: int | None = None
    over_hours: int | None = None
    evenings_in_week: int | None = None
    saturdays_in_four: int | None = None
    days_in_row: int | None = None
    mon: Times | None = None
    tue: Times | None = None
    wed: Times | None = None
    thu: Times | None = None
    fri: Times | None = None
    sat: Times | None = None
    sun: Times | None = None
    prefers: tuple[tuple[int, str, str], ...] | None = None
    avoids: tuple[tuple[int, str, str], ...] | None = None
    skills: tuple[tuple[str, date | None], ...] | None = None
    from_date: date | None = None
    notes: str | None = None
    reminded: bool | None = field(default=None)
    invites: bool | None = field(default=None)


def hours_a_week(cell: str) -> int:
    """ "22.5" as minutes."""
    if not re.fullmatch(r"\d{1,2}(\.\d{1,2})?", cell, re.ASCII) or float(cell) > 60:
        raise Wrong(f"{quoted(cell)} is not a number of hours from 0 to 60. Write it like 37 or 22.5.")
    return round(float(cell) * 60)


def wishes(cell: str) -> tuple[tuple[int, str, str], ...]:
    """ "Mon 09:00-12:00; Fri 14:00-18:00" """
    found = []
    for part in filter(None, (each.strip() for each in cell.split(";"))):
        name, _, times = part.partition(" ")
        found += [(weekday(name), start, end) for start, end in hours(times)]
    return tuple(found)


def held(cell: str) -> tuple[tuple[str, date | None], ...]:
    """ "trained-iy; first-aid until 2027-05-01" """
    found = []
    for part in filter(None, (each.strip() for each in cell.split(";"))):
        name, _, until = part.partition(" until ")
        found.append((str(code(40)(name.strip())).lower(), day(until.strip()) if until else None))
    return tuple(found)


def codes(cell: str) -> tuple[str, ...]:
    return tuple(str(code()(part.strip())) for part in cell.split(";") if part.strip())


def _told_by(cell: str) -> str:
    return TOLD_BY[str(choice(*TOLD_BY)(cell))]


def _column(name: str, read: Reader, about: str, must: bool = False) -> Column:
    return Column(name, read, about, must)


WORKERS = Table(
    "people who work",
    "Everybody on the rota: staff, volunteers and people of partners.",
    WorkerRow,
    (
        _column("known_as", text(80), "The name on the rota, nobody else's.", must=True),
        _column("hub_code", code(), "Their home hub: its code in the places file.", must=True),
        _column("name", text(80), "Full name, where it is another."),
        _column("kind", choice(*KINDS), "staff, volunteer or partner; staff if empty."),
        _column("organisation", text(200), "Of partner workers: its name as it stands under Partners."),
        _column("email", text(254), "To sign in and to be told."),
        _column("phone", text(40), "Mobile for texts; 07700 900123."),
        _column("told_by", _told_by, "email, text or call."),
        _column("base_code", code(), "Where they set out from: the code of a place."),
        _column("works_at", codes, "The only places, codes parted by semicolons; must be there for partner workers."),
        _column("postcode", postcode, "Where they set out from if that is home."),
        _column("drives", yes_no, "yes or no."),
        _column("max_travel_minutes", whole(5, 240), "Furthest from where they set out."),
        _column("counts_for_two", yes_no, "Whether they count as the second person in a building."),
        _column("weekly_hours", hours_a_week, "Contract, like 37 or 22.5; empty for volunteers and partner workers."),
        _column("over_hours", hours_a_week, "How much more in a week at most."),
        _column("evenings_in_week", whole(0, 7), "Evenings a week at most."),
        _column("saturdays_in_four", whole(0, 4), "Weekends of four at most."),
        _column("days_in_row", whole(1, 12), "Days in a row at most."),
        *(_column(name, hours, "When they work that day, like 09:00-17:00.") for name in DAY_COLUMNS),
        _column("prefers", wishes, "Mon 09:00-12:00; Tue 09:00-12:00."),
        _column("avoids", wishes, "Fri 12:00-18:00."),
        _column("skills", held, "Codes parted by semicolons: trained-iy; first-aid until 2027-05-01."),
        _column("from_date", day, "First day."),
        _column("notes", text(300), "For managers of the home hub alone."),
        _column("reminded", yes_no, "Whether they are reminded the day before."),
        _column("invites", yes_no, "Whether they get a calendar mail for each duty."),
    ),
    ("known_as",),
)
EXAMPLE = {
    "known_as": "Sam Green", "hub_code": "D01-M", "name": "Samantha Green", "kind": "staff", "email": "sam.green@hub.example",
    "phone": "07700 900345", "told_by": "email", "base_code": "D01-M", "drives": "yes", "weekly_hours": "37", "mon": "09:00-17:00",
    "tue": "09:00-17:00", "wed": "09:00-17:00", "thu": "09:00-13:00; 16:00-20:00", "fri": "09:00-16:00",
    "avoids": "Fri 12:00-16:00", "skills": "trained-iy; first-aid until 2027-05-01", "reminded": "yes",
}  # fmt: skip


def template() -> str:
    """The heading and one made-up row, as a file to fill in."""
    out = io.StringIO()
    names = [column.name for column in WORKERS.columns]
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerow([EXAMPLE.get(name, "") for name in names])
    return "\ufeff" + out.getvalue()
