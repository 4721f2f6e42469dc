"""The least change that fills open duties: somebody free in place of whoever cannot, and only where nobody is free one colleague
gives a duty to another to take it. Pure but for `propose`; the same plan gives the same proposal."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.rotas import candidates, loading, rules
from booking.rotas.candidates import Candidate
from booking.rotas.repair import searching
from booking.rotas.repair.steps import Move, Step
from booking.rotas.seeing import is_hidden, read_by
from booking.rotas.values import BESIDE, Duty, Plan, Worker

NEAR_DAYS = timedelta(days=1)
MOVERS, OWN = 16, 4
"""How many people are looked at who would have to give a duty away, and how many of theirs."""


@dataclass(slots=True)
class _Search:
    plan: Plan
    willing: Mapping[UUID, Collection[UUID]]
    pinned: Collection[UUID]
    given: dict[UUID, UUID] = field(default_factory=dict)
    fits: dict[UUID, list[Worker]] = field(default_factory=dict)

    own: dict[UUID, list[Duty]] = field(default_factory=lambda: defaultdict(list))
    here: dict[tuple[UUID, date], list[Duty]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        """Everybody's duties, and those of each place and day: the search looks at nothing else."""
        for each in self.plan.duties:
            self.here[each.place.id, each.date].append(each)
            if each.id in self.given:
                self.own[self.given[each.id]].append(each)

    def give(self, duty: Duty, staff: UUID) -> None:
        before = self.given.get(duty.id)
        if before is not None:
            self.own[before] = [it for it in self.own[before] if it.id != duty.id]
        self.given[duty.id] = staff
        self.own[staff].append(duty)

    def around(self, duty: Duty, some: Sequence[Worker]) -> Plan:
        """The plan as far as these people and this place on this day go."""
        near = {it.id: it for it in self.here[duty.place.id, duty.date]}
        near |= {it.id: it for each in some for it in self.own[each.id]}
        given = {id: self.given[id] for id in near if id in self.given}
        wanted = {each.id for each in some}
        beside = set(given.values()) - wanted
        workers = [*some, *(each for each in self.plan.workers if each.id in beside)]
        return replace(self.plan, workers=workers, duties=list(near.values()), given=given)

    def judged(self, duty: Duty, some: Sequence[Worker]) -> list[Candidate]:
        wanted = {each.id for each in some}
        found = candidates.judged(duty, self.around(duty, some), self.willing.get(duty.id, ()))
        return [each for each in found if each.is_fit and each.worker.id in wanted]

    def fit_alone(self, duty: Duty) -> list[Worker]:
        """Whom nothing of their own keeps from it, whatever else they do."""
        if duty.id not in self.fits:
            own = [w for w in self.plan.workers if all(one.level == "soft" for one in rules.unfit(w, duty))]
            self.fits[duty.id] = own
        return self.fits[duty.id]

    def could(self, duty: Duty, but: Collection[UUID] = ()) -> list[Candidate]:
        """Everybody free for it now, best first."""
        some = [each for each in self.fit_alone(duty) if each.id not in but]
        return self.judged(duty, some)


async def propose(shift_ids: Collection[UUID], who: Who, lost_by: UUID | None = None) -> list[Step]:
    """What would fill these open shifts, in order of time, as `who` may read it. Nine queries; the search beside the event loop."""
    rows = (
        await db.rows(f"SELECT date, hub_id FROM shift WHERE id IN {db.in_list(list(shift_ids))}", *shift_ids)
        if shift_ids
        else []
    )
    if not rows:
        return []
    days = [row["date"] for row in rows]
    plan = await read_by(await loading.load(None, min(days), max(days), everybody=True), who)
    hubs = {row["hub_id"] for row in rows}
    plan = replace(plan, rules=await loading.rules_of(next(iter(hubs)) if len(hubs) == 1 else None))
    kept = await _kept(plan, who.as_manager() if any(who.manages(hub) for hub in hubs) else who)
    steps = await asyncio.to_thread(steps_of, plan, shift_ids, await willing_of(shift_ids), kept)
    return await searching.better(plan, steps, kept, lost_by or db.new_id())


