"""Every rule of rotas, each with a case on either side of its border; rules of a whole building and plan stand at the end."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from booking.rotas import breaking, rules
from booking.rotas.availability import minutes_of_leave
from booking.rotas.values import Away, Exceptional, Held, Plan, Rules, Stretch
from booking.rotas.words_for_staff import RULES as WORDS
from tests.rotas.making import MONDAY, duty, place, worker

FERNDOWN = place()
WAREHAM = place(name="Wareham", lat=50.686, lon=-2.111)  # 12 miles as the crow flies
NEXT_DOOR = place(name="Ferndown Library", lat=50.802, lon=-1.8915)
DAYS = [Stretch(day, "09:00", "17:00") for day in range(5)]
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)  # Sundays on which the clocks change


def unfit(who, what):
    return {one.rule for one in rules.unfit(who, what)}


def broken(*duties, asked=None, **of_worker):
    return {one.rule for one in rules.broken(worker(**of_worker), duties, asked or Rules())}


def test_each_rule_has_a_level_and_a_name_for_lists():
    assert set(WORDS) == breaking.RULES
    assert breaking.NEVER <= breaking.HARD
    assert not breaking.HARD & breaking.SOFT


# One duty, one person ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "of_worker, of_duty, expected",
    [
        ({}, {}, set()),
        ({"from_date": MONDAY}, {}, set()),
        ({"from_date": MONDAY + timedelta(days=1)}, {}, {"employed"}),
        ({"to_date": MONDAY}, {}, set()),
        ({"to_date": MONDAY - timedelta(days=1)}, {}, {"employed"}),
        ({"pattern": DAYS}, {}, set()),
        ({"pattern": DAYS}, {"start": "09:00", "end": "17:00"}, set()),
        ({"pattern": DAYS}, {"start": "08:59"}, {"pattern"}),
        ({"pattern": DAYS}, {"end": "17:01"}, {"pattern"}),
        ({"pattern": DAYS}, {"day": 5}, {"pattern"}),
        ({"kind": "volunteer"}, {}, {"pattern"}),
        ({"kind": "partner"}, {}, set()),
        ({"kind": "volunteer", "exceptions": (Exceptional(MONDAY, "09:00", "13:00", "works"),)}, {}, set()),
        ({"pattern": DAYS, "exceptions": (Exceptional(MONDAY, "12:59", "14:00", "off"),)}, {}, {"pattern"}),
        ({"pattern": DAYS, "exceptions": (Exceptional(MONDAY, "13:00", "14:00", "off"),)}, {}, set()),
        ({"pattern": DAYS, "exceptions": (Exceptional(MONDAY, "17:00", "19:00", "works"),)}, {"end": "19:00"}, set()),
        ({"leave": (Away(MONDAY, MONDAY),)}, {}, {"leave"}),
        ({"leave": (Away(MONDAY, MONDAY, is_approved=False),)}, {}, {"leave_asked"}),
        ({"leave": (Away(MONDAY, MONDAY, "13:00", "17:00"),)}, {}, set()),
        ({"leave": (Away(MONDAY, MONDAY, "12:59", "17:00"),)}, {}, {"leave"}),
        ({"leave": (Away(MONDAY - timedelta(days=9), MONDAY - timedelta(days=1)),)}, {}, set()),
        ({}, {"skills": frozenset({"iy"})}, {"skill"}),
        ({"skills": {"iy": (Held(),)}}, {"skills": frozenset({"iy"})}, set()),
        ({"skills": {"iy": (Held(to_date=MONDAY),)}}, {"skills": frozenset({"iy"})}, set()),
        ({"skills": {"iy": (Held(to_date=MONDAY - timedelta(days=1)),)}}, {"skills": frozenset({"iy"})}, {"skill_expired"}),
        ({"skills": {"iy": (Held(from_date=MONDAY + timedelta(days=1)),)}}, {"skills": frozenset({"iy"})}, {"skill_expired"}),
        (
            {"skills": {"iy": (Held(to_date=MONDAY - timedelta(days=1)), Held(from_date=MONDAY))}},
            {"skills": frozenset({"iy"})},
            set(),
        ),
        ({"works_at": frozenset()}, {}, {"place"}),
        ({"works_at": frozenset()}, {"kind": "preparation"}, set()),
        ({"max_travel_minutes": 10}, {"at": WAREHAM}, {"too_far"}),
        ({"max_travel_minutes": 10, "lat": None}, {"at": WAREHAM}, set()),
        ({"max_travel_minutes": 10}, {"at": WAREHAM, "kind": "follow_up"}, set()),
        ({"pattern": [*DAYS, Stretch(0, "12:00", "18:00", "avoids")]}, {}, {"avoids"}),
        ({"pattern": [*DAYS, Stretch(0, "13:00", "18:00", "avoids")]}, {}, set()),
    ],
)  # fmt: skip
def test_whether_a_duty_is_for_somebody(of_worker, of_duty, expected):
    assert unfit(worker(**of_worker), duty(**of_duty)) == expected


@pytest.mark.parametrize(("week", "expected"), [(0, set()), (1, {"pattern"}), (2, set()), (-1, {"pattern"})])
def test_a_pattern_of_two_weeks(week, expected):
    who = worker(pattern=[Stretch(0, "09:00", "17:00", week=0)], cycle_weeks=2, cycle_from=MONDAY + timedelta(days=3))
    assert unfit(who, duty(day=7 * week)) == expected


def test_a_duty_past_midnight_needs_both_days():
    night = duty(day=4, start="20:00", end="23:00", ends_at=duty(day=5, start="02:00", end="03:00").starts_at)
    night = replace(night, end="02:00", minutes=360)
    assert unfit(worker(), night) == set()
    saturday = MONDAY + timedelta(days=5)
    assert unfit(worker(leave=(Away(saturday, saturday),)), night) == {"leave"}
    assert unfit(worker(pattern=[Stretch(4, "18:00", "24:00")]), night) == {"pattern"}
    assert unfit(worker(pattern=[Stretch(4, "18:00", "24:00"), Stretch(5, "00:00", "06:00")]), night) == set()


# All that one person does --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first, second, is_double",
    [
        (("09:00", "11:00"), ("11:00", "13:00"), False),  # touching
        (("09:00", "11:01"), ("11:00", "13:00"), True),  # across
        (("09:00", "13:00"), ("10:00", "11:00"), True),  # inside
        (("09:00", "13:00"), ("09:00", "13:00"), True),  # the same
        (("09:00", "10:00"), ("11:00", "13:00"), False),  # before
    ],
)
def test_two_duties_at_once(first, second, is_double):
    one, other = duty(FERNDOWN, 0, *first), duty(FERNDOWN, 0, *second)
    for order in ([one, other], [other, one]):
        assert ("double" in broken(*order)) is is_double


def test_a_long_duty_does_not_hide_behind_many_short_ones():
    short = [duty(FERNDOWN, 0, f"{9 + n // 2:02}:{n % 2 * 30:02}", f"{9 + (n + 1) // 2:02}:{(n + 1) % 2 * 30:02}") for n in range(10)]  # fmt: skip
    found = rules.broken(worker(), [duty(FERNDOWN, 0, "08:00", "17:00"), *short], Rules())
    assert len([one for one in found if one.rule == "double"]) == 10
    assert {one.level for one in found if one.rule == "double"} == {"never"}


@pytest.mark.parametrize(("starts", "is_broken"), [("08:00", False), ("07:59", True)])
def test_exactly_eleven_hours_of_rest(starts, is_broken):
    found = broken(duty(FERNDOWN, 0, "17:00", "21:00"), duty(FERNDOWN, 1, starts, "12:00"))
    assert ("rest" in found) is is_broken


@pytest.mark.parametrize(
    "sunday, starts, is_broken",
    [
        (SPRING, "08:00", True),  # ten real hours: the clocks go forward
        (SPRING, "09:00", False),
        (AUTUMN, "07:00", False),  # eleven real hours: they go back
        (AUTUMN, "06:59", True),
    ],
)
def test_rest_is_real_hours_where_the_clocks_change(sunday, starts, is_broken):
    found = broken(
        duty(FERNDOWN, sunday - timedelta(days=1), "17:00", "21:00"), duty(FERNDOWN, sunday, starts, "12:00")
    )
    assert ("rest" in found) is is_broken


@pytest.mark.parametrize(("ends", "is_broken"), [("19:00", False), ("19:01", True)])
def test_a_day_is_over_within_thirteen_hours(ends, is_broken):
    """Eleven hours of rest are due in each period of 24 hours, not only from one day to the next."""
    found = broken(duty(FERNDOWN, 0, "06:00", "08:00"), duty(FERNDOWN, 0, "17:00", ends))
    assert ("rest" in found) is is_broken


def test_a_rest_within_the_day_begins_another_period():
    assert "rest" not in broken(duty(FERNDOWN, 0, "05:00", "07:00"), duty(FERNDOWN, 0, "18:00", "20:00"))


def test_travel_takes_its_time():
    needed = rules.on_the_way(worker(), duty(FERNDOWN), duty(WAREHAM), Rules())
    assert 35 < needed < 60
    morning = duty(FERNDOWN, 0, "09:00", "11:00")
    just, short = f"{11 + needed // 60}:{needed % 60:02}", f"{11 + (needed - 1) // 60}:{(needed - 1) % 60:02}"
    assert "travel" not in broken(morning, duty(WAREHAM, 0, just, "15:00"))
    assert "travel" in broken(morning, duty(WAREHAM, 0, short, "15:00"))
    assert "travel" not in broken(morning, duty(FERNDOWN, 0, "11:00", "15:00"))
    assert "travel" in broken(morning, duty(NEXT_DOOR, 0, "11:00", "15:00"))
    assert "travel" in broken(morning, duty(WAREHAM, 0, just, "15:00"), drives=False)


def test_nobody_travels_while_following_up():
    morning, after = duty(FERNDOWN, 0, "09:00", "11:00"), duty(FERNDOWN, 0, "11:00", "12:00", kind="follow_up")
    assert "travel" not in broken(morning, duty(WAREHAM, 0, "12:00", "15:00"))
    assert "travel" in broken(morning, after, duty(WAREHAM, 0, "12:00", "15:00"))
    assert "travel" not in broken(morning, after, duty(WAREHAM, 0, "13:00", "15:00"))


def week(*minutes):
    return [duty(FERNDOWN, n, "08:00", "18:00", minutes=each) for n, each in enumerate(minutes)]


@pytest.mark.parametrize(
    "minutes, of_worker, expected",
    [
        ((420, 480), {"weekly_minutes": 900}, set()),  # exactly the agreed hours
        ((420, 481), {"weekly_minutes": 900}, {"over_contract"}),
        ((480, 600), {"weekly_minutes": 900}, {"over_contract"}),  # exactly the most beyond them
        ((481, 600), {"weekly_minutes": 900}, {"hours"}),
        ((421, 480), {"weekly_minutes": 900, "over_minutes": 0}, {"hours"}),
        ((600, 600, 600, 600, 480), {"weekly_minutes": None}, set()),  # exactly 48 hours
        ((600, 600, 600, 600, 481), {"weekly_minutes": None}, {"most_hours"}),
        ((600, 600, 600, 600, 481), {"weekly_minutes": 2881}, {"most_hours"}),
    ],
)
def test_hours_of_a_week(minutes, of_worker, expected):
    assert broken(*week(*minutes), **of_worker) - {"break"} == expected


def test_hours_are_counted_from_monday_to_sunday():
    split = [duty(FERNDOWN, 6, "09:00", "17:00", minutes=480), duty(FERNDOWN, 7, "09:00", "17:00", minutes=480)]
    assert "hours" not in broken(*split, weekly_minutes=480, over_minutes=0)
    assert "hours" in broken(*[replace(it, date=MONDAY) for it in split], weekly_minutes=480, over_minutes=0)


def test_leave_counts_as_worked():
    off = (Away(MONDAY, MONDAY + timedelta(days=1)),)
    three = [duty(FERNDOWN, n, "09:00", "17:00", minutes=444) for n in (2, 3, 4)]
    assert broken(*three, leave=off, pattern=DAYS) - {"break"} == set()
    assert "over_contract" in broken(*three, duty(FERNDOWN, 5, "09:00", "10:00"), leave=off)


@pytest.mark.parametrize(
    "of_worker, days, expected",
    [
        ({}, 1, 444),
        ({}, 7, 2220),
        ({"pattern": DAYS}, 7, 2220),
        ({"pattern": DAYS[:3], "weekly_minutes": 1350}, 1, 450),  # three days a week: a day is a third
        ({"pattern": DAYS[:3], "weekly_minutes": 1350}, 7, 1350),
        ({"weekly_minutes": None}, 7, 0),
        ({"weekly_minutes": None, "pattern": DAYS}, 1, 480),
    ],
)
def test_what_leave_counts(of_worker, days, expected):
    who = worker(leave=(Away(MONDAY, MONDAY + timedelta(days=days - 1)),), **of_worker)
    assert minutes_of_leave(who, MONDAY, MONDAY + timedelta(days=6)) == expected


def test_being_away_twice_counts_once_and_a_credit_as_it_says():
    twice = (Away(MONDAY, MONDAY), Away(MONDAY, MONDAY, kind="sick"))
    assert minutes_of_leave(worker(leave=twice), MONDAY, MONDAY) == 444
    fortnight = (Away(MONDAY, MONDAY + timedelta(days=13), credit_minutes=1400),)
    assert minutes_of_leave(worker(leave=fortnight), MONDAY, MONDAY + timedelta(days=6)) == 700
    asked = (Away(MONDAY, MONDAY, is_approved=False),)
    assert minutes_of_leave(worker(leave=asked), MONDAY, MONDAY) == 0


@pytest.mark.parametrize(
    "days, expected",
    [
        (range(5), set()),
        (range(6), {"days_in_row"}),
        ((0, 1, 2, 3, 4, 7, 8), set()),
        ((2, 3, 4, 5, 6, 7), {"days_in_row"}),  # over two weeks
    ],
)
def test_days_in_a_row(days, expected):
    assert broken(*(duty(FERNDOWN, n, "09:00", "11:00") for n in days)) - {"over_contract"} == expected


@pytest.mark.parametrize(
    "days, expected",
    [
        ((5, 12), set()),
        ((5, 6, 12, 13), set()),  # both days of a weekend are one
        ((5, 12, 19), {"saturdays"}),
        ((5, 19, 26), {"saturdays"}),
        ((5, 12, 33), set()),  # the fifth weekend begins anew
        ((5, 13, 26), {"saturdays"}),
    ],
)
def test_weekends_of_any_four(days, expected):
    assert broken(*(duty(FERNDOWN, n, "09:00", "11:00") for n in days)) == expected


@pytest.mark.parametrize(
    "ends, expected", [(("18:00", "18:00", "18:00"), set()), (("18:01", "18:01", "18:00"), set()), (("18:01",) * 3, {"evenings"})]
)  # fmt: skip
def test_evenings_of_a_week(ends, expected):
    assert broken(*(duty(FERNDOWN, n, "16:00", end) for n, end in enumerate(ends))) == expected


def test_evenings_of_two_weeks_are_counted_apart():
    assert broken(*(duty(FERNDOWN, n, "18:00", "20:00") for n in (3, 4, 7, 8))) == set()


@pytest.mark.parametrize(
    "last_start, asked, is_broken",
    [("09:00", Rules(), True), ("00:00", Rules(weekly_rest_hours=21), False), ("09:00", Rules(weekly_rest_hours=21), True)],
)  # fmt: skip
def test_a_day_off_in_the_week(last_start, asked, is_broken):
    """All seven days from nine to noon leave 21 hours between two."""
    duties = [duty(FERNDOWN, n, "09:00", "12:00") for n in range(6)]
    duties.append(duty(FERNDOWN, 6, "09:00", "12:01") if last_start == "09:00" else duty(FERNDOWN, 6, "09:00", "12:00"))
    if is_broken and asked.weekly_rest_hours == 21:
        duties = [duty(FERNDOWN, n, "09:00", "12:01") for n in range(7)]
    assert ("weekly_rest" in broken(*duties, asked=asked, days_in_row=7)) is is_broken


def test_sunday_off_is_enough_where_the_clocks_go_forward():
    """The day has 23 hours; Saturday's evening gives the rest."""
    monday = SPRING - timedelta(days=6)
    duties = [duty(FERNDOWN, monday + timedelta(days=n), "09:00", "12:00") for n in range(6)]
    assert "weekly_rest" not in broken(*duties, days_in_row=7)
    late = replace(duties[5], ends_at=duty(FERNDOWN, SPRING, "00:00", "01:00").starts_at)
    others = [duty(FERNDOWN, monday + timedelta(days=n), "06:00", "19:00") for n in range(5)]
    assert "weekly_rest" in broken(*others, late, days_in_row=7)


