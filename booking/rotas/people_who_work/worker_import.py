"""People who work from a table: what each row would do is shown first; what staff changed since the last import stays."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.contacts import read_email, read_phone
from booking.people.signing_in import Who
from booking.places import near
from booking.problems import Refused
from booking.rotas.models import StaffProfile
from booking.rotas.people_who_work import keeping, skills
from booking.rotas.people_who_work.worker_facts import COLUMNS, Facts
from booking.rotas.people_who_work.worker_form import hours_typed
from booking.rotas.people_who_work.worker_tables import DAY_COLUMNS, WORKERS, WorkerRow
from booking.rotas.values import Stretch
from booking.tables import CellProblem, SourceFile, read_file

MOST_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Differs:
    """A column that staff changed since the last import: theirs and the file's, in words."""

    column: str
    staff: str
    file: str


@dataclass(slots=True)
class Line:
    """What one good row does: new, changed or same. changed are columns; kept are those that stay as staff have them; note is what
    the file says, for the next import."""

    row: WorkerRow
    state: str
    facts: Facts
    staff_id: UUID | None = None
    changed: tuple[str, ...] = ()
    kept: tuple[Differs, ...] = ()
    skills: tuple[tuple[UUID, Any], ...] = ()
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """Everything the import has to say. Nothing was changed unless `saved`."""

    rows_seen: int = 0
    lines: list[Line] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    warnings: list[CellProblem] = field(default_factory=list)
    saved: bool = False

    def count(self, state: str) -> int:
        return sum(1 for line in self.lines if line.state == state)


@dataclass(frozen=True, slots=True)
class World:
    """What rows name: places, organisations and skills, and everybody who is there already."""

    places: Mapping[str, Mapping[str, Any]]
    organisations: Mapping[str, UUID]
    skills: Mapping[str, UUID]
    people: Mapping[str, tuple[UUID, Facts, Mapping[str, Any]]]
    held: Mapping[UUID, set[tuple[str, str]]]


async def look(source: SourceFile, *, by: Who, overwrite: bool = False) -> Report:
    """What importing the file would do; never raises for anything the file may hold."""
    file = read_file(source, [WORKERS])
    report = Report(file.rows_seen)
    for problem in file.problems:
        (report.problems if problem.level == "blocks" else report.warnings).append(problem)
    if file.rows_seen > MOST_ROWS:
        report.problems.append(CellProblem(f"At most {MOST_ROWS} rows are read at once.", file=source.name))
        return report
    world = await _world(by)
    seen: dict[str, int] = {}
    for row in file.rows:
        found: list[tuple[str, str]] = []
        if first := seen.get(row.known_as.lower()):
            found.append(("known_as", f"This name is in row {first} already, in other letters."))
        seen.setdefault(row.known_as.lower(), row.row)
        line = _line(row, world, by, overwrite, found)
        if row.postcode and not found and await near.find_point(row.postcode) is None:
            found.append(("postcode", "This postcode is not known here."))
        report.problems += [CellProblem(words, column, file=row.file, row=row.row) for column, words in found]
        if line and not found:
            report.lines.append(line)
    report.problems.sort(key=lambda problem: problem.row or 0)
    return report


async def save(source: SourceFile, *, by: Who, overwrite: bool = False, good_rows: bool = False) -> Report:
    """Imports the file in one transaction: as a whole, or with good_rows without the rows that have problems."""

    async def body() -> Report:
        report = await look(source, by=by, overwrite=overwrite)
        if report.problems and not good_rows:
            return report
        good = []
        for line in report.lines:
            try:
                await db.run_tx(lambda line=line: _write(line, by))
                good.append(line)
            except Refused as refused:
                words = " ".join(problem.words for problem in refused.problems)
                report.problems.append(
                    CellProblem(words, refused.problems[0].field, file=line.row.file, row=line.row.row)
                )
        if len(good) < len(report.lines) and not good_rows:
            raise _TakeBack(report)
        report.lines, report.saved = good, True
        counts = {state: report.count(state) for state in ("new", "changed")}
        await audit.record("import workers", about_kind="import", about_id=None, by=by, after=counts)
        return report

    try:
        return await db.run_tx(body)
    except _TakeBack as back:
        return back.report


class _TakeBack(Exception):
    """A row was refused while it was written: nothing of the file stays."""

    def __init__(self, report: Report):
        self.report = report
        super().__init__()


