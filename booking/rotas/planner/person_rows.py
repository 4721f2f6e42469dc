"""The rules of one person as rows of a stage's model: hours, evenings, days in a row, days off, rest between days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from booking.rotas.planner import objective
from booking.rotas.planner.columns import Choice, Model
from booking.rotas.planner.crew import Task
from booking.rotas.planner.objective import scaled
from booking.rotas.planner.solver import INFINITE
from booking.rotas.planner.weekend_rows import share_and_limit
from booking.rotas.rules import monday_of
from booking.rotas.values import Worker


def rows_of(model: Model, worker: Worker, own: Sequence[Choice]) -> None:
    by_day: dict[int, list[Choice]] = defaultdict(list)
    by_week: dict[date, list[Choice]] = defaultdict(list)
    for each in own:
        by_day[each.day.toordinal()].append(each)
        by_week[monday_of(each.day)].append(each)
    for there in by_day.values():
        model.problem.row({each.column: 1.0 for each in there}, upper=1.0)
    base = model.base[worker.id]
    for monday, there in by_week.items():
        _hours(model, worker, monday, there)
        _evenings(model, worker, [task for task in base if task.week == monday.toordinal()], there)
    _in_a_row(model, worker, {task.day for task in base}, by_day)
    _day_off(model, base, by_day)
    _rest(model, by_day)
    share_and_limit(model, worker, base, own)


def _hours(model: Model, worker: Worker, monday: date, there: Sequence[Choice]) -> None:
    rules, problem, week = model.plan.rules, model.problem, monday.toordinal()
    worked = sum(task.duty.minutes for task in model.base[worker.id] if task.week == week)
    counted = worked + model.people[worker.id].counted(week)
    minutes = {each.column: each.option.minutes / 60 for each in there}
    room = float(rules.most_week_minutes - worked)
    if worker.weekly_minutes is None:
        problem.row(minutes, upper=max(0.0, room) / 60)
        return
    room = min(room, worker.weekly_minutes + worker.over_minutes - counted)
    problem.row(minutes, upper=max(0.0, room) / 60)
    weight = 4 * scaled(model.plan.weights, "near_contract")
    off = (worker.weekly_minutes - counted) / 60
    over = problem.column(weight * objective.OVER, INFINITE, is_whole=False)
    if not model.is_whole_week:
        problem.row(minutes | {over: -1.0}, upper=max(0.0, off))
        return
    under = problem.column(weight * objective.UNDER, INFINITE, is_whole=False)
    problem.row(minutes | {under: 1.0, over: -1.0}, off, off)


def idle_cost(model: Model, worker: Worker, monday: date) -> float:
    """What a week costs for whoever takes on nothing of it."""
    week = monday.toordinal()
    fixed = sum(task.duty.minutes for task in model.base[worker.id] if task.week == week)
    counted = fixed + model.people[worker.id].counted(week)
    weight = scaled(model.plan.weights, "near_contract")
    return weight * objective.contract_cost(worker, counted) if model.is_whole_week else 0.0


def _evenings(model: Model, worker: Worker, base: Iterable[Task], there: Sequence[Choice]) -> None:
    fixed = {task.day for task in base if task.is_evening}
    late = {it.column: 1.0 for it in there if it.option.is_evening and it.day.toordinal() not in fixed}
    if not late:
        return
    model.problem.row(late, upper=max(0, worker.evenings_in_week - len(fixed)))
    weight = objective.EVENING * scaled(model.plan.weights, "fairness")
    more = model.problem.column(weight, INFINITE, is_whole=False)
    model.problem.row(late | {more: -1.0}, upper=0.0 if fixed else 1.0)


def _in_a_row(model: Model, worker: Worker, fixed: set[int], by_day: Mapping[int, list[Choice]]) -> None:
    most, open_days = worker.days_in_row, by_day.keys() - fixed
    for begin in sorted({day - back for day in open_days for back in range(most + 1)}):
        window = range(begin, begin + most + 1)
        if all(day in fixed or day in open_days for day in window):
            held = sum(day in fixed for day in window)
            entries = {it.column: 1.0 for day in window if day in open_days for it in by_day[day]}
            model.problem.row(entries, upper=most - held)


def _day_off(model: Model, base: Sequence[Task], by_day: Mapping[int, list[Choice]]) -> None:
    """A whole day off in each week that could be worked through: the weekly rest, a little stricter than the rule."""
    fixed = {task.day for task in base}
    for monday in {day - (day - 1) % 7 for day in by_day}:
        week = range(monday, monday + 7)
        held = sum(day in fixed for day in week)
        if held < 7 and all(day in fixed or day in by_day for day in week):
            entries = {it.column: 1.0 for day in week if day not in fixed for it in by_day[day]}
            model.problem.row(entries, upper=6 - held)


def _rest(model: Model, by_day: Mapping[int, list[Choice]]) -> None:
    """Not late today and early tomorrow: for each early start, those days before that end too late for it."""
    rest = model.plan.rules.rest_hours * 60
    for day, there in by_day.items():
        after = by_day.get(day + 1, ())
        latest = max(each.option.ends for each in there)
        for start in sorted({each.option.begins for each in after if each.option.begins < latest + rest}):
            late = {each.column: 1.0 for each in there if each.option.ends + rest > start}
            early = {each.column: 1.0 for each in after if each.option.begins <= start}
            if late and early:
                model.problem.row(late | early, upper=1.0)
