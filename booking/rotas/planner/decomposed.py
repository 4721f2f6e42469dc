"""The best rota that HiGHS finds: leaders of courses first, then all weekends, then week after week.

One model of four weeks is hopeless (75 % from the bound after a minute); split in time, the scarce and linked things first, each week
is within a few parts in a thousand. Each stage takes what the others decided as given, before it and after it. Every result is
checked by the rules, which know nothing of the solver; what breaks one is thrown away for the quick draft's answer.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from booking.rotas import rules
from booking.rotas.planner import greedy, leads, model, solver, work_blocks
from booking.rotas.planner.checking import hard_ones
from booking.rotas.planner.crew import Person
from booking.rotas.planner.planned import Planned, movable, whole
from booking.rotas.planner.reading_back import given_by
from booking.rotas.planner.repairing import repair
from booking.rotas.values import BESIDE, Duty, Plan

__all__ = ["plan", "repair"]

Tell = Callable[[int, int, str], None]
Stop = Callable[[], bool]
LEADS, WEEKENDS = 0.1, 0.15  # of the time
NARROW, MANY_COLUMNS = 0.4, 2000  # of a stage's time, for a first answer among few columns
GAP = 0.003


def plan(
    plan: Plan,
    *,
    seed: int = 1,
    seconds: float = 60,
    tell: Tell = lambda done, total, words: None,
    should_stop: Stop = lambda: False,
    start: Mapping[UUID, UUID] | None = None,
) -> Planned:
    """The best rota found within about so many CPU seconds. start: the quick draft's answer, if there is one already; it is what
    is kept where time runs out or `should_stop` says so. found: the stages with their cost, bound and gap."""
    if start is None:
        start = greedy.plan(plan, seed).given
    run = _Run(plan, seed, seconds, tell, should_stop)
    return run.answer(run.found(), start)


@dataclass
class _Run:
    plan: Plan
    seed: int
    seconds: float
    tell: Tell
    should_stop: Stop
    began: float = field(default_factory=time.process_time)
    stages: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people = {each.id: Person(each, self.plan.rules) for each in self.plan.workers}
        self.free = {each.id: each for each in movable(self.plan)}
        self.given = whole(self.plan, {})
        self.given |= blocks_of_fixed(self.plan, self.given, self.free)
        self.open = {id: each for id, each in self.free.items() if id not in self.given}
        self.broken = hard_ones(self.plan, self.given)

    @property
    def left(self) -> float:
        return self.seconds - (time.process_time() - self.began)

    def found(self) -> dict[UUID, UUID]:
        """Who does what, as far as the time went."""
        mondays = sorted({rules.monday_of(each.date) for each in self.open.values()})
        total = len(mondays) + 2
        self.tell(0, total, "Choosing who leads which course")
        self.leads = leads.choose(
            self.plan, self.people, frozenset(self.open), seed=self.seed, seconds=self.seconds * LEADS, should_stop=self.should_stop
        )  # fmt: skip
        self.tell(1, total, "Sharing the weekends")
        weekends = [each.id for each in self.open.values() if each.date.weekday() >= 5]
        if weekends and len(mondays) > 1:
            self.decide("weekends", weekends, self.seconds * WEEKENDS, is_whole_week=False)
        for n, monday in enumerate(mondays):
            if self.should_stop() or self.left <= 0:
                break
            self.tell(n + 2, total, f"Planning the week of {rules.short_day(monday)}")
            inside = [id for id, each in self.open.items() if rules.monday_of(each.date) == monday]
            self.decide(f"{monday:%Y-%m-%d}", inside, self.left / (len(mondays) - n))
        return self.given

    def decide(self, name: str, ids: Collection[UUID], seconds: float, *, is_whole_week: bool = True) -> None:
        """Solves one stage and keeps its answer if the rules find nothing wrong with it."""
        before = {id: staff for id, staff in self.given.items() if id not in ids}
        began = time.process_time()
        start = self.drafted(ids, before) if is_whole_week else {}
        stage = model.build(
            model.Model(self.plan, self.people, frozenset(ids), before, self.leads, is_whole_week, start)
        )
        built = time.process_time() - began
        values = model.values_of(stage) if start else None
        how: Any = {"seed": self.seed, "should_stop": self.should_stop}
        if len(stage.problem.cost) > MANY_COLUMNS and solver.is_installed():
            values = solver.narrowed(stage.problem, values, seconds=seconds * NARROW, **how)
        left = seconds - (time.process_time() - began)
        solved = solver.solve(stage.problem, seconds=max(1.0, left), gap=GAP, start=values, **how)
        self.stages.append(_said(name, stage, solved, built, time.process_time() - began))
        if solved.values is None:
            return
        after = before | given_by(stage, solved.values)
        if worse := hard_ones(self.plan, after) - self.broken:
            self.stages[-1]["refused"] = sorted({rule for rule, *_ in worse})
            return
        self.given = after

    def drafted(self, ids: Collection[UUID], before: Mapping[UUID, UUID]) -> Mapping[UUID, UUID]:
        """The quick draft of these duties beside all that is decided, for the solver to begin with."""
        fixed = frozenset(each.id for each in self.plan.duties if each.id not in ids)
        return greedy.plan(replace(self.plan, given=before, fixed=fixed), self.seed).given

    def answer(self, given: Mapping[UUID, UUID], start: Mapping[UUID, UUID]) -> Planned:
        """The better of what was found, completed, and of the start; nothing that breaks a rule beyond what is fixed."""
        self.tell(len(self.stages), len(self.stages), "Checking every rule")
        offers = [self.settled(given), self.settled(start)]
        if self._is_cut_short():
            offers.append(self.settled(self.completed(offers[0].given)))
        good = [each for each in offers if self.is_clean(each)]
        best = min(good, key=lambda it: it.cost.total, default=greedy.plan(self.plan, self.seed))
        words = {"engine": "solver", "stages": self.stages, "cpu_seconds": round(time.process_time() - self.began, 2)}
        return replace(best, found=best.found | words | {"fell_back": best not in (offers[0], *offers[2:])})

    def settled(self, given: Mapping[UUID, UUID]) -> Planned:
        """With the work blocks beside whoever leads now, at other times where they have to."""
        bare = {id: staff for id, staff in given.items() if id not in self.free or self.free[id].kind not in BESIDE}
        settled, moved = work_blocks.settle(self.plan, whole(self.plan, bare))
        return greedy.planned(self.plan, settled, moved)

    def completed(self, given: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
        """What a search without time left open, filled by the quick draft."""
        rest = replace(self.plan, given=whole(self.plan, given), fixed=self.plan.fixed | given.keys())
        return {**given, **greedy.plan(rest, self.seed).given}

    def is_clean(self, offer: Planned) -> bool:
        moved = work_blocks.moved_duties(self.plan, offer.found["moved"])
        plan = work_blocks.with_moved(self.plan, moved)
        return not hard_ones(plan, whole(plan, offer.given)) - self.broken

    def _is_cut_short(self) -> bool:
        return (
            any("refused" in each or each["why"] != "optimal" for each in self.stages)
            or self.left <= 0
            or self.should_stop()
        )


def _said(name: str, stage: model.Model, solved: solver.Solved, built: float, lasted: float) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": name,
        "columns": len(stage.problem.cost),
        "rows": len(stage.problem.row_lower),
        "why": solved.why,
    }
    found |= {"build_seconds": round(built, 2), "cpu_seconds": round(lasted, 2)}
    if solved.values is not None:
        found |= {"cost": round(solved.cost, 1), "bound": round(solved.bound, 1), "gap": round(solved.gap, 5)}
    return found


def blocks_of_fixed(plan: Plan, given: Mapping[UUID, UUID], free: Mapping[UUID, Duty]) -> dict[UUID, UUID]:
    """Open work blocks of sessions whose leader is fixed: the leader's, where no rule is against it."""
    lead = {
        (it.session_id, it.position): given[it.id] for it in plan.duties if it.kind == "facilitator" and it.id in given
    }
    workers = {each.id: each for each in plan.workers}
    found: dict[UUID, UUID] = {}
    for each in free.values():
        staff = lead.get((each.session_id, each.position)) if each.kind in BESIDE and each.session_id else None
        if staff is None or staff not in workers:
            continue
        now = {**given, **found}
        others = [it for it in plan.duties if now.get(it.id) == staff]
        if all(one.level == "soft" for one in rules.would_break(workers[staff], each, others, plan.rules)):
            found[each.id] = staff
    return found
