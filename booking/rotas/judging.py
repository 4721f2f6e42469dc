"""What changes to a rota break that was not broken before. Pure; each person is judged once, however many duties they are given."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from booking.rotas import rules
from booking.rotas.values import Broken, Duty, Plan, Worker

SAYS_ALL = {"double", "most_hours", "hours", "over_contract"}
"""Rules that name every duty they depend on: what does not name a duty stands without it too."""


def judged(plan: Plan, wanted: Mapping[UUID, UUID | None]) -> list[Broken]:
    """What these changes break that was not broken before. Who would be alone in a building is said, but stops nobody from
    being planned: the second person may come next, and publishing asks again."""
    workers = {each.id: each for each in plan.workers}
    given = {id: who for id, who in {**plan.given, **wanted}.items() if who}
    theirs: dict[UUID, list[Duty]] = defaultdict(list)
    new: dict[UUID, list[Duty]] = defaultdict(list)
    for duty in plan.duties:
        if who := given.get(duty.id):
            theirs[who].append(duty)
            if duty.id in wanted:
                new[who].append(duty)
    found: list[Broken] = []
    for who, duties in new.items():
        found += would_break_all(workers[who], duties, theirs[who], plan)
    return list(dict.fromkeys([*found, *_alone(plan, given, wanted, workers)]))


def would_break_all(worker: Worker, new: Sequence[Duty], theirs: Sequence[Duty], plan: Plan) -> list[Broken]:
    """What `rules.would_break` finds of any of the new duties beside all else of theirs, each thing once."""
    ids = {each.id for each in new}
    after = rules.broken(worker, theirs, plan.rules)
    found = {one for one in after if not ids.isdisjoint(one.duties)}
    open_ones = [one for one in after if one not in found and one.rule not in SAYS_ALL]
    for duty in new:
        if not open_ones:
            break
        without = rules.broken(worker, [each for each in theirs if each.id != duty.id], plan.rules)
        before = {(one.rule, one.words) for one in without}
        found |= {one for one in open_ones if (one.rule, one.words) not in before}
        open_ones = [one for one in open_ones if one not in found]
    return [*(one for duty in new for one in rules.unfit(worker, duty)), *(one for one in after if one in found)]


def _alone(
    plan: Plan, given: Mapping[UUID, UUID], wanted: Mapping[UUID, UUID | None], workers: Mapping[UUID, Worker]
) -> list[Broken]:
    """Who is alone now and was not, in the places and on the days that change."""
    here = {(each.place.id, each.date) for each in plan.duties if each.id in wanted}
    duties = [each for each in plan.duties if (each.place.id, each.date) in here]
    before = {(one.staff_id, one.duties) for one in rules.alone(duties, plan.given, workers)}
    return [
        replace(one, level="soft")
        for one in rules.alone(duties, given, workers)
        if (one.staff_id, one.duties) not in before
    ]
