"""Daily jobs keep their wall time through both clock changes, and run once in each of those nights."""

from datetime import UTC, datetime, timedelta

import pytest

from booking import clock
from jobs import timetable

NIGHTS = [datetime(2027, 3, 27, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)]


@pytest.mark.parametrize("noon_before", NIGHTS)
def test_a_daily_job_runs_once_in_the_night_of_a_change_at_its_wall_time(configured, noon_before):
    [line] = [line for line in timetable.jobs(configured) if line.name == "reconcile counters"]
    runs, moment = [], noon_before
    while (moment := line.when.get_next_fire_time(None, moment)) < noon_before + timedelta(hours=24):
        runs.append((clock.local(moment).hour, clock.local(moment).minute))
        moment += timedelta(seconds=1)
    assert runs == [(3, 40)]


def test_no_job_has_a_time_in_the_hour_that_comes_twice_unless_it_is_hourly(configured):
    for line in timetable.jobs(configured):
        if isinstance(line.when, timetable.CronTrigger):
            hour = next(field for field in line.when.fields if field.name == "hour")
            assert str(hour) == "*" or int(str(hour).split("-")[0]) > 2  # "8-18" begins at eight