async def _write(line: Line, by: Who) -> None:
    staff_id = line.staff_id
    if line.state == "new" or line.changed:
        staff_id = await keeping.save_worker(line.facts, by=by, staff_id=line.staff_id)
    assert staff_id is not None
    for skill_id, until in line.skills:
        await skills.give_skill(staff_id=staff_id, skill_id=skill_id, from_date=clock.today(), to_date=until, by=by)
    await StaffProfile.filter(id=staff_id).update(imported=dict(line.note))


def _line(row: WorkerRow, world: World, by: Who, overwrite: bool, found: list[tuple[str, str]]) -> Line | None:
    """What the row does; what is wrong with it goes to `found`."""
    hub = world.places.get(row.hub_code)
    if hub is None or hub["id"] != hub["hub_id"]:
        found.append(("hub_code", "There is no hub with this code."))
        return None
    if not by.manages(hub["id"]):
        found.append(("hub_code", "You are no manager of this hub."))
        return None
    there = world.people.get(row.known_as.lower())
    if there and not by.manages(there[1].hub_id):
        found.append(("known_as", "Somebody at another hub is known by this name."))
        return None
    wanted = _wanted(row, world, hub["id"], found)
    before = there[1] if there else Facts(row.known_as, row.kind or "staff", hub["id"], pattern=())
    kept = _kept(wanted, before, there[2] if there else {})
    taken = {name: value for name, value in wanted.items() if overwrite or name not in {each.column for each in kept}}
    facts = replace(before, **taken)
    found += [(problem.field or "known_as", problem.words) for problem in keeping.problems_of(facts)]
    if there is None and not (facts.email or facts.phone):
        found.append(("email", "Somebody new needs an email address or a phone number."))
    held = world.held.get(there[0], set()) if there else set()
    new_skills = tuple(
        (world.skills[code], until) for code, until in row.skills or () if _is_new(code, until, held, world)
    )
    changed = tuple(name for name, value in taken.items() if _plain(value) != _plain(getattr(before, name)))
    state = "new" if there is None else "changed" if changed or new_skills else "same"
    note = {name: _plain(value) for name, value in wanted.items()}
    staff_id = there[0] if there else None
    return Line(row, state, facts, staff_id, changed, () if overwrite else kept, new_skills, note)


def _is_new(code: str, until: Any, held: set[tuple[str, str]], world: World) -> bool:
    return code in world.skills and not any(own == code for own, _ in held)


def _wanted(row: WorkerRow, world: World, hub_id: UUID, found: list[tuple[str, str]]) -> dict[str, Any]:
    """The facts that the row names."""
    wanted: dict[str, Any] = {"known_as": row.known_as, "hub_id": hub_id}
    for name in (
        *("name", "kind", "postcode", "drives", "max_travel_minutes", "counts_for_two", "evenings_in_week"),
        *("saturdays_in_four", "days_in_row", "from_date", "notes"),
    ):
        wanted[name] = getattr(row, name)
    wanted |= {"weekly_minutes": row.weekly_hours, "over_minutes": row.over_hours, "channel": row.told_by}
    wanted |= {"is_reminded": row.reminded, "gets_invites": row.invites}
    for name, read in (("email", read_email), ("phone", read_phone)):
        if typed := getattr(row, name):
            wanted[name], wrong = read(typed)
            found += [(name, problem.words) for problem in wrong]
    if row.organisation:
        wanted["organisation_id"] = world.organisations.get(row.organisation.lower())
        if wanted["organisation_id"] is None:
            found.append(("organisation", "There is no partner of this name."))
    places = [
        (code, world.places.get(code)) for code in (*((row.base_code,) if row.base_code else ()), *(row.works_at or ()))
    ]
    found += [("works_at", f"There is no place with the code {code}.") for code, place in places if place is None]
    known = {code: place["id"] for code, place in places if place}
    if row.base_code in known:
        wanted["base_id"] = known[row.base_code]
    if row.works_at:
        wanted["works_at"] = tuple(sorted(known[code] for code in row.works_at if code in known))
    found += [
        ("skills", f"There is no skill with the code {code}.")
        for code, _ in row.skills or ()
        if code not in world.skills
    ]
    if pattern := _pattern(row):
        wanted["pattern"] = pattern
    return {name: value for name, value in wanted.items() if value is not None}