@pytest.mark.parametrize(
    "times, expected",
    [
        ([("09:00", "15:00", 360)], set()),  # exactly six hours
        ([("09:00", "15:01", 361)], {"break"}),
        ([("09:00", "17:00", 460)], set()),  # twenty minutes are not paid
        ([("09:00", "17:00", 461)], {"break"}),
        ([("09:00", "13:00", 240), ("13:00", "17:00", 240)], {"break"}),
        ([("09:00", "13:00", 240), ("13:20", "17:00", 220)], set()),
        ([("09:00", "13:00", 240), ("13:19", "17:00", 221)], {"break"}),
    ],
)
def test_a_break_after_six_hours(times, expected):
    duties = [duty(FERNDOWN, 0, start, end, minutes=minutes) for start, end, minutes in times]
    assert broken(*duties) == expected


def test_days_without_a_break_are_said_once_a_week():
    """Cover from 9 to 1 and from 1 to 5: people take turns at lunch."""
    days = [
        (0, "09:00", "13:00"),
        (0, "13:00", "17:00"),
        (2, "09:00", "17:00"),
        (3, "09:00", "13:00"),
        (8, "09:00", "17:00"),
    ]
    duties = [duty(FERNDOWN, *each) for each in days]
    first, second = rules.broken(worker(name="Ann Lee"), duties, Rules())
    assert first.words == (
        "Ann Lee would work more than 6 hours without a break on Mon 11 Jan, Wed 13 Jan; 20 minutes are due."
    )
    assert set(first.duties) == {each.id for each in duties[:3]}
    assert second.duties == (duties[4].id,)


