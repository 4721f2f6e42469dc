"""A process that saves a run and dies half-way, or saves it whole; started by test_planning_rush.py.

python -m tests.programmes.planning_worker URL FIRST_SECOND dies|lives TYPED STAFF HUB
"""

import asyncio
import json
import os
import sys
import time
from uuid import UUID

from booking import clock, db, settings
from booking.people.models import Person
from booking.problems import Refused
from booking.programmes.plans import plan_form, planning, writing_dates
from tests.places.who import staff_who


async def main(url: str, start: str, how: str, typed: str, staff: str, hub: str) -> None:
    await db.open_database(settings.Database(url=url, pool=4))
    given = json.loads(typed)
    asked, _ = plan_form.understand(plan_form.Typed(**given | {"weekday": tuple(given["weekday"])}), clock.today())
    assert asked
    if how == "dies":
        writing_dates._write_skips = lambda *_: os._exit(9)
    await asyncio.sleep(max(0, float(start) - time.monotonic()))
    try:
        await planning.save(asked, by=staff_who(await Person.get(id=UUID(staff)), {UUID(hub)}, "hub_manager"))
        said = "saved"
    except Refused as refused:
        said = refused.problems[0].rule
    await db.close_database()
    print(said)


asyncio.run(main(*sys.argv[1:]))
