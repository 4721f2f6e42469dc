"""The search by bits says the same as trying everything one by one; both clock changes are among its days."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking import clock
from booking.places.clashes import Case
from booking.places.near import Point
from booking.places.opening import Opening, Shut, Special
from booking.places.recurrence import FORTNIGHTLY, Rule, plan, with_closures
from booking.places.rooms import RoomFacts
from booking.places.taken_times import TakenTimes
from booking.places.term_calendar import Period, TermCalendar
from booking.programmes.plans.counting_blockers import blockers
from booking.programmes.plans.judging_plans import Judge
from booking.programmes.plans.plan_places import Pair, Place
from booking.programmes.plans.plan_times import World
from booking.programmes.plans.plan_wishes import Wishes, end_of
from booking.programmes.plans.relaxing_wishes import relaxed
from booking.programmes.plans.writing_plans import near_misses, nearly, written
from tests.places.test_free_rooms import ROOM

TUESDAY = date(2027, 3, 16)
"""Twelve days before the clocks go forward; AUTUMN is as long before they go back."""
AUTUMN = date(2027, 10, 19)
PLACES = [UUID(int=100 + n) for n in range(2)]
NOW = clock.at(date(2027, 1, 4), "09:00")


def room(n: int, place: int = 0, **values) -> RoomFacts:
    at = PLACES[place]
    return replace(
        ROOM, **{"id": UUID(int=n), "leaves": (UUID(int=n),), "name": f"R{n}", "location_id": at, "hub_id": at, "lat": 50.8,
                 "lon": -1.9 + place / 10} | values
    )  # fmt: skip


def held(day: date, start: str, minutes: int) -> tuple[int, int]:
    at = int(clock.at(day, start).timestamp())
    return at, at + 60 * minutes


def world(rooms, taken=None, openings=None, calendar=None, first=TUESDAY) -> World:
    places = {}
    for each in rooms:
        places.setdefault(each.location_id, []).append(each)
    known = {at: Opening(dict.fromkeys(range(7), (("09:00", "17:00"),))) for at in places} | (openings or {})
    return World(
        places,
        known,
        {"": calendar or TermCalendar("")},
        NOW,
        first,
        first + timedelta(days=300),
        TakenTimes(taken or {}),
    )


WISHES = Wishes(
    minutes=60, sessions=3, first=TUESDAY, window=14, weekdays=(1,), earliest="09:00", latest="12:00", people=10,
    term_time_only=False,
)  # fmt: skip


# small cases, each tried one by one as well


@st.composite
def uses(draw, rooms, first):
    taken = {}
    for leaf in {leaf for each in rooms for leaf in each.leaves}:
        found = []
        for week in draw(st.sets(st.integers(0, 7), max_size=6)):
            day = first + timedelta(weeks=week, days=draw(st.sampled_from((0, 0, 1))))
            begins = draw(st.integers(8 * 12, 11 * 12))
            found.append(
                held(day, f"{begins // 12:02}:{begins % 12 * 5:02}", draw(st.sampled_from((5, 20, 60, 90, 240))))
            )
        taken[leaf] = found
    return taken


@st.composite
def cases(draw):
    first = draw(st.sampled_from((TUESDAY, AUTUMN, date(2027, 3, 25), date(2027, 10, 28))))
    some = [
        room(
            n,
            draw(st.sampled_from((0, 0, 1))),
            capacity=draw(st.sampled_from((8, 12, 20))),
            setup_minutes=draw(st.sampled_from((0, 10, 15, 25))),
            clear_minutes=draw(st.sampled_from((0, 5, 15))),
            kind=draw(st.sampled_from(("hall", "creche", "kitchen"))),
            valid_to=draw(st.sampled_from((None, None, None, first + timedelta(days=20)))),
        )
        for n in range(1, draw(st.integers(2, 5)))
    ]
    some.append(replace(some[0], id=UUID(int=50), name="Whole", capacity=20, leaves=(some[0].id, UUID(int=51))))
    shut = [
        Shut(clock.at(first + timedelta(weeks=n), start), clock.at(first + timedelta(weeks=n), "18:00"), "snow")
        for n, start in draw(st.lists(st.tuples(st.integers(0, 6), st.sampled_from(("08:00", "10:35"))), max_size=2))
    ]
    special = Special(first + timedelta(7), first + timedelta(9), "10:10", "16:00", is_extra=draw(st.booleans()))
    hours = draw(
        st.sampled_from(
            (
                {},
                dict.fromkeys(range(7), (("09:00", "11:30"), ("11:30", "17:00"))),
                {first.weekday(): (("10:00", "11:45"),)},
            )
        )
    )
    opening = Opening(hours, tuple(shut), {}, draw(st.sampled_from(((), (special,)))))
    calendar = TermCalendar("", [Period("half_term", "spring", first + timedelta(14), first + timedelta(18))])
    wishes = replace(
        WISHES,
        first=first,
        minutes=draw(st.sampled_from((30, 60, 75))),
        latest=draw(st.sampled_from(("10:15", "10:30", "12:00"))),
        window=draw(st.sampled_from((7, 7, 14))),
        sessions=draw(st.sampled_from((1, 2, 3, 4, 5))),
        weekdays=draw(st.sampled_from(((first.weekday(),), (first.weekday(), (first.weekday() + 1) % 7)))),
        creche_people=draw(st.sampled_from((0, 0, 6))),
        frequency=draw(st.sampled_from(("weekly", "weekly", FORTNIGHTLY))),
        after_skip=draw(st.sampled_from(("keep", "shift"))),
        term_time_only=draw(st.booleans()),
        out_of_hours=draw(st.booleans()),
        point=Point(50.8, -1.9, "here"),
    )
    return wishes, world(some, draw(uses(some, first)), {PLACES[0]: opening}, calendar, first)


def can_be_held(one: RoomFacts, w: World, wishes: Wishes, day: date, start: str) -> bool:
    """By the rules for one use, and by every hold of its parts."""
    starts_at, ends_at = clock.at(day, start), clock.at(day, end_of(start, wishes.minutes))
    case = Case(one, starts_at, ends_at, w.openings[one.location_id], NOW)
    if case.is_out_of_hours and not wishes.out_of_hours:
        return False
    if any(shut.starts_at < ends_at and starts_at < shut.ends_at for shut in case.opening.closures):
        return False
    if (one.valid_from and day < one.valid_from) or (one.valid_to and day > one.valid_to):
        return False
    low, high = (instant.timestamp() for instant in one.held(starts_at, ends_at))
    return not any(
        begins < high and low < ends
        for leaf in one.leaves
        for begins, ends in zip(*w.taken.times_of(leaf), strict=True)
    )


def pairs_of(rooms, wishes: Wishes):
    for main in rooms:
        if main.capacity >= wishes.people:
            for creche in rooms if wishes.creche_people else [None]:
                is_apart = creche is None or (
                    creche.capacity >= wishes.creche_people and not set(creche.leaves) & set(main.leaves)
                )
                if is_apart:
                    yield main, creche


def dates_of(w: World, at: UUID, wishes: Wishes, weekday: int):
    """The dates from each first day, as the rule gives them where the place's closed days are left out."""
    shut = {}
    for closure in w.openings[at].closures:
        day = clock.local(closure.starts_at).date()
        times = [(clock.at(day, s), clock.at(day, end_of(s, wishes.minutes))) for s in wishes.starts]
        if all(closure.starts_at < ends and begins < closure.ends_at for begins, ends in times):
            shut[day] = "snow"
    left_out = with_closures(w.calendar("").left_out(term_time_only=wishes.term_time_only), shut)
    for first in wishes.firsts(weekday):
        if first.toordinal() not in left_out:
            rule = Rule(
                weekday, "09:00", "10:00", first, held_sessions=wishes.sessions, frequency=wishes.frequency,
                after_skip=wishes.after_skip,
            )  # fmt: skip
            yield plan(rule, left_out)


