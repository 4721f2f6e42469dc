"""Opening hours in words, through closures, bank holidays and both clock changes."""

from datetime import date, timedelta

import pytest

from booking import clock
from booking.places.opening import Opening, Shut, Special, due_spans, next_opening, now, one_day, spans, week

OFFICE = dict.fromkeys(range(5), (("09:00", "17:00"),))
MONDAY = date(2027, 1, 11)
GOOD_FRIDAY = date(2027, 3, 26)


def opening(hours=None, closures=(), bank_holidays=None, specials=()):
    return Opening(OFFICE if hours is None else hours, tuple(closures), bank_holidays or {}, tuple(specials))


def special(day, opens, closes, reason="", *, last=None, weekdays=range(7), is_extra=False):
    return Special(day, last or day, opens, closes, frozenset(weekdays), is_extra, reason)


def shut(start_day, start, end_day, end, reason=""):
    return Shut(clock.at(start_day, start), clock.at(end_day, end), reason)


@pytest.mark.parametrize(
    ("day", "time", "state", "words"),
    [
        (MONDAY, "09:00", "open", "Open now until 5pm"),
        (MONDAY, "16:59", "open", "Open now until 5pm"),
        (MONDAY, "17:00", "closed", "Closed now. Opens tomorrow at 9am"),
        (MONDAY, "08:59", "closed", "Closed now. Opens at 9am"),
        (date(2027, 1, 15), "18:00", "closed", "Closed now. Opens Monday at 9am"),
        (date(2027, 1, 16), "12:00", "closed", "Closed today. Opens Monday at 9am"),
        (date(2027, 1, 17), "12:00", "closed", "Closed today. Opens tomorrow at 9am"),
    ],
)
def test_it_says_whether_the_doors_are_open(day, time, state, words):
    said = now(opening(), clock.at(day, time))
    assert (said.state, said.words) == (state, words)


def test_a_place_closed_over_lunch_says_when_it_opens_again():
    lunch = opening({0: (("14:00", "17:30"), ("09:30", "13:00"))})
    assert now(lunch, clock.at(MONDAY, "12:59")).words == "Open now until 1pm"
    assert now(lunch, clock.at(MONDAY, "13:00")).words == "Closed now. Opens at 2pm"
    assert one_day(lunch, MONDAY, MONDAY).times == "9:30am to 1pm and 2pm to 5:30pm"


def test_a_bank_holiday_is_closed_and_says_so():
    easter = opening(bank_holidays={GOOD_FRIDAY: "Good Friday (bank holiday)", date(2027, 3, 29): "Easter Monday"})
    assert now(easter, clock.at(GOOD_FRIDAY, "10:00")).words == "Closed today (bank holiday). Opens Tuesday at 9am"
    line = one_day(easter, GOOD_FRIDAY, GOOD_FRIDAY)
    assert (line.times, line.note, line.is_today) == ("", "Good Friday (bank holiday)", True)


def test_a_bank_holiday_on_a_day_it_never_opens_is_no_reason():
    only_mondays = opening({0: (("09:00", "12:00"),)}, bank_holidays={GOOD_FRIDAY: "Good Friday (bank holiday)"})
    assert now(only_mondays, clock.at(GOOD_FRIDAY, "10:00")).words == "Closed today. Opens Monday at 9am"


def test_snow_closes_the_whole_day_with_its_reason():
    snow = opening(closures=[shut(MONDAY, "00:00", date(2027, 1, 12), "00:00", "snow")])
    assert now(snow, clock.at(MONDAY, "10:00")).words == "Closed today (snow). Opens tomorrow at 9am"
    assert one_day(snow, MONDAY, MONDAY).note == "Snow"


def test_part_of_a_day_is_cut_out():
    training = opening(closures=[shut(MONDAY, "13:00", MONDAY, "15:00", "staff training")])
    line = one_day(training, MONDAY, MONDAY)
    assert (line.times, line.note) == ("9am to 1pm and 3pm to 5pm", "Closed 1pm to 3pm: staff training")
    assert now(training, clock.at(MONDAY, "14:00")).words == "Closed now. Opens at 3pm"


def test_a_closure_over_several_days_cuts_each_of_them():
    boiler = opening(closures=[shut(MONDAY, "13:00", date(2027, 1, 13), "11:00", "no heating")])
    said = [(line.times, line.note) for line in week(boiler, MONDAY)[:3]]
    assert said == [
        ("9am to 1pm", "Closed from 1pm: no heating"),
        ("", "No heating"),
        ("11am to 5pm", "Closed until 11am: no heating"),
    ]
    assert now(boiler, clock.at(MONDAY, "14:00")).words == "Closed now (no heating). Opens Wednesday at 11am"


