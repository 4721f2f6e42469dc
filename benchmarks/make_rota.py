"""A county's rota for benchmarks: so many people at so many places, with shifts for the weeks around a Monday, most of them filled."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.changes import defaults_of
from booking.people.models import Person, Role
from booking.places.models import Location
from booking.rotas.models import Assignment, Shift, Skill, StaffProfile, StaffSkill, WorkPattern

Row = dict[str, Any]
HALVES = (("09:00", "13:00"), ("13:30", "17:30"))
EVENING = ("18:00", "20:30")
AROUND = 4
"""Weeks before and after the window that have duties too: the rules look there."""


async def make(people: int, places: int, monday: date, weeks: int = 4) -> list[UUID]:
    """Writes it all; returns the ids of the hubs. Two people a half day at every place, an evening twice a week, some Saturdays;
    one shift in nine is open."""
    hubs = [_hub(n) for n in range(places)]
    await _write(Location, hubs)
    skills = [{"id": db.new_id(), "code": code, "name": code.title()} for code in ("keyholder", "first-aid")]
    await _write(Skill, skills)
    workers = await _workers(people, hubs, skills)
    shifts = _shifts(hubs, monday, weeks)
    await _write(Shift, shifts)
    await _write(Assignment, _assignments(shifts, hubs, workers))
    await db.execute("ANALYZE")
    return [hub["id"] for hub in hubs]


async def _write(model: Any, rows: Sequence[Row]) -> None:
    lines = [{**defaults_of(model), **row} for row in rows]
    columns = list(lines[0])
    for n in range(0, len(lines), 2000):
        await db.insert_many(
            model._meta.db_table, columns, ([row[name] for name in columns] for row in lines[n : n + 2000])
        )


def _hub(n: int) -> Row:
    key, name = db.new_id(), f"Family Hub {n + 1}"
    return {
        "id": key,
        "hub_id": key,
        "code": f"BENCH-{n}",
        "slug": f"bench-{n}",
        "kind": "hub",
        "name": name,
        "hub_name": name,
        "area": "X",
        "lat": 50.6 + n % 7 * 0.05,
        "lon": -2.5 + n // 7 * 0.09,
    }


async def _workers(count: int, hubs: Sequence[Row], skills: Sequence[Row]) -> list[Row]:
    persons, roles, profiles, patterns, held = [], [], [], [], []
    for n in range(count):
        hub, person = hubs[n % len(hubs)], db.new_id()
        name = f"Worker {n + 1:03}"
        own = {"id": person, "name": name, "email": f"bench{n}@hub.example", "created_at": clock.now()}
        persons.append(own)
        roles.append({"id": db.new_id(), "person_id": person, "kind": "worker", "hub_id": hub["id"]})
        profile = {
            "id": db.new_id(), "person_id": person, "known_as": name, "hub_id": hub["id"], "base_id": hub["id"],
            "weekly_minutes": 37 * 60,
        }  # fmt: skip
        profiles.append(profile)
        patterns += [
            {"id": db.new_id(), "staff_id": profile["id"], "weekday": day, "start": "08:00", "end": "21:00"}
            for day in range(6)
        ]
        held += [{"id": db.new_id(), "staff_id": profile["id"], "skill_id": each["id"]} for each in skills]
    for model, rows in (
        (Person, persons),
        (Role, roles),
        (StaffProfile, profiles),
        (WorkPattern, patterns),
        (StaffSkill, held),
    ):
        await _write(model, rows)
    return profiles


def _shifts(hubs: Sequence[Row], monday: date, weeks: int) -> list[Row]:
    found = []
    for day in (monday + timedelta(days=n) for n in range(-7 * AROUND, 7 * (weeks + AROUND))):
        for n, hub in enumerate(hubs):
            if day.weekday() < 5:
                found += [_shift(hub, day, *half, position) for half in HALVES for position in (1, 2)]
                if (day.weekday() + n) % 5 in (0, 2):
                    found += [_shift(hub, day, *EVENING, position) for position in (1, 2)]
            elif day.weekday() == 5 and n % 4 == day.isocalendar().week % 4:
                found += [_shift(hub, day, "09:30", "13:00", position) for position in (1, 2)]
    return found


def _shift(hub: Row, day: date, start: str, end: str, position: int) -> Row:
    starts_at, ends_at = clock.at(day, start), clock.at(day, end)
    return {
        "id": db.new_id(), "kind": "cover", "location_id": hub["id"], "hub_id": hub["id"], "position": position, "date": day,
        "start_time": start, "end_time": end, "starts_at": starts_at, "ends_at": ends_at,
        "minutes": int((ends_at - starts_at).total_seconds() // 60), "skills": "keyholder" if position == 1 else "",
        "created_at": clock.now(),
    }  # fmt: skip


def _assignments(shifts: Sequence[Row], hubs: Sequence[Row], workers: Sequence[Row]) -> list[Row]:
    """Each place's people in turn, nobody twice at once."""
    own: dict[UUID, list[Row]] = {hub["id"]: [w for w in workers if w["hub_id"] == hub["id"]] for hub in hubs}
    found: list[Row] = []
    for n, shift in enumerate(shifts):
        team = own[shift["hub_id"]]
        if n % 9 == 0 or not team:
            continue
        worker = team[(shift["position"] + shift["date"].toordinal()) % len(team)]
        for layer in ("draft", "published") if n % 3 else ("draft",):
            found.append(
                {
                    "id": db.new_id(), "shift_id": shift["id"], "staff_id": worker["id"], "layer": layer,
                    "starts_at": shift["starts_at"], "ends_at": shift["ends_at"], "made_at": clock.now(),
                }
            )  # fmt: skip
    return found
