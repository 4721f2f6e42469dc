"""What families read when several dates change, when one is added, and when some are cancelled, compared with expected/."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.messages import calendar, sms_parts, wording
from booking.messages.calendar import Entry
from tests.messages import examples
from tests.messages.expected_texts import check

CHANNELS = [("sms", "sms"), ("email", "mail")]


def stored(text: wording.Text) -> str:
    return f"Subject: {text.subject}\n\n{text.body}" if text.subject else text.body + "\n"


def later(dates):
    return [
        replace(each, starts_at=each.starts_at + timedelta(days=2), ends_at=each.ends_at + timedelta(days=2))
        for each in dates
    ]


def online(dates):
    return [
        replace(each, place="Online", directions="", join_url="https://meet.example/iy", latitude=None, longitude=None)
        for each in dates
    ]


CHANGES = {
    "course": later,
    "online": online,
    "one_elsewhere": lambda dates: [*later(dates)[:2], replace(later(dates)[2], place="Parley Hall, BH22 8SD")],
}


@pytest.mark.parametrize("variant", CHANGES)
@pytest.mark.parametrize(("channel", "name"), CHANNELS)
def test_several_dates_of_a_course_changed_are_one_message(variant, channel, name):
    was = examples.course()
    now = CHANGES[variant](was)
    text = wording.compose("dates_changed", channel, examples.facts(now[0], dates=now, was=was))
    check(f"dates_changed.{variant}.{name}.txt", stored(text))
    assert channel == "email" or sms_parts.parts(text.body) == 1


@pytest.mark.parametrize("variant", ["later", "online"])
@pytest.mark.parametrize(("channel", "name"), CHANNELS)
def test_one_date_changed_says_what_it_was(variant, channel, name):
    was = [examples.said()]
    now = {"later": later, "online": online}[variant](was)
    text = wording.compose("changed", channel, examples.facts(now[0], dates=now, was=was))
    check(f"changed.{variant}.{name}.txt", stored(text))
    assert channel == "email" or sms_parts.parts(text.body) == 1


@pytest.mark.parametrize(("channel", "name"), CHANNELS)
def test_discreet_dates_say_their_times_alone(channel, name):
    dates = [
        examples.discreet(),
        replace(examples.discreet(), starts_at=examples.utc(2027, 1, 19, 10), ends_at=examples.utc(2027, 1, 19, 12)),
    ]
    text = wording.compose("dates_changed", channel, examples.facts(dates[0], dates=dates, was=dates))
    check(f"discreet/dates_changed.course.{name}.txt", stored(text))
    assert not any(secret in text.body + text.subject for secret in ("Freedom", "Secret", "Kim", "/m/"))


@pytest.mark.parametrize(("channel", "name"), CHANNELS)
def test_a_make_up_date_says_what_it_is_for(channel, name):
    text = wording.compose("date_added", channel, examples.facts(examples.course()[0], is_make_up=True))
    check(f"date_added.make_up.{name}.txt", stored(text))
    assert channel == "email" or sms_parts.parts(text.body) == 1


@pytest.mark.parametrize(("channel", "name"), CHANNELS)
def test_some_dates_of_a_course_cancelled_say_that_the_others_go_on(channel, name):
    dates = examples.course()[:2]
    text = wording.compose("cancellation", channel, examples.facts(dates[0], dates=dates, is_course=True))
    check(f"cancellation.some_dates.{name}.txt", stored(text))
    assert "go on" in text.body and (channel == "email" or sms_parts.parts(text.body) == 1)


def entry(said, sequence):
    return Entry(said, "7f6c2c1e-0000-5000-8000-000000000007", sequence, "Jo Bloggs", "jo@home.example")


def test_a_change_replaces_the_entry_with_a_higher_number():
    said = later([examples.said()])[0]
    check("update.ics", calendar.invite(entry(said, 1), "REQUEST", examples.STAMP))


def test_a_date_that_goes_online_has_its_link_in_the_entry():
    said = online([examples.said()])[0]
    check("update_online.ics", calendar.invite(entry(said, 2), "REQUEST", examples.STAMP))


def test_a_cancelled_date_is_taken_out_with_the_number_after_that():
    said = online([examples.said()])[0]
    check("update_cancel.ics", calendar.invite(entry(said, 3), "CANCEL", examples.STAMP))