def test_would_break_says_only_what_the_duty_brings():
    who = worker(days_in_row=3, weekly_minutes=60, over_minutes=0)
    wrong = [duty(FERNDOWN, n, "09:00", "11:00") for n in range(4)]
    assert {one.rule for one in rules.would_break(who, duty(FERNDOWN, 8), wrong, Rules())} == {"hours"}
    who = replace(who, weekly_minutes=None)
    assert rules.would_break(who, duty(FERNDOWN, 8), wrong, Rules()) == []
    assert {one.rule for one in rules.would_break(who, duty(FERNDOWN, 4), wrong, Rules())} == {"days_in_row"}


def test_would_break_says_what_gets_worse():
    evenings = [duty(FERNDOWN, n, "18:00", "20:00") for n in (0, 1, 3)]
    found = rules.would_break(worker(), duty(FERNDOWN, 2, "18:00", "20:00"), evenings, Rules())
    assert [one.words for one in found] == ["Sam Green would work 4 evenings in the week of Mon 11 Jan; 2 is the most."]
    assert rules.would_break(worker(), duty(FERNDOWN, 2), evenings, Rules()) == []


# Buildings and plans -------------------------------------------------------------------------------------------------


def alone(*who_when, at=FERNDOWN):
    duties = [duty(at, 0, start, end, kind=kind) for _, start, end, kind in who_when]
    people = {who.id: who for who, *_ in who_when}
    given = {each.id: who.id for each, (who, *_) in zip(duties, who_when, strict=True)}
    return sorted(one.words.split(" would")[0] for one in rules.alone(duties, given, people))


