"""A plan from being asked for to its end: a row that waits, is claimed by a job, worked in a process of its own and kept.

Whatever happens to that process (stopped, killed, out of memory, the server gone) the best that it had said is kept, and the row
says so in words.
"""

import asyncio
import hashlib
import importlib.util
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import loading
from booking.rotas.models import PlanRun
from booking.rotas.planner import passing
from booking.rotas.planner.process import Child
from booking.rotas.seeing import seen_by, with_hub_names
from booking.rotas.values import Plan, Weights
from booking.words import count_words

logger = logging.getLogger(__name__)
Row = dict[str, Any]
LOOKS_EVERY = 0.5  # seconds between looking whether somebody wants it stopped
DEAD_AFTER = timedelta(seconds=60)
KEPT_FOR = timedelta(days=90)
PATIENCE = 8.0  # seconds from "stop" to the end
SECONDS, SECONDS_OF_MANY, MANY_DUTIES = 30, 90, 2500
"""CPU seconds for a search, of one hub's size and of a county's."""
GRACE = 8  # so many times as long by the clock, because others work too; as the solver itself waits
DIED = "The program that worked on it ended before it was done."
OUT_OF_MEMORY = "It needed more memory than a plan may use."
RESTART = "This server runs an older version of the program than is installed. Have it restarted, then plan again."
FAILED = {"memory": OUT_OF_MEMORY, "restart": RESTART}
KEPT = "This is the best it had found."
MOST_WAITING = 5
TOO_MANY = Problem("Wait until the plans that you have asked for are done, or stop one.", rule="too many")


def is_solver_there() -> bool:
    """Whether thorough planning is installed; found without loading it."""
    return importlib.util.find_spec("highspy") is not None


async def ask(
    hub_ids: Collection[UUID], first: date, last: date, *, engine: str, by: Who, seed: int = 1, wishes: Mapping[str, int] | None = None,
    keep: bool = True,
) -> UUID:  # fmt: skip
    """Writes down that a plan is wanted; a job takes it up within a second. keep: what stands in the draft stays.

    Raises Refused: no hub or not theirs, days that are over, more than eight weeks, thorough planning that is not installed, too
    many of theirs that wait."""
    problems = []
    if not hub_ids or not all(by.manages(each) for each in hub_ids):
        problems.append(Problem("Choose at least one of your hubs.", "hub", rule="hubs"))
    if first <= clock.today():
        problems.append(Problem("Choose days from tomorrow on.", "from", rule="past"))
    if not timedelta(0) <= last - first < timedelta(weeks=8):
        problems.append(Problem("Choose eight weeks at most.", "weeks", rule="long"))
    if engine == "solver" and not is_solver_there():
        problems.append(Problem("Thorough planning is not installed here. A draft can be made.", rule="no solver"))
    waits = await db.value("SELECT COUNT(*) FROM plan_run WHERE state IN ('waits', 'runs') AND by_id = $1", by.id)
    if waits >= MOST_WAITING:
        problems.append(TOO_MANY)
    if problems:
        raise Refused(problems)
    run = PlanRun(
        hubs=sorted(str(each) for each in hub_ids), first_date=first, last_date=last, engine=engine, seed=seed,
        wishes={**(wishes or {}), "keep": int(keep)}, created_at=clock.now(), by_id=by.id, words="Waiting to begin",
    )  # fmt: skip
    await db.write_new([run])
    hub = next(iter(hub_ids)) if len(hub_ids) == 1 else None
    await audit.record("plan rota", about_kind="plan_run", about_id=run.id, by=by, hub_id=hub, after={"engine": engine})
    return run.id


async def stop(run_id: UUID) -> None:
    """Asks for it to be stopped; what waits still is over at once."""
    now = clock.now()
    await db.execute(
        "UPDATE plan_run SET state = 'stopped', finished_at = $2, stop_asked_at = $2, words = 'Stopped before it began.'"
        " WHERE id = $1 AND state = 'waits'",
        run_id, now,
    )  # fmt: skip
    await db.execute("UPDATE plan_run SET stop_asked_at = $2 WHERE id = $1 AND state = 'runs'", run_id, now)


