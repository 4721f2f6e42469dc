"""Small plans for tests of the planners: a few days, people and places, drawn by chance so that much can go wrong."""

import random
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from booking.rotas.values import Away, Duty, Held, Plan, Stretch, Worker
from tests.rotas.making import MONDAY, duty, place, worker

PLACES = (
    place(id=UUID(int=1)),
    place(id=UUID(int=2), name="Verwood", lat=50.8806, lon=-1.8783),
    place(id=UUID(int=3), name="Village hall", lat=50.84, lon=-1.95, needs_two=False),
)


def id_of(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def somebody(chance: random.Random, n: int) -> Worker:
    pattern = [Stretch(day, "08:00", chance.choice(("13:00", "20:00"))) for day in range(7) if chance.random() < 0.85]
    is_away = chance.random() < 0.3
    day = MONDAY + timedelta(days=chance.randrange(7))
    return worker(
        id=id_of(chance),
        name=f"Person {n}",
        pattern=tuple(pattern) if chance.random() < 0.8 else (),
        leave=(Away(day, day),) if is_away else (),
        weekly_minutes=chance.choice((None, 480, 900, 2220)),
        over_minutes=chance.choice((0, 60, 180)),
        days_in_row=chance.choice((2, 5)),
        saturdays_in_four=chance.choice((0, 1, 2)),
        evenings_in_week=chance.choice((0, 1, 2)),
        counts_for_two=chance.random() < 0.85,
        drives=chance.random() < 0.8,
        skills={code: (Held(),) for code in ("iy", "keyholder") if chance.random() < 0.5},
    )


def duties_of_day(chance: random.Random, day: int) -> list[Duty]:
    found = []
    for at in chance.sample(PLACES, chance.choice((1, 2))):
        for start, end in chance.sample(
            (("09:00", "13:00"), ("13:00", "17:00"), ("17:00", "20:00")), chance.choice((1, 2))
        ):
            need, people = id_of(chance), chance.choice((1, 2, 2, 3))
            for position in range(1, people + 1):
                skills = frozenset({"keyholder"}) if position == 1 and start != "13:00" else frozenset()
                own = {"need_id": need, "position": position, "skills": skills}
                found.append(duty(at, day, start, end, id=id_of(chance), **own))
    if chance.random() < 0.6:
        found += session(chance, chance.choice(PLACES), day)
    return found


def session(chance: random.Random, at, day: int) -> list[Duty]:
    id, start = id_of(chance), chance.choice(("10:00", "14:00", "18:00"))
    hour = int(start[:2])
    own = {"session_id": id, "run_id": UUID(int=hour), "skills": frozenset({"iy"})}
    found = []
    for position in (1, 2):
        led = {**own, "position": position}
        found.append(duty(at, day, start, f"{hour + 2}:00", kind="facilitator", id=id_of(chance), **led))
        if chance.random() < 0.5:
            times = (f"{hour - 1:02}:30", start)
            found.append(duty(at, day, *times, kind="preparation", id=id_of(chance), **(led | {"skills": frozenset()})))
    return found


def small_plan(seed: int, days: int = 7, people: int = 5) -> Plan:
    """Always the same for the same numbers; nothing is given."""
    chance = random.Random(seed)
    duties = [each for day in range(days) for each in duties_of_day(chance, day)]
    workers = [somebody(chance, n) for n in range(people)]
    return Plan(MONDAY, MONDAY + timedelta(days=days - 1), workers, duties, {})


def with_pins(plan: Plan, seed: int, share: float = 0.25) -> Plan:
    """Some duties pinned to anybody, whatever that breaks, some to nobody."""
    chance = random.Random(seed)
    pinned = [each for each in plan.duties if chance.random() < share]
    given = {each.id: chance.choice(plan.workers).id for each in pinned if chance.random() < 0.8}
    return replace(plan, given=given, fixed=frozenset(each.id for each in pinned))
