"""The timetable put into the database: runs, with their sessions, room holds and skips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from booking import clock, db, words
from booking.changes import Changes, Row, ids
from booking.import_report import Findings
from booking.places import holding
from booking.places.recurrence import Plan
from booking.places.term_calendar import TermCalendar
from booking.programmes.appointments import keeping_slots
from booking.programmes.bookings import guests
from booking.programmes.imports import checking_series, importing_sessions, staff_changed
from booking.programmes.imports.holding_rooms import Hold, Rooms
from booking.programmes.imports.importing_sessions import SessionChanges, SessionsBefore
from booking.programmes.imports.planning_dates import Dates, compare_dates, plan_dates
from booking.programmes.imports.programme_tables import SeriesRow
from booking.programmes.imports.run_rows import run_row
from booking.programmes.models import Run
from booking.slugs import hidden_slug

OWNERS = {"partner": "a booking by a partner", "hub": "a booking by the hub", "closure": "a closure"}


@dataclass(slots=True)
class Prepared:
    """One good row of the timetable on its way to becoming a run. `holds` are by the room without parts."""

    row: SeriesRow
    planned: Plan
    dates: Dates
    run: Row
    run_before: Row | None
    pairs: list[tuple[Row | None, Row]]
    holds: dict[UUID, list[Hold]]


@dataclass(slots=True)
class Runs:
    """What becomes of the timetable."""

    runs: Changes = field(default_factory=lambda: Changes(Run))
    sessions: SessionChanges = field(default_factory=SessionChanges)

    async def write(self) -> None:
        await self.runs.write()
        await self.sessions.write()
        await keeping_slots.make_missing()
        await guests.tidy()


async def plan_runs(
    rows: Sequence[SeriesRow], known: checking_series.Known, calendars: Mapping[str, TermCalendar], findings: Findings
) -> Runs:
    """Checks every row, plans its dates, fits them into the rooms, and compares with what is there."""
    good = _good_rows(rows, known, findings)
    runs_there = [known.runs[row.series_id] for row in good if row.series_id in known.runs]
    await _lock_rooms({known.places.rooms[row.room_code]["id"] for row in good}, ids(runs_there))
    before = await SessionsBefore.load(runs_there)
    run_ids = {code: run["id"] for code, run in known.runs.items()} | {
        row.series_id: db.new_id() for row in good if row.series_id not in known.runs
    }
    slugs = {run["slug"] for run in known.runs.values()}
    rooms = {room["id"]: room for room in known.places.rooms.values()}
    gaps = checking_series.CalendarGaps()
    prepared = []
    for row in good:
        calendar = calendars.get(row.county) or calendars[""]
        planned = plan_dates(row, calendar, _closures(row, known, before), before.kept_days(run_ids[row.series_id]))
        checking_series.check_dates(row, planned, findings)
        if findings.is_good(row):
            gaps.look(row, planned, calendar)
            prepared.append(_prepare(row, planned, run_ids, slugs, known, before, rooms))
    gaps.warn(calendars, findings)
    prepared = await _fitted(prepared, rooms, findings)
    return await _changes(prepared, known, rooms, before, findings)


async def _lock_rooms(room_ids: set[UUID], run_ids: list[UUID]) -> None:
    """The rooms that are wanted and those that may become free, as what they are held by (promise P1)."""
    parts = await importing_sessions.all_parts()
    wanted = {leaf for room_id in room_ids for leaf in parts.get(room_id, (room_id,))}
    await holding.lock_rooms(wanted | await importing_sessions.rooms_in_use(run_ids))


def _closures(row: SeriesRow, known: checking_series.Known, before: SessionsBefore) -> list[Row]:
    location, room = known.places.locations[row.building_code], known.places.rooms[row.room_code]
    return before.closures_of(location["id"], room["id"])


def _good_rows(rows: Sequence[SeriesRow], known: checking_series.Known, findings: Findings) -> list[SeriesRow]:
    for row in rows:
        checking_series.check_shape(row, findings)
        checking_series.check_references(row, known, findings)
    for row in rows:
        creche = known.series.get(row.creche_series)
        if creche and findings.is_good(row) and not findings.is_good(creche):
            words = f"Its crèche {creche.name} is left out because of a problem, so this row is left out too."
            findings.block(row, "creche_series", words)
    good = [row for row in rows if findings.is_good(row)]
    for row in good:
        location, room = known.places.locations[row.building_code], known.places.rooms[row.room_code]
        hours = known.places.hours.get(location["id"], set())
        checking_series.check_room_and_hours(row, location, room, hours, findings)
    return good


def _prepare(
    row: SeriesRow,
    planned: Plan,
    run_ids: Mapping[str, UUID],
    slugs: set[str],
    known: checking_series.Known,
    before: SessionsBefore,
    rooms: dict[UUID, Row],
) -> Prepared:
    run_before = known.runs.get(row.series_id)
    run = staff_changed.as_staff_left_it(run_row(row, planned, run_ids, slugs, known), run_before, before.changed)
    sessions = before.sessions.get(run["id"], [])
    dates = compare_dates(planned, sessions, clock.now())
    pairs = importing_sessions.wanted_sessions(run, run_before, dates, sessions, clock.now())
    holds: dict[UUID, list[Hold]] = {}
    for there, session in pairs:
        if staff_changed.is_online(there):
            continue
        for leaf in before.leaves(session["room_id"]):
            holds.setdefault(leaf, []).append(Hold(*importing_sessions.held(session, rooms), row.name))
    return Prepared(row, planned, dates, run, run_before, pairs, holds)


async def _fitted(prepared: list[Prepared], rooms: dict[UUID, Row], findings: Findings) -> list[Prepared]:
    """Those that fit into their rooms, in the order of the file. A series that does not fit keeps what it had before,
    so the others are fitted again without it."""
    taken = await _holds_there(prepared)
    while True:
        touched = {session["room_booking_id"] for one in prepared for session in _touched(one)}
        fitting = Rooms()
        for row in taken:
            if row["room_booking_id"] not in touched:
                fitting.add(row["room_id"], Hold(row["starts_at"], row["ends_at"], row["owner"]))
        refused = [one for one in prepared if not _fits(one, fitting, rooms, findings)]
        if not refused:
            return prepared
        prepared = [one for one in prepared if findings.is_good(one.row)]


def _touched(one: Prepared) -> list[Row]:
    return [session for session, _ in one.pairs if session] + one.dates.gone


def _fits(one: Prepared, fitting: Rooms, rooms: dict[UUID, Row], findings: Findings) -> bool:
    for room_id, holds in one.holds.items():
        if clashes := fitting.add_all(room_id, holds):
            wanted, there = clashes[0]
            when = f"{words.day_words(clock.local(there.starts_at).date())}, {_times(there)}"
            more = f" and on {len(clashes) - 1} more dates" if len(clashes) > 1 else ""
            findings.block(
                one.row,
                "room_code",
                f"{rooms[room_id]['name']} is needed for {wanted.owner} ({_times(wanted)} with set-up and clearing) "
                f"but taken by {there.owner}: {when}{more}.",
            )
            return False
    return True


def _times(hold: Hold) -> str:
    return words.time_range(*(clock.local(at).strftime("%H:%M") for at in (hold.starts_at, hold.ends_at)))


async def _holds_there(prepared: list[Prepared]) -> list[dict[str, Any]]:
    """Every hold on the rooms of the import from its first date on, and who has it."""
    room_ids = sorted({room_id for one in prepared for room_id in one.holds})
    starts = [hold.starts_at for one in prepared for holds in one.holds.values() for hold in holds]
    if not starts:
        return []
    owners = {
        row["room_booking_id"]: f"{row['title']} ({row['code']})"
        for row in await db.rows(
            "SELECT s.room_booking_id, r.title, r.code FROM session s JOIN run r ON r.id = s.run_id"
            " WHERE s.room_booking_id IS NOT NULL AND s.ends_at > $1",
            min(starts),
        )
    }
    return [
        row | {"owner": owners.get(row["room_booking_id"]) or OWNERS.get(row["kind"], "another booking")}
        for row in await holding.taken_from(room_ids, min(starts))
    ]


async def _changes(
    prepared: list[Prepared],
    known: checking_series.Known,
    rooms: dict[UUID, Row],
    before: SessionsBefore,
    findings: Findings,
) -> Runs:
    result = Runs()
    families = await importing_sessions.families_on([session for one in prepared for session in one.dates.gone])
    for one in prepared:
        _warn_of_families(one, families, findings)
        if one.run_before and one.run_before["state"] == "cancelled":
            findings.warn(one.row, "series_id", "Staff cancelled this run, so it gets no new dates.")
        result.runs.compare(one.run_before, one.run)
        for pair in one.pairs:
            importing_sessions.file_session(pair, rooms, before, result.sessions)
        importing_sessions.file_gone(one.dates.gone, families, before, result.sessions)
        importing_sessions.file_skips(one.run["id"], one.dates, before, result.sessions)
    return result


async def follow_places(locations: Sequence[Row]) -> None:
    """Runs follow their place, also those that are not in the import: to another hub, and out of sight (promise P5)."""
    for location in locations:
        for table in ("run", "session"):
            sql = f'UPDATE "{table}" SET hub_id = $2 WHERE location_id = $1 AND hub_id <> $2'
            await db.execute(sql, location["id"], location["hub_id"])
        if location["is_restricted"]:
            await _hide(
                await db.rows("SELECT id FROM run WHERE location_id = $1 AND NOT is_restricted", location["id"])
            )


async def _hide(runs: list[dict[str, Any]]) -> None:
    hidden = "UPDATE run SET is_restricted = $2, is_listed = $3, search_words = '', slug = $4 WHERE id = $1"
    for run in runs:
        await db.execute(hidden, run["id"], True, False, hidden_slug(run["id"]))
        await db.execute("UPDATE session SET is_listed = $2 WHERE run_id = $1", run["id"], False)


def _moves(there: Row, wanted: Row) -> bool:
    return wanted["sequence"] > there["sequence"]


def _warn_of_families(one: Prepared, families: Mapping[UUID, int], findings: Findings) -> None:
    kept = [session for session in one.dates.gone if session["id"] in families]
    for session in kept[:3]:
        day, n = words.day_words(session["date"]), families[session["id"]]
        who = (
            f"{n} {'families have' if n > 1 else 'family has'} booked"
            if n
            else "its register or waiting list is in use"
        )
        findings.warn(
            one.row,
            "last_date",
            f"{day} is no longer in the rule, but {who}. It is kept; cancel it on its page.",
        )
    if len(kept) > 3:
        findings.warn(one.row, "last_date", f"{len(kept) - 3} more dates with families are kept.")
    on_run = one.run_before["taken"] if one.run_before else 0
    booked = [there for there, wanted in one.pairs if there and (there["taken"] or on_run) and _moves(there, wanted)]
    if booked:
        dates = words.count_words(len(booked), "date that families have booked", "dates that families have booked")
        findings.warn(
            one.row, "start", f"{dates} will be at another time or place. The import tells nobody: please do."
        )
    new = [wanted["date"] for there, wanted in one.pairs if there is None] if on_run else []
    if new:
        dates = words.count_words(len(new), "new date", "new dates")
        findings.warn(
            one.row,
            "last_date",
            f"Families have booked this course, and it gets {dates}, first {words.day_words(new[0])}. "
            "Families are not told of a new date by an import: please do.",
        )
    if one.row.places < one.run["places"]:
        findings.warn(one.row, "capacity", f"{one.run['places']} places are taken already, so it keeps that many.")