def tried(w: World, wishes: Wishes):
    """(weekday, place) -> the best key of everything that can be held in one room, and whether it can be in several."""
    judge, found, mixed = Judge(wishes, w), {}, set()
    places = {place.id: place for place in judge.places}
    for at, rooms in w.rooms.items():
        for weekday in wishes.weekdays:
            pairs = list(pairs_of(rooms, wishes))
            for dates in dates_of(w, at, wishes, weekday):
                keys = list(keys_in(judge, places[at], w, wishes, weekday, dates, pairs, mixed))
                if keys:
                    found[weekday, at] = min([*keys, found[weekday, at]] if (weekday, at) in found else keys)
    return found, mixed


def keys_in(judge: Judge, place: Place, w: World, wishes: Wishes, weekday: int, dates, pairs, mixed):
    known = {(pair.room.id, pair.creche.id if pair.creche else None): pair for pair in place.pairs}
    for n, start in enumerate(wishes.starts):
        free = [
            [can_be_held(main, w, wishes, day, start) and (creche is None or can_be_held(creche, w, wishes, day, start))
             for main, creche in pairs]
            for day in dates.dates
        ]  # fmt: skip
        if pairs and all(any(line) for line in free):
            mixed.add((weekday, place.id))
        for k, (main, creche) in enumerate(pairs):
            if all(line[k] for line in free):
                pair: Pair = known[main.id, creche.id if creche else None]
                yield judge.candidate(place, weekday, dates, pair, judge.starts.bit(n)).key


