"""Rotas to plan, made from the demo county's own places and timetable with made-up people; the same for the same seed.

Two people keep each hub open in its opening hours, in shifts as planning found them (morning, afternoon, evening, Saturday); delivery sites are staffed on
their three longest days. Courses of the family hub team and outreach team need their programme's facilitators, trained in it, with half an hour of
preparation before and of follow-up after; drop-ins need one, for whoever keeps the hub open lends a hand.
"""

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from booking import clock
from booking.rotas.planner import work_blocks
from booking.rotas.planner.planned import Planned
from booking.rotas.values import Away, Duty, Held, Kind, Place, Plan, Stretch, Worker

DATA = Path(__file__).parents[1] / "booking/demo/data"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat")
TEAMS = {"Family hub team", "Outreach team"}
FIRST = date(2027, 1, 11)
NTH = {"monthly 1st": 0, "monthly 2nd": 1, "monthly 3rd": 2, "monthly 4th": 3}


@dataclass(frozen=True)
class Size:
    """How large a county: so many people, hubs and delivery sites."""

    people: int
    hubs: int
    sites: int
    weeks: int = 4


SMALL = Size(40, 12, 0)
MIDDLE = Size(60, 12, 0)
LARGE = Size(120, 12, 25)


def make(size: Size, seed: int = 1, first: date = FIRST) -> Plan:
    """The plan of a whole county with nothing given."""
    chance = random.Random(seed)
    rows = _buildings(size)
    places = {row["building_code"]: _place(row, chance) for row in rows}
    duties = [
        each
        for n in range(7 * size.weeks)
        for row in rows
        for each in _cover(row, places, first + timedelta(days=n), chance)
    ]
    duties += _sessions(places, first, size.weeks, chance)
    workers = [_worker(n, list(places.values()), duties, chance, first) for n in range(size.people)]
    return Plan(first, first + timedelta(days=7 * size.weeks - 1), workers, duties, {})


