"""Managers keep what opening hours need: added, changed, ended, and taken back. The shifts follow in the same act, so that a preview
is the act itself, taken back."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, cells, clock, db
from booking.looking import look
from booking.people.signing_in import Who
from booking.places.typed import Field, dates_in_order, read_typed
from booking.problems import Problem, Refused
from booking.rotas import following
from booking.rotas.needs import reading
from booking.rotas.needs.writing import Counted
from booking.words import short_day

Row = dict[str, Any]
VERBS = ("add cover need", "change cover need", "end cover need")
COLUMNS = ("name", "weekdays", "start", "end", "people", "skills", "skilled", "first_date", "last_date")
FIELDS = (
    Field("name", cells.text(80), must="Give it a name, such as Morning."),
    Field("start", cells.wall_time, must="Say from when."),
    Field("end", cells.wall_time, must="Say until when."),
    Field("people", cells.whole(1, 20), must="Say how many people."),
    Field("skilled", cells.whole(1, 20), 1),
    Field("first_date", cells.day),
    Field("last_date", cells.day),
)
NOT_YOURS = Problem("Managers of this hub keep what it needs.", rule="managers")
GONE = Problem("This is not there any more.", rule="gone")
SAME = Problem("This place has the same need already.", "name", rule="twice")
NO_DAYS = Problem("Choose the days of the week.", "weekdays", rule="missing")
BACKWARDS = Problem("It ends before it begins.", "end", rule="order")
MORE_SKILLED = Problem("More are to have the skills than come at all.", "skilled", rule="order")
NOT_LAST = Problem("It has been changed again since, so this cannot be undone.", rule="changed")


@dataclass(frozen=True, slots=True)
class Done:
    """What became of the shifts; affected: (name, when) of published people who lose or get a duty or whose duty moves."""

    id: UUID
    event_id: UUID
    counted: Counted
    affected: tuple[tuple[str, str], ...] = ()


def read(typed: Mapping[str, str], weekdays: Collection[str], skills: Collection[str]) -> tuple[Row, list[Problem]]:
    """The columns of a need, and what is wrong with what was typed. Pure."""
    facts, problems = read_typed(FIELDS, typed)
    facts["weekdays"] = "".join(sorted({each for each in weekdays if each in tuple("0123456")}))
    facts["skills"] = " ".join(sorted(skills))
    if not facts["weekdays"]:
        problems.append(NO_DAYS)
    if facts.get("start") and facts.get("end") and facts["end"] <= facts["start"]:
        problems.append(BACKWARDS)
    if skills and facts.get("people") and facts.get("skilled", 1) > facts["people"]:
        problems.append(MORE_SKILLED)
    return facts, [*problems, *dates_in_order(facts, "first_date", "last_date")]


async def save(facts: Row, *, location_id: UUID, by: Who, terms: following.Terms, need_id: UUID | None = None) -> Done:
    """Adds a need of the place, or makes one as the facts say. Raises Refused."""
    return await db.run_tx(lambda: _save(facts, location_id, by, terms, need_id))


async def preview(
    facts: Row, *, location_id: UUID, by: Who, terms: following.Terms, need_id: UUID | None = None
) -> Done:
    """What saving would do. Nothing stays of it."""
    return await look(lambda: _save(facts, location_id, by, terms, need_id))


async def end(need_id: UUID, *, by: Who, terms: following.Terms) -> Done:
    """It needs nobody any more: its shifts to come are cancelled. Twice is once. Raises Refused."""
    return await db.run_tx(lambda: _end(need_id, by, terms))


async def preview_end(need_id: UUID, *, by: Who, terms: following.Terms) -> Done:
    return await look(lambda: _end(need_id, by, terms))


async def undo(event_id: UUID, *, by: Who, terms: following.Terms) -> UUID:
    """Takes the last change of a need back, as long as it can be; returns the location. Raises Refused."""

    async def body() -> UUID:
        event = await db.row(
            "UPDATE audit_event SET undone_at = $2 WHERE id = $1 AND undone_at IS NULL AND undo_until > $2"
            f" AND verb IN {db.in_list(VERBS, 3)} RETURNING about_id, verb, before, after",
            event_id, clock.now(), *VERBS,
        )  # fmt: skip
        if event is None:
            raise Refused([NOT_LAST])
        need = await _locked(event["about_id"], by)
        before, after = (_values(event[name]) for name in ("before", "after"))
        if _plain(need) != after:
            raise Refused([NOT_LAST])
        await _update(need["id"], before or after | {"ended_at": clock.now().isoformat()})
        await audit.record(
            "undo cover need", about_kind="cover_need", about_id=need["id"], by=by, hub_id=need["hub_id"],
            before=after, after=before,
        )  # fmt: skip
        await following.follow_cover([need["location_id"]], terms)
        return need["location_id"]

    return await db.run_tx(body)


async def _save(facts: Row, location_id: UUID, by: Who, terms: following.Terms, need_id: UUID | None) -> Done:
    hub_id = await _hub_of(location_id, by)
    before = await _locked(need_id, by) if need_id else None
    twin = await db.row(
        'SELECT id FROM cover_need WHERE location_id = $1 AND weekdays = $2 AND start = $3 AND "end" = $4 AND name = $5'
        " AND ended_at IS NULL",
        location_id, facts["weekdays"], facts["start"], facts["end"], facts["name"],
    )  # fmt: skip
    if twin and twin["id"] != need_id:
        raise Refused([SAME])
    if before is not None:
        await _update(before["id"], facts)
        return await _done(
            before["id"], location_id, VERBS[1], _plain(before), _plain(before | facts), by, hub_id, terms
        )
    id = db.new_id()
    columns = ("id", "location_id", *COLUMNS)
    await db.insert_many("cover_need", columns, [(id, location_id, *(facts[name] for name in COLUMNS))])
    return await _done(id, location_id, VERBS[0], None, _plain(facts | {"ended_at": None}), by, hub_id, terms)


async def _end(need_id: UUID, by: Who, terms: following.Terms) -> Done:
    before = await _locked(need_id, by)
    if before["ended_at"] is not None:
        raise Refused([GONE])
    after = before | {"ended_at": clock.now()}
    await _update(need_id, {"ended_at": after["ended_at"]})
    return await _done(
        need_id, before["location_id"], VERBS[2], _plain(before), _plain(after), by, before["hub_id"], terms
    )


async def _done(
    id: UUID,
    location_id: UUID,
    verb: str,
    before: Row | None,
    after: Row,
    by: Who,
    hub_id: UUID,
    terms: following.Terms,
) -> Done:
    event_id = await audit.record(
        verb, about_kind="cover_need", about_id=id, by=by, hub_id=hub_id, before=before, after=after,
        undo_until=terms.undo_until,
    )  # fmt: skip
    counted = await following.follow_cover([location_id], terms)
    return Done(id, event_id, counted, await _affected(counted))


async def _affected(counted: Counted) -> tuple[tuple[str, str], ...]:
    ids = sorted({each.shift_id for each in counted.changes})
    if not ids:
        return ()
    _, names = await reading.known_people()
    rows = await db.rows(f"SELECT id, date, start_time FROM shift WHERE id IN {db.in_list(ids)}", *ids)
    days = {row["id"]: (row["date"], row["start_time"]) for row in rows}
    found = sorted(
        (days[each.shift_id], names[who])
        for each in counted.changes
        for who in {each.before, each.after}
        if who is not None
    )
    return tuple((name, short_day(day)) for (day, _), name in found)


async def _hub_of(location_id: UUID, by: Who) -> UUID:
    hub_id = await db.value("SELECT hub_id FROM location WHERE id = $1", location_id)
    if hub_id is None or not by.manages(hub_id):
        raise Refused([NOT_YOURS])
    return hub_id


async def _locked(need_id: UUID, by: Who) -> Row:
    lock = " FOR NO KEY UPDATE OF n" if db.is_postgres() else ""
    row = await db.row(f"{reading.NEEDS} WHERE n.id = $1{lock}", need_id)
    if row is None:
        raise Refused([GONE])
    await _hub_of(row["location_id"], by)
    return row


async def _update(need_id: UUID, values: Row) -> None:
    names = [name for name in (*COLUMNS, "ended_at") if name in values]
    sets = ", ".join(f'"{name}" = ${n}' for n, name in enumerate(names, 2))
    typed = {name: _typed(name, values[name]) for name in names}
    await db.execute(f"UPDATE cover_need SET {sets} WHERE id = $1", need_id, *(typed[name] for name in names))


def _plain(row: Row) -> Row:
    """As the trail keeps it."""
    values = {name: row.get(name) for name in (*COLUMNS, "ended_at")}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _values(stored: Any) -> Row:
    found = json.loads(stored) if isinstance(stored, str) else stored
    return found or {}


def _typed(name: str, value: Any) -> Any:
    if isinstance(value, str) and name.endswith("_date"):
        return cells.day(value)
    return datetime.fromisoformat(value) if isinstance(value, str) and name == "ended_at" else value


def terms_of(weeks_ahead: int, undo_minutes: int = 0) -> following.Terms:
    """How a change by hand follows: what it tells people leaves when it cannot be undone any more."""
    now = clock.now()
    return following.Terms(weeks_ahead, frozenset(), now, undo_until=now + timedelta(minutes=undo_minutes))
