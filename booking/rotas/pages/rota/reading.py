"""Everything that a rota page shows, read and judged once: a fixed number of queries whatever the size."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.rotas import loading, rules
from booking.rotas.pages.rota.asked import Asked
from booking.rotas.seeing import is_hidden, seen_by, skill_names
from booking.rotas.shares import Share, shares
from booking.rotas.values import Broken, Duty, Plan, Worker

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the rota, by name; person_id is who signs in."""

    name: str
    person_id: UUID


@dataclass(slots=True)
class Rota:
    """A window of the rota. shown are the duties that the filters leave, by time; facts the row of each duty in the window (what is
    published, pinned, set aside); broken what is wrong, by the duty that it is first about."""

    plan: Plan
    shown: list[Duty]
    facts: Mapping[UUID, Row]
    workers: dict[UUID, Worker]
    names: dict[UUID, Person]
    broken: dict[UUID, list[Broken]] = field(default_factory=dict)
    shares: dict[UUID, Share] = field(default_factory=dict)
    now: datetime = field(default_factory=clock.now)
    me: UUID | None = None
    hub_ids: Collection[UUID] | None = None

    def worker_of(self, duty: Duty) -> UUID | None:
        return self.plan.given.get(duty.id)

    def name_of(self, staff_id: UUID | None) -> str:
        person = self.names.get(staff_id) if staff_id else None
        return person.name if person else "somebody else"

    @property
    def gaps(self) -> list[Duty]:
        return [each for each in self.shown if each.id not in self.plan.given]

    @property
    def serious(self) -> list[Broken]:
        return [one for some in self.broken.values() for one in some if one.level != "soft"]

    @property
    def warnings(self) -> list[Broken]:
        return [one for some in self.broken.values() for one in some if one.level == "soft"]

    @property
    def unpublished(self) -> int:
        """How many of the shown duties of these hubs are in the draft another way than published; those that people have at other
        hubs are published there."""
        given = self.plan.given
        return sum(
            fact["published_staff_id"] != given.get(each.id)
            for each in self.shown
            if (fact := self.facts.get(each.id)) is not None
            and (self.hub_ids is None or each.place.hub_id in self.hub_ids)
        )


async def read(asked: Asked, who: Who) -> Rota:
    wide = await loading.rows_around(asked.first, asked.last, hub_ids=asked.hub_ids)
    plan = await loading.plan_of(wide, asked.hub_ids, asked.first, asked.last, skill_names=await skill_names())
    plan = await seen_by(plan, who)
    people = await db.rows("SELECT id, known_as, person_id FROM staff_profile")
    names = {row["id"]: Person(row["known_as"], row["person_id"]) for row in people}
    facts = {row["id"]: row for row in wide.inside}
    me = next((id for id, each in names.items() if each.person_id == who.id), None)
    rota = Rota(plan, [], facts, {each.id: each for each in plan.workers}, names, me=me, hub_ids=asked.hub_ids)
    last = asked.last
    inside = [each for each in plan.duties if asked.first <= each.date <= last]
    shown = [each for each in inside if _is_shown(each, rota, asked)]
    rota.shown = sorted(shown, key=lambda each: each.starts_at)
    rota.broken = milder(broken_in(plan, asked.hub_ids), facts)
    rota.shares = shares(plan)
    return rota


def _is_shown(duty: Duty, rota: Rota, asked: Asked) -> bool:
    """Left by the filters. An open shift of what is private elsewhere is none of theirs."""
    given = rota.plan.given.get(duty.id)
    if given is None and is_hidden(duty):
        return False
    return (
        (not asked.place_id or duty.place.id == asked.place_id)
        and (not asked.kind or duty.kind == asked.kind)
        and (not asked.only_gaps or given is None)
        and (not asked.only_me or (given is not None and given == rota.me))
    )


def broken_in(plan: Plan, hub_ids: Collection[UUID] | None = None) -> dict[UUID, list[Broken]]:
    """What is wrong in the plan's window, by the duty that it is first about. Who is alone is judged at these hubs (None: all), of
    which every shift is known."""
    inside = {each.id: each for each in plan.duties if plan.first <= each.date <= plan.last}
    theirs, judged = defaultdict(list), defaultdict(list)
    for duty in plan.duties:
        staff = plan.given.get(duty.id)
        if staff is None:
            continue
        theirs[staff].append(duty)
        if plan.first <= duty.date <= plan.last:
            judged[staff].append(duty)
    found: dict[UUID, list[Broken]] = defaultdict(list)
    for worker in plan.workers:
        if worker.id not in judged:
            continue
        _keep([one for duty in judged[worker.id] for one in rules.unfit(worker, duty)], inside, found)
        _keep(rules.broken(worker, theirs[worker.id], plan.rules), inside, found)
    workers = {each.id: each for each in plan.workers}
    here = [each for each in inside.values() if hub_ids is None or each.place.hub_id in hub_ids]
    _keep(rules.alone(here, plan.given, workers), inside, found)
    return found


def milder(broken: Mapping[UUID, list[Broken]], facts: Mapping[UUID, Row]) -> dict[UUID, list[Broken]]:
    """The same, with hard rules that a manager has set aside for that duty as warnings, as publishing has them. Pure."""
    return {id: [_milder(one, facts.get(one.duties[0])) for one in some] for id, some in broken.items()}


def _milder(one: Broken, fact: Row | None) -> Broken:
    is_set_aside = fact is not None and one.level == "hard" and one.rule in (fact["overridden"] or "").split()
    return replace(one, level="soft") if is_set_aside else one


def _keep(some: Sequence[Broken], inside: Mapping[UUID, Duty], found: dict[UUID, list[Broken]]) -> None:
    """Files each under the first of its duties that may be read; what is about private ones alone is none of theirs."""
    for one in some:
        about = next((id for id in one.duties if id in inside and not is_hidden(inside[id])), None)
        if about is not None:
            found[about].append(one)