async def loaded(run: Row) -> Plan:
    """What a run plans with: its hubs and weeks, the hub's rules, and its own wishes over the hub's."""
    hubs = [UUID(each) for each in run["hubs"]]
    plan = await loading.load(hubs, run["first_date"], run["last_date"])
    known = {name: value for name, value in run["wishes"].items() if name in Weights.__dataclass_fields__}
    weights = replace(await loading.weights_of(hubs[0] if len(hubs) == 1 else None), **known)
    fixed = plan.fixed | plan.given.keys() if run["wishes"].get("keep", 1) else plan.fixed
    return replace(plan, weights=weights, fixed=fixed, leads=await _leads(plan))


async def _leads(plan: Plan) -> dict[UUID, tuple[UUID, ...]]:
    """Who is named as facilitator of each course, of those who can be planned."""
    by_name = {each.name.casefold(): each.id for each in plan.workers}
    runs = sorted({each.run_id for each in plan.duties if each.run_id and each.kind == "facilitator"})
    rows = await db.rows(f"SELECT id, facilitator_1, facilitator_2 FROM run WHERE id IN {db.in_list(runs)}", *runs)
    named = {row["id"]: (row["facilitator_1"], row["facilitator_2"]) for row in rows}
    found = {
        id: tuple(by_name[it.casefold()] for it in both if it and it.casefold() in by_name)
        for id, both in named.items()
    }
    return {id: leads for id, leads in found.items() if leads}


async def skill_names() -> dict[str, str]:
    return {row["code"]: row["name"] for row in await db.rows("SELECT code, name FROM skill")}


async def work_next(engine: str, is_stopping: Callable[[], bool] = lambda: False) -> str:
    """Takes up the run that has waited longest, if one waits, and works it to its end. Says what came of it, "" for nothing."""
    rescued = await rescue()
    run = await _claim(engine)
    if run is None:
        return f"{count_words(rescued, 'plan')} whose process died closed" if rescued else ""
    return await _Work(run, is_stopping).whole()


async def rescue() -> int:
    """Closes runs that nobody works on any more; what they had found is kept."""
    rows = await db.rows(
        "UPDATE plan_run SET state = CASE WHEN result IS NULL THEN 'failed' ELSE 'stopped' END, finished_at = $1,"
        " words = CASE WHEN result IS NULL THEN $2 ELSE $3 END WHERE state = 'runs' AND touched_at < $4 RETURNING id",
        clock.now(), DIED, f"{DIED} {KEPT}", clock.now() - DEAD_AFTER,
    )  # fmt: skip
    return len(rows)


async def forget_old() -> int:
    """Plans that ended long ago are deleted: they hold who worked when, and the rota itself is kept elsewhere."""
    rows = await db.rows(
        "DELETE FROM plan_run WHERE state NOT IN ('waits', 'runs') AND created_at < $1 RETURNING id",
        clock.now() - KEPT_FOR,
    )
    return len(rows)


async def _claim(engine: str) -> Row | None:
    found = await db.row(
        "UPDATE plan_run SET state = 'runs', touched_at = $2, words = 'Reading the rota' WHERE state = 'waits' AND id ="
        f" (SELECT id FROM plan_run WHERE state = 'waits' AND engine = $1 ORDER BY created_at LIMIT 1{db.skip_locked()}) RETURNING *",
        engine, clock.now(),
    )  # fmt: skip
    return read(found) if found else None


def read(row: Row) -> Row:
    """A row of plan_run with its JSON read."""
    parts = {name: row[name] for name in ("hubs", "wishes", "result", "found")}
    return row | {name: passing.json.loads(it) if isinstance(it, str) else it for name, it in parts.items()}