@settings(max_examples=200, deadline=None)
@given(cases())
def test_the_best_plans_are_those_that_trying_everything_finds(case):
    wishes, w = case
    best, mixed = tried(w, wishes)
    found = {(one.weekday, one.place.id): one for one in Judge(wishes, w).candidates()}
    assert {key: one.key for key, one in found.items() if not one.others} == best
    assert set(found) == mixed


@settings(max_examples=200, deadline=None)
@given(cases())
def test_every_date_written_out_can_be_held_and_every_date_in_the_way_cannot(case):
    wishes, w = case
    judge = Judge(wishes, w)
    for one in [*judge.candidates(), *near_misses(judge)]:
        plan_ = written(judge, one)
        for each in plan_.dates:
            free = all(can_be_held(r, w, wishes, each.day, plan_.start) for r in (each.room, each.creche) if r)
            assert free == (not each.blocked)
            assert each.is_out_of_hours == is_late(w, wishes, each, plan_.start) or each.blocked
        assert len(plan_.blocked) == one.misses <= 2 and len(plan_.others) <= max(one.others, 0)
        assert len(plan_.dates) == wishes.sessions


def is_late(w: World, wishes: Wishes, each, start: str) -> bool:
    ends = clock.at(each.day, end_of(start, wishes.minutes))
    case = Case(each.room, clock.at(each.day, start), ends, w.openings[each.room.location_id], NOW)
    return bool(case.is_out_of_hours)


@settings(max_examples=200, deadline=None)
@given(cases())
def test_what_blocks_a_near_miss_really_does_so_and_all_of_it(case):
    """Without the holds that are named the date can be held."""
    wishes, w = case
    judge = Judge(wishes, w)
    for one in near_misses(judge):
        for each in written(judge, one).blocked:
            rules = {blocked.rule for blocked in each.blocked}
            taken = {blocked.room.id for blocked in each.blocked if blocked.rule == "taken"}
            leaves = {leaf for r in (each.room, each.creche) if r and r.id in taken for leaf in r.leaves}
            less = replace(w, taken=without(w, leaves, each.day), _marks={})
            start = judge.starts.words[one.start]
            free = all(can_be_held(r, less, wishes, each.day, start) for r in (each.room, each.creche) if r)
            assert free == (rules == {"taken"})


def without(w: World, leaves, day: date) -> TakenTimes:
    kept = {}
    for leaf in {leaf for rooms in w.rooms.values() for r in rooms for leaf in r.leaves}:
        low, high = held(day, "00:00", 1439)
        kept[leaf] = [
            (a, b) for a, b in zip(*w.taken.times_of(leaf), strict=True) if leaf not in leaves or b <= low or high <= a
        ]
    return TakenTimes(kept)


@settings(max_examples=100, deadline=None)
@given(cases())
def test_where_the_dates_in_the_way_are_left_out_every_other_can_be_held(case):
    wishes, w = case
    judge = Judge(wishes, w)
    for one in near_misses(judge):
        missed = nearly(judge, one)
        if missed.instead:
            assert not {each.day for each in missed.blocked} & {each.day for each in missed.instead.dates}
            assert len(missed.instead.dates) == wishes.sessions
            for each in missed.instead.dates:
                assert all(can_be_held(r, w, wishes, each.day, missed.start) for r in (each.room, each.creche) if r)


@settings(max_examples=100, deadline=None)
@given(cases())
def test_a_step_back_that_is_offered_leads_to_a_plan(case):
    wishes, w = case
    if not Judge(wishes, w).candidates():
        for each in relaxed(wishes, w):
            assert Judge(each.wishes, w).candidates()
            assert not each.plan.blocked


@settings(max_examples=200, deadline=None)
@given(cases())
def test_every_start_that_fails_is_counted_once(case):
    wishes, w = case
    judge = Judge(wishes, w)
    counted, looked_at = blockers(judge)
    assert looked_at == len(judge.places) * len(wishes.weekdays) * judge.starts.count
    failed = sum(each.count for each in counted)
    assert failed <= looked_at
    assert (failed == looked_at) == (not judge.candidates())


# one thing at a time


def best(rooms, taken=None, wishes=WISHES, **values):
    judge = Judge(wishes, world(rooms, taken, **values))
    return [written(judge, one) for one in judge.candidates()]


def days(n: int) -> list[date]:
    return [TUESDAY + timedelta(weeks=k) for k in range(n)]


def test_the_same_room_every_week_comes_before_two_rooms():
    one, two = room(1, capacity=30), room(2, capacity=12)
    taken = {two.id: [held(days(3)[1], "09:00", 200)]}
    [plan_] = best([one, two], taken)
    assert (plan_.room, plan_.others) == (one, ())


