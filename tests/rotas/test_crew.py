"""What the planners believe fits is what the rules say: judged side by side over random lives."""

import random
from dataclasses import replace

import pytest

from booking.rotas import rules
from booking.rotas.planner.crew import Crew, Person, task_of
from booking.rotas.values import Away, Exceptional, Held, Rules, Stretch
from tests.rotas.county import county, one_week
from tests.rotas.making import MONDAY, duty, place, worker

PLACES = [
    place(),
    place(name="Wareham", lat=50.686, lon=-2.111),
    place(name="Poole", lat=50.719, lon=-1.981),
    place(name="Far", lat=51.5, lon=-0.1),
]


def hard(found):
    return {one.rule for one in found if one.level != "soft"}


def anybody(dice):
    pattern = tuple(
        Stretch(
            day, dice.choice(("00:00", "08:00")), dice.choice(("17:00", "24:00")), week=dice.choice((None, None, 0))
        )
        for day in range(7)
        if dice.random() < 0.85
    )
    return worker(
        pattern=dice.choice(((), pattern, pattern)),
        cycle_weeks=dice.choice((1, 2)),
        cycle_from=dice.choice((None, MONDAY)),
        weekly_minutes=dice.choice((None, 600, 1200, 2220)),
        over_minutes=dice.choice((0, 180)),
        days_in_row=dice.choice((3, 5, 6)),
        saturdays_in_four=dice.choice((0, 1, 2)),
        evenings_in_week=dice.choice((0, 1, 2)),
        drives=dice.random() < 0.7,
        works_at=dice.choice((None, None, frozenset({PLACES[0].id, PLACES[1].id}))),
        skills=dice.choice(({}, {"iy": (Held(),)}, {"iy": (Held(to_date=MONDAY.replace(day=20)),)})),
        leave=dice.choice(((), (Away(MONDAY, MONDAY, "12:00", "24:00"), Away(MONDAY.replace(day=14), MONDAY.replace(day=15), is_approved=dice.random() < 0.7)))),
        exceptions=dice.choice(((), (Exceptional(MONDAY.replace(day=13), "00:00", "24:00", "off"),))),
        to_date=dice.choice((None, MONDAY.replace(day=30))),
    )  # fmt: skip


def any_duty(dice):
    start = dice.choice((6, 8, 9, 13, 16, 17, 20, 23))
    kind = dice.choice(("cover", "cover", "facilitator", "preparation"))
    skills = frozenset({"iy"}) if kind == "facilitator" else frozenset()
    end = f"{(start + dice.choice((1, 2, 4, 8))) % 24:02}:00"
    day = dice.randrange(-7, 28)
    if int(end[:2]) < start:
        found = duty(dice.choice(PLACES), day, f"{start:02}:00", "23:59", kind=kind, skills=skills)
    else:
        found = duty(dice.choice(PLACES), day, f"{start:02}:00", end, kind=kind, skills=skills)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_a_person_takes_a_duty_exactly_where_the_rules_let_them(seed):
    dice = random.Random(seed)
    asked = replace(Rules(), weekly_rest_hours=dice.choice((24, 35)), rest_hours=dice.choice((11, 12)))
    for _ in range(25):
        someone = anybody(dice)
        person, held = Person(someone, asked), []
        for _ in range(40):
            one = any_duty(dice)
            said = person.refuses(task_of(one, asked))
            found = hard(rules.would_break(someone, one, held, asked))
            assert bool(said) == bool(found), (said, found, one, held)
            assert not said or said in found
            if not said:
                person.add(task_of(one, asked))
                held.append(one)


@pytest.mark.parametrize("seed", range(6))
def test_it_agrees_where_a_manager_has_set_rules_aside_too(seed):
    dice = random.Random(100 + seed)
    for _ in range(40):
        someone = anybody(dice)
        held = [any_duty(dice) for _ in range(dice.randrange(2, 9))]
        person = Person(someone, Rules(), [task_of(each, Rules()) for each in held])
        one = any_duty(dice)
        assert bool(person.refuses(task_of(one, Rules()))) == bool(hard(rules.would_break(someone, one, held, Rules())))


def test_what_was_taken_away_again_leaves_no_trace():
    someone, one, other = worker(), duty(day=0), duty(day=0, start="12:00", end="14:00")
    person = Person(someone, Rules(), [task_of(one, Rules())])
    assert person.refuses(task_of(other, Rules())) == "double"
    person.remove(task_of(one, Rules()))
    assert person.refuses(task_of(other, Rules())) == ""


@pytest.mark.parametrize("seed", range(5))
def test_who_is_alone_in_a_building_is_who_the_rules_say(seed):
    plan = one_week(county(staff=12, hubs=3, weeks=1, sessions=6, seed=seed))
    dice = random.Random(seed)
    workers = [replace(each, counts_for_two=dice.random() < 0.7) for each in plan.workers]
    plan = replace(plan, workers=workers)
    given = {each.id: dice.choice(workers).id for each in plan.duties if dice.random() < 0.5}
    crew = Crew(plan, given)
    ours = {task.id for place, day in list(crew.in_place) for task in crew.alone(place, day)}
    theirs = {one.duties[0] for one in rules.alone(plan.duties, given, {each.id: each for each in workers})}
    assert ours == theirs
