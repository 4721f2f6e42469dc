"""Who does which shift: giving, taking away, exchanging, pinning. The only writer of assignments besides publishing and following.

Whoever is given a duty is judged with their row locked, so that two managers cannot together break a rule that each of them keeps;
two duties at once are refused by the database whatever is judged here (promise P3).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, clock, db
from booking.guards import DUTY_OVERLAP
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import loading
from booking.rotas.judging import judged
from booking.rotas.loading import Layer
from booking.rotas.models import Assignment
from booking.rotas.seeing import read_by
from booking.rotas.values import Broken

DRAFT: tuple[Layer, ...] = ("draft",)
BOTH: tuple[Layer, ...] = ("draft", "published")
GONE = Problem("This shift is not there any more.", rule="gone")
BEGUN = Problem("This shift has begun; it stays as it is.", rule="begun")
TWICE = Problem("They have another duty at that time.", rule="double")
NOT_KNOWN = Problem("This person is not on the rota.", rule="unknown")


@dataclass(frozen=True, slots=True)
class Change:
    """One shift that another person does, or nobody, in one layer."""

    shift_id: UUID
    before: UUID | None
    after: UUID | None
    layer: Layer = "published"


async def in_tx_lock(shift_ids: Iterable[UUID], staff_ids: Iterable[UUID]) -> None:
    """Locks shifts, then people on the rota, each in the order of their ids: before people and messages. In a transaction."""
    if not db.is_postgres():
        return
    for table, ids in (("shift", sorted(set(shift_ids))), ("staff_profile", sorted(set(staff_ids)))):
        if ids:
            await db.rows(f"SELECT id FROM {table} WHERE id IN {db.in_list(ids)} ORDER BY id FOR NO KEY UPDATE", *ids)


async def preview(shift_id: UUID, staff_id: UUID, *, layer: Layer = "draft") -> list[Broken]:
    """What giving the shift to this person would break, as `assign` judges it; empty when all is well."""
    plan = await loading.around([shift_id], [staff_id], layer=layer)
    return judged(plan, {shift_id: staff_id})


async def assign(
    shift_id: UUID,
    staff_id: UUID,
    *,
    by: Who | None,
    layers: Sequence[Layer] = DRAFT,
    source: str = "hand",
    reason: str = "",
    is_pinned: bool | None = None,
) -> list[Broken]:
    """Gives the shift to this person; whoever was in it is taken out. Returns what it breaks all the same: soft rules, and hard ones
    that a manager set aside with a reason.

    Raises Refused: the shift is gone or has begun, two duties at once, or hard rules without a manager's reason (level
    needs_approval, one Problem for each).
    """
    return await db.run_tx(
        lambda: put({shift_id: staff_id}, by=by, layers=layers, source=source, reason=reason, is_pinned=is_pinned)
    )


async def unassign(
    shift_id: UUID, *, by: Who | None, layers: Sequence[Layer] = DRAFT, why: str = "", source: str = "hand"
) -> UUID | None:
    """Leaves the shift open; returns who was in it (of the published layer where that is changed), or None. Raises Refused like
    assign."""

    async def body() -> UUID | None:
        layer = "published" if "published" in layers else "draft"
        was = await db.value("SELECT staff_id FROM assignment WHERE shift_id = $1 AND layer = $2", shift_id, layer)
        await put({shift_id: None}, by=by, layers=layers, source=source, reason=why)
        return was

    return await db.run_tx(body)


async def exchange(
    shift_id: UUID,
    other_shift_id: UUID,
    *,
    by: Who | None,
    layers: Sequence[Layer] = DRAFT,
    reason: str = "",
    source: str = "hand",
) -> list[Broken]:
    """The people of two shifts change places; of an empty one, the other's person moves into it. Returns and raises as assign."""

    async def body() -> list[Broken]:
        ids = [shift_id, other_shift_id]
        layer = "published" if "published" in layers else "draft"
        rows = await db.rows(
            "SELECT shift_id, staff_id FROM assignment WHERE shift_id IN ($1, $2) AND layer = $3", *ids, layer
        )
        who = {row["shift_id"]: row["staff_id"] for row in rows}
        wanted = {shift_id: who.get(other_shift_id), other_shift_id: who.get(shift_id)}
        return await put(wanted, by=by, layers=layers, source=source, reason=reason)

    return await db.run_tx(body)


async def assign_many(
    pairs: Mapping[UUID, UUID | None], *, by: Who | None, source: str, layers: Sequence[Layer] = DRAFT
) -> list[Broken]:
    """A planner's result, all or nothing and judged anew. Raises Refused where a hard rule is broken, or a shift is gone, has begun
    or is pinned to somebody else."""
    return await db.run_tx(lambda: put(pairs, by=by, layers=layers, source=source, may_move_pinned=False))


async def pin(shift_id: UUID, is_pinned: bool, *, by: Who | None) -> None:
    """No planner moves what is pinned. Raises Refused where nobody is in the shift."""

    async def body() -> None:
        await in_tx_lock([shift_id], [])
        hub_id = await db.value(
            "UPDATE assignment SET is_pinned = $2 WHERE shift_id = $1 AND layer = 'draft'"
            " RETURNING (SELECT hub_id FROM shift WHERE shift.id = assignment.shift_id) AS hub_id",
            shift_id,
            is_pinned,
        )
        if hub_id is None:
            raise Refused([Problem("Nobody is in this shift yet.", rule="nobody")])
        await audit.record(
            "pin duty" if is_pinned else "unpin duty", about_kind="shift", about_id=shift_id, by=by, hub_id=hub_id
        )

    await db.run_tx(body)


