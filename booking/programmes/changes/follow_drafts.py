"""A draft follows a change of its area's calendar: dates are left out and as many come at its end; nobody is told."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from booking import db
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes.changes.date_choices import DateChoice
from booking.programmes.changes.term_effects import RunEffect
from booking.programmes.plans import drafts
from booking.programmes.plans.plan_form import Asked

SKIP, BACK = DateChoice(do="skip"), DateChoice(do="back")


async def change(effect: RunEffect, days: Sequence[date], *, by: Who) -> tuple[date, ...]:
    """Leaves its lost dates out, each with its reason, and adds the first of these days on which its rooms are free; returns
    what was added. Where none is free the dates are left out all the same. Raises Refused when it is no draft any more."""
    skips = {each.day: SKIP for each in effect.lost}
    for first in range(max(1, len(days))):
        added = tuple(days[first : first + len(effect.lost)])
        try:
            await drafts.change(effect.id, _changes(effect.run, skips, added), by=by)
        except Refused:
            continue
        break
    else:
        added = ()
        await drafts.change(effect.id, _changes(effect.run, skips, added), by=by)
    for each in effect.lost:
        await db.execute(
            "UPDATE skip SET reason = $3 WHERE run_id = $1 AND date = $2", effect.id, each.day, each.why[:200]
        )
    return added


def _changes(run: dict[str, Any], choices: dict[date, DateChoice], added: Sequence[date]) -> Asked:
    """Only what is chosen and added counts for a draft; the rest it has itself."""
    return Asked(
        programme_id=run["run_id"], title="", room_id=None, creche_room_id=None, location_id=None, start="", end="",
        rule=None, delivery="", places=0, creche_places=0, choices=choices, added=tuple(added),
    )  # fmt: skip


def step_of(effect: RunEffect, added: Sequence[date]) -> dict[str, str]:
    """What undoing needs, as plain JSON."""
    return {
        "kind": "draft",
        "run": str(effect.id),
        "lost": " ".join(each.day.isoformat() for each in effect.lost),
        "added": " ".join(day.isoformat() for day in added),
    }


async def undo(step: dict[str, str], *, by: Who) -> None:
    """The draft has its dates again. One that was published or discarded meanwhile stays as it is. Raises Refused when a
    room was taken."""
    run_id = UUID(step["run"])
    run = await drafts.run_row(run_id)
    if run is None or run["state"] != "draft":
        return
    lost, added = ([date.fromisoformat(day) for day in step[name].split()] for name in ("lost", "added"))
    choices = dict.fromkeys(lost, BACK) | dict.fromkeys(added, SKIP)
    await drafts.change(run_id, _changes({"run_id": run_id}, choices, ()), by=by)
    for day in added:
        await db.execute("DELETE FROM skip WHERE run_id = $1 AND date = $2", run_id, day)
