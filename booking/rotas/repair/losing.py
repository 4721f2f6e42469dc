"""Taking somebody out of their duties so that it can be put back row for row."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import clock, db
from booking.guards import DUTY_OVERLAP
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import assigning
from booking.rotas.loading import Layer
from booking.rotas.models import Assignment
from booking.words import clock_time, short_day

Row = Mapping[str, Any]
KEPT = ("id", "layer", "is_pinned", "source", "answer", "answer_words", "answered_at", "overridden", "override_reason",
        "override_by_id", "sequence", "made_at", "made_by_id")  # fmt: skip


async def rows_of(shift_ids: Collection[UUID], staff_id: UUID) -> list[dict[str, Any]]:
    """Their assignments in these shifts, in both layers."""
    ids = list(shift_ids)
    if not ids:
        return []
    return await db.rows(
        f"SELECT * FROM assignment WHERE staff_id = $1 AND shift_id IN {db.in_list(ids, 2)} ORDER BY starts_at, id",
        staff_id,
        *ids,
    )


async def take_out(held: Sequence[Row], *, by: Who | None, why: str) -> None:
    """Nobody is in these any more, in the layers in which these rows are: a draft in which somebody else is planned already stays."""
    layers: dict[UUID, set[str]] = {}
    for row in held:
        layers.setdefault(row["shift_id"], set()).add(row["layer"])
    for some in (assigning.BOTH, ("draft",), ("published",)):
        wanted = {id: None for id, own in layers.items() if own == set(some)}
        chosen: tuple[Layer, ...] = some  # type: ignore[assignment]
        await assigning.put(wanted, by=by, layers=chosen, source="repair", reason=why)


def plain(held: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as JSON."""
    return [{"shift_id": str(row["shift_id"])} | {name: _text(row[name]) for name in KEPT} for row in held]


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value


async def refuse_changed(held: Sequence[Row]) -> None:
    """Raises Refused where one of the shifts of these rows has begun, is cancelled, or has somebody in it in that layer by now: one
    Problem for each."""
    ids = sorted({UUID(row["shift_id"]) for row in held})
    if not ids:
        return
    rows = await db.rows(
        "SELECT s.id, s.state, s.starts_at, a.layer, f.known_as FROM shift s LEFT JOIN assignment a ON a.shift_id = s.id"
        f" LEFT JOIN staff_profile f ON f.id = a.staff_id WHERE s.id IN {db.in_list(ids)} ORDER BY s.starts_at, s.id",
        *ids,
    )
    ours = {(UUID(row["shift_id"]), row["layer"]) for row in held}
    words = [_since(row | {"known_as": row["known_as"] if (row["id"], row["layer"]) in ours else ""}) for row in rows]
    if any(words):
        raise Refused([Problem(each, rule="changed") for each in dict.fromkeys(filter(None, words))])


def _since(row: Row) -> str:
    when = f"{short_day(clock.local(row['starts_at']).date())}, {clock_time(row['starts_at'])}"
    if row["state"] != "open":
        return f"The duty of {when} has been cancelled since."
    if row["starts_at"] <= clock.now():
        return f"The duty of {when} has begun."
    return f"{row['known_as']} has the duty of {when} by now." if row["known_as"] else ""


async def put_back(held: Sequence[Row], staff_id: UUID) -> None:
    """Writes the rows again as they were. Raises Refused where they have another duty at that time by now."""
    ids = sorted({UUID(row["shift_id"]) for row in held})
    if not ids:
        return
    found = await db.rows(f"SELECT id, starts_at, ends_at FROM shift WHERE id IN {db.in_list(ids)}", *ids)
    shifts = {row["id"]: row for row in found}
    new = [Assignment(**_as_it_was(row), staff_id=staff_id, **_times(shifts[UUID(row["shift_id"])])) for row in held]
    try:
        await db.write_new(new)
    except IntegrityError as error:
        if DUTY_OVERLAP not in db.broken_guard(error):
            raise
        raise Refused([assigning.TWICE]) from error


def _as_it_was(row: Row) -> dict[str, Any]:
    ids = {name: UUID(row[name]) if row[name] else None for name in ("id", "shift_id", "override_by_id", "made_by_id")}
    at = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in ("answered_at", "made_at")}
    return dict(row) | ids | at


def _times(shift: Row) -> dict[str, Any]:
    return {"starts_at": shift["starts_at"], "ends_at": shift["ends_at"]}
