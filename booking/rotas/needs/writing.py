"""Writes what following decided: shifts, who is in them, the names on pages, the trail, and what people are told. One transaction of
the caller's; a fixed number of statements whatever the sizes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import audit, db
from booking.changes import Changes
from booking.rotas import telling
from booking.rotas.assigning import Change, in_tx_lock
from booking.rotas.duties import overtaken
from booking.rotas.models import Assignment, Shift
from booking.rotas.needs import naming, reading
from booking.rotas.needs.matching import Step
from booking.rotas.needs.placing import LAYERS, Seat, keeping, seated

Row = dict[str, Any]
BY_NAME = "Following the timetable"


@dataclass(slots=True)
class Counted:
    """How many shifts were made, moved, cancelled and brought back, and how many people lost or got one."""

    made: int = 0
    moved: int = 0
    gone: int = 0
    back: int = 0
    people: int = 0
    changes: list[Change] = field(default_factory=list)
    """What it means for published people, those whose shift moves included."""

    def add(self, other: "Counted") -> None:
        self.made += other.made
        self.moved += other.moved
        self.gone += other.gone
        self.back += other.back
        self.people += other.people
        self.changes += other.changes

    def __str__(self) -> str:
        parts = (
            (self.made, "made"), (self.moved, "moved"), (self.gone, "cancelled"), (self.back, "back"),
        )  # fmt: skip
        words = ", ".join(f"{count} {word}" for count, word in parts if count)
        people = f"; {self.people} people in or out" if self.people else ""
        return f"shifts: {words or 'none changed'}{people}" if words or people else ""


@dataclass(slots=True)
class Decided:
    """What becomes of the people in the shifts of the steps."""

    seats: list[Seat] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    page_names: list[tuple[Row, str]] = field(default_factory=list)
    """shift -> the name that its session's page is to have."""


async def apply(
    steps: Sequence[Step],
    known: Mapping[str, UUID],
    names: Mapping[UUID, str],
    now: datetime,
    *,
    tells: bool = True,
    undo_until: datetime | None = None,
) -> tuple[Counted, list[tuple[Row, str]]]:
    """What was done, and names to write on sessions' pages."""
    people = await reading.assignments_of([step.id for step in steps if step.before])
    decided = decide(steps, people, known, names)
    before = {id: row["published"]["staff_id"] for id, row in people.items() if "published" in row}
    await in_tx_lock([], [*{seat.staff_id for seat in decided.seats}, *{row["staff_id"] for row in decided.removed}])
    fit, out = seated(decided.seats, await _taken(decided))
    decided.page_names += _say_who_is_out(steps, out, names)
    after = dict(before)
    for row in decided.removed:
        if row["layer"] == "published":
            after.pop(row["shift_id"], None)
    after |= {seat.shift_id: seat.staff_id for seat in fit if "published" in seat.layers}
    counted = await _write_shifts(steps, after, now)
    await _write_people(decided.removed, fit, now)
    counted.changes = changes = list(_changes(steps, before, after))
    counted.people = sum(each.before != each.after for each in changes)
    await _close_what_was_asked(steps, before, after, now)
    await _record(steps, before, after)
    if changes and tells:
        words = _common_words(steps, {each.shift_id for each in changes})
        await telling.tell(changes, by=None, words=words, undo_until=undo_until)
    return counted, decided.page_names


def decide(
    steps: Iterable[Step],
    people: Mapping[UUID, Mapping[str, Row]],
    known: Mapping[str, UUID],
    names: Mapping[UUID, str],
) -> Decided:
    """Who is taken out, who goes on and who gets in. Also fills `named` and the state of the steps' rows. Pure but for that."""
    decided = Decided()
    for step in steps:
        rows = list(people.get(step.id, {}).values())
        ours = next((row["staff_id"] for row in rows if row["layer"] == "published"), None)
        if step.goes:
            decided.removed += rows
            if step.before is not None and step.before["state"] != "cancelled":
                step.after["named_staff_id"] = ours
            continue
        back = step.after["named_staff_id"] if step.comes_back else None
        merged = _merged(step, back or ours, known, names)
        if merged.puts or back:
            decided.removed += rows
            if merged.staff_id:
                decided.seats.append(_seat(step.after, merged.staff_id, "named"))
        elif step.moves_in_time:
            decided.removed += rows
            decided.seats += keeping(step.after, rows)
        if merged.writes is not None:
            decided.page_names.append((step.after, merged.writes))
        if merged.words:
            step.words = f"{step.words} {merged.words}".strip()
    return decided


def _merged(step: Step, ours: UUID | None, known: Mapping[str, UUID], names: Mapping[UUID, str]) -> naming.Merged:
    row = step.after
    if step.name is None:
        row["named_staff_id"] = None
        return naming.Merged(ours if ours in names else None, "")
    base = naming.Base(row["named"], row["named_staff_id"], row["state"] == "outside")
    merged = naming.merge(base, step.name, ours, known, names, may_write=row["kind"] != "appointment")
    row |= {
        "named": merged.name[:120] or (step.usual if merged.writes == "" else ""),
        "named_staff_id": merged.staff_id,
        "state": "outside" if merged.is_outside else "open",
    }
    return merged


