"""A plan into the draft, and out of it again. Nothing that is pinned or published is touched; the rules judge anew."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import assigning, loading
from booking.rotas.planner import passing, running
from booking.rotas.seeing import seen_by
from booking.rotas.values import Plan
from booking.words import count_words, short_day, time_range

Row = dict[str, Any]
SAID = 10
NOT_READY = Problem(
    "This plan cannot be applied: it is not done, has nothing to apply, or has been applied.", rule="state"
)


async def apply(run_id: UUID, *, by: Who) -> int:
    """Writes the plan into the draft, all or nothing; returns how many duties have somebody else now. Raises Refused: the rota has
    changed since the plan was made (one Problem for each change), or a rule would be broken."""

    async def body() -> int:
        run = await _locked(run_id, ("done", "stopped"))
        await assigning.in_tx_lock(
            [UUID(id) for id in run["found"]["input"]], []
        )  # of two plans at once one sees the other
        plan = await loading.load(_hubs(run), run["first_date"], run["last_date"])
        changed = changes_since(run["found"]["input"], await seen_by(plan, by))
        if changed:
            raise Refused(changed)
        wanted = wanted_of(run["result"], run["found"], plan)
        moved = {UUID(id): at for id, at in run["found"]["moved"].items() if UUID(id) not in plan.fixed}
        was_at = await _move(moved)
        before = {id: plan.given.get(id) for id in wanted}
        await assigning.assign_many(wanted, by=by, source=run["engine"])
        applied = {str(id): str(who) if who else None for id, who in before.items()}
        await _close(run, "applied", {"applied": applied, "was_at": was_at})
        await _record("apply plan", run, by, len(wanted))
        return len(wanted)

    return await db.run_tx(body)


async def undo(run_id: UUID, *, by: Who) -> int:
    """Puts back who was in the draft before; returns how many duties. Raises Refused where somebody has changed one of them since,
    naming which."""

    async def body() -> int:
        run = await _locked(run_id, ("applied",))
        before = {UUID(id): UUID(who) if who else None for id, who in run["found"]["applied"].items()}
        was_at = {UUID(id): at for id, at in run["found"].get("was_at", {}).items()}
        touched = before.keys() | was_at.keys()
        await assigning.in_tx_lock(touched, [])  # nobody gives one away after it was looked at
        plan = await loading.load(_hubs(run), run["first_date"], run["last_date"])
        mine = passing.ids(run["result"])
        duties = {each.id: each for each in (await seen_by(plan, by)).duties}
        changed = [
            Problem(f"{_when(duties[id])}: changed since.", rule="changed") if id in duties
            else Problem("A shift is not there any more.", rule="changed")
            for id in sorted(touched)
            if id not in duties or plan.given.get(id) != mine.get(id) or (id in plan.fixed)
        ]  # fmt: skip
        if changed:
            raise Refused(_some(changed))
        await assigning.assign_many(dict.fromkeys(before), by=by, source=run["engine"])
        await _move(was_at)
        back = {id: who for id, who in before.items() if who}
        if back:
            await assigning.assign_many(back, by=by, source="hand")
        await _close(run, "undone", {})
        await _record("undo plan", run, by, len(before))
        return len(before)

    return await db.run_tx(body)


def wanted_of(result: Mapping[str, str], found: Mapping[str, Any], plan: Plan) -> dict[UUID, UUID | None]:
    """The duties that change hands or time: shift -> who, or nobody. What stays, and what the planner did not decide, is left out."""
    given = passing.ids(result)
    free = {UUID(id) for id in found["free"]} - plan.fixed
    moved = {UUID(id) for id in found["moved"]}
    return {
        id: given.get(id) for id in sorted(free) if given.get(id) != plan.given.get(id) or (id in moved and id in given)
    }


def changes_since(before: Mapping[str, list[str]], plan: Plan) -> list[Problem]:
    """What is not as it was read: who does it, when it is, whether it is there. In words, some of them."""
    now, names = running.snapshot(plan), {str(each.id): each.name for each in plan.workers}
    duties = {str(each.id): each for each in plan.duties}
    found = []
    for id in sorted(before.keys() | now.keys(), key=lambda it: (before.get(it) or now[it])[1:]):
        was, is_now = before.get(id), now.get(id)
        if was == is_now:
            continue
        if is_now is None:
            found.append(Problem(f"A shift on {was[1] if was else ''} is not there any more.", rule="changed"))
        elif was is None:
            found.append(Problem(f"{_when(duties[id])}: a new shift.", rule="changed"))
        elif was[0] != is_now[0]:
            who = [names.get(each, "somebody else") if each else "nobody" for each in (is_now[0], was[0])]
            found.append(Problem(f"{_when(duties[id])}: {who[0]} is in it now, not {who[1]}.", rule="changed"))
        else:
            found.append(Problem(f"{_when(duties[id])}: its time has changed.", rule="changed"))
    return _some(found)


def _some(found: list[Problem]) -> list[Problem]:
    more = len(found) - SAID
    if more <= 0:
        return found
    return [*found[:SAID], Problem(f"And {count_words(more, 'more change')}.", rule="changed")]


def _when(duty: Any) -> str:
    return f"{short_day(duty.date)}, {time_range(duty.start, duty.end)}, {duty.place.name}"


def _hubs(run: Row) -> list[UUID]:
    return [UUID(each) for each in run["hubs"]]


async def _locked(run_id: UUID, states: tuple[str, ...]) -> Row:
    lock = " FOR UPDATE" if db.is_postgres() else ""
    row = await db.row(f"SELECT * FROM plan_run WHERE id = $1{lock}", run_id)
    run = running.read(row) if row else None
    if run is None or run["state"] not in states or not run["found"]:
        raise Refused([NOT_READY])
    return run


async def _move(at: Mapping[UUID, list[str]]) -> dict[str, list[str]]:
    """Puts work blocks at these times (date, start, end) and returns where they were. Only what nobody is in: the assignments carry
    the times too."""
    if not at:
        return {}
    ids = sorted(at)
    await assigning.in_tx_lock(ids, [])
    await db.execute(f"DELETE FROM assignment WHERE layer = 'draft' AND shift_id IN {db.in_list(ids)}", *ids)
    rows = await db.rows(f"SELECT id, date, start_time, end_time FROM shift WHERE id IN {db.in_list(ids)}", *ids)
    for id, (day, start, end) in at.items():
        on = date.fromisoformat(day)
        await db.execute(
            "UPDATE shift SET date = $2, start_time = $3, end_time = $4, starts_at = $5, ends_at = $6 WHERE id = $1",
            id, on, start, end, clock.at(on, start), clock.at(on, end),
        )  # fmt: skip
    return {str(row["id"]): [row["date"].isoformat(), row["start_time"], row["end_time"]] for row in rows}


async def _close(run: Row, state: str, more: Mapping[str, Any]) -> None:
    await db.execute(
        "UPDATE plan_run SET state = $2, found = $3 WHERE id = $1",
        run["id"],
        state,
        passing.text({**run["found"], **more}),
    )


async def _record(verb: str, run: Row, by: Who, duties: int) -> None:
    hubs = _hubs(run)
    await audit.record(
        verb,
        about_kind="plan_run",
        about_id=run["id"],
        by=by,
        hub_id=hubs[0] if len(hubs) == 1 else None,
        after={"duties": duties},
    )