@pytest.mark.parametrize(
    ("start", "end", "times"),
    [
        ("07:00", "08:00", "9am to 5pm"),
        ("07:00", "09:00", "9am to 5pm"),
        ("08:00", "10:00", "10am to 5pm"),
        ("09:00", "17:00", ""),
        ("08:00", "18:00", ""),
        ("10:00", "11:00", "9am to 10am and 11am to 5pm"),
        ("16:00", "18:00", "9am to 4pm"),
        ("17:00", "18:00", "9am to 5pm"),
    ],
)
def test_a_closure_before_across_and_inside_the_hours(start, end, times):
    line = one_day(opening(closures=[shut(MONDAY, start, MONDAY, end, "works")]), MONDAY, MONDAY)
    assert line.times == times
    assert (line.note == "") == (times == "9am to 5pm")


def test_the_week_is_today_and_six_days_more():
    days = week(opening(), date(2027, 1, 14))
    assert [line.day for line in days][:3] == ["Thu 14 Jan", "Fri 15 Jan", "Sat 16 Jan"]
    assert [line.is_today for line in days] == [True] + [False] * 6
    assert days[2].times == ""


@pytest.mark.parametrize(("sunday", "nine_in_utc", "hours"), [(date(2027, 3, 28), 8, 8), (date(2027, 10, 31), 9, 8)])
def test_the_wall_times_stay_on_the_days_the_clocks_change(sunday, nine_in_utc, hours):
    on_sundays = opening({6: (("09:00", "17:00"),)})
    [(starts_at, ends_at)] = spans(on_sundays, sunday)
    assert (starts_at.hour, (ends_at - starts_at).seconds // 3600) == (nine_in_utc, hours)
    assert one_day(on_sundays, sunday, sunday).times == "9am to 5pm"
    assert now(on_sundays, clock.at(sunday, "16:30")).words == "Open now until 5pm"


@pytest.mark.parametrize(("sunday", "hours_open"), [(date(2027, 3, 28), 22.98), (date(2027, 10, 31), 24.98)])
def test_an_all_day_place_is_open_through_the_changing_night(sunday, hours_open):
    always = opening(dict.fromkeys(range(7), (("00:00", "23:59"),)))
    [(starts_at, ends_at)] = spans(always, sunday)
    assert (ends_at - starts_at).total_seconds() / 3600 == pytest.approx(hours_open, abs=0.01)
    assert now(always, clock.at(sunday, "03:00")).words == "Open now all day"
    assert one_day(always, sunday, sunday).times == "all day"


def test_the_next_opening_across_a_clock_change_is_at_nine_on_the_wall():
    saturday = date(2027, 3, 27)
    after_easter = opening(bank_holidays={date(2027, 3, 29): "Easter Monday"})
    assert next_opening(after_easter, clock.at(saturday, "12:00")) == clock.at(date(2027, 3, 30), "09:00")


def test_a_long_closure_names_the_date_and_a_closure_without_end_names_none():
    works = opening(closures=[shut(MONDAY, "00:00", date(2027, 1, 25), "00:00", "building works")])
    assert now(works, clock.at(MONDAY, "10:00")).words == (
        "Closed today (building works). Opens on Monday 25 January at 9am"
    )
    for_good = opening(closures=[shut(MONDAY, "00:00", date(2028, 1, 25), "00:00", "building works")])
    assert now(for_good, clock.at(MONDAY, "10:00")).words == "Closed today (building works)"


@pytest.mark.parametrize(
    ("opens", "closes", "times", "note"),
    [
        ("17:00", "20:00", "9am to 8pm", "Open late until 8pm: hall hired"),
        ("16:00", "20:00", "9am to 8pm", "Open late until 8pm: hall hired"),
        ("09:00", "20:00", "9am to 8pm", "Open late until 8pm: hall hired"),
        ("07:00", "09:00", "7am to 5pm", "Open early from 7am: hall hired"),
        ("07:00", "10:00", "7am to 5pm", "Open early from 7am: hall hired"),
        ("18:30", "20:00", "9am to 5pm and 6:30pm to 8pm", "Also open 6:30pm to 8pm: hall hired"),
        ("06:00", "08:00", "6am to 8am and 9am to 5pm", "Also open 6am to 8am: hall hired"),
        ("10:00", "12:00", "9am to 5pm", ""),
        ("08:00", "18:00", "8am to 6pm", "Also open 8am to 6pm: hall hired"),
    ],
)
def test_extra_hours_are_added_to_the_usual_ones(opens, closes, times, note):
    hired = opening(specials=[special(MONDAY, opens, closes, "hall hired", is_extra=True)])
    line = one_day(hired, MONDAY, MONDAY)
    assert (line.times, line.note) == (times, note)


def test_special_hours_stand_instead_of_the_usual_ones_on_their_weekdays_between_their_dates():
    summer = opening(
        specials=[special(MONDAY, "10:00", "14:00", "summer hours", last=date(2027, 1, 22), weekdays=(0, 2))]
    )
    said = {str(day): one_day(summer, day, MONDAY) for day in (date(2027, 1, n) for n in (4, 11, 12, 13, 18, 25))}
    assert [line.times for line in said.values()] == [
        "9am to 5pm", "10am to 2pm", "9am to 5pm", "10am to 2pm", "10am to 2pm", "9am to 5pm",
    ]  # fmt: skip
    assert said["2027-01-11"].note == "Other hours than usual: summer hours"
    assert said["2027-01-12"].note == ""
    assert now(summer, clock.at(MONDAY, "15:00")).words == "Closed now (summer hours). Opens tomorrow at 9am"
    assert now(summer, clock.at(MONDAY, "13:00")).words == "Open now until 2pm"


def test_two_special_openings_of_one_day_are_both_open_and_an_extra_one_stays_beside_them():
    split = opening(
        specials=[
            special(MONDAY, "14:00", "16:00", "inventory"),
            special(MONDAY, "09:00", "12:00", "inventory"),
            special(MONDAY, "18:00", "20:00", "choir", is_extra=True),
        ]
    )
    line = one_day(split, MONDAY, MONDAY)
    assert line.times == "9am to midday and 2pm to 4pm and 6pm to 8pm"
    assert line.note == "Other hours than usual: inventory; Also open 6pm to 8pm: choir"


@pytest.mark.parametrize("is_extra", [True, False])
def test_a_hall_hired_on_a_day_it_never_opens_and_on_a_bank_holiday(is_extra):
    sunday = date(2027, 3, 28)
    hired = opening(
        bank_holidays={GOOD_FRIDAY: "Good Friday (bank holiday)"},
        specials=[special(GOOD_FRIDAY, "10:00", "12:00", "egg hunt", last=sunday, weekdays=(4, 6), is_extra=is_extra)],
    )
    friday, closed, day = (one_day(hired, date(2027, 3, n), MONDAY) for n in (26, 27, 28))
    assert (friday.times, friday.note) == ("10am to midday", "Good Friday (bank holiday); Open specially: egg hunt")
    assert closed.times == ""
    assert (day.times, day.note) == ("10am to midday", "Open specially: egg hunt")
    assert now(hired, clock.at(GOOD_FRIDAY, "11:00")).words == "Open now until midday"
    assert now(hired, clock.at(GOOD_FRIDAY, "13:00")).words == "Closed now. Opens Sunday at 10am"


def test_a_closure_still_shuts_special_hours():
    snow = opening(
        closures=[shut(MONDAY, "18:00", date(2027, 1, 12), "00:00", "snow")],
        specials=[special(MONDAY, "17:00", "20:00", "hall hired", is_extra=True)],
    )
    line = one_day(snow, MONDAY, MONDAY)
    assert (line.times, line.note) == ("9am to 6pm", "Open late until 8pm: hall hired; Closed from 6pm: snow")
    assert now(snow, clock.at(MONDAY, "19:00")).words == "Closed now (snow). Opens tomorrow at 9am"
    assert due_spans(snow, MONDAY) == [(clock.at(MONDAY, "09:00"), clock.at(MONDAY, "20:00"))]
    shut_all_day = opening(
        closures=[shut(MONDAY, "00:00", date(2027, 1, 12), "00:00", "snow")],
        specials=[special(MONDAY, "17:00", "20:00", "hall hired", is_extra=True)],
    )
    line = one_day(shut_all_day, MONDAY, MONDAY)
    assert (line.times, line.note) == ("", "Snow")


@pytest.mark.parametrize(
    ("sunday", "opens_in_utc", "hours"),
    [(date(2027, 3, 28), 0, 8), (date(2027, 10, 31), 23, 10), (date(2027, 6, 6), 23, 9), (date(2027, 1, 10), 0, 9)],
)
def test_special_hours_through_the_night_the_clocks_change_keep_their_wall_times(sunday, opens_in_utc, hours):
    night = opening(specials=[special(sunday, "00:00", "09:00", "sleepover")])
    [(starts_at, ends_at)] = spans(night, sunday)
    assert (starts_at.hour, (ends_at - starts_at).total_seconds() / 3600) == (opens_in_utc, hours)
    assert one_day(night, sunday, sunday).times == "midnight to 9am"


@pytest.mark.parametrize("sunday", [date(2027, 3, 28), date(2027, 10, 31)])
def test_a_season_of_special_hours_across_a_clock_change_opens_at_nine_on_the_wall(sunday):
    season = opening(hours={}, specials=[special(date(2027, 3, 1), "09:00", "10:00", last=date(2027, 11, 30))])
    for day in (sunday - timedelta(days=1), sunday, sunday + timedelta(days=1)):
        assert one_day(season, day, day).times == "9am to 10am"
