"""What a rota may not do, and what it should not: pure functions over values, for the page, the planners' checker and the tests alike.

`unfit` (one_duty.py) judges one duty for one person, `broken` everything one person does, `alone` (buildings.py) everybody in one
building, `check` a whole plan. Which rules there are stands in breaking.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

from booking import clock
from booking.rotas.availability import minute_of, minutes_of_leave
from booking.rotas.breaking import say, span, when
from booking.rotas.buildings import alone
from booking.rotas.one_duty import unfit
from booking.rotas.travel import minutes_between
from booking.rotas.values import BESIDE, Broken, Duty, Plan, Rules, Worker
from booking.words import hours_words, short_day

Weeks = Mapping[date, Sequence[Duty]]
WEEK = timedelta(days=7)


def broken(worker: Worker, duties: Iterable[Duty], rules: Rules) -> list[Broken]:
    """What is wrong with all that one person does, each duty by itself left aside (`unfit`). Weeks are Monday to Sunday, local."""
    ordered = sorted(duties, key=lambda each: (each.starts_at, each.ends_at, each.id))
    weeks = weeks_of(ordered)
    return [
        *_pairs(worker, ordered, rules),
        *_hours(worker, weeks, rules),
        *_days(worker, ordered, weeks, rules),
        *_breaks(worker, ordered, rules),
    ]


def _pairs(worker: Worker, ordered: Sequence[Duty], rules: Rules) -> list[Broken]:
    return [*_doubles(worker, ordered), *_rests(worker, ordered, rules), *_journeys(worker, ordered, rules)]


def _doubles(worker: Worker, ordered: Sequence[Duty]) -> list[Broken]:
    found: list[Broken] = []
    going_on: list[Duty] = []
    for later in ordered:
        going_on = [each for each in going_on if each.ends_at > later.starts_at]
        for earlier in going_on:
            words = f"{worker.name} would be on two duties at once: {_what(earlier)} and {_what(later)}."
            found.append(say("double", words, worker, later, earlier))
        going_on.append(later)
    return found


def _rests(worker: Worker, ordered: Sequence[Duty], rules: Rules) -> list[Broken]:
    """Eleven hours of rest between days, and within any 24 hours: what is done without such a rest is over within the other 13
    (Working Time Regulations 1998, regulation 10). Real hours, whatever the clocks do."""
    found = []
    rest, first, last = rules.rest_hours * 60, None, None
    for each in ordered:
        if first is None or last is None or (gap := _gap(last, each)) >= rest:
            first, last = each, each
        elif gap >= 0 and last.date != each.date:
            words = (
                f"{worker.name} would have {hours_words(round(gap))} between {when(last)} and {when(each)};"
                f" {rules.rest_hours:g} hours of rest are due."
            )
            found.append(say("rest", words, worker, each, last))
            first, last = each, each
        else:
            if (lasts := (each.ends_at - first.starts_at).total_seconds() / 60) > 24 * 60 - rest:
                words = (
                    f"{worker.name} would be at work for {hours_words(round(lasts))} from {when(first)} to {when(each)};"
                    f" {rules.rest_hours:g} hours of rest are due in every 24."
                )
                found.append(say("rest", words, worker, each, first))
            last = max(last, each, key=lambda it: it.ends_at)
    return found


def _journeys(worker: Worker, ordered: Sequence[Duty], rules: Rules) -> list[Broken]:
    """Time to travel between places on one day; work beside a session may be done anywhere, but not on the way."""
    found = []
    before: Duty | None = None
    busy = 0.0
    for each in ordered:
        if each.kind in BESIDE:
            busy += (each.ends_at - each.starts_at).total_seconds() / 60
            continue
        if before is not None and before.date == each.date and (gap := _gap(before, each)) >= 0:
            free = max(0.0, gap - busy)
            if (needed := on_the_way(worker, before, each, rules)) > free:
                words = (
                    f"From {before.place.name} to {each.place.name} it is about {needed} minutes, and {worker.name} would have"
                    f" {round(free)} on {short_day(each.date)}."
                )
                found.append(say("travel", words, worker, each, before))
        before, busy = each, 0.0
    return found


def _what(duty: Duty) -> str:
    return f"{duty.title or duty.place.name} ({when(duty)})"


def on_the_way(worker: Worker, earlier: Duty, later: Duty, rules: Rules) -> int:
    """Minutes needed between two duties; 0 in the same place, and for what can be done anywhere."""
    if earlier.place.id == later.place.id or earlier.kind in BESIDE or later.kind in BESIDE:
        return 0
    a, b = earlier.place, later.place
    minutes = minutes_between(a.lat, a.lon, b.lat, b.lon, drives=worker.drives)
    return 0 if minutes is None else minutes + rules.travel_margin_minutes


@lru_cache(maxsize=4096)
def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weeks_of(duties: Iterable[Duty]) -> dict[date, list[Duty]]:
    """Duties by the Monday of their week."""
    found: dict[date, list[Duty]] = defaultdict(list)
    for each in duties:
        found[monday_of(each.date)].append(each)
    return found


def _hours(worker: Worker, weeks: Weeks, rules: Rules) -> list[Broken]:
    found = []
    for monday, own in weeks.items():
        worked = sum(each.minutes for each in own)
        counted = worked + minutes_of_leave(worker, monday, monday + timedelta(days=6))
        is_within = worker.weekly_minutes is None or counted <= worker.weekly_minutes
        if is_within and worked <= rules.most_week_minutes:
            continue
        week = f"in the week of {short_day(monday)}"
        if worked > rules.most_week_minutes:
            words = f"{worker.name} would work {hours_words(worked)} {week}; {hours_words(rules.most_week_minutes)} is the most."
            found.append(say("most_hours", words, worker, own[-1], *own[:-1]))
        if worker.weekly_minutes is None:
            continue
        said = (
            f"{worker.name} would have {hours_words(counted)} {week}; {hours_words(worker.weekly_minutes)} are agreed"
        )
        if counted > worker.weekly_minutes + worker.over_minutes:
            words = f"{said}, {hours_words(worker.over_minutes)} more at most." if worker.over_minutes else f"{said}."
            found.append(say("hours", words, worker, own[-1], *own[:-1]))
        elif counted > worker.weekly_minutes:
            found.append(say("over_contract", f"{said}.", worker, own[-1], *own[:-1]))
    return found


def is_evening(duty: Duty, rules: Rules) -> bool:
    """It goes on after the evening has begun."""
    return span(duty)[1] > minute_of(rules.evening_from)


def _days(worker: Worker, ordered: Sequence[Duty], weeks: Weeks, rules: Rules) -> list[Broken]:
    by_day: dict[date, list[Duty]] = defaultdict(list)
    for each in ordered:
        by_day[each.date].append(each)
    days = sorted(by_day)
    return [
        *_in_a_row(worker, by_day, days),
        *_saturdays(worker, by_day, days),
        *_evenings(worker, weeks, rules),
        *_weekly_rest(worker, weeks, rules),
    ]


def _in_a_row(worker: Worker, by_day: Mapping[date, list[Duty]], days: Sequence[date]) -> list[Broken]:
    found, run = [], 0
    for n, day in enumerate(days):
        run = run + 1 if n and day - days[n - 1] == timedelta(days=1) else 1
        if run > worker.days_in_row:
            words = f"{worker.name} would work {run} days in a row up to {short_day(day)}; {worker.days_in_row} is the most."
            found.append(say("days_in_row", words, worker, by_day[day][0]))
    return found


def _saturdays(worker: Worker, by_day: Mapping[date, list[Duty]], days: Sequence[date]) -> list[Broken]:
    """Of any four Saturdays that follow each other no more than agreed; a Sunday counts as its Saturday."""
    weekends = sorted({monday_of(day) for day in days if day.weekday() >= 5})
    found = []
    for monday in weekends:
        inside = [it for it in weekends if timedelta(0) <= monday - it < timedelta(days=28)]
        if len(inside) > worker.saturdays_in_four:
            first = next(by_day[day][0] for day in days if day.weekday() >= 5 and monday_of(day) == monday)
            words = (
                f"{worker.name} would work {len(inside)} of four weekends up to {short_day(first.date)};"
                f" {worker.saturdays_in_four} is the most."
            )
            found.append(say("saturdays", words, worker, first))
    return found


def _evenings(worker: Worker, weeks: Weeks, rules: Rules) -> list[Broken]:
    found = []
    for monday, own in weeks.items():
        late = sorted({each.date for each in own if is_evening(each, rules)})
        if len(late) > worker.evenings_in_week:
            last = next(each for each in own if each.date == late[-1] and is_evening(each, rules))
            words = (
                f"{worker.name} would work {len(late)} evenings in the week of {short_day(monday)};"
                f" {worker.evenings_in_week} is the most."
            )
            found.append(say("evenings", words, worker, last))
    return found


def _weekly_rest(worker: Worker, weeks: Weeks, rules: Rules) -> list[Broken]:
    """In every week that has duties one rest of a whole day: before, between or after them (regulation 11; its week begins at
    midnight before Monday)."""
    found = []
    for monday, own in weeks.items():
        begin, end = clock.at(monday, "00:00"), clock.at(monday + timedelta(days=7), "00:00")
        longest, free_from = timedelta(0), begin
        for each in (*weeks.get(monday - WEEK, ()), *own):
            if begin < each.ends_at and each.starts_at < end:
                longest, free_from = max(longest, each.starts_at - free_from), max(free_from, each.ends_at)
        if max(longest, end - free_from) < timedelta(hours=rules.weekly_rest_hours):
            words = f"{worker.name} would have no {rules.weekly_rest_hours:g} hours off together in the week of {short_day(monday)}."
            found.append(say("weekly_rest", words, worker, own[-1], *own[:-1]))
    return found


def _breaks(worker: Worker, ordered: Sequence[Duty], rules: Rules) -> list[Broken]:
    """Somebody at work for longer than six hours has a break between duties, or within one that is paid for less than it lasts
    (regulation 12). At a hub people take turns at lunch, which no rota writes down: so it warns, once a week."""
    weeks: dict[date, list[list[Duty]]] = defaultdict(list)
    for each in _stretches(ordered, rules):
        lasts = (each[-1].ends_at - each[0].starts_at).total_seconds() / 60
        unpaid = lasts - sum(it.minutes for it in each)
        if lasts > rules.break_after_minutes and unpaid < rules.break_minutes:
            weeks[monday_of(each[0].date)].append(each)
    return [_no_break(worker, found, rules) for found in weeks.values()]


def _stretches(ordered: Sequence[Duty], rules: Rules) -> list[list[Duty]]:
    """Duties that follow each other without time for a break."""
    found: list[list[Duty]] = []
    for each in ordered:
        if found and _gap(found[-1][-1], each) < rules.break_minutes:
            found[-1].append(each)
        else:
            found.append([each])
    return found


def _no_break(worker: Worker, found: Sequence[Sequence[Duty]], rules: Rules) -> Broken:
    days = list(dict.fromkeys(short_day(each[0].date) for each in found))
    words = (
        f"{worker.name} would work more than {hours_words(rules.break_after_minutes)} without a break on {', '.join(days)};"
        f" {rules.break_minutes} minutes are due."
    )
    return say("break", words, worker, *(it for each in found for it in (each[-1], *each[:-1])))


def _gap(earlier: Duty, later: Duty) -> float:
    return (later.starts_at - earlier.ends_at).total_seconds() / 60


def check(plan: Plan, given: Mapping[UUID, UUID] | None = None) -> list[Broken]:
    """Everything that the assignments break, hard and soft; who is alone where everybody is known (Plan.known). `given` is judged in
    place of the plan's own; whoever is no worker of the plan is left aside."""
    given = plan.given if given is None else given
    workers = {each.id: each for each in plan.workers}
    theirs: dict[UUID, list[Duty]] = defaultdict(list)
    for duty in plan.duties:
        if given.get(duty.id) in workers:
            theirs[given[duty.id]].append(duty)
    found = [one for id, own in theirs.items() for duty in own for one in unfit(workers[id], duty)]
    found += [one for id, own in theirs.items() for one in broken(workers[id], own, plan.rules)]
    return [*found, *alone(plan.known, given, workers)]


def would_break(worker: Worker, duty: Duty, others: Iterable[Duty], rules: Rules) -> list[Broken]:
    """What giving this duty to somebody who has the others breaks: only what it itself brings or makes worse, not what was wrong before."""
    others = [each for each in others if each.id != duty.id]
    before = {(one.rule, one.words) for one in broken(worker, others, rules)}
    after = [
        one
        for one in broken(worker, [*others, duty], rules)
        if duty.id in one.duties or (one.rule, one.words) not in before
    ]
    return [*unfit(worker, duty), *after]
