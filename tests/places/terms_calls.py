"""How the verbs that keep bank holidays and term calendars are called, for the walk through all verbs (tests/test_trail.py)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from booking import clock, db
from booking.places import keeping_bank_holidays, keeping_terms, term_lines
from booking.places.term_lines import TermLine
from booking.programmes.changes import calendar_changes, following_terms, undoing_terms
from booking.programmes.changes.calendar_changes import TermDates


def _day() -> Any:
    return clock.today() + timedelta(days=40)


def _election() -> TermLine:
    return TermLine(term_lines.year_of(_day()), "election", "spring", _day(), _day())


async def _add_holiday(by: Any) -> None:
    await keeping_bank_holidays.add(day=_day(), title="State funeral", by=by)


async def _remove_holiday(by: Any) -> None:
    await _add_holiday(by)
    await keeping_bank_holidays.remove(day=_day(), by=by)


async def _change(by: Any, lines: Sequence[TermLine] | None = None, seen: int = 0) -> int:
    return await keeping_terms.change(
        "Dorset", [_election()] if lines is None else lines, seen=seen, why="Elections", by=by
    )


async def _take_back(by: Any) -> None:
    undoing = await TermDates("Dorset", (_election(),), 0, "Elections").make(by)
    await calendar_changes.take_back(undoing, by=by)


async def _apply(by: Any) -> Any:
    wanted = TermDates("Dorset", (_election(),), 0, "Elections")
    return await following_terms.apply(wanted, (), by=replace(by, kinds=frozenset({"county_admin"})), undo_minutes=10)


async def _after(verb: Any, by: Any) -> None:
    await verb(event_id=(await _apply(by)).event_id, by=by)


async def _import(by: Any) -> None:
    """It is a version; the event is the import's own."""
    await _change(by)
    await db.execute("DELETE FROM term_date")
    await keeping_terms.note_import(["Dorset"], by=by)


CALLS = {  # verb: its event, and how it is called with (session, run, by)
    "keeping_bank_holidays.add": ("add bank holiday", lambda s, r, by: _add_holiday(by)),
    "keeping_bank_holidays.remove": ("remove bank holiday", lambda s, r, by: _remove_holiday(by)),
    "keeping_terms.change": ("change term calendar", lambda s, r, by: _change(by)),
    "keeping_terms.note_import": ("change term calendar", lambda s, r, by: _import(by)),
    "calendar_changes.take_back": ("change term calendar", lambda s, r, by: _take_back(by)),
    "following_terms.apply": ("runs follow calendar", lambda s, r, by: _apply(by)),
    "undoing_terms.undo": ("undo runs follow calendar", lambda s, r, by: _after(undoing_terms.undo, by)),
}
# a draft that follows leaves the event of its change; what is sent now leaves "send now", as everywhere
LOOKING = {"following_terms.preview", "follow_drafts.change", "follow_drafts.undo", "undoing_terms.send_now"}
COUNTY_WIDE = {
    "add bank holiday",
    "remove bank holiday",
    "change term calendar",
    "runs follow calendar",
    "undo runs follow calendar",
}