def test_nobody_is_alone_in_a_building():
    sam, kim, vol = worker(name="Sam"), worker(name="Kim"), worker(name="Vol", counts_for_two=False)
    assert alone((sam, "09:00", "13:00", "cover")) == ["Sam"]
    assert alone((sam, "09:00", "13:00", "cover"), (kim, "09:00", "13:00", "cover")) == []
    assert alone((sam, "09:00", "13:00", "cover"), (kim, "09:00", "12:59", "cover")) == ["Sam"]
    assert alone((sam, "09:00", "13:00", "cover"), (vol, "09:00", "13:00", "cover")) == ["Sam"]
    assert alone((vol, "09:00", "13:00", "cover")) == ["Vol"]
    assert (
        alone((sam, "09:00", "13:00", "cover"), (kim, "09:00", "13:00", "cover"), (vol, "10:00", "12:00", "extra"))
        == []
    )
    assert alone((sam, "09:00", "10:00", "preparation")) == []
    assert alone((sam, "09:00", "10:00", "cover"), at=place(needs_two=False)) == []
    assert alone((sam, "09:00", "11:00", "cover"), (kim, "11:00", "13:00", "cover")) == ["Kim", "Sam"]


def test_a_plan_is_judged_as_given_and_strangers_are_left_aside():
    sam, kim = worker(name="Sam"), worker(name="Kim")
    duties = [duty(FERNDOWN, 0), duty(FERNDOWN, 0, position=2)]
    plan = Plan(MONDAY, MONDAY, [sam, kim], duties, {duties[0].id: sam.id, duties[1].id: kim.id})
    assert rules.check(plan) == []
    assert {one.rule for one in rules.check(plan, {it.id: sam.id for it in duties})} == {"double", "alone"}
    assert rules.check(plan, {duties[0].id: worker().id}) == []
