"""One person falls ill: `python -m benchmarks.rota_repair [--people 60] [--cases 20]`.

A month for 60 people and 12 hubs is planned once; then, case by case, somebody who works that day is ill for a day (and in every fourth case for the
week), and the rota is mended. Prints CPU seconds, what had to be done, what stayed open and who was moved though not ill, and last
what happens when nothing happened.
"""

import argparse
import random
import time
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from benchmarks import rota_instances
from booking.rotas.planner import decomposed, greedy
from booking.rotas.planner.checking import hard_ones
from booking.rotas.values import Away, Plan


def main(options: argparse.Namespace) -> None:
    size = rota_instances.Size(options.people, 12, 0, 2)
    empty = rota_instances.make(size)
    planned = decomposed.plan(empty, seconds=options.seconds) if options.seconds else greedy.plan(empty)
    plan = replace(empty, duties=rota_instances.at_times(empty, planned), given=planned.given, was=planned.given)
    print(f"{options.people} people, 12 hubs, {len(plan.duties)} shifts of two weeks, {len(plan.given)} filled")
    seconds = []
    for n, (staff, day) in enumerate(_cases(plan, options.cases)):
        seconds.append(_case(plan, staff, day, 5 if n % 4 == 3 else 1))
    print(f"slowest {max(seconds):.2f} s, median {sorted(seconds)[len(seconds) // 2]:.2f} s")
    began = time.process_time()
    week = _week(plan, plan.first)
    same = decomposed.repair(week).given == week.was
    print(f"nothing happened: {'nothing changes' if same else 'IT CHANGES'}, {time.process_time() - began:.2f} s")


def _cases(plan: Plan, number: int) -> list[tuple[UUID, date]]:
    """Somebody and a day of the first week on which they work."""
    chance = random.Random(2)
    week = sorted(
        {(plan.given[it.id], it.date) for it in plan.duties if it.id in plan.given and (it.date - plan.first).days < 5}
    )
    return chance.sample(week, number)


def _week(plan: Plan, day: date) -> Plan:
    monday = day - timedelta(days=day.weekday())
    inside = {it.id for it in plan.duties if monday <= it.date <= monday + timedelta(days=6)}
    return replace(
        plan,
        first=monday,
        last=monday + timedelta(days=6),
        fixed=frozenset(it.id for it in plan.duties if it.id not in inside),
        was={id: staff for id, staff in plan.was.items() if id in inside},
        given=plan.given,
    )


def _case(plan: Plan, staff: UUID, day: date, days: int) -> float:
    ill = Away(day, day + timedelta(days=days - 1), kind="sick")
    workers = [replace(it, leave=(*it.leave, ill)) if it.id == staff else it for it in plan.workers]
    week = replace(_week(plan, day), workers=workers)
    began = time.process_time()
    mended = decomposed.repair(week)
    lasted = time.process_time() - began
    kept = {id: who for id, who in plan.given.items() if str(id) not in mended.found["lost"]}
    worse = hard_ones(week, {**kept, **mended.given}) - hard_ones(week, kept)
    found = mended.found
    print(
        f"  ill {days} day(s) from {day}: {len(found['lost'])} lost, {len(found['open'])} open, {len(found['moved'])} others moved,"
        f" {found['way']}, hard rules broken {sum(worse.values())}, {lasted:.2f} s",
        flush=True,
    )
    return lasted


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument(
        "--seconds", type=float, default=30, help="CPU seconds for the month's plan; 0: the quick draft's"
    )
    main(parser.parse_args())
