"""Who could lead the dates of a plan, and what keeps whoever is named from it: beside the facilitators in the form and the grid."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from booking import db
from booking.programmes.plans.planning import Preview
from booking.rotas import free_to_lead
from booking.rotas.free_to_lead import Trained
from booking.words import count_words


@dataclass(frozen=True, slots=True)
class PeopleOfPlan:
    """choices: (name, words), who is free on most dates first. why: of each date in the rule what keeps its facilitators from it."""

    choices: tuple[tuple[str, str], ...] = ()
    why: Mapping[date, tuple[str, ...]] = field(default_factory=dict)
    summary: str = ""

    def of(self, iso: str) -> tuple[str, ...]:
        return self.why.get(date.fromisoformat(iso), ())


NO_PEOPLE = PeopleOfPlan()


async def people_of(found: Preview, *, run_id: UUID | None) -> PeopleOfPlan:
    """Of the people on the rota; `run_id` is the draft whose own dates count as theirs already. Ten queries."""
    held = [each.want for each in found.dates if each.want.is_held]
    if not held:
        return NO_PEOPLE
    named = {name for want in held for name in (want.facilitator_1, want.facilitator_2) if name}
    days = sorted(want.day for want in held)
    skills = await db.value("SELECT skills FROM programme WHERE id = $1", found.scene.asked.programme_id)
    people = await free_to_lead.trained(skills or "", days[0], days[-1], named=named)
    by_name = {each.worker.name.casefold(): each for each in people}

    def why(one: Trained, want: Any) -> str:
        room = found.scene.rooms.get(want.room_id) if want.room_id else None
        return one.why_not(room, want.day, want.start, want.end, besides=run_id)

    wrong: dict[date, tuple[str, ...]] = {}
    for want in held:
        known = [by_name.get(name.casefold()) for name in (want.facilitator_1, want.facilitator_2) if name]
        said = [f"{one.worker.name} {words}" for one in known if one and (words := why(one, want))]
        if said:
            wrong[want.of] = tuple(said)
    counted = sorted((sum(bool(why(one, want)) for want in held), one.worker.name) for one in people)
    choices = tuple((name, _free_words(missing, len(held))) for missing, name in counted if missing < len(held))
    clashing = count_words(len(wrong), "date")
    return PeopleOfPlan(choices, wrong, f"{clashing} without their facilitator" if wrong else "")


def _free_words(missing: int, dates: int) -> str:
    return "free on every date" if not missing else f"free on {dates - missing} of {dates}"
