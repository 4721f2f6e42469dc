"""A made-up county of any size as values, the same for the same seed: for tests and benchmarks of planners."""

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from uuid import UUID

from booking import clock
from booking.rotas.values import Away, Duty, Held, Place, Plan, Rules, Stretch, Worker

MONDAY = date(2027, 1, 11)
PROGRAMMES = ("trained-iy", "trained-talk", "trained-solihull", "trained-henry")
ANY_DAY = tuple(Stretch(day, "07:00", "21:00") for day in range(6))


class Maker:
    """Ids that count up, so that two runs make the same values."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.numbers = count(1)

    def id(self) -> UUID:
        return UUID(int=next(self.numbers) + (7 << 100))

    def duty(self, kind: str, at: Place, day: date, start: str, end: str, **more: object) -> Duty:
        begins, ends = clock.at(day, start), clock.at(day, end)
        minutes = more.pop("minutes", None) or int((ends - begins).total_seconds() // 60)
        return Duty(self.id(), kind, at, day, begins, ends, minutes, start, end, **more)  # ty: ignore


def county(
    staff: int = 40,
    hubs: int = 12,
    sites: int = 0,
    weeks: int = 4,
    sessions: int = 100,
    seed: int = 1,
    work_blocks: bool = False,
) -> Plan:
    """Hubs open 50 hours with two people each and two late days, delivery sites three days a week, courses of one session a week
    with two trained facilitators, and staff with patterns, skills, leave and homes beside the hubs."""
    make = Maker(seed)
    hub_places = [_place(make, n, f"Hub {n}") for n in range(1, hubs + 1)]
    others = [_place(make, n, f"Site {n}") for n in range(1, sites + 1)]
    workers = [_worker(make, n, hub_places[n % hubs], weeks) for n in range(staff)]
    duties: list[Duty] = []
    for week in range(weeks):
        monday = MONDAY + timedelta(weeks=week)
        for place in hub_places:
            duties += _hub_week(make, place, monday)
        for place in others:
            for day in make.random.sample(range(5), 3):
                duties += [make.duty("cover", place, monday + timedelta(days=day), "09:00", "17:00", minutes=450, position=n) for n in (1, 2)]  # fmt: skip
    duties += _courses(make, [*hub_places, *others], weeks, sessions, work_blocks)
    return Plan(MONDAY, MONDAY + timedelta(weeks=weeks, days=-1), workers, duties, {}, rules=Rules())


def _place(make: Maker, n: int, name: str) -> Place:
    lat, lon = 50.6 + make.random.random() * 0.55, -2.6 + make.random.random() * 0.9
    id = make.id()
    return Place(id, id, name, lat, lon)


def _worker(make: Maker, n: int, home: Place, weeks: int) -> Worker:
    dice = make.random
    part_time = dice.random() < 0.3
    pattern = tuple(each for each in ANY_DAY if not (part_time and each.weekday in (n % 5, (n + 2) % 5)))
    leave = ()
    if dice.random() < 0.25:
        first = MONDAY + timedelta(days=dice.randrange(7 * weeks))
        leave = (Away(first, first + timedelta(days=dice.randrange(1, 6))),)
    skills = {code: (Held(),) for code in PROGRAMMES if dice.random() < 0.35}
    wishes = (Stretch(4, "00:00", "24:00", "avoids"),) if dice.random() < 0.15 else ()
    return Worker(
        make.id(),
        f"Worker {n:03}",
        hub_id=home.id,
        lat=(home.lat or 0) + dice.uniform(-0.05, 0.05),
        lon=(home.lon or 0) + dice.uniform(-0.05, 0.05),
        max_travel_minutes=dice.choice((25, 35, 45, 60)),
        weekly_minutes=(22 if part_time else 37) * 60,
        pattern=(*pattern, *wishes),
        leave=leave,
        skills=skills,
    )


def _hub_week(make: Maker, place: Place, monday: date) -> list[Duty]:
    found = []
    for day in range(5):
        times = (("09:00", "13:00"), ("13:00", "19:30")) if day in (1, 3) else (("09:00", "13:00"), ("13:00", "17:00"))
        for start, end in times:
            found += [make.duty("cover", place, monday + timedelta(days=day), start, end, position=n) for n in (1, 2)]
    return [
        *found,
        *(make.duty("cover", place, monday + timedelta(days=5), "09:00", "14:00", position=n) for n in (1, 2)),
    ]


def _courses(make: Maker, places: list[Place], weeks: int, sessions: int, work_blocks: bool) -> list[Duty]:
    found: list[Duty] = []
    for _ in range(sessions // weeks):
        place, skill, run = make.random.choice(places), make.random.choice(PROGRAMMES), make.id()
        weekday, hour = make.random.randrange(5), make.random.choice((9, 10, 13, 14))
        for week in range(weeks):
            day, session = MONDAY + timedelta(weeks=week, days=weekday), make.id()
            start, end = f"{hour:02}:30", f"{hour + 2:02}:30"
            common = {"session_id": session, "run_id": run, "title": skill}
            for n in (1, 2):
                found.append(
                    make.duty("facilitator", place, day, start, end, position=n, skills=frozenset({skill}), **common)
                )
                if work_blocks:
                    found.append(make.duty("preparation", place, day, f"{hour - 1:02}:30", start, position=n, **common))
    return found


def one_week(plan: Plan) -> Plan:
    """Its first week alone."""
    last = plan.first + timedelta(days=6)
    return replace(plan, last=last, duties=[each for each in plan.duties if each.date <= last])
