"""What goes to the process of a plan and back is the same plan."""

import json
import random
from dataclasses import replace

import pytest

from booking import db
from booking.rotas.planner import passing
from booking.rotas.values import Exceptional, Held, Weights
from tests.rotas.county import MONDAY, county
from tests.rotas.test_crew import anybody


@pytest.mark.parametrize("seed", range(8))
def test_a_plan_comes_back_as_it_was(seed):
    plan = county(staff=6, hubs=2, weeks=2, sessions=6, seed=seed, work_blocks=True)
    dice = random.Random(seed)
    workers = [*plan.workers, *(anybody(dice) for _ in range(5))]
    workers[0] = replace(
        workers[0],
        exceptions=(Exceptional(MONDAY, "09:00", "12:00", "works"),),
        skills={"iy": (Held(MONDAY), Held(None, MONDAY))},
        hub_id=None,
        from_date=MONDAY,
    )
    one, other = plan.duties[0].id, plan.duties[1].id
    plan = replace(
        plan,
        workers=workers,
        given={one: workers[0].id},
        fixed=frozenset({one}),
        leads={db.new_id(): (workers[0].id, workers[1].id)},
        was={other: workers[1].id},
        weights=Weights(travel=3),
        hub_ids=frozenset([db.new_id()]),
    )
    assert passing.from_json(json.loads(passing.text(passing.to_json(plan)))) == plan