def _pattern(row: WorkerRow) -> tuple[Stretch, ...]:
    found = [Stretch(n, start, end) for n, day in enumerate(DAY_COLUMNS) for start, end in getattr(row, day) or ()]
    found += [Stretch(day, start, end, "prefers") for day, start, end in row.prefers or ()]
    return (*found, *(Stretch(day, start, end, "avoids") for day, start, end in row.avoids or ()))


def _kept(wanted: Mapping[str, Any], before: Facts, imported: Mapping[str, Any]) -> tuple[Differs, ...]:
    """Columns that staff changed since the last import wrote them, and that the file has otherwise."""
    return tuple(
        Differs(name, _words(name, getattr(before, name)), _words(name, value))
        for name, value in wanted.items()
        if name in imported and imported[name] != _plain(getattr(before, name)) != _plain(value)
    )


def _plain(value: Any) -> str:
    """The same text for the same value, whatever the order of its parts; nothing for nothing."""
    if isinstance(value, tuple):
        return "; ".join(sorted(map(str, value)))
    return "" if value is None else str(value)


def _words(name: str, value: Any) -> str:
    if name in ("weekly_minutes", "over_minutes"):
        return f"{hours_typed(value)} hours" if value is not None else "nothing"
    if name.endswith("_id"):
        return "another one"
    if isinstance(value, tuple):
        return f"{len(value)} times" if value and isinstance(value[0], Stretch) else f"{len(value)} places"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value or "nothing")


async def _world(by: Who) -> World:
    """What is restricted is there for staff of that very hub alone (promise P5). Six queries."""
    places = await db.rows(
        "SELECT id, code, hub_id, name, (is_restricted OR kind = 'restricted') AS is_secret FROM location"
    )
    organisations = await db.rows("SELECT id, name FROM organisation WHERE ended_at IS NULL")
    known = await db.rows("SELECT id, code FROM skill WHERE ended_at IS NULL")
    profiles = await db.rows(
        "SELECT f.*, p.name, p.email, p.phone, p.channel FROM staff_profile f JOIN person p ON p.id = f.person_id"
    )
    pattern: dict[UUID, list[Stretch]] = {}
    for each in await db.rows('SELECT staff_id, weekday, start, "end", kind, week FROM work_pattern'):
        pattern.setdefault(each["staff_id"], []).append(
            Stretch(each["weekday"], each["start"], each["end"], each["kind"], each["week"])
        )
    held: dict[UUID, set[tuple[str, str]]] = {}
    for each in await db.rows(
        "SELECT h.staff_id, k.code, h.to_date FROM staff_skill h JOIN skill k ON k.id = h.skill_id"
    ):
        held.setdefault(each["staff_id"], set()).add((each["code"], str(each["to_date"] or "")))
    return World(
        {row["code"]: row for row in places if not row["is_secret"] or by.works_at(row["hub_id"])},
        {row["name"].lower(): row["id"] for row in organisations},
        {row["code"]: row["id"] for row in known},
        {
            row["known_as"].lower(): (row["id"], _facts(row, pattern.get(row["id"], [])), _noted(row["imported"]))
            for row in profiles
        },
        held,
    )


def _facts(row: Mapping[str, Any], pattern: Sequence[Stretch]) -> Facts:
    """Somebody as they are."""
    places = _noted(row["place_ids"])
    columns: dict[str, Any] = {name: bool(row[name]) if name in BOOLEANS else row[name] for name in COLUMNS}
    contact = {name: row[name] for name in ("name", "email", "phone", "channel")}
    works_at = tuple(sorted(UUID(each) for each in places)) if places else None
    return Facts(**columns, **contact, pattern=tuple(pattern), works_at=works_at)


COLUMN_WORDS = {
    "hub_id": "home hub", "base_id": "sets out from", "organisation_id": "organisation", "channel": "told by",
    "weekly_minutes": "hours a week", "over_minutes": "more at most", "is_reminded": "reminded", "gets_invites": "calendar mails", "pattern": "week",
    "works_at": "works only at", "drives": "drives", "from_date": "first day", "max_travel_minutes": "furthest",
    "counts_for_two": "second person", "evenings_in_week": "evenings", "saturdays_in_four": "weekends",
    "days_in_row": "days in a row",
}  # fmt: skip
"""What a fact is called where its name is no word."""
BOOLEANS = {"drives", "counts_for_two", "is_reminded", "gets_invites"}


def _noted(kept: Any) -> Any:
    return (json.loads(kept) if isinstance(kept, str) else kept) or {}
