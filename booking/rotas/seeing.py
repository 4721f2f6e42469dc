"""A plan as somebody may read it: what is restricted is "Private booking" to all but staff of that very hub (promise P5)."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from booking import db
from booking.people.signing_in import Who
from booking.programmes.disclosure import PRIVATE
from booking.rotas.values import Duty, Place, Plan

SECRET_PLACES = (
    "SELECT l.id FROM location l LEFT JOIN location h ON h.id = l.hub_id"
    " WHERE l.is_restricted OR l.kind = 'restricted' OR h.is_restricted OR h.kind = 'restricted'"
)
SECRET_SESSIONS = (
    "SELECT e.id, r.title FROM session e JOIN run r ON r.id = e.run_id JOIN location l ON l.id = e.location_id"
    " WHERE e.date >= $1 AND e.date <= $2 AND (r.is_restricted OR l.is_restricted OR l.kind = 'restricted')"
)

OF_SHIFTS = (
    "SELECT s.id, l.hub_id, (l.is_restricted OR l.kind = 'restricted' OR h.is_restricted OR h.kind = 'restricted'"
    " OR COALESCE(r.is_restricted, FALSE)) AS is_secret FROM shift s JOIN location l ON l.id = s.location_id"
    " JOIN location h ON h.id = l.hub_id LEFT JOIN session e ON e.id = s.session_id LEFT JOIN run r ON r.id = e.run_id"
    " WHERE s.id IN "
)


async def may_act_on(shift_ids: Collection[UUID], who: Who) -> bool:
    """Whether all these shifts are there, at hubs of theirs, and none is restricted at a hub whose staff they are not (promise P5):
    what they cannot read they cannot change by its id either. One query."""
    ids = sorted(set(shift_ids))
    rows = await db.rows(f"{OF_SHIFTS}{db.in_list(ids)}", *ids) if ids else []
    return len(rows) == len(ids) and all(
        who.works_at(row["hub_id"]) if row["is_secret"] else who.may_act_at(row["hub_id"]) for row in rows
    )


async def secret_among(shift_ids: Collection[UUID]) -> set[UUID]:
    """Those of these shifts of which nobody but the staff of their hub may read more than the time. One query."""
    ids = sorted(set(shift_ids))
    rows = await db.rows(f"{OF_SHIFTS}{db.in_list(ids)}", *ids) if ids else []
    return {row["id"] for row in rows if row["is_secret"]}


async def seen_by(plan: Plan, who: Who | None) -> Plan:
    """The same plan with the words that `who` may read: titles of restricted sessions for staff of their hub; for everybody else
    (None: whoever it may be) neither title nor place. Everything is judged as before, because hours and ways stay. Two queries."""
    if not plan.duties:
        return plan
    days = [each.date for each in plan.duties]
    titles = {row["id"]: row["title"] for row in await db.rows(SECRET_SESSIONS, min(days), max(days))}
    places = {row["id"] for row in await db.rows(SECRET_PLACES)}
    return replace(plan, duties=[_seen(each, who, titles, places) for each in plan.duties])


async def read_by(plan: Plan, who: Who | None) -> Plan:
    """As `seen_by`, with skills called by their names instead of their codes, so that every sentence about the plan is in words.
    Not for what is kept or compared. Three queries."""
    names = await skill_names()
    plan = await seen_by(plan, who)
    called = {some: frozenset(names.get(code, code) for code in some) for some in {each.skills for each in plan.duties}}
    return replace(
        plan,
        duties=[replace(each, skills=called[each.skills]) if each.skills else each for each in plan.duties],
        workers=[
            replace(each, skills={names.get(code, code): held for code, held in each.skills.items()})
            for each in plan.workers
        ],
    )


async def with_hub_names(plan: Plan) -> Plan:
    """The same plan with hubs called by their own names, as the lists of hubs call them, and not by the building they are in. One
    query."""
    rows = await db.rows("SELECT id, hub_name FROM location WHERE kind = 'hub' AND hub_name <> ''")
    names = {row["id"]: row["hub_name"] for row in rows}
    return replace(plan, duties=[each if is_hidden(each) else _called(each, names) for each in plan.duties])


def _called(duty: Duty, names: dict[UUID, str]) -> Duty:
    name = names.get(duty.place.id, duty.place.name)
    return duty if name == duty.place.name else replace(duty, place=replace(duty.place, name=name))


async def skill_names() -> dict[str, str]:
    """The name of each skill by its code, as far as no other skill is called the same. One query."""
    rows = await db.rows("SELECT code, name FROM skill")
    many = Counter(row["name"] for row in rows)
    return {row["code"]: row["name"] for row in rows if many[row["name"]] == 1}


def _seen(duty: Duty, who: Who | None, titles: dict[UUID, Any], places: set[UUID]) -> Duty:
    place = duty.place
    is_secret = place.is_restricted or place.id in places or duty.session_id in titles
    if not is_secret:
        return duty
    if who and who.works_at(place.hub_id):
        return replace(duty, title=titles.get(duty.session_id) or duty.title) if duty.session_id else duty
    hidden = Place(place.id, place.hub_id, PRIVATE, place.lat, place.lon, place.needs_two, is_restricted=True)
    return replace(duty, title="", place=hidden)


def is_hidden(duty: Duty) -> bool:
    """Whether a duty of `seen_by` may not be shown as what it is."""
    return duty.place.name == PRIVATE
