"""Calendar entries, compared with stored files and read back."""

from datetime import timedelta

import icalendar
import pytest

from booking import clock
from booking.messages import calendar
from tests.messages import examples
from tests.messages.examples import STAMP, utc
from tests.messages.expected_texts import check


def entry(session, sequence=0):
    return calendar.Entry(session, "0192-7@hubs.dorset.example", sequence, "Jo Smith", "jo@mail.example")


def event(text):
    return icalendar.Calendar.from_ical(text).walk("VEVENT")[0]


STORED = {
    "request.ics": lambda: calendar.invite(entry(examples.said()), "REQUEST", STAMP),
    "request_summer_time.ics": lambda: calendar.invite(entry(examples.course()[2]), "REQUEST", STAMP),
    "request_online.ics": lambda: calendar.invite(
        entry(examples.said(place="Online", directions="", join_url="https://meet.example/a?b=1,2")), "REQUEST", STAMP
    ),
    "cancel.ics": lambda: calendar.invite(entry(examples.said(), 1), "CANCEL", STAMP),
    "discreet_request.ics": lambda: calendar.invite(entry(examples.discreet()), "REQUEST", STAMP),
    "hostile_request.ics": lambda: calendar.invite(entry(examples.hostile()), "REQUEST", STAMP),
    "course_download.ics": lambda: calendar.download(
        [calendar.Entry(s, f"{s.session_id}@hubs.dorset.example", 0) for s in examples.course()], STAMP
    ),
}


@pytest.mark.parametrize("name", STORED)
def test_calendar_is_as_stored_and_well_formed(name):
    text = STORED[name]()
    check(name, text)
    lines = text.split("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in lines) <= 75
    assert text.count("BEGIN:VTIMEZONE") == 1 and text.count("METHOD:") == 1


def test_cancel_keeps_the_id_and_raises_the_sequence():
    asked, taken = (event(STORED[name]()) for name in ("request.ics", "cancel.ics"))
    assert asked["UID"] == taken["UID"]
    assert taken["SEQUENCE"] > asked["SEQUENCE"]
    assert taken["STATUS"] == "CANCELLED" and "VALARM" not in str(taken.to_ical())


def test_discreet_entry_says_nothing_but_the_time():
    text = STORED["discreet_request.ics"]()
    assert "CLASS:PRIVATE" in text and "SUMMARY:Appointment\r\n" in text
    for secret in ("Freedom", "Secret", "Hidden", "Kim", "Family Hubs", "DESCRIPTION", "LOCATION", "GEO", "/sessions"):
        assert secret not in text


def test_hostile_title_adds_no_line():
    text = STORED["hostile_request.ics"]()
    assert "\r\nBEGIN:VALARM" not in text and "\r\nATTENDEE:mailto:x@y" not in text
    assert "<b>now</b> BEGIN:VALARM مرحبا" in event(text)["SUMMARY"]


@pytest.mark.parametrize(
    "start", [utc(2027, 3, 27, 10), utc(2027, 3, 29, 9), utc(2026, 10, 24, 9), utc(2026, 10, 26, 10)]
)
def test_wall_time_is_ten_on_both_sides_of_both_clock_changes(start):
    session = examples.said(starts_at=start, ends_at=start + timedelta(hours=1))
    begins = event(calendar.invite(entry(session), "REQUEST", STAMP))["DTSTART"].dt
    assert begins.hour == 10 and begins == clock.local(start)


def test_own_time_zone_has_the_offsets_of_the_tz_database():
    zone = icalendar.Calendar.from_ical(STORED["request.ics"]()).walk("VTIMEZONE")[0].to_tz()
    for hour in range(0, 8760, 3):
        wall = clock.local(utc(2027, 1, 1) + timedelta(hours=hour)).replace(tzinfo=None, fold=0)
        if wall.replace(tzinfo=clock.zone()).utcoffset() != wall.replace(tzinfo=clock.zone(), fold=1).utcoffset():
            continue  # the doubled or missing hour of a change
        assert wall.replace(tzinfo=zone).utcoffset() == wall.replace(tzinfo=clock.zone()).utcoffset(), wall


def test_same_entry_is_the_same_bytes():
    assert STORED["request.ics"]() == STORED["request.ics"]()


def test_other_zones_are_given_in_utc():
    clock.use_zone("Europe/Paris")
    try:
        text = STORED["request.ics"]()
    finally:
        clock.use_zone("Europe/London")
    assert "DTSTART:20270112T100000Z" in text and "VTIMEZONE" not in text
