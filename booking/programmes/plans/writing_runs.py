"""Writes what was planned: the run, and its creche as a run of its own.

In the caller's transaction, with the rooms locked and found free. A few statements, however many dates.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from booking import audit, db
from booking.changes import Changes
from booking.people.signing_in import Who
from booking.places.recurrence import rule_to_json
from booking.places.rooms import RoomFacts
from booking.programmes.bookings.booking_modes import mode_of
from booking.programmes.models import Run
from booking.programmes.plans import writing_dates
from booking.programmes.plans.plan_form import Asked
from booking.programmes.plans.planned_dates import Want
from booking.slugs import free_slug, hidden_slug, slug_of
from booking.words import DAYS

Row = dict[str, Any]
OF_CHILDREN = ("child", "young person")
CRECHE = "Crèche: {title}"


def parts_of(programme: Mapping[str, Any]) -> list[Row]:
    """The calls of a mixed course, [{"week": 3, "minutes": 30}], as the database gives them."""
    stored = programme["parts"]
    return (json.loads(stored) if isinstance(stored, str) else stored) or []


async def write_new(
    asked: Asked, programme: Row, place: Row, wants: Sequence[Want], rooms: Mapping[UUID, RoomFacts], by: Who
) -> UUID:
    """A new draft; returns its id."""
    run = await _run_row(asked, programme, place, wants, by)
    has_creche = any(want.creche_room_id for want in wants if want.is_held)
    creche = await _creche_row(run, asked, rooms) if has_creche and asked.creche_room_id else None
    if creche:
        run["creche_run_id"] = creche["id"]
    runs = Changes(Run)
    for each in filter(None, (creche, run)):
        runs.compare(None, each)
    await runs.write()
    await writing_dates.write(run, creche, wants, rooms)
    await audit.record(
        "plan run", about_kind="run", about_id=run["id"], by=by, hub_id=run["hub_id"],
        after={"dates": sum(want.is_held for want in wants), "skipped": sum(not want.is_held for want in wants)},
    )  # fmt: skip
    return run["id"]


async def _run_row(asked: Asked, programme: Row, place: Row, wants: Sequence[Want], by: Who) -> Row:
    rule, mode, id = asked.rule, mode_of(programme), db.new_id()
    assert rule is not None
    is_restricted = bool(programme["is_restricted"]) or place["is_restricted"]
    title = asked.title or programme["title"]
    is_appointment = mode.booking_mode == "appointment"
    slot_minutes = programme["minutes"] if is_appointment else None
    stored = rule_to_json(rule) | ({"waiting_from": str(asked.waiting_from)} if asked.waiting_from else {})
    slug = hidden_slug(id) if is_restricted else await free_slug_of(title, place["name"], DAYS[rule.weekday])
    return {
        "id": id,
        "code": f"own-{id.hex[-12:]}",
        "slug": slug,
        "programme_id": programme["id"],
        "location_id": place["id"],
        "room_id": asked.room_id,
        "hub_id": place["hub_id"],
        "title": title,
        "weekday": rule.weekday,
        "start_time": asked.start,
        "end_time": asked.end,
        "frequency": _frequency(rule),
        **_span(wants),
        "planned_sessions": sum(want.is_held and want.kind == "group" for want in wants)
        if mode.booking_mode in ("run", "referral")
        else None,
        "is_term_time_only": rule.term_time_only,
        "booking_mode": mode.booking_mode,
        "takes_referrals": mode.takes_referrals,
        "is_first_visit_booked": mode.is_first_visit_booked,
        "min_age_months": programme["min_age_months"] if programme["age_of"] in OF_CHILDREN else None,
        "max_age_months": programme["max_age_months"] if programme["age_of"] in OF_CHILDREN else None,
        "places": asked.places * _slots(asked, slot_minutes),
        "slot_minutes": slot_minutes,
        "delivery": asked.delivery,
        "join_url": asked.join_url,
        "host": "Family hub team",
        "is_listed": False,
        "is_restricted": is_restricted,
        "state": "draft",
        "planned_by_id": by.id,
        "rule": json.dumps(stored),
        "facilitator_1": asked.facilitator_1,
        "facilitator_2": asked.facilitator_2,
        "min_places": programme["places_min"] if mode.booking_mode == "run" and programme["places_min"] else None,
    }


def _slots(asked: Asked, slot_minutes: int | None) -> int:
    """How many appointments follow each other in one session; 1 if it is not divided."""
    minutes = 60 * (int(asked.end[:2]) - int(asked.start[:2])) + int(asked.end[3:]) - int(asked.start[3:])
    return max(1, minutes // slot_minutes) if slot_minutes else 1


def _frequency(rule: Any) -> str:
    ordinals = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th", -1: "last"}
    return f"{rule.frequency} {ordinals[rule.nth]}" if rule.nth else rule.frequency


def _span(wants: Sequence[Want]) -> Row:
    days = [want.day for want in wants if want.is_held]
    return {"first_date": min(days), "last_date": max(days)}


async def free_slug_of(*words: str) -> str:
    """The address of a run that nobody has yet. One query."""
    wanted = slug_of(*words, longest=140)
    taken = await db.rows("SELECT slug FROM run WHERE slug >= $1 AND slug < $2", wanted, wanted + "~")
    return free_slug(wanted, {row["slug"] for row in taken})


async def _creche_row(run: Row, asked: Asked, rooms: Mapping[UUID, RoomFacts]) -> Row:
    """The creche beside a run: children of the ages that a programme for creches names."""
    programme = await db.row(
        "SELECT id, min_age_months, max_age_months FROM programme WHERE booking_mode = 'linked'"
        " OR booking_rule LIKE 'with linked%' ORDER BY id LIMIT 1"
    ) or {"id": run["programme_id"], "min_age_months": None, "max_age_months": None}
    id, room = db.new_id(), rooms[asked.creche_room_id] if asked.creche_room_id else None
    assert room is not None
    same = ("hub_id", "weekday", "start_time", "end_time", "frequency", "first_date", "last_date", "planned_sessions",
            "is_term_time_only", "host", "is_restricted", "state", "planned_by_id")  # fmt: skip
    return {name: run[name] for name in same} | {
        "id": id,
        "code": f"own-{id.hex[-12:]}",
        "slug": hidden_slug(id),
        "programme_id": programme["id"],
        "location_id": room.location_id,
        "room_id": room.id,
        "title": CRECHE.format(title=run["title"])[:200],
        "booking_mode": "linked",
        "min_age_months": programme["min_age_months"],
        "max_age_months": programme["max_age_months"],
        "places": asked.creche_places,
        "is_listed": False,
        "rule": run["rule"],
    }


async def follow_dates(run_ids: Sequence[UUID], wants: Sequence[Want]) -> None:
    """The first and last date of a run, and of its creche, follow the dates that are held."""
    span = _span(wants)
    await db.execute(
        f"UPDATE run SET first_date = $1, last_date = $2 WHERE id IN {db.in_list(run_ids, 3)}",
        span["first_date"],
        span["last_date"],
        *run_ids,
    )