@dataclass
class _Work:
    """One run under way: what it said last, and whether somebody has asked for its end."""

    run: Row
    is_stopping: Callable[[], bool]
    best: dict[str, Any] | None = None
    is_done: bool = False
    failed: str = ""
    told: tuple[int, int, str] = (0, 0, "Drafting")
    asked_at: float | None = None
    snapshot: dict[str, Any] = field(default_factory=dict)

    async def whole(self) -> str:
        try:
            await self._in_child(await self._order())
        except Exception:
            logger.exception("plan %s", self.run["id"])
            self.failed = self.failed or DIED
        return await self._end()

    async def _order(self) -> dict[str, Any]:
        plan = await loaded(self.run)
        self.snapshot = snapshot(plan)
        plan = await with_hub_names(
            await seen_by(plan, None)
        )  # explanations are kept, and others may read them (promise P5)
        names = await skill_names()
        seconds = SECONDS if len(plan.duties) < MANY_DUTIES else SECONDS_OF_MANY
        order: dict[str, Any] = {"plan": await asyncio.to_thread(passing.to_json, plan), "names": names}
        order |= {"zone": clock.zone().key, "hubs": self.run["hubs"]}
        order |= {"engine": self.run["engine"], "seed": self.run["seed"], "seconds": seconds}
        self.until = asyncio.get_running_loop().time() + 60 + GRACE * seconds
        return order

    async def _in_child(self, order: dict[str, Any]) -> None:
        async with Child(order) as child:
            hearing = asyncio.ensure_future(self._hear(child))
            try:
                while not hearing.done():
                    await asyncio.wait([hearing], timeout=LOOKS_EVERY)
                    await self._look(child)
                await hearing
                await child.process.wait()
            finally:
                hearing.cancel()
        if not self.is_done and not self.failed and self.asked_at is None:
            self.failed = DIED
            logger.error("plan %s ended: %s", self.run["id"], await child.errors)

    async def _hear(self, child: Child) -> None:
        async for said in child.said():
            if "tell" in said:
                self.told = tuple(said["tell"])
            elif "failed" in said:
                self.failed = FAILED.get(said["failed"], DIED)
            else:
                self.is_done = "done" in said
                self.best = said.get("done") or said["best"]
                if not self.is_done:
                    await self._keep()

    async def _look(self, child: Child) -> None:
        """Writes that it is alive, and passes a stop on: asked first, then ended."""
        done, total, words = self.told
        row = await db.row(
            "UPDATE plan_run SET touched_at = $2, done = $3, total = $4, words = $5 WHERE id = $1 AND state = 'runs'"
            " RETURNING stop_asked_at",
            self.run["id"], clock.now(), done, total, words[:300],
        )  # fmt: skip
        now = asyncio.get_running_loop().time()
        is_wanted = row is None or row["stop_asked_at"] or self.is_stopping() or now > self.until
        if is_wanted and self.asked_at is None:
            self.asked_at = now
            await child.stop()
        if self.asked_at is not None and now - self.asked_at > PATIENCE:
            child.kill()

    async def _keep(self) -> None:
        assert self.best is not None
        await db.execute(
            "UPDATE plan_run SET result = $2, found = $3, input_hash = $4 WHERE id = $1",
            self.run["id"], passing.text(self.best["given"]), passing.text({**self.best, "input": self.snapshot}),
            fingerprint(self.snapshot),
        )  # fmt: skip

    async def _end(self) -> str:
        if self.best is not None:
            await self._keep()
        is_cut = self.asked_at is not None
        state = "stopped" if self.best is not None and (is_cut or not self.is_done) else "done" if self.is_done else "stopped" if is_cut else "failed"  # fmt: skip
        words = self._last_words(state)
        await db.execute(
            "UPDATE plan_run SET state = $2, words = $3, finished_at = $4, touched_at = $4 WHERE id = $1 AND state = 'runs'",
            self.run["id"], state, words, clock.now(),
        )  # fmt: skip
        return f"plan {self.run['id']}: {state}"

    def _last_words(self, state: str) -> str:
        if state == "done":
            return "Done."
        why = self.failed or ("Stopped." if self.asked_at is not None else DIED)
        return f"{why} {KEPT}" if self.best is not None else why


def snapshot(plan: Plan) -> dict[str, list[str]]:
    """The window as it was read: shift -> who, and when. What differs at applying has changed since."""
    return {
        str(each.id): [str(plan.given.get(each.id, "")), each.date.isoformat(), each.start, each.end]
        for each in plan.duties
        if plan.first <= each.date <= plan.last
    }


def fingerprint(found: Mapping[str, Any]) -> str:
    """The same for the same."""
    return hashlib.sha256(passing.text(dict(sorted(found.items()))).encode()).hexdigest()
