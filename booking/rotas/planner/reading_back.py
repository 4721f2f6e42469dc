"""From the columns that the solver chose to who does which shift."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from booking.rotas.planner.model import Model
from booking.rotas.planner.objective import gap_cost
from booking.rotas.planner.works import Part, Work
from booking.rotas.values import Duty


def given_by(model: Model, values: Sequence[float]) -> dict[UUID, UUID]:
    """shift -> worker for the model's free duties. Whoever had one of some equal positions before keeps that one."""
    takers: dict[int, list[tuple[UUID, Part]]] = defaultdict(list)
    for each in model.choices:
        if values[each.column] > 0.5:
            for part in each.option.parts:
                takers[part.work.number].append((each.worker.id, part))
    found: dict[UUID, UUID] = {}
    before = {**model.plan.was, **model.plan.given} if not model.plan.was else model.plan.was
    for work in model.works:
        found |= _places(work, takers[work.number], before)
    return found


def _places(work: Work, takers: Sequence[tuple[UUID, Part]], before: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """Each taker in a position of theirs, the dearest positions filled first: there is always a way, for the rows count skilled and
    plain ones, and going by price is best (a transversal matroid)."""
    skilled = {duty.id for duty in work.skilled} if work.plain else set()
    holds: dict[UUID, Duty] = {}  # worker -> the position
    had = {staff for staff, _ in takers}

    def fill(duty: Duty, tried: set[UUID]) -> bool:
        order = sorted(
            takers, key=lambda it: (before.get(duty.id) != it[0], it[0] in holds, it[1].is_skilled, it[0].bytes)
        )
        for staff, part in order:
            if staff in tried or (duty.id in skilled and not part.is_skilled):
                continue
            tried.add(staff)
            if staff not in holds or fill(holds[staff], tried):
                holds[staff] = duty
                return True
        return False

    for duty in sorted(
        work.duties, key=lambda it: (-gap_cost(it), before.get(it.id) not in had, it.position, it.id.bytes)
    ):
        fill(duty, set())
    parts = dict(takers)
    found: dict[UUID, UUID] = {}
    for staff, duty in holds.items():
        found |= _with_blocks(work, duty, staff, parts[staff])
    return found


def _with_blocks(work: Work, duty: Duty, staff: UUID, part: Part) -> dict[UUID, UUID]:
    beside = work.blocks.get(duty.id, ()) if part.has_blocks else ()
    return {each.id: staff for each in (duty, *beside)}
