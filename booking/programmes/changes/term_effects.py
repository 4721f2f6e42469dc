"""What a change of a term calendar means for runs: dates that would now be left out, and dates that become possible again.

Only looking: nothing follows a calendar by itself (following_terms.py does what the planner ticks).
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places.term_calendar import TermCalendar
from booking.programmes.registers.registering import as_json

Row = dict[str, Any]
Calendars = Mapping[str, TermCalendar]
RUN = (
    "r.id AS run_id, r.title, r.state AS run_state, r.booking_mode, r.weekday, r.start_time, r.end_time, r.frequency,"
    " r.planned_sessions, r.rule, r.is_term_time_only, r.creche_run_id, r.hub_id, r.room_id, l.name AS location_name, l.area,"
    " (r.is_restricted OR l.is_restricted) AS is_restricted"
)
OF_AREA = "JOIN location l ON l.id = r.location_id"


@dataclass(frozen=True, slots=True)
class LostDate:
    """A date to come that the new calendar leaves out. families: booked on this date alone."""

    session_id: UUID
    day: date
    why: str
    families: int


@dataclass(frozen=True, slots=True)
class RunEffect:
    """One run with what the change means for it. families: booked on the whole run or on one of the lost dates.
    again: dates left out so far that could now be held, with the reason that goes."""

    run: Row
    lost: tuple[LostDate, ...]
    again: tuple[tuple[date, str], ...]
    families: int

    @property
    def id(self) -> UUID:
        return self.run["run_id"]

    @property
    def is_draft(self) -> bool:
        return self.run["run_state"] == "draft"

    @property
    def counts_held(self) -> bool:
        """Whether it was planned as so many held sessions, so that a lost date is one too few."""
        rule = self.run["rule"]
        return bool(rule["held_sessions"]) if rule else bool(self.run["planned_sessions"])

    @property
    def mark(self) -> str:
        """Names the run and what was seen of it: another date makes another mark."""
        seen = " ".join(sorted(f"{each.session_id}{each.day}" for each in self.lost))
        return f"{self.id}:{hashlib.sha256(seen.encode()).hexdigest()[:10]}"


@dataclass(frozen=True, slots=True)
class Effects:
    """hidden: runs that only their own staff see, which stay as they are."""

    runs: tuple[RunEffect, ...]
    hidden: int = 0

    def of_state(self, state: str) -> list[RunEffect]:
        return [run for run in self.runs if run.run["run_state"] == state]


async def effects_of(before: Calendars, after: Calendars, areas: Sequence[str] | None, *, to: Who) -> Effects:
    """By run, in the order of its first such date. `areas` None: all. Four queries, however many runs there are."""
    changed = _changed_days(before, after)
    if not changed:
        return Effects(())
    first, last = max(min(changed), clock.today()), max(changed)
    there = f"l.area IN {db.in_list(areas, 3)}" if areas is not None else "TRUE"
    span = (first, last, *(areas or ()))
    sessions = await _sessions(there, span)
    skips = await _skips(there, span)
    families = await _families(there, span)
    found = _gather(sessions, skips, families, before, after)
    seen = [each for each in found if _may_see(to, each.run)]
    return Effects(tuple(seen), len(found) - len(seen))


def _changed_days(before: Calendars, after: Calendars) -> list[date]:
    """Days that one of the two leaves out and the other does not, for one sort of timetable or the other."""
    days: set[int] = set()
    for area in {*before, *after}:
        for term_time_only in (True, False):
            was = _calendar(before, area).left_out(term_time_only=term_time_only)
            now = _calendar(after, area).left_out(term_time_only=term_time_only)
            days |= was.keys() ^ now.keys()
    return [date.fromordinal(day) for day in sorted(days)]


def _calendar(calendars: Calendars, area: str) -> TermCalendar:
    return calendars.get(area) or calendars.get("") or TermCalendar(area)


async def _sessions(there: str, span: tuple[Any, ...]) -> list[Row]:
    return await db.rows(
        f"SELECT s.id AS session_id, s.date, {RUN} FROM session s JOIN run r ON r.id = s.run_id {OF_AREA}"
        " WHERE s.date >= $1 AND s.date <= $2 AND s.state IN ('planned', 'draft') AND r.state IN ('draft', 'published')"
        f" AND {there} ORDER BY s.date, s.start_time, s.id",
        *span,
    )


async def _skips(there: str, span: tuple[Any, ...]) -> list[Row]:
    return await db.rows(
        f"SELECT k.date, k.reason, {RUN} FROM skip k JOIN run r ON r.id = k.run_id {OF_AREA} WHERE k.date >= $1"
        f" AND k.date <= $2 AND r.state IN ('draft', 'published') AND r.booking_mode <> 'linked' AND {there} ORDER BY k.date",
        *span,
    )


async def _families(there: str, span: tuple[Any, ...]) -> dict[UUID, int]:
    """Booked, by session or by run."""
    rows = await db.rows(
        "SELECT COALESCE(b.session_id, b.run_id) AS id, COUNT(DISTINCT b.family_id) AS families FROM booking b"
        f" JOIN run r ON r.id = b.run_id {OF_AREA} LEFT JOIN session s ON s.id = b.session_id"
        " WHERE b.state = 'booked' AND r.last_date >= $1 AND (s.id IS NULL OR (s.date >= $1 AND s.date <= $2))"
        f" AND {there} GROUP BY COALESCE(b.session_id, b.run_id)",
        *span,
    )
    return {row["id"]: row["families"] for row in rows}


def _gather(
    sessions: Sequence[Row], skips: Sequence[Row], families: Mapping[UUID, int], before: Calendars, after: Calendars
) -> list[RunEffect]:
    runs: dict[UUID, Row] = {}
    lost: dict[UUID, list[LostDate]] = defaultdict(list)
    again: dict[UUID, list[tuple[date, str]]] = defaultdict(list)
    for row in sessions:
        was, now = _reasons(row, before), _reasons(row, after)
        if now and not was:
            runs[row["run_id"]] = row
            lost[row["run_id"]].append(
                LostDate(row["session_id"], row["date"], "; ".join(now), families.get(row["session_id"], 0))
            )
    for row in skips:
        was, now = _reasons(row, before), _reasons(row, after)
        if was and not now and set(row["reason"].split("; ")) <= set(was):
            runs[row["run_id"]] = row
            again[row["run_id"]].append((row["date"], row["reason"]))
    return _without_creches(runs, lost, again, families)


def _without_creches(
    runs: Mapping[UUID, Row],
    lost: Mapping[UUID, list[LostDate]],
    again: Mapping[UUID, list[tuple[date, str]]],
    families: Mapping[UUID, int],
) -> list[RunEffect]:
    """The creche of a course that loses dates goes with it, and is no line of its own."""
    with_course = {run["creche_run_id"] for id, run in runs.items() if run["creche_run_id"] and id in lost}
    found = []
    for id, run in runs.items():
        if id in with_course:
            continue
        found.append(
            RunEffect(
                _readable(run),
                tuple(lost.get(id, ())),
                tuple(again.get(id, ())),
                families.get(id, 0) + sum(each.families for each in lost.get(id, ())),
            )
        )
    return sorted(found, key=lambda each: (min(_days(each)), each.run["title"], str(each.id)))


def _days(effect: RunEffect) -> list[date]:
    return [each.day for each in effect.lost] + [day for day, _ in effect.again]


def _reasons(row: Row, calendars: Calendars) -> tuple[str, ...]:
    return _calendar(calendars, row["area"]).reasons(row["date"], term_time_only=bool(row["is_term_time_only"]))


def _readable(run: Row) -> Row:
    return run | {"rule": as_json(run["rule"])}


def _may_see(who: Who, run: Row) -> bool:
    return who.works_at(run["hub_id"]) if run["is_restricted"] else who.may_act_at(run["hub_id"])
