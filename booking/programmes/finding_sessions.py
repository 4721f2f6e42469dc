"""Staff find a session: by words, hub and dates, a page at a time."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.programmes.staff_lists import COLUMNS, HAS_BOOKINGS, PAGE, TABLES, Line, line_of, within

STATES = ("", "planned", "cancelled", "open_register")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; None and "" mean anything."""

    words: str = ""
    hub_id: UUID | None = None
    first_date: date | None = None
    last_date: date | None = None
    state: str = ""
    page: int = 1


async def find(who: Who, wanted: Wanted) -> tuple[list[Line], bool]:
    """One page of sessions by time, and whether there are more. Words find restricted ones for staff of them alone."""
    conditions, parameters = _conditions(who, wanted)
    newest_first = " DESC" if wanted.state == "open_register" else ""
    found = await db.rows(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE {' AND '.join(conditions)}"
        f" ORDER BY s.starts_at{newest_first}, s.id LIMIT {PAGE + 1} OFFSET {(wanted.page - 1) * PAGE}",
        *parameters,
    )
    now = clock.now()
    return [line_of(row, who, now) for row in found[:PAGE]], len(found) > PAGE


def _conditions(who: Who, wanted: Wanted) -> tuple[list[str], list[Any]]:
    parameters: list[Any] = []

    def given(value: Any) -> str:
        parameters.append(value)
        return f"${len(parameters)}"

    scope, hubs = within(who, 1, hub_id=wanted.hub_id)
    parameters.extend(hubs)
    conditions = [scope, "s.state <> 'draft'"]
    first = wanted.first_date
    if wanted.state == "open_register":
        conditions.append(
            f"s.state = 'planned' AND s.register_done_at IS NULL AND s.ends_at < {given(clock.now())}"
            f" AND (r.booking_mode = 'drop_in' OR {HAS_BOOKINGS})"
        )
        first = first or clock.today() - timedelta(days=28)
    elif wanted.state:
        conditions.append(f"s.state = {given(wanted.state)}")
    if first:
        conditions.append(f"s.date >= {given(first)}")
    if wanted.last_date:
        conditions.append(f"s.date <= {given(wanted.last_date)}")
    if wanted.words or (wanted.hub_id and who.is_admin):
        conditions.append(_may_be_found(who, given))
    for word in wanted.words.lower().split()[:6]:
        like = f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        conditions.append(f"r.search_words LIKE {given(like)} ESCAPE '!'")
    return conditions, parameters


def _may_be_found(who: Who, given: Any) -> str:
    """Nobody learns from a search that a restricted session has a word in its title, or where it is."""
    own = sorted(who.role_hubs)
    public = f"(r.is_restricted = {given(False)} AND l.is_restricted = {given(False)})"
    return f"({public} OR s.hub_id IN ({', '.join(given(hub) for hub in own)}))" if own else public
