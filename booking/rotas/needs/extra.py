"""Extra shifts: work that no session and no opening hours ask for. Made and cancelled by hand."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import audit, cells, clock, db
from booking.people.signing_in import Who
from booking.places.typed import Field, read_typed
from booking.problems import Problem, Refused
from booking.rotas.models import Shift
from booking.rotas.needs import reading
from booking.rotas.needs.matching import Step
from booking.rotas.needs.wanted import Wanted
from booking.rotas.needs.writing import apply
from booking.rotas.seeing import may_act_on

FIELDS = (
    Field("title", cells.text(200), must="Say what it is, such as Open day."),
    Field("date", cells.day, must="Choose a day."),
    Field("start", cells.wall_time, must="Say from when."),
    Field("end", cells.wall_time, must="Say until when."),
    Field("people", cells.whole(1, 20), 1),
)
NOT_YOURS = Problem("Managers of this hub add shifts there.", rule="managers")
BACKWARDS = Problem("It ends before it begins.", "end", rule="order")
PAST = Problem("That is over. Choose a time to come.", "date", rule="past")
TOO_FAR = Problem("That is more than a year away. Check the year.", "date", rule="too far")
NO_EXTRA = Problem("This shift is not there, or was not made by hand.", rule="gone")
TAKEN_AWAY = "It was cancelled by a manager."


def read(typed: Mapping[str, str], skills: Collection[str]) -> tuple[dict[str, Any], list[Problem]]:
    """The facts of an extra shift, and what is wrong with what was typed."""
    facts, problems = read_typed(FIELDS, typed)
    facts["skills"] = " ".join(sorted(skills))
    day, start, end = (facts.get(name) for name in ("date", "start", "end"))
    if start and end and end <= start:
        problems.append(BACKWARDS)
    if isinstance(day, date) and start and clock.at(day, start) <= clock.now():
        problems.append(PAST)
    if isinstance(day, date) and day > clock.today() + timedelta(days=366):
        problems.append(TOO_FAR)
    return facts, problems


async def add(facts: Mapping[str, Any], *, location_id: UUID, by: Who) -> list[UUID]:
    """One shift for each of the people; returns their ids. Raises Refused."""

    async def body() -> list[UUID]:
        hub_id = await db.value("SELECT hub_id FROM location WHERE id = $1", location_id)
        if hub_id is None or not by.manages(hub_id):
            raise Refused([NOT_YOURS])
        now, made = clock.now(), []
        for position in range(1, facts["people"] + 1):
            wanted = Wanted(
                kind="extra", location_id=location_id, hub_id=hub_id, position=position, title=facts["title"],
                skills=facts["skills"], starts_at=clock.at(facts["date"], facts["start"]),
                ends_at=clock.at(facts["date"], facts["end"]),
            )  # fmt: skip
            made.append(Shift(**wanted.columns(), created_at=now, by_id=by.id))
        await db.write_new(made)
        for each in made:
            await audit.record("add shift", about_kind="shift", about_id=each.id, by=by, hub_id=hub_id)
        return [each.id for each in made]

    return await db.run_tx(body)


async def cancel(shift_id: UUID, *, by: Who) -> None:
    """Whoever is in it is told. Twice is once. Raises Refused for what was not made by hand, has begun, or is none of theirs to read."""

    async def body() -> None:
        now = clock.now()
        found = await reading.shifts_of("x.id = $1 AND x.kind = 'extra' AND x.starts_at > $2", shift_id, now)
        if not found or not (by.manages(found[0]["hub_id"]) and await may_act_on([shift_id], by)):
            raise Refused([NO_EXTRA])
        row = found[0]
        if row["state"] == "cancelled":
            return
        known, names = await reading.known_people()
        await apply([Step(row, row | {"state": "cancelled"}, words=TAKEN_AWAY)], known, names, now)
        await audit.record("cancel shift", about_kind="shift", about_id=shift_id, by=by, hub_id=row["hub_id"])

    await db.run_tx(body)
