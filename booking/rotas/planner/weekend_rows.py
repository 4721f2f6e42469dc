"""Weekends as rows of a stage's model: at most so many of any four, and shared."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from booking.rotas.planner import objective
from booking.rotas.planner.columns import Choice, Model
from booking.rotas.planner.crew import Task
from booking.rotas.planner.objective import scaled
from booking.rotas.planner.solver import INFINITE
from booking.rotas.rules import monday_of
from booking.rotas.values import Worker

FOUR_WEEKS = timedelta(days=28)


def share_and_limit(model: Model, worker: Worker, base: Iterable[Task], own: Iterable[Choice]) -> None:
    """At most so many weekends of any four; each pair of them within four weeks costs, so that they are shared."""
    fixed = {date.fromordinal(task.week) for task in base if task.day - task.week >= 5}
    there: dict[date, dict[int, float]] = defaultdict(dict)
    for each in own:
        monday = monday_of(each.day)
        if each.day.weekday() >= 5 and monday not in fixed:
            there[monday][each.column] = 1.0
    if not there:
        return
    worked = {monday: _worked(model, entries, own) for monday, entries in there.items()}
    for last in sorted({monday + timedelta(days=7 * n) for monday in worked for n in range(4)}):
        window = [last - timedelta(days=7 * n) for n in range(4)]
        held = sum(monday in fixed for monday in window)
        entries = {column: 1.0 for monday in window for column in worked.get(monday, {})}
        if held + sum(monday in worked for monday in window) > worker.saturdays_in_four:
            model.problem.row(entries, upper=max(0, worker.saturdays_in_four - held))
    _share_weekends(model, worked, fixed)


def _worked(model: Model, entries: Mapping[int, float], own: Iterable[Choice]) -> dict[int, float]:
    """Entries that sum to 1 if the weekend is worked: its choices, or where both days are open a column above each."""
    days: dict[date, dict[int, float]] = defaultdict(dict)
    for each in own:
        if each.column in entries:
            days[each.day][each.column] = 1.0
    if len(days) == 1:
        return dict(entries)
    either = model.problem.column(0.0, is_whole=False)
    for there in days.values():
        model.problem.row(there | {either: -1.0}, upper=0.0)
    return {either: 1.0}


def _share_weekends(model: Model, worked: Mapping[date, dict[int, float]], fixed: set[date]) -> None:
    weight = objective.WEEKEND * scaled(model.plan.weights, "fairness")
    if not weight:
        return
    for monday, entries in worked.items():
        near = sum(abs(monday - it) < FOUR_WEEKS for it in fixed)
        if near:
            pays = model.problem.column(weight * near, is_whole=False)
            model.problem.row(entries | {pays: -1.0}, upper=0.0)
    mondays = sorted(worked)
    for n in range(0, len(mondays), 4):
        some = mondays[n : n + 4]
        if len(some) < 2 or some[-1] - some[0] >= FOUR_WEEKS:
            continue
        entries = {column: 1.0 for monday in some for column in worked[monday]}
        pairs = model.problem.column(weight, INFINITE, is_whole=False)
        for k in range(1, len(some)):  # n(n-1)/2 from below: k n - k(k+1)/2 for whole n
            model.problem.row({column: float(k) for column in entries} | {pairs: -1.0}, upper=k * (k + 1) / 2)
