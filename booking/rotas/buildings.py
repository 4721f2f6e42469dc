"""Who would be alone in a building that needs two. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from uuid import UUID

from booking import clock
from booking.rotas.breaking import say
from booking.rotas.values import BESIDE, Broken, Duty, Worker
from booking.words import short_day, time_range


def alone(duties: Iterable[Duty], given: Mapping[UUID, UUID], workers: Mapping[UUID, Worker]) -> list[Broken]:
    """Who would be alone in a building that needs two, by place and day. A volunteer who does not count as the second person may not
    be there without somebody who does; who works beside a session needs nobody."""
    by_place: dict[tuple[UUID, date], list[tuple[Duty, Worker]]] = defaultdict(list)
    for each in duties:
        worker = workers.get(given.get(each.id, each.id))
        if worker is not None and each.place.needs_two and each.kind not in BESIDE:
            by_place[each.place.id, each.date].append((each, worker))
    return [one for there in by_place.values() for one in _alone_in(there)]


def _alone_in(there: Sequence[tuple[Duty, Worker]]) -> list[Broken]:
    found: dict[UUID, Broken] = {}
    edges = sorted({moment for duty, _ in there for moment in (duty.starts_at, duty.ends_at)})
    for start, end in pairwise(edges):
        inside = [(duty, worker) for duty, worker in there if duty.starts_at <= start and duty.ends_at >= end]
        counting = {worker.id for _, worker in inside if worker.counts_for_two}
        if not inside or len(counting) >= 2:
            continue
        for duty, worker in inside:
            if duty.id in found or (counting and worker.id not in counting):
                continue
            times = time_range(f"{clock.local(start):%H:%M}", f"{clock.local(end):%H:%M}")
            words = f"{worker.name} would be alone at {duty.place.name} on {short_day(duty.date)}, {times}."
            found[duty.id] = say("alone", words, worker, duty)
    return list(found.values())