async def put(
    wanted: Mapping[UUID, UUID | None],
    *,
    by: Who | None,
    layers: Sequence[Layer] = DRAFT,
    source: str = "hand",
    reason: str = "",
    is_pinned: bool | None = None,
    may_move_pinned: bool = True,
    by_name: str = "",
) -> list[Broken]:
    """The act behind every verb here, in the caller's transaction: all of `wanted` (shift -> person or nobody) or Refused."""
    if not wanted:
        return []
    people = sorted({who for who in wanted.values() if who})
    await in_tx_lock(wanted, people)
    shifts = await _shifts(wanted)
    _refuse_gone(shifts, wanted, may_move_pinned)
    found: list[Broken] = []
    for layer in layers:
        plan = await loading.around(list(wanted), people, layer=layer)
        if not {each.id for each in plan.workers}.issuperset(people):
            raise Refused([NOT_KNOWN])
        if judged(plan, wanted):
            found += judged(await read_by(plan, by), wanted)  # what is refused is said, and may be sent (promise P5)
    found = list(dict.fromkeys(found))
    _refuse_broken(found, shifts, by, reason)
    await _write(wanted, shifts, by, layers, source, reason, is_pinned, found, by_name)
    return found


async def _shifts(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = await db.rows(
        "SELECT s.id, s.hub_id, s.starts_at, s.ends_at, s.state, a.staff_id, a.is_pinned, p.staff_id AS published_staff_id,"
        " p.sequence FROM shift s LEFT JOIN assignment a ON a.shift_id = s.id AND a.layer = 'draft'"
        " LEFT JOIN assignment p ON p.shift_id = s.id AND p.layer = 'published'"
        f" WHERE s.id IN {db.in_list(list(ids))}",
        *ids,
    )
    return {row["id"]: row for row in rows}


def _refuse_gone(
    shifts: Mapping[UUID, dict[str, Any]], wanted: Mapping[UUID, UUID | None], may_move_pinned: bool
) -> None:
    now = clock.now()
    if any(id not in shifts or shifts[id]["state"] != "open" for id in wanted):
        raise Refused([GONE])
    if any(row["starts_at"] <= now for row in shifts.values()):
        raise Refused([BEGUN])
    if not may_move_pinned and any(row["is_pinned"] and wanted[id] != row["staff_id"] for id, row in shifts.items()):
        raise Refused([Problem("Somebody has been pinned to one of these shifts since.", rule="pinned")])


def _refuse_broken(found: Sequence[Broken], shifts: Mapping[UUID, dict[str, Any]], by: Who | None, reason: str) -> None:
    never = [one for one in found if one.level == "never"]
    if never:
        raise Refused([Problem(one.words, rule=one.rule) for one in never])
    hard = [one for one in found if one.level == "hard"]
    may = by is not None and all(by.manages(row["hub_id"]) for row in shifts.values())
    if hard and not (reason.strip() and may):
        raise Refused([Problem(one.words, level="needs_approval", rule=one.rule) for one in hard])


async def _write(
    wanted: Mapping[UUID, UUID | None],
    shifts: Mapping[UUID, dict[str, Any]],
    by: Who | None,
    layers: Sequence[Layer],
    source: str,
    reason: str,
    is_pinned: bool | None,
    found: Sequence[Broken],
    by_name: str,
) -> None:
    ids = list(wanted)
    for layer in layers:
        await db.execute(f"DELETE FROM assignment WHERE layer = $1 AND shift_id IN {db.in_list(ids, 2)}", layer, *ids)
    now = clock.now()
    new = []
    set_aside = [one for one in found if one.level == "hard"]
    for id, who in wanted.items():
        own = [one.rule for one in set_aside if id in one.duties and one.staff_id == who]
        for layer in layers if who else ():
            assert who is not None
            new.append(
                Assignment(
                    shift_id=id, staff_id=who, layer=layer, starts_at=shifts[id]["starts_at"],
                    ends_at=shifts[id]["ends_at"], is_pinned=bool(is_pinned), source=source,
                    overridden=" ".join(dict.fromkeys(own))[:200], override_reason=reason[:300] if own else "",
                    override_by_id=by.id if own and by else None, made_at=now, made_by_id=by.id if by else None,
                )
            )  # fmt: skip
    try:
        await db.write_many(new)
    except IntegrityError as error:
        if DUTY_OVERLAP not in db.broken_guard(error):
            raise
        raise Refused([TWICE]) from error
    lines = []
    for id, who in wanted.items():
        row = shifts[id]
        was = row["published_staff_id"] if layers == ("published",) else row["staff_id"]
        if was != who or "published" in layers:
            lines.append(
                audit.Line(
                    "assign duty" if who else "open duty", "shift", id, hub_id=row["hub_id"], by_name=by_name, why=reason,
                    before={"staff": str(was) if was else None},
                    after={"staff": str(who) if who else None, "layers": list(layers), "source": source},
                )
            )  # fmt: skip
    await audit.record_many(lines, by=by)
