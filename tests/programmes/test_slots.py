"""Pure rules about a clinic's times."""

from datetime import date, datetime
from uuid import uuid4

import pytest

from booking import clock
from booking.programmes.appointments import slots

DAY = date(2027, 3, 23)
AFTER_THE_CHANGE = date(2027, 3, 30)


def times(found):
    return [(each.start, each.end) for each in found]


@pytest.mark.parametrize(
    ("start", "end", "minutes", "count", "last"),
    [
        ("09:30", "12:00", 30, 5, ("11:30", "12:00")),
        ("13:00", "15:30", 20, 7, ("15:00", "15:20")),  # what is left over at the end is no appointment
        ("10:00", "10:20", 20, 1, ("10:00", "10:20")),
        ("10:00", "10:19", 20, 0, None),
        ("10:00", "09:00", 20, 0, None),
        ("10:00", "11:00", 0, 12, ("10:55", "11:00")),
    ],
)
def test_a_clinic_is_cut_into_whole_appointments(start, end, minutes, count, last):
    found = slots.cut(start, end, minutes)
    assert len(found) == count
    assert (times(found)[-1] if found else None) == last


def test_what_a_break_touches_cannot_be_booked():
    found = slots.cut("09:00", "11:00", 30, [("10:00", "10:15")])
    assert [each.start for each in found if each.is_break] == ["10:00"]
    touching = slots.cut("09:00", "11:00", 30, [("09:30", "10:00")])
    assert [each.start for each in touching if each.is_break] == ["09:30"]


def clinic(start: str, end: str, minutes: int = 30, day: date = DAY):
    at = {"date": day, "start_time": start, "end_time": end}
    there = [
        {"id": uuid4(), "starts_at": low, "ends_at": high}
        for low, high in slots.on_day(slots.cut(start, end, minutes), day)
    ]
    return at, there


def local(instant: datetime | None) -> str:
    return clock.local(instant).strftime("%d %H:%M") if instant else "gone"


def followed(after, start="10:00", end="12:00"):
    before, there = clinic(start, end)
    plan = slots.follow(there, before, before | after, 30)
    return [local(each.starts_at) for each in plan.moved], [local(low) for low, _ in plan.added]


def test_appointments_move_along_with_a_clinic_of_the_same_length():
    moved, added = followed({"start_time": "13:30", "end_time": "15:30"})
    assert (moved, added) == (["23 13:30", "23 14:00", "23 14:30", "23 15:00"], [])


def test_they_keep_their_wall_time_across_the_clock_change():
    moved, _ = followed({"date": AFTER_THE_CHANGE})
    assert moved == ["30 10:00", "30 10:30", "30 11:00", "30 11:30"]


def test_a_shorter_clinic_loses_what_no_longer_fits():
    moved, added = followed({"end_time": "11:15"})
    assert (moved, added) == (["23 10:00", "23 10:30", "gone", "gone"], [])
    moved, added = followed({"start_time": "10:30"})
    assert (moved, added) == (["gone", "23 10:30", "23 11:00", "23 11:30"], [])


def test_a_longer_clinic_wins_new_times_at_either_end():
    moved, added = followed({"start_time": "09:30", "end_time": "13:00"})
    assert moved == ["23 10:00", "23 10:30", "23 11:00", "23 11:30"]
    assert added == ["23 09:30", "23 12:00", "23 12:30"]


def test_free_times_are_shown_once_however_many_workers_are_free():
    session_id = uuid4()
    at = clock.at(DAY, "10:00")
    rows = [{"id": uuid4(), "starts_at": at, "session_id": session_id, "date": DAY} for _ in range(2)]
    (day,) = slots.by_day(rows, 4)
    assert day.day == "Tuesday 23 March"
    assert day.times == [(rows[0]["id"], "10am")]
