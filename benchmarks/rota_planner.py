"""A month's rota by HiGHS: `python -m benchmarks.rota_planner [small] [large] [--bound 120]`.

small is 40 people and 12 hubs, aimed at 5 % from the best bound of the whole month in 30 CPU seconds; large is 120 people and 37 places, aimed at
every week within 1 % of its bound in 90. Prints for each stage CPU seconds, cost, bound and gap; then the parts of the cost beside the quick
draft's, hard rules broken as the rules themselves count them, and memory. The bound of the whole month is searched for separately (`--bound` CPU
seconds, 0: not at all); it knows every limit of the whole month and holds for any rota made of the same whole days.
"""

import argparse
import resource
import time

from benchmarks import rota_instances
from booking.rotas.planner import decomposed, greedy, model, solver, work_blocks
from booking.rotas.planner.checking import hard_ones
from booking.rotas.planner.crew import Person
from booking.rotas.planner.planned import Planned
from booking.rotas.values import Plan

CASES = {
    "small": ("40 people, 12 hubs, 4 weeks", rota_instances.SMALL, 30),
    "large": ("120 people, 37 places, 4 weeks", rota_instances.LARGE, 90),
}


def main(options: argparse.Namespace) -> None:
    for name in options.cases or CASES:
        words, size, seconds = CASES[name]
        plan = rota_instances.make(size, options.seed)
        needed, agreed = (
            sum(it.minutes for it in plan.duties),
            sum(it.weekly_minutes or 0 for it in plan.workers) * size.weeks,
        )
        print(f"{words}: {len(plan.duties)} shifts, {needed // 60:,} hours needed, {agreed // 60:,} agreed")
        planned = measure(plan, seconds, options.seed)
        if options.bound:
            _against_bound(plan, planned, options.bound)


def measure(plan: Plan, seconds: float, seed: int) -> Planned:
    """Prints and returns the plan."""
    began = time.process_time()
    draft = greedy.plan(plan, seed)
    print(f"  quick draft: cost {draft.cost.total:,.0f} in {time.process_time() - began:.1f} CPU-s")
    began = time.process_time()
    planned = decomposed.plan(plan, seed=seed, seconds=seconds, start=draft.given)
    lasted = time.process_time() - began
    for each in planned.found["stages"]:
        said = (
            f"cost {each['cost']:>10,.0f}  bound {each['bound']:>10,.0f}  gap {each['gap']:.2%}"
            if "cost" in each
            else ""
        )
        refused = f"  REFUSED {each['refused']}" if "refused" in each else ""
        print(
            f"  {each['name']:<12}{each['columns']:>7} columns {each['cpu_seconds']:>6.1f} CPU-s  {said}  {each['why']}{refused}"
        )
    print(
        f"  in all {lasted:.1f} CPU-s, cost {planned.cost.total:,.0f}, the draft's used: {planned.found['fell_back']}"
    )
    for part in planned.cost.__dataclass_fields__:
        print(f"    {part:<18} {getattr(planned.cost, part):>10,.0f}   draft {getattr(draft.cost, part):>10,.0f}")
    at = work_blocks.with_moved(plan, work_blocks.moved_duties(plan, planned.found["moved"]))
    print(f"  hard rules broken: {sum(hard_ones(at, planned.given).values())}")
    print(f"  open shifts: {len(plan.duties) - len(planned.given)} of {len(plan.duties)}")
    print(f"  memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB", flush=True)
    return planned


def _against_bound(plan: Plan, planned: Planned, seconds: float) -> None:
    """The whole month as one model: too large to be solved, but its bound counts."""
    people = {each.id: Person(each, plan.rules) for each in plan.workers}
    free = frozenset(each.id for each in plan.duties)
    whole = model.build(model.Model(plan, people, free, {}, {}, is_bound=True))
    relaxed = solver.solve(whole.problem, seconds=seconds, is_relaxed=True)
    solved = solver.solve(whole.problem, seconds=seconds)
    bound = max(relaxed.bound, solved.bound)
    gap = (planned.cost.total - bound) / planned.cost.total
    print(
        f"  bound of the whole month: {bound:,.0f}, gap {gap:.1%} ({relaxed.cpu_seconds + solved.cpu_seconds:.0f} CPU-s)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[*CASES], metavar="small|large")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bound", type=float, default=120)
    main(parser.parse_args())