async def willing_of(shift_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """shift -> who has said that they could take it."""
    ids, found = sorted(shift_ids), {}
    rows = (
        await db.rows(f"SELECT shift_id, staff_id FROM willing WHERE shift_id IN {db.in_list(ids)}", *ids)
        if ids
        else []
    )
    for row in rows:
        found.setdefault(row["shift_id"], set()).add(row["staff_id"])
    return found


async def _kept(plan: Plan, who: Who) -> set[UUID]:
    """What nobody is moved out of: pinned, begun, at hubs that they do not plan, or nothing that they may read."""
    pinned = await db.rows("SELECT shift_id FROM assignment WHERE is_pinned AND starts_at > $1", clock.now())
    now = clock.now()
    other = {it.id for it in plan.duties if is_hidden(it) or it.starts_at <= now or not who.may_act_at(it.place.hub_id)}
    return other | {row["shift_id"] for row in pinned}


def steps_of(
    plan: Plan, shift_ids: Collection[UUID], willing: Mapping[UUID, Collection[UUID]], pinned: Collection[UUID]
) -> list[Step]:
    """The scarcest first, each by whoever is free and nearest; then by one colleague who gives something away. Pure."""
    wanted = set(shift_ids)
    gaps = [each for each in plan.duties if each.id in wanted and not is_hidden(each) and each.id not in plan.given]
    search = _Search(plan, willing, pinned, dict(plan.given))
    found: dict[UUID, Step] = {}
    main = [each for each in gaps if each.kind not in BESIDE]
    for duty in sorted(main, key=lambda it: (len(search.could(it)), it.starts_at, it.id)):
        free = search.could(duty)
        if free:
            found[duty.id] = Step(duty, (Move(duty, None, free[0].worker.id),), free[0])
            search.give(duty, free[0].worker.id)
    for duty in main:
        if duty.id not in found:
            found[duty.id] = _by_moving(search, duty, found)
    for duty in gaps:
        if duty.kind in BESIDE:
            found[duty.id] = _beside(search, duty)
    return sorted(found.values(), key=lambda it: (it.duty.starts_at, it.duty.id))


def _by_moving(search: _Search, duty: Duty, found: dict[UUID, Step]) -> Step:
    """By somebody who gives one duty to a colleague: first what was only proposed to them just now, else what they have."""
    for only_proposed in (True, False):
        for worker, own, other in _ways(search, duty, set(found), only_proposed=only_proposed):
            search.give(own, other.worker.id)
            search.give(duty, worker.id)
            into = Move(duty, None, worker.id)
            if own.id in found:
                found[own.id] = Step(own, (Move(own, None, other.worker.id),), other)
                return Step(duty, (into,))
            return Step(duty, (into, Move(own, worker.id, other.worker.id)))
    return Step(duty)


def _ways(
    search: _Search, duty: Duty, proposed: set[UUID], *, only_proposed: bool
) -> Iterator[tuple[Worker, Duty, Candidate]]:
    for worker in search.fit_alone(duty)[:MOVERS]:
        mine = list(search.own[worker.id])
        near = [it for it in mine if _may_go(search, it, duty) and (it.id in proposed) == only_proposed]
        for own in near[:OWN]:
            others = [it for it in mine if it.id != own.id]
            if any(one.level != "soft" for one in rules.would_break(worker, duty, others, search.plan.rules)):
                continue
            could = search.judged(own, [it for it in search.fit_alone(own) if it.id != worker.id])
            if could:
                yield worker, own, could[0]


def _may_go(search: _Search, own: Duty, gap: Duty) -> bool:
    """Near the gap in time, and nothing that must stay with who has it."""
    if own.id in search.pinned or own.kind in BESIDE or own.starts_at <= clock.now():
        return False
    return abs(own.date - gap.date) <= NEAR_DAYS and (gap.kind != "cover" or own.kind == "cover")


def _beside(search: _Search, duty: Duty) -> Step:
    """What is beside a session goes to whoever leads it, where the rules let them."""
    lead = next(
        (
            search.given[it.id]
            for it in search.plan.duties
            if it.kind == "facilitator"
            and it.session_id == duty.session_id
            and it.position == duty.position
            and it.id in search.given
        ),
        None,
    )
    could = [it for it in search.could(duty) if it.worker.id == lead] if lead else []
    if not could:
        return Step(duty)
    search.give(duty, could[0].worker.id)
    return Step(duty, (Move(duty, None, could[0].worker.id),), could[0])