def _id(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _buildings(size: Size) -> list[dict[str, str]]:
    """Essex, the county with twelve hubs: those, and the delivery sites that are open longest."""
    found = {row["building_code"]: row for row in _read("hubs.csv") if row["county"] == "Essex"}.values()
    hubs = [row for row in found if row["hub_role"] == "hub"]
    sites = [row for row in found if row["hub_role"] in ("delivery_site", "outreach", "co_located") and _hours(row)]
    sites.sort(key=lambda row: (-sum(_minutes(*each) for each in _hours(row).values()), row["building_code"]))
    return [*hubs[: size.hubs], *sites[: size.sites]]


def _place(row: dict[str, str], chance: random.Random) -> Place:
    id = _id(chance)
    return Place(id, id, row["building_name"], float(row["lat"]), float(row["lon"]))


def _hours(row: dict[str, str]) -> dict[int, tuple[str, str]]:
    opened = {n: row[f"open_{day}"] for n, day in enumerate(DAYS)}
    hours = {n: (it[:5], it[6:]) for n, it in opened.items() if it}
    if row["hub_role"] == "hub":
        return hours
    longest = sorted(hours, key=lambda n: (-_minutes(*hours[n]), n))[:3]
    return {n: hours[n] for n in sorted(longest)}


def _minutes(start: str, end: str) -> int:
    return (int(end[:2]) - int(start[:2])) * 60 + int(end[3:]) - int(start[3:])


def _cover(row: dict[str, str], places: dict[str, Place], day: date, chance: random.Random) -> list[Duty]:
    hours = _hours(row).get(day.weekday())
    if hours is None:
        return []
    start, end = hours
    edges = [start, end] if _minutes(start, end) <= 330 else [start, "13:00", end]
    if _minutes(edges[-2], end) > 330:
        edges.insert(-1, "17:00")
    need = UUID(int=places[row["building_code"]].id.int ^ day.weekday())
    return [
        duty(places[row["building_code"]], day, first, last, chance, need_id=need, position=position)
        for first, last in pairwise(edges)
        for position in (1, 2)
    ]


def duty(place: Place, day: date, start: str, end: str, chance: random.Random, kind: Kind = "cover", **values) -> Duty:
    return Duty(
        _id(chance), kind, place, day, clock.at(day, start), clock.at(day, end), _minutes(start, end), start, end, **values
    )  # fmt: skip


def _sessions(places: dict[str, Place], first: date, weeks: int, chance: random.Random) -> list[Duty]:
    programmes = {row["code"]: row for row in _read("programmes.csv")}
    found = []
    for row in _read("whats_on.csv"):
        place = places.get(row["building_code"])
        if place is None or row["host"] not in TEAMS:
            continue
        run, programme = _id(chance), programmes[row["programme_code"]]
        skills = frozenset({row["programme_code"].lower()}) if programme["kind"] == "course" else frozenset()
        for n in range(weeks):
            day = first + timedelta(days=7 * n + DAYS.index(row["weekday"].lower()))
            if _is_on(row, day):
                found += _session(row, place, day, run, skills, int(programme["facilitators"]) if skills else 1, chance)
    return found


def _is_on(row: dict[str, str], day: date) -> bool:
    if row["frequency"] == "fortnightly":
        return day.isocalendar().week % 2 == 0
    nth = NTH.get(row["frequency"])
    return nth is None or (day.day - 1) // 7 == nth


def _session(row, place: Place, day: date, run: UUID, skills: frozenset[str], people: int, chance) -> list[Duty]:
    """Its facilitators a quarter of an hour before and after it; those of courses prepare and follow up beside it."""
    id, (start, end) = _id(chance), (_plus(row["start"], -15), _plus(row["end"], 15))
    found = []
    for position in range(1, people + 1):
        own = {"session_id": id, "run_id": run, "position": position}
        found.append(duty(place, day, start, end, chance, "facilitator", skills=skills, title=row["title"], **own))
        if skills:
            found.append(duty(place, day, _plus(start, -30), start, chance, "preparation", **own))
            found.append(duty(place, day, end, _plus(end, 30), chance, "follow_up", **own))
    return found


def _plus(wall_time: str, minutes: int) -> str:
    total = int(wall_time[:2]) * 60 + int(wall_time[3:]) + minutes
    return f"{total // 60:02}:{total % 60:02}"


def _worker(n: int, places: Sequence[Place], duties: Sequence[Duty], chance: random.Random, first: date) -> Worker:
    """Somebody who lives near one of the places: full-time, or four days, with a skill or two and now and then on leave."""
    home = places[n % len(places)]
    weekly = chance.choice((37, 37, 37, 37, 30))
    days = sorted(chance.sample(range(5), {37: 5, 30: 4}[weekly]))
    pattern = [Stretch(day, "08:00", "20:00") for day in days] + [Stretch(5, "08:00", "18:00")] * (
        chance.random() < 0.8
    )
    pattern += [Stretch(day, "17:00", "20:00", "avoids") for day in days] * (chance.random() < 0.2)
    near = sorted({code for each in duties if each.place.id == home.id for code in each.skills})
    everywhere = sorted({code for each in duties for code in each.skills})
    skills = {*chance.sample(near, min(2, len(near))), *chance.sample(everywhere, min(2, len(everywhere)))}
    leave = ()
    if chance.random() < 0.3:
        off = first + timedelta(days=chance.randrange(25))
        leave = (Away(off, off + timedelta(days=chance.choice((0, 1, 4)))),)
    return Worker(
        id=_id(chance), name=f"Worker {n + 1}", hub_id=home.id, weekly_minutes=int(weekly * 60), pattern=tuple(pattern), leave=leave,
        lat=(home.lat or 0) + chance.uniform(-0.06, 0.06), lon=(home.lon or 0) + chance.uniform(-0.09, 0.09),
        drives=chance.random() < 0.85, max_travel_minutes=chance.choice((25, 35, 45, 60)), skills={code: (Held(),) for code in sorted(skills)},
    )  # fmt: skip


def at_times(plan: Plan, planned: Planned) -> list[Duty]:
    """The plan's duties, with work blocks where the planner put them."""
    return list(work_blocks.with_moved(plan, work_blocks.moved_duties(plan, planned.found["moved"])).duties)