def _seat(row: Row, staff_id: UUID, source: str) -> Seat:
    return Seat(row["id"], staff_id, LAYERS, row["starts_at"], row["ends_at"], source=source)


async def _taken(decided: Decided) -> list[Row]:
    """What the people of the seats do besides, around the time of all seats."""
    if not decided.seats:
        return []
    staff = sorted({seat.staff_id for seat in decided.seats})
    gone = {row["id"] for row in decided.removed}
    first, last = min(seat.starts_at for seat in decided.seats), max(seat.ends_at for seat in decided.seats)
    rows = await db.rows(
        "SELECT id, staff_id, layer, starts_at, ends_at FROM assignment WHERE ends_at > $1 AND starts_at < $2"
        f" AND staff_id IN {db.in_list(staff, 3)}",
        first, last, *staff,
    )  # fmt: skip
    return [row for row in rows if row["id"] not in gone]


def _say_who_is_out(steps: Sequence[Step], out: Sequence[Seat], names: Mapping[UUID, str]) -> list[tuple[Row, str]]:
    """Fills the steps' words. The page says no more that somebody leads who was published and is out; a name that it says itself
    stays."""
    by_id = {step.id: step for step in steps}
    pages = []
    for seat in out:
        step, who = by_id[seat.shift_id], names.get(seat.staff_id, "")
        said = f"{who} has another duty then and is out." if seat.was else f"{who} is named, but has another duty then."
        if said not in step.words:
            step.words = f"{step.words} {said}".strip()
        if step.after["named_staff_id"] != seat.staff_id:
            continue
        step.after["named_staff_id"] = None
        if seat.was and step.name is not None and step.after["kind"] != "appointment":
            step.after["named"] = step.usual
            pages.append((step.after, ""))
    return pages


async def _write_shifts(steps: Sequence[Step], after: Mapping[UUID, UUID], now: datetime) -> Counted:
    changes, counted = Changes(Shift), Counted()
    for step in steps:
        if step.words:
            step.after |= {"moved_words": step.words[:300], "moved_at": now}
        changes.compare(step.before, step.after)
        counted.made += step.before is None
        counted.back += step.comes_back
        counted.gone += step.goes and step.before is not None and step.before["state"] != "cancelled"
        counted.moved += step.moves and not step.goes and not step.comes_back
    await changes.write()
    return counted


async def _write_people(removed: Sequence[Row], fit: Sequence[Seat], now: datetime) -> None:
    changes = Changes(Assignment, gone=[row["id"] for row in removed])
    for seat in fit:
        was = {row["layer"]: row for row in seat.was}
        for layer in seat.layers:
            own = {"shift_id": seat.shift_id, "staff_id": seat.staff_id, "layer": layer}
            times = {"starts_at": seat.starts_at, "ends_at": seat.ends_at}
            kept = was.get(layer)
            if kept:
                kept = kept | {"answer": "", "answered_at": None, "sequence": kept["sequence"] + 1}
            new = {"source": seat.source, "made_at": now}
            changes.compare(None, (kept or new) | own | times)
    await changes.delete()
    changes.gone = []
    for row in changes.new:
        row.setdefault("id", db.new_id())
    await changes.write()


def _changes(steps: Iterable[Step], before: Mapping[UUID, UUID], after: Mapping[UUID, UUID]) -> Iterable[Change]:
    for step in steps:
        was, now = before.get(step.id), after.get(step.id)
        if was != now or (was and step.moves):
            yield Change(step.id, was, now)


def _common_words(steps: Iterable[Step], told: set[UUID]) -> str:
    """What managers read of them, where that is the same of all."""
    said = {step.words for step in steps if step.id in told}
    return said.pop() if len(said) == 1 else ""


async def _close_what_was_asked(
    steps: Iterable[Step], before: Mapping[UUID, UUID], after: Mapping[UUID, UUID], now: datetime
) -> None:
    """Swaps of duties that moved or went are void; nobody is asked any more for what is gone."""
    touched = sorted(
        step.id
        for step in steps
        if step.before and (step.goes or step.moves or before.get(step.id) != after.get(step.id))
    )
    if not touched:
        return
    await overtaken.end_all(touched)
    gone = sorted(step.id for step in steps if step.before and step.goes)
    if gone:
        await db.execute(
            f"UPDATE cover_ask SET state = 'closed', answered_at = $1 WHERE state = 'asked' AND shift_id IN {db.in_list(gone, 2)}",
            now, *gone,
        )  # fmt: skip


async def _record(steps: Iterable[Step], before: Mapping[UUID, UUID], after: Mapping[UUID, UUID]) -> None:
    """What happened to shifts that were there. A new one says itself when it was made."""
    lines = []
    for step in steps:
        was, now = before.get(step.id), after.get(step.id)
        if step.before is None and not now:
            continue
        if not (step.words or was != now):
            continue
        row = step.before or step.after
        lines.append(
            audit.Line(
                "follow shift", "shift", step.id, hub_id=step.after["hub_id"], by_name=BY_NAME, why=step.words,
                before=_when(row) | {"staff": str(was) if was else None},
                after=_when(step.after) | {"staff": str(now) if now else None},
            )
        )  # fmt: skip
    await audit.record_many(lines)


def _when(row: Row) -> dict[str, str]:
    return {name: row[name].isoformat() for name in ("starts_at", "ends_at")}
