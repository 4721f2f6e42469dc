"""What the page of a new run and that of a draft have in common: the grid with its ways out, and what is chosen from."""

from typing import Any
from uuid import UUID

from booking.people.signing_in import Who
from booking.places import staff_rooms, using_rooms
from booking.places.clashes import BENDABLE
from booking.programmes.pages.planning.people_of_plan import NO_PEOPLE, people_of
from booking.programmes.plans import plan_form, plan_grid
from booking.programmes.plans.plan_form import Typed
from booking.programmes.plans.planning import Preview

NO_GRID: dict[str, Any] = {
    "shared": [],
    "grid": None,
    "preview": None,
    "keyholders": [],
    "is_out_of_hours": False,
    "asks_reason": False,
    "people": NO_PEOPLE,
}


async def grid_context(who: Who, typed: Typed, found: Preview, *, run_id: UUID | None = None) -> dict[str, Any]:
    """The grid for the template. At most 34 queries, and those of the ways out only where something clashes."""
    scene = found.scene
    main = scene.rooms.get(scene.asked.room_id) if scene.asked.room_id else None
    places = await staff_rooms.choices_by_place(who)
    others = [room for place, some in places if main and place == main.location_name for room in some]
    theirs = {room["id"] for _, some in places for room in some}
    ways = plan_grid.only_to(theirs, await plan_grid.ways_for(found))
    rules = plan_grid.blocking_rules(found)
    is_out = plan_grid.is_out_of_hours(found)
    return {
        "preview": found,
        "people": await people_of(found, run_id=run_id),
        "shared": plan_grid.shared_ways(found, ways[0]),
        "grid": plan_grid.grid_of(found, ways, typed.choices, others),
        "summary": plan_grid.last_words(found),
        "is_out_of_hours": is_out,
        "keyholders": await using_rooms.keyholders_of([main.location_id]) if main and is_out else [],
        "asks_reason": bool(rules & BENDABLE) or bool(typed.override),
        "may_override": main is None or who.manages(main.hub_id) or main.override_by != "manager",
        "seen": ",".join(each.want.of.isoformat() for each in found.held),
        "shape": plan_form.fingerprint(scene.asked),
        "many_clash": len(found.clashing) * 2 > len(found.held),
    }
