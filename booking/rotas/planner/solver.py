"""The door to HiGHS (`highspy`, an extra that may be missing): a list of rows and columns goes in, values come out. One thread.

Nothing here knows of rotas. A search ends at the gap asked for, after so many CPU seconds of this process, or when it is stopped;
the best answer so far is kept. The same input and seed give the same answer as long as the search ends at its gap and not by time.
"""

import importlib.util
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Stop = Callable[[], bool]
INFINITE = math.inf
NEARLY_USED = 0.15  # of the columns, those that would cost least to use
PATIENCE = 8  # wall-clock seconds for each CPU second allowed: a search that got a fifth of a busy processor ended before it had
# found anything with 3


class SolverMissing(RuntimeError):
    """highspy is not installed."""


@dataclass(slots=True)
class Problem:
    """Columns and rows to be made small: cost, bounds and wholeness of each column; bounds and entries of each row."""

    cost: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    is_whole: list[bool] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    constant: float = 0.0

    def column(self, cost: float, upper: float = 1.0, *, is_whole: bool = True, lower: float = 0.0) -> int:
        """The number of a new column."""
        self.cost.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.is_whole.append(is_whole)
        return len(self.cost) - 1

    def row(self, entries: Mapping[int, float], lower: float = -INFINITE, upper: float = INFINITE) -> None:
        """lower <= sum of entries <= upper; a row without entries is left out."""
        if not entries:
            return
        self.starts.append(len(self.columns))
        self.columns.extend(entries)
        self.values.extend(entries.values())
        self.row_lower.append(lower)
        self.row_upper.append(upper)


@dataclass(frozen=True, slots=True)
class Solved:
    """values of the columns, or None where nothing was found. why: optimal, time, stopped, infeasible or failed."""

    values: Sequence[float] | None
    cost: float
    bound: float
    why: str
    cpu_seconds: float

    @property
    def gap(self) -> float:
        return max(0.0, self.cost - self.bound) / max(abs(self.cost), 1e-9) if self.values is not None else INFINITE


def is_installed() -> bool:
    return importlib.util.find_spec("highspy") is not None


def solve(
    problem: Problem,
    *,
    seconds: float,
    seed: int = 1,
    gap: float = 0.003,
    should_stop: Stop = lambda: False,
    start: Sequence[float] | None = None,
    is_relaxed: bool = False,
) -> Solved:
    """The best values found within so many CPU seconds. start: values to begin with. is_relaxed: wholeness is given up, for a bound.
    Raises SolverMissing."""
    try:
        import highspy  # an extra, and heavy: seldom needed
    except ImportError as missing:
        raise SolverMissing("highspy is not installed") from missing

    began = time.process_time()
    if not problem.cost:
        return Solved([], problem.constant, problem.constant, "optimal", 0.0)
    highs = _loaded(highspy, problem, is_relaxed)
    options = {"threads": 1, "parallel": "off", "random_seed": seed, "mip_rel_gap": gap, "mip_abs_gap": 0.5}
    for name, value in (options | {"time_limit": max(0.1, seconds * PATIENCE)}).items():
        highs.setOptionValue(name, value)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = list(start)
        highs.setSolution(known)
    was_stopped = False

    def look(event: Any) -> None:
        nonlocal was_stopped
        was_stopped = was_stopped or should_stop()
        if was_stopped or time.process_time() - began > seconds:
            event.interrupt()

    highs.cbMipInterrupt.subscribe(look)
    highs.cbSimplexInterrupt.subscribe(look)
    highs.run()
    return _answer(
        highspy, highs, problem, is_relaxed, "stopped" if was_stopped else "time", time.process_time() - began
    )


def narrowed(
    problem: Problem, start: Sequence[float] | None, *, seconds: float, seed: int, should_stop: Stop
) -> Sequence[float] | None:
    """A good answer to begin with: the search among the columns that the relaxed problem uses or nearly uses, beside the start's.
    A wide search alone may find nothing better than its start for long where people are scarce."""
    import highspy  # an extra, and heavy: seldom needed

    began = time.process_time()
    highs = _loaded(highspy, problem, is_relaxed=True)
    highs.setOptionValue("time_limit", max(0.1, seconds * PATIENCE))
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return start
    duals, used = list(highs.getSolution().col_dual), list(highs.getSolution().col_value)
    kept = sorted(duals[n] for n in range(len(duals)) if problem.is_whole[n])[int(len(duals) * NEARLY_USED)]
    fewer = replace(problem, upper=list(problem.upper))
    for n, is_whole in enumerate(problem.is_whole):
        if is_whole and used[n] < 1e-6 and duals[n] > kept and not (start and start[n] > 0.5):
            fewer.upper[n] = 0.0
    left = seconds - (time.process_time() - began)
    found = solve(fewer, seconds=max(0.5, left), seed=seed, gap=0.005, should_stop=should_stop, start=start)
    return found.values if found.values is not None else start


def _loaded(highspy, problem: Problem, is_relaxed: bool):
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(problem.cost), len(problem.row_lower)
    lp.offset_ = problem.constant
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = problem.cost, problem.lower, problem.upper
    lp.row_lower_, lp.row_upper_ = problem.row_lower, problem.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = [*problem.starts, len(problem.columns)]
    lp.a_matrix_.index_, lp.a_matrix_.value_ = problem.columns, problem.values
    if not is_relaxed:
        whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        lp.integrality_ = [whole if each else real for each in problem.is_whole]
    highs.passModel(lp)
    return highs


def _answer(highspy, highs, problem: Problem, is_relaxed: bool, why: str, cpu_seconds: float) -> Solved:
    status, info = highs.getModelStatus(), highs.getInfo()
    found = info.primal_solution_status == 2
    values = list(highs.getSolution().col_value) if found else None
    cost = info.objective_function_value if found else INFINITE
    if status == highspy.HighsModelStatus.kOptimal:
        return Solved(values, cost, cost if is_relaxed else info.mip_dual_bound, "optimal", cpu_seconds)
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return Solved(None, INFINITE, INFINITE, "infeasible", cpu_seconds)
    bound = -INFINITE if is_relaxed else info.mip_dual_bound
    return Solved(values, cost, bound, why if found or why == "stopped" else "time", cpu_seconds)