def test_where_no_room_is_free_on_all_dates_another_takes_over():
    one, two = room(1), room(2)
    all_day = [held(day, "08:00", 600) for day in days(5)]
    taken = {one.id: all_day[2:], two.id: all_day[:2]}
    wishes = replace(WISHES, window=7)
    [plan_] = best([one, two], taken, wishes)
    assert plan_.room == one and [(each.day, each.room) for each in plan_.others] == [(days(3)[2], two)]


def test_a_hall_is_no_room_for_its_own_half():
    half, other = room(1), room(2, capacity=4)
    hall = room(3, capacity=30, leaves=(half.id, other.id))
    assert not best([half, other, hall], wishes=replace(WISHES, creche_people=8, people=20))
    assert best([half, other, hall, room(4, capacity=8)], wishes=replace(WISHES, creche_people=8, people=20))


def test_the_creche_has_its_own_room_in_the_same_building():
    wishes = replace(WISHES, creche_people=8)
    assert not best([room(1), room(2, place=1)], wishes=wishes)
    [plan_] = best([room(1), room(2, capacity=8), room(3, kind="creche", capacity=9)], wishes=wishes)
    assert plan_.creche is not None and plan_.creche.name == "R3"


def test_a_course_of_fourteen_ends_on_the_fourth_of_may_and_says_why():
    terms = [
        Period("term", "spring", date(2027, 1, 4), date(2027, 3, 25)),
        Period("half_term", "spring", date(2027, 2, 15), date(2027, 2, 19)),
        Period("term", "summer", date(2027, 4, 12), date(2027, 7, 21)),
    ]
    first = date(2027, 1, 12)
    wishes = replace(WISHES, sessions=14, first=first, window=7, term_time_only=True)
    [plan_] = best([room(1)], wishes=wishes, calendar=TermCalendar("", terms), first=first)
    assert (plan_.first, plan_.last) == (first, date(2027, 5, 4))
    assert [skip.reasons for skip in plan_.skips] == [("Half term",), ("Easter holiday",), ("Easter holiday",)]


@pytest.mark.parametrize(
    ("wishes", "rule"),
    [
        (replace(WISHES, people=99), "too small"),
        (replace(WISHES, features=frozenset({"hob"})), "feature"),
        (replace(WISHES, creche_people=5), "no creche room"),
        (replace(WISHES, weekdays=(6,)), "closed that weekday"),
        (replace(WISHES, earliest="16:30", latest="19:00"), "out of hours"),
    ],
)
def test_the_rule_that_blocks_is_named(wishes, rule):
    opening = Opening(dict.fromkeys(range(5), (("09:00", "17:00"),)))
    judge = Judge(wishes, world([room(1)], openings={PLACES[0]: opening}))
    counted, looked_at = blockers(judge)
    assert [(each.rule, each.count) for each in counted] == [(rule, looked_at)]


def test_without_the_bookings_nothing_is_booked():
    one = room(1)
    taken = {one.id: [held(day, "08:00", 600) for day in days(6)]}
    counted, looked_at = blockers(Judge(WISHES, world([one], taken)))
    assert [(each.rule, each.count) for each in counted] == [("main rooms", looked_at)]
    assert blockers(Judge(WISHES, world([one])))[0] == ()


def words(wishes, rooms, taken=None) -> list[str]:
    return [each.words for each in relaxed(wishes, world(rooms, taken))]


def test_the_smallest_step_back_is_named():
    assert "1 seat fewer: 20 people" in words(replace(WISHES, people=21), [room(1), room(2, capacity=15)])
    one = room(1)
    busy = {one.id: [held(day, "08:00", 210) for day in days(6)]}
    assert "Half an hour later: until 12:30pm" in words(WISHES, [one], busy)
    assert "Monday instead" in words(WISHES, [one], {one.id: [held(day, "08:00", 600) for day in days(9)]})
    far = replace(WISHES, point=Point(50.8, -1.7, "there"), within=5.0)
    assert "9 miles instead of 5" in words(far, [one])


def test_a_plan_may_lie_outside_opening_hours_where_that_is_wished_and_stands_behind():
    wishes = replace(WISHES, earliest="16:00", latest="18:30", out_of_hours=True, window=7)
    [plan_] = best([room(1)], wishes=wishes)
    assert (plan_.start, plan_.out_of_hours) == ("16:00", ())
    [late] = best([room(1)], {UUID(int=1): [held(day, "15:00", 130) for day in days(3)]}, wishes)
    assert (late.start, len(late.out_of_hours)) == ("17:30", 3) or late.out_of_hours
